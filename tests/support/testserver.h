#pragma once

#include "app/postgres/conninfo.h"
#include "app/postgres/libpqconnection.h"
#include "app/sandbox/sandbox.h"

#include <QByteArray>

#include <memory>

namespace lockscope::test {

/// A real PostgreSQL server for one test class, started by the constructor and gone with the object. A server that
/// cannot be started is a failure, never a skip. Belongs to the thread of the test: the server dies with the thread
/// that made it. Settings differ from a sandbox's own: deadlock_timeout = 200 ms, autovacuum off, max_wal_senders = 0
/// (configuration overrides them).
class TestServer
{
public:
    explicit TestServer(const QString& configuration = {});
    ~TestServer();
    Q_DISABLE_COPY_MOVE(TestServer)

    /// Empty when the server runs, else why it does not: QVERIFY2(server.problem().isEmpty(), ...).
    [[nodiscard]] QString problem() const { return m_problem; }
    [[nodiscard]] Conninfo conninfo() const;
    [[nodiscard]] Sandbox& sandbox() { return *m_sandbox; }

    /// A plain session of its own, opened at once. When that fails the current test function fails with the reason, and
    /// the session is there but not open: its statements answer with errors.
    [[nodiscard]] std::unique_ptr<LibpqConnection>
    session(const QString& applicationName = QStringLiteral("test session")) const;

private:
    std::unique_ptr<Sandbox> m_sandbox;
    QString m_problem;
};

/// First column of the first row, as text ("" for NULL and for no row); the error's words when it failed.
[[nodiscard]] QString scalar(LibpqConnection& session, const QByteArray& sql);

} // namespace lockscope::test
