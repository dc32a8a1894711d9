#pragma once

#include "app/lab/probe/probestage.h"
#include "models/domain/probereport.h"

#include <functional>

namespace lockscope {

/// One probe from the first connection to the verdict; blocks its thread. Cleans up whatever happened, also when it is
/// stopped, which takes at most about three seconds.
class ProbeRun final
{
    Q_DECLARE_TR_FUNCTIONS(Probe)

public:
    /// told hears of each check when it is done, on this thread. stop outlives the run.
    ProbeRun(const Conninfo& endpoint, ProbeStop& stop, std::function<void(const ProbeCheck&)> told);
    Q_DISABLE_COPY_MOVE(ProbeRun)

    /// The error is that of the first connection.
    [[nodiscard]] Result<ProbeReport> run();

private:
    void askAll();
    /// Runs a check, and tells it unless the probe is over: then it means nothing.
    [[nodiscard]] std::optional<ProbeCheck> perform(const std::function<ProbeCheck()>& ask);
    void tell(const std::optional<ProbeCheck>& check);
    void cleanUp();
    [[nodiscard]] QString title() const;

    const Conninfo m_given;
    const ProbeStop& m_stop;
    ProbeStage m_stage;
    std::function<void(const ProbeCheck&)> m_told;
    ProbeReport m_report;
};

} // namespace lockscope
