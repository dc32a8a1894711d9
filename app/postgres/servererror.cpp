#include "app/postgres/servererror.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <QStringList>

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace lockscope {

namespace {

struct Messages
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::ServerError)
};

struct Explanation
{
    const char* code; ///< SQLSTATE, or its first two characters for a whole class
    const char* what;
    const char* advice;
};

#define SENTENCE(text) QT_TRANSLATE_NOOP("lockscope::ServerError", text)

/// What the server answers to a login. Looked up before the table of statements.
constexpr std::array loginTable = {
    Explanation{"28P01", SENTENCE("The server did not accept the password, or this user has none."),
                SENTENCE("Check user and password. It was tried once and will not be tried again by itself.")},
    Explanation{
        "28000", SENTENCE("The server does not let this user in."),
        SENTENCE(
            "Check the user name. For a local socket, peer authentication wants the same name as the operating system "
            "account.")},
    Explanation{"3D000", SENTENCE("This database does not exist on the server."),
                SENTENCE("Check the database name. Without one, libpq asks for a database named like the user.")},
    Explanation{"42501", SENTENCE("This user may not connect to this database."),
                SENTENCE("Ask for GRANT CONNECT ON DATABASE, or choose another database.")},
    Explanation{"53300", SENTENCE("The server has no free connection slot."),
                SENTENCE("Close sessions that are not needed, or wait. max_connections, or the limit of this role or "
                         "database, is used "
                         "up; a superuser may still get in through the reserved slots.")},
    Explanation{
        "53200",
        SENTENCE("The server's lock table is full, so it cannot start a new session. Locks that are held stay held."),
        SENTENCE("Use a connection that is already open to end a session that holds many locks, or raise "
                 "max_locks_per_transaction.")},
    Explanation{"57P03", SENTENCE("The server is starting, shutting down or recovering, and takes no sessions now."),
                SENTENCE("Wait a moment and try again. After a restart or a crash no advisory lock is left.")},
    Explanation{"55000", SENTENCE("This database does not allow connections."), SENTENCE("Choose another database.")},
    Explanation{"08P01",
                SENTENCE("What answers there does not speak the protocol as PostgreSQL does, or refuses a parameter."),
                SENTENCE("A connection pooler refuses startup parameters it does not know, for example options: remove "
                         "it, or connect "
                         "to the server itself.")},
};

/// What the server answers to a statement.
constexpr std::array statementTable = {
    Explanation{"55P03", SENTENCE("The lock was not free in time: lock_timeout ended the wait."),
                SENTENCE("Look who holds the key, or wait longer.")},
    Explanation{"57014", SENTENCE("The statement was cancelled, by request or by statement_timeout."),
                SENTENCE("Session-level locks of this session are still held.")},
    Explanation{
        "40P01", SENTENCE("The server found a deadlock and ended this wait."),
        SENTENCE(
            "The transaction is rolled back. Session-level locks of this session are still held: release them before "
            "trying again, and take keys in one order everywhere.")},
    Explanation{"53200", SENTENCE("The server's shared lock table is full. Locks that are held stay held."),
                SENTENCE("Release locks, end a session that holds many, or raise max_locks_per_transaction.")},
    Explanation{"42501", SENTENCE("This role may not do that."),
                SENTENCE("Ending other sessions needs membership in the same role or in pg_signal_backend; a "
                         "superuser's session needs "
                         "a superuser.")},
    Explanation{"25P02", SENTENCE("The transaction has failed, so nothing but ROLLBACK is possible."),
                SENTENCE("Roll back. Transaction-level locks are held until then.")},
    Explanation{"25006", SENTENCE("The server or this session is read-only."),
                SENTENCE("Advisory locks work on a standby too, but belong to that server alone.")},
    Explanation{"22021", SENTENCE("The server holds text that cannot be converted to UTF-8, so it refused the answer."),
                SENTENCE("Connect to a database with the encoding UTF8.")},
    Explanation{
        "57P01",
        SENTENCE("An administrator ended this session, or the server is shutting down. Its locks are released."),
        SENTENCE("Connect again and take the locks again if they are still needed.")},
    Explanation{"57P02",
                SENTENCE("Another server process crashed, so the server reset all sessions. No advisory lock is left."),
                SENTENCE("Wait a moment, then connect again. The server log names the process that crashed.")},
    Explanation{"57P04", SENTENCE("The database of this session was dropped. Its locks are released."),
                SENTENCE("Connect to another database.")},
    Explanation{"57P05", SENTENCE("idle_session_timeout ended this session. Its locks are released."),
                SENTENCE("Raise idle_session_timeout for this role, or use the session more often.")},
    Explanation{"25P03", SENTENCE("idle_in_transaction_session_timeout ended this session. Its locks are released."),
                SENTENCE("Finish transactions sooner, or raise the setting for this role.")},
    Explanation{
        "25P04", SENTENCE("transaction_timeout ended this session. Its locks are released."),
        SENTENCE("Wait less, or raise the setting for this role. It also counts while a statement waits for a lock.")},
    Explanation{"08",
                SENTENCE("The connection to the server broke. The server may still hold the locks of this session."),
                SENTENCE("Connect again, and look for the old backend among the holders.")},
    Explanation{"53", SENTENCE("The server ran out of a resource."), SENTENCE("Look at the server log.")},
};

