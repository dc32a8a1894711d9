#include "ui/lab/pooltext.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <cmath>

namespace lockscope::pooltext {

namespace {

QString text(const char* source)
{
    return QCoreApplication::translate("PoolText", source);
}

QString keysText(const QList<LockKey>& keys)
{
    QStringList words;
    for (const LockKey& key : keys)
        words.append(key.toString());
    return words.join(QStringLiteral(", "));
}

} // namespace

QString title(LockServiceForm form)
{
    switch (form) {
    case LockServiceForm::Naive:
        return text("Naive");
    case LockServiceForm::Dedicated:
        return text("Dedicated");
    case LockServiceForm::DedicatedWithoutFinally:
        return text("Dedicated without finally");
    case LockServiceForm::TransactionLevel:
        return text("Transaction-level");
    }
    Q_UNREACHABLE();
}

QString explain(LockServiceForm form)
{
    switch (form) {
    case LockServiceForm::Naive:
        return text("Each call takes any free connection and gives it back. This is the bug.");
    case LockServiceForm::Dedicated:
        return text("One connection from acquire to release, kept in a map by key and returned in all cases.");
    case LockServiceForm::DedicatedWithoutFinally:
        return text("One connection from acquire to release, but a failed unlock never returns it.");
    case LockServiceForm::TransactionLevel:
        return text("One transaction on one connection: its end releases the lock.");
    }
    Q_UNREACHABLE();
}

QString title(CheckoutOrder order)
{
    switch (order) {
    case CheckoutOrder::Random:
        return text("Random");
    case CheckoutOrder::RoundRobin:
        return text("Round-robin");
    case CheckoutOrder::Fifo:
        return text("First in, first out");
    case CheckoutOrder::Lifo:
        return text("Last in, first out");
    }
    Q_UNREACHABLE();
}

QString explain(CheckoutOrder order)
{
    switch (order) {
    case CheckoutOrder::Random:
        return text("Any free connection, each with the same chance.");
    case CheckoutOrder::RoundRobin:
        return text("One after the other.");
    case CheckoutOrder::Fifo:
        return text("The connection that has been free the longest.");
    case CheckoutOrder::Lifo:
        return text("The connection that was returned last. While one request runs at a time it hides the bug.");
    }
    Q_UNREACHABLE();
}

Pill pillOf(SlotPhase phase)
{
    switch (phase) {
    case SlotPhase::Opening:
        return {word(phase), PillShape::Hourglass, Tone::Held};
    case SlotPhase::Free:
        return {word(phase), PillShape::Ring, Tone::Held};
    case SlotPhase::CheckedOut:
        return {word(phase), PillShape::Play, Tone::Mine};
    case SlotPhase::Lost:
        return {word(phase), PillShape::Cross, Tone::Error};
    }
    Q_UNREACHABLE();
}

Pill pillOf(PoolAnswer answer)
{
    switch (answer) {
    case PoolAnswer::True:
        return {word(answer), PillShape::Check, Tone::New};
    case PoolAnswer::False:
        return {word(answer), PillShape::Cross, Tone::Waiting};
    case PoolAnswer::RefusedByMap:
    case PoolAnswer::NotInMap:
        return {word(answer), PillShape::Stop, Tone::Held};
    case PoolAnswer::NoConnection:
        return {word(answer), PillShape::Hourglass, Tone::Error};
    case PoolAnswer::Failed:
    case PoolAnswer::Lost:
        return {word(answer), PillShape::Warning, Tone::Error};
    }
    Q_UNREACHABLE();
}

bool isExhausted(const PoolState& state)
{
    return state.phase == PoolState::Phase::Ready && !state.slotList.isEmpty() && state.freeSlots() == 0;
}

QString summary(const PoolState& state)
{
    const auto count = [&state](SlotPhase phase) {
        return std::count_if(state.slotList.cbegin(), state.slotList.cend(),
                             [phase](const PoolSlot& slot) { return slot.phase == phase; });
    };
    QStringList parts;
    for (const SlotPhase phase : {SlotPhase::Opening, SlotPhase::Free, SlotPhase::CheckedOut, SlotPhase::Lost}) {
        if (const auto number = count(phase); number > 0)
            parts.append(QStringLiteral("%1 %2").arg(QString::number(number), word(phase)));
    }
    const auto leaking = std::count_if(state.slotList.cbegin(), state.slotList.cend(),
                                       [](const PoolSlot& slot) { return !slot.leaked.isEmpty(); });
    if (leaking > 0)
        parts.append(text("%1 with a leaked key").arg(leaking));
    const QString head =
        state.slotList.size() == 1 ? text("1 connection") : text("%1 connections").arg(state.slotList.size());
    return parts.isEmpty() ? head : QStringLiteral("%1: %2").arg(head, parts.join(QStringLiteral(", ")));
}

QString slotName(int slot, qint32 backendPid)
{
    return backendPid == 0 ? text("slot %1").arg(slot)
                           : text("slot %1 (pid %2)").arg(QString::number(slot), QString::number(backendPid));
}

QString describe(const PoolState& state)
{
    QStringList lines{summary(state)};
    if (isExhausted(state))
        lines.append(text("The pool is exhausted."));
    if (!state.waiting.isEmpty())
        lines.append(text("Waiting for a connection: %1").arg(state.waiting.join(QStringLiteral(", "))));
    for (const PoolSlot& slot : state.slotList) {
        QString line = QStringLiteral("%1: %2").arg(slotName(slot.number, slot.backendPid), word(slot.phase));
        if (!slot.checkedOutBy.isEmpty())
            line += text(" by %1").arg(slot.checkedOutBy);
        if (!slot.keys.isEmpty())
            line += text(", holds key %1").arg(keysText(slot.keys));
        if (!slot.leaked.isEmpty())
            line += text(", leaked: %1").arg(keysText(slot.leaked));
        lines.append(line);
    }
    for (const auto& [key, slot] : state.map)
        lines.append(slot == 0 ? text("The map has key %1 as being taken").arg(key.toString())
                               : text("The map has key %1 on slot %2").arg(key.toString(), QString::number(slot)));
    return lines.join(QLatin1Char('\n'));
}

QString describe(const PoolerSpec& pooler)
{
    return text("%1 mode, %2")
        .arg(word(pooler.mode),
             pooler.poolSize == 1 ? text("1 server connection") : text("%1 server connections").arg(pooler.poolSize));
}

QString verdict(const QList<HitRate>& rates, CheckoutOrder order)
{
    if (rates.isEmpty())
        return {};
    QStringList sentences;
    QStringList outside;
    int most = 0;
    for (const HitRate& rate : rates) {
        most = std::max(most, rate.poolSize);
        // A pool of one has no spread: rounding alone must not make it an exception.
        if (rate.unlocks > 0 && std::abs(rate.measured() - rate.expected()) > rate.threeSigma() + 1e-9)
            outside.append(QString::number(rate.poolSize));
    }
    if (order != CheckoutOrder::Random)
        sentences.append(text("The order \"%1\" is not a fair pick, so 1/N does not apply: the naive service works or "
                              "fails by the order of the calls.")
                             .arg(title(order)));
    else if (outside.isEmpty())
        sentences.append(most == 1 ? text("Every unlock found its lock.")
                                   : text("The unlock finds the connection that has the lock in about 1 of N cases; "
                                          "every measured rate is within three standard deviations of that."));
    else
        sentences.append(text("Outside of three standard deviations from 1/N: pool size %1. Measure more unlocks to "
                              "tell chance from cause.")
                             .arg(outside.join(QStringLiteral(", "))));
    if (std::any_of(rates.cbegin(), rates.cend(),
                    [](const HitRate& rate) { return rate.poolSize == 1 && rate.unlocks > 0; }))
        sentences.append(text("A pool of one hides the bug: there the only connection is always the right one."));
    return sentences.join(QLatin1Char(' '));
}

} // namespace lockscope::pooltext
