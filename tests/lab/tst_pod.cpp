#include "app/lab/pods/pod.h"
#include "app/lab/releasewatch.h"
#include "app/platform/platform.h"
#include "tests/lab/clientsuite.h"

#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QSignalSpy>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

constexpr LockKey five = LockKey::bigint(5);

/// "running | free, syncs 5 | Map: {5}"
QString text(const PodState& state)
{
    QStringList connections;
    for (const PodConnection& connection : state.connections)
        connections.append(connection.doing);
    QStringList keys;
    for (const LockKey& key : state.map)
        keys.append(key.toString());
    return QStringLiteral("%1 | %2 | Map: {%3}")
        .arg(word(state.phase), connections.join(QStringLiteral(", ")), keys.join(QStringLiteral(", ")));
}

/// What a pod answered and wrote, in order: "202 accepted #1", "wrote 5", "200 done #1".
class Record final : public QObject
{
public:
    explicit Record(Pod* pod)
    {
        connect(pod, &Pod::answered, this, [this](const PodAnswer& answer) {
            answers.append(answer);
            lines.append(QStringLiteral("%1 %2 #%3")
                             .arg(QString::number(answer.code), answer.words, QString::number(answer.request)));
        });
        connect(pod, &Pod::wrote, this, [this](LockKey key, qint64 token) {
            tokens.append(token);
            lines.append(QStringLiteral("wrote %1").arg(key.toString()));
        });
    }
    [[nodiscard]] QString text() const { return lines.join(QStringLiteral("; ")); }
    QStringList lines;
    QList<PodAnswer> answers;
    QList<qint64> tokens;
};

} // namespace

