#pragma once

#include "app/lab/endings/endinglink.h"
#include "app/lab/releasewatch.h"
#include "models/domain/lockrequest.h"

#include <QObject>

#include <functional>
#include <memory>
#include <optional>

namespace lockscope {

/// Who comes to an end in a trial. GUI thread. A subclass is one sort of client: a process, a session with a cable, a
/// pool. Takes the key, runs a statement if it is told to, ends when it is told to, and tells what the server made of
/// that. When destroyed, its process or connection is gone; its backend may not be: that is the trial's to end.
class Victim : public QObject
{
    Q_OBJECT

public:
    /// watch is shared by all trials of one server.
    Victim(std::shared_ptr<ReleaseWatch> watch, QObject* parent);
    ~Victim() override;
    Q_DISABLE_COPY_MOVE(Victim)

    /// Connects and asks for the key; answered by connected(), then holds(), unless it has to wait for it.
    virtual void take(LockKey key, WaitPolicy wait) = 0;
    /// Answered by runs().
    virtual void runStatement(std::chrono::milliseconds length) = 0;
    /// Answered by ended(), then timelineChanged().
    virtual void end() = 0;
    [[nodiscard]] virtual QString applicationName() const = 0;
    /// What end() does, as it was done: "Process 77 was killed (SIGKILL)."
    [[nodiscard]] virtual QString deed() const = 0;

Q_SIGNALS:
    void connected(const lockscope::EndingLink& link);
    void holds();
    void runs(lockscope::SteadyTime since);
    void ended(lockscope::SteadyTime at);
    void timelineChanged(const lockscope::ReleaseTimeline& timeline);
    void failed(const lockscope::Error& error);
    /// This way cannot be gone here.
    void impossible(const QString& because);

protected:
    /// Looks at the backend, lets act do the deed, and starts the stopwatch at the moment it returns.
    void watchWhile(const BackendId& backend, LockKey key, std::function<Result<SteadyTime>()> act);
    [[nodiscard]] const std::shared_ptr<ReleaseWatch>& watch() const { return m_watch; }

private:
    const std::shared_ptr<ReleaseWatch> m_watch;
    std::optional<WatchId> m_watchId;
    std::function<Result<SteadyTime>()> m_act;
};

} // namespace lockscope
