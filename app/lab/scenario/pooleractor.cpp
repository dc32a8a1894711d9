#include "app/lab/scenario/pooleractor.h"

namespace lockscope {

PoolerActor::PoolerActor(ScenarioActor description, QObject* parent)
    : LessonActor(std::move(description), parent)
    , m_words(tr("not started"))
{
}

PoolerActor::~PoolerActor() = default;

void PoolerActor::start(const Conninfo& conninfo)
{
    m_words = tr("starts");
    m_pooler = std::make_unique<PgBouncer>(conninfo, description().pooler);
    connect(m_pooler.get(), &PgBouncer::started, this, [this] {
        m_words = tr("runs, pool_mode %1").arg(word(description().pooler.mode));
        Q_EMIT changed();
        Q_EMIT started();
    });
    connect(m_pooler.get(), &PgBouncer::failed, this, [this](const Error& error) {
        m_words = tr("could not start");
        Q_EMIT changed();
        Q_EMIT notStarted(error);
    });
    connect(m_pooler.get(), &PgBouncer::ended, this, [this] {
        m_words = tr("ended");
        Q_EMIT changed();
        Q_EMIT listed(); // whoever asked gets no other answer
    });
    connect(m_pooler.get(), &PgBouncer::serversListed, this, [this](const QList<qint32>& pids) {
        m_backends.clear();
        for (const qint32 pid : pids)
            m_backends.append(BackendId{.pid = pid});
        Q_EMIT changed();
        Q_EMIT listed();
    });
    m_pooler->start();
}

void PoolerActor::perform(const ScenarioAct&, quint64 number)
{
    QMetaObject::invokeMethod(
        this,
        [this, number] {
            Q_EMIT answered(number,
                            {.kind = ExpectedAnswer::Kind::Error, .words = tr("a pooler does nothing by itself")});
        },
        Qt::QueuedConnection);
}

void PoolerActor::kill(KillStep::How)
{
    QMetaObject::invokeMethod(this, &PoolerActor::killed, Qt::QueuedConnection);
}

QList<BackendId> PoolerActor::backends() const
{
    return m_backends;
}

ScenarioActorState PoolerActor::state() const
{
    ScenarioActorState state{.name = name(), .kind = ActorKind::Pooler, .words = m_words};
    int number = 0;
    for (const BackendId& backend : m_backends)
        state.connections.append(
            {.label = QString::number(++number), .backendPid = backend.pid, .doing = tr("server connection")});
    return state;
}

Conninfo PoolerActor::conninfo() const
{
    return m_pooler ? m_pooler->conninfo() : Conninfo();
}

void PoolerActor::list()
{
    if (m_pooler && m_pooler->isRunning())
        m_pooler->listServers();
    else
        QMetaObject::invokeMethod(this, &PoolerActor::listed, Qt::QueuedConnection);
}

} // namespace lockscope
