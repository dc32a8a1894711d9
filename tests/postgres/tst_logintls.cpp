#include "app/postgres/servererror.h"
#include "app/postgres/serverinquiry.h"
#include "tests/postgres/certificates.h"
#include "tests/postgres/logins.h"
#include "tests/support/suite.h"

#include <libpq-fe.h>

using namespace lockscope;
using namespace std::chrono_literals;
using test::addHostRule;
using test::openError;
using test::passwordRefusals;

/// Logins at a server that offers TLS: how often a password is sent, and whom it is sent to.
class tst_LoginTls final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(m_certificates.problem().isEmpty(), qPrintable(m_certificates.problem()));
        m_server =
            std::make_unique<test::TestServer>(QStringLiteral("ssl = on\nssl_cert_file = '%1'\nssl_key_file = '%2'\n")
                                                   .arg(m_certificates.path(QStringLiteral("server.crt")),
                                                        m_certificates.path(QStringLiteral("server.key"))));
        QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    }
    void cleanupTestCase() { m_server.reset(); }

    void wrongPasswordIsTriedOnce_data()
    {
        QTest::addColumn<QString>("sslmode");
        QTest::addColumn<int>("byLibpq"); // what libpq alone would do
        QTest::newRow("prefer") << QStringLiteral("prefer") << 2;
        QTest::newRow("require") << QStringLiteral("require") << 1;
        QTest::newRow("allow") << QStringLiteral("allow") << 2;
        QTest::newRow("disable") << QStringLiteral("disable") << 1;
    }
    void wrongPasswordIsTriedOnce()
    {
        QFETCH(QString, sslmode);
        QFETCH(int, byLibpq);
        auto& server = *m_server;
        const auto wrong = withDefaults(server.conninfo()
                                            .with(QStringLiteral("password"), QStringLiteral("canary"))
                                            .with(QStringLiteral("sslmode"), sslmode),
                                        QStringLiteral("test"));
        const auto before = passwordRefusals(server);
        const auto error = openError(wrong);
        QCOMPARE(error.kind, ErrorKind::Authentication);
        QCOMPARE(error.sqlState, QStringLiteral("28P01"));
        QVERIFY(error.what.contains(QStringLiteral("password")));
        QVERIFY(!isWorthRetrying(error));
        QVERIFY2(error.serverWords.contains(QStringLiteral("28P01: password authentication failed")),
                 qPrintable(error.serverWords));
        QVERIFY2(!error.serverWords.contains(QStringLiteral("auth.c")), qPrintable(error.serverWords));
        QVERIFY(!(error.what + error.advice + error.serverWords).contains(QStringLiteral("canary")));
        const auto ours = passwordRefusals(server) - before;
        QCOMPARE(ours, 1);

        const auto text =
            wrong.with(QStringLiteral("password"), {}).toTextWithoutSecrets().toUtf8() + " password=canary";
        auto* const raw = PQconnectdb(text.constData());
        PQfinish(raw);
        QCOMPARE(passwordRefusals(server) - before - ours, byLibpq);
    }

    void preferStillFallsBackWhereNoPasswordWasSent()
    {
        const auto session = m_server->session();
        VERIFY_RESULT(session->execute("CREATE ROLE clear_only LOGIN PASSWORD 'right'", 5s));
        addHostRule(*m_server, "hostssl all clear_only 127.0.0.1/32 reject");
        const auto conninfo = m_server->conninfo()
                                  .with(QStringLiteral("user"), QStringLiteral("clear_only"))
                                  .with(QStringLiteral("password"), QStringLiteral("right"));
        QTRY_COMPARE(openError(conninfo.with(QStringLiteral("sslmode"), QStringLiteral("require"))).sqlState,
                     QStringLiteral("28000"));
        LibpqConnection connection;
        VERIFY_RESULT(connection.open(conninfo.with(QStringLiteral("sslmode"), QStringLiteral("prefer")), 10s));
        const auto info = inquireServer(connection, 5s);
        VERIFY_RESULT(info);
        QVERIFY(!info->tls);
    }

    void tlsThatCannotBeVerified_data()
    {
        QTest::addColumn<QString>("authority");
        QTest::addColumn<QString>("host");
        QTest::addColumn<QString>("says"); // empty: it works
        QTest::newRow("right name, right authority")
            << QStringLiteral("authority.crt") << QStringLiteral("db.example") << QString();
        QTest::newRow("wrong name") << QStringLiteral("authority.crt") << QStringLiteral("other.example")
                                    << QStringLiteral("another host name");
        QTest::newRow("wrong authority") << QStringLiteral("stranger.crt") << QStringLiteral("db.example")
                                         << QStringLiteral("not trusted");
        QTest::newRow("no authority") << QStringLiteral("missing.crt") << QStringLiteral("db.example")
                                      << QStringLiteral("cannot be checked");
    }
    void tlsThatCannotBeVerified()
    {
        QFETCH(QString, authority);
        QFETCH(QString, host);
        QFETCH(QString, says);
        const auto asked = m_server->conninfo()
                               .with(QStringLiteral("host"), host)
                               .with(QStringLiteral("hostaddr"), QStringLiteral("127.0.0.1"))
                               .with(QStringLiteral("sslmode"), QStringLiteral("verify-full"))
                               .with(QStringLiteral("sslrootcert"), m_certificates.path(authority));
        LibpqConnection connection;
        const auto opened = connection.open(asked, 10s);
        if (says.isEmpty()) {
            VERIFY_RESULT(opened);
            const auto info = inquireServer(connection, 5s);
            VERIFY_RESULT(info);
            QVERIFY(info->tls);
            QVERIFY2(info->tlsDescription.startsWith(QStringLiteral("TLSv1.")), qPrintable(info->tlsDescription));
            // More than one TLS record and more than one read.
            const auto much = connection.executeOne("SELECT repeat('b', 3000000) FROM generate_series(1, 10)", 20s);
            VERIFY_RESULT(much);
            QCOMPARE(much->rows(), 10);
            return;
        }
        QVERIFY(!opened);
        QCOMPARE(opened.error().kind, ErrorKind::Connection);
        QVERIFY2(opened.error().what.contains(says), qPrintable(opened.error().what + opened.error().serverWords));
        QVERIFY(!isWorthRetrying(opened.error()));
    }

private:
    test::Certificates m_certificates;
    std::unique_ptr<test::TestServer> m_server;
};

QTEST_GUILESS_MAIN(tst_LoginTls)
#include "tst_logintls.moc"
