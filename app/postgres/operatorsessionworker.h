#pragma once

#include "app/postgres/operatorconnection.h"
#include "models/domain/ledger.h"

#include <functional>

namespace lockscope {

/// What an operator session does, on the thread of its connection: turns actions into statements, answers into
/// outcomes, and keeps the ledger, which is compared with the session's own rows of pg_locks after every action. Blocks
/// that thread while a statement runs; never touches the GUI, never takes a lock that was not asked for.
class OperatorSessionWorker final : public QObject
{
    Q_OBJECT

public:
    OperatorSessionWorker(SessionId id, const QString& name, const Conninfo& conninfo,
                          const std::shared_ptr<Canceller>& canceller);
    Q_DISABLE_COPY_MOVE(OperatorSessionWorker)

    // Each action has a number, counted up from 1 by the facade; finished() returns it.
    void open();
    void acquire(quint64 number, const KeyInput& input, const LockRequest& request);
    void release(quint64 number, const KeyInput& input, LockShare share);
    void releaseAll(quint64 number);
    void begin(quint64 number);
    void commit(quint64 number);
    void rollback(quint64 number);
    void disconnectFromServer();
    void backendConfirmedGone();

Q_SIGNALS:
    void stateChanged(const lockscope::SessionState& state);
    void statementExecuted(const lockscope::StatementRecord& record);
    void finished(quint64 number, const lockscope::SessionState& state, const lockscope::Outcome& outcome);

private:
    using Body = std::function<Outcome()>;
    /// How a statement for the person ended, before its meaning for the ledger is known.
    struct Answered
    {
        StatementAnswer answer;
        Outcome outcome; ///< kind Done when there is no error
        [[nodiscard]] bool succeeded() const { return answer.sent && !answer.error; }
    };

    void perform(quint64 number, const QString& action, const Body& body);
    [[nodiscard]] Outcome acquireNow(const QString& action, const KeyInput& input, const LockRequest& request);
    [[nodiscard]] Outcome releaseNow(const KeyInput& input, LockShare share);
    [[nodiscard]] Outcome endTransaction(const QString& statement);
    /// The key, or the outcome of the failed attempt to learn it.
    [[nodiscard]] tl::expected<LockKey, Outcome> keyOf(const KeyInput& input);
    [[nodiscard]] Answered ask(const QString& sql, StatementPurpose purpose = StatementPurpose::Person);
    /// Statements of the console itself; true when it succeeded.
    StatementAnswer keepHouse(const QString& sql);
    [[nodiscard]] QList<HolderNote> holdersOf(LockKey key);
    /// True when a lock whose acquisition ended with an error turned out to be held.
    bool settle();
    bool reconcile();
    [[nodiscard]] bool holds(LockKey key, LockShare share) const;
    void lose(const ConnectionEnding& ending);
    void publish();

    const Conninfo m_conninfo;
    std::shared_ptr<Canceller> m_canceller;
    OperatorConnection m_connection;
    Ledger m_ledger;
    SessionState m_state;
    /// A session-level lock whose acquisition ended with an error: it may have been granted the moment before, and then
    /// it survives the error. Decided by the next look at the server.
    std::optional<OwnLock> m_doubtful;
};

} // namespace lockscope
