#include "app/lab/endings/trialrun.h"

#include "app/lab/endings/clientvictim.h"
#include "app/lab/endings/endingsession.h"
#include "app/lab/endings/poolvictim.h"
#include "app/lab/endings/sessionvictim.h"
#include "app/lab/endings/trialconninfo.h"
#include "app/lab/labsql.h"
#include "models/domain/displaytext.h"

#include <QPointer>

#include <algorithm>

namespace lockscope {

namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr milliseconds readyDeadline{20000};
constexpr milliseconds lookAgain{25};
constexpr milliseconds cleaningDeadline{5000};

} // namespace

TrialRun::TrialRun(TrialTools tools, EndingKind kind, const EndingSettings& settings, LockKey key, QObject* parent)
    : QObject(parent)
    , m_tools(std::move(tools))
{
    m_state.kind = kind;
    m_state.settings = settings;
    m_state.key = key;
    m_conditions = {.kind = kind, .settings = settings, .serverVersion = m_tools.serverVersion};
    m_state.expected = expectedRelease(m_conditions);
    m_deadline.setSingleShot(true);
    m_deadline.setTimerType(Qt::PreciseTimer); // a coarse one may be five per cent early
    m_again.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, [this] {
        if (m_stage == Stage::Watching)
            stillHeld();
        else if (m_stage < Stage::Watching)
            fail({.kind = ErrorKind::Internal, .what = tr("The trial did not get ready in time.")});
    });
}

TrialRun::~TrialRun()
{
    if (m_victim)
        m_victim->disconnect(this);
}

void TrialRun::start()
{
    m_state.phase = EndingPhase::Starting;
    m_deadline.start(readyDeadline);
    publish();
    checkKey();
}

void TrialRun::stop()
{
    if (m_stage < Stage::Cleaning)
        clean(EndingPhase::Stopped);
}

void TrialRun::enter(Stage stage)
{
    m_stage = stage;
}

void TrialRun::lookAtKey(std::function<void(const QList<KeyUser>&)> seen)
{
    const Stage asked = m_stage;
    m_tools.queries->ask(keyStatement(m_state.key), [guard = QPointer<TrialRun>(this), asked,
                                                     seen = std::move(seen)](const Result<QueryThread::Rows>& rows) {
        if (!guard || guard->m_stage != asked)
            return;
        if (!rows) {
            asked == Stage::Cleaning ? guard->complete(rows.error().what) : guard->fail(rows.error());
            return;
        }
        QList<KeyUser> users;
        for (const QStringList& row : *rows) {
            if (row.size() >= 4)
                users.append({row.at(0).toInt(), row.at(1) == u"t", row.at(3)});
        }
        seen(users);
    });
}

/// The key was drawn by lot; somebody may have it all the same, and is left alone.
void TrialRun::checkKey()
{
    lookAtKey([this](const QList<KeyUser>& users) {
        if (!users.isEmpty())
            fail({.kind = ErrorKind::Usage,
                  .what = tr("Key %1 is in use by somebody else. Try again: another key is drawn.")
                              .arg(m_state.key.toString())});
        else if (waitsWhenEnded(m_state.kind))
            openHolder();
        else
            takeKey();
    });
}

void TrialRun::openHolder()
{
    enter(Stage::HolderOpening);
    m_holder = std::make_unique<EndingSession>(companionConninfo(), trialName(m_state.kind, QStringLiteral("holder")));
    m_holder->open([this](const Result<EndingLink>& opened) {
        if (!opened)
            return fail(opened.error());
        addBackend(opened->backend);
        note(tr("Pid %1 takes key %2.").arg(QString::number(opened->backend.pid), m_state.key.toString()));
        m_holder->run(acquireStatement(m_state.key, {.wait = WaitPolicy::Block}).toUtf8(),
                      [this](const Result<void>& answered) { answered ? takeKey() : fail(answered.error()); });
    });
}

void TrialRun::takeKey()
{
    if (m_stage >= Stage::Taking)
        return;
    enter(Stage::Taking);
    m_victim = makeVictim();
    m_state.applicationName = m_victim->applicationName();
    connect(m_victim.get(), &Victim::connected, this, &TrialRun::victimConnected);
    connect(m_victim.get(), &Victim::holds, this, &TrialRun::victimHolds);
    connect(m_victim.get(), &Victim::runs, this, [this](SteadyTime since) {
        if (m_stage != Stage::StatementStarting)
            return;
        m_statementSince = since;
        enter(Stage::Ending);
        m_victim->end();
    });
    connect(m_victim.get(), &Victim::ended, this, &TrialRun::victimEnded);
    connect(m_victim.get(), &Victim::timelineChanged, this, &TrialRun::takeTimeline);
    // Not from inside the victim's own signal: failing takes it away.
    connect(m_victim.get(), &Victim::failed, this, &TrialRun::fail, Qt::QueuedConnection);
    connect(m_victim.get(), &Victim::impossible, this, &TrialRun::explain, Qt::QueuedConnection);
    m_victim->take(m_state.key, waitsWhenEnded(m_state.kind) ? WaitPolicy::Block : WaitPolicy::Try);
}

