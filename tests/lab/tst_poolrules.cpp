#include "app/lab/pool/checkout.h"
#include "app/lab/pool/holdbook.h"
#include "app/lab/pool/lockmap.h"
#include "app/postgres/poolconnection.h"
#include "tests/support/suite.h"

#include <array>

using namespace lockscope;

/// What a pool and a lock service decide without a server.
class tst_PoolRules final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void handsOutByOrder_data();
    void handsOutByOrder();
    void picksTheSameWithTheSameSeed();
    void picksEveryConnectionAboutEquallyOften();
    void handsOutNothingWhenNothingIsFree();
    void neverHandsOutWhatWasLost();

    void countsAKeyThatTheServiceForgotAsLeaked();
    void countsAKeyAsLeakedThatWasTakenOnceMoreThanReleased();
    void knowsWhichBackendGrantedAKey();
    void countsAnUnknownKeyAsLeakedOnABackendOfItsOwnOnly();
    void forgetsWhatTheServerDoesNotShow();

    void letsOneEntryPerKeyIntoTheMap();
    void cutsTheNameAndKeepsTheNumber();
};

void tst_PoolRules::handsOutByOrder_data()
{
    QTest::addColumn<CheckoutOrder>("order");
    QTest::addColumn<QString>("oneAtATime");
    QTest::addColumn<QString>("afterThreeTwoOne");
    QTest::newRow("round-robin") << CheckoutOrder::RoundRobin << "1 2 3 1 2"
                                 << "3 1 2";
    QTest::newRow("fifo") << CheckoutOrder::Fifo << "1 2 3 1 2"
                          << "3 2 1";
    QTest::newRow("lifo") << CheckoutOrder::Lifo << "1 1 1 1 1"
                          << "1 2 3";
}

void tst_PoolRules::handsOutByOrder()
{
    QFETCH(const CheckoutOrder, order);
    QFETCH(const QString, oneAtATime);
    QFETCH(const QString, afterThreeTwoOne);
    const auto text = [](const QList<int>& numbers) {
        QStringList words;
        for (const int number : numbers)
            words.append(QString::number(number));
        return words.join(u' ');
    };

    Checkout checkout(order);
    checkout.fill(3);
    QList<int> taken;
    for (int i = 0; i < 5; ++i) {
        taken.append(checkout.take().value_or(0));
        checkout.giveBack(taken.last());
    }
    QCOMPARE(text(taken), oneAtATime);

    // All out, and back as 3, 2, 1.
    for (int i = 0; i < 3; ++i)
        QVERIFY(checkout.take());
    for (const int number : {3, 2, 1})
        checkout.giveBack(number);
    taken.clear();
    for (int i = 0; i < 3; ++i)
        taken.append(checkout.take().value_or(0));
    QCOMPARE(text(taken), afterThreeTwoOne);
}

void tst_PoolRules::picksTheSameWithTheSameSeed()
{
    const auto picks = [](quint32 seed, bool backInTurn) {
        Checkout checkout(CheckoutOrder::Random, seed);
        checkout.fill(5);
        QList<int> taken;
        for (int i = 0; i < 50; ++i) {
            const int first = checkout.take().value_or(0);
            const int second = checkout.take().value_or(0);
            taken << first << second;
            checkout.giveBack(backInTurn ? first : second);
            checkout.giveBack(backInTurn ? second : first);
        }
        return taken;
    };
    QCOMPARE(picks(7, true), picks(7, true));
    QCOMPARE(picks(7, true), picks(7, false)); // who came back first does not matter
    QVERIFY(picks(7, true) != picks(8, true));
}

void tst_PoolRules::picksEveryConnectionAboutEquallyOften()
{
    Checkout checkout(CheckoutOrder::Random, 1);
    checkout.fill(4);
    std::array<int, 5> counts{};
    for (int i = 0; i < 4000; ++i) {
        const int taken = checkout.take().value_or(0);
        ++counts.at(static_cast<size_t>(taken));
        checkout.giveBack(taken);
    }
    QCOMPARE(counts.at(0), 0);
    for (size_t number = 1; number <= 4; ++number) // 1000, and five standard deviations of 27
        QVERIFY2(qAbs(counts.at(number) - 1000) < 137, qPrintable(QString::number(counts.at(number))));
}

void tst_PoolRules::handsOutNothingWhenNothingIsFree()
{
    for (const CheckoutOrder order :
         {CheckoutOrder::Random, CheckoutOrder::RoundRobin, CheckoutOrder::Fifo, CheckoutOrder::Lifo}) {
        Checkout checkout(order);
        QVERIFY(!checkout.take());
        checkout.fill(1);
        QCOMPARE(checkout.take(), std::optional(1));
        QVERIFY(!checkout.take());
        checkout.giveBack(1);
        checkout.giveBack(1); // twice is still one connection
        QCOMPARE(checkout.freeCount(), 1);
    }
}

