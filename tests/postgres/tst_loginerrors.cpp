#include "app/postgres/servererror.h"
#include "tests/postgres/listener.h"
#include "tests/postgres/logins.h"
#include "tests/support/suite.h"

#include <QElapsedTimer>
#include <QTemporaryDir>

using namespace lockscope;
using namespace std::chrono_literals;
using test::addHostRule;
using test::errorResponse;
using test::Listener;
using test::openError;
using test::passwordRefusals;
using test::scalar;

/// Every way a login goes wrong, produced for real where a machine can be made to, and what a person reads then.
class tst_LoginErrors final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_server = std::make_unique<test::TestServer>(
            QStringLiteral("max_connections = 8\nsuperuser_reserved_connections = 0\n"
                           "log_connections = on\n"));
        QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
        const auto session = m_server->session();
        VERIFY_RESULT(session->execute(
            "CREATE ROLE plain LOGIN PASSWORD 'right'; CREATE ROLE crowded LOGIN PASSWORD 'right' CONNECTION LIMIT 0; "
            "CREATE ROLE stranger LOGIN PASSWORD 'right'",
            10s));
        VERIFY_RESULT(session->execute("CREATE DATABASE closed", 10s));
        VERIFY_RESULT(session->execute("REVOKE CONNECT ON DATABASE closed FROM PUBLIC", 5s));
        addHostRule(*m_server, "host all stranger 127.0.0.1/32 reject");
        addHostRule(*m_server, "local all unknown_here,postgres trust");
        QTRY_COMPARE(openError(as(QStringLiteral("stranger"))).sqlState, QStringLiteral("28000"));
    }
    void cleanupTestCase() { m_server.reset(); }

    void wrongPasswordIsTriedOnce()
    {
        const auto wrong =
            withDefaults(conninfo().with(QStringLiteral("password"), QStringLiteral("canary")), QStringLiteral("test"));
        const auto before = passwordRefusals(*m_server);
        const auto error = openError(wrong);
        QCOMPARE(error.kind, ErrorKind::Authentication);
        QCOMPARE(error.sqlState, QStringLiteral("28P01"));
        QVERIFY(!isWorthRetrying(error));
        QVERIFY(!(error.what + error.advice + error.serverWords).contains(QStringLiteral("canary")));
        QCOMPARE(passwordRefusals(*m_server) - before, 1);
    }

    void noPasswordIsNotAttempted()
    {
        const auto error = openError(conninfo()
                                         .with(QStringLiteral("password"), {})
                                         .with(QStringLiteral("passfile"), QStringLiteral("/nonexistent/passfile")));
        QCOMPARE(error.kind, ErrorKind::Authentication);
        QVERIFY2(error.what.contains(QStringLiteral("none was given")), qPrintable(error.what));
        QVERIFY(!error.advice.isEmpty());
    }

    void answersOfARealServer_data()
    {
        QTest::addColumn<QStringList>("changes");
        QTest::addColumn<QString>("sqlState");
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<bool>("worthRetrying");
        QTest::addColumn<QString>("says");
        const auto user = [](const char* name) { return QStringList{QStringLiteral("user"), QLatin1StringView(name)}; };
        QTest::newRow("no such database")
            << QStringList{QStringLiteral("dbname"), QStringLiteral("nowhere")} << QStringLiteral("3D000")
            << ErrorKind::Authentication << false << QStringLiteral("does not exist");
        QTest::newRow("database without CONNECT")
            << user("plain") + QStringList{QStringLiteral("dbname"), QStringLiteral("closed")}
            << QStringLiteral("42501") << ErrorKind::Authentication << false << QStringLiteral("may not connect");
        QTest::newRow("rejected by pg_hba.conf") << user("stranger") << QStringLiteral("28000")
                                                 << ErrorKind::Authentication << false << QStringLiteral("no rule");
        QTest::newRow("no more connections of this role")
            << user("crowded") << QStringLiteral("53300") << ErrorKind::Server << true
            << QStringLiteral("no free connection slot");
    }
    void answersOfARealServer()
    {
        QFETCH(QStringList, changes);
        QFETCH(QString, sqlState);
        QFETCH(ErrorKind, kind);
        QFETCH(bool, worthRetrying);
        QFETCH(QString, says);
        auto asked = conninfo();
        if (changes.first() == QStringLiteral("user"))
            asked.set(QStringLiteral("password"), QStringLiteral("right"));
        for (int i = 0; i < changes.size(); i += 2)
            asked.set(changes.at(i), changes.at(i + 1));
        const auto error = openError(asked);
        QCOMPARE(error.sqlState, sqlState);
        QCOMPARE(error.kind, kind);
        QCOMPARE(isWorthRetrying(error), worthRetrying);
        QVERIFY2(error.what.contains(says), qPrintable(error.what));
        QVERIFY(!error.advice.isEmpty());
        QVERIFY(error.serverWords.contains(sqlState));
    }

    void unknownRole()
    {
        const auto error = openError(
            m_server->sandbox().socketConninfo().with(QStringLiteral("user"), QStringLiteral("unknown_here")));
        QCOMPARE(error.sqlState, QStringLiteral("28000"));
        QCOMPARE(error.kind, ErrorKind::Authentication);
        QVERIFY2(error.what.contains(QStringLiteral("does not let this user in")), qPrintable(error.what));
    }

    void tooManyClients()
    {
        std::vector<std::unique_ptr<LibpqConnection>> sessions;
        std::optional<Error> error;
        while (!error && sessions.size() < 20) {
            auto session = std::make_unique<LibpqConnection>();
            if (const auto opened = session->open(conninfo(), 10s); !opened)
                error = opened.error();
            else
                sessions.push_back(std::move(session));
        }
        QVERIFY(error.has_value());
        QCOMPARE(error->sqlState, QStringLiteral("53300"));
        QCOMPARE(error->kind, ErrorKind::Server);
        QVERIFY(isWorthRetrying(*error));
        QVERIFY2(error->what.contains(QStringLiteral("no free connection slot")), qPrintable(error->what));
        const auto witness = sessions.front().get();
        while (sessions.size() > 1)
            sessions.pop_back();
        QTRY_COMPARE(scalar(*witness, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"),
                     QStringLiteral("1"));
    }

    void serverShuttingDownAndDown()
    {
        auto& sandbox = m_server->sandbox();
        {
            const auto session = m_server->session();
            // A smart shutdown waits for the sessions that are there and refuses new ones.
            VERIFY_RESULT(platform::sendSignal(sandbox.serverProcessId(), platform::ProcessSignal::Terminate));
            QTRY_COMPARE(openError(conninfo()).sqlState, QStringLiteral("57P03"));
            const auto error = openError(conninfo());
            QCOMPARE(error.kind, ErrorKind::Server);
            QVERIFY(isWorthRetrying(error));
            QVERIFY2(error.what.contains(QStringLiteral("shutting down")), qPrintable(error.what));
            QCOMPARE(scalar(*session, "SELECT 1"), QStringLiteral("1"));
        }
        QTRY_VERIFY(openError(conninfo()).what.contains(QStringLiteral("Nothing listens")));
        const auto down = openError(conninfo());
        QCOMPARE(down.kind, ErrorKind::Connection);
        QCOMPARE(down.sqlState, QString());
        QVERIFY(isWorthRetrying(down));
        QVERIFY2(down.what.contains(conninfo().value(QStringLiteral("port"))), qPrintable(down.what));
        VERIFY_RESULT(sandbox.restartAndWait(60s));
        LibpqConnection connection;
        VERIFY_RESULT(connection.open(conninfo(), 10s));
    }

    void nothingListens()
    {
        int port = 0;
        {
            const Listener gone(Listener::Manner::Silent);
            port = gone.port();
        }
        const auto error = openError(at(port));
        QCOMPARE(error.kind, ErrorKind::Connection);
        QCOMPARE(error.what, QStringLiteral("Nothing listens at 127.0.0.1, port %1.").arg(port));
        QVERIFY(error.advice.contains(QStringLiteral("listen_addresses")));
        QVERIFY(!error.serverWords.isEmpty());
    }

    void socketIsMissing()
    {
        const QTemporaryDir empty;
        const auto error = openError(at(5999).with(QStringLiteral("host"), empty.path()));
        QCOMPARE(error.kind, ErrorKind::Connection);
        QVERIFY2(error.what.contains(empty.path() + QStringLiteral("/.s.PGSQL.5999")), qPrintable(error.what));
        QVERIFY(error.advice.contains(QStringLiteral("unix_socket_directories")));
    }

    void socketOfAKilledServer()
    {
        // Short, because the path of a socket is.
        const QTemporaryDir directory(QStringLiteral("/tmp/lsXXXXXX"));
        const auto path = directory.filePath(QStringLiteral(".s.PGSQL.5999")).toLocal8Bit();
        sockaddr address{};
        QByteArray bytes(110, '\0');
        address.sa_family = AF_UNIX;
        memcpy(bytes.data(), &address.sa_family, sizeof address.sa_family);
        memcpy(bytes.data() + sizeof address.sa_family, path.constData(), static_cast<size_t>(path.size()));
        const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        QCOMPARE(::bind(descriptor, reinterpret_cast<const sockaddr*>(bytes.constData()),
                        static_cast<socklen_t>(bytes.size())),
                 0);
        ::close(descriptor);
        const auto error = openError(at(5999).with(QStringLiteral("host"), directory.path()));
        QCOMPARE(error.kind, ErrorKind::Connection);
        QVERIFY2(error.what.startsWith(QStringLiteral("Nothing listens on the socket")), qPrintable(error.what));
    }

    void hostNameIsUnknown()
    {
        const auto error =
            openError(conninfo().with(QStringLiteral("host"), QStringLiteral("no-such-host.invalid")), 60s);
        QCOMPARE(error.kind, ErrorKind::Connection);
        QCOMPARE(error.what, QStringLiteral("The host name \"no-such-host.invalid\" is not known."));
    }

    void tlsIsRequiredOfAServerWithoutIt()
    {
        for (const auto* mode : {"require", "verify-ca", "verify-full"}) {
            const auto error = openError(conninfo().with(QStringLiteral("sslmode"), QLatin1StringView(mode)));
            QCOMPARE(error.kind, ErrorKind::Connection);
            QVERIFY2(error.what.contains(QStringLiteral("asks for TLS")), qPrintable(error.what));
            QVERIFY(!isWorthRetrying(error));
        }
    }

    void serverThatNeverAnswers_data()
    {
        QTest::addColumn<int>("manner");
        QTest::newRow("accepts and is silent") << static_cast<int>(Listener::Manner::Silent);
        QTest::newRow("drops packets") << static_cast<int>(Listener::Manner::Deaf);
    }
    void serverThatNeverAnswers()
    {
        QFETCH(int, manner);
        const Listener listener(static_cast<Listener::Manner>(manner));
        QElapsedTimer timer;
        timer.start();
        const auto error = openError(at(listener.port()), 400ms);
        QVERIFY2(timer.elapsed() >= 400 && timer.elapsed() < 1400, qPrintable(QString::number(timer.elapsed())));
        QCOMPARE(error.kind, ErrorKind::Connection);
        QCOMPARE(error.what, QStringLiteral("The server did not answer within 400 ms."));
        QVERIFY(isWorthRetrying(error));
    }

    void somethingElseAnswers_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<QString>("sslmode");
        QTest::addColumn<QString>("sqlState");
        QTest::addColumn<QString>("says");
        const auto disable = QStringLiteral("disable");
        const auto prefer = QStringLiteral("prefer");
        QTest::newRow("a web server, asked for TLS") << QByteArray("HTTP/1.1 400 Bad Request\r\n\r\n") << prefer
                                                     << QString() << QStringLiteral("not a PostgreSQL server");
        QTest::newRow("a web server") << QByteArray("HTTP/1.1 400 Bad Request\r\n\r\n") << disable << QString()
                                      << QStringLiteral("not a PostgreSQL server");
        QTest::newRow("another database")
            << QByteArray("J\0\0\0\n8.0.33\0", 12) << disable << QString() << QStringLiteral("not a PostgreSQL server");
        QTest::newRow("nothing") << QByteArray() << disable << QString() << QStringLiteral("without an answer");
        QTest::newRow("yes to TLS, then garbage") << QByteArray("Sgarbage garbage garbage") << QStringLiteral("require")
                                                  << QString() << QStringLiteral("TLS");
        QTest::newRow("a pooler that does not know options")
            << errorResponse("08P01", "unsupported startup parameter: options") << disable << QStringLiteral("08P01")
            << QStringLiteral("refuses a parameter");
        QTest::newRow("a full lock table") << errorResponse("53200", "out of shared memory") << disable
                                           << QStringLiteral("53200") << QStringLiteral("lock table is full");
        QTest::newRow("an SQLSTATE of another time") << errorResponse("ZZ999", "no %1 %2 today") << disable
                                                     << QStringLiteral("ZZ999") << QStringLiteral("refused the login");
    }
    void somethingElseAnswers()
    {
        QFETCH(QByteArray, answer);
        QFETCH(QString, sslmode);
        QFETCH(QString, sqlState);
        QFETCH(QString, says);
        const Listener listener(Listener::Manner::Saying, answer);
        const auto error = openError(at(listener.port()).with(QStringLiteral("sslmode"), sslmode));
        QVERIFY2(error.what.contains(says), qPrintable(error.what + QStringLiteral(" | ") + error.serverWords));
        QCOMPARE(error.sqlState, sqlState);
        QVERIFY(error.kind == (sqlState.isEmpty() ? ErrorKind::Connection : ErrorKind::Server));
        QVERIFY(!error.serverWords.isEmpty());
    }

    void connectionThatIsClosedAtOnce()
    {
        const Listener listener(Listener::Manner::Closing);
        const auto error = openError(at(listener.port()));
        QCOMPARE(error.kind, ErrorKind::Connection);
        QVERIFY(isWorthRetrying(error));
        QVERIFY(!error.advice.isEmpty());
    }

    void unusableParametersNeverReachTheNetwork_data()
    {
        QTest::addColumn<QString>("keyword");
        QTest::addColumn<QString>("value");
        QTest::newRow("sslmode") << QStringLiteral("sslmode") << QStringLiteral("perhaps");
        QTest::newRow("port") << QStringLiteral("port") << QStringLiteral("many");
        QTest::newRow("channel_binding") << QStringLiteral("channel_binding") << QStringLiteral("perhaps");
        QTest::newRow("service") << QStringLiteral("service") << QStringLiteral("nowhere_defined");
    }
    void unusableParametersNeverReachTheNetwork()
    {
        QFETCH(QString, keyword);
        QFETCH(QString, value);
        const auto error = openError(conninfo().with(keyword, value));
        QCOMPARE(error.kind, ErrorKind::Usage);
        QVERIFY(!error.advice.isEmpty());
        QVERIFY2(error.serverWords.contains(value), qPrintable(error.serverWords));
        QVERIFY(!isWorthRetrying(error));
    }

    void aNulNeverReachesLibpq()
    {
        const auto error = openError(conninfo().with(
            QStringLiteral("user"), QStringLiteral("postgres") + QChar(QChar::Null) + QStringLiteral("x")));
        QCOMPARE(error.kind, ErrorKind::Usage);
        QVERIFY(error.what.contains(QStringLiteral("user")));
    }

    void tableOfStatementErrors_data()
    {
        QTest::addColumn<QString>("sqlState");
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<bool>("ends");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* state, ErrorKind kind, bool ends, const char* says) {
            QTest::newRow(state) << QString::fromLatin1(state) << kind << ends << QString::fromLatin1(says);
        };
        row("55P03", ErrorKind::Server, false, "lock_timeout");
        row("57014", ErrorKind::Server, false, "cancelled");
        row("40P01", ErrorKind::Server, false, "deadlock");
        row("53200", ErrorKind::Server, false, "lock table is full");
        row("42501", ErrorKind::Server, false, "may not");
        row("25P02", ErrorKind::Server, false, "ROLLBACK");
        row("22021", ErrorKind::Server, false, "UTF-8");
        row("57P01", ErrorKind::Connection, true, "ended this session");
        row("57P02", ErrorKind::Connection, true, "crashed");
        row("57P05", ErrorKind::Connection, true, "idle_session_timeout");
        row("25P03", ErrorKind::Connection, true, "idle_in_transaction_session_timeout");
        row("25P04", ErrorKind::Connection, true, "transaction_timeout");
        row("08006", ErrorKind::Connection, true, "may still hold");
        row("XX000", ErrorKind::Server, false, "answered with an error");
        row("", ErrorKind::Server, false, "answered with an error");
    }
    void tableOfStatementErrors()
    {
        QFETCH(QString, sqlState);
        QFETCH(ErrorKind, kind);
        QFETCH(bool, ends);
        QFETCH(QString, says);
        const auto error = serverError(sqlState, QStringLiteral("words %1"));
        QCOMPARE(error.kind, kind);
        QCOMPARE(endsSession(sqlState), ends);
        QVERIFY2(error.what.contains(says), qPrintable(error.what));
        QCOMPARE(error.serverWords, QStringLiteral("words %1"));
        QCOMPARE(error.sqlState, sqlState);
    }

private:
    [[nodiscard]] Conninfo conninfo() const { return m_server->conninfo(); }
    [[nodiscard]] Conninfo at(int port) const { return conninfo().with(QStringLiteral("port"), QString::number(port)); }
    [[nodiscard]] Conninfo as(const QString& user) const
    {
        return conninfo().with(QStringLiteral("user"), user).with(QStringLiteral("password"), QStringLiteral("right"));
    }

    std::unique_ptr<test::TestServer> m_server;
};

QTEST_GUILESS_MAIN(tst_LoginErrors)
#include "tst_loginerrors.moc"
