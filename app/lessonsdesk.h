#pragma once

#include "app/labconsent.h"
#include "models/domain/scenariodocument.h"
#include "models/domain/scenariostate.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>
#include <optional>

namespace lockscope {

class LessonsPage;
enum class LessonPace : quint8;
class ScenarioRun;

/// Between the lessons page and the lesson that runs: one at a time, on the server that is watched. GUI thread; waits
/// for nothing. Asks before it runs on anything but the sandbox.
class LessonsDesk final : public QObject
{
    Q_OBJECT

public:
    LessonsDesk(LessonsPage& page, LabConsent& consent, QObject* parent = nullptr);
    ~LessonsDesk() override; ///< ends the lesson
    Q_DISABLE_COPY_MOVE(LessonsDesk)

    /// Ends what ran elsewhere.
    void setPlace(const std::optional<LabPlace>& place);
    /// Reads a lesson of the person's own and shows it, or what is wrong with it.
    void openFile(const QString& file);

private:
    void choose(const QString& name);
    void play(LessonPace pace);
    void stopPlaying();
    /// What the run says, and that the desk plays it step by step.
    void show(ScenarioRunState state);
    void withRun(const std::function<void(ScenarioRun&)>& act);
    void makeRun(const ScenarioDocument& document);
    [[nodiscard]] const ScenarioDocument* chosen() const;

    LessonsPage& m_page;
    LabConsent& m_consent;
    std::optional<LabPlace> m_place;
    QList<ScenarioDocument> m_lessons;
    QString m_chosen;
    std::unique_ptr<ScenarioRun> m_run;
    bool m_playing = false; ///< step by step, at reading pace
    QTimer m_reading;       ///< until the next step
};

} // namespace lockscope
