#include "models/domain/serverreport.h"

#include <QCoreApplication>

#include <array>

namespace lockscope {

namespace {

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::ServerReport)
};

/// What a setting means for a stuck lock: when it is on, and when it is off ("0", "off", or its default of the system).
struct Meaning
{
    const char* name;
    int since; ///< server_version_num of the first version that has it
    const char* on;
    const char* off;
};

// clang-format off
constexpr std::array meanings{
    Meaning{"deadlock_timeout", 0,
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "A wait this long makes the server look for a deadlock, and end one of those in it. With log_lock_waits it is also when a wait is logged."), nullptr},
    Meaning{"lock_timeout", 0,
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "By default a statement gives up waiting for a lock after this time."),
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "Nobody gives up waiting for a lock by default: a queue behind a stuck lock stays until someone acts.")},
    Meaning{"statement_timeout", 0,
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "By default a statement is cancelled after this time, its wait for a lock included."),
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "No statement is cancelled by default, however long it waits.")},
    Meaning{"idle_in_transaction_session_timeout", 0,
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "A session idle inside a transaction is ended after this time, and all its locks with it."),
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "A session may stay idle inside a transaction for ever and keep its locks.")},
    Meaning{"idle_session_timeout", 140000,
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "An idle session is ended after this time: session-level advisory locks go with it, also those that are wanted."),
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "An idle session is never ended: a leaked session-level advisory lock stays as long as its connection, in a pool for days.")},
    Meaning{"transaction_timeout", 170000,
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "A transaction, a single waiting statement too, ends its session after this time."),
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "A transaction may last for ever and keep its locks.")},
    Meaning{"client_connection_check_interval", 140000,
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "A running or waiting statement notices within this time that its client is gone, and leaves the queue."),
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "A running or waiting statement does not notice that its client is gone: it keeps its place in the queue, and its locks, until it ends.")},
    Meaning{"tcp_keepalives_idle", 0,
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "A silent connection is asked for a sign of life after this time; with interval and count it decides when the locks of a client behind a cut cable are released."),
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "Over a local socket there are no keepalives; over TCP the system's default counts, often two hours.")},
    Meaning{"tcp_keepalives_interval", 0,
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "An unanswered sign of life is asked for again after this time."),
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "Over a local socket there are no keepalives; over TCP the system's default counts, often 75 s.")},
    Meaning{"tcp_keepalives_count", 0,
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "After this many unanswered signs of life the connection counts as dead, and its locks are released."),
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "Over a local socket there are no keepalives; over TCP the system's default counts, often 9.")},
    Meaning{"tcp_user_timeout", 0,
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "Data that the client does not acknowledge ends the connection after this time, also where keepalives do not act."),
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "With an answer on its way to a client behind a cut cable, keepalives do not act: its locks may stay for a quarter of an hour.")},
    Meaning{"max_prepared_transactions", 0,
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "Transactions can be prepared; a forgotten one keeps its locks over disconnects and restarts."),
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "No transaction can be prepared, so none can be forgotten with its locks.")},
    Meaning{"log_lock_waits", 0,
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "Waits longer than deadlock_timeout are in the server's log, with holder and queue."),
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "Waits leave no trace in the server's log: once they are over, nobody can tell who blocked whom.")},
    Meaning{"log_lock_failures", 180000,
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "Refused NOWAIT locks are in the server's log."),
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "Refused NOWAIT locks leave no trace in the server's log.")},
    Meaning{"max_locks_per_transaction", 0,
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "Times connections and prepared transactions, this is how many locks the shared table was made for; advisory locks count too. A change needs a restart."), nullptr},
    Meaning{"max_standby_streaming_delay", 0,
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "On a standby, queries that hold up the replay of a lock are cancelled after this time; until then replay waits, or queries wait for it."),
        QT_TRANSLATE_NOOP("lockscope::ServerReport", "On a standby, queries that hold up the replay of a lock are cancelled at once.")},
};
// clang-format on

bool isOff(const QString& value)
{
    return value == QLatin1String("0") || value == QLatin1String("off") || value.isEmpty();
}

} // namespace

const QStringList& lockSettings()
{
    static const QStringList names = [] {
        QStringList list;
        for (const Meaning& meaning : meanings)
            list.append(QString::fromLatin1(meaning.name));
        return list;
    }();
    return names;
}

QString meaning(const ServerSetting& setting, const ServerInfo& server)
{
    for (const Meaning& entry : meanings) {
        if (QLatin1String(entry.name) != setting.name)
            continue;
        if (!setting.exists)
            return entry.since > server.versionNumber
                       ? Text::tr("Not in PostgreSQL %1; it came with %2.")
                             .arg(QString::number(server.versionNumber / 10000), QString::number(entry.since / 10000))
                       : Text::tr("This server does not tell.");
        return Text::tr(isOff(setting.value) && entry.off != nullptr ? entry.off : entry.on);
    }
    return {};
}

QString quotedIdentifier(const QString& name)
{
    QString quoted = name;
    quoted.replace(u'"', QStringLiteral("\"\""));
    return u'"' + quoted + u'"';
}

QList<RightsAdvice> rightsAdvice(const ServerReport& report)
{
    const RoleRights& rights = report.rights;
    const QString role = quotedIdentifier(report.server.role);
    const auto grant = [&](const char* what) {
        return QStringLiteral("GRANT %1 TO %2;").arg(QString::fromLatin1(what), role);
    };
    QList<RightsAdvice> advice;
    advice.append({.what = Text::tr("Sees all locks, who holds them and who waits for whom"), .has = true});
    advice.append({.what = Text::tr("Sees what other roles' sessions are doing: query, state, address, start"),
                   .has = rights.superuser || rights.readAllStats,
                   .without = Text::tr(
                       "Of other roles' sessions only role, database and application are shown; and since their start "
                       "is hidden, they cannot be cancelled or terminated for certain."),
                   .grant = grant("pg_read_all_stats")});
    advice.append({.what = Text::tr("May cancel and terminate other roles' sessions (not those of superusers)"),
                   .has = rights.superuser || rights.signalBackend,
                   .without = Text::tr("Only sessions of this role, and of roles it is a member of, can be ended."),
                   .grant = grant("pg_signal_backend")});
    if (report.server.versionNumber >= 180000)
        advice.append({.what = Text::tr("May cancel and terminate autovacuum workers"),
                       .has = rights.superuser || rights.signalAutovacuum,
                       .without = Text::tr("An autovacuum worker that is in the way cannot be ended."),
                       .grant = grant("pg_signal_autovacuum_worker")});
    advice.append(
        {.what = Text::tr("May end sessions of superusers, and commit or roll back prepared transactions of others"),
         .has = rights.superuser,
         .without = Text::tr("A superuser has to do that."),
         .grant = {}});
    if (rights.databases > 0)
        advice.append(
            {.what = Text::tr("Can name tables and other objects in %1 of %2 databases")
                         .arg(QString::number(rights.connectableDatabases), QString::number(rights.databases)),
             .has = rights.connectableDatabases == rights.databases,
             .without = Text::tr("In the others, tables appear as numbers: names can only be read from inside a "
                                 "database."),
             .grant = QStringLiteral("GRANT CONNECT ON DATABASE ... TO %1;").arg(role)});
    return advice;
}

} // namespace lockscope
