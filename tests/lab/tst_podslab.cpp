#include "app/lab/pods/podslab.h"
#include "app/platform/platform.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QSignalSpy>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

constexpr LockKey five = LockKey::bigint(5);
const QString podA = QStringLiteral("pod-a");
const QString podB = QStringLiteral("pod-b");

/// "pod-a 5: 202, 200", "pod-b 5 x3: 409"
QString text(const PodRequest& request)
{
    QString result = request.pod + QLatin1Char(' ') + request.key.toString();
    if (request.attempts > 1)
        result += QStringLiteral(" again");
    result += request.first ? QStringLiteral(": %1").arg(request.first->code) : QStringLiteral(": -");
    if (request.last)
        result += QStringLiteral(", %1").arg(request.last->code);
    return result;
}

QString texts(const PodsLabState& state)
{
    QStringList lines;
    for (const PodRequest& request : state.requests)
        lines.append(text(request));
    return lines.join(QStringLiteral("; "));
}

QString writes(const PodsLabState& state)
{
    QStringList lines;
    for (const PodWrite& write : state.writes) {
        lines.append(write.pod + (write.accepted ? QStringLiteral(" accepted") : QStringLiteral(" refused")) +
                     (write.stale ? QStringLiteral(" stale") : QString()) +
                     (write.late ? QStringLiteral(" late") : QString()) +
                     (isDamage(write) ? QStringLiteral(" damage") : QString()));
    }
    return lines.join(QStringLiteral("; "));
}

QString misbeliefs(const PodsLabState& state)
{
    QStringList lines;
    for (const PodMisbelief& misbelief : state.misbeliefs)
        lines.append(describe(misbelief));
    return lines.join(QLatin1Char(' '));
}

QString holders(const PodsLabState& state)
{
    QStringList lines;
    for (const PodHolder& holder : state.holders)
        lines.append(holder.key.toString() + QStringLiteral(": ") + holder.pod);
    return lines.join(QStringLiteral("; "));
}

} // namespace

