#include "models/domain/lock.h"
#include "models/domain/locktarget.h"
#include "tests/support/suite.h"

#include <QSet>

#include <algorithm>

using namespace lockscope;

Q_DECLARE_METATYPE(lockscope::LockTarget)

class TestLockTarget : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void readsAndWritesLockTypes_data();
    void readsAndWritesLockTypes();
    void readsAndWritesLockModes_data();
    void readsAndWritesLockModes();
    void laterServersMayHaveNewNames();
    void describesTargets_data();
    void describesTargets();
    void makesAndReadsAdvisoryTargets();
    void hasNoKeyWhereNoFunctionMadeIt();
    void oneKeyInTwoDatabasesIsTwoTargets();
    void staysSmall();
    void identityIsBackendTargetAndMode();
    void backendsWithReusedPidsAreDifferent();
    void preparedTransactionsAreToldApartByVirtualTransaction();
    void identityOrderIsStrictAndAgrees();
};

void TestLockTarget::readsAndWritesLockTypes_data()
{
    QTest::addColumn<int>("type");
    QTest::addColumn<QString>("name");
    int type = 0;
    for (const char* name : {"relation", "extend", "frozenid", "page", "tuple", "transactionid", "virtualxid",
                             "spectoken", "object", "userlock", "advisory", "applytransaction"})
        QTest::newRow(name) << type++ << QString::fromLatin1(name);
}

void TestLockTarget::readsAndWritesLockTypes()
{
    QFETCH(int, type);
    QFETCH(QString, name);
    QCOMPARE(static_cast<int>(lockTypeFromServer(name)), type);
    QCOMPARE(serverName(static_cast<LockType>(type)), name);
}

void TestLockTarget::readsAndWritesLockModes_data()
{
    QTest::addColumn<int>("mode");
    QTest::addColumn<QString>("server");
    QTest::addColumn<QString>("display");
    int mode = 1;
    const auto row = [&](const char* server, const char* display) {
        QTest::newRow(server) << mode++ << QString::fromLatin1(server) << QString::fromLatin1(display);
    };
    row("AccessShareLock", "Access Share");
    row("RowShareLock", "Row Share");
    row("RowExclusiveLock", "Row Exclusive");
    row("ShareUpdateExclusiveLock", "Share Update Exclusive");
    row("ShareLock", "Share");
    row("ShareRowExclusiveLock", "Share Row Exclusive");
    row("ExclusiveLock", "Exclusive");
    row("AccessExclusiveLock", "Access Exclusive");
    row("SIReadLock", "SIRead");
}

void TestLockTarget::readsAndWritesLockModes()
{
    QFETCH(int, mode);
    QFETCH(QString, server);
    QFETCH(QString, display);
    QCOMPARE(static_cast<int>(lockModeFromServer(server)), mode);
    QCOMPARE(serverName(static_cast<LockMode>(mode)), server);
    QCOMPARE(displayName(static_cast<LockMode>(mode)), display);
}

void TestLockTarget::laterServersMayHaveNewNames()
{
    QCOMPARE(lockTypeFromServer(u"quantum"), LockType::Unknown);
    QCOMPARE(lockTypeFromServer(u"ADVISORY"), LockType::Unknown);
    QCOMPARE(serverName(LockType::Unknown), QStringLiteral("unknown"));
    QCOMPARE(lockModeFromServer(u"QuantumLock"), LockMode::Unknown);
    QCOMPARE(lockModeFromServer(u""), LockMode::Unknown);
    QCOMPARE(displayName(LockMode::Unknown), QStringLiteral("Unknown"));
}

void TestLockTarget::describesTargets_data()
{
    QTest::addColumn<LockTarget>("target");
    QTest::addColumn<QString>("text");
    const auto row = [](const LockTarget& target, const QString& text) {
        QTest::newRow(qPrintable(text)) << target << text;
    };
    row({.type = LockType::Relation, .databaseOid = 5, .relationOid = 16384}, QStringLiteral("relation 16384"));
    row({.type = LockType::Extend, .databaseOid = 5, .relationOid = 16384},
        QStringLiteral("extension of relation 16384"));
    row({.type = LockType::FrozenId, .databaseOid = 5}, QStringLiteral("frozen ids of database 5"));
    row({.type = LockType::Page, .relationOid = 16384, .page = 3}, QStringLiteral("page 3 of 16384"));
    row({.type = LockType::Tuple, .tuple = 7, .relationOid = 16384, .page = 3},
        QStringLiteral("tuple (3, 7) of 16384"));
    row({.type = LockType::TransactionId, .transactionId = 4294967294}, QStringLiteral("transaction 4294967294"));
    row({.type = LockType::VirtualXid, .transactionId = (quint64(4) << 32) | 20},
        QStringLiteral("virtual transaction 4/20"));
    row({.type = LockType::SpeculativeToken, .objid = 9, .transactionId = 751},
        QStringLiteral("speculative insertion 9 of transaction 751"));
    row({.type = LockType::Object, .classid = 1259, .objid = 16384}, QStringLiteral("object 1259/16384"));
    row({.type = LockType::Object, .objsubid = 2, .classid = 1259, .objid = 16384},
        QStringLiteral("object 1259/16384/2"));
    row({.type = LockType::UserLock, .objsubid = 2, .classid = 1, .objid = 3}, QStringLiteral("user lock 1/3/2"));
    row(LockTarget::advisory(5, LockKey::bigint(-1)), QStringLiteral("-1"));
    row(LockTarget::advisory(5, LockKey::pair(-5, 7)), QStringLiteral("(-5, 7)"));
    row({.type = LockType::Advisory, .objsubid = 4, .classid = 1, .objid = 3}, QStringLiteral("advisory 1/3/4"));
    row({.type = LockType::ApplyTransaction, .objid = 16400, .transactionId = 751},
        QStringLiteral("remote transaction 751 of subscription 16400"));
    row({}, QStringLiteral("lock of an unknown type"));
}

