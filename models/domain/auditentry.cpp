#include "models/domain/auditentry.h"

#include "models/domain/redaction.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <array>

namespace lockscope {

namespace {

struct TextField
{
    const char* name;
    QString AuditEntry::*member;
};

constexpr std::array textFields = {
    TextField{"action", &AuditEntry::action},
    TextField{"step", &AuditEntry::step},
    TextField{"host", &AuditEntry::host},
    TextField{"database", &AuditEntry::database},
    TextField{"systemIdentifier", &AuditEntry::systemIdentifier},
    TextField{"role", &AuditEntry::role},
    TextField{"start", &AuditEntry::start},
    TextField{"application", &AuditEntry::application},
    TextField{"user", &AuditEntry::user},
    TextField{"gid", &AuditEntry::gid},
    TextField{"transaction", &AuditEntry::transaction},
    TextField{"query", &AuditEntry::query},
    TextField{"outcome", &AuditEntry::outcome},
    TextField{"sentence", &AuditEntry::sentence},
};

} // namespace

QByteArray auditLine(const AuditEntry& entry)
{
    QJsonObject object{{QStringLiteral("time"), entry.time.toUTC().toString(Qt::ISODateWithMs)},
                       {QStringLiteral("port"), entry.port},
                       {QStringLiteral("pid"), entry.pid}};
    for (const auto& [name, member] : textFields)
        object.insert(QLatin1StringView(name), withoutPasswords(entry.*member));
    QJsonArray notices;
    for (const QString& notice : entry.notices)
        notices.append(withoutPasswords(notice));
    object.insert(QStringLiteral("notices"), notices);
    return QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
}

std::optional<AuditEntry> auditEntry(const QByteArray& line)
{
    const auto object = QJsonDocument::fromJson(line).object();
    AuditEntry entry;
    entry.time = QDateTime::fromString(object.value(QLatin1String("time")).toString(), Qt::ISODateWithMs);
    entry.port = object.value(QLatin1String("port")).toInt();
    entry.pid = object.value(QLatin1String("pid")).toInt();
    for (const auto& [name, member] : textFields)
        entry.*member = object.value(QLatin1StringView(name)).toString();
    const auto notices = object.value(QLatin1String("notices")).toArray();
    for (const auto& notice : notices)
        entry.notices.append(notice.toString());
    if (!entry.time.isValid() || entry.action.isEmpty() || entry.step.isEmpty())
        return {};
    return entry;
}

QString victimText(const AuditEntry& entry)
{
    if (entry.pid == 0)
        return QStringLiteral("'%1'").arg(entry.gid);
    return entry.application.isEmpty() ? QString::number(entry.pid)
                                       : QStringLiteral("%1 %2").arg(QString::number(entry.pid), entry.application);
}

} // namespace lockscope
