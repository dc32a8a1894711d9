#include "models/waitsexport.h"

#include "models/domain/displaytext.h"
#include "models/explanation.h"
#include "models/jsontext.h"
#include "models/waitforest.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QSet>
#include <QStringList>

#include <algorithm>

namespace lockscope {

namespace {

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(WaitsExport)
};

/// "key 5 in shop": alone in a sentence a bare number would not say what it is.
QString targetText(const LockTarget& target, const LockView& view)
{
    QString text = describe(target, view.names.get());
    if (target.key())
        text = QStringLiteral("key ") + text;
    if (target.databaseOid == 0)
        return text;
    const auto database = view.databaseNames.constFind(target.databaseOid);
    const QString name = database != view.databaseNames.cend()
                             ? *database
                             : QStringLiteral("database ") + QString::number(target.databaseOid);
    return text + QStringLiteral(" in ") + name;
}

// JSON

/// "1234@2026-11-22T13:00:00.123456Z": a pid alone is given out again.
QString idText(const WaitNode& node)
{
    const BackendId& backend = node.id.backend;
    if (backend.pid != 0)
        return QString::number(backend.pid) +
               (backend.backendStart ? u'@' + timeText(*backend.backendStart) : QString());
    if (node.id.isNull())
        return QStringLiteral("prepared:unknown");
    if (node.prepared)
        return QStringLiteral("prepared:") + node.prepared->gid;
    // As pg_locks spells it: a prepared transaction has no process number, which reads as -1.
    return QStringLiteral("prepared:%1/%2")
        .arg(QString::number(static_cast<qint32>(node.id.virtualTransaction >> 32)),
             QString::number(node.id.virtualTransaction & 0xffffffffU));
}

double seconds(std::chrono::microseconds duration)
{
    return std::chrono::duration<double>(duration).count();
}

QJsonValue waitSeconds(const WaitNode& node, const LockView& view)
{
    if (!node.waitingSince)
        return {};
    return std::max(seconds(view.takenAt - *node.waitingSince), 0.0);
}

QJsonArray targetsJson(const QList<Lock>& locks, const LockView& view)
{
    QStringList texts;
    for (const Lock& lock : locks)
        texts.append(targetText(lock.target, view));
    texts.removeDuplicates();
    return QJsonArray::fromStringList(texts);
}

QJsonObject nodeJson(const WaitNode& node, const LockView& view)
{
    static const Backend unknown;
    const Backend& backend = node.backend ? *node.backend : unknown;
    const bool visible = node.backend && !backend.restricted;
    const auto& prepared = node.prepared;
    QJsonArray workers;
    for (const qint32 pid : node.workers)
        workers.append(pid);
    return {
        {QStringLiteral("id"), idText(node)},
        {QStringLiteral("kind"), word(node.kind)},
        {QStringLiteral("pid"), node.id.backend.pid != 0 ? QJsonValue(node.id.backend.pid) : QJsonValue()},
        {QStringLiteral("backendStart"), timeOrNull(node.id.backend.backendStart)},
        {QStringLiteral("gid"), prepared ? QJsonValue(prepared->gid) : QJsonValue()},
        {QStringLiteral("preparedAt"), prepared ? QJsonValue(timeText(prepared->preparedAt)) : QJsonValue()},
        {QStringLiteral("applicationName"), node.backend ? QJsonValue(backend.applicationName) : QJsonValue()},
        {QStringLiteral("user"), textOrNull(prepared ? prepared->owner : backend.user)},
        {QStringLiteral("state"), visible ? textOrNull(backend.state) : QJsonValue()},
        {QStringLiteral("query"), visible ? QJsonValue(backend.query) : QJsonValue()},
        {QStringLiteral("workers"), workers},
        {QStringLiteral("holds"), targetsJson(node.blocks, view)},
        {QStringLiteral("holdsCount"), node.heldLocks},
        {QStringLiteral("waitsFor"),
         node.isWaiting() ? QJsonValue(targetText(node.waits.constFirst().target, view)) : QJsonValue()},
        {QStringLiteral("waitSeconds"), waitSeconds(node, view)},
        {QStringLiteral("directlyBehind"), node.directlyBehind},
        {QStringLiteral("stuckBehind"), node.stuckBehind},
        {QStringLiteral("longestWaitBehindSeconds"), seconds(node.longestWaitBehind)},
        {QStringLiteral("totalWaitBehindSeconds"), seconds(node.totalWaitBehind)},
    };
}

QJsonObject edgeJson(const WaitEdge& edge, const WaitGraph& graph, const QStringList& ids, const LockView& view)
{
    const auto modeOrNull = [](LockMode mode) {
        return mode == LockMode::Unknown ? QJsonValue() : QJsonValue(serverName(mode));
    };
    const LockTarget& target = graph.targets.at(edge.target);
    return {
        {QStringLiteral("waiter"), ids.at(edge.waiter)},
        {QStringLiteral("blocker"), ids.at(edge.blocker)},
        {QStringLiteral("kind"), word(edge.kind)},
        {QStringLiteral("target"), targetText(target, view)},
        {QStringLiteral("locktype"), serverName(target.type)},
        {QStringLiteral("requested"), modeOrNull(edge.requested)},
        {QStringLiteral("held"), modeOrNull(edge.held)},
    };
}

// Text

/// Long enough for a name with its schema; a terminal is narrow.
constexpr int widest = 60;

class ForestWriter
{
public:
    explicit ForestWriter(const LockView& view)
        : m_view(view)
        , m_graph(*view.waits)
        , m_forest(waitForestOf(view, {}, {}))
    {
    }

