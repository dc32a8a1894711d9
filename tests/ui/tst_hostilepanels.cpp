#include "models/clienttreemodel.h"
#include "models/domain/displaytext.h"
#include "models/sessiontreemodel.h"
#include "models/statementlogmodel.h"
#include "tests/support/hostiletexts.h"
#include "tests/support/shownwidgets.h"
#include "tests/support/suite.h"
#include "tests/ui/hostilewidgets.h"
#include "ui/clientspanel.h"
#include "ui/operatorpanel.h"
#include "ui/statementlogpanel.h"

#include <QLabel>
#include <QPlainTextEdit>
#include <QTableView>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

Error errorWith(const QString& payload)
{
    return {.kind = ErrorKind::Server, .what = payload, .advice = payload, .serverWords = payload, .sqlState = {}};
}

Outcome outcomeWith(const QString& payload, OutcomeKind kind)
{
    Outcome outcome;
    outcome.kind = kind;
    outcome.action = payload;
    outcome.holders = {{.pid = 7, .applicationName = payload, .mode = LockMode::Exclusive}};
    outcome.notices = {payload, payload};
    outcome.error = errorWith(payload);
    return outcome;
}

constexpr std::array allOutcomes{OutcomeKind::Acquired,       OutcomeKind::HeldElsewhere, OutcomeKind::NotHeld,
                                 OutcomeKind::DeadlockVictim, OutcomeKind::Failed,        OutcomeKind::Done};

} // namespace

/// The panels of own sessions and clients, whose errors, notices and holders come from the server, and the statement
/// log.
class TestHostilePanels : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { test::prepareForHostileTexts(); }

    void staysTextInTheOperatorPanel_data() { test::addHostileRows(); }
    void staysTextInTheOperatorPanel();
    void staysTextInTheClientsPanel_data() { test::addHostileRows(); }
    void staysTextInTheClientsPanel();
    void staysTextInTheStatementLog_data() { test::addHostileRows(); }
    void staysTextInTheStatementLog();
};

void TestHostilePanels::staysTextInTheOperatorPanel()
{
    QFETCH(const QString, payload);
    SessionTreeModel model;
    OperatorPanel panel(&model);
    panel.setConnected(true);
    SessionState state;
    state.id = SessionId{1};
    state.name = payload;
    state.phase = SessionPhase::Idle;
    state.backendPid = 7;
    state.elsewhere = payload;
    panel.show();
    for (const OutcomeKind kind : allOutcomes) {
        state.lastOutcome = outcomeWith(payload, kind);
        model.setState(state);
        panel.select(state.id);
        const test::ShownWidgets shown(panel);
        QCOMPARE(shown.troubles(), QString());
        QVERIFY(panel.findChild<QPlainTextEdit*>(QStringLiteral("outcomeNotices"))
                    ->toPlainText()
                    .contains(paragraphText(payload, 1000).replace(QChar(QChar::Nbsp), u' ')));
        if (kind == OutcomeKind::HeldElsewhere)
            QVERIFY(panel.findChild<QLabel*>(QStringLiteral("outcomeText"))->text().contains(cellText(payload, 64)));
    }
    state.phase = SessionPhase::Busy;
    state.doing = payload;
    state.doingSince = SteadyTime::clock::now();
    model.setState(state);
    QCOMPARE(test::ShownWidgets(panel).troubles(), QString());
    state.phase = SessionPhase::Lost;
    state.ending = errorWith(payload);
    model.setState(state);
    const test::ShownWidgets lost(panel);
    QCOMPARE(lost.troubles(), QString());
    QVERIFY(lost.show(cellText(payload, 100)) || payload.size() > 100);
    panel.setReadOnlyReason(payload);
    QCOMPARE(test::ShownWidgets(panel).troubles(), QString());
}

void TestHostilePanels::staysTextInTheClientsPanel()
{
    QFETCH(const QString, payload);
    ClientTreeModel model;
    ClientsPanel panel(&model);
    panel.setConnected(true);
    ClientState state;
    state.id = ClientId{1};
    state.name = payload;
    state.phase = ClientPhase::Idle;
    state.backendPid = 7;
    state.doing = payload;
    state.elsewhere = payload;
    state.lastOutcome = outcomeWith(payload, OutcomeKind::HeldElsewhere);
    panel.show();
    model.setState(state);
    panel.select(state.id);
    QCOMPARE(test::ShownWidgets(panel).troubles(), QString());
    state.phase = ClientPhase::Ended;
    state.ending = errorWith(payload);
    ReleaseTimeline timeline;
    timeline.backendPid = 7;
    timeline.keys = {LockKey::bigint(5)};
    timeline.processGone = 1400us;
    timeline.anyoneWaited = true;
    timeline.nextPid = 8;
    timeline.nextGranted = 2000us;
    timeline.nextApplicationName = payload;
    timeline.finished = true;
    timeline.error = errorWith(payload);
    state.release = timeline;
    model.setState(state);
    const test::ShownWidgets shown(panel);
    QCOMPARE(shown.troubles(), QString());
    QVERIFY(shown.show(cellText(payload, 40)) || payload.size() > 40);
    QVERIFY(!panel.grab().isNull());
}

void TestHostilePanels::staysTextInTheStatementLog()
{
    QFETCH(const QString, payload);
    StatementLogModel model;
    StatementLogPanel panel(&model);
    panel.show();
    model.append({{.session = payload, .backendPid = 7, .sql = payload, .result = payload, .notices = {payload}},
                  {.session = payload, .sql = payload, .result = payload, .failed = true}});
    auto* const table = panel.findChild<QTableView*>(QStringLiteral("statementTable"));
    QCOMPARE(table->model()->rowCount(), 2);
    const test::ShownWidgets shown(panel);
    QCOMPARE(shown.troubles(), QString());
    QVERIFY(shown.show(cellText(model.recordAt(0).sql)));
    QCOMPARE(table->model()->index(0, StatementLogModel::SessionColumn).data().toString(), cellText(payload));
    table->selectAll();
    QVERIFY(panel.selectedAsSql().contains(model.recordAt(0).sql.trimmed()));
    QVERIFY(!panel.grab().isNull());
}

QTEST_MAIN(TestHostilePanels)
#include "tst_hostilepanels.moc"
