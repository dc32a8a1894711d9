#include "ui/pages.h"

#include "ui/safetext.h"
#include "ui/theme.h"

#include <QAction>
#include <QEvent>
#include <QHBoxLayout>
#include <QPainter>
#include <QStackedWidget>
#include <QToolButton>

namespace lockscope {

/// One page's place in the rail: picture over name, the chosen one on the accent's tint.
class Pages::Button final : public QToolButton
{
public:
    using QToolButton::QToolButton;

    void setBadge(qint64 count)
    {
        if (m_badge == count)
            return;
        m_badge = count;
        setAccessibleDescription(count > 0 ? Pages::tr("%n root blocker(s)", nullptr, static_cast<int>(count))
                                           : QString());
        update();
    }

    [[nodiscard]] QSize sizeHint() const override
    {
        const int grid = theme::grid();
        return {9 * grid, theme::iconSize() + fontMetrics().height() + 2 * grid};
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const int grid = theme::grid();
        const QColor accent = theme::color(Tone::Accent, palette());
        if (isChecked() || underMouse())
            painter.fillRect(rect(), theme::tint(Tone::Accent, palette(), isChecked() ? 0.12 : 0.05));
        if (isChecked())
            painter.fillRect(QRect(0, 0, 3, height()), accent);
        const int edge = theme::iconSize();
        const QRect picture((width() - edge) / 2, grid * 3 / 4, edge, edge);
        icon().paint(&painter, picture);
        painter.setPen(isChecked() ? palette().color(QPalette::Text) : theme::mutedText(palette()));
        painter.drawText(QRect(0, picture.bottom() + grid / 4, width(), height() - picture.bottom() - grid / 2),
                         Qt::AlignCenter, text());
        if (hasFocus()) {
            painter.setPen(accent);
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(QRectF(rect()).adjusted(4.5, 2.5, -2.5, -2.5), 3, 3);
        }
        if (m_badge <= 0)
            return;
        const QString number = m_badge > 99 ? QStringLiteral("99+") : QString::number(m_badge);
        QFont small = font();
        small.setPointSizeF(font().pointSizeF() * 0.85);
        painter.setFont(small);
        const int high = painter.fontMetrics().height();
        const int wide = std::max(high, painter.fontMetrics().horizontalAdvance(number) + grid);
        const QRect badge(picture.right() + 1, picture.top() - 2, wide, high);
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme::color(Tone::Blocker, palette()));
        painter.drawRoundedRect(badge, high / 2.0, high / 2.0);
        painter.setPen(palette().color(QPalette::Base));
        painter.drawText(badge, Qt::AlignCenter, number);
    }

private:
    qint64 m_badge = 0;
};

Pages::Pages(QWidget* parent)
    : QWidget(parent)
    , m_rail(new QWidget)
    , m_buttonsLayout(new QVBoxLayout(m_rail))
    , m_actions(this)
    , m_stack(new QStackedWidget)
{
    m_rail->setObjectName(QStringLiteral("pageRail"));
    m_rail->setAccessibleName(tr("Pages"));
    m_rail->setAutoFillBackground(true);
    m_buttonsLayout->setContentsMargins(0, 0, 0, 0);
    m_buttonsLayout->setSpacing(0);
    m_buttonsLayout->addStretch(1);
    m_rail->hide();
    m_buttons.setExclusive(true);
    auto* const layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_rail);
    layout->addWidget(m_stack, 1);
    applyLook();
}

void Pages::add(QWidget* page, IconName picture, QAction* action)
{
    action->setVisible(page != nullptr);
    if (page == nullptr)
        return;
    auto* const button = new Button;
    button->setObjectName(page->objectName() + QStringLiteral("Button"));
    button->setCheckable(true);
    button->setFocusPolicy(Qt::TabFocus);
    button->setIcon(icon(picture));
    QString name = action->text();
    safetext::setText(button, name.remove(u'&'));
    button->setAccessibleName(name);
    button->setToolTip(action->toolTip());
    action->setCheckable(true);
    connect(button, &QToolButton::clicked, action, &QAction::trigger);
    connect(action, &QAction::triggered, this, [this, page] { show(page); });
    m_buttons.addButton(button, m_stack->count());
    m_buttonsLayout->insertWidget(m_buttonsLayout->count() - 1, button);
    m_stack->addWidget(page);
    m_actions.addAction(action);
    m_rail->setVisible(m_stack->count() > 1); // one page needs no choice
    if (m_stack->count() > 1)
        return;
    button->setChecked(true);
    action->setChecked(true);
}

void Pages::show(const QWidget* page)
{
    const int number = m_stack->indexOf(const_cast<QWidget*>(page));
    if (number < 0)
        return;
    m_buttons.button(number)->setChecked(true);
    m_actions.actions().at(number)->setChecked(true);
    const bool other = m_stack->currentIndex() != number;
    m_stack->setCurrentIndex(number);
    // Whoever asks for a page wants to go on there with the keyboard.
    if (QWidget* const main = m_stack->currentWidget()->focusProxy(); main != nullptr && main->isVisible())
        main->setFocus(Qt::OtherFocusReason);
    if (other)
        Q_EMIT pageShown(m_stack->currentWidget());
}

QWidget* Pages::current() const
{
    return m_stack->currentWidget();
}

void Pages::setBadge(const QWidget* page, qint64 count)
{
    if (auto* const button = m_buttons.button(m_stack->indexOf(const_cast<QWidget*>(page))))
        static_cast<Button*>(button)->setBadge(count);
}

void Pages::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        applyLook();
}

void Pages::applyLook()
{
    m_rail->setFixedWidth(9 * theme::grid());
}

} // namespace lockscope
