#include "models/domain/displaytext.h"
#include "tests/support/hostiletexts.h"
#include "tests/support/shownwidgets.h"
#include "tests/support/suite.h"
#include "tests/ui/hostilewidgets.h"
#include "ui/auditdialog.h"
#include "ui/connectdialog.h"
#include "ui/curedialog.h"
#include "ui/databaseedit.h"
#include "ui/keycalculator.h"
#include "ui/keynamesdialog.h"
#include "ui/quitdialog.h"
#include "ui/releaselessondialog.h"
#include "ui/serverpage.h"

#include <QLabel>
#include <QPlainTextEdit>
#include <QTreeWidget>
#include <QWindow>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

Error errorWith(const QString& payload)
{
    return {.kind = ErrorKind::Server, .what = payload, .advice = payload, .serverWords = payload, .sqlState = {}};
}

CurePlan planWith(const QString& payload, CureKind kind)
{
    CurePlan plan;
    plan.request.kind = kind;
    plan.name = payload;
    plan.victim = payload;
    plan.state = payload;
    plan.query = payload;
    plan.releases = {payload};
    plan.unblocks = {payload};
    plan.stillStuck = {payload};
    plan.warnings = {payload};
    plan.mustBeKnown = true;
    return plan;
}

ServerInfo serverNamed(const QString& payload)
{
    ServerInfo server;
    server.version = payload;
    server.versionNumber = 150018;
    server.role = payload;
    server.database = payload;
    server.host = payload;
    server.systemIdentifier = payload;
    return server;
}

} // namespace

/// Dialogs and the server page.
class TestHostileDialogs : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { test::prepareForHostileTexts(); }

    void asksAboutAVictimInItsOwnWords_data() { test::addHostileRows(); }
    void asksAboutAVictimInItsOwnWords();
    void teachesTheLessonInPlainText_data() { test::addHostileRows(); }
    void teachesTheLessonInPlainText();
    void listsTheAuditLogInPlainText_data() { test::addHostileRows(); }
    void listsTheAuditLogInPlainText();
    void connectsInPlainText_data() { test::addHostileRows(); }
    void connectsInPlainText();
    void namesKeysInPlainText_data() { test::addHostileRows(); }
    void namesKeysInPlainText();
    void calculatesInPlainText_data() { test::addHostileRows(); }
    void calculatesInPlainText();
    void quitsInPlainText_data() { test::addHostileRows(); }
    void quitsInPlainText();
    void showsTheServerInPlainText_data() { test::addHostileRows(); }
    void showsTheServerInPlainText();
};

void TestHostileDialogs::asksAboutAVictimInItsOwnWords()
{
    QFETCH(const QString, payload);
    const QString name = cellText(payload, 200);
    for (const auto kind : {CureKind::CancelQuery, CureKind::TerminateBackend, CureKind::RollbackPrepared}) {
        CureDialog dialog(planWith(payload, kind));
        dialog.show();
        dialog.setStillThere(false);
        const test::ShownWidgets shown(dialog);
        QCOMPARE(shown.troubles(), QString());
        QVERIFY(dialog.findChild<QLabel*>(QStringLiteral("cureQuestion"))->text().contains(name));
        QVERIFY(kind != CureKind::TerminateBackend || name.size() > 150 ||
                dialog.windowHandle()->title() == QStringLiteral("Terminate %1?").arg(name));
        for (const char* label : {"cureVictim", "cureState", "cureWarnings", "cureReleases"})
            QCOMPARE(dialog.findChild<QLabel*>(QLatin1String(label))->text(), cellText(payload));
        QCOMPARE(dialog.findChild<QPlainTextEdit*>(QStringLiteral("cureQuery"))->toPlainText(),
                 paragraphText(payload).replace(QChar(QChar::Nbsp), u' '));
        QCOMPARE(test::unsafeCharacter(dialog.text(), true), QString());
    }
}