void TestLockTarget::describesTargets()
{
    QFETCH(LockTarget, target);
    QFETCH(QString, text);
    QCOMPARE(describe(target), text);
}

void TestLockTarget::makesAndReadsAdvisoryTargets()
{
    for (const LockKey key : {LockKey::bigint(-1), LockKey::bigint(5), LockKey::pair(-5, 7), LockKey::pair(0, 5)}) {
        const LockTarget target = LockTarget::advisory(16384, key);
        QCOMPARE(target.databaseOid, 16384U);
        QCOMPARE(target.key(), key);
    }
}

void TestLockTarget::hasNoKeyWhereNoFunctionMadeIt()
{
    LockTarget target = LockTarget::advisory(1, LockKey::bigint(5));
    target.objsubid = 16;
    QVERIFY(!target.key());
    target.objsubid = 1;
    target.type = LockType::UserLock;
    QVERIFY(!target.key());
}

void TestLockTarget::oneKeyInTwoDatabasesIsTwoTargets()
{
    const QSet<LockTarget> targets{
        LockTarget::advisory(1, LockKey::bigint(5)), LockTarget::advisory(2, LockKey::bigint(5)),
        LockTarget::advisory(1, LockKey::bigint(5)), LockTarget::advisory(1, LockKey::pair(0, 5))};
    QCOMPARE(targets.size(), 3);
}

void TestLockTarget::staysSmall()
{
    QVERIFY(sizeof(LockTarget) <= 40);
}

void TestLockTarget::identityIsBackendTargetAndMode()
{
    const Lock held{.target = LockTarget::advisory(1, LockKey::bigint(5)),
                    .mode = LockMode::Exclusive,
                    .granted = true,
                    .backend = {.pid = 7},
                    .virtualTransaction = 1};
    Lock other = held;
    other.granted = false;
    other.virtualTransaction = 2;
    other.waitStart = ServerTime{};
    QVERIFY(sameIdentity(held, other));
    other.mode = LockMode::Share;
    QVERIFY(!sameIdentity(held, other));
    other = held;
    other.target.databaseOid = 2;
    QVERIFY(!sameIdentity(held, other));
    other = held;
    other.backend.pid = 8;
    QVERIFY(!sameIdentity(held, other));
}

void TestLockTarget::backendsWithReusedPidsAreDifferent()
{
    const BackendId first{.pid = 7, .backendStart = ServerTime(std::chrono::microseconds(1))};
    const BackendId second{.pid = 7, .backendStart = ServerTime(std::chrono::microseconds(2))};
    const BackendId hidden{.pid = 7};
    QVERIFY(!sameIdentity({.backend = first}, {.backend = second}));
    QVERIFY(!sameIdentity({.backend = first}, {.backend = hidden}));
    QVERIFY(sameIdentity({.backend = first}, {.backend = first}));
    QCOMPARE((QSet<BackendId>{first, second, hidden, first}.size()), 3);
}

void TestLockTarget::preparedTransactionsAreToldApartByVirtualTransaction()
{
    QVERIFY(!sameIdentity({.virtualTransaction = 1}, {.virtualTransaction = 2}));
    QVERIFY(sameIdentity({.virtualTransaction = 1}, {.virtualTransaction = 1}));
}

void TestLockTarget::identityOrderIsStrictAndAgrees()
{
    QList<Lock> locks;
    for (const qint32 pid : {0, 7, 8}) {
        for (const quint64 virtualTransaction : {1, 2}) {
            for (const qint64 key : {-1, 5}) {
                for (const LockMode mode : {LockMode::Share, LockMode::Exclusive}) {
                    locks.append({.target = LockTarget::advisory(1, LockKey::bigint(key)),
                                  .mode = mode,
                                  .backend = {.pid = pid},
                                  .virtualTransaction = virtualTransaction});
                }
            }
        }
    }
    for (const Lock& a : std::as_const(locks)) {
        for (const Lock& b : std::as_const(locks)) {
            QCOMPARE(!identityLess(a, b) && !identityLess(b, a), sameIdentity(a, b));
            QVERIFY(!(identityLess(a, b) && identityLess(b, a)));
        }
    }
    std::sort(locks.begin(), locks.end(), identityLess);
    QVERIFY(std::is_sorted(locks.cbegin(), locks.cend(), identityLess));
    const auto end = std::unique(locks.begin(), locks.end(), sameIdentity);
    QCOMPARE(end - locks.begin(), 16); // 8 of the prepared transactions, 4 of each backend
}

QTEST_GUILESS_MAIN(TestLockTarget)
#include "tst_locktarget.moc"
