#include "app/postgres/connectionthread.h"

#include <QCoreApplication>

#include <utility>

namespace lockscope {

using namespace std::chrono_literals;

namespace {

constexpr auto pressedEvery = 100ms;
constexpr auto hurriedFor = 20ms;
constexpr qsizetype mostInBackground = 8;

QList<ConnectionThread*> threadsInBackground()
{
    return QCoreApplication::instance()->findChildren<ConnectionThread*>(QString(), Qt::FindDirectChildrenOnly);
}

/// While there still is an application: without one Qt delivers no events, not even the deletion of a worker.
void endThreadsInBackground()
{
    qDeleteAll(threadsInBackground());
}

} // namespace

ConnectionThread::ConnectionThread(const QString& name, Levers levers)
    : m_thread(std::make_unique<QThread>())
    , m_levers(std::move(levers))
{
    m_thread->setObjectName(name);
    m_thread->start();
}

ConnectionThread::~ConnectionThread()
{
    beginToEnd();
    while (m_thread && !m_thread->wait(QDeadlineTimer(hurriedFor)))
        press();
}

void ConnectionThread::adopt(QObject* worker)
{
    worker->moveToThread(m_thread.get());
    connect(m_thread.get(), &QThread::finished, worker, &QObject::deleteLater);
}

void ConnectionThread::endInBackground(std::unique_ptr<ConnectionThread> thread)
{
    thread->beginToEnd();
    auto* const application = QCoreApplication::instance();
    if (!application || application->thread() != QThread::currentThread())
        return; // waits
    if (const auto others = threadsInBackground(); others.size() >= mostInBackground) {
        others.first()->hurry();
        delete others.first();
    }
    ConnectionThread* const ending = thread.release();
    ending->setParent(application);
    qRemovePostRoutine(endThreadsInBackground); // once is enough, and before those who came earlier
    qAddPostRoutine(endThreadsInBackground);
    connect(ending->m_thread.get(), &QThread::finished, ending, &QObject::deleteLater);
    connect(&ending->m_pressing, &QTimer::timeout, ending, [ending] {
        ending->press();
        if (!ending->m_thread || ending->m_thread->isFinished())
            ending->deleteLater();
    });
    ending->m_pressing.start(pressedEvery);
}

void ConnectionThread::beginToEnd()
{
    if (std::exchange(m_ending, true))
        return;
    m_patienceEnds = QDeadlineTimer(m_levers.patience);
    m_forceEnds = QDeadlineTimer(m_levers.patience + m_levers.forcedFor);
    m_thread->quit();
    m_levers.nudge();
}

void ConnectionThread::hurry()
{
    m_patienceEnds = QDeadlineTimer(0);
    m_forceEnds = QDeadlineTimer(hurriedFor);
    press();
}

void ConnectionThread::press()
{
    if (!m_thread || m_thread->isFinished())
        return;
    if (m_forceEnds.hasExpired()) {
        // It may still come back, and then finds everything that it needs.
        QThread* const left = m_thread.release();
        connect(left, &QThread::finished, left, &QObject::deleteLater);
    } else {
        m_patienceEnds.hasExpired() ? m_levers.force() : m_levers.nudge();
    }
}

} // namespace lockscope
