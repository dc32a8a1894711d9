#include "app/lab/crashreleasescenario.h"

#include "app/lab/clientexecutable.h"
#include "app/lab/labsql.h"
#include "app/lab/releasewatch.h"

#include <QPointer>

#include <algorithm>

namespace lockscope {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr LockKey lessonKey = LockKey::bigint(5);
constexpr milliseconds stageDeadline{10000};
constexpr milliseconds askAgainAfter{20};

const QString& holderName()
{
    static const QString name = QStringLiteral("pod-a");
    return name;
}

const QString& waiterName()
{
    static const QString name = QStringLiteral("pod-b");
    return name;
}

} // namespace

CrashReleaseScenario::CrashReleaseScenario(const ScenarioDescription& description, const Conninfo& conninfo,
                                           QObject* parent)
    : RunningScenario(description, parent)
    , m_conninfo(conninfo)
    , m_queries(std::make_unique<QueryThread>(conninfo, QStringLiteral("lockscope scenario")))
    , m_watch(std::make_shared<ReleaseWatch>(conninfo))
{
    m_deadline.setSingleShot(true);
    m_deadline.setInterval(stageDeadline);
    connect(&m_deadline, &QTimer::timeout, this, &CrashReleaseScenario::timeOut);
    m_askAgain.setSingleShot(true);
    m_askAgain.setInterval(askAgainAfter);
    connect(&m_askAgain, &QTimer::timeout, this, [this] {
        if (m_stage == Stage::CleaningUp)
            checkLeftovers();
        else
            askForKey();
    });
}

CrashReleaseScenario::~CrashReleaseScenario()
{
    m_stage = Stage::Over;
    // In this order: a killed client that waited stays in the server's queue as a ghost until its backend is ended,
    // which the farewell of m_queries does.
    m_waiter.reset();
    m_holder.reset();
}

void CrashReleaseScenario::start()
{
    enter(Stage::Looking);
    if (const Result<QString> program = findClientExecutable())
        askServer();
    else
        abandon(program.error());
}

void CrashReleaseScenario::enter(Stage stage)
{
    m_stage = stage;
    m_stageStarted = steady_clock::now();
    m_deadline.start();
}

void CrashReleaseScenario::askServer()
{
    m_queries->ask(labStatement(QStringLiteral("watch_server")), [this](const Result<QueryThread::Rows>& rows) {
        if (!rows || rows->isEmpty()) {
            abandon(rows ? Error{.kind = ErrorKind::Server, .what = tr("The server did not tell its version.")}
                         : rows.error());
            return;
        }
        setServer(QStringLiteral("PostgreSQL %1").arg(rows->first().value(0).section(u' ', 0, 0)));
        enter(Stage::Looking); // connecting is not part of the first step
        askForKey();
    });
}

void CrashReleaseScenario::askForKey()
{
    const Stage asked = m_stage;
    m_queries->ask(keyStatement(lessonKey), [this, asked](const Result<QueryThread::Rows>& rows) {
        if (m_stage != asked)
            return;
        if (rows)
            checkKey(readUsers(*rows));
        else
            failStep(rows.error().what);
    });
}

QList<CrashReleaseScenario::KeyUser> CrashReleaseScenario::readUsers(const QueryThread::Rows& rows)
{
    QList<KeyUser> users;
    for (const QStringList& row : rows) {
        KeyUser user{.pid = row.value(0).toInt(),
                     .granted = row.value(1) == u"t",
                     .blockers = {},
                     .applicationName = row.value(4)};
        const QString list = row.value(3).mid(1).chopped(row.value(3).size() > 1 ? 1 : 0);
        for (const QString& pid : list.split(u',', Qt::SkipEmptyParts))
            user.blockers.append(pid.toInt());
        users.append(user);
    }
    return users;
}

