#pragma once

#include "app/lab/endings/victim.h"
#include "app/postgres/conninfo.h"

namespace lockscope {

class EndingSession;

/// A session of this process whose cable is cut: the server's packets no longer reach it, and it sends none. GUI
/// thread. Says that it is impossible where the connection has no cable or the system does not allow it.
class SessionVictim final : public Victim
{
    Q_OBJECT

public:
    SessionVictim(EndingKind kind, const Conninfo& conninfo, std::shared_ptr<ReleaseWatch> watch,
                  QObject* parent = nullptr);
    ~SessionVictim() override; ///< mends the cable and closes
    Q_DISABLE_COPY_MOVE(SessionVictim)

    void take(LockKey key, WaitPolicy wait) override;
    void runStatement(std::chrono::milliseconds length) override;
    void end() override;
    [[nodiscard]] QString applicationName() const override;
    [[nodiscard]] QString deed() const override;

private:
    std::unique_ptr<EndingSession> m_session;
    BackendId m_backend;
    LockKey m_key;
};

} // namespace lockscope
