#include "models/lockfilter.h"
#include "tests/support/locktext.h"
#include "tests/support/suite.h"

using namespace lockscope;
using namespace lockscope::test;

namespace {

LockRow advisoryRow(const LockTarget& target, qint32 pid, const QString& meaning = {})
{
    LockRow row;
    row.lock.target = target;
    row.lock.mode = LockMode::Exclusive;
    row.lock.granted = true;
    row.lock.backend.pid = pid;
    auto backend = std::make_shared<Backend>();
    backend->applicationName = QStringLiteral("pod-%1").arg(pid);
    backend->query = QStringLiteral("SELECT pg_advisory_lock(99)");
    row.backend = backend;
    row.meaning = meaning;
    return row;
}

LockTarget extensionTarget(quint32 objid, quint16 objsubid)
{
    LockTarget target = LockTarget::advisory(shop, {});
    target.objid = objid;
    target.objsubid = objsubid;
    return target;
}

} // namespace

class TestLockFilter : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void findsLocks_data();
    void findsLocks();
    void staysExactWhenTheKeyIsReleased();
    void findsRelationsByNameAndNumber();

private:
    [[nodiscard]] QString found(const QString& text) const;

    QList<LockRow> m_rows;
};

void TestLockFilter::initTestCase()
{
    m_rows = {
        advisoryRow(LockTarget::advisory(shop, LockKey::bigint(5)), 101, QStringLiteral("Google calendar, ACME")),
        advisoryRow(LockTarget::advisory(shop, LockKey::pair(0, 5)), 102),
        advisoryRow(LockTarget::advisory(depot, LockKey::bigint(5)), 103),
        advisoryRow(LockTarget::advisory(shop, LockKey::bigint(-1)), 104),
        advisoryRow(LockTarget::advisory(shop, LockKey::pair(5, 7)), 105),
        advisoryRow(LockTarget::advisory(shop, LockKey::bigint(72707369)), 106, QStringLiteral("Prisma Migrate")),
        advisoryRow(extensionTarget(102008, 5), 107, QStringLiteral("probably Citus, shard id 102008")),
        advisoryRow(LockTarget::advisory(shop, LockKey::bigint(255)), 108),
    };
}

/// The pids of the rows that match.
QString TestLockFilter::found(const QString& text) const
{
    LockView view;
    view.databaseNames = {{shop, QStringLiteral("shop")}, {depot, QStringLiteral("depot")}};
    QStringList pids;
    LockFilter filter(text);
    for (const int row : filter.matching(m_rows, view))
        pids += QString::number(m_rows.at(row).lock.backend.pid);
    return pids.join(u' ');
}

void TestLockFilter::findsLocks_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("pids");
    const auto row = [](const char* text, const char* pids) {
        QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(pids);
    };
    row("", "101 102 103 104 105 106 107 108");
    row("5", "101 102 103 105"); // exactly, or a half of a pair
    row("key:5", "101 103");
    row("0/5/1", "101 103");
    row("key:0/5/1", "101 103");
    row("0/5/2", "102");
    row("0/102008/5", "107");
    row("4294967295/4294967295/1", "104");
    row("18446744073709551615", "104"); // -1, printed unsigned
    row("0xffffffffffffffff", "104");
    row("0xFF", "108");
    row("[5,0,5,1]", "101");
    row("[6,0,5,1]", "103");
    row("[7,0,5,1]", "");
    row("[5,0,102008,5]", "107");
    row("process 4242 still waiting for ShareLock on advisory lock [5,5,7,2] after 1000.123 ms", "105");
    row("SELECT pg_advisory_lock(5, 7)", "105");
    row("select pg_try_advisory_xact_lock(-1);", "104");
    row("pg_advisory_unlock(5,7)", "105");
    row("pod-101 0/5/1", "101");
    row("pod-104 0/5/1", "");
    row("prisma", "106");
    row("means:prisma", "106");
    row("meaning:\"google calendar\"", "101");
    row("means:pod", "");
    row("app:prisma", "");
    row("means:probably citus", "107");
    row("means:", "101 102 103 104 105 106 107 108"); // still being typed
    row("query:pg_advisory_lock(99)", "101 102 103 104 105 106 107 108");
    row("\"pg_advisory_lock(99)\"", "101 102 103 104 105 106 107 108");
    row("pg_advisory_lock(99)", "101 102 103 104 105 106 107 108"); // no such key: the text is in the queries
    row("key:0/6/1", "");
}

void TestLockFilter::findsLocks()
{
    QFETCH(QString, text);
    QFETCH(QString, pids);
    QCOMPARE(found(text), pids);
}

void TestLockFilter::staysExactWhenTheKeyIsReleased()
{
    const LockView view;
    LockFilter filter(QStringLiteral("pg_advisory_lock(-1)"));
    QCOMPARE(filter.matching(m_rows, view), std::vector<int>{3});
    QList<LockRow> rows = m_rows;
    rows.removeAt(3);
    QCOMPARE(filter.matching(rows, view), std::vector<int>{});
}

void TestLockFilter::findsRelationsByNameAndNumber()
{
    LockRow row;
    row.lock.target.type = LockType::Relation;
    row.lock.target.databaseOid = shop;
    row.lock.target.relationOid = 16384;
    LockView view;
    auto names = std::make_shared<TargetNames>();
    names->names.insert({shop, relationCatalog, 16384, 0}, {.name = QStringLiteral("public.orders")});
    view.names = names;
    for (const char* const text : {"orders", "key:orders", "16384"}) {
        LockFilter filter(QString::fromLatin1(text));
        QVERIFY2(filter.matching({row, row}, view).size() == 2, text);
    }
    LockFilter other(QStringLiteral("customers"));
    QVERIFY(other.matching({row}, view).empty());
}

QTEST_GUILESS_MAIN(TestLockFilter)
#include "tst_lockfilter.moc"
