#pragma once

#include "app/lab/protocol.h"
#include "app/postgres/cancelkey.h"
#include "app/postgres/libpqconnection.h"

#include <functional>
#include <mutex>

namespace lockscope {

/// What a simulated client does: one connection, one command after another, and its own ledger of what it holds - as an
/// application that uses advisory locks would. Lives on one thread; events go out through a callback on that thread.
/// Never retries, never re-acquires, and unlocks only when it is told to.
class ClientSession final
{
public:
    using Emit = std::function<void(const protocol::Event&)>;

    /// wakeUp, when rung, ends any wait for the server.
    ClientSession(platform::WakeUp* wakeUp, Emit emitEvent);
    ~ClientSession() = default;
    Q_DISABLE_COPY_MOVE(ClientSession)

    /// Runs one command to its end. false: the session is over, and the reason has been told.
    [[nodiscard]] bool run(const protocol::Command& command);
    /// Something came from the server while nothing was asked: usually its goodbye. false as above.
    [[nodiscard]] bool checkConnection();
    /// Says goodbye to the server.
    void close();
    /// Asks the server to give up the running statement, if there is one. Any thread; never blocks.
    void cancel();
    [[nodiscard]] qintptr socket() const { return m_connection.socket(); }
    [[nodiscard]] bool isConnected() const { return m_backendPid != 0; }

private:
    struct Answered
    {
        Result<QueryAnswer> answer;
        QStringList notices;
    };

    [[nodiscard]] bool open(const protocol::Connect& command);
    [[nodiscard]] bool acquire(const protocol::Acquire& command);
    [[nodiscard]] bool release(const protocol::Release& command);
    [[nodiscard]] bool releaseAll();
    [[nodiscard]] bool work(const protocol::Work& command);
    [[nodiscard]] bool changeTransaction(const QString& sql, const QString& action);

    [[nodiscard]] Result<LockKey> resolve(const KeyInput& key);
    [[nodiscard]] Result<void> setLockTimeout(const QString& sql);
    [[nodiscard]] QList<HolderNote> askHolders(LockKey key);
    [[nodiscard]] Answered execute(const QString& sql, bool housekeeping = false);

    void start(const QString& action, ClientPhase phase);
    /// Completes and sends the outcome, then the status. false when the session is lost with it.
    [[nodiscard]] bool finish(Outcome outcome, bool failedStatement);
    [[nodiscard]] Outcome failedOutcome(const Error& error) const;
    [[nodiscard]] bool isLost(const Error& error) const;
    bool lose(const Error& error);
    void sendStatus();

    LibpqConnection m_connection;
    std::mutex m_cancelMutex;
    CancelKey m_cancelKey; ///< guarded by m_cancelMutex
    Emit m_emit;
    QString m_name;
    qint32 m_backendPid = 0;
    Ledger m_ledger;
    TransactionPhase m_transaction = TransactionPhase::None;
    ClientPhase m_phase = ClientPhase::Starting;
    QString m_action;
    SteadyTime m_startedAt;
    QStringList m_notices; ///< of the running action
};

} // namespace lockscope
