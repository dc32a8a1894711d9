#pragma once

#include "app/postgres/libpqconnection.h"
#include "app/postgres/operatorsession.h"

#include <QList>

#include <functional>

namespace lockscope::test {

/// An operator session that keeps everything it emitted, with calls that wait for their outcome. For the thread of the
/// test, whose event loop the waiting calls run.
class RecordedSession final
{
public:
    RecordedSession(const Conninfo& conninfo, const QString& name);
    Q_DISABLE_COPY_MOVE(RecordedSession)

    /// True when the session became idle.
    [[nodiscard]] bool open();
    OperatorSession* operator->() { return &m_session; }
    [[nodiscard]] const SessionState& state() const { return m_session.state(); }

    /// Asks for something and waits for the next outcome: "acquired", "not held | WARNING: ...".
    Outcome run(const std::function<void(OperatorSession&)>& ask);
    Outcome acquire(const KeyInput& key, const LockRequest& request = {});
    Outcome release(const KeyInput& key, LockShare share = LockShare::Exclusive);
    /// Starts a blocking acquire and waits until it is counted as waiting. The statement may not have reached the
    /// server.
    void startWaiting(LockKey key);
    /// The outcome after the first `seen` ones, waited for.
    [[nodiscard]] Outcome outcomeAfter(qsizetype seen);

    QList<SessionState> states;
    QList<StatementRecord> statements;
    QList<Outcome> outcomes;

private:
    OperatorSession m_session;
};

/// "5 exclusive held session 1 transaction 0", one entry per line, ended ones too.
[[nodiscard]] QString ledgerText(const SessionState& state);
/// "5 exclusive", one held entry per line, sorted.
[[nodiscard]] QString heldText(const SessionState& state);
/// The same from the server's side: the advisory locks granted to that backend, as another session sees them.
[[nodiscard]] QString heldOnServer(LibpqConnection& admin, qint32 pid);
/// What a person asked for, as sent: without housekeeping.
[[nodiscard]] QStringList statementTexts(const RecordedSession& session);

} // namespace lockscope::test
