#include "models/domain/probereport.h"

#include "models/domain/displaytext.h"
#include "models/domain/time.h"

#include <QCoreApplication>
#include <QJsonArray>

namespace lockscope {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ProbeReport)
};

/// Room for a guarded statement or a sentence of advice; a hostile answer is cut long before.
constexpr int lineLength = 2000;

QString line(const QString& text)
{
    return cellText(text, lineLength) + QLatin1Char('\n');
}

} // namespace

QString word(EndpointKind kind)
{
    switch (kind) {
    case EndpointKind::Unknown:
        break;
    case EndpointKind::Direct:
        return Text::tr("a direct connection");
    case EndpointKind::SessionPooling:
        return Text::tr("a pooler in session mode");
    case EndpointKind::TransactionPooling:
        return Text::tr("a pooler in transaction mode");
    case EndpointKind::StatementPooling:
        return Text::tr("a pooler in statement mode");
    case EndpointKind::SpeaksProtocolOnly:
        return Text::tr("something that only speaks PostgreSQL's protocol");
    }
    return Text::tr("unknown");
}

QString token(EndpointKind kind)
{
    switch (kind) {
    case EndpointKind::Unknown:
        break;
    case EndpointKind::Direct:
        return QStringLiteral("direct");
    case EndpointKind::SessionPooling:
        return QStringLiteral("session-pooling");
    case EndpointKind::TransactionPooling:
        return QStringLiteral("transaction-pooling");
    case EndpointKind::StatementPooling:
        return QStringLiteral("statement-pooling");
    case EndpointKind::SpeaksProtocolOnly:
        return QStringLiteral("protocol-only");
    }
    return QStringLiteral("unknown");
}

QJsonObject ProbeReport::toJson() const
{
    QJsonArray list;
    for (const ProbeCheck& check : checks) {
        using Milliseconds = std::chrono::duration<double, std::milli>;
        list.append(QJsonObject{
            {QStringLiteral("name"), check.name},
            {QStringLiteral("expected"), check.expected},
            {QStringLiteral("observed"), check.observed},
            {QStringLiteral("ok"), check.ok},
            {QStringLiteral("evidence"), QJsonArray::fromStringList(check.evidence)},
            {QStringLiteral("elapsedMs"), Milliseconds(check.elapsed).count()},
        });
    }
    return {
        {QStringLiteral("endpoint"), endpoint},
        {QStringLiteral("ok"), ok},
        {QStringLiteral("kind"), token(kind)},
        {QStringLiteral("stopped"), stopped},
        {QStringLiteral("verdict"), verdict},
        {QStringLiteral("checks"), list},
        {QStringLiteral("advice"), QJsonArray::fromStringList(advice)},
        {QStringLiteral("leftBehind"), QJsonArray::fromStringList(leftBehind)},
    };
}

QString probeText(const ProbeCheck& check)
{
    return line(QStringLiteral("%1 %2 (%3)")
                    .arg(check.ok ? QStringLiteral("ok  ") : QStringLiteral("FAIL"), check.name,
                         formatDuration(check.elapsed))) +
           QStringLiteral("        expected: ") + line(check.expected) + QStringLiteral("        observed: ") +
           line(check.observed);
}

QString probeConclusion(const ProbeReport& report)
{
    QString text = line(report.verdict);
    for (const QString& left : report.leftBehind)
        text += QStringLiteral("LEFT BEHIND: ") + line(left);
    for (const QString& advice : report.advice)
        text += QStringLiteral("  - ") + line(advice);
    return text;
}

QString probeText(const ProbeReport& report)
{
    QString text = line(report.endpoint);
    for (const ProbeCheck& check : report.checks) {
        text += probeText(check);
        for (const QString& evidence : check.evidence)
            text += QStringLiteral("          ") + line(evidence);
    }
    return text + QLatin1Char('\n') + probeConclusion(report);
}

} // namespace lockscope
