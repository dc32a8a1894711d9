#include "ui/poolerstrip.h"

#include "ui/icons.h"
#include "ui/safetext.h"
#include "ui/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QPainter>
#include <QVBoxLayout>

namespace lockscope {

PoolerStrip::PoolerStrip(QWidget* parent)
    : QFrame(parent)
    , m_picture(safetext::label())
    , m_title(safetext::wrappingLabel(tr("Through a Pooler")))
{
    setObjectName(QStringLiteral("poolerWarning"));
    const QString meaning = tr("A key may be taken on one server connection and released on another, and the lock may "
                               "outlive this session.");
    auto* const text = safetext::wrappingLabel(meaning);
    m_title->setObjectName(QStringLiteral("poolerWarningTitle"));
    text->setObjectName(QStringLiteral("poolerWarningText"));
    setAccessibleName(tr("This session goes through a pooler"));
    setAccessibleDescription(meaning);
    safetext::setToolTip(this, tr("The pooler lends its server connections to whoever comes next. In transaction mode "
                                  "that happens after every statement outside a transaction, in session mode when the "
                                  "client leaves. pg_advisory_xact_lock is safe in both."));

    const int grid = theme::grid();
    auto* const texts = new QVBoxLayout;
    texts->setSpacing(grid / 4);
    texts->addWidget(m_title);
    texts->addWidget(text);
    auto* const layout = new QHBoxLayout(this);
    layout->setContentsMargins(grid + grid / 2, grid, grid, grid);
    layout->setSpacing(grid);
    layout->addWidget(m_picture, 0, Qt::AlignTop);
    layout->addLayout(texts, 1);
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Minimum);
    refresh();
}

void PoolerStrip::refresh()
{
    m_title->setFont(theme::strongFont());
    m_picture->setPixmap(
        iconPixmap(IconName::Warning, theme::color(Tone::Waiting, palette()), theme::iconSize(), devicePixelRatioF()));
}

void PoolerStrip::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.fillRect(rect(), theme::tint(Tone::Waiting, palette(), 0.09));
    painter.fillRect(QRect(0, 0, theme::grid() / 2, height()), theme::color(Tone::Waiting, palette()));
}

void PoolerStrip::changeEvent(QEvent* event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        refresh();
}

} // namespace lockscope
