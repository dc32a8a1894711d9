#include "app/postgres/cancelkey.h"
#include "app/postgres/serverinquiry.h"
#include "tests/postgres/listener.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>
#include <QTemporaryDir>

#include <thread>

using namespace lockscope;
using namespace std::chrono_literals;
using test::Listener;
using test::scalar;

namespace {

/// Runs something while the thread of the test waits, and joins at the end.
class Meanwhile
{
public:
    explicit Meanwhile(std::function<void()> work)
        : m_thread(std::move(work))
    {
    }
    ~Meanwhile() { m_thread.join(); }
    Q_DISABLE_COPY_MOVE(Meanwhile)

private:
    std::thread m_thread;
};

} // namespace

class tst_LibpqConnection final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_server = std::make_unique<test::TestServer>();
        QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    }
    void cleanupTestCase() { m_server.reset(); }

    void opensAnswersAndCloses()
    {
        LibpqConnection connection;
        QVERIFY(!connection.isOpen());
        QVERIFY(connection.isBroken());
        VERIFY_RESULT(connection.open(conninfo(), 10s));
        QVERIFY(connection.isOpen());
        QVERIFY(connection.socket() >= 0);
        QVERIFY(connection.handle() != nullptr);
        QCOMPARE(scalar(connection, "SELECT pg_backend_pid()"), QString::number(connection.claimedPid()));
        connection.close();
        QVERIFY(!connection.isOpen());
        const auto answer = connection.execute("SELECT 1", 1s);
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::Connection);
        VERIFY_RESULT(connection.open(conninfo(), 10s));
        QCOMPARE(scalar(connection, "SELECT 1"), QStringLiteral("1"));
    }

    void answersEachStatementInOrder()
    {
        const auto session = m_server->session();
        const auto answers = session->execute(
            "SELECT 1 UNION ALL SELECT -5 ORDER BY 1; SET lock_timeout = 5; SELECT 'x', NULL::int, true, false", 5s);
        VERIFY_RESULT(answers);
        QCOMPARE(answers->size(), 3u);
        QCOMPARE((*answers)[0].rows(), 2);
        QCOMPARE((*answers)[0].columns(), 1);
        QCOMPARE((*answers)[0].int64(0, 0), -5);
        QCOMPARE((*answers)[1].columns(), 0);
        const auto& last = (*answers)[2];
        QCOMPARE(last.text(0, 0), QStringLiteral("x"));
        QVERIFY(last.isNull(0, 1));
        QCOMPARE(last.int64(0, 1), 0);
        QVERIFY(last.boolean(0, 2));
        QVERIFY(!last.boolean(0, 3));
        QVERIFY(!last.boolean(0, 1));
        QCOMPARE(session->executeOne("SELECT 1; SELECT 9223372036854775807", 5s).value().int64(0, 0),
                 std::numeric_limits<qint64>::max());
        QVERIFY(session->execute("", 5s).value().empty());
        QVERIFY(!session->executeOne(" ; ", 5s));
    }

    void keepsSqlStateAndWordsOfAStatementError()
    {
        const auto session = m_server->session();
        const auto answer = session->execute("SELECT 1; SELECT 1/0; SELECT 2", 5s);
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::Server);
        QCOMPARE(answer.error().sqlState, QStringLiteral("22012"));
        QCOMPARE(answer.error().serverWords, QStringLiteral("ERROR:  22012: division by zero"));
        QVERIFY(!session->isBroken());

        const auto raised =
            session->execute("DO $$ BEGIN RAISE 'told %', 7 USING DETAIL = 'because', HINT = 'do this', "
                             "ERRCODE = 'LS001'; END $$",
                             5s);
        QVERIFY(!raised);
        QCOMPARE(raised.error().serverWords, QStringLiteral("ERROR:  LS001: told 7\nDETAIL:  because\nHINT:  do this"));
        QCOMPARE(scalar(*session, "SELECT 3"), QStringLiteral("3"));
    }

    void explainsWhatTheServerSaysAboutLocks()
    {
        const auto holder = m_server->session();
        const auto waiter = m_server->session();
        VERIFY_RESULT(holder->execute("SELECT pg_advisory_lock(5)", 5s));
        const auto timedOut = waiter->execute("SET lock_timeout = 50; SELECT pg_advisory_lock(5)", 5s);
        QVERIFY(!timedOut);
        QCOMPARE(timedOut.error().sqlState, QStringLiteral("55P03"));
        QVERIFY2(timedOut.error().what.contains(QStringLiteral("lock_timeout")), qPrintable(timedOut.error().what));

        const auto failedTransaction = waiter->execute("BEGIN; SELECT 1/0", 5s);
        QVERIFY(!failedTransaction);
        const auto inFailed = waiter->execute("SELECT 1", 5s);
        QVERIFY(!inFailed);
        QCOMPARE(inFailed.error().sqlState, QStringLiteral("25P02"));
        QVERIFY(inFailed.error().advice.contains(QStringLiteral("Roll back")));
        VERIFY_RESULT(waiter->execute("ROLLBACK", 5s));
    }

    void collectsNotices()
    {
        const auto session = m_server->session();
        VERIFY_RESULT(session->execute("SELECT pg_advisory_unlock(424242)", 5s));
        QCOMPARE(session->takeNotices(),
                 QStringList{QStringLiteral("WARNING: you don't own a lock of type ExclusiveLock")});
        QCOMPARE(session->takeNotices(), QStringList());
    }

    void collectsNoticesOfTheLogin()
    {
        const auto session = m_server->session();
        VERIFY_RESULT(session->execute(
            "CREATE ROLE warned LOGIN PASSWORD 'w'; ALTER ROLE warned SET default_tablespace = 'nowhere'", 5s));
        LibpqConnection connection;
        VERIFY_RESULT(connection.open(as(QStringLiteral("warned"), QStringLiteral("w")), 10s));
        QCOMPARE(
            connection.takeNotices(),
            QStringList{QStringLiteral("WARNING: invalid value for parameter \"default_tablespace\": \"nowhere\"")});
    }

    void boundsAFloodOfNotices()
    {
        const auto session = m_server->session();
        VERIFY_RESULT(
            session->execute("DO $$ BEGIN FOR i IN 1..1500 LOOP RAISE NOTICE 'n%', i; END LOOP; END $$", 10s));
        const auto notices = session->takeNotices();
        QCOMPARE(notices.size(), 1001);
        QCOMPARE(notices.first(), QStringLiteral("NOTICE: n1"));
        QVERIFY2(notices.last().contains(QStringLiteral("500")), qPrintable(notices.last()));
    }

    void bytesThatAreNoUtf8BecomeReplacementCharacters()
    {
        const auto session = m_server->session();
        const auto answers = session->execute("SET client_encoding = LATIN1; SELECT E'caf\\u00e9!'", 5s);
        VERIFY_RESULT(answers);
        QCOMPARE(answers->back().bytes(0, 0).toByteArray(), QByteArray("caf\xe9!"));
        QCOMPARE(answers->back().text(0, 0), QStringLiteral("caf\ufffd!"));
    }

    void cancelsAStatementAtItsDeadlineAndStaysUsable()
    {
        const auto session = m_server->session();
        QElapsedTimer timer;
        timer.start();
        const auto answer = session->execute("SELECT pg_sleep(30)", 300ms);
        const auto elapsed = timer.elapsed();
        QVERIFY(!answer);
        QCOMPARE(answer.error().sqlState, QStringLiteral("57014"));
        QVERIFY2(answer.error().what.contains(QStringLiteral("300 ms")), qPrintable(answer.error().what));
        QVERIFY2(elapsed >= 300 && elapsed < 1300, qPrintable(QString::number(elapsed)));
        for (int i = 0; i < 5; ++i)
            QCOMPARE(scalar(*session, "SELECT 'still here' FROM pg_sleep(0.01)"), QStringLiteral("still here"));
    }

    void closesWhenCancellingDoesNotHelp()
    {
        auto session = m_server->session();
        const auto backend = session->claimedPid();
        VERIFY_RESULT(platform::sendSignal(backend, platform::ProcessSignal::Stop));
        QElapsedTimer timer;
        timer.start();
        const auto answer = session->execute("SELECT 1", 200ms);
        const auto elapsed = timer.elapsed();
        VERIFY_RESULT(platform::sendSignal(backend, platform::ProcessSignal::Continue));
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::Connection);
        QVERIFY(session->isBroken());
        QVERIFY2(elapsed >= 1200 && elapsed < 2200, qPrintable(QString::number(elapsed)));
    }

    void wakingUpEndsALongWaitAndTheStatement()
    {
        platform::WakeUp wakeUp;
        LibpqConnection connection(&wakeUp);
        VERIFY_RESULT(
            connection.open(conninfo().with(QStringLiteral("application_name"), QStringLiteral("woken")), 10s));
        const auto witness = m_server->session();
        const QByteArray running =
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'woken' AND state = 'active'";
        std::chrono::steady_clock::time_point rungAt;
        {
            const Meanwhile ringer([&] {
                while (scalar(*witness, running) != QStringLiteral("1"))
                    std::this_thread::yield();
                rungAt = std::chrono::steady_clock::now();
                wakeUp.ring();
            });
            const auto answer = connection.execute("SELECT pg_sleep(30)", 30s);
            const auto returnedAt = std::chrono::steady_clock::now();
            QVERIFY(!answer);
            QCOMPARE(answer.error().kind, ErrorKind::Connection);
            QVERIFY(returnedAt - rungAt < 100ms);
        }
        QVERIFY(connection.isBroken());
        // The server does not notice a closed socket while a statement runs, so it is told.
        QTRY_COMPARE(scalar(*witness, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'woken'"),
                     QStringLiteral("0"));
        QVERIFY(!connection.open(conninfo(), 10s)); // still rung
        wakeUp.clear();
        VERIFY_RESULT(connection.open(conninfo(), 10s));
        QCOMPARE(scalar(connection, "SELECT 1"), QStringLiteral("1"));
    }

    void wakingUpEndsALogin()
    {
        const Listener listener(Listener::Manner::Silent);
        platform::WakeUp wakeUp;
        LibpqConnection connection(&wakeUp);
        std::chrono::steady_clock::time_point rungAt;
        {
            const Meanwhile ringer([&] {
                std::this_thread::sleep_for(
                    50ms); // either side of the ring is right; this makes the wait the likely one
                rungAt = std::chrono::steady_clock::now();
                wakeUp.ring();
            });
            const auto opened = connection.open(at(listener.port()), 30s);
            const auto returnedAt = std::chrono::steady_clock::now();
            QVERIFY(!opened);
            QCOMPARE(opened.error().kind, ErrorKind::Connection);
            QVERIFY(returnedAt - rungAt < 100ms);
        }
    }

    void tellsThatTheServerEndedTheSession()
    {
        const auto session = m_server->session();
        const auto killer = m_server->session();
        const auto pid = QByteArray::number(session->claimedPid());
        QCOMPARE(scalar(*killer, "SELECT pg_terminate_backend(" + pid + ")"), QStringLiteral("t"));
        QTRY_COMPARE(scalar(*killer, "SELECT count(*) FROM pg_stat_activity WHERE pid = " + pid), QStringLiteral("0"));
        const auto answer = session->execute("SELECT 1", 5s);
        QVERIFY(!answer);
        QCOMPARE(answer.error().sqlState, QStringLiteral("57P01"));
        QCOMPARE(answer.error().kind, ErrorKind::Connection);
        QVERIFY(session->isBroken());
        const auto again = session->execute("SELECT 1", 5s);
        QVERIFY(!again);
        QCOMPARE(again.error().kind, ErrorKind::Connection);
    }

    void aSocketShutDownFromElsewhereEndsTheWait()
    {
        const auto session = m_server->session();
        const auto socket = session->socket();
        QElapsedTimer timer;
        timer.start();
        const Meanwhile cutter([socket] {
            std::this_thread::sleep_for(50ms);
            platform::shutdownSocket(socket);
        });
        const auto answer = session->execute("SELECT pg_sleep(2)", 20s);
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::Connection);
        QVERIFY(answer.error().what.contains(QStringLiteral("may still hold")));
        QVERIFY(timer.elapsed() < 1500);
        QVERIFY(session->isBroken());
    }

    void refusesCopyWithoutLosingTheSession()
    {
        const auto session = m_server->session();
        VERIFY_RESULT(session->execute("CREATE TEMP TABLE t (i int); SELECT pg_advisory_lock(77)", 5s));
        const auto in = session->execute("COPY t FROM STDIN", 5s);
        QVERIFY(!in);
        QCOMPARE(in.error().kind, ErrorKind::Usage);
        QVERIFY(!session->isBroken());
        const auto out =
            session->execute("COPY (SELECT repeat('x', 1000), generate_series(1, 100000000)) TO STDOUT", 20s);
        QVERIFY(!out);
        QCOMPARE(out.error().kind, ErrorKind::Usage);
        QVERIFY(!session->isBroken());
        const auto shortOut = session->execute("COPY (SELECT 1) TO STDOUT; SELECT 2", 5s);
        QVERIFY(!shortOut);
        QVERIFY(!session->isBroken());
        QCOMPARE(
            scalar(*session, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"),
            QStringLiteral("1"));
    }

    void sendsAndReceivesMegabytes()
    {
        const auto session = m_server->session();
        const auto answer =
            session->executeOne("SELECT length('" + QByteArray(8'000'000, 'a') + "'), repeat('b', 30000000)", 30s);
        VERIFY_RESULT(answer);
        QCOMPARE(answer->int64(0, 0), 8'000'000);
        QCOMPARE(answer->bytes(0, 1).size(), 30'000'000);
    }

    void aCancelKeyWorksFromElsewhere()
    {
        const auto session = m_server->session();
        const auto witness = m_server->session();
        const CancelKey key(session->handle());
        QVERIFY(key.isValid());
        const auto running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid = " +
                             QByteArray::number(session->claimedPid());
        bool taken = false;
        {
            const Meanwhile canceller([&] {
                while (scalar(*witness, running) != QStringLiteral("1"))
                    std::this_thread::yield();
                taken = key.send().get();
            });
            const auto answer = session->execute("SELECT pg_sleep(20)", 20s);
            QVERIFY(!answer);
            QCOMPARE(answer.error().sqlState, QStringLiteral("57014"));
        }
        QVERIFY(taken);
        QVERIFY(!CancelKey().send().get());
    }

    void goesOnToTheNextHost_data()
    {
        QTest::addColumn<int>("manner");
        QTest::newRow("behind one that does not answer") << static_cast<int>(Listener::Manner::Silent);
        QTest::newRow("behind one that drops packets") << static_cast<int>(Listener::Manner::Deaf);
    }
    void goesOnToTheNextHost()
    {
        QFETCH(int, manner);
        const Listener listener(static_cast<Listener::Manner>(manner));
        const auto port = conninfo().value(QStringLiteral("port"));
        const auto several =
            conninfo()
                .with(QStringLiteral("host"), QStringLiteral("127.0.0.1,127.0.0.1"))
                .with(QStringLiteral("port"), QStringLiteral("%1,%2").arg(QString::number(listener.port()), port));
        LibpqConnection connection;
        QElapsedTimer timer;
        timer.start();
        VERIFY_RESULT(connection.open(several, 500ms));
        QVERIFY(timer.elapsed() >= 500);
        QCOMPARE(scalar(connection, "SELECT 1"), QStringLiteral("1"));
    }

    void saysWhatServerItIs()
    {
        const auto session = m_server->session();
        const auto info = inquireServer(*session, 5s);
        VERIFY_RESULT(info);
        QCOMPARE(info->versionNumber, scalar(*session, "SHOW server_version_num").toInt());
        QVERIFY(scalar(*session, "SHOW server_version").startsWith(info->version));
        QVERIFY(!info->version.contains(u' '));
        QCOMPARE(info->database, conninfo().value(QStringLiteral("dbname")));
        QCOMPARE(QString::number(info->databaseOid),
                 scalar(*session, "SELECT oid FROM pg_database WHERE datname = current_database()"));
        QCOMPARE(info->role, conninfo().value(QStringLiteral("user")));
        QVERIFY(info->isSuperuser);
        QVERIFY(info->seesAllStats);
        QVERIFY(!info->isStandby);
        QVERIFY(!info->tls);
        QCOMPARE(info->tlsDescription, QString());
        QVERIFY(!info->localSocket);
        QCOMPARE(info->host, conninfo().value(QStringLiteral("host")));
        QCOMPARE(QString::number(info->port), conninfo().value(QStringLiteral("port")));
        QCOMPARE(info->serverEncoding, QStringLiteral("UTF8"));
        QCOMPARE(info->backendPid, session->claimedPid());
        QVERIFY(!info->behindPooler());
        QCOMPARE(info->systemIdentifier, scalar(*session, "SELECT system_identifier FROM pg_control_system()"));
        QVERIFY(!info->systemIdentifier.isEmpty());
        QVERIFY(info->backendStart.has_value());
        QCOMPARE(QString::number(info->backendStart->time_since_epoch().count()),
                 scalar(*session, "SELECT (extract(epoch FROM backend_start) * 1000000)::int8 FROM pg_stat_activity "
                                  "WHERE pid = pg_backend_pid()"));
        QCOMPARE(info->lockCapacity,
                 scalar(*session,
                        "SELECT current_setting('max_locks_per_transaction')::int * "
                        "(current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int)")
                     .toLongLong());
    }

    void saysWhatServerItIsToARoleWithoutRights()
    {
        const auto session = m_server->session();
        VERIFY_RESULT(session->execute(
            "CREATE ROLE plain LOGIN PASSWORD 'p'; CREATE ROLE watcher LOGIN PASSWORD 'p' IN ROLE pg_read_all_stats; "
            "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_control_system() FROM PUBLIC",
            5s));
        LibpqConnection plain;
        VERIFY_RESULT(plain.open(as(QStringLiteral("plain"), QStringLiteral("p")), 10s));
        const auto seen = inquireServer(plain, 5s);
        VERIFY_RESULT(session->execute("GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO PUBLIC", 5s));
        VERIFY_RESULT(seen);
        QCOMPARE(seen->role, QStringLiteral("plain"));
        QVERIFY(!seen->isSuperuser);
        QVERIFY(!seen->seesAllStats);
        QCOMPARE(seen->systemIdentifier, QString());
        QVERIFY(seen->backendStart.has_value());
        QCOMPARE(seen->backendPid, plain.claimedPid());

        LibpqConnection watcher;
        VERIFY_RESULT(watcher.open(as(QStringLiteral("watcher"), QStringLiteral("p")), 10s));
        const auto watched = inquireServer(watcher, 5s);
        VERIFY_RESULT(watched);
        QVERIFY(watched->seesAllStats);
        QVERIFY(!watched->isSuperuser);
        QVERIFY(!watched->systemIdentifier.isEmpty());
    }

    void knowsALocalSocket()
    {
        LibpqConnection connection;
        VERIFY_RESULT(connection.open(m_server->sandbox().socketConninfo(), 10s));
        const auto info = inquireServer(connection, 5s);
        VERIFY_RESULT(info);
        QVERIFY(info->localSocket);
        QCOMPARE(info->host, m_server->sandbox().socketConninfo().value(QStringLiteral("host")));
    }

private:
    [[nodiscard]] Conninfo conninfo() const { return m_server->conninfo(); }
    [[nodiscard]] Conninfo as(const QString& user, const QString& password) const
    {
        return conninfo().with(QStringLiteral("user"), user).with(QStringLiteral("password"), password);
    }
    [[nodiscard]] Conninfo at(int port) const { return conninfo().with(QStringLiteral("port"), QString::number(port)); }

    std::unique_ptr<test::TestServer> m_server;
};

QTEST_GUILESS_MAIN(tst_LibpqConnection)
#include "tst_libpqconnection.moc"