void TrialRun::victimConnected(const EndingLink& link)
{
    m_victimBackend = link.backend;
    m_state.backendPid = link.backend.pid;
    if (link.overTcp)
        m_conditions.link = link.timeouts;
    addBackend(link.backend);
    publish();
    if (waitsWhenEnded(m_state.kind) && m_stage == Stage::Taking) {
        enter(Stage::VictimQueueing);
        awaitQueued(link.backend.pid, [this] {
            note(tr("Pid %1 (%2) waits for it.")
                     .arg(QString::number(m_victimBackend.pid), cellText(m_state.applicationName)));
            openNext();
        });
    }
    if (link.backend.backendStart)
        return;
    // A pool tells the pid only.
    m_tools.queries->ask(labStatement(QStringLiteral("ending_backend"), {{":pid", {link.backend.pid}}}),
                         [guard = QPointer<TrialRun>(this)](const Result<QueryThread::Rows>& rows) {
                             if (guard && rows && rows->size() == 1 && !rows->first().value(1).isEmpty())
                                 guard->addBackend({rows->first().value(0).toInt(),
                                                    ServerTime(microseconds(rows->first().value(1).toLongLong()))});
                         });
}

void TrialRun::victimHolds()
{
    if (m_stage != Stage::Taking)
        return;
    m_lastPacket = steady_clock::now();
    note(tr("Pid %1 (%2) holds key %3.")
             .arg(QString::number(m_victimBackend.pid), cellText(m_state.applicationName), m_state.key.toString()));
    openNext();
}

void TrialRun::openNext()
{
    enter(Stage::NextOpening);
    m_next = std::make_unique<EndingSession>(companionConninfo(), trialName(m_state.kind, QStringLiteral("next")));
    m_next->open([this](const Result<EndingLink>& opened) {
        if (!opened)
            return fail(opened.error());
        addBackend(opened->backend);
        m_state.nextPid = opened->backend.pid;
        enter(Stage::NextQueueing);
        m_next->run(acquireStatement(m_state.key, {.wait = WaitPolicy::Block}).toUtf8(), [](const Result<void>&) {});
        awaitQueued(opened->backend.pid, [this] {
            m_state.phase = EndingPhase::Holding;
            note(tr("Pid %1 waits behind it.").arg(m_state.nextPid));
            publish();
            startStatement();
        });
    });
}

void TrialRun::awaitQueued(qint32 pid, std::function<void()> queued)
{
    lookAtKey([this, pid, queued = std::move(queued), asked = m_stage](const QList<KeyUser>& users) {
        if (m_stage != asked)
            return; // stopped or failed meanwhile: there may be no client any more
        const bool waits = std::any_of(users.cbegin(), users.cend(),
                                       [pid](const KeyUser& user) { return user.pid == pid && !user.granted; });
        if (waits) {
            queued();
            return;
        }
        m_again.disconnect(this);
        connect(&m_again, &QTimer::timeout, this, [this, pid, queued, asked] {
            if (m_stage == asked)
                awaitQueued(pid, queued);
        });
        m_again.start(lookAgain);
    });
}

void TrialRun::startStatement()
{
    if (runsWhenEnded(m_state.kind)) {
        enter(Stage::StatementStarting);
        m_victim->runStatement(m_state.settings.statementLength);
        return;
    }
    enter(Stage::Ending);
    m_victim->end();
}

void TrialRun::victimEnded(SteadyTime at)
{
    if (m_stage != Stage::Ending)
        return;
    enter(Stage::Watching);
    m_state.phase = EndingPhase::Running;
    m_state.endedAt = at;
    if (m_statementSince)
        m_conditions.statementAge = duration_cast<microseconds>(at - *m_statementSince);
    if (m_state.kind == EndingKind::CableCutQuiet)
        m_conditions.quietFor = duration_cast<microseconds>(at - m_lastPacket);
    m_state.expected = expectedRelease(m_conditions);
    note(m_victim->deed());
    const auto passed = duration_cast<milliseconds>(steady_clock::now() - at);
    m_deadline.start(
        std::max(0ms, duration_cast<milliseconds>(watchingTime(m_state.expected, m_state.settings)) - passed));
    publish();
}

void TrialRun::takeTimeline(const ReleaseTimeline& timeline)
{
    if (m_stage != Stage::Watching)
        return;
    if (timeline.error) {
        fail(*timeline.error);
        return;
    }
    m_state.backendGone = timeline.backendGone;
    m_state.released = timeline.keysFree;
    m_state.nextGranted = timeline.nextGranted;
    m_state.grain = timeline.grain;
    m_anyoneWaited = timeline.anyoneWaited;
    publish();
    if (m_state.released && m_state.backendGone && (m_state.nextGranted || !m_anyoneWaited))
        judge();
}

