#pragma once

#include "ui/icons.h"

#include <QWidget>

class QHBoxLayout;
class QLabel;
class QPushButton;

namespace lockscope {

/// A designed empty page: what belongs here, why there is nothing, and the one button that changes it (a second one
/// may stand beside it). GUI thread. Never does anything by itself.
class EmptyState final : public QWidget
{
    Q_OBJECT

public:
    explicit EmptyState(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(EmptyState)

    void setPicture(IconName name);
    void setTitle(const QString& title);
    void setText(const QString& text);
    /// The first button added is the one to press.
    QPushButton* addButton(const QString& objectName, const QString& text, const QString& toolTip);
    [[nodiscard]] QString title() const;
    [[nodiscard]] QString text() const;

protected:
    void changeEvent(QEvent* event) override;

private:
    void applyLook();

    IconName m_picture = IconName::Locks;
    QLabel* m_pictureLabel;
    QLabel* m_title;
    QLabel* m_text;
    QHBoxLayout* m_buttons;
};

} // namespace lockscope
