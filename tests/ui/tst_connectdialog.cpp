#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "ui/connectdialog.h"
#include "ui/conninfotext.h"
#include "ui/profilelist.h"
#include "ui/theme.h"

#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>

using namespace lockscope;

namespace {

/// Stands for libpq: refuses a keyword "bad", says the rest back.
Result<ConnectionSummary> parse(const QString& text)
{
    if (text.contains(QStringLiteral("bad")))
        return usageError(QStringLiteral("\"bad\" is not a connection option."), QStringLiteral("Check its spelling."));
    const ConninfoText parts = ConninfoText::read(text).value_or(ConninfoText());
    ConnectionSummary summary;
    summary.host = parts.value(QStringLiteral("host"));
    summary.port = QStringLiteral("5432");
    summary.hasPassword = !parts.value(QStringLiteral("password")).isEmpty();
    return summary;
}

struct Stage
{
    Stage()
        : dialog(&parse)
    {
        dialog.show();
    }

    QLineEdit* edit(const char* name) const { return dialog.findChild<QLineEdit*>(QString::fromLatin1(name)); }
    QPushButton* button(const char* name) const { return dialog.findChild<QPushButton*>(QString::fromLatin1(name)); }
    QString verdict() const { return dialog.findChild<QLabel*>(QStringLiteral("conninfoVerdict"))->text(); }
    QString message() const { return dialog.findChild<QLabel*>(QStringLiteral("connectMessage"))->text(); }
    QListWidget* list() const { return dialog.findChild<QListWidget*>(QStringLiteral("profileList")); }
    static void type(QLineEdit* field, const QString& text)
    {
        field->setFocus();
        field->selectAll();
        QTest::keyClicks(field, text);
    }

    ConnectDialog dialog;
};

} // namespace