    QString write()
    {
        // A stack of its own: nobody promises that a chain is short.
        std::vector<std::pair<qint32, int>> open;
        const auto push = [&open](const QList<qint32>& entries, int depth) {
            for (auto entry = entries.crbegin(); entry != entries.crend(); ++entry)
                open.emplace_back(*entry, depth);
        };
        push(m_forest.tops, 0);
        while (!open.empty()) {
            const auto [index, depth] = open.back();
            open.pop_back();
            const WaitForestEntry& entry = m_forest.entries.at(index);
            m_text += QString(2 * depth, u' ') + line(entry) + u'\n';
            push(entry.children, depth + 1);
        }
        return m_text + u'\n' + summary() + u'\n';
    }

private:
    [[nodiscard]] QString line(const WaitForestEntry& entry) const
    {
        const WaitNode& node = m_graph.nodes.at(entry.node);
        QString text = entry.cycle ? Text::tr("deadlock: ") : QString();
        text += name(node);
        if (node.backend && !node.backend->restricted && !node.backend->state.isEmpty())
            text += QStringLiteral(", ") + cellText(node.backend->state, widest);
        if (node.isWaiting())
            text += QStringLiteral(", ") + wait(entry, node);
        if (!node.blocks.isEmpty())
            text += QStringLiteral(", ") + held(node);
        return node.stuckBehind > 0 ? text + QStringLiteral(": ") + behind(node) : text;
    }

    [[nodiscard]] QString name(const WaitNode& node) const
    {
        return node.id.isNull() ? Text::tr("a prepared transaction that is not listed") : nodeName(node.id, m_view);
    }

    [[nodiscard]] QString lockText(const Lock& lock) const
    {
        return QStringLiteral("%1 (%2)").arg(cellText(targetText(lock.target, m_view), widest), displayName(lock.mode));
    }

    [[nodiscard]] QString wait(const WaitForestEntry& entry, const WaitNode& node) const
    {
        const QString lock = lockText(node.waits.constFirst());
        QString text;
        if (!entry.waited.age)
            text = Text::tr("waits for %1").arg(lock);
        else
            text = (entry.waited.exact ? Text::tr("waits %1 for %2") : Text::tr("waits at least %1 for %2"))
                       .arg(formatAge(*entry.waited.age), lock);
        QStringList holders;
        QStringList ahead;
        QStringList unknown;
        QSet<qint32> told;
        for (auto edge = firstEdge(entry.node); edge != m_graph.edges.cend() && edge->waiter == entry.node; ++edge) {
            if (told.contains(edge->blocker))
                continue;
            told.insert(edge->blocker);
            QStringList& list = edge->kind == WaitEdgeKind::Hard   ? holders
                                : edge->kind == WaitEdgeKind::Soft ? ahead
                                                                   : unknown;
            list.append(shortName(m_graph.nodes.at(edge->blocker)));
        }
        if (!holders.isEmpty())
            text += QStringLiteral(", ") + Text::tr("held by %1").arg(listed(holders));
        if (!ahead.isEmpty())
            text += QStringLiteral(", ") + Text::tr("queued behind %1").arg(listed(ahead));
        if (!unknown.isEmpty())
            text += QStringLiteral(", ") + Text::tr("blocked by %1, the server does not show why").arg(listed(unknown));
        return text;
    }

