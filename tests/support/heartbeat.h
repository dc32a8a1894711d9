#pragma once

#include <QThread>
#include <QTimer>

#include <atomic>
#include <chrono>

namespace lockscope::test {

/// The longest time that the event loop of one thread did not come round, measured by a timer of 5 ms on the thread
/// that makes it. A second timer on an idle thread measures what the machine itself does to everybody at that time.
class Heartbeat final
{
public:
    Heartbeat();
    ~Heartbeat();
    Q_DISABLE_COPY_MOVE(Heartbeat)

    /// The gap under way counts too.
    [[nodiscard]] std::chrono::milliseconds longestGap() const { return m_here.longest(); }
    [[nodiscard]] std::chrono::milliseconds longestGapOfIdleThread() const { return m_idle.longest(); }
    /// At most 50 ms, 100 ms under sanitizers, longer than on the idle thread.
    [[nodiscard]] bool isSteady() const;
    [[nodiscard]] QByteArray report() const;
    void restart(); ///< forgets what was, for a gap that the test itself made

private:
    class Pulse final
    {
    public:
        Pulse();
        void beat();
        void restart();
        [[nodiscard]] std::chrono::milliseconds longest() const;
        QTimer timer;

    private:
        using Clock = std::chrono::steady_clock;
        std::atomic<Clock::rep> m_last{0};
        std::atomic<Clock::rep> m_longest{0};
    };

    QThread m_thread;
    Pulse m_here;
    Pulse m_idle;
};

} // namespace lockscope::test
