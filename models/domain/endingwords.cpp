#include "models/domain/endingwords.h"

#include <QCoreApplication>

namespace lockscope {

namespace {

using std::chrono::milliseconds;

class Text
{
    Q_DECLARE_TR_FUNCTIONS(EndingWords)
};

QString sqlSetting(const char* name, milliseconds value)
{
    return QStringLiteral("SET %1 = '%2ms';\n").arg(QString::fromLatin1(name), QString::number(value.count()));
}

QString keepaliveStatements(const LinkTimeouts& link)
{
    return Text::tr("-- For this session; or in postgresql.conf, for every session. TCP only.\n") +
           QStringLiteral("SET tcp_keepalives_idle = %1;\nSET tcp_keepalives_interval = %2;\n"
                          "SET tcp_keepalives_count = %3;\n")
               .arg(QString::number(link.keepalivesIdle.count()), QString::number(link.keepalivesInterval.count()),
                    QString::number(link.keepalivesCount)) +
           Text::tr("-- Also acts while an answer is on its way, which keepalives do not.\n") +
           sqlSetting("tcp_user_timeout", link.userTimeout);
}

QString checkStatements(milliseconds interval)
{
    return Text::tr("-- From PostgreSQL 14 on; for this session, a role, or every session.\n") +
           sqlSetting("client_connection_check_interval", interval) +
           QStringLiteral("ALTER ROLE application SET client_connection_check_interval = '%1ms';\n")
               .arg(interval.count());
}

QString terminateStatements()
{
    return Text::tr("-- Who holds it, and since when; then end that backend, not a later one with its pid.\n") +
           QStringLiteral("SELECT l.pid, a.application_name, a.state, a.backend_start, a.state_change\n"
                          "  FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)\n"
                          " WHERE l.locktype = 'advisory' AND l.granted;\n"
                          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity\n"
                          " WHERE pid = 1234 AND backend_start = '2030-01-01 12:00:00.123456+00';\n");
}

} // namespace

QString titleOf(EndingKind kind)
{
    switch (kind) {
    case EndingKind::KilledIdle:
        return Text::tr("Killed While Idle");
    case EndingKind::SaidGoodbye:
        return Text::tr("Asked to End, Says Goodbye");
    case EndingKind::ExitedWithoutUnlock:
        return Text::tr("Exits without Unlocking");
    case EndingKind::TerminatedFromServer:
        return Text::tr("Terminated from the Server");
    case EndingKind::KilledRunning:
        return Text::tr("Killed While a Statement Runs");
    case EndingKind::KilledRunningChecked:
        return Text::tr("The Same, Connection Checked");
    case EndingKind::KilledWaiting:
        return Text::tr("Killed While Waiting");
    case EndingKind::KilledWaitingChecked:
        return Text::tr("Waiting, Connection Checked");
    case EndingKind::Frozen:
        return Text::tr("Frozen");
    case EndingKind::ReturnedToPool:
        return Text::tr("Connection Returned to a Pool");
    case EndingKind::KilledBehindPooler:
        return Text::tr("Killed behind a Pooler");
    case EndingKind::CableCutQuiet:
        return Text::tr("Cable Cut, Link Quiet");
    case EndingKind::CableCutBusy:
        return Text::tr("Cable Cut, Answer Under Way");
    }
    return {};
}

QString deedOf(EndingKind kind)
{
    switch (kind) {
    case EndingKind::KilledIdle:
        return Text::tr("A client process takes a key, and is killed (SIGKILL) while it does nothing.");
    case EndingKind::SaidGoodbye:
        return Text::tr("A client process takes a key and is asked to end (SIGTERM): it closes its connection.");
    case EndingKind::ExitedWithoutUnlock:
        return Text::tr("A client process takes a key and exits; nobody unlocks, nobody says goodbye.");
    case EndingKind::TerminatedFromServer:
        return Text::tr("A client process takes a key, and its backend is ended by pg_terminate_backend.");
    case EndingKind::KilledRunning:
        return Text::tr("A client process takes a key, runs pg_sleep, and is killed (SIGKILL) meanwhile.");
    case EndingKind::KilledRunningChecked:
        return Text::tr("A client process is killed while pg_sleep runs, with client_connection_check_interval set.");
    case EndingKind::KilledWaiting:
        return Text::tr("A client process waits for a key that somebody holds, and is killed (SIGKILL) meanwhile.");
    case EndingKind::KilledWaitingChecked:
        return Text::tr("A client process is killed while it waits, with client_connection_check_interval set.");
    case EndingKind::Frozen:
        return Text::tr("A client process takes a key and is stopped (SIGSTOP); it never goes on.");
    case EndingKind::ReturnedToPool:
        return Text::tr("An application takes a key over a pooled connection and gives the connection back.");
    case EndingKind::KilledBehindPooler:
        return Text::tr("A client process takes a key through PgBouncer in transaction mode, and is killed.");
    case EndingKind::CableCutQuiet:
        return Text::tr("A session takes a key; then no packet of the server reaches it any more, and it sends none.");
    case EndingKind::CableCutBusy:
        return Text::tr("The cable is cut while a statement runs, so that the server has an answer to deliver.");
    }
    return {};
}

QString whyOf(EndingKind kind)
{
    switch (kind) {
    case EndingKind::KilledIdle:
    case EndingKind::ExitedWithoutUnlock:
        return Text::tr("The kernel closes the sockets of a dead process, and the backend is just reading from its "
                        "own: it sees the end, exits, and its locks go with it.");
    case EndingKind::SaidGoodbye:
        return Text::tr("The client sends a Terminate message and closes; the backend exits at once, and its locks go "
                        "with it. Nobody had to unlock.");
    case EndingKind::TerminatedFromServer:
        return Text::tr("The backend is signalled and exits wherever it waits. The client is not asked, and learns of "
                        "it when it uses its connection next.");
    case EndingKind::KilledRunning:
        return Text::tr("A backend that runs a statement does not look at its socket. It finds the client gone when it "
                        "wants the next one, so the lock stays until the statement has ended.");
    case EndingKind::KilledRunningChecked:
        return Text::tr("While a statement runs, the backend now asks its kernel from time to time whether the client "
                        "has closed its end, and gives up when it has.");
    case EndingKind::KilledWaiting:
        return Text::tr("A waiting backend does not look at its socket either: a ghost keeps its place in the queue, "
                        "and everybody behind it waits for a client that is dead. When it is its turn it is granted "
                        "the lock, finds nobody there, and gives it back.");
    case EndingKind::KilledWaitingChecked:
        return Text::tr("The check works while the backend waits for a lock as well: the ghost leaves the queue "
                        "without ever being granted.");
    case EndingKind::Frozen:
        return Text::tr("The process is there and its kernel answers for it, so nothing looks wrong from the server: "
                        "no keepalive, no timeout and no check can tell a frozen client from a thoughtful one.");
    case EndingKind::ReturnedToPool:
        return Text::tr("Nothing ended: the session lives on in the pool and keeps what it holds. Returning a "
                        "connection is no unlock.");
    case EndingKind::KilledBehindPooler:
        return Text::tr("The session is the pooler's, not the client's. The client's connection to the pooler went; "
                        "the one that holds the lock stays open for the next client.");
    case EndingKind::CableCutQuiet:
        return Text::tr("No packet says that the other side is gone. The server's kernel asks by keepalive probes, and "
                        "gives up after idle + interval x count; with the kernel's own values that is 2 h 11 m.");
    case EndingKind::CableCutBusy:
        return Text::tr("With an answer on its way keepalive probes do not act: the kernel sends the answer again and "
                        "again instead, for about 15 minutes. Only tcp_user_timeout limits that.");
    }
    return {};
}

QString whatShortens(EndingKind kind)
{
    switch (kind) {
    case EndingKind::KilledIdle:
    case EndingKind::SaidGoodbye:
    case EndingKind::ExitedWithoutUnlock:
    case EndingKind::TerminatedFromServer:
        return Text::tr("Nothing has to: this is the fast way.");
    case EndingKind::KilledRunning:
        return Text::tr("client_connection_check_interval (from PostgreSQL 14 on), statement_timeout, or shorter "
                        "statements while a lock is held.");
    case EndingKind::KilledRunningChecked:
    case EndingKind::KilledWaitingChecked:
        return Text::tr("A shorter interval. Each check is one system call; it sees a closed socket, not a cut cable.");
    case EndingKind::KilledWaiting:
        return Text::tr("client_connection_check_interval (from PostgreSQL 14 on); lock_timeout bounds the wait on any "
                        "version; pg_try_advisory_lock does not queue at all.");
    case EndingKind::Frozen:
        return Text::tr("Only ending the backend from the server, by a person or a watchdog. Whoever may be frozen "
                        "needs a fencing token, because it may wake up and go on.");
    case EndingKind::ReturnedToPool:
        return Text::tr("Unlock before the connection is returned, in all cases, or let the pool reset it (DISCARD ALL "
                        "or pg_advisory_unlock_all). A transaction-level lock ends with its transaction.");
    case EndingKind::KilledBehindPooler:
        return Text::tr(
            "Transaction-level locks, a direct connection, or session pooling. The pooler's "
            "server_idle_timeout and server_lifetime end the leak late; terminating the backend ends it now.");
    case EndingKind::CableCutQuiet:
        return Text::tr("Shorter keepalives on the server's side, for this session or for all; they cost one small "
                        "packet for each idle connection. client_connection_check_interval does not help here.");
    case EndingKind::CableCutBusy:
        return Text::tr("tcp_user_timeout on the server's side, beside keepalives: each covers what the other cannot.");
    }
    return {};
}

QString statementsOf(EndingKind kind, const EndingSettings& settings)
{
    switch (kind) {
    case EndingKind::KilledIdle:
    case EndingKind::SaidGoodbye:
    case EndingKind::ExitedWithoutUnlock:
        return {};
    case EndingKind::TerminatedFromServer:
    case EndingKind::Frozen:
        return terminateStatements();
    case EndingKind::KilledRunning:
    case EndingKind::KilledRunningChecked:
        return checkStatements(settings.checkInterval) + Text::tr("-- Bounds every statement, on any version.\n") +
               sqlSetting("statement_timeout", settings.statementLength);
    case EndingKind::KilledWaiting:
    case EndingKind::KilledWaitingChecked:
        return checkStatements(settings.checkInterval) +
               Text::tr("-- Bounds every wait for a lock, on any version.\n") +
               sqlSetting("lock_timeout", settings.watchTime);
    case EndingKind::ReturnedToPool:
        return Text::tr("-- What a pool should send when a connection comes back.\n") +
               QStringLiteral("SELECT pg_advisory_unlock_all();\n") +
               Text::tr("-- Or a lock that cannot be left behind.\n") +
               QStringLiteral("BEGIN;\nSELECT pg_try_advisory_xact_lock(1, 2);\nCOMMIT;\n");
    case EndingKind::KilledBehindPooler:
        return Text::tr("-- Safe behind transaction pooling: held by the transaction, not by the session.\n") +
               QStringLiteral("BEGIN;\nSELECT pg_try_advisory_xact_lock(1, 2);\nCOMMIT;\n") + terminateStatements();
    case EndingKind::CableCutQuiet:
    case EndingKind::CableCutBusy:
        return keepaliveStatements(settings.link);
    }
    return {};
}

} // namespace lockscope
