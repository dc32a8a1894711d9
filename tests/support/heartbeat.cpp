#include "tests/support/heartbeat.h"

#include <algorithm>

namespace lockscope::test {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr auto allowedGap = 100ms;
#else
constexpr auto allowedGap = 50ms;
#endif

} // namespace

Heartbeat::Pulse::Pulse()
{
    timer.setTimerType(Qt::PreciseTimer);
    timer.setInterval(5ms);
    QObject::connect(&timer, &QTimer::timeout, &timer, [this] { beat(); });
    restart();
}

void Heartbeat::Pulse::beat()
{
    const auto now = Clock::now().time_since_epoch().count();
    m_longest = std::max(m_longest.load(), now - m_last.exchange(now));
}

void Heartbeat::Pulse::restart()
{
    m_last = Clock::now().time_since_epoch().count();
    m_longest = 0;
}

milliseconds Heartbeat::Pulse::longest() const
{
    const auto underWay = Clock::now().time_since_epoch().count() - m_last.load();
    return std::chrono::duration_cast<milliseconds>(Clock::duration(std::max(m_longest.load(), underWay)));
}

Heartbeat::Heartbeat()
{
    m_thread.setObjectName(QStringLiteral("idle heartbeat"));
    m_idle.timer.moveToThread(&m_thread);
    QObject::connect(&m_thread, &QThread::started, &m_idle.timer, qOverload<>(&QTimer::start));
    QObject::connect(&m_thread, &QThread::finished, &m_idle.timer, &QTimer::stop, Qt::DirectConnection);
    m_thread.start();
    m_here.timer.start();
}

Heartbeat::~Heartbeat()
{
    m_thread.quit();
    m_thread.wait();
}

bool Heartbeat::isSteady() const
{
    return longestGap() <= allowedGap + longestGapOfIdleThread();
}

QByteArray Heartbeat::report() const
{
    return "longest gap " + QByteArray::number(static_cast<qint64>(longestGap().count())) + " ms, of an idle thread " +
           QByteArray::number(static_cast<qint64>(longestGapOfIdleThread().count())) + " ms";
}

void Heartbeat::restart()
{
    m_here.restart();
    m_idle.restart();
}

} // namespace lockscope::test
