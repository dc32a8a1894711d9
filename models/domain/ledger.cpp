#include "models/domain/ledger.h"

#include <QCoreApplication>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace lockscope {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(Ledger)
};

using Hold = std::pair<LockKey, LockShare>;

QString describe(const LedgerEntry& entry)
{
    return entry.share == LockShare::Shared ? Text::tr("key %1 shared").arg(entry.key.toString())
                                            : Text::tr("key %1 exclusive").arg(entry.key.toString());
}

bool isCounted(const LedgerEntry& entry)
{
    return entry.sessionCount > 0 || entry.transactionCount > 0;
}

bool isHeld(const LedgerEntry& entry)
{
    return entry.state == HoldState::Held;
}

bool isHeldOrWaiting(const LedgerEntry& entry)
{
    return entry.state == HoldState::Held || entry.state == HoldState::Waiting;
}

/// An entry that ended starts again from nothing.
void restart(LedgerEntry& entry, HoldState state)
{
    entry.sessionCount = 0;
    entry.transactionCount = 0;
    entry.seenOnServer = false;
    entry.state = state;
}

/// A counted entry is released when its last take is gone. For a lock that we did not count only the next look at the
/// server can tell; until then it stays held, but its end would be no surprise any more.
void releaseWhenEmpty(LedgerEntry& entry, bool wasCounted)
{
    if (isCounted(entry))
        return;
    entry.seenOnServer = false;
    if (wasCounted)
        entry.state = HoldState::Released;
}

void reconcileWithNothing(LedgerEntry& known, QStringList& differences)
{
    if (!isHeldOrWaiting(known))
        return;
    if (known.state == HoldState::Waiting)
        differences += Text::tr("We counted %1 as waiting, but the server shows no such wait.").arg(describe(known));
    else if (isCounted(known) || known.seenOnServer)
        differences += Text::tr("We counted %1 as held, but the server does not show it.").arg(describe(known));
    restart(known, HoldState::Released);
}

} // namespace

QString word(HoldState state)
{
    switch (state) {
    case HoldState::Held:
        return QStringLiteral("held");
    case HoldState::Waiting:
        return QStringLiteral("waiting");
    case HoldState::Released:
        return QStringLiteral("released");
    case HoldState::Lost:
        return QStringLiteral("lost");
    case HoldState::Unknown:
        break;
    }
    return QStringLiteral("unknown");
}

LedgerEntry* Ledger::find(LockKey key, LockShare share)
{
    const auto found = std::find_if(m_entries.begin(), m_entries.end(), [&](const LedgerEntry& candidate) {
        return candidate.key == key && candidate.share == share;
    });
    return found == m_entries.end() ? nullptr : &*found;
}

LedgerEntry& Ledger::entry(LockKey key, LockShare share)
{
    if (LedgerEntry* known = find(key, share))
        return *known;
    m_entries.append({.key = key, .share = share});
    return m_entries.last();
}

void Ledger::waiting(LockKey key, LockShare share)
{
    const bool known = find(key, share) != nullptr;
    LedgerEntry& waited = entry(key, share);
    // A lock that is held in this mode is granted again without waiting.
    if (!known || !isHeld(waited))
        restart(waited, HoldState::Waiting);
}

void Ledger::notAcquired(LockKey key, LockShare share)
{
    const auto waited = std::find_if(m_entries.begin(), m_entries.end(), [&](const LedgerEntry& candidate) {
        return candidate.key == key && candidate.share == share && candidate.state == HoldState::Waiting;
    });
    if (waited != m_entries.end())
        m_entries.erase(waited);
}

void Ledger::acquired(LockKey key, LockShare share, LockLevel level)
{
    LedgerEntry& taken = entry(key, share);
    if (!isHeld(taken))
        restart(taken, HoldState::Held);
    ++(level == LockLevel::Session ? taken.sessionCount : taken.transactionCount);
}

void Ledger::released(LockKey key, LockShare share)
{
    LedgerEntry* known = find(key, share);
    if (known == nullptr || !isHeld(*known))
        return;
    const bool wasCounted = isCounted(*known);
    known->sessionCount = std::max(0, known->sessionCount - 1);
    releaseWhenEmpty(*known, wasCounted);
}

void Ledger::releasedAll()
{
    for (LedgerEntry& candidate : m_entries) {
        if (!isHeld(candidate))
            continue;
        const bool wasCounted = isCounted(candidate);
        candidate.sessionCount = 0;
        releaseWhenEmpty(candidate, wasCounted);
    }
}

void Ledger::transactionEnded()
{
    for (LedgerEntry& candidate : m_entries) {
        if (!isHeld(candidate))
            continue;
        const bool wasCounted = isCounted(candidate);
        candidate.transactionCount = 0;
        releaseWhenEmpty(candidate, wasCounted);
    }
}

void Ledger::sessionEnded()
{
    for (LedgerEntry& candidate : m_entries) {
        if (isHeldOrWaiting(candidate))
            candidate.state = HoldState::Lost;
    }
}

void Ledger::linkBroken()
{
    for (LedgerEntry& candidate : m_entries) {
        if (isHeldOrWaiting(candidate))
            candidate.state = HoldState::Unknown;
    }
}

void Ledger::backendConfirmedGone()
{
    for (LedgerEntry& candidate : m_entries) {
        if (candidate.state == HoldState::Unknown)
            candidate.state = HoldState::Lost;
    }
}

void Ledger::forgetEnded()
{
    m_entries.removeIf([](const LedgerEntry& candidate) { return !isHeldOrWaiting(candidate); });
}

QStringList Ledger::reconcile(const QList<OwnLock>& rows)
{
    std::map<Hold, HoldState> onServer;
    for (const OwnLock& row : rows) {
        HoldState& shown = onServer.try_emplace({row.key, row.share}, HoldState::Waiting).first->second;
        if (row.granted)
            shown = HoldState::Held;
    }

    QStringList differences;
    for (LedgerEntry& known : m_entries) {
        const auto row = onServer.find({known.key, known.share});
        if (row == onServer.end()) {
            reconcileWithNothing(known, differences);
            continue;
        }
        if (known.state != row->second) {
            differences += Text::tr("We counted %1 as %2, but the server shows it as %3.")
                               .arg(describe(known), word(known.state), word(row->second));
            restart(known, row->second);
        }
        known.seenOnServer = true;
        onServer.erase(row);
    }
    for (const OwnLock& row : rows) { // in the order of the rows
        const auto uncounted = onServer.find({row.key, row.share});
        if (uncounted == onServer.end())
            continue;
        m_entries.append({.key = row.key, .share = row.share, .state = uncounted->second, .seenOnServer = true});
        differences += Text::tr("The server shows %1 as %2, but we did not count it.")
                           .arg(describe(m_entries.last()), word(uncounted->second));
        onServer.erase(uncounted);
    }
    return differences;
}

bool Ledger::holdsAnything() const
{
    return std::any_of(m_entries.cbegin(), m_entries.cend(), isHeld);
}

QList<LedgerEntry> Ledger::held() const
{
    QList<LedgerEntry> result;
    std::copy_if(m_entries.cbegin(), m_entries.cend(), std::back_inserter(result), isHeld);
    return result;
}

} // namespace lockscope
