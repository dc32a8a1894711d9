#pragma once

#include "app/lab/scenario/setupsession.h"
#include "app/lab/scenario/stage.h"

#include <QObject>
#include <QTimer>

namespace lockscope {

/// What comes before the first step: looks whether the lesson can run on this server and whether its keys are free,
/// removes what an earlier run left, prepares, and starts the actors. Changes nothing when somebody else uses the keys.
/// Used once. GUI thread, never waits.
class Preparation final : public QObject
{
    Q_OBJECT

public:
    Preparation(const ScenarioDocument& document, SetupSession& setup, Stage& stage, QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(Preparation)

    void start();

Q_SIGNALS:
    void serverKnown(const QString& server); ///< "PostgreSQL 15.18"
    void makes();                            ///< from here on there is something to remove
    void done();
    void failed(const lockscope::Error& error);

private:
    [[nodiscard]] std::optional<Error> whyNot(const LessonServer& server) const;
    void lookAtKeys(bool afterReset);
    void startNext();

    const ScenarioDocument& m_document;
    SetupSession& m_setup;
    Stage& m_stage;
    QStringList m_toStart;
    QTimer m_deadline; ///< of what is under way
};

} // namespace lockscope
