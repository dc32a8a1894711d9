#include "models/holdtext.h"

#include <QCoreApplication>

namespace lockscope {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(HoldText)
};

constexpr int summarizedHolds = 6;

QString times(int count)
{
    return count > 1 ? QStringLiteral(" \u00D7%1").arg(QString::number(count)) : QString();
}

QString summarize(const LedgerEntry& entry)
{
    QString text = entry.key.toString();
    if (entry.share == LockShare::Shared)
        text += u' ' + Text::tr("shared");
    text += times(entry.sessionCount + entry.transactionCount);
    if (entry.state != HoldState::Held)
        text += u' ' + word(entry.state);
    return text;
}

} // namespace

QString describeTakes(const LedgerEntry& entry)
{
    QString text = entry.share == LockShare::Shared ? Text::tr("shared") : Text::tr("exclusive");
    if (entry.sessionCount > 0)
        text += times(entry.sessionCount);
    if (entry.transactionCount > 0)
        text += QStringLiteral(", ") + Text::tr("in transaction") + times(entry.transactionCount);
    return text;
}

QString describeHold(const LedgerEntry& entry)
{
    QStringList lines;
    lines += Text::tr("Key %1, %2: %3").arg(entry.key.toString(), describeTakes(entry), word(entry.state));
    if (entry.sessionCount + entry.transactionCount > 0) {
        lines += Text::tr("Taken %1 times at session level and %2 times in this transaction, by our own count: the "
                          "server shows one row however often a lock was taken.")
                     .arg(QString::number(entry.sessionCount), QString::number(entry.transactionCount));
    } else if (entry.state == HoldState::Held) {
        lines += Text::tr("The server shows this lock, but how often it was taken is unknown.");
    }
    switch (entry.state) {
    case HoldState::Lost:
        lines += Text::tr("The server ended the session, so the lock is gone. It was not released by us.");
        break;
    case HoldState::Unknown:
        lines += Text::tr("The link broke. The server may still hold the lock for the old session.");
        break;
    case HoldState::Held:
    case HoldState::Waiting:
    case HoldState::Released:
        break;
    }
    return lines.join(u'\n');
}

QString holdsSummary(const QList<LedgerEntry>& entries)
{
    QStringList parts;
    int others = 0;
    for (const LedgerEntry& entry : entries) {
        if (entry.state == HoldState::Waiting || entry.state == HoldState::Released)
            continue;
        if (parts.size() < summarizedHolds)
            parts += summarize(entry);
        else
            ++others;
    }
    if (parts.isEmpty())
        return Text::tr("nothing");
    const QString joined = parts.join(QStringLiteral(", "));
    return others == 0 ? joined : Text::tr("%1 and %2 more").arg(joined, QString::number(others));
}

} // namespace lockscope