#undef SENTENCE

template <std::size_t size>
const Explanation* find(const std::array<Explanation, size>& table, const QString& sqlState)
{
    for (const auto& row : table) {
        if (sqlState == QLatin1StringView(row.code) ||
            (qstrlen(row.code) == 2 && sqlState.startsWith(QLatin1StringView(row.code))))
            return &row;
    }
    return nullptr;
}

Error explained(ErrorKind kind, const Explanation& row, const QString& words, const QString& sqlState = {})
{
    return {.kind = kind,
            .what = Messages::tr(row.what),
            .advice = Messages::tr(row.advice),
            .serverWords = words,
            .sqlState = sqlState};
}

/// Text of the server, cut where it is longer than anybody reads: a message may have a gigabyte.
QString bounded(const char* text)
{
    return QString::fromUtf8(text, static_cast<qsizetype>(qstrnlen(text, 65536))).trimmed();
}

/// libpq's message without the lines that the verbose form adds for programmers.
QString readable(const QString& message)
{
    static const QRegularExpression location(QStringLiteral(R"(^\w+:  \w+, [\w./-]+:\d+$)"));
    QStringList lines;
    for (const auto& line : message.split(QLatin1Char('\n'))) {
        if (!line.trimmed().isEmpty() && !location.match(line).hasMatch())
            lines.append(line.trimmed());
    }
    // libpq begins the line of the next attempt ("connection to server at ... failed:") before it has anything to say.
    if (lines.size() > 1 && lines.last().endsWith(QLatin1Char(':')))
        lines.removeLast();
    return lines.join(QLatin1Char('\n'));
}

/// libpq and we ask the same C library for the text of an error number, so this holds in every language.
bool mentions(const QString& words, std::errc code)
{
    return words.contains(QString::fromLocal8Bit(std::generic_category().message(static_cast<int>(code)).c_str()));
}

bool mentionsAny(const QString& words, std::initializer_list<const char*> texts)
{
    return std::ranges::any_of(texts, [&](const char* text) { return words.contains(QLatin1StringView(text)); });
}

/// "db1.example, port 5432" or "/run/postgresql, socket .s.PGSQL.5432".
QString place(const pg_conn* connection)
{
    const auto host = QString::fromUtf8(PQhost(connection));
    const auto port = QString::fromUtf8(PQport(connection));
    if (host.startsWith(QLatin1Char('/')) || host.startsWith(QLatin1Char('@')))
        return Messages::tr("%1/.s.PGSQL.%2").arg(host, port);
    return Messages::tr("%1, port %2").arg(host, port);
}

