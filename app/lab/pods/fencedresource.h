#pragma once

#include "models/domain/podstate.h"

#include <QMap>

namespace lockscope {

/// What the lock protects, with or without a fence: with one it refuses a write whose token is lower than one that it
/// has seen for the same key. A value that keeps the highest token of each key; knows nothing of pods, locks or
/// servers.
class FencedResource final
{
public:
    void setFencing(bool fencing) { m_fencing = fencing; }
    [[nodiscard]] bool fencing() const { return m_fencing; }
    /// late is the caller's to judge.
    [[nodiscard]] PodWrite write(const QString& pod, LockKey key, qint64 token);
    /// Forgets every token.
    void reset() { m_newest.clear(); }

private:
    bool m_fencing = false;
    QMap<LockKey, qint64> m_newest;
};

} // namespace lockscope
