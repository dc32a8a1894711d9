#pragma once

#include "app/lab/endings/victim.h"
#include "app/postgres/conninfo.h"

namespace lockscope {

class PgBouncer;
class SimulatedClient;

/// A client that is a process of its own (lockscope-client), directly on the server or through a private PgBouncer in
/// transaction mode. GUI thread. Ends by a signal, by exiting, by the server, or freezes: as the kind of ending says.
class ClientVictim final : public Victim
{
    Q_OBJECT

public:
    ClientVictim(EndingKind kind, Conninfo conninfo, std::shared_ptr<ReleaseWatch> watch, QObject* parent = nullptr);
    ~ClientVictim() override; ///< kills the process, ends the pooler
    Q_DISABLE_COPY_MOVE(ClientVictim)

    void take(LockKey key, WaitPolicy wait) override;
    void runStatement(std::chrono::milliseconds length) override;
    void end() override;
    [[nodiscard]] QString applicationName() const override;
    [[nodiscard]] QString deed() const override;

private:
    void startClient(const Conninfo& conninfo, LockKey key, WaitPolicy wait);
    void clientChanged(const ClientState& state);
    void clientAnswered(const Outcome& outcome);

    const EndingKind m_kind;
    const Conninfo m_conninfo;
    LockKey m_key;
    std::unique_ptr<PgBouncer> m_pooler; ///< outlives the client that goes through it
    std::unique_ptr<SimulatedClient> m_client;
    bool m_told = false;   ///< connected() was sent
    bool m_asked = false;  ///< a statement was asked for
    bool m_ending = false; ///< end() was called
    bool m_begun = false;  ///< ended() was sent
    qint64 m_processId = 0;
};

} // namespace lockscope
