#include "ui/ledgerrow.h"

#include "models/domain/displaytext.h"

#include <QCoreApplication>

namespace lockscope {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(LedgerRow)
};

constexpr int nameCharacters = 64;
/// One line has no room for more; the rows below name them all.
constexpr qsizetype summarisedKeys = 4;

QString shareWord(LockShare share)
{
    return share == LockShare::Exclusive ? Text::tr("exclusive") : Text::tr("shared");
}

QString times(int count)
{
    return count == 1 ? Text::tr("1 time") : Text::tr("%1 times").arg(count);
}

QString keysIn(const QList<LedgerEntry>& ledger, HoldState state)
{
    QStringList keys;
    qsizetype more = 0;
    for (const LedgerEntry& entry : ledger) {
        if (entry.state != state)
            continue;
        if (keys.size() == summarisedKeys)
            ++more;
        else
            keys.append(entry.key.toString());
    }
    const QString joined = keys.join(QStringLiteral(", "));
    return more == 0 ? joined : Text::tr("%1 and %2 more").arg(joined, QString::number(more));
}

} // namespace

QString ledgerSummary(const QList<LedgerEntry>& ledger)
{
    QStringList parts;
    if (const QString keys = keysIn(ledger, HoldState::Waiting); !keys.isEmpty())
        parts.append(Text::tr("waits for %1").arg(keys));
    if (const QString keys = keysIn(ledger, HoldState::Held); !keys.isEmpty())
        parts.append(Text::tr("holds %1").arg(keys));
    if (const QString keys = keysIn(ledger, HoldState::Unknown); !keys.isEmpty())
        parts.append(Text::tr("may still hold %1").arg(keys));
    if (const QString keys = keysIn(ledger, HoldState::Lost); !keys.isEmpty())
        parts.append(Text::tr("lost %1").arg(keys));
    return parts.join(QStringLiteral("; "));
}

template <typename State>
QString remarkOf(const State& state)
{
    const QString summary = ledgerSummary(state.ledger);
    if (state.elsewhere.isEmpty())
        return summary;
    const QString place = Text::tr("on %1").arg(cellText(state.elsewhere, nameCharacters));
    return summary.isEmpty() ? place : place + QStringLiteral("; ") + summary;
}

QString countsSentence(const LedgerEntry& entry)
{
    QStringList counts;
    if (entry.sessionCount > 0)
        counts.append(Text::tr("%1 (session)").arg(times(entry.sessionCount)));
    if (entry.transactionCount > 0)
        counts.append(Text::tr("%1 (transaction)").arg(times(entry.transactionCount)));
    if (!counts.isEmpty())
        return Text::tr("%1, taken %2").arg(shareWord(entry.share), counts.join(QStringLiteral(", ")));
    if (entry.state == HoldState::Held)
        return Text::tr("%1, seen on the server, not taken here").arg(shareWord(entry.share));
    return shareWord(entry.share);
}

LedgerRow ledgerRow(const SessionState& state)
{
    const bool ended =
        state.phase == SessionPhase::Lost || state.phase == SessionPhase::Closed || state.phase == SessionPhase::Failed;
    QStringList remark{remarkOf(state)};
    QStringList shortRemark = remark;
    if (state.behindPooler) {
        remark.prepend(Text::tr("through a pooler"));
        shortRemark.prepend(Text::tr("pooler"));
        remark.removeAll(QString());
        shortRemark.removeAll(QString());
    }
    return {.top = true,
            .title = cellText(state.name, nameCharacters),
            .number = state.backendPid == 0 ? QString() : QString::number(state.backendPid),
            .remark = remark.join(QStringLiteral("; ")),
            .shortRemark = shortRemark.join(QStringLiteral("; ")),
            .pill = pillOf(state),
            .faded = ended};
}

LedgerRow ledgerRow(const ClientState& state)
{
    const QString remark = remarkOf(state);
    return {.top = true,
            .title = cellText(state.name, nameCharacters),
            .number = state.backendPid == 0 ? QString() : QString::number(state.backendPid),
            .remark = remark,
            .shortRemark = remark,
            .pill = pillOf(state),
            .faded = state.phase == ClientPhase::Ended};
}

LedgerRow ledgerRow(const LedgerEntry& entry)
{
    QStringList brief{shareWord(entry.share)};
    if (entry.sessionCount > 0)
        brief.append(Text::tr("%1× session").arg(entry.sessionCount));
    if (entry.transactionCount > 0)
        brief.append(Text::tr("%1× transaction").arg(entry.transactionCount));
    return {.top = false,
            .title = entry.key.toString(),
            .number = {},
            .remark = countsSentence(entry),
            .shortRemark = brief.join(QStringLiteral(", ")),
            .pill = pillOf(entry.state),
            .faded = entry.state == HoldState::Released || entry.state == HoldState::Lost};
}

} // namespace lockscope
