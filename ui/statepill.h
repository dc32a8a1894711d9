#pragma once

#include "models/domain/clientstate.h"
#include "models/domain/sessionstate.h"
#include "ui/theme.h"

#include <QWidget>

class QPainter;

namespace lockscope {

enum class PillShape
{
    Key,
    Hourglass,
    Ring,
    Play,
    Pause,
    Check,
    Cross,
    Question,
    Warning,
    Stop,
    Knot
};

/// A state as shape, word and colour, so that each alone tells it.
struct Pill
{
    QString word;
    PillShape shape = PillShape::Ring;
    Tone tone = Tone::Held;

    friend bool operator==(const Pill&, const Pill&) = default;
};

[[nodiscard]] Pill pillOf(HoldState state);
[[nodiscard]] Pill pillOf(const SessionState& state);
[[nodiscard]] Pill pillOf(const ClientState& state);
[[nodiscard]] Pill pillOf(OutcomeKind kind);

/// Logical pixels a pill takes in this font.
[[nodiscard]] QSize pillSize(const Pill& pill, const QFont& font);
/// Paints at the left of rect, vertically centred. The pill brings its own background, so it reads the same on a
/// selected row.
void paintPill(QPainter* painter, const QRect& rect, const Pill& pill, const QFont& font, const QPalette& palette);

/// One pill as a widget. GUI thread. Shows; never decides what to show.
class StatePill final : public QWidget
{
    Q_OBJECT
    Q_PROPERTY(QString word READ word)

public:
    explicit StatePill(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(StatePill)

    void setPill(const Pill& pill);
    [[nodiscard]] QString word() const { return m_pill.word; }
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Pill m_pill;
};

} // namespace lockscope
