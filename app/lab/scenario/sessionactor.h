#pragma once

#include "app/lab/labsession.h"
#include "app/lab/scenario/lessonactor.h"

#include <QTimer>

#include <memory>

namespace lockscope {

/// A session of the console itself: one connection, any statement.
class SessionActor final : public LessonActor
{
    Q_OBJECT

public:
    explicit SessionActor(ScenarioActor description, QObject* parent = nullptr);
    ~SessionActor() override;
    Q_DISABLE_COPY_MOVE(SessionActor)

    void start(const Conninfo& conninfo) override;
    void perform(const ScenarioAct& act, quint64 number) override;
    void kill(KillStep::How how) override;
    [[nodiscard]] QList<BackendId> backends() const override;
    [[nodiscard]] ScenarioActorState state() const override;

private:
    void execute(const ScenarioAct& act, const QString& sql, quint64 number);
    void cancel(quint64 number);
    void leave(const QString& words);
    void become(const QString& words);

    std::unique_ptr<LabSession> m_session;
    BackendId m_backend;
    QString m_words;
    int m_running = 0;               ///< statements that have not answered
    std::optional<quint64> m_cancel; ///< the act that waits until what runs has answered
    QTimer m_cancelAgain;
};

} // namespace lockscope
