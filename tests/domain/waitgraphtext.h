#pragma once

#include "models/domain/waitgraph.h"
#include "tests/support/locktext.h"

namespace lockscope::test {

/// What the tests of the wait graph ask it, and its parts as text.
inline WaitGraph graphOf(const SnapshotMaker& maker)
{
    return waitGraphOf(*maker.make());
}

inline const WaitNode& nodeOfPid(const WaitGraph& graph, qint32 pid)
{
    static const WaitNode none;
    for (const WaitNode& node : graph.nodes) {
        if (node.id.backend.pid == pid)
            return node;
    }
    return none;
}

inline QString pids(const WaitGraph& graph)
{
    QStringList result;
    for (const WaitNode& node : graph.nodes)
        result.append(text(node.id));
    return result.join(u' ');
}

inline QString targetsOf(const QList<Lock>& locks)
{
    QStringList result;
    for (const Lock& lock : locks)
        result.append(describe(lock.target) + u' ' + displayName(lock.mode));
    return result.join(QStringLiteral(", "));
}

} // namespace lockscope::test