/// A pod as a real process on a real server.
class PodTest final : public test::ClientSuite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { startServer(LOCKSCOPE_CLIENT_FILE); }
    void cleanupTestCase() { stopServer(); }
    void cleanup()
    {
        QTRY_COMPARE(ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
        QTRY_COMPARE(sessionsOfPods(), QStringLiteral("0"));
    }

    void opensItsConnectionsUnderItsName()
    {
        const auto pod = started(QStringLiteral("pod-a"), 3);
        QCOMPARE(text(pod->state()), QStringLiteral("running | free, free, free | Map: {}"));
        QVERIFY(platform::processExists(pod->state().processId));
        QCOMPARE(ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pod-a (lockscope client)'"),
                 QStringLiteral("3"));
    }

    void locksWorksWritesAndUnlocks()
    {
        const auto pod = started(QStringLiteral("pod-a"), 2);
        const Record record(pod.get());
        QCOMPARE(pod->sync(five, 300ms), 1U);
        QTRY_COMPARE(record.text(), QStringLiteral("202 accepted #1"));
        QCOMPARE(text(pod->state()), QStringLiteral("running | syncs 5, free | Map: {5}"));
        // While it works no statement runs: the session is idle, and holds.
        QCOMPARE(ask("SELECT a.pid::text || ' ' || a.state FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
                     "WHERE l.locktype = 'advisory' AND l.objid = 5"),
                 QStringLiteral("%1 idle").arg(pod->state().connections.first().backendPid));
        QTRY_COMPARE(record.text(), QStringLiteral("202 accepted #1; wrote 5; 200 done #1"));
        QCOMPARE(text(pod->state()), QStringLiteral("running | free, free | Map: {}"));
        QCOMPARE(record.answers.last().token, std::optional(record.tokens.first()));
        QVERIFY(record.answers.last().elapsed >= 300ms);
    }

    void everyAcquisitionDrawsAHigherToken()
    {
        const auto a = started(QStringLiteral("pod-a"), 1);
        const auto b = started(QStringLiteral("pod-b"), 1);
        const Record ofA(a.get());
        const Record ofB(b.get());
        QList<qint64> tokens;
        for (int round = 0; round < 5; ++round) {
            a->sync(five, 0ms);
            QTRY_COMPARE(ofA.tokens.size(), round + 1);
            QTRY_COMPARE(ofA.answers.last().code, 200);
            b->sync(five, 0ms);
            QTRY_COMPARE(ofB.tokens.size(), round + 1);
            QTRY_COMPARE(ofB.answers.last().code, 200);
            tokens.append(ofA.tokens.last());
            tokens.append(ofB.tokens.last());
        }
        for (qsizetype i = 1; i < tokens.size(); ++i)
            QVERIFY2(tokens.at(i) > tokens.at(i - 1), qPrintable(QString::number(tokens.at(i))));
    }

    void anotherPodIsRefusedAndToldWhoHolds()
    {
        const auto a = started(QStringLiteral("pod-a"), 1);
        const auto b = started(QStringLiteral("pod-b"), 1);
        const Record ofA(a.get());
        const Record ofB(b.get());
        a->sync(LockKey::pair(-5, 7), 10s);
        QTRY_COMPARE(ofA.text(), QStringLiteral("202 accepted #1"));
        b->sync(LockKey::pair(-5, 7), 10s);
        QTRY_COMPARE(ofB.text(), QStringLiteral("409 held by another session: pod-a, pid %1 #1")
                                     .arg(a->state().connections.first().backendPid));
        QVERIFY(!ofB.answers.first().refusedByMap);
        QCOMPARE(text(b->state()), QStringLiteral("running | free | Map: {}"));
    }

    void ofConcurrentRequestsForOneKeyTheMapLetsOneThrough()
    {
        const auto pod = started(QStringLiteral("pod-a"), 8);
        const Record record(pod.get());
        for (int request = 0; request < 20; ++request)
            pod->sync(five, 500ms);
        QTRY_COMPARE(record.answers.size(), 20);
        int accepted = 0;
        int refused = 0;
        for (const PodAnswer& answer : record.answers) {
            accepted += answer.code == 202 ? 1 : 0;
            refused +=
                answer.code == 409 && answer.refusedByMap && answer.words == QStringLiteral("this pod syncs it already")
                    ? 1
                    : 0;
        }
        QCOMPARE(accepted, 1);
        QCOMPARE(refused, 19);
        QTRY_COMPARE(record.answers.last().code, 200);
    }

    void withoutAFreeConnectionItAnswers503()
    {
        const auto pod = started(QStringLiteral("pod-a"), 2);
        const Record record(pod.get());
        pod->sync(LockKey::bigint(1), 300ms);
        pod->sync(LockKey::bigint(2), 300ms);
        pod->sync(LockKey::bigint(3), 300ms);
        QTRY_COMPARE(record.answers.size(), 3);
        QVERIFY2(record.text().contains(QStringLiteral("503 pool exhausted: all 2 connections are taken #3")),
                 qPrintable(record.text()));
        QTRY_COMPARE(record.answers.size(), 5);
        pod->sync(LockKey::bigint(3), 0ms);
        QTRY_COMPARE(record.answers.last().code, 200);
    }

    void killedItFreesTheKeyWithinAFifthOfASecond()
    {
        const auto a = started(QStringLiteral("pod-a"), 3);
        const auto b = started(QStringLiteral("pod-b"), 1);
        const Record ofA(a.get());
        const Record ofB(b.get());
        a->sync(five, 10min);
        QTRY_COMPARE(ofA.text(), QStringLiteral("202 accepted #1"));
        const qint32 holder = a->state().connections.first().backendPid;
        QSignalSpy observed(a.get(), &Pod::releaseObserved);
        a->end(ClientEnding::Kill);
        QTRY_COMPARE(observed.size(), 1);
        const ReleaseTimeline timeline = *a->state().release;
        QVERIFY2(!timeline.error, qPrintable(timeline.error ? timeline.error->what : QString()));
        QCOMPARE(timeline.backendPid, holder);
        QCOMPARE(timeline.keys, QList<LockKey>{five});
        QVERIFY(timeline.keysFree && timeline.backendGone && timeline.processGone);
        qInfo("killed -9: key free after %s, backends gone after %s", qPrintable(formatDuration(*timeline.keysFree)),
              qPrintable(formatDuration(*timeline.backendGone)));
        QVERIFY(*timeline.keysFree < 200ms);
        QVERIFY(a->endingSentAt());
        QCOMPARE(text(a->state()), QStringLiteral("ended |  | Map: {}"));
        QVERIFY(!a->state().ending);
        QCOMPARE(ofA.text(), QStringLiteral("202 accepted #1; 502 the pod ended before it answered #1"));
        QCOMPARE(ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pod-a (lockscope client)'"),
                 QStringLiteral("0"));
        b->sync(five, 0ms);
        QTRY_COMPARE(ofB.text(), QStringLiteral("202 accepted #1; wrote 5; 200 done #1"));
        a->sync(five, 0ms);
        QTRY_COMPARE(ofA.lines.last(), QStringLiteral("503 the pod is not running #2"));
    }

    void everyEndingTakesTheProcessAndItsSessions_data()
    {
        QTest::addColumn<ClientEnding>("ending");
        QTest::newRow("SIGTERM") << ClientEnding::Terminate;
        QTest::newRow("quit") << ClientEnding::Quit;
        QTest::newRow("kill") << ClientEnding::Kill;
    }
    void everyEndingTakesTheProcessAndItsSessions()
    {
        QFETCH(ClientEnding, ending);
        const auto pod = started(QStringLiteral("pod-a"), 2);
        const Record record(pod.get());
        pod->sync(five, 10min);
        QTRY_COMPARE(record.answers.size(), 1);
        const qint64 process = pod->state().processId;
        pod->end(ending);
        QTRY_COMPARE(word(pod->state().phase), QStringLiteral("ended"));
        QVERIFY(!platform::processExists(process));
        QTRY_COMPARE(sessionsOfPods(), QStringLiteral("0"));
        QVERIFY(!record.text().contains(QStringLiteral("wrote")));
    }

    void aTerminatedSessionIsLearntAtTheUnlockAndReplaced()
    {
        const auto pod = started(QStringLiteral("pod-a"), 1);
        const Record record(pod.get());
        pod->sync(five, 700ms);
        QTRY_COMPARE(record.answers.size(), 1);
        const qint32 before = pod->state().connections.first().backendPid;
        QSignalSpy observed(pod.get(), &Pod::releaseObserved);
        pod->end(ClientEnding::FromServer);
        QTRY_COMPARE(observed.size(), 1);
        QVERIFY(pod->state().release->keysFree);
        // The key is free, and the pod works on: nobody has told it.
        QCOMPARE(text(pod->state()), QStringLiteral("running | syncs 5 | Map: {5}"));
        QCOMPARE(ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
        QTRY_COMPARE(record.text(), QStringLiteral("202 accepted #1; wrote 5; "
                                                   "500 lock lost: the server has ended the session (57P01) #1"));
        QTRY_COMPARE(text(pod->state()), QStringLiteral("running | free | Map: {}"));
        QVERIFY(pod->state().connections.first().backendPid != before);
        pod->sync(five, 0ms);
        QTRY_COMPARE(record.answers.last().code, 200);
    }

    void aFreeConnectionThatTheServerEndsIsReplacedAtOnce()
    {
        const auto pod = started(QStringLiteral("pod-a"), 2);
        const qint32 before = pod->state().connections.first().backendPid;
        pod->end(ClientEnding::FromServer);
        QTRY_VERIFY(pod->state().connections.first().backendPid != before &&
                    text(pod->state()) == QStringLiteral("running | free, free | Map: {}"));
        QCOMPARE(sessionsOfPods(), QStringLiteral("2"));
    }

    void aFrozenPodWakesAndWritesWithItsOldToken()
    {
        const auto pod = started(QStringLiteral("pod-a"), 1);
        const Record record(pod.get());
        pod->sync(five, 400ms);
        QTRY_COMPARE(record.answers.size(), 1);
        pod->freeze();
        QCOMPARE(word(pod->state().phase), QStringLiteral("frozen"));
        pod->end(ClientEnding::FromServer);
        QTRY_COMPARE(ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
        const auto b = started(QStringLiteral("pod-b"), 1);
        const Record ofB(b.get());
        b->sync(five, 200ms);
        QTRY_COMPARE(ofB.text(), QStringLiteral("202 accepted #1; wrote 5; 200 done #1"));
        QCOMPARE(text(pod->state()), QStringLiteral("frozen | syncs 5 | Map: {5}"));
        pod->thaw();
        QTRY_COMPARE(record.text(), QStringLiteral("202 accepted #1; wrote 5; "
                                                   "500 lock lost: the server has ended the session (57P01) #1"));
        // The token tells the two writes apart: the later one is the older one.
        QVERIFY(record.tokens.first() < ofB.tokens.first());
    }

    void aPodThatCannotConnectSaysWhy()
    {
        Pod pod(QStringLiteral("pod-a"),
                m_server->conninfo().with(QStringLiteral("dbname"), QStringLiteral("no such database")), 2, m_watch);
        pod.start();
        QTRY_COMPARE(word(pod.state().phase), QStringLiteral("ended"));
        QVERIFY(pod.state().ending);
        QVERIFY2(pod.state().ending->serverWords.contains(QStringLiteral("no such database")),
                 qPrintable(pod.state().ending->serverWords));
    }

    void aMissingProgramIsAnError()
    {
        qputenv("LOCKSCOPE_CLIENT", "/nonexistent/lockscope-client");
        Pod pod(QStringLiteral("pod-a"), m_server->conninfo(), 1, m_watch);
        pod.start();
        qputenv("LOCKSCOPE_CLIENT", LOCKSCOPE_CLIENT_FILE);
        QCOMPARE(word(pod.state().phase), QStringLiteral("ended"));
        QVERIFY(pod.state().ending->advice.contains(QStringLiteral("/nonexistent/lockscope-client")));
    }

    void noPasswordInArgumentsOrEnvironment()
    {
        const QByteArray password = m_server->conninfo().value(QStringLiteral("password")).toUtf8();
        QVERIFY(!password.isEmpty());
        qputenv("PGPASSWORD", password);
        Pod pod(QStringLiteral("pod-a"), m_server->conninfo().with(QStringLiteral("password"), {}), 2, m_watch);
        pod.start();
        QTRY_COMPARE(text(pod.state()), QStringLiteral("running | free, free | Map: {}"));
        qunsetenv("PGPASSWORD");
        for (const char* name : {"cmdline", "environ"}) {
            QFile file(QStringLiteral("/proc/%1/%2").arg(QString::number(pod.state().processId), QLatin1String(name)));
            const bool readable = file.open(QIODevice::ReadOnly);
            const QByteArray content = readable ? file.readAll() : QByteArray();
            QVERIFY(!content.contains(password));
            QVERIFY(!content.contains("PGPASSWORD"));
        }
    }

    void diesWithItsConsole_data()
    {
        QTest::addColumn<bool>("frozen");
        QTest::newRow("running") << false;
        QTest::newRow("frozen") << true;
    }
    void diesWithItsConsole()
    {
        QFETCH(bool, frozen);
        QProcess console;
        console.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        console.start(QStringLiteral(LOCKSCOPE_CONSOLE_HELPER), QStringList());
        console.write((m_server->conninfo().toTextWithoutSecrets() +
                       QStringLiteral(" password='%1'\n").arg(m_server->conninfo().value(QStringLiteral("password"))))
                          .toUtf8());
        QTRY_VERIFY(console.canReadLine());
        const QList<QByteArray> ids = console.readLine().trimmed().split(' ');
        const qint64 process = ids.value(0).toLongLong();
        QVERIFY(platform::processExists(process));
        QCOMPARE(ask("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 77"),
                 QString::fromUtf8(ids.value(1)));
        if (frozen)
            VERIFY_RESULT(platform::sendSignal(process, platform::ProcessSignal::Stop));
        console.kill();
        QTRY_VERIFY_WITH_TIMEOUT(!platform::processExists(process), 1000);
        QTRY_COMPARE_WITH_TIMEOUT(sessionsOfPods(), QStringLiteral("0"), 1000);
        QTRY_COMPARE(console.state(), QProcess::NotRunning);
    }

    void aPodIsNotToldWhatOnlyClientsDo()
    {
        QProcess process;
        process.start(QStringLiteral(LOCKSCOPE_CLIENT_FILE),
                      {QString::number(platform::currentProcessId()), QStringLiteral("pod-a"), QStringLiteral("pod")});
        process.write("nonsense\n{\"type\":\"begin\"}\n"
                      "{\"type\":\"sync\",\"request\":1,\"workMs\":1,\"key\":{\"form\":\"bigint\",\"key\":\"5\"}}\n");
        QByteArray said;
        QTRY_COMPARE((said += process.readAllStandardOutput()).count('\n'), 3);
        QCOMPARE(said.count("\"type\":\"complaint\""), 3);
        process.closeWriteChannel();
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitCode(), 0);
    }

private:
    QString sessionsOfPods()
    {
        return ask("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%(lockscope client)'");
    }
    std::unique_ptr<Pod> started(const QString& name, int connections)
    {
        auto pod = std::make_unique<Pod>(name, m_server->conninfo(), connections, m_watch);
        pod->start();
        [&] { QTRY_COMPARE(word(pod->state().phase), QStringLiteral("running")); }();
        return pod;
    }
};

QTEST_GUILESS_MAIN(PodTest)
#include "tst_pod.moc"
