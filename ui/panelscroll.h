#pragma once

#include <QScrollArea>

namespace lockscope {

/// Lets a dock panel be lower than its content: scrolls vertically, never horizontally, no frame. GUI thread.
/// Without it the tallest dock would dictate how small the window can be. What goes on below the lower edge fades out.
class PanelScroll final : public QScrollArea
{
    Q_OBJECT

public:
    /// Takes the content over.
    PanelScroll(QWidget* content, QWidget* parent);
    Q_DISABLE_COPY_MOVE(PanelScroll)

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    class Fade;

    void applyColor();
    void placeFade();

    Fade* m_fade;
};

} // namespace lockscope
