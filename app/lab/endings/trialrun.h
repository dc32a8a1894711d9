#pragma once

#include "app/lab/endings/victim.h"
#include "app/lab/querythread.h"
#include "app/postgres/conninfo.h"

#include <QTimer>

namespace lockscope {

class EndingSession;

/// What all trials on one server share.
struct TrialTools
{
    Conninfo conninfo;
    int serverVersion = 0;
    std::shared_ptr<ReleaseWatch> watch = {};
    std::shared_ptr<QueryThread> queries = {};
};

/// One way to die, tried once: the victim takes its key, somebody waits behind it, the victim ends, the stopwatch runs,
/// and whatever is left is ended. GUI thread. Ends no backend but those it opened, by pid and start. Destroyed in the
/// middle it closes what it opened; the backends() that may outlive that are the owner's to end.
class TrialRun final : public QObject
{
    Q_OBJECT

public:
    TrialRun(TrialTools tools, EndingKind kind, const EndingSettings& settings, LockKey key, QObject* parent = nullptr);
    ~TrialRun() override;
    Q_DISABLE_COPY_MOVE(TrialRun)

    void start();
    /// Gives up and cleans up; stopped() of the state when there was no result yet.
    void stop();
    [[nodiscard]] const EndingState& state() const { return m_state; }
    /// Every backend that it opened and that may still be there.
    [[nodiscard]] const QList<BackendId>& backends() const { return m_backends; }

Q_SIGNALS:
    void stateChanged(const lockscope::EndingState& state);
    void backendsChanged();
    void finished(); ///< nothing of it is left, or the state says what is

private:
    /// One row of watch_key.sql.
    struct KeyUser
    {
        qint32 pid = 0;
        bool granted = false;
        QString blockers;
    };
    enum class Stage
    {
        Checking,
        HolderOpening, ///< somebody else takes the key first: only where the victim waits
        Taking,
        VictimQueueing,
        NextOpening,
        NextQueueing,
        StatementStarting,
        Ending,
        Watching,
        Cleaning,
        Over
    };

    void enter(Stage stage);
    void lookAtKey(std::function<void(const QList<KeyUser>&)> seen);
    void checkKey();
    void openHolder();
    void takeKey();
    void openNext();
    void awaitQueued(qint32 pid, std::function<void()> queued);
    void startStatement();
    void victimConnected(const EndingLink& link);
    void victimHolds();
    void victimEnded(SteadyTime at);
    void takeTimeline(const ReleaseTimeline& timeline);
    void stillHeld();
    void judge();
    void clean(EndingPhase result);
    void letGo();
    void checkLeftovers();
    void complete(const QString& words);
    void fail(const Error& error);
    void explain(const QString& because);
    void publish();
    void addBackend(const BackendId& backend);
    void note(const QString& sentence) { m_state.evidence.append(sentence); }
    [[nodiscard]] Conninfo victimConninfo() const;
    [[nodiscard]] Conninfo companionConninfo() const;
    [[nodiscard]] std::unique_ptr<Victim> makeVictim() const;

    const TrialTools m_tools;
    EndingState m_state;
    std::unique_ptr<Victim> m_victim;
    std::unique_ptr<EndingSession> m_holder;
    std::unique_ptr<EndingSession> m_next;
    QList<BackendId> m_backends;
    BackendId m_victimBackend;
    EndingConditions m_conditions;
    std::optional<SteadyTime> m_statementSince;
    SteadyTime m_lastPacket;
    EndingPhase m_result = EndingPhase::Done; ///< what it will be once it is cleaned up
    Stage m_stage = Stage::Checking;
    QTimer m_deadline;
    QTimer m_again;
    SteadyTime m_cleaningSince;
    bool m_anyoneWaited = false;
};

} // namespace lockscope