/// No server spoke: these are libpq's own words, or the operating system's.
Error withoutAnswer(const pg_conn* connection, const QString& words)
{
    const auto make = [&](const QString& what, const QString& advice, ErrorKind kind = ErrorKind::Connection) {
        return Error{.kind = kind, .what = what, .advice = advice, .serverWords = words};
    };
    const auto host = QString::fromUtf8(PQhost(connection));
    const bool isSocket = host.startsWith(QLatin1Char('/')) || host.startsWith(QLatin1Char('@'));
    const auto where = place(connection);

    if (PQconnectionNeedsPassword(connection))
        return make(Messages::tr("The server asks for a password, and none was given."),
                    Messages::tr("Enter the password, or keep it in a passfile that only you can read (chmod 600)."),
                    ErrorKind::Authentication);
    if (mentionsAny(words, {"authentication method requirement", "channel binding", "GSSAPI authentication",
                            "peer user name", "authentication method"}))
        return make(Messages::tr("The server's way to check who we are is not the one that the connection asks for."),
                    Messages::tr("Check require_auth, channel_binding, requirepeer and gssencmode."),
                    ErrorKind::Authentication);

    if (mentionsAny(words, {"does not match host name"}))
        return make(
            Messages::tr("The server's certificate is for another host name, so nothing was sent to it."),
            Messages::tr("Connect by the name that is in the certificate, or check that this is the right server."));
    if (mentionsAny(words, {"certificate verify failed", "unable to get local issuer", "self signed", "self-signed"}))
        return make(
            Messages::tr("The server's certificate is not trusted, so nothing was sent to it."),
            Messages::tr(
                "Set sslrootcert to the certificate of the authority that signed it. It may also have expired."));
    if (mentionsAny(words, {"root certificate file", "root.crt"}))
        return make(
            Messages::tr(
                "The server's certificate cannot be checked: the root certificate file is missing or unreadable."),
            Messages::tr("Set sslrootcert to the certificate of the authority that signed the server's certificate."));
    if (mentionsAny(words, {"server does not support SSL"}))
        return make(Messages::tr("The connection asks for TLS, and the server does not offer it."),
                    Messages::tr("Turn on ssl at the server. Only where the network can be trusted, lower sslmode."));
    if (mentionsAny(words, {"certificate file", "private key file", "could not load"}))
        return make(Messages::tr("The client certificate or its key cannot be used."),
                    Messages::tr("Check sslcert and sslkey. The key file must be readable by you alone (chmod 600)."));
    if (mentionsAny(words, {"SSL error", "SSL SYSCALL error", "SSL connection"}) ||
        PQsslInUse(const_cast<pg_conn*>(connection)))
        return make(
            Messages::tr("TLS could not be set up with the server."),
            Messages::tr(
                "Check sslmode, the TLS versions allowed on both sides, and that this port is a PostgreSQL server."));
    if (mentionsAny(words, {"received invalid response", "expected authentication request", "invalid length of startup",
                            "unsupported frontend protocol", "lost synchronization"}))
        return make(Messages::tr("What listens at %1 is not a PostgreSQL server.").arg(where),
                    Messages::tr("Check host and port."));
    if (mentionsAny(words, {"session is read-only", "session is not read-only", "server is in hot standby mode",
                            "server is not in hot standby mode"}))
        return make(Messages::tr("No server of the wanted kind was found among those given."),
                    Messages::tr("Check target_session_attrs, and which server is the primary."));

    if (mentions(words, std::errc::connection_refused))
        return isSocket
                   ? make(Messages::tr("Nothing listens on the socket %1: the server is down.").arg(where),
                          Messages::tr("Start the server. A server that was killed leaves the socket file behind."))
                   : make(Messages::tr("Nothing listens at %1.").arg(where),
                          Messages::tr(
                              "Check that the server runs, its port, and listen_addresses: without it the server takes "
                              "local connections only."));
    if (isSocket && mentions(words, std::errc::no_such_file_or_directory))
        return make(
            Messages::tr("There is no socket %1: no server uses it.").arg(where),
            Messages::tr(
                "Check that the server runs, its port, and unix_socket_directories; or connect to host=localhost."));
    if (isSocket && mentions(words, std::errc::permission_denied))
        return make(
            Messages::tr("You may not use the socket %1.").arg(where),
            Messages::tr(
                "Check the permissions of the directory and unix_socket_permissions; or connect to host=localhost."));
    if (mentions(words, std::errc::timed_out))
        return make(Messages::tr("%1 does not answer.").arg(where),
                    Messages::tr("Check that the machine is up and that no firewall drops the connection."));
    if (mentions(words, std::errc::host_unreachable) || mentions(words, std::errc::network_unreachable))
        return make(Messages::tr("There is no way through the network to %1.").arg(where),
                    Messages::tr("Check the address, the network and the VPN."));
    // Without an address there was no attempt yet; this also holds where the words are translated.
    if (mentionsAny(words, {"could not translate host name"}) ||
        (!isSocket && !host.isEmpty() && qstrlen(PQhostaddr(connection)) == 0 && PQsocket(connection) < 0 &&
         !words.contains(QLatin1StringView("invalid "))))
        return make(Messages::tr("The host name \"%1\" is not known.").arg(host),
                    Messages::tr("Check its spelling and the name service of this machine."));
    if (mentionsAny(words, {"definition of service", "service file", "syntax error in service"}))
        return make(Messages::tr("The service is not defined, or its file cannot be read."),
                    Messages::tr("Check the service name, PGSERVICEFILE and ~/.pg_service.conf."), ErrorKind::Usage);
    if (words.startsWith(QLatin1StringView("invalid ")) ||
        mentionsAny(words, {"could not match", "must be specified", "invalid integer value", "value invalid when"}))
        return make(Messages::tr("A connection parameter has a value that libpq does not accept."),
                    Messages::tr("Correct it in the connection string."), ErrorKind::Usage);
    if (mentionsAny(words, {"server closed the connection unexpectedly"}))
        return make(
            Messages::tr("%1 closed the connection without an answer.").arg(where),
            Messages::tr(
                "Check that this port is a PostgreSQL server. One that just started or stopped does this too."));
    return make(Messages::tr("The server could not be reached at %1.").arg(where),
                Messages::tr("Check host, port and the server."));
}

} // namespace