void TestHostileDialogs::teachesTheLessonInPlainText()
{
    QFETCH(const QString, payload);
    ReleaseLessonDialog dialog(payload, payload, payload);
    dialog.show();
    QCOMPARE(test::ShownWidgets(dialog).troubles(), QString());
    QVERIFY(test::ShownWidgets(dialog).show(cellText(payload, 40)) || payload.size() > 40);
    dialog.setAnswer({.statement = payload, .answer = false, .notices = {payload, payload}});
    QCOMPARE(test::ShownWidgets(dialog).troubles(), QString());
    QVERIFY(test::ShownWidgets(dialog).show(paragraphText(payload, 300).replace(QChar(QChar::Nbsp), u' ')) ||
            payload.size() > 300);
    dialog.setAnswer({.statement = payload, .error = errorWith(payload)});
    QCOMPARE(test::ShownWidgets(dialog).troubles(), QString());
}

void TestHostileDialogs::listsTheAuditLogInPlainText()
{
    QFETCH(const QString, payload);
    AuditEntry entry;
    entry.time = QDateTime(QDate(2026, 11, 22), QTime(10, 2, 11), Qt::UTC);
    for (QString* const field :
         {&entry.action, &entry.step, &entry.host, &entry.database, &entry.systemIdentifier, &entry.role, &entry.start,
          &entry.application, &entry.user, &entry.gid, &entry.query, &entry.sentence})
        *field = payload;
    entry.pid = 1234;
    entry.notices = {payload};
    AuditEntry prepared = entry;
    prepared.pid = 0;
    AuditDialog dialog({entry, prepared}, payload);
    dialog.show();
    const test::ShownWidgets shown(dialog);
    QCOMPARE(shown.troubles(), QString());
    const auto* const list = dialog.findChild<QTreeWidget*>(QStringLiteral("auditList"));
    QCOMPARE(list->topLevelItemCount(), 2);
    QVERIFY(shown.show(cellText(payload, 100)) || payload.size() > 100);
    QVERIFY(dialog.findChild<QPlainTextEdit*>(QStringLiteral("auditDetails"))
                ->toPlainText()
                .contains(paragraphText(payload, 20'100).replace(QChar(QChar::Nbsp), u' ')) ||
            payload.size() > 4000);
}

void TestHostileDialogs::connectsInPlainText()
{
    QFETCH(const QString, payload);
    ConnectDialog dialog(
        [&payload](const QString&) -> Result<ConnectionSummary> { return usageError(payload, payload); });
    dialog.setProfiles({{payload, payload}});
    dialog.setRecent({{payload, payload}});
    dialog.setConninfo(payload);
    dialog.setError(errorWith(payload));
    dialog.show();
    QCOMPARE(test::ShownWidgets(dialog).troubles(), QString());
    QCOMPARE(dialog.findChild<QLabel*>(QStringLiteral("conninfoVerdict"))->text(),
             payload.size() > ConnectDialog::maximumLength
                 ? dialog.findChild<QLabel*>(QStringLiteral("conninfoVerdict"))->text()
                 : cellText(payload, 300) + u' ' + cellText(payload, 300));
    dialog.setTestResult(serverNamed(payload));
    const test::ShownWidgets tested(dialog);
    QCOMPARE(tested.troubles(), QString());
    QVERIFY(tested.show(cellText(payload, 40)) || payload.size() > 40);

    ConnectDialog summing([&payload](const QString&) -> Result<ConnectionSummary> {
        return ConnectionSummary{payload, payload, payload, payload, payload, payload, true};
    });
    summing.setConninfo(QStringLiteral("host=x"));
    QCOMPARE(test::ShownWidgets(summing).troubles(), QString());
    QVERIFY(test::ShownWidgets(summing).show(cellText(payload, 30)) || payload.size() > 30);
}

void TestHostileDialogs::namesKeysInPlainText()
{
    QFETCH(const QString, payload);
    KeyNamesDialog dialog;
    dialog.setServer(serverNamed(payload));
    dialog.setDatabases({{5, payload}});
    dialog.setLabels({{.what = LockKey::bigint(5), .database = payload, .text = payload}});
    dialog.setQueries({{.id = QStringLiteral("1"), .host = payload, .port = 1, .database = payload, .sql = payload}});
    LabelQueryState state;
    state.isForThisServer = true;
    state.firstRows = {{LockKey::bigint(5), payload}, {LockKey::pair(1, 2), payload}};
    state.rows = 2;
    dialog.setQueryState(QStringLiteral("1"), state);
    dialog.setMessage(payload);
    dialog.show();
    const test::ShownWidgets shown(dialog);
    QCOMPARE(shown.troubles(), QString());
    QVERIFY(shown.show(cellText(payload, 100)) || payload.size() > 100); // the preview of a label query
    state.error = errorWith(payload);
    dialog.setQueryState(QStringLiteral("1"), state);
    dialog.setError(errorWith(payload));
    dialog.openFor(LockKey::bigint(5), payload);
    QCOMPARE(test::ShownWidgets(dialog).troubles(), QString());
}

void TestHostileDialogs::calculatesInPlainText()
{
    QFETCH(const QString, payload);
    KeyCalculator calculator;
    KeyDictionary dictionary;
    dictionary.setQueryLabels(5, {{LockKey::bigint(5), payload}});
    calculator.setDictionary(std::make_shared<const KeyDictionary>(dictionary));
    calculator.setDatabases({{5, payload}});
    calculator.setConnected(payload);
    calculator.setInput(QStringLiteral("5"));
    calculator.show();
    const test::ShownWidgets shown(calculator);
    QCOMPARE(shown.troubles(), QString());
    QVERIFY(shown.show(cellText(payload, 30)) || payload.size() > 30);
    calculator.setInput(payload);
    calculator.setHashError(payload, errorWith(payload));
    QCOMPARE(test::ShownWidgets(calculator).troubles(), QString());
    calculator.setHashes(payload,
                         {{.entryId = QStringLiteral("hashtext"), .key = LockKey::bigint(7), .detail = payload}});
    QCOMPARE(test::ShownWidgets(calculator).troubles(), QString());
    // The name itself is what is chosen, not what stands for it in the list.
    QCOMPARE(calculator.findChild<DatabaseEdit*>()->names(), QStringList{payload});
}

void TestHostileDialogs::quitsInPlainText()
{
    QFETCH(const QString, payload);
    SessionState session;
    session.name = payload;
    session.backendPid = 7;
    session.ledger = {{.key = LockKey::bigint(5), .sessionCount = 1}};
    ClientState client;
    client.name = payload;
    client.ledger = session.ledger;
    QuitDialog dialog({session}, {client});
    dialog.show();
    const test::ShownWidgets shown(dialog);
    QCOMPARE(shown.troubles(), QString());
    QVERIFY(shown.show(cellText(payload, 40)) || payload.size() > 40);
}

void TestHostileDialogs::showsTheServerInPlainText()
{
    QFETCH(const QString, payload);
    ServerReport report;
    report.server = serverNamed(payload);
    report.lockTable = {.used = 2000, .fastPath = 12, .nominal = 4160};
    report.maxConnections = 100;
    for (const QString& name : lockSettings())
        report.settings.append({.name = name, .exists = true, .value = payload, .source = payload});
    report.settings.append({.name = payload, .exists = true, .value = payload, .source = payload});
    ServerPage page;
    page.setServer(report.server, payload);
    page.setReport(report);
    page.setTrouble(errorWith(payload));
    page.show();
    const test::ShownWidgets shown(page);
    QCOMPARE(shown.troubles(), QString());
    QVERIFY(shown.show(cellText(payload, 40)) || payload.size() > 40);
    QCOMPARE(test::unsafeCharacter(page.text(), true), QString());
    QCOMPARE(shown.texts().filter(QStringLiteral("GRANT")).isEmpty(), false);
    ServerPage empty;
    empty.setServer(report.server, payload);
    empty.setTrouble(errorWith(payload));
    QCOMPARE(test::ShownWidgets(empty).troubles(), QString());
}

QTEST_MAIN(TestHostileDialogs)
#include "tst_hostiledialogs.moc"
