#include "ui/lab/labpage.h"

#include "ui/safetext.h"
#include "ui/theme.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QPainter>
#include <QStackedWidget>
#include <QToolButton>

namespace lockscope {

namespace {

/// A tab: picture beside name, the chosen one underlined with the accent.
class Tab final : public QToolButton
{
public:
    using QToolButton::QToolButton;

    [[nodiscard]] QSize sizeHint() const override
    {
        const int grid = theme::grid();
        return {theme::iconSize() + fontMetrics().horizontalAdvance(text()) + 4 * grid,
                std::max(theme::iconSize(), fontMetrics().height()) + 2 * grid};
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const int grid = theme::grid();
        const QColor accent = theme::color(Tone::Accent, palette());
        if (underMouse() && !isChecked())
            painter.fillRect(rect(), theme::tint(Tone::Accent, palette(), 0.05));
        const int edge = theme::iconSize();
        icon().paint(&painter, QRect(grid * 3 / 2, (height() - edge) / 2, edge, edge));
        painter.setPen(isChecked() ? palette().color(QPalette::Text) : theme::mutedText(palette()));
        painter.drawText(rect().adjusted(grid * 2 + edge, 0, -grid, 0), Qt::AlignVCenter | Qt::AlignLeft, text());
        if (isChecked())
            painter.fillRect(QRect(0, height() - 3, width(), 3), accent);
        if (!hasFocus())
            return;
        painter.setPen(accent);
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(rect()).adjusted(2.5, 2.5, -2.5, -5.5), 3, 3);
    }
};

} // namespace

LabPage::LabPage(QWidget* parent)
    : QWidget(parent)
    , m_tabsLayout(new QHBoxLayout)
    , m_tabs(new QButtonGroup(this))
    , m_stack(new QStackedWidget)
{
    setObjectName(QStringLiteral("labPage"));
    setAccessibleName(tr("Lab"));
    m_tabs->setExclusive(true);
    m_tabsLayout->setContentsMargins(0, 0, 0, 0);
    m_tabsLayout->setSpacing(0);
    m_tabsLayout->addStretch(1);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(m_tabsLayout);
    layout->addWidget(m_stack, 1);
    connect(m_tabs, &QButtonGroup::idClicked, this, [this](int index) { show(m_ids.value(index)); });
}

void LabPage::add(QWidget* page, const QString& id, const QString& title, const QString& toolTip, IconName picture)
{
    auto* const tab = new Tab;
    tab->setObjectName(id + QStringLiteral("Tab"));
    tab->setCheckable(true);
    tab->setFocusPolicy(Qt::TabFocus);
    tab->setIcon(icon(picture));
    safetext::setText(tab, title);
    tab->setAccessibleName(title);
    safetext::setToolTip(tab, toolTip);
    m_tabs->addButton(tab, static_cast<int>(m_ids.size()));
    m_tabsLayout->insertWidget(m_tabsLayout->count() - 1, tab);
    m_ids.append(id);
    m_stack->addWidget(page);
    if (m_ids.size() == 1)
        tab->setChecked(true);
}

void LabPage::show(const QString& id)
{
    const auto index = static_cast<int>(m_ids.indexOf(id));
    if (index < 0)
        return;
    m_tabs->button(index)->setChecked(true);
    const bool other = m_stack->currentIndex() != index;
    m_stack->setCurrentIndex(index);
    if (other)
        Q_EMIT pageShown(id);
}

QString LabPage::current() const
{
    return m_ids.value(m_stack->currentIndex());
}

void LabPage::paintEvent(QPaintEvent* event)
{
    QWidget::paintEvent(event);
    QPainter painter(this);
    painter.fillRect(QRect(0, m_stack->y() - 1, width(), 1), theme::hairline(palette()));
}

} // namespace lockscope
