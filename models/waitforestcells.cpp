#include "models/waitforestcells.h"

#include "models/domain/displaytext.h"
#include "models/domain/redaction.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace lockscope {

namespace {

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(WaitForest)
};

constexpr int nameLimit = 120;
constexpr int queryLimit = 4 * 1024;

constexpr Qt::Alignment left = Qt::AlignLeft | Qt::AlignVCenter;
constexpr Qt::Alignment right = Qt::AlignRight | Qt::AlignVCenter;

struct Column
{
    const char* title;
    const char* toolTip;
    Qt::Alignment alignment;
};

constexpr std::array<Column, WaitForestModel::ColumnCount> columns{{
    {QT_TRANSLATE_NOOP("WaitForest", "Session"),
     QT_TRANSLATE_NOOP("WaitForest", "Who blocks, and under it who waits for it, in the order of the queue"), left},
    {QT_TRANSLATE_NOOP("WaitForest", "State"),
     QT_TRANSLATE_NOOP("WaitForest", "Whether it blocks or waits, and what its backend does"), left},
    {QT_TRANSLATE_NOOP("WaitForest", "Waits For"),
     QT_TRANSLATE_NOOP("WaitForest", "What it waits for, and the mode it asked for. \"queued behind\": the one ahead "
                                     "does not hold it either, but comes first"),
     left},
    {QT_TRANSLATE_NOOP("WaitForest", "Since"),
     QT_TRANSLATE_NOOP("WaitForest", "How long it has waited; \">=\" marks a wait that began before anyone looked"),
     right},
    {QT_TRANSLATE_NOOP("WaitForest", "Behind"),
     QT_TRANSLATE_NOOP("WaitForest", "How many sessions wait for this one, through others too"), right},
    {QT_TRANSLATE_NOOP("WaitForest", "Longest"),
     QT_TRANSLATE_NOOP("WaitForest", "The longest wait of all that are stuck behind it"), right},
    {QT_TRANSLATE_NOOP("WaitForest", "Total"),
     QT_TRANSLATE_NOOP("WaitForest", "The sum of the waits of all that are stuck behind it"), right},
    {QT_TRANSLATE_NOOP("WaitForest", "Query"),
     QT_TRANSLATE_NOOP("WaitForest",
                       "The running statement, or the last one of an idle session; it need not be the one that locked"),
     left},
}};

BackendPointer backendOf(const WaitNodeId& id, const LockView& view)
{
    if (view.waits) {
        if (const WaitNode* const node = view.waits->node(id))
            return node->backend;
    }
    const BackendPointer backend = view.snapshot ? view.snapshot->backends.value(id.backend.pid) : nullptr;
    return backend && backend->id == id.backend ? backend : nullptr;
}

QString gidOf(const WaitNodeId& id, const LockView& view)
{
    if (view.waits) {
        const WaitNode* const node = view.waits->node(id);
        if (node != nullptr && node->prepared)
            return node->prepared->gid;
    }
    return view.snapshot ? view.snapshot->prepared.value(id.virtualTransaction).gid : QString();
}

QString preparedName(const WaitNodeId& id, const LockView& view)
{
    const QString gid = cellText(gidOf(id, view), nameLimit);
    return gid.isEmpty() ? Text::tr("prepared transaction") : Text::tr("prepared '%1'").arg(gid);
}

/// For a sentence about somebody else: "1240", "prepared 'pay-17'".
QString shortName(const WaitNodeId& id, const LockView& view)
{
    return id.isPrepared() ? preparedName(id, view) : QString::number(id.backend.pid);
}

QString targetText(const LockTarget& target, const LockView& view)
{
    const QString words = describe(target, view.names.get());
    if (target.type != LockType::Advisory)
        return cellText(words);
    const QString meaning =
        view.dictionary
            ? cellText(view.dictionary->meaning(target, view.databaseNames.value(target.databaseOid)), nameLimit)
            : QString();
    return meaning.isEmpty() ? Text::tr("key %1").arg(words) : Text::tr("key %1 (%2)").arg(words, meaning);
}

