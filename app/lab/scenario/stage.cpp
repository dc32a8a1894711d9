#include "app/lab/scenario/stage.h"

#include "app/lab/labsql.h"
#include "app/lab/releasewatch.h"
#include "app/lab/scenario/clientactor.h"
#include "app/lab/scenario/podactor.h"
#include "app/lab/scenario/poolactor.h"
#include "app/lab/scenario/pooleractor.h"
#include "app/lab/scenario/sessionactor.h"

#include <algorithm>

namespace lockscope {

namespace {

const QString applicationName = QStringLiteral("application_name");

/// For the `options` of a login: blanks and backslashes in a value are escaped by a backslash, as the server reads
/// them.
QString option(const QString& name, QString value)
{
    value.replace(u'\\', QStringLiteral("\\\\")).replace(u' ', QStringLiteral("\\ "));
    return QStringLiteral(" -c ") + name + u'=' + value;
}

} // namespace

QString preparedName()
{
    return QStringLiteral("prepared");
}

bool isPreparedByALesson(const PictureLock& lock)
{
    return lock.pid == 0 && (lock.gid.startsWith(QStringLiteral("lockscope lab")) ||
                             lock.gid.startsWith(QStringLiteral("lockscope_lab")));
}

Stage::Stage(const ScenarioDocument& document, Conninfo conninfo, QObject* parent)
    : QObject(parent)
    , m_document(document)
    , m_keys(document.keys())
    , m_conninfo(std::move(conninfo))
    , m_queries(std::make_unique<QueryThread>(m_conninfo, QStringLiteral("lockscope lab: scenario")))
    , m_watch(std::make_shared<ReleaseWatch>(m_conninfo))
{
}

Stage::~Stage()
{
    dismiss();
}

void Stage::setServer(int versionNumber, const QString& database)
{
    m_versionNumber = versionNumber;
    m_database = database;
    for (const ScenarioActor& description : m_document.actors) {
        if (versionNumber / 10000 >= description.minimumVersion)
            m_actors.emplace(description.name, make(description));
    }
}

std::unique_ptr<LessonActor> Stage::make(const ScenarioActor& description)
{
    std::unique_ptr<LessonActor> made;
    switch (description.kind) {
    case ActorKind::Session:
        made = std::make_unique<SessionActor>(description);
        break;
    case ActorKind::Client:
        made = std::make_unique<ClientActor>(description, m_watch);
        break;
    case ActorKind::Pool:
        made = std::make_unique<PoolActor>(description, m_conninfo);
        break;
    case ActorKind::Pod:
        made = std::make_unique<PodActor>(description, m_watch);
        break;
    case ActorKind::Pooler: {
        auto pooler = std::make_unique<PoolerActor>(description);
        connect(pooler.get(), &PoolerActor::listed, this, [this] {
            if (m_listing > 0 && --m_listing == 0)
                ask();
        });
        made = std::move(pooler);
        break;
    }
    }
    LessonActor* const actor = made.get();
    connect(actor, &LessonActor::started, this, [this, actor] {
        remember(*actor);
        Q_EMIT actorStarted(actor->name());
    });
    connect(actor, &LessonActor::notStarted, this,
            [this, actor](const Error& error) { Q_EMIT actorNotStarted(actor->name(), error); });
    connect(actor, &LessonActor::answered, this, [this, actor](quint64 number, const ActAnswer& answer) {
        if (!m_asides.remove(number))
            m_answers[actor->name()] = answer;
        Q_EMIT answered(actor->name(), number, answer);
    });
    connect(actor, &LessonActor::killed, this, [this, actor] { Q_EMIT actorKilled(actor->name()); });
    connect(actor, &LessonActor::changed, this, [this, actor] {
        remember(*actor);
        Q_EMIT changed();
    });
    return made;
}

Conninfo Stage::conninfoOf(const ScenarioActor& description) const
{
    Conninfo conninfo = m_conninfo;
    if (!description.through.isEmpty()) {
        if (const auto* const pooler = qobject_cast<PoolerActor*>(actor(description.through)))
            conninfo = pooler->conninfo();
    }
    if (!description.database.isEmpty())
        conninfo.set(QStringLiteral("dbname"), description.database);
    conninfo = withDefaults(conninfo.with(applicationName, {}), QStringLiteral("lockscope lab: ") + description.name);
    if (!description.through.isEmpty() || description.kind == ActorKind::Pooler)
        return conninfo; // PgBouncer refuses `options`, and a SET would stay with whoever comes next
    QString options = conninfo.resolvedValue(QStringLiteral("options"));
    // Should this console be killed, its processes die with it, and nobody may go on waiting or working on the server
    // for them. A lesson about exactly that turns the check off for its actor. The lock_timeout is for servers without
    // the check; it is longer than a lesson is paused in a class.
    const QString checkInterval = QStringLiteral("client_connection_check_interval");
    const bool checks = m_versionNumber >= 140000;
    options += option(QStringLiteral("lock_timeout"), QStringLiteral("15min"));
    if (checks)
        options += option(checkInterval, QStringLiteral("1s"));
    for (const auto& [name, value] : description.settings) {
        if (checks || name != checkInterval) // a server that does not know it behaves as with 0
            options += option(name, value);  // the last one counts
    }
    conninfo.set(QStringLiteral("options"), options.trimmed());
    return conninfo;
}

void Stage::setFarewell(const QStringList& statements)
{
    m_farewell = statements;
    tellFarewell();
}

void Stage::start(const QString& name)
{
    LessonActor* const starting = actor(name);
    if (!starting) {
        QMetaObject::invokeMethod(
            this,
            [this, name] {
                Q_EMIT actorNotStarted(name, {.kind = ErrorKind::Usage, .what = tr("There is no such actor here.")});
            },
            Qt::QueuedConnection);
        return;
    }
    starting->start(conninfoOf(starting->description()));
}

quint64 Stage::perform(const ScenarioAct& act)
{
    ++m_lastNumber;
    // These come on top of what the actor does: nobody asks later how they went.
    if (act.verb == ActVerb::Cancel || act.verb == ActVerb::Freeze || act.verb == ActVerb::Thaw)
        m_asides.insert(m_lastNumber);
    else
        m_answers[act.actor].reset();
    if (act.key && !m_asked[act.actor].contains(*act.key))
        m_asked[act.actor].append(*act.key);
    actor(act.actor)->perform(act, m_lastNumber);
    return m_lastNumber;
}

void Stage::kill(const QString& name, KillStep::How how)
{
    actor(name)->kill(how);
}

LessonActor* Stage::actor(const QString& name) const
{
    const auto found = m_actors.find(name);
    return found == m_actors.cend() ? nullptr : found->second.get();
}

QStringList Stage::actorNames() const
{
    QStringList names;
    for (const ScenarioActor& description : m_document.actors) {
        if (actor(description.name))
            names.append(description.name);
    }
    return names;
}

std::optional<ActAnswer> Stage::latestAnswer(const QString& name) const
{
    return m_answers.value(name);
}

void Stage::look(Looked looked)
{
    m_waitingLooks.push_back(std::move(looked));
    if (m_currentLooks.empty())
        beginLook();
}

void Stage::beginLook()
{
    m_currentLooks = std::exchange(m_waitingLooks, {});
    QList<PoolerActor*> poolers;
    for (const auto& [name, one] : m_actors) {
        if (auto* const pooler = qobject_cast<PoolerActor*>(one.get()))
            poolers.append(pooler);
    }
    m_listing = static_cast<int>(poolers.size());
    if (poolers.isEmpty())
        ask();
    for (PoolerActor* const pooler : std::as_const(poolers))
        pooler->list();
}

void Stage::ask()
{
    QList<qint64> pids;
    for (auto known = m_known.cbegin(); known != m_known.cend(); ++known)
        pids.append(known.key());
    std::sort(pids.begin(), pids.end());
    m_queries->ask(lookStatement(m_keys, pids), [this](const Result<QueryThread::Rows>& rows) { finishLook(rows); });
}

void Stage::finishLook(const Result<QueryThread::Rows>& rows)
{
    if (rows) {
        m_picture = readPicture(*rows);
        bool learnt = false;
        for (const PictureBackend& backend : std::as_const(m_picture.backends)) {
            const auto known = m_known.find(backend.id.pid);
            if (known != m_known.end() && !known->id.backendStart && backend.id.backendStart) {
                known->id = backend.id;
                learnt = true;
            }
        }
        if (learnt)
            tellFarewell();
    }
    m_blind = !rows;
    const std::vector<Looked> looks = std::exchange(m_currentLooks, {});
    if (!m_waitingLooks.empty())
        beginLook();
    for (const Looked& looked : looks)
        looked(rows ? Result<ServerPicture>(m_picture) : failure(rows.error()));
    Q_EMIT changed();
}

QString Stage::ownerOf(qint32 pid) const
{
    const auto known = m_known.constFind(pid);
    return known == m_known.cend() ? QString() : known->actor;
}

QString Stage::nameOf(const PictureLock& lock) const
{
    if (lock.pid == 0)
        return preparedName();
    const QString owner = ownerOf(lock.pid);
    if (!owner.isEmpty())
        return owner;
    return lock.applicationName.isEmpty() ? tr("pid %1").arg(lock.pid)
                                          : tr("%1 (pid %2)").arg(lock.applicationName, QString::number(lock.pid));
}

QList<qint32> Stage::backendsOf(const QString& name) const
{
    QList<qint32> pids;
    for (const Known& known : m_known) {
        if (known.actor == name)
            pids.append(known.id.pid);
    }
    std::sort(pids.begin(), pids.end());
    return pids;
}

QList<PictureLock> Stage::locksOf(const QString& name) const
{
    const LessonActor* const one = actor(name);
    const bool direct = !one || one->isDirect();
    const QString owner = direct ? name : one->description().through;
    QList<PictureLock> locks;
    for (const PictureLock& lock : m_picture.locks) {
        if (lock.pid != 0 && ownerOf(lock.pid) == owner && (direct || m_asked.value(name).contains(lock.key)))
            locks.append(lock);
    }
    return locks;
}

void Stage::remember(const LessonActor& one)
{
    bool learnt = false;
    const QList<BackendId> backends = one.backends();
    for (const BackendId& backend : backends) {
        Known& known = m_known[backend.pid];
        // A pod or a pool tells the start later or never: the looks do.
        if (known.actor == one.name() && (known.id == backend || !backend.backendStart))
            continue;
        known = {one.name(), backend};
        learnt = true;
    }
    if (learnt)
        tellFarewell();
}

void Stage::tellFarewell()
{
    QList<QByteArray> farewell;
    for (const Known& known : std::as_const(m_known)) {
        if (known.id.backendStart)
            farewell.append(terminateStatement(known.id));
    }
    for (const QString& statement : std::as_const(m_farewell))
        farewell.append(statement.toUtf8());
    m_queries->setFarewell(farewell);
}

void Stage::terminateBackends(const QString& name, std::function<void(const Result<void>&)> done)
{
    QList<QByteArray> statements;
    for (const Known& known : std::as_const(m_known)) {
        if ((name.isEmpty() || known.actor == name) && known.id.backendStart && m_picture.backend(known.id.pid))
            statements.append(terminateStatement(known.id));
    }
    if (statements.isEmpty()) {
        QMetaObject::invokeMethod(
            this, [done = std::move(done)] { done({}); }, Qt::QueuedConnection);
        return;
    }
    auto failed = std::make_shared<Result<void>>();
    for (qsizetype number = 0; number < statements.size(); ++number) {
        const bool last = number == statements.size() - 1;
        m_queries->ask(statements.at(number), [failed, last, done](const Result<QueryThread::Rows>& rows) {
            if (!rows)
                *failed = failure(rows.error());
            if (last)
                done(*failed);
        });
    }
}

void Stage::dismiss()
{
    // Those behind a pooler first: a pooler that ends takes the server connections with it, and with them what is left.
    for (auto one = m_actors.begin(); one != m_actors.end();)
        one = one->second->description().kind == ActorKind::Pooler ? std::next(one) : m_actors.erase(one);
    m_actors.clear();
    if (std::exchange(m_listing, 0) > 0)
        ask(); // a look has waited for a pooler's answer
}

void Stage::forget()
{
    m_known.clear();
    m_farewell.clear();
    tellFarewell();
}

int Stage::leftovers() const
{
    int count = 0;
    for (const PictureBackend& backend : m_picture.backends) {
        const auto known = m_known.constFind(backend.id.pid);
        if (known != m_known.cend() && (!known->id.backendStart || known->id == backend.id))
            ++count;
    }
    for (const PictureLock& lock : m_picture.locks) {
        if (isPreparedByALesson(lock) || (m_known.contains(lock.pid) && m_picture.backend(lock.pid)))
            ++count;
    }
    return count;
}

QList<ScenarioActorState> Stage::actorStates() const
{
    QList<ScenarioActorState> states;
    for (const ScenarioActor& description : m_document.actors) {
        const LessonActor* const one = actor(description.name);
        if (!one)
            continue;
        ScenarioActorState state = one->state();
        for (ScenarioConnection& connection : state.connections) {
            for (const PictureLock& lock : m_picture.locks) {
                if (m_blind || connection.backendPid == 0 || lock.pid != connection.backendPid)
                    continue;
                QList<LockKey>& keys = lock.granted ? connection.holds : connection.waits;
                if (!keys.contains(lock.key))
                    keys.append(lock.key);
            }
            std::sort(connection.holds.begin(), connection.holds.end());
        }
        states.append(state);
    }
    return states;
}

QList<ScenarioLock> Stage::locks() const
{
    QList<ScenarioLock> shown;
    if (m_blind)
        return shown; // the last picture would show locks that nobody knows to be there
    for (const PictureLock& lock : m_picture.locks) {
        shown.append({.key = lock.key,
                      .database = lock.database == m_database ? QString() : lock.database,
                      .pid = lock.pid,
                      .who = lock.pid == 0 ? tr("prepared transaction") : nameOf(lock),
                      .mode = modeWord(lock.mode),
                      .granted = lock.granted});
    }
    // The server's order changes from look to look.
    const auto order = [](const ScenarioLock& one) {
        return std::make_tuple(one.key, one.database, !one.granted, one.pid, one.mode);
    };
    std::sort(shown.begin(), shown.end(),
              [order](const ScenarioLock& a, const ScenarioLock& b) { return order(a) < order(b); });
    return shown;
}

} // namespace lockscope
