#pragma once

#include "app/lab/pooler/pgbouncer.h"
#include "app/postgres/libpqconnection.h"
#include "tests/support/testserver.h"

#include <QSignalSpy>
#include <QTest>

#include <chrono>
#include <memory>

namespace lockscope::test {

/// A private PgBouncer in front of a server, started and waited for; the test function fails when it does not run.
inline std::unique_ptr<PgBouncer> startedPooler(const Conninfo& server, const PoolerSpec& spec = {})
{
    auto pooler = std::make_unique<PgBouncer>(server, spec);
    QSignalSpy isUp(pooler.get(), &PgBouncer::started);
    QSignalSpy isNot(pooler.get(), &PgBouncer::failed);
    pooler->start();
    constexpr int patience = 20'000; // milliseconds
    const bool answered = QTest::qWaitFor([&] { return !isUp.isEmpty() || !isNot.isEmpty(); }, patience);
    if (!answered || isUp.isEmpty())
        QTest::qFail(qPrintable(QStringLiteral("PgBouncer did not start: ") + pooler->log()), __FILE__, __LINE__);
    return pooler;
}

/// A client of the pooler; the test function fails when it is not let in.
inline std::unique_ptr<LibpqConnection> pooledClient(const PgBouncer& pooler, const QString& name)
{
    auto connection = std::make_unique<LibpqConnection>();
    const auto opened = connection->open(withDefaults(pooler.conninfo(), name), std::chrono::seconds(10));
    if (!opened)
        QTest::qFail(qPrintable(opened.error().what + opened.error().serverWords), __FILE__, __LINE__);
    return connection;
}

/// "491 42 pod c" for each advisory lock on the server: backend, key, application_name.
inline QString advisoryLocks(LibpqConnection& admin)
{
    return scalar(admin, "SELECT string_agg(format('%s %s %s', pid, objid, application_name), ', ' ORDER BY pid, objid)"
                         " FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory'");
}

} // namespace lockscope::test
