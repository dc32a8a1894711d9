#include "app/postgres/connectionthread.h"

#include <QDeadlineTimer>

namespace lockscope {

using namespace std::chrono_literals;

ConnectionThread::ConnectionThread(const QString& name)
{
    setObjectName(name);
    start();
}

ConnectionThread::~ConnectionThread()
{
    quit();
    wait();
}

void ConnectionThread::adopt(QObject* worker)
{
    worker->moveToThread(this);
    connect(this, &QThread::finished, worker, &QObject::deleteLater);
}

void ConnectionThread::end(std::chrono::milliseconds patience, const std::function<void()>& nudge,
                           const std::function<void()>& force)
{
    quit();
    const QDeadlineTimer patienceEnds(patience);
    while (!wait(QDeadlineTimer(100ms))) {
        if (patienceEnds.hasExpired()) {
            force();
            wait();
            return;
        }
        nudge();
    }
}

} // namespace lockscope
