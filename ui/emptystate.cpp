#include "ui/emptystate.h"

#include "ui/safetext.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace lockscope {

EmptyState::EmptyState(QWidget* parent)
    : QWidget(parent)
    , m_pictureLabel(safetext::label())
    , m_title(safetext::label())
    , m_text(safetext::mutedLabel())
    , m_buttons(new QHBoxLayout)
{
    m_title->setObjectName(QStringLiteral("emptyStateTitle"));
    m_text->setObjectName(QStringLiteral("emptyStateText"));
    for (QLabel* const label : {m_pictureLabel, m_title, m_text})
        label->setAlignment(Qt::AlignCenter);
    m_title->setWordWrap(true);

    auto* const layout = new QVBoxLayout(this);
    const int grid = theme::grid();
    layout->setContentsMargins(3 * grid, 3 * grid, 3 * grid, 3 * grid);
    layout->setSpacing(grid);
    layout->addStretch(2);
    layout->addWidget(m_pictureLabel);
    layout->addSpacing(grid / 2);
    layout->addWidget(m_title);
    auto* const middle = new QHBoxLayout;
    middle->addStretch(1);
    middle->addWidget(m_text, 4);
    middle->addStretch(1);
    layout->addLayout(middle);
    layout->addSpacing(grid);
    m_buttons->setSpacing(grid);
    m_buttons->addStretch(1);
    m_buttons->addStretch(1);
    layout->addLayout(m_buttons);
    layout->addStretch(3);
    applyLook();
}

void EmptyState::setPicture(IconName name)
{
    m_picture = name;
    applyLook();
}

void EmptyState::setTitle(const QString& title)
{
    m_title->setText(title);
}

void EmptyState::setText(const QString& text)
{
    m_text->setText(text);
}

QPushButton* EmptyState::addButton(const QString& objectName, const QString& text, const QString& toolTip)
{
    auto* const button = new QPushButton(text);
    button->setObjectName(objectName);
    button->setAccessibleName(text);
    button->setDefault(m_buttons->count() == 2);
    safetext::setToolTip(button, toolTip);
    m_buttons->insertWidget(m_buttons->count() - 1, button);
    return button;
}

QString EmptyState::title() const
{
    return m_title->text();
}

QString EmptyState::text() const
{
    return m_text->text();
}

void EmptyState::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        applyLook();
}

void EmptyState::applyLook()
{
    m_title->setFont(theme::titleFont());
    m_pictureLabel->setPixmap(
        iconPixmap(m_picture, theme::mutedText(palette()), 5 * theme::grid(), devicePixelRatioF()));
}

} // namespace lockscope
