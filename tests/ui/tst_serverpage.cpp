#include "models/domain/lockconflicts.h"
#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "ui/conflictmatrix.h"
#include "ui/serverpage.h"
#include "ui/theme.h"

#include <QApplication>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>

using namespace lockscope;

/// The server page over a made-up report.
class tst_ServerPage final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { test::muteSizeHintsOfOffscreen(); }
    void saysWhatWillBeHereBeforeAServerAnswers();
    void showsHowFullTheLockTableIs();
    void offersTheGrantForWhatIsMissing();
    void keepsTheButtonUnderTheMouseWhenTheSameReportComesAgain();
    void saysWhyItCouldNotReadAgainAndKeepsWhatItHas();
    void forgetsAnotherServersReport();
    void putsAModeInWords();
    void agreesWithTheTableOfConflicts();
    void walksTheMatrixByKeys();
    void showsHostileTextAsText();
};

namespace {

ServerInfo server()
{
    ServerInfo info;
    info.version = QStringLiteral("15.18");
    info.versionNumber = 150018;
    info.role = QStringLiteral("monitor");
    info.host = QStringLiteral("db1");
    info.systemIdentifier = QStringLiteral("7");
    return info;
}

ServerReport report()
{
    ServerReport made;
    made.server = server();
    made.lockTable = {.used = 2000, .fastPath = 12, .nominal = 4160, .spareBytes = 2'480'000};
    made.backends = 17;
    made.maxConnections = 100;
    made.rights = {.readAllStats = true, .connectableDatabases = 2, .databases = 3};
    for (const QString& name : lockSettings())
        made.settings.append(
            {.name = name, .exists = true, .value = QStringLiteral("0"), .source = QStringLiteral("default")});
    return made;
}

QString text(const QWidget& page, const char* name)
{
    const auto* const label = page.findChild<QLabel*>(QLatin1String(name));
    return label != nullptr ? label->text() : QStringLiteral("no such label");
}

} // namespace

void tst_ServerPage::saysWhatWillBeHereBeforeAServerAnswers()
{
    ServerPage page;
    page.show();
    QVERIFY(page.findChild<QWidget*>(QStringLiteral("serverEmptyState"))->isVisible());
    QVERIFY(page.text().startsWith(QLatin1String("Once a server answers")));
}

void tst_ServerPage::showsHowFullTheLockTableIs()
{
    ServerPage page;
    page.setServer(server(), QStringLiteral("prod"));
    page.setReport(report());
    QCOMPARE(text(page, "serverTitle"), QStringLiteral("prod: PostgreSQL 15.18, primary, as monitor"));
    QVERIFY2(text(page, "lockTableUse")
                 .startsWith(QLatin1String("2000 of 4160 entries are taken (48 %). Once they are full, shared memory "
                                           "that nobody has taken yet, 2421 kB, holds about 10000 more.")),
             qPrintable(text(page, "lockTableUse")));
    QCOMPARE(page.findChild<QProgressBar*>(QStringLiteral("lockTableGauge"))->value(), 48);
    ServerReport full = report();
    full.lockTable.used = 2 * full.lockTable.nominal;
    full.lockTable.spareBytes = 3000;
    page.setReport(full);
    QVERIFY2(
        text(page, "lockTableUse")
            .startsWith(QLatin1String("8320 of 4160 entries are taken (200 %). The table is full and has grown into "
                                      "spare shared memory: 2 kB are left, for about 12 more.")),
        qPrintable(text(page, "lockTableUse")));
}

void tst_ServerPage::offersTheGrantForWhatIsMissing()
{
    ServerPage page;
    page.setServer(server(), QStringLiteral("prod"));
    page.setReport(report());
    QSignalSpy copied(&page, &ServerPage::copyRequested);
    const auto buttons = page.findChildren<QToolButton*>(QStringLiteral("copyGrantButton"));
    QCOMPARE(buttons.size(), 2); // signal backends, connect to the third database
    buttons.first()->click();
    QCOMPARE(copied.size(), 1);
    QCOMPARE(copied.first().first().toString(), QStringLiteral("GRANT pg_signal_backend TO \"monitor\";"));
}

