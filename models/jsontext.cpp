#include "models/jsontext.h"

#include <QDateTime>
#include <QTimeZone>

namespace lockscope {

QString timeText(ServerTime time)
{
    using namespace std::chrono;
    const auto seconds = floor<std::chrono::seconds>(time);
    const auto fraction = duration_cast<microseconds>(time - seconds).count();
    return QDateTime::fromSecsSinceEpoch(seconds.time_since_epoch().count(), QTimeZone::utc())
               .toString(QStringLiteral("yyyy-MM-ddTHH:mm:ss")) +
           QStringLiteral(".%1Z").arg(fraction, 6, 10, QLatin1Char('0'));
}

QJsonValue timeOrNull(const std::optional<ServerTime>& time)
{
    return time ? QJsonValue(timeText(*time)) : QJsonValue();
}

QJsonValue textOrNull(const QString& text)
{
    return text.isEmpty() ? QJsonValue() : QJsonValue(text);
}

QJsonObject serverJson(const ServerInfo& server)
{
    return {
        {QStringLiteral("version"), server.version},
        {QStringLiteral("versionNum"), server.versionNumber},
        {QStringLiteral("database"), server.database},
        {QStringLiteral("isStandby"), server.isStandby},
        {QStringLiteral("systemIdentifier"), textOrNull(server.systemIdentifier)},
    };
}

} // namespace lockscope
