#pragma once

#include "ui/icons.h"
#include "ui/theme.h"

#include <QWidget>

#include <optional>

namespace lockscope {

/// One figure of the status line: an optional small icon and a text, quiet or in a tone; one that leads somewhere can
/// be clicked. GUI thread.
class StatusFigure final : public QWidget
{
    Q_OBJECT
    Q_PROPERTY(QString text READ text)

public:
    explicit StatusFigure(const QString& objectName, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(StatusFigure)

    /// An empty text hides the figure.
    void setFigure(const QString& text, std::optional<Tone> tone = std::nullopt,
                   std::optional<IconName> picture = std::nullopt);
    [[nodiscard]] QString text() const { return m_text; }
    void setClickable();
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void clicked();

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_text;
    std::optional<Tone> m_tone;
    std::optional<IconName> m_picture;
    bool m_clickable = false;
};

} // namespace lockscope