/// Nothing happened for as long as it was watched: the key is looked at once more, and that is the result.
void TrialRun::stillHeld()
{
    if (m_state.released)
        return judge();
    m_state.watched = duration_cast<microseconds>(steady_clock::now() - *m_state.endedAt);
    lookAtKey([this](const QList<KeyUser>& users) {
        for (const KeyUser& user : users) {
            const QString pid = QString::number(user.pid);
            const QString after = formatAge(m_state.watched);
            if (user.granted)
                note(tr("After %1 pid %2 still holds key %3.").arg(after, pid, m_state.key.toString()));
            else
                note(tr("After %1 pid %2 still waits, behind %3.").arg(after, pid, cellText(user.blockers)));
        }
        judge();
    });
}

void TrialRun::judge()
{
    m_state.verdict = verdictOf(m_state.expected, m_state.released, m_state.watched);
    if (m_state.released) {
        const QString grain = formatDuration(m_state.grain);
        note(waitsWhenEnded(m_state.kind) ? tr("Its backend left the queue after %1 (seen by looks at most %2 apart).")
                                                .arg(formatDuration(*m_state.released), grain)
                                          : tr("The key was free after %1 (seen by looks at most %2 apart).")
                                                .arg(formatDuration(*m_state.released), grain));
    }
    if (m_state.nextGranted)
        note(tr("Pid %1 was granted the key after %2.")
                 .arg(QString::number(m_state.nextPid), formatDuration(*m_state.nextGranted)));
    clean(EndingPhase::Done);
}

void TrialRun::fail(const Error& error)
{
    if (m_stage >= Stage::Cleaning)
        return;
    m_state.error = error;
    clean(EndingPhase::Failed);
}

void TrialRun::explain(const QString& because)
{
    if (m_stage >= Stage::Cleaning)
        return;
    m_state.remark = because;
    clean(EndingPhase::Explained);
}

void TrialRun::clean(EndingPhase result)
{
    m_deadline.stop();
    m_again.stop();
    m_again.disconnect(this);
    enter(Stage::Cleaning);
    m_result = result;
    m_state.phase = EndingPhase::Cleaning;
    m_cleaningSince = steady_clock::now();
    publish();
    // Later, because this may be called from inside the victim's own signal.
    QTimer::singleShot(0, this, [this] { letGo(); });
}

/// Closing our end is not enough: the backend of a frozen, waiting or cut client would outlive that.
void TrialRun::letGo()
{
    if (m_victim)
        m_victim->disconnect(this);
    if (m_result == EndingPhase::Done && !m_state.backendGone && m_victimBackend.pid != 0)
        note(tr("Backend %1 was ended to clean up.").arg(m_victimBackend.pid));
    for (const BackendId& backend : std::as_const(m_backends)) {
        if (backend.backendStart)
            m_tools.queries->ask(terminateStatement(backend), [](const Result<QueryThread::Rows>&) {});
    }
    m_victim.reset();
    m_next.reset();
    m_holder.reset();
    checkLeftovers();
}

void TrialRun::checkLeftovers()
{
    if (m_backends.isEmpty())
        return complete({}); // nothing was opened
    lookAtKey([this](const QList<KeyUser>& users) {
        if (users.isEmpty())
            return complete({});
        if (steady_clock::now() - m_cleaningSince > cleaningDeadline)
            return complete(tr("Pid %1 still has key %2 and could not be ended.")
                                .arg(QString::number(users.first().pid), m_state.key.toString()));
        connect(&m_again, &QTimer::timeout, this, [this] {
            m_again.disconnect(this);
            checkLeftovers();
        });
        m_again.start(lookAgain);
    });
}

/// words: what could not be cleaned up; empty: nothing is left.
void TrialRun::complete(const QString& words)
{
    enter(Stage::Over);
    if (words.isEmpty()) {
        if (!m_backends.isEmpty())
            note(tr("Nothing of this trial is left on the server."));
        m_backends.clear();
    } else {
        note(words);
    }
    m_state.phase = m_result;
    publish();
    Q_EMIT backendsChanged();
    Q_EMIT finished();
}

void TrialRun::publish()
{
    Q_EMIT stateChanged(m_state);
}

void TrialRun::addBackend(const BackendId& backend)
{
    for (BackendId& known : m_backends) {
        if (known.pid == backend.pid && !known.backendStart)
            known = backend;
    }
    if (!m_backends.contains(backend))
        m_backends.append(backend);
    Q_EMIT backendsChanged();
}

Conninfo TrialRun::victimConninfo() const
{
    return lockscope::victimConninfo(m_tools.conninfo, m_state.kind, m_state.settings, m_tools.serverVersion);
}

Conninfo TrialRun::companionConninfo() const
{
    return lockscope::companionConninfo(m_tools.conninfo, m_state.settings, m_tools.serverVersion);
}

std::unique_ptr<Victim> TrialRun::makeVictim() const
{
    switch (m_state.kind) {
    case EndingKind::ReturnedToPool:
        return std::make_unique<PoolVictim>(victimConninfo(), m_tools.watch);
    case EndingKind::CableCutQuiet:
    case EndingKind::CableCutBusy:
        return std::make_unique<SessionVictim>(m_state.kind, victimConninfo(), m_tools.watch);
    default:
        return std::make_unique<ClientVictim>(m_state.kind, victimConninfo(), m_tools.watch);
    }
}

} // namespace lockscope
