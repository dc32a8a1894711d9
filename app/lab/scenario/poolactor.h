#pragma once

#include "app/lab/pool/pooledlockservice.h"
#include "app/lab/scenario/lessonactor.h"

#include <QHash>

#include <memory>

namespace lockscope {

/// An application with a pool and a lock service over it.
class PoolActor final : public LessonActor
{
    Q_OBJECT

public:
    /// server: a direct connection, where to ask what a pool behind a pooler holds.
    PoolActor(ScenarioActor description, Conninfo server, QObject* parent = nullptr);
    ~PoolActor() override;
    Q_DISABLE_COPY_MOVE(PoolActor)

    void start(const Conninfo& conninfo) override;
    void perform(const ScenarioAct& act, quint64 number) override;
    void kill(KillStep::How how) override;
    [[nodiscard]] QList<BackendId> backends() const override;
    [[nodiscard]] ScenarioActorState state() const override;
    [[nodiscard]] std::optional<int> freeConnections() const override;
    [[nodiscard]] std::optional<QList<LockKey>> believes() const override;

private:
    void poolChanged();
    void answerLater(quint64 number, const ActAnswer& answer);

    const Conninfo m_server;
    std::unique_ptr<PooledLockService> m_pool;
    QHash<QString, quint64> m_asked; ///< by request
    bool m_starting = false;
    int m_lastRequest = 0;
};

} // namespace lockscope