void tst_PoolRules::neverHandsOutWhatWasLost()
{
    Checkout checkout(CheckoutOrder::RoundRobin);
    checkout.fill(3);
    checkout.remove(2);
    QCOMPARE(checkout.take(), std::optional(1));
    QCOMPARE(checkout.take(), std::optional(3));
    QVERIFY(!checkout.take());
}

void tst_PoolRules::countsAKeyThatTheServiceForgotAsLeaked()
{
    const auto key = LockKey::bigint(5);
    HoldBook book;
    book.acquired(key, 100);
    QCOMPARE(book.leaked(100, {key}, true), QList<LockKey>());
    book.givenUp(key); // the unlock went elsewhere and answered false
    QCOMPARE(book.leaked(100, {key}, true), QList<LockKey>{key});
    QCOMPARE(book.leaked(100, {}, true), QList<LockKey>()); // only what the server shows
}

void tst_PoolRules::countsAKeyAsLeakedThatWasTakenOnceMoreThanReleased()
{
    const auto key = LockKey::bigint(5);
    HoldBook book;
    book.acquired(key, 100);
    book.givenUp(key);
    book.acquired(key, 100); // the same backend, so it is granted again
    QCOMPARE(book.leaked(100, {key}, true), QList<LockKey>{key});
    book.released(key, 100);
    book.givenUp(key);
    QCOMPARE(book.leaked(100, {key}, true), QList<LockKey>{key}); // granted twice, released once
    book.released(key, 100);
    QCOMPARE(book.backendOf(key), std::optional<qint32>());
}

void tst_PoolRules::knowsWhichBackendGrantedAKey()
{
    const auto key = LockKey::pair(1, 2);
    HoldBook book;
    QCOMPARE(book.backendOf(key), std::optional<qint32>());
    book.acquired(key, 100);
    QCOMPARE(book.backendOf(key), std::optional<qint32>(100));
    QCOMPARE(book.backendOf(LockKey::bigint(1)), std::optional<qint32>());
    book.givenUp(key);
    QCOMPARE(book.backendOf(key), std::optional<qint32>(100)); // it still has it
    book.clear(100);
    QCOMPARE(book.backendOf(key), std::optional<qint32>());
}

void tst_PoolRules::countsAnUnknownKeyAsLeakedOnABackendOfItsOwnOnly()
{
    const HoldBook book;
    QCOMPARE(book.leaked(100, {LockKey::bigint(5)}, true), QList<LockKey>{LockKey::bigint(5)});
    QCOMPARE(book.leaked(100, {LockKey::bigint(5)}, false), QList<LockKey>()); // another client of the pooler's
}

void tst_PoolRules::forgetsWhatTheServerDoesNotShow()
{
    HoldBook book;
    book.acquired(LockKey::bigint(5), 100);
    book.acquired(LockKey::bigint(6), 100);
    book.seen(100, {LockKey::bigint(6)});
    QCOMPARE(book.backendOf(LockKey::bigint(5)), std::optional<qint32>());
    QCOMPARE(book.backendOf(LockKey::bigint(6)), std::optional<qint32>(100));
}

void tst_PoolRules::letsOneEntryPerKeyIntoTheMap()
{
    LockMap map;
    QVERIFY(!map.find(LockKey::bigint(5)));
    const quint64 first = map.insert(LockKey::bigint(5));
    QVERIFY(map.find(LockKey::bigint(5)));
    map.find(LockKey::bigint(5))->slot = 2;
    QCOMPARE(map.pairs(), (QList<std::pair<LockKey, int>>{{LockKey::bigint(5), 2}}));
    map.removeSlot(2);
    QVERIFY(!map.findNumber(first));
    QVERIFY(map.insert(LockKey::bigint(5)) != first);
}

void tst_PoolRules::cutsTheNameAndKeepsTheNumber()
{
    QCOMPARE(poolApplicationName(QStringLiteral("shop"), 2), QStringLiteral("lockscope lab: shop-2"));
    QCOMPARE(poolApplicationName(QStringLiteral("a;b\n"), 2), QStringLiteral("lockscope lab: a?b?-2"));
    const QString cut = poolApplicationName(QString(100, QChar(0x00e9)), 32);
    QVERIFY(cut.toUtf8().size() <= 63);
    QVERIFY(cut.endsWith(QStringLiteral("-32")));
}

QTEST_GUILESS_MAIN(tst_PoolRules)
#include "tst_poolrules.moc"
