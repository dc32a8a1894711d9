#include "ui/lab/figurerow.h"

#include "ui/lab/keptfont.h"
#include "ui/safetext.h"
#include "ui/theme.h"
#include "ui/tonelabel.h"

#include <QEvent>
#include <QGridLayout>

#include <algorithm>

namespace lockscope {

FigureRow::FigureRow(QWidget* parent)
    : QWidget(parent)
    , m_grid(new QGridLayout(this))
{
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(2 * theme::grid());
    m_grid->setVerticalSpacing(0);
    QSizePolicy policy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    setSizePolicy(policy);
}

ToneLabel* FigureRow::add(const QString& objectName, const QString& caption, const QString& sample,
                          const QString& toolTip)
{
    Figure figure{.value = new ToneLabel(this), .caption = new ToneLabel(this), .sample = sample};
    figure.value->setObjectName(objectName);
    figure.value->setAccessibleName(caption);
    figure.value->setWordWrap(false);
    keepFont(figure.value, KeptFont::Title);
    figure.caption->setMuted();
    figure.caption->setWordWrap(false);
    figure.caption->setText(caption);
    safetext::setToolTip(figure.value, toolTip);
    safetext::setToolTip(figure.caption, toolTip);
    m_figures.append(figure);
    m_columns = 0;
    arrange();
    return figure.value;
}

int FigureRow::widthOf(const Figure& figure) const
{
    return std::max(figure.caption->fontMetrics().horizontalAdvance(figure.caption->text()),
                    figure.value->fontMetrics().horizontalAdvance(figure.sample));
}

QSize FigureRow::minimumSizeHint() const
{
    return {theme::grid() * 30, m_grid->minimumSize().height()};
}

void FigureRow::arrange()
{
    int wanted = 0;
    for (const Figure& figure : std::as_const(m_figures))
        wanted += widthOf(figure) + m_grid->horizontalSpacing();
    const auto all = static_cast<int>(m_figures.size());
    const int columns = wanted <= width() ? all : (all + 1) / 2;
    if (columns == m_columns)
        return;
    m_columns = columns;
    for (int number = 0; number < all; ++number) {
        const Figure& figure = m_figures.at(number);
        const int row = number / columns * 3;
        m_grid->addWidget(figure.value, row, number % columns, Qt::AlignTop);
        m_grid->addWidget(figure.caption, row + 1, number % columns, Qt::AlignTop);
    }
    for (int column = 0; column < all; ++column)
        m_grid->setColumnStretch(column, column < columns ? 1 : 0);
    m_grid->setRowMinimumHeight(2, columns < all ? theme::grid() : 0);
    updateGeometry();
}

void FigureRow::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
}

void FigureRow::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        arrange();
}

} // namespace lockscope
