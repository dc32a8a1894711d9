#include "app/lab/pool/pooledlockserviceprivate.h"

#include "app/lab/pool/lockstatements.h"

#include <algorithm>
#include <utility>

namespace lockscope {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::steady_clock;

PooledLockService::Private::Private(PooledLockService& service, QString name, Conninfo conninfo, PoolSpec spec)
    : m_service(service)
    , m_name(std::move(name))
    , m_conninfo(std::move(conninfo))
{
    state.spec = spec;
    spec.size = std::clamp(spec.size, smallestPool, largestPool); // open() refuses what is out of range
    spec.checkoutTimeout = std::max(spec.checkoutTimeout, std::chrono::milliseconds(0));
    m_seen.resize(static_cast<size_t>(spec.size));
    m_activityAsked.resize(static_cast<size_t>(spec.size));
    m_pool = std::make_unique<ConnectionPool>(m_name, m_conninfo, spec);
    state.slotList = m_pool->slotList();
    connect(m_pool.get(), &ConnectionPool::changed, this, &Private::publish);
    connect(m_pool.get(), &ConnectionPool::lost, this, &Private::connectionLost);
    connect(m_pool.get(), &ConnectionPool::opened, this, [this] {
        state.phase = PoolState::Phase::Ready;
        lookAtKeys();
        publish();
    });
    connect(m_pool.get(), &ConnectionPool::refused, this, [this](const Error& error) {
        state.phase = PoolState::Phase::Failed;
        state.error = error;
        publish();
    });
}

void PooledLockService::Private::open()
{
    if (std::exchange(m_openAsked, true))
        return;
    if (state.spec.size < smallestPool || state.spec.size > largestPool) {
        state.phase = PoolState::Phase::Failed;
        state.error =
            Error{.kind = ErrorKind::Usage,
                  .what = PooledLockService::tr("A pool of %1 connections cannot be opened.").arg(state.spec.size),
                  .advice = PooledLockService::tr("Choose a size from %1 to %2.")
                                .arg(QString::number(smallestPool), QString::number(largestPool))};
        QMetaObject::invokeMethod(this, &Private::publish, Qt::QueuedConnection);
        return;
    }
    m_watch = std::make_unique<KeyWatch>(lookConninfo.value_or(m_conninfo),
                                         QStringLiteral("lockscope lab: looks at the pool"));
    connect(m_watch.get(), &KeyWatch::asking, this, &Private::rememberActivity);
    connect(m_watch.get(), &KeyWatch::seen, this, &Private::takeSeen);
    connect(m_watch.get(), &KeyWatch::failed, this, [this](const Error& error) {
        state.lookError = error;
        publish();
    });
    m_pool->open();
}

void PooledLockService::Private::acquire(const QString& request, LockKey key)
{
    const CallPointer call = begin(request, PoolAction::Acquire, key);
    if (state.phase == PoolState::Phase::Failed) {
        answerLater(call, PoolAnswer::NoConnection, noConnectionError());
        return;
    }
    if (hasMap() && m_map.find(key)) {
        answerLater(call, PoolAnswer::RefusedByMap);
        return;
    }
    if (hasMap())
        call->entry = m_map.insert(key);
    take(call, acquireErrand(state.spec.form, key), [this](const CallPointer& answered) { acquired(answered); });
}

void PooledLockService::Private::release(const QString& request, LockKey key, bool failing)
{
    const CallPointer call = begin(request, PoolAction::Release, key);
    if (state.phase == PoolState::Phase::Failed) {
        answerLater(call, PoolAnswer::NoConnection, noConnectionError());
        return;
    }
    const PoolErrand errand = releaseErrand(state.spec.form, key, failing);
    if (!hasMap()) {
        take(call, errand, [this](const CallPointer& answered) { releasedNaively(answered); });
        return;
    }
    LockMap::Entry* const entry = m_map.find(key);
    if (!entry || entry->phase != LockMapPhase::Held) {
        answerLater(call, PoolAnswer::NotInMap);
        return;
    }
    entry->phase = LockMapPhase::Releasing;
    call->entry = entry->number;
    run(entry->slot, call, errand, [this](const CallPointer& answered) { releasedDedicated(answered); });
}

void PooledLockService::Private::unlockEverything()
{
    if (state.phase != PoolState::Phase::Ready)
        return;
    const PoolErrand errand = unlockAllErrand(state.spec.form);
    for (const PoolSlot& slot : m_pool->slotList()) {
        if (slot.phase != SlotPhase::Free && slot.phase != SlotPhase::CheckedOut)
            continue;
        // What comes to this slot from now on runs after the statement and is not meant.
        const LockMap::Entry* const entry = m_map.findSlot(slot.number);
        m_pool->run(slot.number, errand,
                    [this, number = slot.number, entryNumber = entry ? entry->number : 0,
                     leaked = m_leakedSlots.contains(slot.number)](const PoolErrandAnswer&) {
                        giveUpAll(number, entryNumber, leaked);
                    });
    }
}

void PooledLockService::Private::giveUpAll(int slot, quint64 entry, bool leaked)
{
    if (!m_pool->behindPooler())
        m_book.clear(m_pool->slotList().at(slot - 1).backendPid);
    if (const LockMap::Entry* const found = m_map.findNumber(entry); found && found->phase == LockMapPhase::Held) {
        m_map.removeNumber(entry);
        m_pool->giveBack(slot);
    } else if (leaked && m_leakedSlots.removeAll(slot) > 0) {
        m_pool->giveBack(slot);
    }
    lookAtKeys();
    publish();
}

PooledLockService::Private::CallPointer PooledLockService::Private::begin(const QString& request, PoolAction action,
                                                                          LockKey key)
{
    auto call = std::make_shared<Call>();
    call->answer.request = request;
    call->answer.action = action;
    call->answer.key = key;
    call->since = steady_clock::now();
    return call;
}

void PooledLockService::Private::answerLater(const CallPointer& call, PoolAnswer answer, std::optional<Error> error)
{
    call->answer.answer = answer;
    call->answer.error = std::move(error);
    QMetaObject::invokeMethod(
        this, [this, call] { finish(call); }, Qt::QueuedConnection);
}

void PooledLockService::Private::finish(const CallPointer& call)
{
    call->answer.number = static_cast<quint64>(++state.calls);
    call->answer.elapsed = duration_cast<microseconds>(steady_clock::now() - call->since);
    if (call->answer.slot != 0)
        lookAtKeys();
    // calls has changed, if nothing else.
    publish();
    Q_EMIT m_service.called(call->answer);
}

void PooledLockService::Private::take(const CallPointer& call, const PoolErrand& errand, const Ran& ran)
{
    const auto taken = [this, call, errand, ran](int slot) {
        if (slot == 0) {
            m_map.removeNumber(call->entry);
            call->answer.answer = PoolAnswer::NoConnection;
            call->answer.error = noConnectionError();
            finish(call);
            return;
        }
        if (LockMap::Entry* const entry = m_map.findNumber(call->entry))
            entry->slot = slot;
        run(slot, call, errand, ran);
    };
    if (!m_pool->take(call->answer.request, taken))
        Q_EMIT m_service.dispatched(call->answer.request, call->answer.action, call->answer.key, 0);
}

void PooledLockService::Private::run(int slot, const CallPointer& call, const PoolErrand& errand, const Ran& ran)
{
    call->answer.slot = slot;
    m_pool->run(slot, errand, [this, slot, call, errand, ran](const PoolErrandAnswer& answer) {
        fillIn(call->answer, errand, answer);
        if (call->answer.backendPid != 0)
            m_pool->setBackendPid(slot, call->answer.backendPid);
        else if (!m_pool->behindPooler()) // a connection of one's own stays with its backend
            call->answer.backendPid = m_pool->slotList().at(slot - 1).backendPid;
        ran(call);
    });
    publish();
    Q_EMIT m_service.dispatched(call->answer.request, call->answer.action, call->answer.key, slot);
}

void PooledLockService::Private::acquired(const CallPointer& call)
{
    const PoolCall& answer = call->answer;
    if (answer.answer == PoolAnswer::True)
        m_book.acquired(answer.key, answer.backendPid);
    LockMap::Entry* const entry = m_map.findNumber(call->entry);
    if (entry && answer.answer == PoolAnswer::True) {
        entry->phase = LockMapPhase::Held; // and with it the connection
    } else {
        m_map.removeNumber(call->entry);
        m_pool->giveBack(answer.slot);
    }
    finish(call);
}

void PooledLockService::Private::noteRelease(const CallPointer& call)
{
    PoolCall& answer = call->answer;
    const auto holder = m_book.backendOf(answer.key);
    const bool ran =
        answer.answer == PoolAnswer::True || answer.answer == PoolAnswer::False || answer.answer == PoolAnswer::Failed;
    // A transaction stays with its backend, also behind a pooler, so COMMIT need not ask.
    const bool transaction = state.spec.form == LockServiceForm::TransactionLevel;
    if (holder && transaction && answer.answer == PoolAnswer::True)
        answer.backendPid = *holder;
    if (holder && ran && answer.backendPid != 0)
        answer.hit = answer.backendPid == *holder;
    // COMMIT or, after an error, ROLLBACK.
    if (holder && ran && (answer.answer == PoolAnswer::True || transaction))
        m_book.released(answer.key, transaction ? *holder : answer.backendPid);
    m_book.givenUp(answer.key);
}

void PooledLockService::Private::releasedNaively(const CallPointer& call)
{
    noteRelease(call);
    m_pool->giveBack(call->answer.slot);
    finish(call);
}

void PooledLockService::Private::releasedDedicated(const CallPointer& call)
{
    const int slot = call->answer.slot;
    noteRelease(call);
    m_map.removeNumber(call->entry);
    const bool failed = call->answer.answer == PoolAnswer::Failed;
    if (failed && state.spec.form == LockServiceForm::DedicatedWithoutFinally) {
        // The error left the function before the line that returns the connection.
        m_leakedSlots.append(slot);
    } else if (failed && state.spec.form == LockServiceForm::Dedicated) {
        // Returned as it is, it would bring its lock along to whoever gets it next. What state it is in nobody knows
        // after an error, so it is closed, which releases whatever it holds, and a new one takes its place; good pools
        // do the same with a connection that is returned as broken. The caller hears when the pool is whole again.
        const qint32 discarded = m_pool->slotList().at(slot - 1).backendPid;
        m_pool->replace(slot, [this, call, discarded] {
            if (!m_pool->behindPooler())
                m_book.clear(discarded);
            finish(call);
        });
        return;
    } else {
        m_pool->giveBack(slot);
    }
    finish(call);
}

void PooledLockService::Private::connectionLost(int slot)
{
    if (!m_pool->behindPooler()) // behind one the server connection may live on, with what it holds
        m_book.clear(m_pool->slotList().at(slot - 1).backendPid);
    m_map.removeSlot(slot);
    m_leakedSlots.removeAll(slot);
    lookAtKeys();
    publish();
}

Error PooledLockService::Private::noConnectionError() const
{
    if (state.error)
        return *state.error;
    return {.kind = ErrorKind::Internal,
            .what = PooledLockService::tr("No connection of the pool became free within %1.")
                        .arg(formatDuration(state.spec.checkoutTimeout))};
}

void PooledLockService::Private::rememberActivity()
{
    for (const PoolSlot& slot : m_pool->slotList()) {
        m_activityAsked[static_cast<size_t>(slot.number - 1)] =
            m_pool->isQuiet(slot.number) ? std::optional(m_pool->activity(slot.number)) : std::nullopt;
    }
}

void PooledLockService::Private::takeSeen(const KeyWatch::Keys& keys)
{
    // A look is one moment of the server. Where a statement ran at that time nobody knows on which side of it the look
    // was, and that slot keeps what it had until the next look.
    const QList<PoolSlot>& slotList = m_pool->slotList();
    const auto isGood = [this](const PoolSlot& slot) {
        return m_activityAsked[static_cast<size_t>(slot.number - 1)] == m_pool->activity(slot.number);
    };
    const bool allGood = std::ranges::all_of(slotList, isGood);
    const bool own = !m_pool->behindPooler(); // else other connections use the same backends
    for (const PoolSlot& slot : slotList) {
        if (!isGood(slot))
            continue;
        const auto found = keys.find(slot.backendPid);
        const QList<LockKey> held = found == keys.end() ? QList<LockKey>() : found->second;
        if (own || allGood)
            m_book.seen(slot.backendPid, held);
        m_seen[static_cast<size_t>(slot.number - 1)] = {.keys = held,
                                                        .leaked = m_book.leaked(slot.backendPid, held, own)};
    }
    if (!allGood)
        m_watch->lookAgain();
    state.lookError.reset();
    publish();
}

void PooledLockService::Private::lookAtKeys()
{
    QList<qint32> backendPids;
    for (const PoolSlot& slot : m_pool->slotList()) {
        if (slot.backendPid != 0 && !backendPids.contains(slot.backendPid))
            backendPids.append(slot.backendPid);
    }
    if (m_watch && !backendPids.isEmpty())
        m_watch->look(backendPids);
}

void PooledLockService::Private::publish()
{
    PoolState next = state;
    next.slotList = m_pool->slotList();
    for (PoolSlot& slot : next.slotList) {
        const SeenKeys& seen = m_seen[static_cast<size_t>(slot.number - 1)];
        slot.keys = seen.keys;
        slot.leaked = seen.leaked;
    }
    next.map = m_map.pairs();
    next.waiting = m_pool->waiting();
    if (next == m_published)
        return;
    state = next;
    m_published = next;
    Q_EMIT m_service.stateChanged(next);
}

} // namespace lockscope
