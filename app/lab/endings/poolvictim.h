#pragma once

#include "app/lab/endings/victim.h"
#include "app/postgres/conninfo.h"

namespace lockscope {

class PooledLockService;

/// An application that takes a key over a pool's connection and gives the connection back: it never ends. GUI thread.
class PoolVictim final : public Victim
{
    Q_OBJECT

public:
    PoolVictim(const Conninfo& conninfo, std::shared_ptr<ReleaseWatch> watch, QObject* parent = nullptr);
    ~PoolVictim() override; ///< closes the pool in the background
    Q_DISABLE_COPY_MOVE(PoolVictim)

    void take(LockKey key, WaitPolicy wait) override;
    void runStatement(std::chrono::milliseconds length) override;
    void end() override;
    [[nodiscard]] QString applicationName() const override;
    [[nodiscard]] QString deed() const override;

private:
    std::unique_ptr<PooledLockService> m_pool;
    BackendId m_backend;
    LockKey m_key;
    bool m_asked = false;
};

} // namespace lockscope
