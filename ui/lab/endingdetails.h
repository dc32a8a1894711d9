#pragma once

#include "models/domain/endingtrial.h"

#include <QWidget>

class QBoxLayout;
class QLabel;
class QVBoxLayout;

namespace lockscope {

class CodePane;
class StatePill;
class ToneLabel;

/// The way that is selected: what the trial does, why the lock goes when it goes, what shortens that, what was seen,
/// and the statements to set it. GUI thread. Shows; never tries anything.
class EndingDetails final : public QWidget
{
    Q_OBJECT

public:
    explicit EndingDetails(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(EndingDetails)

    /// settings: those that the statements set.
    void setEnding(const EndingState& state, const EndingSettings& settings);
    [[nodiscard]] QStringList lines() const; ///< what is shown, for tests and screen readers

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Section
    {
        ToneLabel* title;
        QLabel* text;
    };
    Section addSection(QVBoxLayout* layout, const char* name, const QString& title);
    static void setText(const Section& section, const QString& text);
    void applyFonts();

    QLabel* m_title;
    StatePill* m_pill;
    ToneLabel* m_deed;
    QList<Section> m_sections;
    Section m_remark;
    Section m_expected;
    Section m_why;
    Section m_shortens;
    Section m_evidence;
    CodePane* m_code;
    QBoxLayout* m_columns; ///< side by side where there is room
};

} // namespace lockscope
