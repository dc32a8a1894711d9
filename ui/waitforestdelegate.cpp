#include "ui/waitforestdelegate.h"

#include "models/waitforestcells.h"
#include "ui/icons.h"
#include "ui/quietpaint.h"
#include "ui/statepill.h"

#include <QPainter>

#include <algorithm>

namespace lockscope {

namespace {

using namespace std::chrono_literals;

bool isRoot(const WaitForestRow& row)
{
    return row.node != nullptr && row.node->root;
}

Pill pillFor(WaitPart part)
{
    switch (part) {
    case WaitPart::Deadlock:
        return {word(part), PillShape::Warning, Tone::Error};
    case WaitPart::Blocking:
        return {word(part), PillShape::Knot, Tone::Blocker};
    case WaitPart::Waiting:
        return {word(part), PillShape::Hourglass, Tone::Waiting};
    case WaitPart::Holding:
        return {word(part), PillShape::Key, Tone::Held};
    case WaitPart::None:
        break;
    }
    return {};
}

std::optional<Tone> toneOf(WaitPart part)
{
    switch (part) {
    case WaitPart::Deadlock:
        return Tone::Error;
    case WaitPart::Blocking:
        return Tone::Blocker;
    case WaitPart::Waiting:
        return Tone::Waiting;
    case WaitPart::Holding:
    case WaitPart::None:
        break;
    }
    return std::nullopt;
}

IconName glyphOf(const WaitForestRow& row)
{
    if (row.id.isPrepared())
        return IconName::Document;
    if (row.node == nullptr)
        return IconName::Session;
    switch (row.node->kind) {
    case WaitNodeKind::ClientBackend:
        return IconName::Session;
    case WaitNodeKind::Prepared:
        return IconName::Document;
    case WaitNodeKind::Startup:
        return IconName::Standby;
    case WaitNodeKind::Autovacuum:
        return IconName::Refresh;
    case WaitNodeKind::Background:
        return IconName::Settings;
    case WaitNodeKind::Unknown:
        return IconName::Help;
    }
    return IconName::Help;
}

bool isNumeric(int column)
{
    return column == WaitForestModel::Since || column == WaitForestModel::StuckBehind ||
           column == WaitForestModel::LongestBehind || column == WaitForestModel::TotalBehind;
}

QFont demiBold(QFont font)
{
    font.setWeight(QFont::DemiBold);
    return font;
}

void paintText(QPainter* painter, const QRect& area, const QString& text, const QFont& font,
               const QFontMetrics& metrics, const QColor& color, Qt::Alignment alignment)
{
    if (text.isEmpty() || area.width() <= 0)
        return;
    painter->setFont(font);
    painter->setPen(color);
    painter->drawText(area, static_cast<int>(alignment) | Qt::TextSingleLine,
                      metrics.elidedText(text, Qt::ElideRight, area.width()));
}

} // namespace

WaitForestDelegate::Faces::Faces(const QFont& font)
    : of(font)
    , strong(demiBold(font))
    , monospace(theme::monospace())
    , monospaceStrong(demiBold(theme::monospace()))
    , bodyMetrics(of)
    , strongMetrics(strong)
    , monospaceMetrics(monospace)
    , monospaceStrongMetrics(monospaceStrong)
{
}

WaitForestDelegate::WaitForestDelegate(const WaitForestModel& model, QObject* parent)
    : QStyledItemDelegate(parent)
    , m_model(model)
{
}

const WaitForestDelegate::Faces& WaitForestDelegate::facesFor(const QFont& font) const
{
    if (!m_faces || m_faces->of != font || m_faces->monospace != theme::monospace())
        m_faces.emplace(font);
    return *m_faces;
}

void WaitForestDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const WaitForestRow* const row = m_model.rowAt(index);
    if (row == nullptr)
        return;
    const QPalette& palette = option.palette;
    const bool stale = index.data(WaitForestModel::StaleRole).toBool();
    Ink ink{.text = palette.color(QPalette::Active, QPalette::Text), .muted = theme::mutedText(palette)};
    if (stale)
        ink.text = ink.muted = theme::color(Tone::Stale, palette);
    const int padding = theme::grid();
    const QRect area = option.rect.adjusted(padding, 0, -padding, 0);
    const Faces& faces = facesFor(option.font);

    painter->save();
    painter->setClipRect(option.rect);
    switch (index.column()) {
    case WaitForestModel::Session:
        paintSession(painter, option.rect.adjusted(padding / 4, 0, -padding / 2, 0), option, index, *row, ink);
        break;
    case WaitForestModel::State:
        paintState(painter, area, option, *row, stale, ink);
        break;
    case WaitForestModel::Query:
        paintText(painter, area, index.data().toString(), faces.monospace, faces.monospaceMetrics, ink.muted,
                  waitForestAlignment(index.column()));
        break;
    default: {
        QColor color = ink.text;
        if (index.column() == WaitForestModel::Since && !stale) {
            if (row->node != nullptr && row->node->isWaiting())
                if (row->waited.age)
                    quietpaint::drawAgeBar(painter, option.rect, *row->waited.age, palette);
            if (const auto tone = toneOf(partOf(*row)))
                color = theme::color(*tone, palette);
        }
        const bool numeric = isNumeric(index.column());
        const bool strong = numeric && isRoot(*row);
        paintText(painter, area, index.data().toString(),
                  strong    ? faces.monospaceStrong
                  : numeric ? faces.monospace
                            : faces.of,
                  strong    ? faces.monospaceStrongMetrics
                  : numeric ? faces.monospaceMetrics
                            : faces.bodyMetrics,
                  color, waitForestAlignment(index.column()));
        break;
    }
    }
    painter->restore();
}

