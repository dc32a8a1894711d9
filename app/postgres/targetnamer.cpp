#include "app/postgres/targetnamer.h"

#include "app/postgres/connectionthread.h"
#include "app/postgres/targetnamerworker.h"

namespace lockscope {

TargetNamer::TargetNamer(QObject* parent)
    : QObject(parent)
{
}

TargetNamer::~TargetNamer()
{
    close();
}

void TargetNamer::setServer(const Conninfo& conninfo, const ServerInfo& server)
{
    close();
    const auto wakeUp = std::make_shared<platform::WakeUp>();
    const auto ring = [wakeUp] { wakeUp->ring(); };
    m_thread = std::make_unique<ConnectionThread>(QStringLiteral("names"),
                                                  ConnectionThread::Levers{.nudge = ring, .force = ring});
    m_worker = new TargetNamerWorker(conninfo, server, wakeUp);
    m_thread->adopt(m_worker);
    // What is in this thread's queue already comes in spite of disconnect().
    connect(m_worker, &TargetNamerWorker::answered, this,
            [this, number = m_serverNumber](const TargetNamesPointer& names) {
                if (number != m_serverNumber)
                    return;
                m_asking = false;
                if (names)
                    Q_EMIT namesLearnt(names);
            });
}

void TargetNamer::close()
{
    if (!m_worker)
        return;
    m_worker->disconnect(this);
    m_worker = nullptr;
    ++m_serverNumber;
    m_asking = false;
    ConnectionThread::endInBackground(std::move(m_thread));
}

void TargetNamer::ask(const QSet<ObjectAddress>& addresses, const QHash<quint32, QString>& databaseNames)
{
    if (!m_worker || m_asking)
        return;
    m_asking = true;
    QMetaObject::invokeMethod(m_worker,
                              [worker = m_worker, addresses, databaseNames] { worker->ask(addresses, databaseNames); });
}

TargetNamesPointer namesOnce(const Conninfo& conninfo, const ServerInfo& server, const QSet<ObjectAddress>& addresses,
                             const QHash<quint32, QString>& databaseNames)
{
    // A login waits as long as somebody has locked pg_class; numbers are better than waiting for that.
    TargetNamerWorker worker(conninfo.with(QStringLiteral("connect_timeout"), QStringLiteral("2")), server, nullptr);
    TargetNamesPointer learnt = std::make_shared<const TargetNames>();
    QObject::connect(&worker, &TargetNamerWorker::answered, [&learnt](const TargetNamesPointer& names) {
        if (names)
            learnt = names;
    });
    worker.ask(addresses, databaseNames);
    return learnt;
}

} // namespace lockscope
