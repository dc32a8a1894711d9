#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/endingtrial.h"
#include "models/domain/labserver.h"
#include "models/domain/lock.h"

#include <QObject>

#include <map>
#include <memory>

namespace lockscope {

class TrialRun;
struct TrialTools;

/// Every way to die on one server, each tried as often as one likes, several at once: real processes and connections,
/// one stopwatch. GUI thread. Each trial has a key of its own, drawn by lot, and leaves nothing behind; ends no backend
/// but those of its own, by pid and start.
class EndingTrials final : public QObject
{
    Q_OBJECT

public:
    /// conninfo: a direct connection.
    EndingTrials(Conninfo conninfo, LabServer server, QObject* parent = nullptr);
    /// Ends everything; at most about two seconds on a server that does not answer, at once when nothing runs.
    ~EndingTrials() override;
    Q_DISABLE_COPY_MOVE(EndingTrials)

    /// Nothing while that way is under way.
    void run(EndingKind kind, const EndingSettings& settings);
    /// Gives up and cleans up.
    void stop(EndingKind kind);
    /// Stops all; afterwards every way is as if it had not been tried.
    void reset();
    [[nodiscard]] EndingState state(EndingKind kind) const;
    [[nodiscard]] bool isBusy() const { return !m_runs.empty(); }

Q_SIGNALS:
    void stateChanged(const lockscope::EndingState& state);

private:
    void takeState(const EndingState& state);
    void setFarewell();

    const Conninfo m_conninfo;
    const LabServer m_server;
    std::unique_ptr<TrialTools> m_tools; ///< made by the first trial; outlives the runs
    std::map<EndingKind, std::unique_ptr<TrialRun>> m_runs;
    std::map<EndingKind, EndingState> m_states;
    qint32 m_firstKey = 0; ///< of the pair; the second counts
    qint32 m_lastKey = 0;
    bool m_resetting = false;
};

} // namespace lockscope
