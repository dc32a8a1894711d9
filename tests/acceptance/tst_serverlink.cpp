#include "app/serverlink.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QDeadlineTimer>
#include <QSignalSpy>

using namespace lockscope;
using namespace std::chrono_literals;
using test::scalar;

/// One server after the other: nothing of the one before is said of the next.
class tst_ServerLink final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_server = std::make_unique<test::TestServer>();
        QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
        m_witness = m_server->session(QStringLiteral("witness"));
    }
    void cleanupTestCase()
    {
        m_witness.reset();
        m_server.reset();
    }

    void readsAReport()
    {
        ServerLink link;
        Spies spies(link);
        link.open(m_server->conninfo());
        QTRY_COMPARE(spies.identified.size(), 1);
        link.requestReport();
        QTRY_COMPARE(spies.read.size(), 1);
        QCOMPARE(spies.failed.size(), 0);
    }

    void aReportThatTheEndInterruptsIsNotToldOfTheNextServer()
    {
        ServerLink link;
        Spies spies(link);
        link.open(m_server->conninfo());
        QTRY_COMPARE(spies.identified.size(), 1);
        const auto locker = m_server->session();
        VERIFY_RESULT(locker->execute("BEGIN; LOCK TABLE pg_catalog.pg_database IN ACCESS EXCLUSIVE MODE", 5s));
        link.requestReport();
        // The observer stands in the middle of it.
        QVERIFY(comesTrue("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND relation = 1262"));
        link.close();
        VERIFY_RESULT(locker->executeOne("ROLLBACK", 5s));
        link.open(m_server->conninfo());
        QTRY_COMPARE(spies.identified.size(), 2);
        link.requestReport();
        QTRY_COMPARE(spies.read.size(), 1);
        QCOMPARE(spies.failed.size(), 0);
    }

    void aReportThatIsOnItsWayIsNotTakenForTheNextServers()
    {
        ServerLink link;
        Spies spies(link);
        link.open(m_server->conninfo());
        QTRY_COMPARE(spies.identified.size(), 1);
        link.requestReport();
        // No event is handled here meanwhile: the report waits in the queue of this thread.
        QVERIFY(comesTrue("SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'lockscope observer' AND "
                          "state = 'idle' AND query LIKE '%pg_signal_autovacuum_worker%datallowconn%'"));
        for (int look = 0; look < 200; ++look) // the server is done; its answer has a few steps left to go
            (void)scalar(*m_witness, "SELECT 1");
        link.open(m_server->conninfo());
        QTRY_COMPARE(spies.identified.size(), 2);
        QCOMPARE(spies.read.size() + spies.failed.size(), 0);
    }

private:
    struct Spies
    {
        explicit Spies(ServerLink& link)
            : identified(&link, &ServerLink::serverIdentified)
            , read(&link, &ServerLink::reportRead)
            , failed(&link, &ServerLink::reportFailed)
        {
        }
        QSignalSpy identified;
        QSignalSpy read;
        QSignalSpy failed;
    };
    [[nodiscard]] bool comesTrue(const QByteArray& question)
    {
        for (QDeadlineTimer deadline(5s); !deadline.hasExpired();) {
            if (scalar(*m_witness, question) == QStringLiteral("t"))
                return true;
        }
        return false;
    }

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_witness;
};

QTEST_GUILESS_MAIN(tst_ServerLink)
#include "tst_serverlink.moc"
