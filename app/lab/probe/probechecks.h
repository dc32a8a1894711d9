#pragma once

#include "app/lab/probe/probestage.h"
#include "models/domain/probereport.h"

namespace lockscope {

/// The questions of a probe, one function each: asks, fills in the findings, and says what was expected and observed.
/// Each leaves its locks to ProbeStage::settle(). A probe that is over gives answers that mean nothing.
class ProbeChecks final
{
    Q_DECLARE_TR_FUNCTIONS(Probe)

public:
    explicit ProbeChecks(ProbeStage& stage)
        : m_stage(stage)
    {
    }

    [[nodiscard]] ProbeCheck transactionAffinity();
    [[nodiscard]] ProbeCheck sessionAffinity();
    [[nodiscard]] ProbeCheck exclusion();
    [[nodiscard]] ProbeCheck foreignUnlock();
    [[nodiscard]] ProbeCheck ownUnlock();
    [[nodiscard]] ProbeCheck reentrance();
    [[nodiscard]] ProbeCheck twoKeySpaces();
    [[nodiscard]] ProbeCheck transactionLevel();
    enum class Ending
    {
        Goodbye,
        Kill
    };
    /// All other clients are closed before: in a small pool they would take the place of those it needs.
    [[nodiscard]] ProbeCheck release(Ending ending);

private:
    /// The clients from this one on.
    [[nodiscard]] std::vector<ProbeClient*> from(qsizetype first);
    /// Whether there is a second client to ask; else the check says why not.
    [[nodiscard]] bool hasTwo(ProbeCheck& check) const;
    [[nodiscard]] static QString list(const QSet<qint32>& pids);
    [[nodiscard]] static QString backend(const ProbeAnswer& answer);
    [[nodiscard]] QString failure(const ProbeClient& client, const ProbeAnswer& answer);
    /// Takes the pair for the first client; false, with the reason in the check, where it did not get it.
    [[nodiscard]] std::optional<ProbeAnswer> firstTakes(ProbeCheck& check);
    [[nodiscard]] bool onSeveralServers();

    ProbeStage& m_stage;
};

} // namespace lockscope
