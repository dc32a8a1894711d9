#include "app/lab/endings/trialconninfo.h"

namespace lockscope {

namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

class Options
{
public:
    explicit Options(const Conninfo& server)
        : m_text(server.resolvedValue(QStringLiteral("options"))) // ours come last, and the last one wins
    {
    }
    void set(const char* name, qint64 value)
    {
        if (!m_text.isEmpty())
            m_text += QLatin1Char(' ');
        m_text += QStringLiteral("-c %1=%2").arg(QString::fromLatin1(name), QString::number(value));
    }
    [[nodiscard]] Conninfo of(const Conninfo& server) const { return server.with(QStringLiteral("options"), m_text); }

private:
    QString m_text;
};

/// A last resort: no wait of a trial is as long.
milliseconds longestWait(const EndingSettings& settings)
{
    return settings.watchTime + settings.statementLength + 10min;
}

} // namespace

QString trialName(EndingKind kind, const QString& role)
{
    const QString name = QStringLiteral("lockscope lab: ") + word(kind);
    return role.isEmpty() ? name : name + QStringLiteral(", ") + role;
}

Conninfo victimConninfo(const Conninfo& server, EndingKind kind, const EndingSettings& settings, int serverVersion)
{
    if (kind == EndingKind::KilledBehindPooler || kind == EndingKind::ReturnedToPool)
        return server;
    Options options(server);
    options.set("lock_timeout", longestWait(settings).count());
    options.set("statement_timeout", 0);
    if (serverVersion >= connectionChecksSince)
        options.set("client_connection_check_interval", isChecked(kind) ? settings.checkInterval.count() : 0);
    if (isCableCut(kind)) {
        options.set("tcp_keepalives_idle", settings.link.keepalivesIdle.count());
        options.set("tcp_keepalives_interval", settings.link.keepalivesInterval.count());
        options.set("tcp_keepalives_count", settings.link.keepalivesCount);
        options.set("tcp_user_timeout", settings.link.userTimeout.count());
    }
    return options.of(server);
}

Conninfo companionConninfo(const Conninfo& server, const EndingSettings& settings, int serverVersion)
{
    Options options(server);
    options.set("lock_timeout", longestWait(settings).count());
    options.set("statement_timeout", 0);
    if (serverVersion >= connectionChecksSince)
        options.set("client_connection_check_interval", 1000);
    return options.of(server);
}

} // namespace lockscope
