#include "app/postgres/cureerrand.h"
#include "app/postgres/serverinquiry.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <libpq-fe.h>

using namespace lockscope;
using namespace std::chrono_literals;
using test::scalar;

namespace {

QString text(const CureOutcome& outcome)
{
    return auditWord(outcome.result) + QStringLiteral(": ") + outcome.sentence +
           (outcome.error ? QStringLiteral(" | ") + outcome.error->serverWords : QString());
}

} // namespace

class tst_CurePrepared final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void finishesPreparedTransactions_data();
    void finishesPreparedTransactions();
    void aFinishedPreparedTransactionIsNotFound();
    void aGidUsedAgainIsNotTheVictim();
    void onlyTheOwnerFinishes();
    void foreignReleaseAnswersFalse();

private:
    [[nodiscard]] Conninfo conninfo() const { return m_server->conninfo(); }
    [[nodiscard]] Conninfo as(const QString& user) const
    {
        return conninfo().with(QStringLiteral("user"), user).with(QStringLiteral("password"), QStringLiteral("p"));
    }
    [[nodiscard]] CureRequest aboutPrepared(CureKind kind, const QByteArray& literal)
    {
        const auto answer = m_witness->executeOne(
            "SELECT gid, transaction::text::int8, (extract(epoch FROM prepared) * 1000000)::int8, owner "
            "FROM pg_prepared_xacts WHERE gid = " +
                literal,
            5s);
        CureRequest request{.kind = kind, .systemIdentifier = m_info.systemIdentifier};
        if (answer && answer->rows() == 1)
            request.prepared = {.gid = answer->text(0, 0),
                                .transactionId = static_cast<quint32>(answer->int64(0, 1)),
                                .preparedAt = ServerTime(std::chrono::microseconds(answer->int64(0, 2))),
                                .owner = answer->text(0, 3)};
        return request;
    }
    [[nodiscard]] QByteArray literal(const QByteArray& value)
    {
        char* const quoted = PQescapeLiteral(m_witness->handle(), value.constData(), static_cast<size_t>(value.size()));
        const QByteArray copy(quoted);
        PQfreemem(quoted);
        return copy;
    }

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_witness;
    ServerInfo m_info;
};

void tst_CurePrepared::initTestCase()
{
    m_server = std::make_unique<test::TestServer>(QStringLiteral("max_prepared_transactions = 20\n"));
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_witness = m_server->session(QStringLiteral("witness"));
    VERIFY_RESULT(m_witness->execute("CREATE ROLE plain LOGIN PASSWORD 'p'; "
                                     "CREATE ROLE complete LOGIN PASSWORD 'p' IN ROLE pg_monitor, pg_signal_backend; "
                                     "CREATE ROLE victim LOGIN PASSWORD 'p'; "
                                     "CREATE ROLE victims_friend LOGIN PASSWORD 'p' IN ROLE victim",
                                     5s));
    const auto info = inquireServer(*m_witness, 5s);
    VERIFY_RESULT(info);
    m_info = *info;
}

void tst_CurePrepared::cleanupTestCase()
{
    m_witness.reset();
    m_server.reset();
}

void tst_CurePrepared::finishesPreparedTransactions_data()
{
    QTest::addColumn<QByteArray>("gid");
    QTest::newRow("plain") << QByteArray("pay-17");
    QTest::newRow("quote") << QByteArray("it's '; DROP TABLE ledger; --");
    QTest::newRow("backslash") << QByteArray("a\\'b\\\\");
    QTest::newRow("dollar") << QByteArray("$$ $1 %1 :gid");
    QTest::newRow("lines and controls") << QByteArray("a\nb\tc\x1b[31m");
    QTest::newRow("not ASCII") << QByteArray("Gr\xc3\xbc\xc3\x9f\x65 \xe2\x80\xae");
    QTest::newRow("as long as it gets") << QByteArray(199, '\'');
}

void tst_CurePrepared::finishesPreparedTransactions()
{
    QFETCH(const QByteArray, gid);
    VERIFY_RESULT(m_witness->execute("DROP TABLE IF EXISTS ledger; CREATE TABLE ledger (entry int)", 5s));
    const Conninfo bothWays[] = {
        conninfo(), conninfo().with(QStringLiteral("options"), QStringLiteral("-c standard_conforming_strings=off "
                                                                              "-c escape_string_warning=off"))};
    for (const auto& way : bothWays) {
        for (const auto kind : {CureKind::RollbackPrepared, CureKind::CommitPrepared}) {
            VERIFY_RESULT(m_witness->executeOne("BEGIN", 5s));
            VERIFY_RESULT(m_witness->executeOne("INSERT INTO ledger VALUES (1)", 5s));
            VERIFY_RESULT(m_witness->executeOne("PREPARE TRANSACTION " + literal(gid), 5s));
            const auto request = aboutPrepared(kind, literal(gid));
            QCOMPARE(request.prepared.gid, QString::fromUtf8(gid));
            // From a database that it does not belong to the server refuses, whatever it is called.
            const auto elsewhere = curePrepared(way, QStringLiteral("template1"), request).result();
            QVERIFY2(elsewhere.result == CureResult::Refused, qPrintable(text(elsewhere)));
            const auto outcome = curePrepared(way, m_info.database, request).result();
            QVERIFY2(outcome.result == CureResult::Done, qPrintable(text(outcome)));
            QCOMPARE(scalar(*m_witness, "SELECT count(*) FROM pg_prepared_xacts"), QStringLiteral("0"));
        }
    }
    QCOMPARE(scalar(*m_witness, "SELECT count(*) FROM ledger"), QStringLiteral("2"));
}

