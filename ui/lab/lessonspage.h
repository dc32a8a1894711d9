#pragma once

#include "models/domain/labserver.h"
#include "models/domain/scenariodocument.h"
#include "models/domain/scenariostate.h"
#include "models/scenariolockmodel.h"
#include "models/scenariostepmodel.h"

#include <QWidget>

#include <memory>

namespace lockscope {

/// How a lesson of the list ended when it last ran here.
enum class LessonResult : quint8
{
    NotRun,
    AsExpected,
    Otherwise,
};

/// How a lesson plays.
enum class LessonPace : quint8
{
    ReadAlong, ///< each step stands as long as it takes to be read aloud
    AtOnce,
};

/// The lessons: a list, and the chosen one with its narration, its actors side by side, the live locks and its steps,
/// expected and observed. GUI thread. Values come down by setters, wishes go up by signals; never runs anything.
class LessonsPage final : public QWidget
{
    Q_OBJECT

public:
    explicit LessonsPage(QWidget* parent = nullptr);
    ~LessonsPage() override;
    Q_DISABLE_COPY_MOVE(LessonsPage)

    void setServer(const LabServer& server);
    /// In the order of teaching. Keeps the chosen lesson where it is still there.
    void setLessons(const QList<ScenarioDocument>& lessons);
    /// Chooses it; says lessonChosen() when it is another one.
    void choose(const QString& name);
    [[nodiscard]] QString chosen() const;
    void setState(const ScenarioRunState& state);
    void setResult(const QString& name, LessonResult result);
    /// What is wrong with a file that was opened, fault by fault; empty: nothing.
    void setFaults(const QString& file, const QString& faults);

Q_SIGNALS:
    void lessonChosen(const QString& name);
    void stepRequested();
    void playRequested(lockscope::LessonPace pace);
    void pauseRequested();
    void resetRequested();
    void openFileRequested(const QString& file);
    void sandboxRequested(); ///< from the empty state

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    class Parts;
    void refresh();
    std::unique_ptr<Parts> m_parts;
};

} // namespace lockscope