class TestConnectDialog : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        theme::apply(*qApp, ColorScheme::Light, false);
    }

    void takesATextApart_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        QTest::newRow("key=value") << QStringLiteral("host=db1 port = 5433 dbname='my db' application_name='it\\'s'")
                                   << QStringLiteral("host=db1 port=5433 dbname='my db' application_name='it\\'s'");
        QTest::newRow("URI") << QStringLiteral("postgresql://moni%40tor:s%3Acret@db1:5433/my%20db?sslmode=require")
                             << QStringLiteral(
                                    "user=moni@tor password=s:cret host=db1 port=5433 dbname='my db' sslmode=require");
        QTest::newRow("hosts") << QStringLiteral("postgres://db1:1,[::1]:2/app")
                               << QStringLiteral("host=db1,::1 port=1,2 dbname=app");
        QTest::newRow("bare URI") << QStringLiteral("postgresql://") << QString();
        QTest::newRow("service") << QStringLiteral("service=prod") << QStringLiteral("service=prod");
        QTest::newRow("nothing") << QString() << QString();
    }

    void takesATextApart()
    {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        const auto parts = ConninfoText::read(text);
        QVERIFY(parts.has_value());
        QCOMPARE(parts->toText(), expected);
        const auto again = ConninfoText::read(parts->toText());
        QVERIFY(again.has_value());
        QCOMPARE(again->toText(), expected);
    }

    void refusesWhatIsNeitherUriNorPairs()
    {
        for (const auto& text : {QStringLiteral("hello"), QStringLiteral("host='open"), QStringLiteral("=x"),
                                 QStringLiteral("postgresql://db1/?sslmode")})
            QVERIFY2(!ConninfoText::read(text).has_value(), qPrintable(text));
    }

    void fieldsFollowTheText()
    {
        Stage stage;
        stage.dialog.setConninfo(
            QStringLiteral("postgresql://monitor@db1:5433/app?sslmode=verify-full&connect_timeout=3"));
        QCOMPARE(stage.edit("hostEdit")->text(), QStringLiteral("db1"));
        QCOMPARE(stage.edit("portEdit")->text(), QStringLiteral("5433"));
        QCOMPARE(stage.edit("databaseEdit")->text(), QStringLiteral("app"));
        QCOMPARE(stage.edit("userEdit")->text(), QStringLiteral("monitor"));
        QCOMPARE(stage.dialog.findChild<QComboBox*>(QStringLiteral("sslModeCombo"))->currentData().toString(),
                 QStringLiteral("verify-full"));
    }

    void theTextFollowsTheFieldsAndKeepsTheRest()
    {
        Stage stage;
        stage.dialog.setConninfo(QStringLiteral("host=db1 connect_timeout=3"));
        Stage::type(stage.edit("hostEdit"), QStringLiteral("db2"));
        Stage::type(stage.edit("databaseEdit"), QStringLiteral("my db"));
        QCOMPARE(stage.dialog.conninfo(), QStringLiteral("host=db2 connect_timeout=3 dbname='my db'"));
        QCOMPARE(stage.edit("databaseEdit")->text(), QStringLiteral("my db"));
    }

    void anInvalidTextCannotBeSentAndSaysWhy()
    {
        Stage stage;
        stage.dialog.setConninfo(QStringLiteral("bad=1"));
        QCOMPARE(stage.verdict(), QStringLiteral("\"bad\" is not a connection option. Check its spelling."));
        QVERIFY(!stage.button("connectButton")->isEnabled());
        QVERIFY(!stage.button("testButton")->isEnabled());
        QSignalSpy spy(&stage.dialog, &ConnectDialog::connectRequested);
        QTest::keyClick(stage.edit("conninfoEdit"), Qt::Key_Return);
        QCOMPARE(spy.size(), 0);
        stage.dialog.setConninfo(QStringLiteral("host=db1"));
        QVERIFY(stage.button("connectButton")->isEnabled());
        QCOMPARE(stage.verdict(), QStringLiteral("Connects to db1 port 5432."));
    }

    void saysThatAPasswordInTheTextIsNotSaved()
    {
        Stage stage;
        stage.dialog.setConninfo(QStringLiteral("host=db1 password=canary"));
        QVERIFY(stage.verdict().contains(QStringLiteral("used and not saved")));
        QVERIFY(!stage.verdict().contains(QStringLiteral("canary")));
    }

    void aMegabyteIsNotTakenForAConnection()
    {
        Stage stage;
        QLineEdit* const text = stage.edit("conninfoEdit");
        text->setFocus();
        text->insert(QStringLiteral("host=db1 options=") + QString(1 << 20, u'x'));
        QCOMPARE(text->text().size(), ConnectDialog::maximumLength);
        QVERIFY(!stage.button("connectButton")->isEnabled());
        QVERIFY2(stage.verdict().contains(QStringLiteral("its end is missing")), qPrintable(stage.verdict()));
        text->setText(QStringLiteral("host=db1"));
        QVERIFY(stage.button("connectButton")->isEnabled());
        const auto edits = stage.dialog.findChildren<QLineEdit*>();
        for (QLineEdit* const edit : edits) {
            edit->setText(QString(1 << 20, u'y'));
            QVERIFY2(edit->text().size() <= ConnectDialog::maximumLength, qPrintable(edit->objectName()));
        }
    }

    void connectsWithWhatWasTypedAndThePasswordApart()
    {
        Stage stage;
        stage.dialog.setConninfo(QStringLiteral("host=db1"));
        Stage::type(stage.edit("passwordEdit"), QStringLiteral("canary"));
        QCOMPARE(stage.edit("passwordEdit")->echoMode(), QLineEdit::Password);
        QSignalSpy connectSpy(&stage.dialog, &ConnectDialog::connectRequested);
        QSignalSpy testSpy(&stage.dialog, &ConnectDialog::testRequested);
        stage.button("connectButton")->click();
        QCOMPARE(connectSpy.size(), 1);
        QCOMPARE(connectSpy.first().at(0).toString(), QStringLiteral("host=db1"));
        QCOMPARE(connectSpy.first().at(1).toString(), QStringLiteral("canary"));
        QCOMPARE(connectSpy.first().at(2).toString(), QString());
        stage.button("testButton")->click();
        QCOMPARE(testSpy.size(), 1);
    }

    void savesWithoutThePassword()
    {
        Stage stage;
        QSignalSpy spy(&stage.dialog, &ConnectDialog::profilesChanged);
        stage.dialog.setConninfo(QStringLiteral("postgresql://me:canary@db1/app"));
        Stage::type(stage.edit("passwordEdit"), QStringLiteral("canary"));
        QVERIFY(!stage.button("saveProfileButton")->isEnabled());
        Stage::type(stage.edit("profileNameEdit"), QStringLiteral("prod-eu"));
        stage.button("saveProfileButton")->click();
        QCOMPARE(spy.size(), 1);
        const auto profiles = spy.first().first().value<QList<ConnectionProfile>>();
        QCOMPARE(profiles.size(), 1);
        QCOMPARE(profiles.first().name, QStringLiteral("prod-eu"));
        QCOMPARE(profiles.first().conninfo, QStringLiteral("user=me host=db1 dbname=app"));
    }

    void pickingAProfileFillsTheFieldsAndForgetsThePassword()
    {
        Stage stage;
        stage.dialog.setProfiles({{QStringLiteral("prod-eu"), QStringLiteral("host=db1 user=monitor")}});
        stage.dialog.setRecent({{QString(), QStringLiteral("host=db9")}});
        Stage::type(stage.edit("passwordEdit"), QStringLiteral("canary"));
        QCOMPARE(stage.list()->count(), 4);
        stage.list()->setCurrentRow(1);
        QCOMPARE(stage.edit("hostEdit")->text(), QStringLiteral("db1"));
        QVERIFY(stage.edit("passwordEdit")->text().isEmpty());
        QSignalSpy spy(&stage.dialog, &ConnectDialog::connectRequested);
        stage.button("connectButton")->click();
        QCOMPARE(spy.last().at(2).toString(), QStringLiteral("prod-eu"));
        Stage::type(stage.edit("hostEdit"), QStringLiteral("db7"));
        stage.button("connectButton")->click();
        QCOMPARE(spy.last().at(2).toString(), QString());
        Q_EMIT stage.list()->itemActivated(stage.list()->item(3));
        QCOMPARE(spy.last().at(0).toString(), QStringLiteral("host=db9"));
    }

    void tellsTheSameServerAsTwoRolesApart()
    {
        Stage stage;
        const QString name = QStringLiteral("app at db1");
        stage.dialog.setRecent({{name, QStringLiteral("host=db1 dbname=app user=anna")},
                                {name, QStringLiteral("host=db1 dbname=app user=monitor")},
                                {QStringLiteral("app at db2"), QStringLiteral("host=db2 dbname=app user=anna")}});
        QStringList shown;
        for (int row = 1; row < stage.list()->count(); ++row)
            shown.append(stage.list()->item(row)->text());
        QCOMPARE(shown.join(QStringLiteral(", ")),
                 QStringLiteral("app at db1 as anna, app at db1 as monitor, app at db2"));
    }

    void renamesAndDeletesSavedProfilesOnly()
    {
        Stage stage;
        stage.dialog.setProfiles(
            {{QStringLiteral("a"), QStringLiteral("host=1")}, {QStringLiteral("b"), QStringLiteral("host=2")}});
        stage.dialog.setRecent({{QString(), QStringLiteral("host=9")}});
        QSignalSpy spy(&stage.dialog, &ConnectDialog::profilesChanged);
        stage.list()->setCurrentRow(1);
        stage.list()->item(1)->setText(QStringLiteral("b")); // taken
        QCOMPARE(spy.size(), 0);
        QCOMPARE(stage.list()->item(1)->text(), QStringLiteral("a"));
        stage.list()->item(1)->setText(QStringLiteral("prod"));
        QCOMPARE(spy.size(), 1);
        QCOMPARE(spy.last().first().value<QList<ConnectionProfile>>().first().name, QStringLiteral("prod"));
        auto* const remove = stage.dialog.findChild<QToolButton*>(QStringLiteral("deleteProfileButton"));
        remove->click();
        QCOMPARE(spy.last().first().value<QList<ConnectionProfile>>().size(), 1);
        stage.list()->setCurrentRow(stage.list()->count() - 1);
        QVERIFY(!remove->isEnabled());
    }

    void whileBusyOnlyCancellingIsPossible()
    {
        Stage stage;
        stage.dialog.setConninfo(QStringLiteral("host=db1"));
        stage.dialog.setBusy(true);
        QVERIFY(!stage.button("connectButton")->isEnabled());
        QVERIFY(!stage.edit("conninfoEdit")->isEnabled());
        QCOMPARE(stage.message(), QStringLiteral("Connecting..."));
        QSignalSpy spy(&stage.dialog, &ConnectDialog::cancelRequested);
        stage.button("cancelButton")->click();
        QCOMPARE(spy.size(), 1);
        QVERIFY(stage.dialog.isVisible());
        stage.dialog.setBusy(false);
        QVERIFY(stage.button("connectButton")->isEnabled());
        QVERIFY(stage.message().isEmpty());
        stage.button("cancelButton")->click();
        QVERIFY(!stage.dialog.isVisible());
        QVERIFY(stage.edit("passwordEdit")->text().isEmpty());
    }

    void anErrorSaysWhatHappenedWhatToDoAndTheServersWords()
    {
        Stage stage;
        stage.dialog.setBusy(true);
        stage.dialog.setError(Error{.kind = ErrorKind::Authentication,
                                    .what = QStringLiteral("The server refused the password."),
                                    .advice = QStringLiteral("Check it."),
                                    .serverWords = QStringLiteral("FATAL: <b>no</b>"),
                                    .sqlState = QStringLiteral("28P01")});
        stage.dialog.setBusy(false);
        QCOMPARE(stage.message(), QStringLiteral("The server refused the password.\nCheck it."));
        QCOMPARE(stage.dialog.findChild<QPlainTextEdit*>(QStringLiteral("connectWords"))->toPlainText(),
                 QStringLiteral("FATAL: <b>no</b>"));
        stage.dialog.setError(std::nullopt);
        QVERIFY(stage.message().isEmpty());
    }

    void aTestThatWorkedSaysWhatAnswered()
    {
        Stage stage;
        ServerInfo server;
        server.version = QStringLiteral("15.18");
        server.role = QStringLiteral("monitor");
        server.localSocket = true;
        server.seesAllStats = true;
        stage.dialog.setTestResult(server);
        QCOMPARE(stage.message(),
                 QStringLiteral("The connection works: PG 15.18, primary, local socket, role monitor."));
    }

    void everyControlHasANameForThosePeopleWhoHearTheWindow()
    {
        Stage stage;
        const auto edits = stage.dialog.findChildren<QLineEdit*>();
        for (const QLineEdit* const edit : edits)
            QVERIFY2(!edit->accessibleName().isEmpty(), qPrintable(edit->objectName()));
        const auto buttons = stage.dialog.findChildren<QPushButton*>();
        for (const QPushButton* const button : buttons)
            QVERIFY2(!button->accessibleName().isEmpty() && !button->objectName().isEmpty(),
                     qPrintable(button->text()));
    }
};

QTEST_MAIN(TestConnectDialog)
#include "tst_connectdialog.moc"