/// Several pods as real processes around one real server.
class PodsLabTest final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("LOCKSCOPE_CLIENT", LOCKSCOPE_CLIENT_FILE);
        m_server = std::make_unique<test::TestServer>();
        QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
        m_observer = m_server->session(QStringLiteral("observer"));
    }
    void cleanupTestCase()
    {
        m_observer.reset();
        m_server.reset();
    }
    void init()
    {
        Suite::init();
        m_lab = std::make_unique<PodsLab>(m_server->conninfo());
    }
    void cleanup()
    {
        m_lab.reset();
        QTRY_COMPARE(ask("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%lockscope%' "
                         "AND application_name <> 'lockscope sandbox'"),
                     QStringLiteral("0"));
        QCOMPARE(ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("0"));
    }

    void namesItsPodsAndHasRoomForEight()
    {
        for (const char letter : {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'})
            QCOMPARE(m_lab->addPod(1), QStringLiteral("pod-") + QLatin1Char(letter));
        QCOMPARE(m_lab->addPod(1), QString());
        m_lab->removePod(QStringLiteral("pod-c"));
        QCOMPARE(m_lab->addPod(1), QStringLiteral("pod-c"));
        QTRY_COMPARE(m_lab->state().pods.size(), 8);
        QCOMPARE(m_lab->state().pods.at(2).name, QStringLiteral("pod-c"));
        QTRY_COMPARE(running(), 8);
    }

    void twoSyncsAndTheSecondIsRefused()
    {
        start(2);
        m_lab->sync(podA, five, 500ms);
        QTRY_COMPARE(texts(m_lab->state()), QStringLiteral("pod-a 5: 202"));
        m_lab->sync(podB, five, 500ms);
        QTRY_COMPARE(texts(m_lab->state()), QStringLiteral("pod-a 5: 202; pod-b 5: 409"));
        QTRY_COMPARE(holders(m_lab->state()), QStringLiteral("5: pod-a"));
        QTRY_COMPARE(texts(m_lab->state()), QStringLiteral("pod-a 5: 202, 200; pod-b 5: 409"));
        QTRY_COMPARE(holders(m_lab->state()), QString());
        QTRY_COMPARE(writes(m_lab->state()), QStringLiteral("pod-a accepted"));
        QCOMPARE(m_lab->state().counts,
                 (PodAnswerCounts{.accepted = 1, .done = 1, .refused = 1, .exhausted = 0, .lost = 0, .dropped = 0}));
        QCOMPARE(misbeliefs(m_lab->state()), QString());
    }

    void ofTwoAtOnceThePodsMapLetsOneThrough()
    {
        start(1);
        m_lab->sync(podA, five, 200ms);
        m_lab->sync(podA, five, 200ms);
        QTRY_COMPARE(texts(m_lab->state()), QStringLiteral("pod-a 5: 202, 200; pod-a 5: 409"));
        QVERIFY(m_lab->state().requests.at(1).first->refusedByMap);
    }

    void theNextPodGetsTheKeyWhenTheHolderIsKilled()
    {
        start(2);
        m_lab->setRetries(true);
        m_lab->sync(podA, five, 10min);
        QTRY_COMPARE(texts(m_lab->state()), QStringLiteral("pod-a 5: 202"));
        m_lab->sync(podB, five, 300ms);
        QTRY_COMPARE(texts(m_lab->state()), QStringLiteral("pod-a 5: 202; pod-b 5 again: 409"));
        m_lab->end(podA, ClientEnding::Kill);
        QTRY_COMPARE(texts(m_lab->state()), QStringLiteral("pod-a 5: 202, 502; pod-b 5 again: 202, 200"));
        QTRY_VERIFY(m_lab->state().handOver->keyFree);
        const PodHandOver handOver = *m_lab->state().handOver;
        QVERIFY(handOver.accepted);
        qInfo("hand-over: key free after %s, 202 after %s", qPrintable(formatDuration(*handOver.keyFree)),
              qPrintable(formatDuration(*handOver.accepted)));
        QCOMPARE(handOver.from, podA);
        QCOMPARE(handOver.to, podB);
        QCOMPARE(handOver.key, five);
        QVERIFY(*handOver.keyFree < 200ms);
        QVERIFY(*handOver.accepted < 1000ms);
        QTRY_COMPARE(writes(m_lab->state()), QStringLiteral("pod-b accepted"));
        m_lab->restart(podA);
        QTRY_COMPARE(running(), 2);
        m_lab->sync(podA, five, 0ms);
        QTRY_COMPARE(text(m_lab->state().requests.last()), QStringLiteral("pod-a 5: 202, 200"));
    }

    void withoutTheSwitchARefusedRequestStaysRefused()
    {
        start(2);
        m_lab->sync(podA, five, 300ms);
        QTRY_COMPARE(texts(m_lab->state()), QStringLiteral("pod-a 5: 202"));
        m_lab->sync(podB, five, 0ms);
        QTRY_COMPARE(texts(m_lab->state()), QStringLiteral("pod-a 5: 202, 200; pod-b 5: 409"));
        QCOMPARE(m_lab->state().requests.at(1).attempts, 1);
    }

    void aFrozenPodWakesWithAnOldToken_data()
    {
        QTest::addColumn<bool>("fencing");
        QTest::addColumn<QString>("written");
        QTest::newRow("without a fence") << false << QStringLiteral("pod-b accepted; pod-a accepted stale late damage");
        QTest::newRow("with a fence") << true << QStringLiteral("pod-b accepted; pod-a refused stale late");
    }
    void aFrozenPodWakesWithAnOldToken()
    {
        QFETCH(const bool, fencing);
        QFETCH(const QString, written);
        start(2);
        m_lab->setFencing(fencing);
        m_lab->sync(podA, five, 300ms);
        QTRY_COMPARE(texts(m_lab->state()), QStringLiteral("pod-a 5: 202"));
        m_lab->freeze(podA);
        QTRY_COMPARE(holders(m_lab->state()), QStringLiteral("5: pod-a"));
        m_lab->end(podA, ClientEnding::FromServer);
        QTRY_COMPARE(misbeliefs(m_lab->state()),
                     QStringLiteral("pod-a believes it holds key 5; on the server nobody holds it."));
        m_lab->sync(podB, five, 1s);
        QTRY_COMPARE(misbeliefs(m_lab->state()),
                     QStringLiteral("pod-a believes it holds key 5; the server gave it to pod-b."));
        QCOMPARE(m_lab->state().handOver->to, podB);
        QTRY_COMPARE(texts(m_lab->state()), QStringLiteral("pod-a 5: 202; pod-b 5: 202, 200"));
        QTRY_COMPARE(word(m_lab->state().pods.first().phase), QStringLiteral("frozen"));
        m_lab->thaw(podA);
        QTRY_COMPARE(texts(m_lab->state()), QStringLiteral("pod-a 5: 202, 500; pod-b 5: 202, 200"));
        QVERIFY(m_lab->state().requests.first().last->words.contains(QStringLiteral("57P01")));
        QCOMPARE(writes(m_lab->state()), written);
        QTRY_COMPARE(misbeliefs(m_lab->state()), QString());
    }

    void aTerminatedSessionsWriteIsSeenToBeLate()
    {
        start(1);
        m_lab->sync(podA, five, 600ms);
        QTRY_COMPARE(texts(m_lab->state()), QStringLiteral("pod-a 5: 202"));
        m_lab->end(podA, ClientEnding::FromServer);
        QTRY_COMPARE(texts(m_lab->state()), QStringLiteral("pod-a 5: 202, 500"));
        QCOMPARE(writes(m_lab->state()), QStringLiteral("pod-a accepted late damage"));
    }

    void namesAStrangerThatHoldsTheKey()
    {
        start(1);
        const auto stranger = m_server->session(QStringLiteral("stranger"));
        VERIFY_RESULT(stranger->executeOne("SELECT pg_advisory_lock(5)", 5s));
        m_lab->sync(podA, five, 0ms);
        QTRY_COMPARE(m_lab->state().holders.size(), 1);
        const PodHolder holder = m_lab->state().holders.first();
        QCOMPARE(holder.pod, QString());
        QCOMPARE(holder.pid, stranger->claimedPid());
        QCOMPARE(holder.applicationName, QStringLiteral("stranger"));
        QTRY_COMPARE(texts(m_lab->state()), QStringLiteral("pod-a 5: 409"));
    }

    void requestsArriveAtARateAndNoTwoPodsWorkAtOnce()
    {
        start(3);
        QSignalSpy answered(m_lab.get(), &PodsLab::answered);
        m_lab->setLoad(PodLoad{.requestsPerSecond = 50, .keys = 1, .firstKey = five, .work = 20ms});
        QTRY_VERIFY(answered.size() > 150);
        m_lab->setLoad({});
        QTRY_VERIFY(!m_lab->state().load);
        const auto open = [this] {
            int count = 0;
            for (const PodRequest& request : m_lab->state().requests)
                count += !request.first || (request.first->code == 202 && !request.last) ? 1 : 0;
            return count;
        };
        QTRY_COMPARE(open(), 0);
        const PodAnswerCounts counts = m_lab->state().counts;
        QCOMPARE(counts.done, counts.accepted);
        QVERIFY(counts.accepted > 10);
        QCOMPARE(counts.lost, 0);
        QTRY_COMPARE(m_lab->state().writes.size(), counts.accepted);
        // One after another: each write with a higher token than the one before.
        qint64 newest = 0;
        for (const PodWrite& write : m_lab->state().writes) {
            QVERIFY(write.accepted && !write.stale && !write.late);
            QVERIFY(write.token > newest);
            newest = write.token;
        }
        QVERIFY(m_lab->state().requests.size() <= 500);
    }

    void aLoadDoesNotPileUpBeforeAFrozenPod()
    {
        start(1);
        m_lab->freeze(podA);
        m_lab->setLoad(PodLoad{.requestsPerSecond = 50, .keys = 2, .firstKey = five, .work = 0ms});
        QTRY_VERIFY(m_lab->state().counts.dropped > 5);
        QCOMPARE(m_lab->state().requests.size(), 8);
        m_lab->setLoad({});
        m_lab->thaw(podA);
        QTRY_VERIFY(m_lab->state().counts.done > 0);
        m_lab->clear();
        QTRY_COMPARE(m_lab->state().requests.size(), 0);
        QCOMPARE(m_lab->state().counts, PodAnswerCounts());
    }

    void removingAPodEndsItsProcessAndItsRequests()
    {
        start(2);
        m_lab->sync(podA, five, 10min);
        QTRY_COMPARE(texts(m_lab->state()), QStringLiteral("pod-a 5: 202"));
        const qint64 process = m_lab->state().pods.first().processId;
        m_lab->removePod(podA);
        QTRY_VERIFY(!platform::processExists(process));
        QCOMPARE(texts(m_lab->state()), QStringLiteral("pod-a 5: 202, 502"));
        QTRY_COMPARE(m_lab->state().pods.size(), 1);
        QTRY_COMPARE(holders(m_lab->state()), QString());
    }

private:
    QString ask(const QByteArray& sql) { return test::scalar(*m_observer, sql); }
    int running()
    {
        int count = 0;
        for (const PodState& pod : m_lab->state().pods)
            count += pod.phase == PodPhase::Running ? 1 : 0;
        return count;
    }
    void start(int pods)
    {
        for (int pod = 0; pod < pods; ++pod)
            m_lab->addPod(2);
        QTRY_COMPARE(running(), pods);
    }

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_observer;
    std::unique_ptr<PodsLab> m_lab;
};

QTEST_GUILESS_MAIN(PodsLabTest)
#include "tst_podslab.moc"
