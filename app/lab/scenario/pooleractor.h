#pragma once

#include "app/lab/pooler/pgbouncer.h"
#include "app/lab/scenario/lessonactor.h"

#include <memory>

namespace lockscope {

/// A private PgBouncer that other actors of the lesson connect through. Its backends are the connections that it has
/// opened to the server.
class PoolerActor final : public LessonActor
{
    Q_OBJECT

public:
    explicit PoolerActor(ScenarioActor description, QObject* parent = nullptr);
    ~PoolerActor() override;
    Q_DISABLE_COPY_MOVE(PoolerActor)

    void start(const Conninfo& conninfo) override;
    void perform(const ScenarioAct& act, quint64 number) override;
    void kill(KillStep::How how) override;
    [[nodiscard]] QList<BackendId> backends() const override;
    [[nodiscard]] ScenarioActorState state() const override;

    /// How to connect through it; valid after started().
    [[nodiscard]] Conninfo conninfo() const;
    /// Asks for its server connections; answered by listed(), also when it does not run.
    void list();

Q_SIGNALS:
    void listed();

private:
    std::unique_ptr<PgBouncer> m_pooler;
    QList<BackendId> m_backends;
    QString m_words;
};

} // namespace lockscope