QString wish(const LockTarget& target, LockMode mode, const LockView& view)
{
    return mode == LockMode::Unknown ? targetText(target, view)
                                     : Text::tr("%1, %2").arg(targetText(target, view), displayName(mode));
}

/// Calls visit(edge, blocker's node) for all edges of the row's session.
template <typename Visit>
void forEachEdge(const WaitForestRow& row, const LockView& view, Visit visit)
{
    if (row.node == nullptr)
        return;
    const QList<WaitEdge>& edges = view.waits->edges;
    const auto waiter = static_cast<qint32>(row.node - view.waits->nodes.constData());
    const auto first = std::lower_bound(edges.cbegin(), edges.cend(), waiter,
                                        [](const WaitEdge& edge, qint32 node) { return edge.waiter < node; });
    for (auto edge = first; edge != edges.cend() && edge->waiter == waiter; ++edge)
        visit(*edge, view.waits->nodes[edge->blocker]);
}

QString waitsForText(const WaitForestRow& row, const LockView& view)
{
    if (row.node == nullptr || !row.node->isWaiting())
        return {};
    QStringList others;
    if (row.edge == nullptr) {
        // At the top: a deadlock, or nobody is known to hold it up.
        const Lock& wait = row.node->waits.first();
        forEachEdge(row, view, [&](const WaitEdge& edge, const WaitNode& blocker) {
            if (!row.cycle || blocker.cycle == row.node->cycle || edge.kind != WaitEdgeKind::Soft)
                others.append(shortName(blocker.id, view));
        });
        others.removeDuplicates();
        const QString text = wish(wait.target, wait.mode, view);
        return others.isEmpty() ? text : Text::tr("%1; behind %2").arg(text, others.join(QStringLiteral(", ")));
    }
    const QString text = wish(view.waits->targets[row.edge->target], row.edge->requested, view);
    if (row.edge->kind == WaitEdgeKind::Soft)
        return Text::tr("%1; queued behind %2").arg(text, shortName(view.waits->nodes[row.edge->blocker].id, view));
    // Ending the one it stands under does not free it while others hold it up as well.
    forEachEdge(row, view, [&](const WaitEdge& edge, const WaitNode& blocker) {
        if (edge.kind != WaitEdgeKind::Soft && edge.blocker != row.edge->blocker)
            others.append(shortName(blocker.id, view));
    });
    others.removeDuplicates();
    return others.isEmpty() ? text : Text::tr("%1; also behind %2").arg(text, others.join(QStringLiteral(", ")));
}

QString waitsForToolTip(const WaitForestRow& row, const LockView& view)
{
    QStringList lines;
    constexpr int most = 20;
    int unnamed = 0;
    forEachEdge(row, view, [&](const WaitEdge& edge, const WaitNode& blocker) {
        if (lines.size() == most) {
            ++unnamed;
            return;
        }
        const QString what = wish(view.waits->targets[edge.target], edge.requested, view);
        const QString who = shortName(blocker.id, view);
        switch (edge.kind) {
        case WaitEdgeKind::Hard:
            lines.append(edge.held == LockMode::Unknown
                             ? Text::tr("%1: held by %2").arg(what, who)
                             : Text::tr("%1: %2 holds it as %3").arg(what, who, displayName(edge.held)));
            break;
        case WaitEdgeKind::Soft:
            lines.append(Text::tr("%1: %2 is ahead in the queue").arg(what, who));
            break;
        case WaitEdgeKind::Unknown:
            lines.append(Text::tr("%1: the server names %2; why is not known").arg(what, who));
            break;
        }
    });
    if (unnamed > 0)
        lines.append(Text::tr("and %1 more").arg(unnamed));
    return lines.isEmpty() ? waitsForText(row, view) : lines.join(u'\n');
}

