#include "ui/lab/poolrun.h"

#include <QTimerEvent>

namespace lockscope {

PoolRun::PoolRun(QObject* parent)
    : QObject(parent)
{
}

QString PoolRun::request() const
{
    return tr("request %1").arg(m_firstRequest + m_done);
}

void PoolRun::start(int rounds, const LockKey& key, int firstRequest, std::chrono::milliseconds pause)
{
    stop();
    if (rounds < 1)
        return;
    m_rounds = rounds;
    m_done = 0;
    m_key = key;
    m_firstRequest = firstRequest;
    m_next = PoolAction::Acquire;
    m_pause = pause;
    Q_EMIT progress();
    if (isRunning())
        ask();
}

void PoolRun::stop()
{
    m_timer.stop();
    if (!isRunning())
        return;
    m_rounds = 0;
    m_asked = false;
    Q_EMIT ended();
}

void PoolRun::ask()
{
    m_asked = true;
    if (m_next == PoolAction::Acquire)
        Q_EMIT acquire(request(), m_key);
    else
        Q_EMIT release(request(), m_key);
}

void PoolRun::answered(const PoolCall& call)
{
    if (!isRunning() || !m_asked || call.request != request() || call.action != m_next || !(call.key == m_key))
        return;
    m_asked = false;
    const bool release = m_next == PoolAction::Acquire && call.answer == PoolAnswer::True;
    m_next = release ? PoolAction::Release : PoolAction::Acquire;
    if (!release)
        ++m_done;
    Q_EMIT progress();
    if (m_done >= m_rounds)
        stop();
    else
        m_timer.start(static_cast<int>(m_pause.count()), this);
}

void PoolRun::timerEvent(QTimerEvent* event)
{
    if (event->timerId() != m_timer.timerId())
        return;
    m_timer.stop();
    if (isRunning())
        ask();
}

} // namespace lockscope
