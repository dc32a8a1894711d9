#include "models/lockfilter.h"
#include "tests/models/lockmarket.h"
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
    void filtersByWords_data();
    void filtersByWords();
    void takesMoreWordsThanBits();

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

void TestLockFilter::filtersByWords_data()
{
    QTest::addColumn<QString>("filter");
    QTest::addColumn<QString>("keys");
    const QString all = QStringLiteral("5 5 15 99 (-5, 7) relation 1234");
    QTest::newRow("nothing") << QString() << all;
    QTest::newRow("spaces") << QStringLiteral("   ") << all;
    QTest::newRow("a number is a key first") << QStringLiteral("5") << QStringLiteral("5 5");
    QTest::newRow("a number is a pid first") << QStringLiteral("12") << QStringLiteral("15");
    QTest::newRow("a number is a blocker as well") << QStringLiteral("11") << QStringLiteral("5 5");
    QTest::newRow("a number is half of a pair") << QStringLiteral("7") << QStringLiteral("(-5, 7)");
    QTest::newRow("else it is text") << QStringLiteral("23") << QStringLiteral("relation 1234");
    QTest::newRow("a pair") << QStringLiteral("(-5, 7)") << QStringLiteral("(-5, 7)");
    QTest::newRow("a pair without spaces") << QStringLiteral("(-5,7)") << QStringLiteral("(-5, 7)");
    QTest::newRow("any column, any case") << QStringLiteral("POD a") << QStringLiteral("5 5 15 (-5, 7) relation 1234");
    QTest::newRow("a phrase") << QStringLiteral("\"pod a\"") << QStringLiteral("5");
    QTest::newRow("a phrase that is still typed") << QStringLiteral("\"pod a") << QStringLiteral("5");
    QTest::newRow("a hidden column") << QStringLiteral("10.0.0.7") << QStringLiteral("5");
    QTest::newRow("the query") << QStringLiteral("ADVISORY_lock") << QStringLiteral("(-5, 7)");
    QTest::newRow("all words must match") << QStringLiteral("15 berta") << QStringLiteral("15");
    QTest::newRow("or nothing does") << QStringLiteral("key:15 anna") << QString();
    QTest::newRow("key:") << QStringLiteral("key:5") << QStringLiteral("5 5");
    QTest::newRow("key: of a pair") << QStringLiteral("key:(-5, 7)") << QStringLiteral("(-5, 7)");
    QTest::newRow("key: in quotes") << QStringLiteral("key:\"-5, 7\"") << QStringLiteral("(-5, 7)");
    QTest::newRow("key: as text") << QStringLiteral("key:relation") << QStringLiteral("relation 1234");
    QTest::newRow("key: is exact") << QStringLiteral("key:1") << QString();
    QTest::newRow("pid:") << QStringLiteral("pid:15") << QStringLiteral("relation 1234");
    QTest::newRow("app:") << QStringLiteral("app:\"pod a\"") << QStringLiteral("5");
    QTest::newRow("user:") << QStringLiteral("user:bert") << QStringLiteral("15");
    QTest::newRow("db:") << QStringLiteral("db:depot") << QStringLiteral("(-5, 7)");
    QTest::newRow("mode: whole name") << QStringLiteral("mode:share") << QStringLiteral("15");
    QTest::newRow("mode: as functions say it") << QStringLiteral("mode:Shared") << QStringLiteral("15");
    QTest::newRow("mode: part") << QStringLiteral("mode:shar") << QStringLiteral("15 relation 1234");
    QTest::newRow("state:waiting") << QStringLiteral("state:waiting") << QStringLiteral("5");
    QTest::newRow("state: of the backend") << QStringLiteral("state:active") << QStringLiteral("5");
    QTest::newRow("type:") << QStringLiteral("type:rel") << QStringLiteral("relation 1234");
    QTest::newRow("prefix still typed") << QStringLiteral("key:") << all;
    QTest::newRow("no such prefix") << QStringLiteral("color:red") << QString();
    QTest::newRow("hidden by rights") << QStringLiteral("\"not visible\"") << QStringLiteral("relation 1234");
    QTest::newRow("prepared") << QStringLiteral("prepared") << QStringLiteral("99");
    QTest::newRow("pattern characters are text") << QStringLiteral(".*") << QString();
}

void TestLockFilter::filtersByWords()
{
    QFETCH(const QString, filter);
    QFETCH(const QString, keys);
    LockViewBuilder builder;
    LockViewSpec spec;
    spec.filter = filter;
    (void)builder.respecify(spec);
    const LockViewPointer view = builder.update(market()).view;
    QCOMPARE(keysOf(*view), keys);
    QCOMPARE(view->matchingRows, view->rows.size());
}

void TestLockFilter::takesMoreWordsThanBits()
{
    LockViewBuilder builder;
    LockViewSpec spec;
    spec.filter = QStringLiteral("pod ").repeated(100);
    (void)builder.respecify(spec);
    QCOMPARE(keysOf(*builder.update(market()).view), QStringLiteral("5 5 15 (-5, 7) relation 1234"));
}

QTEST_GUILESS_MAIN(TestLockFilter)
#include "tst_lockfilter.moc"