QString sessionToolTip(const WaitForestRow& row, const LockView& view)
{
    QStringList lines{row.id.isPrepared() ? sessionName(row, view) : Text::tr("PID %1").arg(row.id.backend.pid)};
    if (row.id.isPrepared()) {
        lines.append(Text::tr("No process to end: COMMIT PREPARED or ROLLBACK PREPARED releases its locks."));
        return lines.join(u'\n');
    }
    const BackendPointer backend = backendOf(row.id, view);
    if (!backend) {
        lines.append(Text::tr("The server does not list it any more."));
        return lines.join(u'\n');
    }
    if (!backend->applicationName.isEmpty())
        lines.append(backend->applicationName);
    if (!backend->user.isEmpty())
        lines.append(backend->database.isEmpty() ? backend->user
                                                 : Text::tr("%1 in %2").arg(backend->user, backend->database));
    if (!backend->clientAddress.isEmpty())
        lines.append(backend->clientAddress);
    if (!backend->backendType.isEmpty() && backend->backendType != QLatin1String("client backend"))
        lines.append(backend->backendType);
    if (row.node != nullptr && !row.node->workers.isEmpty())
        lines.append(Text::tr("with %n parallel worker(s)", nullptr, static_cast<int>(row.node->workers.size())));
    return lines.join(u'\n');
}

QString ageText(const WaitForestRow& row)
{
    if (row.node == nullptr || !row.node->isWaiting())
        return {};
    if (!row.waited.age)
        return Text::tr("unknown");
    const QString age = formatAge(*row.waited.age);
    return row.waited.exact ? age : Text::tr(">= %1").arg(age);
}

QString queryText(const WaitForestRow& row, const LockView& view)
{
    const BackendPointer backend = backendOf(row.id, view);
    if (!backend)
        return {};
    if (backend->restricted)
        return Text::tr("not visible to this role");
    return withoutPasswords(firstCharacters(backend->query, queryLimit));
}

/// No time is known behind it: nothing, rather than "0 s".
QString behindText(const WaitForestRow& row, std::chrono::microseconds WaitNode::*time)
{
    if (row.node == nullptr || row.node->stuckBehind == 0)
        return {};
    return (row.node->*time).count() > 0 ? formatAge(row.node->*time) : QString();
}

} // namespace

QString waitForestTitle(int column)
{
    return Text::tr(columns[static_cast<size_t>(column)].title);
}

QString waitForestTitleToolTip(int column)
{
    return Text::tr(columns[static_cast<size_t>(column)].toolTip);
}

Qt::Alignment waitForestAlignment(int column)
{
    return columns[static_cast<size_t>(column)].alignment;
}

WaitPart partOf(const WaitForestRow& row)
{
    if (row.cycle)
        return WaitPart::Deadlock;
    if (row.node == nullptr)
        return row.holds ? WaitPart::Holding : WaitPart::None;
    if (row.node->isWaiting())
        return WaitPart::Waiting;
    return WaitPart::Blocking;
}

QString word(WaitPart part)
{
    switch (part) {
    case WaitPart::Deadlock:
        return Text::tr("deadlock");
    case WaitPart::Blocking:
        return Text::tr("blocking");
    case WaitPart::Waiting:
        return Text::tr("waiting");
    case WaitPart::Holding:
        return Text::tr("held");
    case WaitPart::None:
        break;
    }
    return {};
}

QString doing(const WaitForestRow& row, const LockView& view)
{
    const WaitPart part = partOf(row);
    if (part == WaitPart::Waiting || part == WaitPart::Deadlock)
        return {};
    if (row.id.isPrepared())
        return Text::tr("prepared");
    const BackendPointer backend = backendOf(row.id, view);
    if (!backend)
        return Text::tr("not listed any more");
    if (backend->restricted)
        return Text::tr("state not visible");
    return cellText(backend->state.isEmpty() ? backend->backendType : backend->state, nameLimit);
}

QString sessionNumber(const WaitForestRow& row)
{
    return row.id.isPrepared() ? QString() : QString::number(row.id.backend.pid);
}

QString sessionName(const WaitForestRow& row, const LockView& view)
{
    if (row.id.isPrepared())
        return preparedName(row.id, view);
    const BackendPointer backend = backendOf(row.id, view);
    if (!backend)
        return Text::tr("not listed");
    if (row.node != nullptr && row.node->kind == WaitNodeKind::Startup)
        return Text::tr("startup process");
    if (backend->backendType.isEmpty() || backend->backendType == QLatin1String("client backend"))
        return cellText(backend->applicationName.isEmpty() ? backend->user : backend->applicationName, nameLimit);
    return cellText(backend->backendType, nameLimit);
}