void CrashReleaseScenario::checkKey(const QList<KeyUser>& users)
{
    const auto isUser = [&users](const SimulatedClient& client, bool granted) {
        return std::any_of(users.cbegin(), users.cend(), [&](const KeyUser& user) {
            return user.pid == client.state().backendPid && user.granted == granted;
        });
    };
    if (m_stage == Stage::Looking) {
        if (users.isEmpty()) {
            passStep(tr("key %1 is free").arg(lessonKey.toString()));
            enter(Stage::HolderStarting);
            startClient(m_holder, 1, holderName());
            return;
        }
        const KeyUser& first = users.first();
        const QString who = first.pid == 0 ? tr("a prepared transaction")
                                           : tr("pid %1 (%2)").arg(QString::number(first.pid), first.applicationName);
        failStep(first.granted
                     ? tr("key %1 is held by %2, which is not part of this lesson").arg(lessonKey.toString(), who)
                     : tr("%2 waits for key %1 and is not part of this lesson").arg(lessonKey.toString(), who));
    } else if (m_stage == Stage::HolderShown && isUser(*m_holder, true)) {
        passStep(tr("pid %1 holds key %2").arg(QString::number(m_holder->state().backendPid), lessonKey.toString()));
        enter(Stage::WaiterStarting);
        startClient(m_waiter, 2, waiterName());
    } else if (m_stage == Stage::WaiterShown) {
        const auto waits = std::find_if(users.cbegin(), users.cend(), [this](const KeyUser& user) {
            return user.pid == m_waiter->state().backendPid && !user.granted;
        });
        if (waits == users.cend() || !waits->blockers.contains(m_holder->state().backendPid)) {
            m_askAgain.start();
            return;
        }
        passStep(
            tr("pid %1 waits for key %2 behind pid %3")
                .arg(QString::number(waits->pid), lessonKey.toString(), QString::number(m_holder->state().backendPid)));
        enter(Stage::Killing);
        m_holder->end(ClientEnding::Kill);
    } else {
        m_askAgain.start();
    }
}

void CrashReleaseScenario::startClient(std::unique_ptr<SimulatedClient>& client, quint32 number, const QString& name)
{
    client = std::make_unique<SimulatedClient>(ClientId{number}, name, m_conninfo, m_watch);
    const QPointer<SimulatedClient> started = client.get();
    // Queued: what follows may destroy the client, which must not happen inside its own signal. A signal that is on its
    // way then still arrives.
    connect(
        started, &SimulatedClient::stateChanged, this,
        [this, started] {
            if (started)
                clientChanged(*started);
        },
        Qt::QueuedConnection);
    connect(
        started, &SimulatedClient::finished, this,
        [this, started](const ClientState&, const Outcome& outcome) {
            if (started)
                clientAnswered(*started, outcome);
        },
        Qt::QueuedConnection);
    started->start();
}

void CrashReleaseScenario::clientChanged(const SimulatedClient& client)
{
    const ClientState& state = client.state();
    const BackendId backend{state.backendPid, state.backendStart};
    const bool isNew = backend.pid != 0 && !m_backends.contains(backend);
    if (isNew) {
        m_backends.append(backend);
        setFarewell();
    }
    const bool holderStarts = m_stage == Stage::HolderStarting && &client == m_holder.get();
    const bool waiterStarts = m_stage == Stage::WaiterStarting && &client == m_waiter.get();
    if (state.phase == ClientPhase::Ended && state.ending && m_stage < Stage::CleaningUp) {
        failStep(tr("%1 ended: %2").arg(state.name, state.ending->what));
    } else if (holderStarts && isNew) {
        // A try, so that a foreign session that was faster is seen and never waited for.
        m_holder->acquire(lessonKey,
                          {.share = LockShare::Exclusive, .level = LockLevel::Session, .wait = WaitPolicy::Try});
    } else if (waiterStarts && isNew) {
        m_waiter->acquire(lessonKey,
                          {.share = LockShare::Exclusive, .level = LockLevel::Session, .wait = WaitPolicy::Block});
        m_stage = Stage::WaiterShown; // one step with the asking: the server's word counts, not the client's
        askForKey();
    } else if (m_stage == Stage::Killing && &client == m_holder.get()) {
        judgeRelease();
    } else if (m_stage == Stage::Ending && &client == m_waiter.get() && state.release && state.release->finished) {
        cleanUp();
    }
}