    [[nodiscard]] QList<WaitEdge>::const_iterator firstEdge(qint32 waiter) const
    {
        return std::lower_bound(m_graph.edges.cbegin(), m_graph.edges.cend(), waiter,
                                [](const WaitEdge& edge, qint32 node) { return edge.waiter < node; });
    }

    [[nodiscard]] QString shortName(const WaitNode& node) const
    {
        return node.id.backend.pid != 0 ? QString::number(node.id.backend.pid) : name(node);
    }

    [[nodiscard]] QString held(const WaitNode& node) const
    {
        QStringList locks;
        for (const Lock& lock : node.blocks)
            locks.append(lockText(lock));
        locks.removeDuplicates(); // parallel workers
        return Text::tr("holds %1").arg(listed(locks));
    }

    /// Nobody reads the two-thousandth.
    [[nodiscard]] static QString listed(const QStringList& texts)
    {
        constexpr qsizetype most = 3;
        const QString text = texts.first(std::min(most, texts.size())).join(QStringLiteral(", "));
        if (texts.size() <= most)
            return text;
        return text + QStringLiteral(", ") + Text::tr("%1 more").arg(texts.size() - most);
    }

    [[nodiscard]] QString behind(const WaitNode& node) const
    {
        const QString count = Text::tr("%1 stuck behind").arg(node.stuckBehind);
        if (node.longestWaitBehind.count() == 0)
            return count; // since when is not known
        if (node.stuckBehind == 1)
            return count + QStringLiteral(", ") + Text::tr("for %1").arg(formatAge(node.longestWaitBehind));
        return count + QStringLiteral(", ") +
               Text::tr("longest %1, together %2")
                   .arg(formatAge(node.longestWaitBehind), formatAge(node.totalWaitBehind));
    }

    [[nodiscard]] QString summary() const
    {
        const auto counted = [](qsizetype count, const QString& one, const QString& many) {
            return count == 1 ? one : many.arg(count);
        };
        QStringList parts{
            counted(m_graph.waitingNodes, Text::tr("1 session waits"), Text::tr("%1 sessions wait")),
            counted(m_graph.roots.size(), Text::tr("1 root blocker"), Text::tr("%1 root blockers")),
        };
        if (!m_graph.cycles.isEmpty())
            parts.append(counted(m_graph.cycles.size(), Text::tr("1 deadlock"), Text::tr("%1 deadlocks")));
        return parts.join(QStringLiteral(", "));
    }

    const LockView& m_view;
    const WaitGraph& m_graph;
    const WaitForest m_forest;
    QString m_text;
};

} // namespace

QJsonObject waitsJson(const ServerInfo& server, const LockView& view)
{
    static const WaitGraph nothing;
    const WaitGraph& graph = view.waits ? *view.waits : nothing;
    QStringList ids;
    QJsonArray nodes;
    for (const WaitNode& node : graph.nodes) {
        ids.append(idText(node));
        nodes.append(nodeJson(node, view));
    }
    QJsonArray edges;
    for (const WaitEdge& edge : graph.edges)
        edges.append(edgeJson(edge, graph, ids, view));
    const auto idsOf = [&ids](const QList<qint32>& indexes) {
        QJsonArray result;
        for (const qint32 index : indexes)
            result.append(ids.at(index));
        return result;
    };
    QJsonArray cycles;
    for (const QList<qint32>& cycle : graph.cycles)
        cycles.append(idsOf(cycle));
    return {
        {QStringLiteral("server"), serverJson(server)},
        {QStringLiteral("serverTime"), view.empty ? QJsonValue() : QJsonValue(timeText(view.takenAt))},
        {QStringLiteral("nodes"), nodes},
        {QStringLiteral("edges"), edges},
        {QStringLiteral("roots"), idsOf(graph.roots)},
        {QStringLiteral("cycles"), cycles},
    };
}

QString waitsText(const LockView& view)
{
    if (!view.waits)
        return Text::tr("The server was not read yet.") + u'\n';
    if (view.waits->isEmpty())
        return Text::tr("Nobody waits for a lock.") + u'\n';
    return ForestWriter(view).write();
}

} // namespace lockscope