QString sqlStateIn(const QString& verboseMessage)
{
    // "FATAL:  28P01: words", after libpq's "connection to server at ... failed: " or at the start of a line; the
    // severity is translated. The last one counts: earlier ones belong to hosts that were passed over.
    static const QRegularExpression coded(QStringLiteral("(?:^|: )[^\\s:]+:  ([0-9A-Z]{5}): "),
                                          QRegularExpression::MultilineOption);
    QString sqlState;
    auto matches = coded.globalMatch(verboseMessage);
    while (matches.hasNext())
        sqlState = matches.next().captured(1);
    return sqlState;
}

Error loginError(const pg_conn* connection)
{
    const auto message = QString::fromUtf8(PQerrorMessage(connection));
    const auto words = readable(message);
    const auto sqlState = sqlStateIn(message);
    if (sqlState.isEmpty())
        return withoutAnswer(connection, words);

    const bool refused = sqlState.startsWith(QLatin1StringView("28")) || sqlState == QLatin1StringView("3D000") ||
                         sqlState == QLatin1StringView("42501");
    const auto kind = refused ? ErrorKind::Authentication : ErrorKind::Server;
    // The file name is the same in every language of the server.
    if (sqlState == QLatin1StringView("28000") && words.contains(QLatin1StringView("pg_hba.conf")))
        return {.kind = kind,
                .what = Messages::tr("The server has no rule that lets this user in from this machine."),
                .advice = Messages::tr(
                    "Add a line for this user, database and address to pg_hba.conf, then reload; or check sslmode: a "
                    "rule may ask for TLS."),
                .serverWords = words,
                .sqlState = sqlState};
    if (const auto* row = find(loginTable, sqlState))
        return explained(kind, *row, words, sqlState);
    auto error = serverError(sqlState, words);
    error.kind = kind;
    if (!find(statementTable, sqlState))
        error.what = Messages::tr("The server refused the login.");
    return error;
}

Error statementError(const pg_result* result)
{
    const auto field = [result](int code) { return bounded(PQresultErrorField(result, code)); };
    const auto sqlState = field(PG_DIAG_SQLSTATE);
    QStringList lines;
    if (const auto message = field(PG_DIAG_MESSAGE_PRIMARY); !message.isEmpty()) {
        const auto severity = field(PG_DIAG_SEVERITY_NONLOCALIZED);
        lines.append((severity.isEmpty() ? QStringLiteral("ERROR") : severity) + QLatin1StringView(":  ") +
                     (sqlState.isEmpty() ? QString() : sqlState + QLatin1StringView(": ")) + message);
    } else {
        lines.append(readable(bounded(PQresultErrorMessage(result)))); // libpq's own, without fields
    }
    if (const auto detail = field(PG_DIAG_MESSAGE_DETAIL); !detail.isEmpty())
        lines.append(QLatin1StringView("DETAIL:  ") + detail);
    if (const auto hint = field(PG_DIAG_MESSAGE_HINT); !hint.isEmpty())
        lines.append(QLatin1StringView("HINT:  ") + hint);
    return serverError(sqlState, lines.join(QLatin1Char('\n')));
}

Error serverError(const QString& sqlState, const QString& serverWords)
{
    const auto kind = endsSession(sqlState) ? ErrorKind::Connection : ErrorKind::Server;
    if (const auto* row = find(statementTable, sqlState))
        return explained(kind, *row, serverWords, sqlState);
    return {.kind = kind,
            .what = Messages::tr("The server answered with an error."),
            .advice = {},
            .serverWords = serverWords,
            .sqlState = sqlState};
}

bool endsSession(const QString& sqlState)
{
    static constexpr std::array codes = {"57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "25P04"};
    return sqlState.startsWith(QLatin1StringView("08")) ||
           std::ranges::any_of(codes, [&](const char* code) { return sqlState == QLatin1StringView(code); });
}

bool isWorthRetrying(const Error& error)
{
    switch (error.kind) {
    case ErrorKind::Usage:
    case ErrorKind::Authentication:
    case ErrorKind::Internal:
        return false;
    case ErrorKind::Server: {
        static constexpr std::array lasting = {"08P01", "3D000", "42501", "55000"};
        return !error.sqlState.startsWith(QLatin1StringView("28")) &&
               std::ranges::none_of(lasting,
                                    [&](const char* code) { return error.sqlState == QLatin1StringView(code); });
    }
    case ErrorKind::Connection:
        // A server or proxy that goes down during the handshake is an error of TLS, too.
        return mentionsAny(error.serverWords, {"unexpected eof"}) ||
               !mentionsAny(error.serverWords, {"certificate", "server does not support SSL", "SSL error"});
    }
    return false;
}

} // namespace lockscope