void CrashReleaseScenario::clientAnswered(const SimulatedClient& client, const Outcome& outcome)
{
    if (m_stage != Stage::HolderStarting || &client != m_holder.get())
        return;
    if (outcome.kind != OutcomeKind::Acquired) {
        failStep(describe(outcome));
        return;
    }
    passStep(tr("granted to pid %1 after %2")
                 .arg(QString::number(client.state().backendPid), formatDuration(outcome.elapsed)));
    enter(Stage::HolderShown);
    askForKey();
}

/// What the stopwatch saw, as four steps; the deadline ends the waiting for those that did not come.
void CrashReleaseScenario::judgeRelease()
{
    const std::optional<ReleaseTimeline> release = m_holder->state().release;
    if (!release || (!release->finished && m_deadline.isActive()))
        return;
    m_deadline.stop();
    m_stage = Stage::Ending;
    const QString never = release->error      ? release->error->what
                          : release->finished ? tr("not seen")
                                              : tr("not seen within %1").arg(formatDuration(stageDeadline));
    const auto judge = [&](const QString& who, const QString& what, const QString& expected, const QString& observed,
                           const std::optional<microseconds>& moment, bool right = true) {
        const bool ok = moment.has_value() && right;
        step(who, what, expected, moment ? observed.arg(formatDuration(*moment)) : never, ok,
             moment.value_or(elapsed()));
        m_stepFailed = m_stepFailed || !ok;
    };
    const QString server = tr("server");
    judge(tr("console"), tr("kills %1 with SIGKILL").arg(holderName()),
          tr("the process of %1 is gone").arg(holderName()), tr("gone after %1"), release->processGone);
    judge(server, tr("ends the backend of %1").arg(holderName()), tr("the backend of %1 is gone").arg(holderName()),
          tr("gone after %1"), release->backendGone);
    judge(server, tr("releases the locks of %1").arg(holderName()),
          tr("%1 no longer holds key %2").arg(holderName(), lessonKey.toString()), tr("released after %1"),
          release->keysFree);
    const bool rightOne = release->nextPid == m_waiter->state().backendPid;
    judge(server, tr("grants key %1 to the next in line").arg(lessonKey.toString()),
          tr("%1 is granted key %2").arg(waiterName(), lessonKey.toString()),
          rightOne ? tr("granted after %1")
                   : tr("granted to pid %1 instead, after ").arg(release->nextPid) + QStringLiteral("%1"),
          release->nextGranted, rightOne);
    enter(Stage::Ending);
    if (m_stepFailed)
        cleanUp();
    else
        m_waiter->end(ClientEnding::Terminate);
}

void CrashReleaseScenario::timeOut()
{
    if (m_stage == Stage::Killing)
        judgeRelease();
    else if (m_stage == Stage::Ending)
        cleanUp();
    else if (m_stage == Stage::CleaningUp)
        checkLeftovers();
    else if (m_stage != Stage::Over)
        failStep(tr("not seen within %1").arg(formatDuration(stageDeadline)));
}

/// From here on nothing is taught any more: the clients are killed, and what the server still keeps of them is ended.
void CrashReleaseScenario::cleanUp()
{
    const SteadyTime stageStarted = m_stageStarted;
    const bool lastStep = m_stage == Stage::Ending;
    enter(Stage::CleaningUp);
    if (lastStep)
        m_stageStarted = stageStarted; // ending the second client is part of the last step
    m_waiter.reset();
    m_holder.reset();
    for (const BackendId& backend : std::as_const(m_backends)) {
        if (!m_stepFailed)
            break; // it went by itself, and that it did is what is checked
        m_queries->ask(terminateStatement(backend), [](const Result<QueryThread::Rows>&) {});
    }
    checkLeftovers();
}

