#include "models/explanationfacts.h"

#include "models/domain/displaytext.h"
#include "models/explanation.h"

#include <QCoreApplication>

#include <algorithm>

namespace lockscope {

namespace {

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(Explanation)
};

constexpr int nameLimit = 60;
/// More names than this are counted.
constexpr qsizetype namesShown = 3;

bool hasState(const Backend& backend, QLatin1String beginning)
{
    return !backend.restricted && backend.state.startsWith(beginning);
}

} // namespace

ExplanationFacts::ExplanationFacts(const LockView& view)
    : m_view(view)
{
}

const WaitNode* ExplanationFacts::node(const WaitNodeId& id) const
{
    return m_view.waits ? m_view.waits->node(id) : nullptr;
}

const WaitNode* ExplanationFacts::node(qint32 index) const
{
    return m_view.waits && index >= 0 && index < m_view.waits->nodes.size() ? &m_view.waits->nodes[index] : nullptr;
}

const Backend* ExplanationFacts::backend(const WaitNodeId& id) const
{
    if (!m_view.snapshot || id.backend.pid == 0)
        return nullptr;
    const auto found = m_view.snapshot->backends.constFind(id.backend.pid);
    return found != m_view.snapshot->backends.cend() && *found && (*found)->id == id.backend ? found->get() : nullptr;
}

const PreparedTransaction* ExplanationFacts::prepared(const WaitNodeId& id) const
{
    if (!m_view.snapshot || !id.isPrepared())
        return nullptr;
    const auto found = m_view.snapshot->prepared.constFind(id.virtualTransaction);
    return found != m_view.snapshot->prepared.cend() ? &*found : nullptr;
}

QString ExplanationFacts::database(quint32 oid) const
{
    if (oid == 0)
        return {};
    const QString name = m_view.databaseNames.value(oid);
    return name.isEmpty() ? Text::tr("database %1").arg(oid) : cellText(name, nameLimit);
}

QString ExplanationFacts::target(const LockTarget& target) const
{
    QString text = cellText(describe(target, m_view.names.get()), 2 * nameLimit);
    if (target.key()) {
        text = Text::tr("key %1").arg(text);
        const QString meaning =
            m_view.dictionary
                ? cellText(m_view.dictionary->meaning(target, m_view.databaseNames.value(target.databaseOid)),
                           nameLimit)
                : QString();
        // Parentheses in parentheses read badly.
        if (meaning.contains(u'('))
            text = Text::tr("%1, %2,").arg(text, meaning);
        else if (!meaning.isEmpty())
            text = Text::tr("%1 (%2)").arg(text, meaning);
    }
    const QString in = database(target.databaseOid);
    return in.isEmpty() ? text : Text::tr("%1 in %2").arg(text, in);
}

QString ExplanationFacts::inMode(const LockTarget& target, LockMode mode) const
{
    const QString text = this->target(target);
    switch (target.type) {
    case LockType::TransactionId:
    case LockType::VirtualXid:
        return text;
    case LockType::Advisory:
        return mode == LockMode::Share ? Text::tr("%1 (shared)").arg(text) : text;
    default:
        return mode == LockMode::Unknown ? text : Text::tr("%1 on %2").arg(displayName(mode), text);
    }
}

QString ExplanationFacts::awaited(const Lock& lock) const
{
    const bool end = lock.target.type == LockType::TransactionId || lock.target.type == LockType::VirtualXid;
    return end ? Text::tr("%1 to end").arg(target(lock.target)) : inMode(lock.target, lock.mode);
}

QString ExplanationFacts::listed(const QList<WaitNodeId>& ids, qsizetype more) const
{
    QStringList names;
    for (const WaitNodeId& id : ids.first(std::min(ids.size(), namesShown)))
        names.append(nodeName(id, m_view));
    more += ids.size() - names.size();
    if (more > 0)
        return Text::tr("%1 and %2 more").arg(names.join(QStringLiteral(", ")), QString::number(more));
    if (names.size() < 2)
        return names.join(QString());
    const QString last = names.takeLast();
    return Text::tr("%1 and %2").arg(names.join(QStringLiteral(", ")), last);
}

QList<Lock> ExplanationFacts::locksOf(const WaitNodeId& id) const
{
    QList<Lock> result;
    if (!snapshot() || id.isNull())
        return result;
    QList<qint32> pids{id.backend.pid};
    if (const WaitNode* const known = node(id))
        pids += known->workers;
    const auto collect = [&](const QList<Lock>& locks) {
        for (const qint32 pid : pids) {
            // Both lists are sorted by identity, which begins with the pid.
            auto lock = std::partition_point(locks.cbegin(), locks.cend(),
                                             [pid](const Lock& other) { return other.backend.pid < pid; });
            for (; lock != locks.cend() && lock->backend.pid == pid; ++lock) {
                const bool same = pid == 0                ? lock->virtualTransaction == id.virtualTransaction
                                  : pid == id.backend.pid ? lock->backend == id.backend
                                                          : true;
                if (same)
                    result.append(*lock);
            }
        }
    };
    collect(snapshot()->locks);
    collect(snapshot()->otherLocks);
    return result;
}

const LockRow* ExplanationFacts::rowOf(const Lock& lock) const
{
    return lockscope::rowOf(lock, m_view);
}

std::optional<ServerTime> ExplanationFacts::heldBy(const Lock& lock) const
{
    std::optional<ServerTime> moment;
    if (const LockRow* const row = rowOf(lock); row != nullptr && lock.granted)
        moment = row->firstSeen;
    // An idle session runs nothing, so it took its locks at the latest in the statement after which it went idle.
    const Backend* const holder = backend({.backend = lock.backend});
    if (holder != nullptr && hasState(*holder, QLatin1String("idle")) && holder->stateChange &&
        (!moment || *holder->stateChange < *moment))
        moment = holder->stateChange;
    return moment;
}

QString ExplanationFacts::age(const std::optional<ServerTime>& since) const
{
    return since ? formatAge(m_view.takenAt - *since) : QString();
}

QString ExplanationFacts::waited(const Lock& lock) const
{
    if (lock.waitStart)
        return age(lock.waitStart);
    const LockRow* const row = rowOf(lock);
    if (row == nullptr)
        return {};
    const QString text = formatAge(row->age(m_view.takenAt));
    return row->sinceExact() ? text : Text::tr("at least %1").arg(text);
}

QString sentenceStart(QString name)
{
    if (!name.isEmpty())
        name[0] = name[0].toUpper();
    return name;
}

} // namespace lockscope
