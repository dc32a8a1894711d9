#pragma once

#include "models/domain/lockkey.h"

#include <QList>

#include <map>
#include <optional>
#include <utility>

namespace lockscope {

/// What the answers of the server add up to, beside what the lock service makes of them: which backend granted a key
/// how often and has not released it, and how often the service counts on that. Where the first is more, a key leaked.
/// A value; says nothing of what pg_locks shows, which only the server can tell.
class HoldBook
{
public:
    void acquired(LockKey key, qint32 backendPid); ///< the lock function answered true
    void released(LockKey key, qint32 backendPid); ///< the unlock function answered true
    /// The service regards the key as given back (once), whatever the answer was.
    void givenUp(LockKey key);
    void clear(qint32 backendPid); ///< it holds nothing any more
    /// The server's word on all that a backend holds: what is not among it is forgotten.
    void seen(qint32 backendPid, const QList<LockKey>& keys);

    /// The backend that the key was acquired on and not released; the last one, should there be several.
    [[nodiscard]] std::optional<qint32> backendOf(LockKey key) const;
    /// Of the keys that a backend was seen to hold, those that the service does not count on. own: the backend serves
    /// nobody else, so that also a key without any answer is its.
    [[nodiscard]] QList<LockKey> leaked(qint32 backendPid, const QList<LockKey>& keys, bool own) const;

private:
    struct Hold
    {
        int granted = 0;
        int counted = 0; ///< of those the service counts on
        quint64 order = 0;
    };
    std::map<std::pair<LockKey, qint32>, Hold> m_holds;
    quint64 m_order = 0;
};

} // namespace lockscope
