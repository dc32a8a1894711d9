#pragma once

#include "app/lab/probe/probestage.h"

#include <vector>

namespace lockscope {

/// Keeps the server connections of some clients busy, so that a pooler must give others to whoever asks meanwhile: in
/// open transactions where they are allowed, else in statements that last 0.4 s. Ends with this object.
class ProbeOccupation final
{
public:
    ProbeOccupation(ProbeStage& stage, const std::vector<ProbeClient*>& clients);
    ~ProbeOccupation() { end(); }
    Q_DISABLE_COPY_MOVE(ProbeOccupation)

    void end();
    /// Asks for a client that may have to wait for this occupation: then it ends first.
    ProbeAnswer askBeside(ProbeClient& client, const QByteArray& statement);

private:
    ProbeStage& m_stage;
    std::vector<ProbeClient*> m_inTransaction;
    std::vector<ProbeClient*> m_pending;
};

} // namespace lockscope
