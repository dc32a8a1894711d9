#include "ui/waitgraphtext.h"

#include "models/domain/displaytext.h"
#include "models/explanation.h"
#include "ui/numbertext.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>

namespace lockscope {

namespace {

constexpr int longestLine = 120; ///< more than any box shows
constexpr int longestQuery = 600;

QString text(const char* source)
{
    return QCoreApplication::translate("WaitGraph", source);
}

QString counted(const char* one, const char* many, qint64 count)
{
    return count == 1 ? text(one) : text(many).arg(groupedNumber(count));
}

QString ageSince(const std::optional<ServerTime>& since, const LockView& view)
{
    return since ? formatAge(view.takenAt - *since) : QString();
}

Pill pillOf(const WaitNode& node)
{
    if (node.cycle >= 0)
        return {text("deadlock"), PillShape::Warning, Tone::Error};
    if (node.isWaiting())
        return {text("waiting"), PillShape::Hourglass, Tone::Waiting};
    return {text("blocking"), PillShape::Knot, Tone::Blocker};
}

/// What its backend does, with nothing that the server did not tell.
QString activityOf(const WaitNode& node, const LockView& view)
{
    if (node.id.isPrepared()) {
        return node.prepared ? text("prepared %1 ago").arg(ageSince(node.prepared->preparedAt, view))
                             : text("prepared transaction");
    }
    if (node.kind == WaitNodeKind::Startup)
        return text("replays changes of the primary");
    if (!node.backend)
        return text("not listed any more");
    const Backend& backend = *node.backend;
    if (backend.restricted)
        return text("what it does is hidden from this role");
    if (node.kind != WaitNodeKind::ClientBackend && !backend.backendType.isEmpty() && backend.query.isEmpty())
        return cellText(backend.backendType, longestLine);
    if (backend.state.startsWith(QLatin1String("idle"))) {
        const QString state = cellText(backend.state, longestLine);
        const QString age = ageSince(backend.stateChange, view);
        return age.isEmpty() ? state : text("%1 for %2").arg(state, age);
    }
    return cellText(backend.query, longestLine);
}

QString databaseOf(const LockTarget& target, const LockView& view)
{
    return view.databaseNames.value(target.databaseOid);
}

QString meaningOf(const LockTarget& target, const LockView& view)
{
    return view.dictionary ? view.dictionary->meaning(target, databaseOf(target, view)) : QString();
}

void addBackend(QStringList& lines, const Backend& backend, const LockView& view)
{
    lines.append(
        backend.clientAddress.isEmpty()
            ? text("%1 in %2").arg(cellText(backend.user, longestLine), cellText(backend.database, longestLine))
            : text("%1 in %2, from %3")
                  .arg(cellText(backend.user, longestLine), cellText(backend.database, longestLine),
                       cellText(backend.clientAddress, longestLine)));
    if (backend.restricted) {
        lines.append(text("Its state and query are hidden from this role."));
        return;
    }
    const QString age = ageSince(backend.stateChange, view);
    if (!backend.state.isEmpty()) {
        lines.append(age.isEmpty() ? cellText(backend.state, longestLine)
                                   : text("%1 for %2").arg(cellText(backend.state, longestLine), age));
    }
    if (const QString transaction = ageSince(backend.transactionStart, view); !transaction.isEmpty())
        lines.append(text("In a transaction for %1").arg(transaction));
    if (!backend.query.isEmpty())
        lines.append(text("Last statement: %1").arg(paragraphText(backend.query, longestQuery)));
}

QString sessionFacts(const WaitNode& node, const LockView& view)
{
    QStringList lines{nodeName(node.id, view)};
    if (node.cycle >= 0)
        lines.append(text("Part of a deadlock that the server has not resolved yet."));
    else if (node.root)
        lines.append(text("Waits for nobody: here the chain begins."));
    for (const Lock& lock : node.waits) {
        const QString target = describe(lock.target, view.names.get());
        const QString age = ageSince(lock.waitStart, view);
        lines.append(age.isEmpty() ? text("Waits for %1, %2").arg(target, displayName(lock.mode))
                                   : text("Waits %3 for %1, %2").arg(target, displayName(lock.mode), age));
    }
    for (const Lock& lock : node.blocks) {
        lines.append(text("Holds %1, %2, which others wait for")
                         .arg(describe(lock.target, view.names.get()), displayName(lock.mode)));
    }
    if (node.stuckBehind > 0) {
        lines.append(text("Behind it: %1; longest wait %2, all together %3")
                         .arg(counted("one session", "%1 sessions", node.stuckBehind),
                              formatAge(node.longestWaitBehind), formatAge(node.totalWaitBehind)));
    }
    if (!node.workers.isEmpty())
        lines.append(counted("With one parallel worker", "With %1 parallel workers", node.workers.size()));
    if (node.backend)
        addBackend(lines, *node.backend, view);
    return lines.join(u'\n');
}

QString targetFacts(const LockTarget& target, const LockView& view)
{
    QStringList lines{describe(target, view.names.get())};
    const QString type = serverName(target.type);
    lines.append(databaseOf(target, view).isEmpty()
                     ? text("Lock type: %1").arg(type)
                     : text("Lock type: %1, database %2").arg(type, cellText(databaseOf(target, view), longestLine)));
    if (const QString meaning = meaningOf(target, view); !meaning.isEmpty())
        lines.append(cellText(meaning, longestQuery));
    lines.append(text("Left: who holds it up. Right: who waits for it."));
    return lines.join(u'\n');
}

} // namespace

WaitBoxText waitBoxText(const WaitBox& box, const LockView& view, bool mine)
{
    switch (box.id.kind) {
    case WaitBoxKind::Target:
        return {.name = cellText(describe(box.id.target, view.names.get()), longestLine),
                .detail = cellText(meaningOf(box.id.target, view), longestLine)};
    case WaitBoxKind::More:
        return {.name = text("and %1 more").arg(groupedNumber(box.hidden)), .detail = text("wait for the same")};
    case WaitBoxKind::Session:
        break;
    }
    const WaitNode& node = view.waits->nodes[box.node];
    WaitBoxText result{.name = nodeName(node.id, view),
                       .pill = pillOf(node),
                       .detail = activityOf(node, view),
                       .root = node.root,
                       .mine = mine};
    if (node.isWaiting())
        result.aside = ageSince(node.waitingSince, view);
    else if (node.stuckBehind > 0)
        result.aside = text("%1 behind").arg(groupedNumber(node.stuckBehind));
    return result;
}

QString waitBoxFacts(const WaitBox& box, const LockView& view)
{
    switch (box.id.kind) {
    case WaitBoxKind::Target:
        return targetFacts(box.id.target, view);
    case WaitBoxKind::More:
        return text("%1 wait for %2 without a box of their own: those who wait longest, and those others wait for, are "
                    "drawn.\nOne that is selected elsewhere is drawn too.")
            .arg(counted("One more session", "%1 more sessions", box.hidden),
                 describe(box.id.target, view.names.get()));
    case WaitBoxKind::Session:
        break;
    }
    return sessionFacts(view.waits->nodes[box.node], view);
}

QString waitGraphSummary(const LockView& view)
{
    if (!view.waits || view.waits->isEmpty())
        return text("Nobody waits.");
    const WaitGraph& graph = *view.waits;
    QStringList sentences{counted("One session waits.", "%1 sessions wait.", graph.waitingNodes)};
    if (!graph.cycles.isEmpty())
        sentences.append(counted("One deadlock.", "%1 deadlocks.", graph.cycles.size()));
    if (!graph.roots.isEmpty()) {
        const WaitNode& root = graph.nodes[graph.roots.first()];
        sentences.append(
            graph.roots.size() == 1
                ? text("Root blocker: %1, %2 behind it.").arg(nodeName(root.id, view), groupedNumber(root.stuckBehind))
                : text("%1 root blockers; most behind %2: %3.")
                      .arg(groupedNumber(graph.roots.size()), nodeName(root.id, view),
                           groupedNumber(root.stuckBehind)));
    }
    return sentences.join(u' ');
}

} // namespace lockscope
