#pragma once

#include "models/domain/clientstate.h"

#include <QTimer>
#include <QWidget>

#include <chrono>
#include <optional>

namespace lockscope {

/// The stopwatch of the last ending of a simulated client: what the server did, step by step, with measured times.
/// Runs a clock of its own only while something is awaited. GUI thread. Shows what was measured, never estimates.
class ReleaseView final : public QWidget
{
    Q_OBJECT

public:
    explicit ReleaseView(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(ReleaseView)

    void clear();
    void setRelease(const QString& clientName, const ReleaseTimeline& timeline);
    /// Everything that is shown, line by line: also what a screen reader is told.
    [[nodiscard]] QStringList lines() const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    enum class StepState
    {
        Seen,
        Awaited,
        NotSeen
    };
    struct Step
    {
        QString what;
        QString when;
        StepState state = StepState::NotSeen;
    };

    [[nodiscard]] QString title() const;
    [[nodiscard]] QString footer() const;
    [[nodiscard]] QList<Step> steps() const;
    [[nodiscard]] std::chrono::microseconds elapsed() const;
    [[nodiscard]] int lineHeight() const;
    [[nodiscard]] int textHeight(const QString& text, int width) const;
    void paintStep(QPainter* painter, const QRect& rect, const Step& step, bool first, bool last) const;
    void shown();

    QString m_clientName;
    std::optional<ReleaseTimeline> m_timeline;
    SteadyTime m_firstShown{};
    QTimer m_timer;
};

} // namespace lockscope
