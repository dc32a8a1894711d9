#include "app/lab/scenario/steprun.h"

#include "app/lab/scenario/condition.h"
#include "models/domain/scenariowords.h"
#include "models/domain/time.h"

#include <QPointer>

#include <algorithm>

namespace lockscope {

namespace {

using Kind = ExpectedAnswer::Kind;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds lookEvery{20};
constexpr milliseconds stepDeadline{30000};
/// A look that was under way at the deadline still counts.
constexpr milliseconds lookPatience{1000};

bool hasRow(const QList<PictureLock>& rows, const PictureLock& row)
{
    return std::any_of(rows.cbegin(), rows.cend(), [&row](const PictureLock& one) {
        return one.pid == row.pid && one.key == row.key && one.database == row.database && one.mode == row.mode;
    });
}

} // namespace

StepRun::StepRun(const ScenarioStepDocument& step, Stage& stage, QObject* parent)
    : QObject(parent)
    , m_step(step)
    , m_stage(stage)
{
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, [this] {
        const QString limit = formatDuration(duration_cast<milliseconds>(steady_clock::now() - m_startedAt));
        finish(false, m_observed.isEmpty() ? tr("no answer within %1").arg(limit)
                                           : tr("%1, still after %2").arg(m_observed, limit));
    });
    m_lookAgain.setSingleShot(true);
    m_lookAgain.setInterval(lookEvery);
    connect(&m_stage, &Stage::answered, this, [this](const QString& actor, quint64 number, const ActAnswer& answer) {
        if (!m_finished && actor == m_act.actor && number == m_number)
            takeAnswer(answer);
    });
    connect(&m_stage, &Stage::actorStarted, this, [this](const QString& actor) {
        if (!m_finished && actor == m_act.actor && m_act.verb == ActVerb::Connect)
            takeAnswer({.elapsed = elapsed()});
    });
    connect(&m_stage, &Stage::actorNotStarted, this, [this](const QString& actor, const Error& error) {
        if (!m_finished && actor == m_act.actor && m_act.verb == ActVerb::Connect)
            takeAnswer(answerOf(error, false));
    });
    connect(&m_stage, &Stage::actorKilled, this, [this](const QString& actor) {
        if (!m_finished && actor == m_kill.actor)
            m_killed = true;
    });
}

void StepRun::start()
{
    m_startedAt = steady_clock::now();
    m_deadline.start(deadline());
    std::visit([this](const auto& what) { begin(what); }, m_step.what);
}

milliseconds StepRun::deadline() const
{
    if (const auto* const act = std::get_if<ActStep>(&m_step.what))
        return stepDeadline + act->act.duration * act->act.times +
               std::max(act->act.expected.atMost.value_or(milliseconds(0)),
                        act->act.expected.atLeast.value_or(milliseconds(0)));
    if (const auto* const expect = std::get_if<ExpectStep>(&m_step.what))
        return stepDeadline + expect->during;
    if (const auto* const wait = std::get_if<WaitUntilStep>(&m_step.what))
        return wait->within + lookPatience;
    if (const auto* const kill = std::get_if<KillStep>(&m_step.what))
        return stepDeadline + kill->stillHeldAfter.value_or(milliseconds(0)) +
               kill->releasedWithin.value_or(milliseconds(0));
    return stepDeadline;
}

void StepRun::begin(const SayStep&)
{
    finish(true, {});
}

void StepRun::begin(const ActStep& step)
{
    m_act = step.act;
    m_left = std::max(1, m_act.times);
    if (!m_stage.actor(m_act.actor)) {
        finish(false, tr("%1 is not there on this server").arg(m_act.actor));
        return;
    }
    perform();
}

void StepRun::perform()
{
    --m_left;
    if (m_act.verb == ActVerb::Connect) {
        m_stage.start(m_act.actor);
        return;
    }
    m_number = m_stage.perform(m_act);
    if (m_act.background)
        finish(true, tr("goes on"));
    else if (m_act.expected.kind == Kind::Waits)
        lookForWaiting();
}

void StepRun::takeAnswer(const ActAnswer& answer)
{
    // A pod's request is answered twice; the second answer is a later condition's.
    m_measured = m_measured.value_or(microseconds(0)) + answer.elapsed;
    const QString observed = describe(answer);
    const bool ok = m_act.expected.kind != Kind::Waits && fits(answer, m_act.expected);
    if (ok && m_left > 0)
        QMetaObject::invokeMethod(this, &StepRun::perform, Qt::QueuedConnection);
    else
        finish(ok, observed);
}

/// Until pg_locks shows it waiting for the key, or the server says that it waits for somebody.
void StepRun::lookForWaiting()
{
    look([this] {
        const QList<PictureLock> locks = m_stage.locksOf(m_act.actor);
        const bool queued = std::any_of(locks.cbegin(), locks.cend(), [this](const PictureLock& lock) {
            return !lock.granted && (!m_act.key || lock.key == *m_act.key);
        });
        const QList<qint32> pids = m_stage.backendsOf(m_act.actor);
        const bool blocked = !m_act.key && std::any_of(pids.cbegin(), pids.cend(), [this](qint32 pid) {
            const PictureBackend* const backend = m_stage.picture().backend(pid);
            return backend && !backend->blockers.isEmpty();
        });
        m_observed = tr("it does not wait");
        if (queued || blocked)
            finish(true, tr("waits"));
        else
            lookAgain([this] { lookForWaiting(); });
    });
}