QString waitForestText(int column, const WaitForestRow& row, const LockView& view)
{
    switch (column) {
    case WaitForestModel::Session: {
        const QString number = sessionNumber(row);
        const QString name = sessionName(row, view);
        return number.isEmpty() ? name : name.isEmpty() ? number : Text::tr("%1 %2").arg(number, name);
    }
    case WaitForestModel::State: {
        const QString part = word(partOf(row));
        const QString does = doing(row, view);
        return part.isEmpty() ? does : does.isEmpty() ? part : Text::tr("%1, %2").arg(part, does);
    }
    case WaitForestModel::WaitsFor:
        return waitsForText(row, view);
    case WaitForestModel::Since:
        return ageText(row);
    case WaitForestModel::StuckBehind:
        return row.node == nullptr || row.node->stuckBehind == 0 ? QString() : QString::number(row.node->stuckBehind);
    case WaitForestModel::LongestBehind:
        return behindText(row, &WaitNode::longestWaitBehind);
    case WaitForestModel::TotalBehind:
        return behindText(row, &WaitNode::totalWaitBehind);
    case WaitForestModel::Query:
        return cellText(queryText(row, view));
    default:
        return {};
    }
}

QString waitForestToolTip(int column, const WaitForestRow& row, const LockView& view)
{
    switch (column) {
    case WaitForestModel::Session:
        return sessionToolTip(row, view);
    case WaitForestModel::State:
        if (row.cycle)
            return Text::tr("They wait for each other. The server ends one of them once deadlock_timeout has passed.");
        if (row.node != nullptr && row.node->root)
            return Text::tr("A root blocker: it waits for nobody, so here the chain begins.");
        break;
    case WaitForestModel::WaitsFor:
        return waitsForToolTip(row, view);
    case WaitForestModel::StuckBehind:
        if (row.node != nullptr && row.node->stuckBehind > 0)
            return Text::tr("%1 wait behind it, %2 of them directly.\nThe longest wait: %3\nAll waits together: %4")
                .arg(QString::number(row.node->stuckBehind), QString::number(row.node->directlyBehind),
                     formatAge(row.node->longestWaitBehind), formatAge(row.node->totalWaitBehind));
        break;
    case WaitForestModel::Query:
        return queryText(row, view);
    default:
        break;
    }
    return waitForestText(column, row, view);
}

QString waitSummary(const LockView& view)
{
    if (!view.waits || view.waits->waitingNodes == 0)
        return Text::tr("Nobody waits for a lock");
    const WaitGraph& graph = *view.waits;
    std::chrono::microseconds longest{-1};
    for (const WaitNode& node : graph.nodes) {
        if (node.waitingSince)
            longest = std::max(longest, graph.takenAt - *node.waitingSince);
    }
    const int waiting = graph.waitingNodes;
    const auto roots = static_cast<int>(graph.roots.size());
    const auto cycles = static_cast<int>(graph.cycles.size());
    QString text;
    if (roots == 1)
        text = waiting == 1 ? Text::tr("1 session waits behind 1 root blocker")
                            : Text::tr("%1 sessions wait behind 1 root blocker").arg(waiting);
    else if (roots > 1)
        text = waiting == 1 ? Text::tr("1 session waits behind %1 root blockers").arg(roots)
                            : Text::tr("%1 sessions wait behind %2 root blockers")
                                  .arg(QString::number(waiting), QString::number(roots));
    else
        text = waiting == 1 ? Text::tr("1 session waits") : Text::tr("%1 sessions wait").arg(waiting);
    if (cycles > 0)
        text = cycles == 1 ? Text::tr("%1; 1 deadlock").arg(text)
                           : Text::tr("%1; %2 deadlocks").arg(text, QString::number(cycles));
    if (longest.count() >= 0)
        text = waiting == 1 ? Text::tr("%1; for %2").arg(text, formatAge(longest))
                            : Text::tr("%1; the longest for %2").arg(text, formatAge(longest));
    return text;
}

} // namespace lockscope
