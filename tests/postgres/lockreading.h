#pragma once

#include "app/postgres/lockreader.h"
#include "app/postgres/serverinquiry.h"

#include <QTest>

#include <memory>

namespace lockscope::test {

using namespace std::chrono_literals;

inline QString nameOf(const Lock& lock, const Snapshot& snapshot)
{
    const BackendPointer backend = snapshot.backends.value(lock.backend.pid);
    return backend ? backend->applicationName : QStringLiteral("?");
}

/// "5 Exclusive held by holder in postgres", one line for each lock, sorted.
inline QStringList text(const QList<Lock>& locks, const Snapshot& snapshot)
{
    QStringList lines;
    for (const Lock& lock : locks) {
        lines << QStringLiteral("%1 %2 %3 by %4 in %5")
                     .arg(describe(lock.target), displayName(lock.mode),
                          lock.granted ? QStringLiteral("held") : QStringLiteral("waited for"), nameOf(lock, snapshot),
                          snapshot.databaseNames.value(lock.target.databaseOid));
    }
    lines.sort();
    return lines;
}

inline QStringList text(const Snapshot& snapshot)
{
    return text(snapshot.locks, snapshot);
}

/// One connection that reads several times, as the observer does.
struct Reading
{
    explicit Reading(const Conninfo& conninfo, qint64 keptLocks = 250'000)
    {
        if (!connection.open(withDefaults(conninfo, QStringLiteral("reader")), 5s))
            return;
        if (const auto server = inquireServer(connection, 5s)) {
            info = *server;
            reader = std::make_unique<LockReader>(connection, *server, keptLocks);
            if (!reader->prepareSession(5s))
                reader.reset();
        }
    }
    [[nodiscard]] SnapshotPointer read(LockScope scope = LockScope::AdvisoryOnly) const
    {
        if (!reader)
            return nullptr;
        const auto snapshot = reader->read(scope, 5s);
        if (!snapshot)
            QTest::qFail(qPrintable(snapshot.error().what + u' ' + snapshot.error().serverWords), __FILE__, __LINE__);
        return snapshot.value_or(nullptr);
    }

    LibpqConnection connection;
    ServerInfo info;
    std::unique_ptr<LockReader> reader;
};

inline QString namesOf(const QHash<qint32, BackendPointer>& backends)
{
    QStringList names;
    for (const BackendPointer& backend : backends)
        names << backend->applicationName;
    names.sort();
    return names.join(QStringLiteral(", "));
}

} // namespace lockscope::test
