#pragma once

#include "models/lockview.h"
#include "tests/support/locktext.h"

namespace lockscope::test {

/// Many kinds of rows to filter and to sort.
inline SnapshotPointer market()
{
    return SnapshotMaker(100)
        .allTypes()
        .held(5, 11)
        .held(15, 12, LockMode::Share)
        .held(LockKey::pair(-5, 7), 13, LockMode::Exclusive, depot)
        .waiting(5, 14, 90, {11})
        .relation(1234, 15)
        .prepared(99, 42)
        .backend(11, [](Backend& backend) { backend.applicationName = QStringLiteral("Pod A"); })
        .backend(12, [](Backend& backend) { backend.user = QStringLiteral("berta"); })
        .backend(13, [](Backend& backend) { backend.query = QStringLiteral("SELECT pg_advisory_lock(-5, 7)"); })
        .backend(14,
                 [](Backend& backend) {
                     backend.state = QStringLiteral("active");
                     backend.clientAddress = QStringLiteral("10.0.0.7");
                     backend.clientPort = 4000;
                 })
        .backend(15, [](Backend& backend) { backend.restricted = true; })
        .make();
}

/// The keys, or other targets, of the rows in their order.
inline QString keysOf(const LockView& view)
{
    QStringList keys;
    for (const LockRow& row : view.rows)
        keys.append(describe(row.lock.target));
    return keys.join(u' ');
}

} // namespace lockscope::test