void StepRun::begin(const ExpectStep& step)
{
    look([this, step] {
        const Observation seen = observe(step.condition, m_stage);
        if (!seen.ok)
            finish(false, step.during.count() == 0 ? seen.words
                                                   : tr("%1, after %2").arg(seen.words, formatDuration(elapsed())));
        else if (elapsed() >= step.during)
            finish(true, seen.words);
        else
            lookAgain([this, step] { begin(step); });
    });
}

void StepRun::begin(const WaitUntilStep& step)
{
    look([this, step] {
        const Observation seen = observe(step.condition, m_stage);
        m_observed = seen.words;
        if (seen.ok)
            finish(true, seen.words);
        else if (elapsed() >= step.within)
            finish(false, tr("%1, still after %2").arg(seen.words, formatDuration(elapsed())));
        else
            lookAgain([this, step] { begin(step); });
    });
}

void StepRun::begin(const KillStep& step)
{
    m_kill = step;
    if (!m_stage.actor(step.actor)) {
        finish(false, tr("%1 is not there on this server").arg(step.actor));
        return;
    }
    look([this] {
        m_held = m_stage.locksOf(m_kill.actor);
        kill();
    });
}

void StepRun::kill()
{
    m_startedAt = steady_clock::now();
    LessonActor* const actor = m_stage.actor(m_kill.actor);
    const bool byStatement = m_kill.how == KillStep::How::FromServer && !actor->hasStopwatch();
    if (byStatement) {
        m_stage.terminateBackends(m_kill.actor, [self = QPointer(this)](const Result<void>& sent) {
            if (!self || self->m_finished)
                return;
            self->m_killed = true;
            if (!sent)
                self->finish(false, sent.error().what);
        });
    } else {
        m_stage.kill(m_kill.actor, m_kill.how);
    }
    if (m_kill.releasedWithin || m_kill.stillHeldAfter) {
        if (m_held.isEmpty()) {
            m_observed = tr("it held nothing");
            finish(false, m_observed);
            return;
        }
        lookForRelease();
    } else {
        lookForEnd();
    }
}

void StepRun::lookForRelease()
{
    look([this] {
        const QList<PictureLock>& rows = m_stage.picture().locks;
        const auto isThere = [&rows](const PictureLock& lock) { return hasRow(rows, lock); };
        // Free is what has no row any more; still held is only what has all of them.
        const bool held = m_kill.stillHeldAfter ? std::all_of(m_held.cbegin(), m_held.cend(), isThere)
                                                : std::any_of(m_held.cbegin(), m_held.cend(), isThere);
        const LessonActor* const actor = m_stage.actor(m_kill.actor);
        const std::optional<ReleaseTimeline> timeline = actor->release();
        const microseconds now = elapsed();
        // The stopwatch looks more often, and counts from the signal.
        const bool measures = actor->hasStopwatch() && timeline && !timeline->error;
        if (m_kill.stillHeldAfter) {
            if (!held)
                finish(false,
                       tr("free after %1").arg(formatDuration(measures ? timeline->keysFree.value_or(now) : now)));
            else if (m_killed && now >= *m_kill.stillHeldAfter)
                finish(true, tr("still held after %1").arg(formatDuration(now)));
            else
                lookAgain([this] { lookForRelease(); });
            return;
        }
        m_observed = held ? tr("still held") : tr("free, but %1 has not ended").arg(m_kill.actor);
        const bool told = !measures || timeline->keysFree || now > *m_kill.releasedWithin + lookPatience;
        if (!held && m_killed && told) {
            m_measured = measures ? timeline->keysFree.value_or(now) : now;
            finish(*m_measured <= *m_kill.releasedWithin, tr("free after %1").arg(formatDuration(*m_measured)));
        } else if (held && now > *m_kill.releasedWithin + lookEvery) {
            finish(false, tr("still held after %1").arg(formatDuration(now)));
        } else {
            lookAgain([this] { lookForRelease(); });
        }
    });
}

/// Nothing is said of its locks: it has ended when its process or its socket has, or its backend where that was ended.
void StepRun::lookForEnd()
{
    look([this] {
        const QList<qint32> pids = m_stage.backendsOf(m_kill.actor);
        const bool there = std::any_of(pids.cbegin(), pids.cend(),
                                       [this](qint32 pid) { return m_stage.picture().backend(pid) != nullptr; });
        const bool byServer = m_kill.how == KillStep::How::FromServer;
        m_observed = tr("it has not ended");
        if (m_killed && (!byServer || !there))
            finish(true, byServer ? tr("its backend is gone") : tr("it ended"));
        else
            lookAgain([this] { lookForEnd(); });
    });
}

void StepRun::look(Checked check)
{
    m_stage.look([self = QPointer(this), check = std::move(check)](const Result<ServerPicture>& picture) {
        if (!self || self->m_finished)
            return;
        if (picture)
            check();
        else
            self->finish(false, tr("the server could not be asked: %1").arg(picture.error().what));
    });
}

void StepRun::lookAgain(Checked check)
{
    m_lookAgain.disconnect();
    connect(&m_lookAgain, &QTimer::timeout, this, std::move(check));
    m_lookAgain.start();
}

void StepRun::finish(bool ok, const QString& observed)
{
    if (std::exchange(m_finished, true))
        return;
    m_deadline.stop();
    m_lookAgain.stop();
    Q_EMIT finished(ok, observed, m_measured.value_or(elapsed()));
}

microseconds StepRun::elapsed() const
{
    return duration_cast<microseconds>(steady_clock::now() - m_startedAt);
}

} // namespace lockscope
