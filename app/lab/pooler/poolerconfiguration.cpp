#include "app/lab/pooler/poolerconfiguration.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>

namespace lockscope {

namespace {

struct Messages
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::PgBouncer)
};

/// What PgBouncer sends on each new server connection. It dies by SIGKILL, and a backend that waits for a lock then
/// would go on waiting: with this it looks every two seconds whether anybody is still there. From 14 on, where the
/// setting exists; outside Linux some servers refuse any value. DISCARD ALL takes it away again.
constexpr QStringView connectQuery = u"SELECT pg_catalog.set_config(name, '2s', false) FROM pg_catalog.pg_settings "
                                     u"WHERE name OPERATOR(pg_catalog.=) 'client_connection_check_interval' "
                                     u"AND pg_catalog.version() OPERATOR(pg_catalog.~) 'linux'";

/// Nothing in pgbouncer.ini can write a line break, and what follows one would be a setting of its own.
bool breaksLines(const QString& text)
{
    return std::ranges::any_of(text, [](QChar c) { return c.category() == QChar::Other_Control; });
}

/// A value of a connection string in pgbouncer.ini: quotes are doubled, and a backslash is a character like others.
QString quoted(const QString& value)
{
    QString doubled = value;
    doubled.replace(QLatin1Char('\''), QLatin1StringView("''"));
    return QLatin1Char('\'') + doubled + QLatin1Char('\'');
}

} // namespace

Result<QByteArray> poolerConfiguration(const Conninfo& server, const PoolerSpec& spec, const QString& socketDirectory,
                                       const QString& port)
{
    if (spec.poolSize < 1 || spec.poolSize > largestServerPool)
        return usageError(Messages::tr("A pool of %1 server connections is not possible here.").arg(spec.poolSize),
                          Messages::tr("Choose 1 to %1.").arg(largestServerPool));
    if (breaksLines(spec.resetQuery))
        return usageError(Messages::tr("The reset query contains a line break or a control character."),
                          Messages::tr("Write it on one line."));

    const auto resolved = [&server](const char* keyword) { return server.resolvedValue(QString::fromLatin1(keyword)); };
    const QString address = resolved("hostaddr").isEmpty() ? resolved("host") : resolved("hostaddr");
    if (address.contains(QLatin1Char(',')))
        return usageError(
            Messages::tr("PgBouncer can stand in front of one server, and this connection names several."),
            Messages::tr("Name one host."));
    QStringList target;
    const auto add = [&target](const QString& keyword, const QString& value) {
        if (!value.isEmpty())
            target.append(keyword + QLatin1Char('=') + quoted(value));
    };
    add(QStringLiteral("host"), address);
    add(QStringLiteral("port"), resolved("port"));
    add(QStringLiteral("user"), resolved("user"));
    add(QStringLiteral("password"), resolved("password"));
    add(QStringLiteral("connect_query"), connectQuery.toString());
    const QString targetText = target.join(QLatin1Char(' '));
    if (breaksLines(targetText) || breaksLines(socketDirectory))
        return usageError(Messages::tr("The connection string contains a line break or a NUL character."),
                          Messages::tr("Write it on one line."));

    QStringList lines = {
        QStringLiteral("[databases]"),
        QStringLiteral("* = ") + targetText,
        QStringLiteral("[pgbouncer]"),
        // The socket is the only way in, and its directory the lock on the door: nobody else can enter it. So whoever
        // comes is let in, as the server's own role, and may ask the admin console.
        QStringLiteral("listen_addr ="),
        QStringLiteral("listen_port = ") + port,
        QStringLiteral("unix_socket_dir = ") + socketDirectory,
        QStringLiteral("unix_socket_mode = 0700"),
        QStringLiteral("auth_type = any"),
        QStringLiteral("pool_mode = ") + word(spec.mode),
        QStringLiteral("default_pool_size = ") + QString::number(spec.poolSize),
        QStringLiteral("max_client_conn = 500"),
        QStringLiteral("server_reset_query = ") + spec.resetQuery,
        QStringLiteral("server_reset_query_always = ") + QString::number(spec.resetAlways ? 1 : 0),
        QStringLiteral("server_round_robin = ") + QString::number(spec.roundRobin ? 1 : 0),
        // A server that was restarted is tried again at once, not after 15 seconds.
        QStringLiteral("server_login_retry = 1"),
        // What libpq sends because of PGGEQO and PGOPTIONS, and JDBC always: PgBouncer refuses a login for each.
        QStringLiteral("ignore_startup_parameters = extra_float_digits,geqo,options"),
        QStringLiteral("log_connections = 0"),
        QStringLiteral("log_disconnections = 0"),
        QStringLiteral("log_stats = 0"),
    };
    // As libpq does without being asked; on a Unix-domain socket there is no TLS.
    const QString tls = resolved("sslmode").isEmpty() ? QStringLiteral("prefer") : resolved("sslmode");
    lines.append(QStringLiteral("server_tls_sslmode = ") + tls);
    if (const QString authority = resolved("sslrootcert"); !authority.isEmpty() && !breaksLines(authority))
        lines.append(QStringLiteral("server_tls_ca_file = ") + authority);
    return lines.join(QLatin1Char('\n')).toUtf8() + '\n';
}

} // namespace lockscope
