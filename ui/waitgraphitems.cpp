#include "ui/waitgraphitems.h"

#include "ui/quietpaint.h"
#include "ui/theme.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainter>
#include <QStyleOptionGraphicsItem>

#include <algorithm>
#include <cmath>

namespace lockscope {

namespace {

constexpr qreal fadedOpacity = 0.4;

QString text(const char* source)
{
    return QCoreApplication::translate("WaitGraph", source);
}

QPen penOf(WaitEdgeKind kind, bool cycle, const WaitGraphLook& look)
{
    QPen pen(look.line(cycle), cycle ? 2.5 : 1.5, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
    // In widths of the pen.
    if (kind == WaitEdgeKind::Soft)
        pen.setDashPattern({4, 3});
    else if (kind == WaitEdgeKind::Unknown)
        pen.setDashPattern({1, 2.5});
    return pen;
}

void drawElided(QPainter* painter, const QRectF& rect, int alignment, const QString& words,
                Qt::TextElideMode mode = Qt::ElideRight)
{
    const QFontMetricsF metrics(painter->font());
    painter->drawText(rect, alignment | Qt::AlignVCenter | Qt::TextSingleLine | Qt::TextDontClip,
                      metrics.elidedText(words, mode, rect.width()));
}

/// In two lines where one is too short, broken where people would.
QStringList linesOf(const QString& name, qreal width, const QFontMetricsF& metrics)
{
    if (metrics.horizontalAdvance(name) <= width)
        return {name};
    qsizetype best = -1;
    qreal bestWidth = 0;
    for (qsizetype position = 1; position < name.size(); ++position) {
        if (name[position - 1] != u' ' && name[position - 1] != u'.')
            continue;
        const qreal longer =
            std::max(metrics.horizontalAdvance(name.left(position)), metrics.horizontalAdvance(name.mid(position)));
        if (best < 0 || longer < bestWidth) {
            best = position;
            bestWidth = longer;
        }
    }
    return best < 0 ? QStringList{name} : QStringList{name.left(best).trimmed(), name.mid(best)};
}

void paintTarget(QPainter* painter, const QRectF& rect, const WaitBox& box, const WaitBoxText& text,
                 const WaitGraphLook& look)
{
    const QColor color = theme::color(look.stale ? Tone::Stale : box.cycle ? Tone::Error : Tone::Accent, look.palette);
    const QFontMetricsF metrics(look.font);
    const qreal point = look.grid * 1.25;
    QStringList lines{text.name, text.detail};
    if (text.detail.isEmpty())
        lines = linesOf(text.name, rect.width() - 2 * point, metrics);
    QRectF shape = rect;
    if (lines.size() == 1) {
        const qreal margin = (rect.height() - metrics.height() - look.grid) / 2;
        shape.adjust(0, margin, 0, -margin);
    }
    painter->setPen(QPen(color, box.cycle ? 2 : 1));
    painter->setBrush(quietpaint::blend(color, look.ground(), 0.08));
    painter->drawPath(quietpaint::lozenge(shape, point));
    QRectF line = shape.adjusted(point, look.grid / 2, -point, -look.grid / 2);
    line.setHeight(line.height() / static_cast<qreal>(lines.size()));
    painter->setFont(look.font);
    painter->setPen(look.palette.color(QPalette::Active, QPalette::Text));
    drawElided(painter, line, Qt::AlignHCenter, lines.first(), Qt::ElideMiddle);
    if (lines.size() == 1)
        return;
    line.translate(0, line.height());
    if (!text.detail.isEmpty())
        painter->setPen(theme::mutedText(look.palette));
    drawElided(painter, line, Qt::AlignHCenter, lines.last(), text.detail.isEmpty() ? Qt::ElideMiddle : Qt::ElideRight);
}

/// Name; state and age; what it does.
void paintSession(QPainter* painter, const QRectF& rect, const WaitBoxText& text, const WaitGraphLook& look)
{
    const qreal inset = look.grid * 1.25;
    const qreal height = std::ceil(QFontMetricsF(look.font).height()) + 2;
    const int lines = text.pill.word.isEmpty() ? 2 : 3;
    const qreal space = (rect.height() - lines * height) / (lines + 1);
    QRectF line(rect.left() + inset, rect.top() + space, rect.width() - 2 * inset, height);

    QRectF name = line;
    if (text.mine) {
        const qreal dot = look.grid * 0.75;
        painter->setPen(Qt::NoPen);
        painter->setBrush(theme::color(Tone::Mine, look.palette));
        painter->drawEllipse(QRectF(name.left(), name.center().y() - dot / 2, dot, dot));
        name.adjust(dot + look.grid / 2, 0, 0, 0);
    }
    painter->setFont(text.root ? look.strongFont : look.font);
    painter->setPen(look.palette.color(QPalette::Active, QPalette::Text));
    drawElided(painter, name, Qt::AlignLeft, text.name, Qt::ElideMiddle);

    painter->setFont(look.font);
    if (!text.pill.word.isEmpty()) {
        line.translate(0, height + space);
        Pill pill = text.pill;
        if (look.stale)
            pill.tone = Tone::Stale;
        const int width = pillSize(pill, look.font).width();
        paintPill(painter, line.toAlignedRect(), pill, look.font, look.palette);
        painter->setFont(look.font);
        painter->setPen(look.palette.color(QPalette::Active, QPalette::Text));
        drawElided(painter, line.adjusted(width + look.grid / 2, 0, 0, 0), Qt::AlignRight, text.aside);
    }
    line.translate(0, height + space);
    painter->setPen(theme::mutedText(look.palette));
    drawElided(painter, line, Qt::AlignLeft, text.detail);
}

} // namespace

void paintWaitBox(QPainter* painter, const QRectF& rect, const WaitBox& box, const WaitBoxText& text,
                  const WaitBoxState& state, const WaitGraphLook& look)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (state.faded)
        painter->setOpacity(painter->opacity() * fadedOpacity);
    if (box.id.kind == WaitBoxKind::Target) {
        paintTarget(painter, rect, box, text, look);
        painter->restore();
        return;
    }
    const qreal radius = look.grid * 0.75;
    const QColor accent = theme::color(Tone::Accent, look.palette);
    QPen border(look.palette.color(QPalette::Active, QPalette::Dark), 1);
    if (box.cycle || text.root)
        border = QPen(theme::color(look.stale  ? Tone::Stale
                                   : box.cycle ? Tone::Error
                                               : Tone::Blocker,
                                   look.palette),
                      2);
    QColor fill = look.ground();
    if (state.selected) {
        border = QPen(accent, 2);
        fill = theme::selection(look.palette);
    }
    if (box.id.kind == WaitBoxKind::More)
        border.setStyle(Qt::DashLine);
    const qreal half = border.widthF() / 2;
    painter->setPen(border);
    painter->setBrush(fill);
    painter->drawRoundedRect(rect.adjusted(half, half, -half, -half), radius, radius);
    if (state.focused) {
        painter->setPen(QPen(accent, 1.5));
        painter->setBrush(Qt::NoBrush);
        painter->drawRoundedRect(rect.adjusted(-3, -3, 3, 3), radius + 3, radius + 3);
    }
    paintSession(painter, rect, text, look);
    painter->restore();
}

void paintWaitStroke(QPainter* painter, const WaitStroke& stroke, bool faded, const WaitGraphLook& look)
{
    QPen pen = penOf(stroke.kind, stroke.cycle, look);
    if (faded) // blended, not translucent: strokes meet
        pen.setColor(quietpaint::blend(pen.color(), look.ground(), fadedOpacity));
    painter->strokePath(stroke.path, pen);
}

QSizeF paintWaitLegend(QPainter* painter, const QPointF& topLeft, bool withCycle, const WaitGraphLook& look)
{
    struct Entry
    {
        QString words;
        WaitEdgeKind kind;
        bool cycle;
    };
    QList<Entry> entries{{text("holds it"), WaitEdgeKind::Hard, false},
                         {text("ahead in the queue"), WaitEdgeKind::Soft, false},
                         {text("reason not known"), WaitEdgeKind::Unknown, false}};
    if (withCycle)
        entries.append({text("deadlock"), WaitEdgeKind::Hard, true});
    const QFontMetricsF metrics(look.font);
    const qreal height = std::ceil(metrics.height() + look.grid);
    const qreal sample = 4 * look.grid;
    if (painter != nullptr) {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setFont(look.font);
    }
    qreal x = topLeft.x() + look.grid;
    for (const Entry& entry : std::as_const(entries)) {
        const qreal width = std::ceil(metrics.horizontalAdvance(entry.words));
        if (painter != nullptr) {
            painter->setPen(penOf(entry.kind, entry.cycle, look));
            const qreal y = std::round(topLeft.y() + height / 2) + 0.5;
            painter->drawLine(QPointF(x, y), QPointF(x + sample, y));
            painter->setPen(theme::mutedText(look.palette));
            painter->drawText(QRectF(x + sample + look.grid, topLeft.y(), width + look.grid, height),
                              Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, entry.words);
        }
        x += sample + width + 3 * look.grid;
    }
    if (painter != nullptr)
        painter->restore();
    return {x - look.grid - topLeft.x(), height};
}

WaitBoxItem::WaitBoxItem(const WaitGraphLook& look)
    : m_look(look)
{
    setAcceptedMouseButtons(Qt::NoButton);
    setZValue(1);
}

void WaitBoxItem::setBox(const WaitBox& box, const WaitBoxText& text)
{
    if (m_box == box && m_text == text && !m_size.isEmpty())
        return;
    m_box = box;
    m_text = text;
    place();
    update();
}

void WaitBoxItem::setState(const WaitBoxState& state)
{
    if (m_state == state)
        return;
    m_state = state;
    update();
}

void WaitBoxItem::lookChanged()
{
    place();
    update();
}

void WaitBoxItem::place()
{
    const QRectF rect = m_look.rect(m_box);
    if (rect.size() != m_size) {
        prepareGeometryChange();
        m_size = rect.size();
    }
    setPos(rect.topLeft());
}

QRectF WaitBoxItem::boundingRect() const
{
    return QRectF(QPointF(), m_size).adjusted(-4, -4, 4, 4); // the focus ring
}

void WaitBoxItem::paint(QPainter* painter, const QStyleOptionGraphicsItem* /*option*/, QWidget* /*widget*/)
{
    paintWaitBox(painter, QRectF(QPointF(), m_size), m_box, m_text, m_state, m_look);
}

WaitLinesItem::WaitLinesItem(const WaitGraphLook& look)
    : m_look(look)
{
    setFlag(QGraphicsItem::ItemUsesExtendedStyleOption); // tells what is exposed
    setAcceptedMouseButtons(Qt::NoButton);
}

void WaitLinesItem::setStrokes(const QList<WaitStroke>& strokes)
{
    prepareGeometryChange();
    m_strokes = strokes;
    m_bounds = {};
    for (const WaitStroke& stroke : strokes)
        m_bounds |= stroke.path.boundingRect().adjusted(-2, -2, 2, 2);
    update();
}

void WaitLinesItem::setChain(const QSet<qint32>& lines)
{
    m_chain = lines;
    update();
}

void WaitLinesItem::paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* /*widget*/)
{
    painter->setRenderHint(QPainter::Antialiasing);
    const auto inChain = [this](const WaitStroke& stroke) {
        return m_chain.isEmpty() || std::any_of(stroke.lines.cbegin(), stroke.lines.cend(),
                                                [this](qint32 line) { return m_chain.contains(line); });
    };
    for (const bool chain : {false, true}) { // the chain on top
        for (const WaitStroke& stroke : m_strokes) {
            if (inChain(stroke) == chain &&
                stroke.path.controlPointRect().adjusted(-2, -2, 2, 2).intersects(option->exposedRect))
                paintWaitStroke(painter, stroke, !chain, m_look);
        }
    }
}

} // namespace lockscope
