#pragma once

#include "tests/support/testserver.h"

#include <QHash>
#include <QStringList>

#include <memory>
#include <vector>

namespace lockscope::test {

/// The sessions of one scenario, by name, on a running server. Ends them with itself, also those that wait. Remembers
/// the first thing that went wrong instead of failing: see problem(). Belongs to the thread of the test.
class Stage
{
public:
    /// database: where sessions are unless they say otherwise.
    Stage(const TestServer& server, const QString& database);
    ~Stage();
    Q_DISABLE_COPY_MOVE(Stage)

    /// Opens sessions: "S1", or "S4@depot" for one in another database. Their pids are in that order.
    void enter(const QStringList& names);
    void run(const QString& name, const QByteArray& sql);
    /// Must fail with that SQLSTATE.
    void runInVain(const QString& name, const QByteArray& sql, const QString& sqlState);
    /// Sends it, and returns when the session waits for a lock.
    void wait(const QString& name, const QByteArray& sql);
    /// Runs when all sessions have ended.
    void afterwards(const QByteArray& sql) { m_afterwards.push_back(sql); }

    [[nodiscard]] QString nameOf(qint32 pid) const; ///< "pid 4711" when it is none of them
    [[nodiscard]] qint32 pidOf(const QString& name) const;
    [[nodiscard]] QString problem() const { return m_problem; }

private:
    [[nodiscard]] std::unique_ptr<LibpqConnection> open(const QString& name);
    void note(const QString& what, const Error& error);

    Conninfo m_conninfo;
    LibpqConnection m_admin;
    std::vector<std::pair<QString, std::unique_ptr<LibpqConnection>>> m_sessions;
    std::vector<QByteArray> m_afterwards;
    QString m_problem;
};

} // namespace lockscope::test
