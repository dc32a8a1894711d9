#pragma once

#include "models/domain/poolstate.h"

#include <QBasicTimer>
#include <QObject>

#include <chrono>

namespace lockscope {

/// Many requests one after the other, each an acquire and, when that answered true, a release. GUI thread. Only says
/// which call comes next; takes the answers; never runs one itself.
class PoolRun final : public QObject
{
    Q_OBJECT

public:
    explicit PoolRun(QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(PoolRun)

    /// pause: between an answer and the next call, so that a person can follow.
    void start(int rounds, const LockKey& key, int firstRequest, std::chrono::milliseconds pause);
    void stop();
    void answered(const PoolCall& call);
    [[nodiscard]] bool isRunning() const { return m_rounds > 0; }
    [[nodiscard]] int done() const { return m_done; }
    [[nodiscard]] int rounds() const { return m_rounds; }

Q_SIGNALS:
    void acquire(const QString& request, const lockscope::LockKey& key);
    void release(const QString& request, const lockscope::LockKey& key);
    void progress();
    void ended();

protected:
    void timerEvent(QTimerEvent* event) override;

private:
    void ask();
    [[nodiscard]] QString request() const;

    LockKey m_key;
    int m_rounds = 0; ///< 0: nothing runs
    int m_done = 0;
    int m_firstRequest = 1;
    PoolAction m_next = PoolAction::Acquire;
    bool m_asked = false; ///< the answer is to come
    std::chrono::milliseconds m_pause{0};
    QBasicTimer m_timer;
};

} // namespace lockscope
