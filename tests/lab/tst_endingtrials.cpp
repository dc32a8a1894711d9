#include "app/lab/endings/endingtrials.h"
#include "models/domain/endingwords.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QProcess>
#include <QRegularExpression>
#include <QSignalSpy>

using namespace lockscope;
using namespace std::chrono_literals;
using std::chrono::microseconds;
using test::scalar;

/// Every way to die on a real server: what is measured is what is expected, and nothing is left.
class EndingTrialsTest final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("LOCKSCOPE_CLIENT", LOCKSCOPE_CLIENT_FILE);
        m_server = std::make_unique<test::TestServer>();
        QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
        m_observer = m_server->session(QStringLiteral("observer"));
        m_version = scalar(*m_observer, "SHOW server_version_num").toInt();
    }
    void cleanupTestCase()
    {
        m_observer.reset();
        m_server.reset();
    }

    void releasesWhenItShould_data()
    {
        QTest::addColumn<EndingKind>("kind");
        QTest::addColumn<EndingSettings>("settings");
        QTest::addColumn<qint64>("from"); // ms
        QTest::addColumn<qint64>("to");
        const auto add = [](const char* name, EndingKind kind, const EndingSettings& settings, qint64 from, qint64 to) {
            QTest::newRow(name) << kind << settings << from << to;
        };
        // Milliseconds on a machine that has nothing else to do, and far less than it is watched in any case.
        add("killed idle", EndingKind::KilledIdle, {}, 0, 1500);
        add("said goodbye", EndingKind::SaidGoodbye, {}, 0, 1500);
        add("exited", EndingKind::ExitedWithoutUnlock, {}, 0, 1500);
        add("terminated", EndingKind::TerminatedFromServer, {}, 0, 1500);
        add("killed in pg_sleep(2)", EndingKind::KilledRunning, {.statementLength = 2s}, 1800, 4000);
        add("the same, checked", EndingKind::KilledRunningChecked, {.statementLength = 4s, .checkInterval = 300ms}, 0,
            2000);
        add("ghost waiter, checked", EndingKind::KilledWaitingChecked, {.checkInterval = 200ms}, 0, 2000);
        add("cable cut, keepalives 1/1/2", EndingKind::CableCutQuiet, {.link = {1s, 1s, 2, 0ms}}, 2500, 5500);
        add("cable cut, user timeout 2 s", EndingKind::CableCutQuiet, {.link = {1s, 1s, 9, 2s}}, 1500, 4500);
        add("cable cut while busy", EndingKind::CableCutBusy, {.statementLength = 1s, .link = {1s, 1s, 2, 2s}}, 2500,
            5700);
    }
    void releasesWhenItShould()
    {
        QFETCH(const EndingKind, kind);
        QFETCH(const EndingSettings, settings);
        QFETCH(const qint64, from);
        QFETCH(const qint64, to);
        EndingTrials trials(m_server->conninfo(), server());
        const EndingState state = finish(trials, kind, settings);
        if (isChecked(kind) && m_version < 140000) {
            QCOMPARE(word(state.phase), QStringLiteral("explained"));
            return;
        }
        QCOMPARE(word(state.phase), QStringLiteral("done"));
        QVERIFY(state.released);
        QVERIFY2(*state.released >= from * 1ms && *state.released <= to * 1ms, qPrintable(measuredText(state)));
        QVERIFY2(isAsExpected(state), qPrintable(verdictText(state)));
        // A ghost's place is taken by nobody: who waited behind it waits on, for the holder.
        QCOMPARE(state.nextGranted.has_value(), !waitsWhenEnded(kind));
        nothingIsLeft();
    }

    void keepsWhatShouldStay_data()
    {
        QTest::addColumn<EndingKind>("kind");
        for (const EndingKind kind : {EndingKind::KilledWaiting, EndingKind::Frozen, EndingKind::ReturnedToPool,
                                      EndingKind::KilledBehindPooler})
            QTest::newRow(qPrintable(word(kind))) << kind;
        QTest::newRow("cable-cut-busy without user timeout") << EndingKind::CableCutBusy;
    }
    void keepsWhatShouldStay()
    {
        QFETCH(const EndingKind, kind);
        EndingTrials trials(m_server->conninfo(), server());
        QString nameOnServer;
        connect(&trials, &EndingTrials::stateChanged, this, [&](const EndingState& now) {
            if (now.phase == EndingPhase::Running)
                nameOnServer = scalar(*m_observer, "SELECT application_name FROM pg_stat_activity WHERE pid = " +
                                                       QByteArray::number(now.backendPid));
        });
        const EndingState state = finish(trials, kind, {.statementLength = 500ms, .watchTime = 3s});
        QCOMPARE(nameOnServer, state.applicationName);
        QCOMPARE(word(state.phase), QStringLiteral("done"));
        QVERIFY2(!state.released, qPrintable(measuredText(state)));
        QVERIFY(state.watched >= 3s && state.watched < 15s);
        QCOMPARE(verdictText(state), QStringLiteral("as expected"));
        QVERIFY2(state.evidence.join(QLatin1Char(' ')).contains(QStringLiteral("still")),
                 qPrintable(state.evidence.join(QLatin1Char('\n'))));
        nothingIsLeft();
    }

    /// What it was told by the server's own eyes: a ghost is ahead of whoever came later.
    void aGhostKeepsItsPlaceInTheQueue()
    {
        EndingTrials trials(m_server->conninfo(), server());
        const EndingState state = finish(trials, EndingKind::KilledWaiting, {.watchTime = 500ms});
        const QString words = state.evidence.join(QLatin1Char('\n'));
        const QString pattern = QStringLiteral("pid %1 still waits, behind \\{[0-9,]*%2[0-9,]*\\}")
                                    .arg(QString::number(state.nextPid), QString::number(state.backendPid));
        QVERIFY2(QRegularExpression(pattern).match(words).hasMatch(), qPrintable(words));
    }

    void severalRunAtOnce()
    {
        EndingTrials trials(m_server->conninfo(), server());
        QHash<EndingKind, EndingState> states;
        connect(&trials, &EndingTrials::stateChanged, this,
                [&](const EndingState& state) { states[state.kind] = state; });
        for (const EndingKind kind : allEndingKinds)
            trials.run(kind, {.statementLength = 2s, .link = {1s, 1s, 2, 0ms}, .watchTime = 2s});
        QVERIFY(QTest::qWaitFor([&] { return !trials.isBusy(); }, 60000));
        QStringList results;
        QSet<QString> keys;
        for (const EndingKind kind : allEndingKinds) {
            const EndingState& state = states[kind];
            if (isChecked(kind) && m_version < 140000)
                continue;
            keys.insert(state.key.toString());
            if (!isAsExpected(state))
                results.append(word(kind) + QStringLiteral(": ") + verdictText(state) + QLatin1Char(' ') +
                               measuredText(state) + state.remark + (state.error ? state.error->what : QString()));
        }
        QCOMPARE(results.join(QLatin1Char('\n')), QString());
        QCOMPARE(keys.size(), static_cast<qsizetype>(allEndingKinds.size()) - (m_version < 140000 ? 2 : 0));
        nothingIsLeft();
    }

    void stoppedItSaysSoAndLeavesNothing()
    {
        EndingTrials trials(m_server->conninfo(), server());
        trials.run(EndingKind::Frozen, {.watchTime = 60s});
        QTRY_COMPARE(word(trials.state(EndingKind::Frozen).phase), QStringLiteral("running"));
        trials.stop(EndingKind::Frozen);
        QTRY_VERIFY(!trials.isBusy());
        QCOMPARE(word(trials.state(EndingKind::Frozen).phase), QStringLiteral("stopped"));
        QCOMPARE(verdictText(trials.state(EndingKind::Frozen)), QStringLiteral("stopped"));
        nothingIsLeft();
    }

    void resetForgetsEverythingAndLeavesNothing()
    {
        EndingTrials trials(m_server->conninfo(), server());
        for (const EndingKind kind : allEndingKinds)
            trials.run(kind, {.statementLength = 20s, .watchTime = 60s});
        QTRY_COMPARE_WITH_TIMEOUT(word(trials.state(EndingKind::Frozen).phase), QStringLiteral("running"), 20000);
        trials.reset();
        QTRY_VERIFY_WITH_TIMEOUT(!trials.isBusy(), 20000);
        for (const EndingKind kind : allEndingKinds)
            QCOMPARE(trials.state(kind), EndingState{.kind = kind});
        nothingIsLeft();
    }

    void destroyedInTheMiddleItLeavesNothing_data()
    {
        QTest::addColumn<EndingPhase>("phase");
        for (const EndingPhase phase : {EndingPhase::Idle, EndingPhase::Starting, EndingPhase::Holding,
                                        EndingPhase::Running, EndingPhase::Cleaning})
            QTest::newRow(qPrintable(word(phase))) << phase;
    }
    void destroyedInTheMiddleItLeavesNothing()
    {
        QFETCH(const EndingPhase, phase);
        auto trials = std::make_unique<EndingTrials>(m_server->conninfo(), server());
        QHash<EndingKind, EndingPhase> phases;
        connect(trials.get(), &EndingTrials::stateChanged, this,
                [&](const EndingState& state) { phases[state.kind] = state.phase; });
        const QList<EndingKind> kinds{EndingKind::KilledRunning, EndingKind::KilledWaiting, EndingKind::Frozen,
                                      EndingKind::CableCutBusy, EndingKind::ReturnedToPool};
        for (const EndingKind kind : kinds)
            trials->run(kind, {.statementLength = 20s, .watchTime = 1s});
        // Phases may be passed quickly: at least so far.
        const auto reached = [&](EndingKind kind) { return phases.value(kind) >= phase; };
        QVERIFY(QTest::qWaitFor(
            [&] {
                return reached(EndingKind::Frozen) &&
                       (phase > EndingPhase::Running || std::all_of(kinds.begin(), kinds.end(), reached));
            },
            30000));
        trials.reset();
        nothingIsLeft();
    }

    void aKilledConsoleLeavesNothing()
    {
        QProcess console;
        console.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        console.start(QStringLiteral(LOCKSCOPE_ENDINGS_HELPER), QStringList());
        QVERIFY(console.waitForStarted());
        QString text;
        const Conninfo conninfo = m_server->conninfo();
        for (const auto& [keyword, value] : conninfo.parameters())
            text += QStringLiteral("%1='%2' ").arg(keyword, value);
        console.write(text.toUtf8() + '\n' + QByteArray::number(m_version) + '\n');
        QTRY_VERIFY_WITH_TIMEOUT(console.canReadLine(), 20000);
        QCOMPARE(console.readLine(), QByteArray("running\n"));
        QVERIFY(scalar(*m_observer, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").toInt() >= 5);
        console.kill();
        QVERIFY(console.waitForFinished());
        // A statement that runs keeps its backend until it ends: four seconds.
        nothingIsLeft(20000);
    }

    void aServerWithoutTheCheckSaysSo()
    {
        EndingTrials trials(m_server->conninfo(), {.connected = true, .versionNumber = 130004});
        const EndingState state = finish(trials, EndingKind::KilledWaitingChecked, {});
        QCOMPARE(word(state.phase), QStringLiteral("explained"));
        QVERIFY2(state.remark.contains(QStringLiteral("PostgreSQL 14")), qPrintable(state.remark));
        nothingIsLeft();
    }

    void withoutAPoolerItIsExplained()
    {
        LabServer place = server();
        place.poolerProblem = QStringLiteral("PgBouncer is not installed.");
        EndingTrials trials(m_server->conninfo(), place);
        const EndingState state = finish(trials, EndingKind::KilledBehindPooler, {});
        QCOMPARE(word(state.phase), QStringLiteral("explained"));
        QCOMPARE(state.remark, place.poolerProblem);
        QCOMPARE(state.expected.text, QStringLiteral("not before the pooler closes its connection"));
    }

    void aSocketHasNoCable()
    {
        EndingTrials trials(m_server->sandbox().socketConninfo(), server());
        const EndingState state = finish(trials, EndingKind::CableCutQuiet, {});
        QCOMPARE(word(state.phase), QStringLiteral("explained"));
        QVERIFY2(state.remark.contains(QStringLiteral("Unix socket")), qPrintable(state.remark));
        QVERIFY(state.expected.latest);
        nothingIsLeft();
    }

    void noServerIsAnError()
    {
        EndingTrials trials(m_server->conninfo().with(QStringLiteral("port"), QStringLiteral("1")), server());
        const EndingState state = finish(trials, EndingKind::KilledIdle, {});
        QCOMPARE(word(state.phase), QStringLiteral("failed"));
        QVERIFY(state.error && state.error->kind == ErrorKind::Connection);
    }

private:
    [[nodiscard]] LabServer server() const { return {.connected = true, .sandbox = true, .versionNumber = m_version}; }

    /// A busy machine may be late; being early, or never, has nothing to do with it.
    static bool isAsExpected(const EndingState& state)
    {
        return state.verdict == EndingVerdict::AsExpected ||
               (state.verdict == EndingVerdict::Later && state.released &&
                differenceOf(state.expected, state.released, state.watched) < 1s);
    }

    static EndingState finish(EndingTrials& trials, EndingKind kind, const EndingSettings& settings)
    {
        trials.run(kind, settings);
        if (!QTest::qWaitFor([&] { return !trials.isBusy(); }, 60000))
            QTest::qFail("the trial did not finish", __FILE__, __LINE__);
        const EndingState state = trials.state(kind);
        qInfo("%s: expected %s, measured %s, %s\n  %s", qPrintable(word(kind)), qPrintable(state.expected.text),
              qPrintable(measuredText(state)), qPrintable(verdictText(state)),
              qPrintable(state.evidence.join(QStringLiteral("\n  "))));
        if (state.error)
            qInfo("  %s %s", qPrintable(state.error->what), qPrintable(state.error->serverWords));
        return state;
    }

    void nothingIsLeft(int timeout = 5000)
    {
        QTRY_COMPARE_WITH_TIMEOUT(
            scalar(*m_observer, "SELECT string_agg(application_name || ' ' || query, '; ') FROM pg_stat_activity "
                                "WHERE application_name LIKE '%lockscope%'"),
            QString(), timeout);
        QTRY_COMPARE_WITH_TIMEOUT(scalar(*m_observer, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"),
                                  QStringLiteral("0"), timeout);
    }

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_observer;
    int m_version = 0;
};

QTEST_GUILESS_MAIN(EndingTrialsTest)
#include "tst_endingtrials.moc"