void WaitForestDelegate::paintSession(QPainter* painter, QRect area, const QStyleOptionViewItem& option,
                                      const QModelIndex& index, const WaitForestRow& row, const Ink& ink) const
{
    const Faces& faces = facesFor(option.font);
    const bool stale = index.data(WaitForestModel::StaleRole).toBool();
    const bool strong = isRoot(row);
    const auto tone = stale ? std::nullopt : toneOf(partOf(row));
    const int glyph = faces.bodyMetrics.ascent() + 2;
    const int gap = theme::grid() / 2;
    const QColor glyphColor = tone ? theme::color(*tone, option.palette) : ink.muted;
    painter->drawPixmap(area.left(), area.center().y() - glyph / 2,
                        iconPixmap(glyphOf(row), glyphColor, glyph, painter->device()->devicePixelRatioF()));
    area.setLeft(area.left() + glyph + gap);

    if (const QString number = sessionNumber(row); !number.isEmpty()) {
        const QFontMetrics& metrics = strong ? faces.monospaceStrongMetrics : faces.monospaceMetrics;
        paintText(painter, area, number, strong ? faces.monospaceStrong : faces.monospace, metrics,
                  tone ? theme::color(*tone, option.palette) : ink.text, Qt::AlignLeft | Qt::AlignVCenter);
        area.setLeft(area.left() + metrics.horizontalAdvance(number) + theme::grid());
    }
    if (index.data(WaitForestModel::MineRole).toBool()) {
        const int dot = theme::grid() - 2;
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(Qt::NoPen);
        painter->setBrush(theme::color(Tone::Mine, option.palette));
        painter->drawEllipse(QRectF(area.left(), area.top() + (area.height() - dot) / 2.0, dot, dot));
        painter->setRenderHint(QPainter::Antialiasing, false);
        area.setLeft(area.left() + dot + gap);
    }
    paintText(painter, area, sessionName(row, *m_model.view()), strong ? faces.strong : faces.of,
              strong ? faces.strongMetrics : faces.bodyMetrics, ink.text, Qt::AlignLeft | Qt::AlignVCenter);
}

void WaitForestDelegate::paintState(QPainter* painter, QRect area, const QStyleOptionViewItem& option,
                                    const WaitForestRow& row, bool stale, const Ink& ink) const
{
    const Faces& faces = facesFor(option.font);
    Pill pill = pillFor(partOf(row));
    if (!pill.word.isEmpty()) {
        if (stale)
            pill.tone = Tone::Stale;
        paintPill(painter, area, pill, faces.of, option.palette);
        area.setLeft(area.left() + pillSize(pill, faces.of).width() + theme::grid() * 3 / 4);
    }
    paintText(painter, area, doing(row, *m_model.view()), faces.of, faces.bodyMetrics, ink.muted,
              Qt::AlignLeft | Qt::AlignVCenter);
}

/// The width is that of the whole content; a tree's indentation comes on top of it.
QSize WaitForestDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const WaitForestRow* const row = m_model.rowAt(index);
    const int height = theme::rowHeight(m_compact);
    if (row == nullptr)
        return {0, height};
    const Faces& faces = facesFor(option.font);
    const int grid = theme::grid();
    int width = 2 * grid + 2;
    if (index.column() == WaitForestModel::Session) {
        const bool strong = isRoot(*row);
        const QString number = sessionNumber(*row);
        width += faces.bodyMetrics.ascent() + 2 + grid / 2;
        if (!number.isEmpty())
            width += (strong ? faces.monospaceStrongMetrics : faces.monospaceMetrics).horizontalAdvance(number) + grid;
        if (index.data(WaitForestModel::MineRole).toBool())
            width += grid * 3 / 2;
        width += (strong ? faces.strongMetrics : faces.bodyMetrics)
                     .horizontalAdvance(sessionName(*row, *m_model.view()).left(80));
    } else if (index.column() == WaitForestModel::State) {
        if (const Pill pill = pillFor(partOf(*row)); !pill.word.isEmpty())
            width += pillSize(pill, faces.of).width() + grid * 3 / 4;
        width += faces.bodyMetrics.horizontalAdvance(doing(*row, *m_model.view()).left(80));
    } else {
        const bool monospace = isNumeric(index.column()) || index.column() == WaitForestModel::Query;
        width += (monospace ? faces.monospaceStrongMetrics : faces.bodyMetrics)
                     .horizontalAdvance(index.data().toString().left(80));
    }
    return {width, height};
}

} // namespace lockscope