void tst_ServerPage::keepsTheButtonUnderTheMouseWhenTheSameReportComesAgain()
{
    ServerPage page;
    page.setServer(server(), QStringLiteral("prod"));
    page.setReport(report());
    const QPointer<QToolButton> button = page.findChild<QToolButton*>(QStringLiteral("copyGrantButton"));
    ServerReport again = report();
    again.lockTable.used = 2100;
    page.setReport(again);
    QVERIFY(button);
    QVERIFY(text(page, "lockTableUse").startsWith(QLatin1String("2100 of 4160")));
}

void tst_ServerPage::saysWhyItCouldNotReadAgainAndKeepsWhatItHas()
{
    ServerPage page;
    page.setServer(server(), QStringLiteral("prod"));
    page.setReport(report());
    page.setTrouble(Error{.kind = ErrorKind::Server, .what = QStringLiteral("The lock table is full.")});
    QCOMPARE(text(page, "serverTrouble"), QStringLiteral("Not read again: The lock table is full."));
    QVERIFY(text(page, "lockTableUse").startsWith(QLatin1String("2000 of 4160")));
    page.setReport(report());
    QVERIFY(page.findChild<QLabel*>(QStringLiteral("serverTrouble"))->isHidden());
}

void tst_ServerPage::forgetsAnotherServersReport()
{
    ServerPage page;
    page.setServer(server(), QStringLiteral("prod"));
    page.setReport(report());
    ServerInfo other = server();
    other.systemIdentifier = QStringLiteral("8");
    page.setServer(other, QStringLiteral("other"));
    QCOMPARE(page.text(), QStringLiteral("Waiting for the server's answer."));
}

void tst_ServerPage::putsAModeInWords()
{
    ServerPage page;
    page.setServer(server(), QStringLiteral("prod"));
    page.setReport(report());
    page.showMode(LockMode::Exclusive);
    QCOMPARE(text(page, "modeSentence"),
             QStringLiteral("Exclusive conflicts with Row Share, Row Exclusive, Share Update Exclusive, Share, "
                            "Share Row Exclusive, Exclusive, Access Exclusive. Taken by REFRESH MATERIALIZED VIEW "
                            "CONCURRENTLY, pg_advisory_lock."));
}

void tst_ServerPage::agreesWithTheTableOfConflicts()
{
    // The documentation's table, row by row, weakest first.
    const QStringList documented{QStringLiteral(".......x"), QStringLiteral("......xx"), QStringLiteral("....xxxx"),
                                 QStringLiteral("...xxxxx"), QStringLiteral("..xx.xxx"), QStringLiteral("..xxxxxx"),
                                 QStringLiteral(".xxxxxxx"), QStringLiteral("xxxxxxxx")};
    QStringList ours;
    for (const LockMode a : lockModes()) {
        QString row;
        for (const LockMode b : lockModes())
            row += conflicts(a, b) ? u'x' : u'.';
        ours.append(row);
    }
    QCOMPARE(ours, documented);
}

void tst_ServerPage::walksTheMatrixByKeys()
{
    ConflictMatrix matrix;
    matrix.show();
    QTest::keyClick(&matrix, Qt::Key_Down);
    QCOMPARE(matrix.mode(), LockMode::AccessShare);
    QTest::keyClick(&matrix, Qt::Key_Down);
    QCOMPARE(matrix.mode(), LockMode::RowShare);
    QTest::keyClick(&matrix, Qt::Key_Escape);
    QCOMPARE(matrix.mode(), LockMode::Unknown);
}

void tst_ServerPage::showsHostileTextAsText()
{
    ServerPage page;
    ServerInfo hostile = server();
    hostile.role = QStringLiteral("<b>%1</b>\n\u202Ex");
    page.setServer(hostile, QStringLiteral("<img src=x>"));
    ServerReport made = report();
    made.server = hostile;
    made.settings.first().value = QStringLiteral("<u>1s</u>");
    page.setReport(made);
    for (const QLabel* const label : page.findChildren<QLabel*>())
        QCOMPARE(label->textFormat(), Qt::PlainText);
    QVERIFY(page.text().contains(QLatin1String("<img src=x>")));
    QVERIFY(page.text().contains(QLatin1String("<u>1s</u>")));
    QVERIFY(!page.text().contains(QChar(0x202E)));
}

QTEST_MAIN(tst_ServerPage)
#include "tst_serverpage.moc"
