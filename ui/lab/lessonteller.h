#pragma once

#include "models/scenariostepmodel.h"
#include "ui/theme.h"

#include <QStringList>
#include <QWidget>

#include <optional>

class QLabel;

namespace lockscope {

class PanelScroll;
class ToneLabel;

/// What a class reads while a lesson runs: the narration, what the last step did with its result, and why it is so.
/// Large, and as high as the longest text of the lesson needs, so that the picture below stays where it is; beyond a
/// share of the page it scrolls. GUI thread. Only shows.
class LessonTeller final : public QWidget
{
    Q_OBJECT

public:
    struct Result
    {
        ScenarioStepModel::State state = ScenarioStepModel::State::Coming;
        QString words = {}; ///< "bob tries key 5: false"
        QString note = {};  ///< why; may be empty
    };

    explicit LessonTeller(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(LessonTeller)

    /// All that the lesson will say, to keep room for it.
    void setPlanned(const QStringList& narrations, const QStringList& notes);
    /// Without a tone in the colour of text.
    void tell(const QString& narration, std::optional<Tone> tone);
    /// Empty: nothing has been done yet, and no room is kept.
    void setResult(const std::optional<Result>& result);
    /// Pixels beyond which it scrolls.
    void setMostHeight(int height);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void fit();
    void showSign();

    PanelScroll* m_scroll;
    ToneLabel* m_narration;
    QWidget* m_resultRow;
    QLabel* m_sign;
    ToneLabel* m_words;
    ToneLabel* m_note;
    QStringList m_narrations;
    QStringList m_notes;
    std::optional<Result> m_result;
    int m_most = 10000;
};

} // namespace lockscope
