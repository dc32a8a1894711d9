#include "app/lab/scenario/condition.h"

#include "app/lab/scenario/stage.h"
#include "models/domain/scenariowords.h"

#include <QCoreApplication>

#include <algorithm>

namespace lockscope {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::Condition)
};

QStringList sorted(QStringList names)
{
    names.sort();
    names.removeDuplicates();
    return names;
}

/// What is so, as a condition with the same members as the one that was asked.
class ConditionLook
{
public:
    ConditionLook(const ScenarioCondition& condition, const Stage& stage)
        : m_condition(condition)
        , m_stage(stage)
    {
        m_found.key = condition.key;
        m_found.database = condition.database;
        m_found.actor = condition.actor;
    }

    Observation observe()
    {
        if (m_condition.key)
            lookAtKey(*m_condition.key);
        if (!m_condition.actor.isEmpty())
            lookAtActor();
        if (m_found != ScenarioCondition{.key = m_found.key, .database = m_found.database, .actor = m_found.actor})
            m_words.prepend(wordsOf(m_found));
        return {m_ok, m_words.join(QStringLiteral(", "))};
    }

private:
    void lookAtKey(LockKey key)
    {
        QStringList holders;
        QStringList waiters;
        QStringList shown;
        int rows = 0;
        for (const PictureLock& lock : m_stage.picture().locks) {
            const QString& database = m_condition.database.isEmpty() ? m_stage.database() : m_condition.database;
            if (lock.key != key || lock.database != database)
                continue;
            ++rows;
            (lock.granted ? holders : waiters).append(m_stage.nameOf(lock));
            if (lock.granted)
                shown.append(lock.applicationName);
        }
        if (m_condition.heldBy)
            compareNames(m_condition.heldBy, m_found.heldBy, holders);
        if (m_condition.waiting)
            compareNames(m_condition.waiting, m_found.waiting, waiters);
        if (m_condition.rows)
            compare(*m_condition.rows, m_found.rows, rows);
        if (!m_condition.shownAs.isEmpty()) {
            m_found.shownAs = shown.join(QStringLiteral(", "));
            m_ok = m_ok && m_found.shownAs.contains(m_condition.shownAs);
            if (m_found.shownAs.isEmpty())
                m_words.append(Words::tr("no holder is shown"));
        }
    }

    void lookAtActor()
    {
        const QString& name = m_condition.actor;
        const LessonActor* const actor = m_stage.actor(name);
        QStringList states;
        QStringList blockers;
        for (const qint32 pid : m_stage.backendsOf(name)) {
            const PictureBackend* const backend = m_stage.picture().backend(pid);
            if (!backend)
                continue;
            states.append(backend->state);
            for (const qint32 blocker : backend->blockers) {
                const QString owner = blocker == 0 ? preparedName() : m_stage.ownerOf(blocker);
                blockers.append(owner.isEmpty() ? Words::tr("pid %1").arg(blocker) : owner);
            }
        }
        if (m_condition.connected)
            compare(*m_condition.connected, m_found.connected, !states.isEmpty());
        if (m_condition.statesAre) {
            states.sort();
            compare(*m_condition.statesAre, m_found.statesAre, states);
            if (states.isEmpty()) {
                m_found.statesAre.reset();
                m_words.append(Words::tr("it has no session"));
            }
        }
        if (m_condition.waitsFor) {
            blockers = sorted(blockers);
            m_ok = m_ok && blockers.contains(*m_condition.waitsFor);
            if (blockers.isEmpty())
                m_words.append(Words::tr("waits for nobody"));
            else
                m_found.waitsFor = blockers.join(QStringLiteral(", "));
        }
        if (m_condition.answered) {
            const std::optional<ActAnswer> answer = m_stage.latestAnswer(name);
            m_ok = m_ok && answer && fits(*answer, *m_condition.answered);
            m_words.append(answer ? Words::tr("has answered: %1").arg(describe(*answer))
                                  : Words::tr("has not answered"));
        }
        if (m_condition.freeConnections) {
            m_found.freeConnections = actor ? actor->freeConnections() : std::nullopt;
            m_ok = m_ok && m_found.freeConnections == m_condition.freeConnections;
            if (!m_found.freeConnections)
                m_words.append(Words::tr("it has no connections"));
        }
        if (m_condition.believes) {
            QList<LockKey> expected = *m_condition.believes;
            std::sort(expected.begin(), expected.end());
            m_found.believes = actor ? actor->believes() : std::nullopt;
            m_ok = m_ok && m_found.believes == expected;
            if (!m_found.believes)
                m_words.append(Words::tr("it is not there to believe anything"));
        }
    }

    void compareNames(const std::optional<QStringList>& expected, std::optional<QStringList>& found,
                      const QStringList& names)
    {
        found = sorted(names);
        m_ok = m_ok && *found == sorted(*expected);
    }

    template <typename Value>
    void compare(const Value& expected, std::optional<Value>& found, const Value& value)
    {
        found = value;
        m_ok = m_ok && expected == value;
    }

    const ScenarioCondition& m_condition;
    const Stage& m_stage;
    ScenarioCondition m_found;
    QStringList m_words;
    bool m_ok = true;
};

} // namespace

Observation observe(const ScenarioCondition& condition, const Stage& stage)
{
    return ConditionLook(condition, stage).observe();
}

} // namespace lockscope
