#include "models/keylabelmodel.h"
#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "ui/keynamesdialog.h"
#include "ui/theme.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabWidget>
#include <QTableWidget>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

struct Stage
{
    Stage() { dialog.show(); }

    template <typename T>
    T* child(const char* name) const
    {
        return dialog.findChild<T*>(QString::fromLatin1(name));
    }
    void click(const char* name) const { child<QPushButton>(name)->click(); }
    QTableView* labels() const { return child<QTableView>("labelsTable"); }
    QString message() const { return child<QLabel>("labelsMessage")->text(); }
    void add(const char* keys, const char* database, const char* name) const
    {
        child<QLineEdit>("labelKeysEdit")->setText(QString::fromLatin1(keys));
        child<QLineEdit>("labelDatabaseEdit")->setText(QString::fromLatin1(database));
        child<QLineEdit>("labelNameEdit")->setText(QString::fromLatin1(name));
        click("addLabelButton");
    }
    /// "5 in any: five | ...", as the table shows it.
    QString table() const
    {
        QStringList lines;
        const auto* const model = labels()->model();
        for (int row = 0; row < model->rowCount(); ++row)
            lines.append(QStringLiteral("%1 in %2: %3")
                             .arg(model->index(row, 0).data().toString(), model->index(row, 1).data().toString(),
                                  model->index(row, 2).data().toString()));
        return lines.join(QStringLiteral(" | "));
    }
    bool edit(int row, int column, const char* text) const
    {
        return labels()->model()->setData(labels()->model()->index(row, column), QString::fromLatin1(text));
    }

    KeyNamesDialog dialog;
};

ServerInfo server()
{
    ServerInfo info;
    info.host = QStringLiteral("db1");
    info.port = 5432;
    info.database = QStringLiteral("app");
    return info;
}

} // namespace

