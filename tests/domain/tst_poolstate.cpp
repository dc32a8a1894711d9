#include "models/domain/poolstate.h"
#include "tests/support/suite.h"

using namespace lockscope;

class tst_PoolState final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void spellsWhatScenarioFilesAndCellsShow();
    void expectsOneInNUnlocksToHit();
    void allowsLessDeviationTheMoreWasMeasured();
    void measuresNothingWithoutUnlocks();
    void countsFreeSlotsOnly();
};

void tst_PoolState::spellsWhatScenarioFilesAndCellsShow()
{
    QCOMPARE(word(CheckoutOrder::Random), QStringLiteral("random"));
    QCOMPARE(word(CheckoutOrder::RoundRobin), QStringLiteral("round-robin"));
    QCOMPARE(word(CheckoutOrder::Fifo), QStringLiteral("fifo"));
    QCOMPARE(word(CheckoutOrder::Lifo), QStringLiteral("lifo"));
    QCOMPARE(word(LockServiceForm::Naive), QStringLiteral("naive"));
    QCOMPARE(word(LockServiceForm::Dedicated), QStringLiteral("dedicated"));
    QCOMPARE(word(LockServiceForm::DedicatedWithoutFinally), QStringLiteral("dedicated-without-finally"));
    QCOMPARE(word(LockServiceForm::TransactionLevel), QStringLiteral("transaction-level"));
    QStringList words;
    for (const SlotPhase phase : {SlotPhase::Opening, SlotPhase::Free, SlotPhase::CheckedOut, SlotPhase::Lost})
        words.append(word(phase));
    for (const PoolAnswer answer : {PoolAnswer::True, PoolAnswer::False, PoolAnswer::RefusedByMap, PoolAnswer::NotInMap,
                                    PoolAnswer::NoConnection, PoolAnswer::Failed, PoolAnswer::Lost})
        words.append(word(answer));
    words << word(PoolAction::Acquire) << word(PoolAction::Release);
    QCOMPARE(words.join(u'|'), QStringLiteral("opening|free|checked out|lost|true|false|refused by the map|not in the "
                                              "map|no connection|failed|lost|acquire|release"));
}

void tst_PoolState::expectsOneInNUnlocksToHit()
{
    const HitRate rate{.poolSize = 4, .hits = 260, .unlocks = 1000};
    QCOMPARE(rate.measured(), 0.26);
    QCOMPARE(rate.expected(), 0.25);
    QVERIFY(qAbs(rate.threeSigma() - 0.041079) < 0.000001); // 3 * sqrt(0.25 * 0.75 / 1000)
}

void tst_PoolState::allowsLessDeviationTheMoreWasMeasured()
{
    const HitRate few{.poolSize = 2, .hits = 50, .unlocks = 100};
    const HitRate many{.poolSize = 2, .hits = 5000, .unlocks = 10000};
    QCOMPARE(few.threeSigma(), 0.15);
    QCOMPARE(many.threeSigma(), 0.015);
    // A pool of one always hits: nothing deviates.
    QCOMPARE((HitRate{.poolSize = 1, .hits = 10, .unlocks = 10}).threeSigma(), 0.0);
}

void tst_PoolState::measuresNothingWithoutUnlocks()
{
    QCOMPARE((HitRate{.poolSize = 3}).measured(), 0.0);
    QCOMPARE((HitRate{.poolSize = 3}).threeSigma(), 0.0);
    QCOMPARE(HitRate{}.expected(), 0.0);
}

void tst_PoolState::countsFreeSlotsOnly()
{
    PoolState state;
    QCOMPARE(state.freeSlots(), 0);
    for (const SlotPhase phase :
         {SlotPhase::Opening, SlotPhase::Free, SlotPhase::CheckedOut, SlotPhase::Lost, SlotPhase::Free})
        state.slotList.append(PoolSlot{.number = static_cast<int>(state.slotList.size()) + 1, .phase = phase});
    QCOMPARE(state.freeSlots(), 2);
}

QTEST_GUILESS_MAIN(tst_PoolState)
#include "tst_poolstate.moc"
