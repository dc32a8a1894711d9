#include "models/jsontext.h"

#include <QDateTime>
#include <QJsonDocument>
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

QByteArray jsonForTerminal(const QJsonObject& object)
{
    // Outside of strings JSON has ASCII only, and inside Qt escapes ASCII controls itself.
    const QString text = QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Indented));
    QString safe;
    safe.reserve(text.size());
    for (const QChar unit : text) {
        const QChar::Category category = unit.category();
        if (unit.unicode() >= 0x7F && (category == QChar::Other_Control || category == QChar::Other_Format))
            safe += QStringLiteral("\\u%1").arg(unit.unicode(), 4, 16, QLatin1Char('0'));
        else
            safe += unit;
    }
    return safe.toUtf8();
}

} // namespace lockscope