class TestKeyNamesDialog final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        theme::apply(*qApp, ColorScheme::Light, false);
    }

    void addsNamesForKeysPairsRangesAndClassIds()
    {
        Stage stage;
        const QAbstractItemModelTester tester(stage.labels()->model());
        QSignalSpy changed(&stage.dialog, &KeyNamesDialog::labelsChanged);
        stage.add("5", "", "Google calendar, ACME");
        stage.add("-5,7", "app", "  a pair ");
        stage.add("100..200", "", "many");
        stage.add("(7, *)", "", "of class 7");
        stage.add("-9223372036854775808 to -1", "app", "negative ones");
        QCOMPARE(stage.table(),
                 QStringLiteral("5 in any: Google calendar, ACME | (-5, 7) in app: a pair | 100 to 200 in any: many | "
                                "(7, *) in any: of class 7 | -9223372036854775808 to -1 in app: negative ones"));
        QCOMPARE(changed.size(), 5);
        const auto labels = changed.last().first().value<QList<KeyLabel>>();
        QCOMPARE(labels.at(2).what, (decltype(KeyLabel::what)(KeyLabel::Range{.first = 100, .last = 200})));
        QCOMPARE(labels.at(3).what, decltype(KeyLabel::what)(KeyLabel::ClassId{.classid = 7}));
        QVERIFY(stage.child<QLineEdit>("labelKeysEdit")->text().isEmpty());
    }

    void whatIsNoNameIsRefusedWithAReason_data()
    {
        QTest::addColumn<QByteArray>("keys");
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QString>("says");
        QTest::newRow("nothing") << QByteArray() << QByteArray("x") << QStringLiteral("There is no key.");
        QTest::newRow("words") << QByteArray("calendar") << QByteArray("x") << QStringLiteral("\"calendar\" is no key");
        QTest::newRow("no name") << QByteArray("5") << QByteArray("  ") << QStringLiteral("There is no name");
        QTest::newRow("backwards") << QByteArray("9 to 1") << QByteArray("x") << QStringLiteral("runs backwards");
        QTest::newRow("too large") << QByteArray("9223372036854775808") << QByteArray("x")
                                   << QStringLiteral("9223372036854775807");
        QTest::newRow("class too large") << QByteArray("2147483648, *") << QByteArray("x")
                                         << QStringLiteral("2147483647");
        QTest::newRow("twice") << QByteArray("1") << QByteArray("uno") << QStringLiteral("1 has a name already: one");
    }

    void whatIsNoNameIsRefusedWithAReason()
    {
        QFETCH(const QByteArray, keys);
        QFETCH(const QByteArray, name);
        QFETCH(const QString, says);
        Stage stage;
        stage.add("1", "", "one");
        QSignalSpy changed(&stage.dialog, &KeyNamesDialog::labelsChanged);
        stage.add(keys.constData(), "", name.constData());
        QVERIFY2(stage.message().contains(says), qPrintable(stage.message()));
        QCOMPARE(changed.size(), 0);
        QCOMPARE(stage.child<QLineEdit>("labelKeysEdit")->text(), QString::fromLatin1(keys));
        stage.add("1", "app", "one of app");
        QCOMPARE(stage.table(), QStringLiteral("1 in any: one | 1 in app: one of app"));
    }

    void editsInPlaceAndRefusesWhatIsWrong()
    {
        Stage stage;
        stage.add("5", "", "five");
        stage.add("6", "", "six");
        QSignalSpy changed(&stage.dialog, &KeyNamesDialog::labelsChanged);
        QVERIFY(stage.edit(0, 0, "7, *"));
        QVERIFY(stage.edit(0, 1, "app"));
        QVERIFY(stage.edit(0, 2, "sevens"));
        QCOMPARE(changed.size(), 3);
        QVERIFY(!stage.edit(1, 0, "six"));
        QVERIFY2(stage.message().contains(QStringLiteral("no key")), qPrintable(stage.message()));
        QVERIFY(!stage.edit(1, 2, ""));
        QVERIFY(stage.edit(1, 2, "six"));
        QCOMPARE(changed.size(), 3);
        QCOMPARE(stage.table(), QStringLiteral("(7, *) in app: sevens | 6 in any: six"));
    }

    void removesAndTakesThatBackOnce()
    {
        Stage stage;
        stage.dialog.setLabels({{.what = LockKey::bigint(1), .text = QStringLiteral("one")},
                                {.what = LockKey::bigint(2), .text = QStringLiteral("two")},
                                {.what = LockKey::bigint(3), .text = QStringLiteral("three")}});
        QVERIFY(!stage.child<QPushButton>("removeLabelsButton")->isEnabled());
        QVERIFY(!stage.child<QPushButton>("undoLabelsButton")->isEnabled());
        QSignalSpy changed(&stage.dialog, &KeyNamesDialog::labelsChanged);
        stage.labels()->selectRow(0);
        stage.labels()->selectionModel()->select(stage.labels()->model()->index(2, 0),
                                                 QItemSelectionModel::Select | QItemSelectionModel::Rows);
        stage.click("removeLabelsButton");
        QCOMPARE(stage.table(), QStringLiteral("2 in any: two"));
        QVERIFY(stage.child<QPushButton>("undoLabelsButton")->toolTip().contains(QStringLiteral("Remove 2 name")));
        // The owner says the same back: that is no reason to forget.
        stage.dialog.setLabels(changed.last().first().value<QList<KeyLabel>>());
        stage.click("undoLabelsButton");
        QCOMPARE(stage.table(), QStringLiteral("1 in any: one | 2 in any: two | 3 in any: three"));
        QCOMPARE(changed.last().first().value<QList<KeyLabel>>().size(), 3);
        QVERIFY(!stage.child<QPushButton>("undoLabelsButton")->isEnabled());
    }

    void namesFromElsewhereEndWhatCanBeTakenBack()
    {
        Stage stage;
        stage.add("5", "", "five");
        QVERIFY(stage.child<QPushButton>("undoLabelsButton")->isEnabled());
        stage.dialog.setLabels({{.what = LockKey::bigint(9), .text = QStringLiteral("nine")}});
        QVERIFY(!stage.child<QPushButton>("undoLabelsButton")->isEnabled());
        QCOMPARE(stage.table(), QStringLiteral("9 in any: nine"));
    }

    void aRowOfTheTableBeginsANewNameOrShowsTheOneThereIs()
    {
        Stage stage;
        stage.dialog.hide();
        stage.child<QTabWidget>("keyNamesTabs")->setCurrentIndex(2);
        stage.dialog.openFor(LockKey::pair(-5, 7), QStringLiteral("app"));
        QVERIFY(stage.dialog.isVisible());
        QCOMPARE(stage.child<QTabWidget>("keyNamesTabs")->currentIndex(), 0);
        QCOMPARE(stage.child<QLineEdit>("labelKeysEdit")->text(), QStringLiteral("(-5, 7)"));
        QCOMPARE(stage.child<QLineEdit>("labelDatabaseEdit")->text(), QStringLiteral("app"));
        stage.child<QLineEdit>("labelNameEdit")->setText(QStringLiteral("the pair"));
        QTest::keyClick(stage.child<QLineEdit>("labelNameEdit"), Qt::Key_Return);
        QVERIFY(stage.dialog.isVisible()); // Return adds, it does not close
        QCOMPARE(stage.table(), QStringLiteral("(-5, 7) in app: the pair"));
        stage.dialog.openFor(LockKey::pair(-5, 7), QStringLiteral("app"));
        QCOMPARE(stage.labels()->currentIndex().row(), 0);
        QVERIFY(stage.message().contains(QStringLiteral("has a name")));
        stage.dialog.openFor(LockKey::pair(-5, 7), QStringLiteral("other"));
        QCOMPARE(stage.child<QLineEdit>("labelDatabaseEdit")->text(), QStringLiteral("other"));
    }

    void hostileNamesStayText()
    {
        Stage stage;
        const QString hostile = QStringLiteral("<img src=x>%1 & \u202e");
        stage.dialog.setLabels({{.what = LockKey::bigint(1), .database = hostile, .text = hostile}});
        const auto index = stage.labels()->model()->index(0, KeyLabelModel::Name);
        QVERIFY(!index.data().toString().contains(QChar(0x202e)));
        QVERIFY(index.data(Qt::ToolTipRole).toString().contains(QStringLiteral("&lt;img")));
        stage.add("1", hostile.toUtf8().constData(), "x");
        QCOMPARE(stage.child<QLabel>("labelsMessage")->textFormat(), Qt::PlainText);
    }

    void aNewQueryIsForTheConnectedDatabaseAndBeginsWithAnExample()
    {
        Stage stage;
        stage.dialog.setServer(server());
        QVERIFY(!stage.child<QPlainTextEdit>("querySqlEdit")->isEnabled());
        QSignalSpy changed(&stage.dialog, &KeyNamesDialog::queryChanged);
        QSignalSpy run(&stage.dialog, &KeyNamesDialog::queryRunRequested);
        stage.click("addQueryButton");
        QCOMPARE(stage.child<QLineEdit>("queryHostEdit")->text(), QStringLiteral("db1"));
        QCOMPARE(stage.child<QSpinBox>("queryPortBox")->value(), 5432);
        QCOMPARE(stage.child<QLineEdit>("queryDatabaseEdit")->text(), QStringLiteral("app"));
        QVERIFY(stage.child<QPlainTextEdit>("querySqlEdit")->toPlainText().contains(QStringLiteral("SELECT id")));
        stage.child<QPlainTextEdit>("querySqlEdit")->setPlainText(QStringLiteral("SELECT 5, 'five'"));
        stage.child<QSpinBox>("queryTimeoutBox")->setValue(9);
        QCOMPARE(changed.size(), 0);
        stage.click("runQueryButton");
        QCOMPARE(changed.size(), 1);
        const auto query = changed.first().first().value<LabelQuery>();
        QCOMPARE(query.sql, QStringLiteral("SELECT 5, 'five'"));
        QCOMPARE(query.timeout, 9s);
        QCOMPARE(run.first().first().toString(), query.id);
        QVERIFY(!stage.child<QPushButton>("saveQueryButton")->isEnabled());
        stage.dialog.setQueries({query});
        stage.click("runQueryButton");
        QCOMPARE(changed.size(), 1);
        QCOMPARE(run.size(), 2);
    }

    void showsWhatAQueryAnsweredOrWhyNot()
    {
        Stage stage;
        stage.dialog.setServer(server());
        stage.dialog.setQueries({{.id = QStringLiteral("a"), .sql = QStringLiteral("SELECT 1, 'x'")}});
        const auto result = [&stage] { return stage.child<QLabel>("queryResult")->text(); };
        QCOMPARE(result(), QStringLiteral("Not run yet."));
        LabelQueryState state;
        state.running = true;
        stage.dialog.setQueryState(QStringLiteral("a"), state);
        QVERIFY(!stage.child<QPushButton>("runQueryButton")->isEnabled());
        state = {.isForThisServer = true,
                 .lastRun = QDateTime::currentDateTime(),
                 .elapsed = 12ms,
                 .rows = 50'000,
                 .unreadable = 3,
                 .truncated = true,
                 .firstRows = {{LockKey::bigint(5), QStringLiteral("<b>five</b>\n")}}};
        stage.dialog.setQueryState(QStringLiteral("a"), state);
        QVERIFY2(result().startsWith(QStringLiteral("50\u202f000 rows in 12 ms")), qPrintable(result()));
        QVERIFY(result().contains(QStringLiteral("3 of them")) && result().contains(QStringLiteral("There are more")));
        auto* const preview = stage.child<QTableWidget>("queryPreview");
        QCOMPARE(preview->item(0, 0)->text(), QStringLiteral("5"));
        QCOMPARE(preview->item(0, 1)->text(), QStringLiteral("<b>five</b>\u2424"));
        state.error = Error{.what = QStringLiteral("It failed."),
                            .advice = QStringLiteral("Mend it."),
                            .serverWords = QStringLiteral("ERROR: <i>no</i>")};
        stage.dialog.setQueryState(QStringLiteral("a"), state);
        QCOMPARE(result(), QStringLiteral("It failed. Mend it."));
        QCOMPARE(stage.child<QPlainTextEdit>("queryWords")->toPlainText(), QStringLiteral("ERROR: <i>no</i>"));
    }

    void aQueryForAnotherServerCannotRunAndSaysWhy()
    {
        Stage stage;
        stage.dialog.setQueries(
            {{.id = QStringLiteral("a"), .host = QStringLiteral("db2"), .sql = QStringLiteral("x")}});
        auto* const run = stage.child<QPushButton>("runQueryButton");
        QVERIFY(!run->isEnabled() && run->toolTip().contains(QStringLiteral("Connect first")));
        stage.dialog.setServer(server());
        QVERIFY(!run->isEnabled() && run->toolTip().contains(QStringLiteral("not for the connected")));
        stage.child<QLineEdit>("queryHostEdit")->clear();
        Q_EMIT stage.child<QLineEdit>("queryHostEdit")->textEdited(QString());
        QVERIFY(run->isEnabled());
    }

    void whatIsTypedSurvivesAnswersAndOtherSelections()
    {
        Stage stage;
        const LabelQuery a{.id = QStringLiteral("a"), .sql = QStringLiteral("SELECT 1")};
        const LabelQuery b{.id = QStringLiteral("b"), .sql = QStringLiteral("SELECT 2")};
        stage.dialog.setQueries({a, b});
        auto* const sql = stage.child<QPlainTextEdit>("querySqlEdit");
        sql->setPlainText(QStringLiteral("SELECT 1, 'typed'"));
        stage.child<QListWidget>("queryList")->setCurrentRow(1);
        QCOMPARE(sql->toPlainText(), QStringLiteral("SELECT 2"));
        stage.dialog.setQueries({a, b});
        stage.dialog.setQueryState(QStringLiteral("a"), {});
        stage.child<QListWidget>("queryList")->setCurrentRow(0);
        QCOMPARE(sql->toPlainText(), QStringLiteral("SELECT 1, 'typed'"));
        QVERIFY(stage.child<QPushButton>("saveQueryButton")->isEnabled());
    }

    void removesAQueryThatWasSaved()
    {
        Stage stage;
        stage.dialog.setQueries({{.id = QStringLiteral("a"), .sql = QStringLiteral("SELECT 1")}});
        QSignalSpy removed(&stage.dialog, &KeyNamesDialog::queryRemoved);
        stage.click("addQueryButton");
        stage.click("removeQueryButton");
        QCOMPARE(removed.size(), 0);
        stage.click("removeQueryButton");
        QCOMPARE(removed.size(), 1);
        QCOMPARE(stage.child<QListWidget>("queryList")->count(), 0);
        QVERIFY(!stage.child<QPushButton>("removeQueryButton")->isEnabled());
    }

    void theBuiltInListIsSearchedByEveryWord()
    {
        Stage stage;
        QFile file(QStringLiteral(":/known-keys.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto keys = readKnownKeys(file.readAll());
        VERIFY_RESULT(keys);
        stage.dialog.setKnownKeys(*keys);
        auto* const table = stage.child<QTableWidget>("knownKeysTable");
        QCOMPARE(table->rowCount(), static_cast<int>(keys->size()));
        stage.child<QLineEdit>("knownKeysSearch")->setText(QStringLiteral("PRISMA p1002"));
        int shown = -1;
        int count = 0;
        for (int row = 0; row < table->rowCount(); ++row) {
            if (!table->isRowHidden(row)) {
                shown = row;
                ++count;
            }
        }
        QCOMPARE(count, 1);
        QCOMPARE(stage.child<QLabel>("knownKeysCount")->text(), QStringLiteral("1 of %1 entries").arg(keys->size()));
        table->selectRow(shown);
        QVERIFY(stage.child<QLabel>("knownKeySource")->text().contains(QStringLiteral("prisma/prisma-engines")));
        QVERIFY(stage.child<QLabel>("knownKeyNotes")->text().contains(QStringLiteral("prisma migrate")));
        QVERIFY(table->editTriggers() == QAbstractItemView::NoEditTriggers);
    }

    void everyControlHasAName()
    {
        Stage stage;
        const auto buttons = stage.dialog.findChildren<QPushButton*>();
        for (const QPushButton* const button : buttons)
            QVERIFY2(!button->accessibleName().isEmpty() && !button->objectName().isEmpty(),
                     qPrintable(button->text()));
        const auto edits = stage.dialog.findChildren<QLineEdit*>();
        for (const QLineEdit* const edit : edits) {
            if (edit->objectName() != QLatin1StringView("qt_spinbox_lineedit"))
                QVERIFY2(!edit->accessibleName().isEmpty(), qPrintable(edit->objectName()));
        }
    }
};

QTEST_MAIN(TestKeyNamesDialog)
#include "tst_keynamesdialog.moc"
