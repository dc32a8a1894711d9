#include "ui/lab/poolteller.h"

#include "models/domain/time.h"
#include "ui/lab/pooltext.h"

#include <QCoreApplication>

#include <algorithm>

namespace lockscope {

namespace {

QString text(const char* source)
{
    return QCoreApplication::translate("PoolTeller", source);
}

QString capital(const QString& words)
{
    return words.isEmpty() ? words : words.at(0).toUpper() + words.mid(1);
}

} // namespace

void PoolTeller::reset(const std::optional<PoolerSpec>& pooler)
{
    m_pooler = pooler;
    m_taken.clear();
}

QString PoolTeller::place(const PoolCall& call) const
{
    if (m_pooler && call.backendPid != 0)
        return text("slot %1 (through PgBouncer: pid %2)")
            .arg(QString::number(call.slot), QString::number(call.backendPid));
    return pooltext::slotName(call.slot, call.backendPid);
}

QString PoolTeller::holder(const LockKey& key, qint32 besides, const PoolState& state) const
{
    for (const PoolSlot& slot : state.slotList) {
        if (slot.backendPid != besides && slot.keys.contains(key))
            return pooltext::slotName(slot.number, slot.backendPid);
    }
    for (auto taken = m_taken.cbegin(); taken != m_taken.cend(); ++taken) {
        if (taken.key().second == key && taken.key().first != besides && taken.value() > 0)
            return text("pid %1").arg(taken.key().first);
    }
    return {};
}

QString PoolTeller::tell(const PoolCall& call, const PoolState& state)
{
    switch (call.answer) {
    case PoolAnswer::RefusedByMap:
    case PoolAnswer::NotInMap:
    case PoolAnswer::NoConnection:
        return tellNotSent(call, state);
    case PoolAnswer::Failed:
    case PoolAnswer::Lost:
        return tellFailure(call, state);
    case PoolAnswer::True:
    case PoolAnswer::False:
        break;
    }
    // Taken from the answers alone: by the time a call is told, another one may have changed what the slots hold.
    const Place where{call.backendPid, call.key};
    const int before = m_taken.value(where);
    if (call.action == PoolAction::Acquire) {
        if (call.answer == PoolAnswer::True && state.spec.form != LockServiceForm::TransactionLevel)
            m_taken[where] = before + 1;
        return tellAcquire(call, state, before);
    }
    const int left = std::max(0, before - 1);
    if (call.answer == PoolAnswer::True) {
        if (left == 0)
            m_taken.remove(where);
        else
            m_taken[where] = left;
    }
    return tellRelease(call, state, left);
}

QString PoolTeller::tellAcquire(const PoolCall& call, const PoolState& state, int before) const
{
    const QString key = call.key.toString();
    if (call.answer == PoolAnswer::False) {
        const QString other = holder(call.key, call.backendPid, state);
        return other.isEmpty() ? text("%1 was refused key %2 on %3: false. Another session holds it.")
                                     .arg(capital(call.request), key, place(call))
                               : text("%1 was refused key %2 on %3: false. It is held by %4.")
                                     .arg(capital(call.request), key, place(call), other);
    }
    if (before > 0)
        return text("%1 got key %2 on %3: true, although it was taken there before. A session may take its own lock "
                    "again, so two requests now believe that they alone have it.")
            .arg(capital(call.request), key, place(call));
    const QString got = text("%1 got key %2 on %3: true.").arg(capital(call.request), key, place(call));
    switch (state.spec.form) {
    case LockServiceForm::Naive:
        return text("%1 The connection went back to the pool and took the lock with it.").arg(got);
    case LockServiceForm::Dedicated:
    case LockServiceForm::DedicatedWithoutFinally:
        if (m_pooler && m_pooler->mode != PoolerMode::Session)
            return text("%1 The slot stays checked out, but PgBouncer has lent its backend to whoever asks next.")
                .arg(got);
        return text("%1 Slot %2 stays checked out for it until the release.").arg(got, QString::number(call.slot));
    case LockServiceForm::TransactionLevel:
        return text("%1 The end of its transaction will release it, however it ends.").arg(got);
    }
    Q_UNREACHABLE();
}

QString PoolTeller::tellRelease(const PoolCall& call, const PoolState& state, int left) const
{
    const QString key = call.key.toString();
    if (call.answer == PoolAnswer::False) {
        const QString missed = text("The unlock ran on %1, which does not hold key %2: false.").arg(place(call), key);
        const QString other = holder(call.key, call.backendPid, state);
        return other.isEmpty() ? missed : text("%1 The key stays with %2.").arg(missed, other);
    }
    if (state.spec.form == LockServiceForm::TransactionLevel)
        return text("The transaction on %1 ended, and key %2 is free.").arg(place(call), key);
    const QString found = text("The unlock ran on %1, which held key %2: true.").arg(place(call), key);
    if (left > 0)
        return text("%1 It was taken there more than once, so it is still held.").arg(found);
    if (state.spec.form == LockServiceForm::Naive && state.spec.size == 1)
        return text("%1 With one connection it is always the right one: a pool of one hides the bug.").arg(found);
    if (state.spec.form == LockServiceForm::Naive && !m_pooler)
        return text("%1 That was luck: any of %2 connections could have been asked.")
            .arg(found, QString::number(state.spec.size));
    if (state.spec.form == LockServiceForm::Naive && m_pooler && m_pooler->mode != PoolerMode::Session &&
        m_pooler->poolSize > 1)
        return text("%1 That was luck: with others at work PgBouncer could have lent another of its %2 backends.")
            .arg(found, QString::number(m_pooler->poolSize));
    return text("%1 The key is free.").arg(found);
}

QString PoolTeller::tellFailure(const PoolCall& call, const PoolState& state)
{
    const QString key = call.key.toString();
    if (call.answer == PoolAnswer::Lost)
        return text("The connection of %1 ended before an answer came. The server frees what it held.")
            .arg(place(call));
    if (call.action == PoolAction::Acquire)
        return text("%1 could not ask for key %2: the statement failed on %3.")
            .arg(capital(call.request), key, place(call));
    const QString failed = text("The unlock of key %1 failed on %2.").arg(key, place(call));
    switch (state.spec.form) {
    case LockServiceForm::Dedicated:
        if (m_pooler)
            return text("%1 Its finally closed the connection and opened a new one, but PgBouncer may keep the backend "
                        "and what it holds.")
                .arg(failed);
        m_taken.remove({call.backendPid, call.key});
        return text("%1 Its finally closed the connection, which frees the key, and opened a new one.").arg(failed);
    case LockServiceForm::DedicatedWithoutFinally:
        return text("%1 Without finally nobody returns the connection: the pool has one less from now on.").arg(failed);
    case LockServiceForm::Naive:
    case LockServiceForm::TransactionLevel:
        return failed;
    }
    Q_UNREACHABLE();
}

QString PoolTeller::tellNotSent(const PoolCall& call, const PoolState& state) const
{
    const QString key = call.key.toString();
    if (call.answer == PoolAnswer::RefusedByMap)
        return text("This process has key %1 already, or is taking it: its map lets one through and refused %2. "
                    "Nothing was sent.")
            .arg(key, call.request);
    if (call.answer == PoolAnswer::NotInMap)
        return text("The map has no key %1, so there is nothing to release. Nothing was sent.").arg(key);
    return text("%1 got no connection within %2: the pool is exhausted. Nothing was sent.")
        .arg(capital(call.request), formatDuration(state.spec.checkoutTimeout));
}

} // namespace lockscope