void tst_CurePrepared::aFinishedPreparedTransactionIsNotFound()
{
    VERIFY_RESULT(m_witness->executeOne("BEGIN", 5s));
    VERIFY_RESULT(m_witness->executeOne("SELECT pg_advisory_xact_lock(9)", 5s));
    VERIFY_RESULT(m_witness->executeOne("PREPARE TRANSACTION 'x'", 5s));
    const auto request = aboutPrepared(CureKind::CommitPrepared, "'x'");
    QCOMPARE(curePrepared(conninfo(), m_info.database, request).result().result, CureResult::Done);
    QCOMPARE(text(curePrepared(conninfo(), m_info.database, request).result()),
             QStringLiteral("not found: The prepared transaction had already been finished; nothing was sent."));
}

void tst_CurePrepared::aGidUsedAgainIsNotTheVictim()
{
    const auto prepare = [this] {
        return m_witness->executeOne("BEGIN", 5s) && m_witness->executeOne("SELECT txid_current()", 5s) &&
               m_witness->executeOne("PREPARE TRANSACTION 'again'", 5s);
    };
    QVERIFY(prepare());
    const auto first = aboutPrepared(CureKind::RollbackPrepared, "'again'");
    VERIFY_RESULT(m_witness->executeOne("ROLLBACK PREPARED 'again'", 5s));
    QVERIFY(prepare());
    QCOMPARE(curePrepared(conninfo(), m_info.database, first).result().result, CureResult::NotFound);
    QCOMPARE(scalar(*m_witness, "SELECT count(*) FROM pg_prepared_xacts"), QStringLiteral("1"));
    const auto second = aboutPrepared(CureKind::RollbackPrepared, "'again'");
    QCOMPARE(curePrepared(conninfo(), m_info.database, second).result().result, CureResult::Done);
}

void tst_CurePrepared::onlyTheOwnerFinishes()
{
    LibpqConnection owner;
    VERIFY_RESULT(owner.open(as(QStringLiteral("victim")), 5s));
    VERIFY_RESULT(owner.executeOne("BEGIN", 5s));
    VERIFY_RESULT(owner.executeOne("SELECT pg_advisory_xact_lock(9)", 5s));
    VERIFY_RESULT(owner.executeOne("PREPARE TRANSACTION 'mine'", 5s));
    const auto request = aboutPrepared(CureKind::RollbackPrepared, "'mine'");
    QCOMPARE(request.prepared.owner, QStringLiteral("victim"));
    for (const char* role : {"plain", "victims_friend", "complete"}) {
        const auto outcome = curePrepared(as(QString::fromLatin1(role)), m_info.database, request).result();
        QVERIFY2(outcome.result == CureResult::Refused, qPrintable(text(outcome)));
        QVERIFY(outcome.sentence.startsWith(QStringLiteral("Only its owner or a superuser")));
    }
    QCOMPARE(curePrepared(as(QStringLiteral("victim")), m_info.database, request).result().result, CureResult::Done);
}

void tst_CurePrepared::foreignReleaseAnswersFalse()
{
    const auto holder = m_server->session(QStringLiteral("holder"));
    VERIFY_RESULT(holder->executeOne("SELECT pg_advisory_lock(5), pg_advisory_lock_shared(-1, 2)", 5s));
    const auto exclusive =
        tryForeignRelease(conninfo(), m_info.database, LockKey::bigint(5), LockShare::Exclusive).result();
    QCOMPARE(exclusive.statement, QStringLiteral("SELECT pg_catalog.pg_advisory_unlock(5)"));
    QCOMPARE(exclusive.answer, std::optional(false));
    QCOMPARE(exclusive.notices.join(u'|'), QStringLiteral("WARNING: you don't own a lock of type ExclusiveLock"));
    const auto shared =
        tryForeignRelease(conninfo(), m_info.database, LockKey::pair(-1, 2), LockShare::Shared).result();
    QCOMPARE(shared.answer, std::optional(false));
    QCOMPARE(shared.notices.join(u'|'), QStringLiteral("WARNING: you don't own a lock of type ShareLock"));
    QCOMPARE(scalar(*m_witness, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), QStringLiteral("2"));
}

QTEST_GUILESS_MAIN(tst_CurePrepared)
#include "tst_cureprepared.moc"
