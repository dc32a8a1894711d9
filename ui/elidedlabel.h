#pragma once

#include <QWidget>

namespace lockscope {

/// One line of plain text that ends in an ellipsis where its place is too narrow. GUI thread. Never markup.
class ElidedLabel final : public QWidget
{
    Q_OBJECT
    Q_PROPERTY(QString text READ text WRITE setText)

public:
    explicit ElidedLabel(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(ElidedLabel)

    void setText(const QString& text);
    [[nodiscard]] QString text() const { return m_text; }
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_text;
};

} // namespace lockscope