void CrashReleaseScenario::checkLeftovers()
{
    if (m_backends.isEmpty()) {
        complete();
        return;
    }
    auto left = std::make_shared<int>(0);
    for (const BackendId& backend : std::as_const(m_backends)) {
        const bool isLast = backend == m_backends.last();
        m_queries->ask(
            lookStatement(backend, {backend.pid}), [this, left, isLast](const Result<QueryThread::Rows>& rows) {
                if (m_stage != Stage::CleaningUp)
                    return;
                *left += rows ? static_cast<int>(rows->size()) : 1; // what could not be asked is not known to be gone
                if (!isLast)
                    return;
                const bool overdue = !m_deadline.isActive();
                if (*left > 0 && !overdue) {
                    m_askAgain.start();
                    return;
                }
                if (*left == 0 && !m_stepFailed)
                    passStep(tr("nothing is left"));
                else if (*left > 0)
                    step(actor(), action(), expectation(), tr("something of this lesson is still on the server"), false,
                         elapsed());
                complete();
            });
    }
}

void CrashReleaseScenario::complete()
{
    closeConnections([this] { conclude(); });
}

/// The lesson could not begin.
void CrashReleaseScenario::abandon(const Error& error)
{
    closeConnections([this, error] { giveUp(error); });
}

/// The last thing to go are the lesson's own connections; not right here, which may be inside an answer of one of them.
void CrashReleaseScenario::closeConnections(std::function<void()> afterwards)
{
    m_deadline.stop();
    m_askAgain.stop();
    m_stage = Stage::Over;
    QMetaObject::invokeMethod(
        this,
        [this, afterwards = std::move(afterwards)] {
            m_queries.reset();
            m_watch.reset();
            afterwards();
        },
        Qt::QueuedConnection);
}

void CrashReleaseScenario::failStep(const QString& observed)
{
    if (m_stage == Stage::Killing || m_stage >= Stage::CleaningUp)
        return;
    step(actor(), action(), expectation(), observed, false, elapsed());
    m_stepFailed = true;
    m_askAgain.stop();
    cleanUp();
}

void CrashReleaseScenario::passStep(const QString& observed, microseconds elapsed)
{
    step(actor(), action(), expectation(), observed, true, elapsed);
}

microseconds CrashReleaseScenario::elapsed() const
{
    return std::chrono::duration_cast<microseconds>(steady_clock::now() - m_stageStarted);
}

QString CrashReleaseScenario::actor() const
{
    switch (m_stage) {
    case Stage::HolderStarting:
        return holderName();
    case Stage::WaiterStarting:
    case Stage::WaiterShown:
    case Stage::Ending:
        return waiterName();
    case Stage::HolderShown:
        return tr("server");
    default:
        return tr("console");
    }
}

QString CrashReleaseScenario::action() const
{
    const QString key = lessonKey.toString();
    switch (m_stage) {
    case Stage::Looking:
        return tr("looks who uses key %1").arg(key);
    case Stage::HolderStarting:
        return tr("connects and tries to lock key %1").arg(key);
    case Stage::HolderShown:
        return tr("shows key %1 in pg_locks").arg(key);
    case Stage::WaiterStarting:
    case Stage::WaiterShown:
        return tr("connects and locks key %1, waiting").arg(key);
    default:
        return tr("ends %1 and looks for leftovers").arg(waiterName());
    }
}

QString CrashReleaseScenario::expectation() const
{
    const QString key = lessonKey.toString();
    switch (m_stage) {
    case Stage::Looking:
        return tr("nobody holds key %1 or waits for it").arg(key);
    case Stage::HolderStarting:
        return tr("%1 is granted key %2").arg(holderName(), key);
    case Stage::HolderShown:
        return tr("the backend of %1 holds key %2").arg(holderName(), key);
    case Stage::WaiterStarting:
    case Stage::WaiterShown:
        return tr("%1 waits behind %2").arg(waiterName(), holderName());
    default:
        return tr("no backend and no lock of this lesson is left");
    }
}

void CrashReleaseScenario::setFarewell()
{
    QList<QByteArray> farewell;
    for (const BackendId& backend : std::as_const(m_backends))
        farewell.append(terminateStatement(backend));
    m_queries->setFarewell(farewell);
}

} // namespace lockscope
