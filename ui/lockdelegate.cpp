#include "ui/lockdelegate.h"

#include "models/domain/displaytext.h"
#include "models/lockcolumns.h"
#include "models/locktablemodel.h"
#include "ui/icons.h"
#include "ui/quietpaint.h"
#include "ui/statepill.h"

#include <QPainter>

#include <algorithm>

namespace lockscope {

namespace {

using namespace std::chrono_literals;

/// New and gone marks fade over the time the view builder keeps them.
constexpr std::chrono::microseconds markLifetime = LockViewBuilder::lingering;

/// Shorter than the text of the column, which is for copying: a pill is read at a glance.
QString pillWord(const LockRow& row)
{
    const auto tr = [](const char* text) { return LockDelegate::tr(text); };
    if (row.isGone())
        return tr("gone");
    if (row.stuckBehind > 0)
        return (row.lock.granted ? tr("held, %1 behind") : tr("waiting, %1 behind")).arg(row.stuckBehind);
    return row.lock.granted ? tr("held") : tr("waiting");
}

Pill pillFor(const LockRow& row)
{
    const QString word = pillWord(row);
    if (row.isGone())
        return {word, PillShape::Cross, Tone::Gone};
    if (row.isWaiting())
        return {word, PillShape::Hourglass, Tone::Waiting};
    if (row.isBlocker())
        return {word, PillShape::Knot, Tone::Blocker};
    return {word, PillShape::Key, Tone::Held};
}

std::optional<Tone> toneOf(const LockRow& row)
{
    if (row.isGone())
        return std::nullopt;
    if (row.isWaiting())
        return Tone::Waiting;
    if (row.isBlocker())
        return Tone::Blocker;
    return std::nullopt;
}

bool carriesTone(LockColumn column)
{
    return column == LockColumn::Key || column == LockColumn::Since || column == LockColumn::Pid;
}

/// Space left of the text in the first column, for the marks of the row.
int gutter()
{
    return theme::grid() + theme::grid() / 2;
}

int glyphSize(const QFontMetrics& metrics)
{
    return metrics.ascent() + 1;
}

} // namespace

LockDelegate::LockDelegate(const LockTableModel& model, QObject* parent)
    : QStyledItemDelegate(parent)
    , m_model(model)
{
}

const LockDelegate::Faces& LockDelegate::facesFor(const QFont& font) const
{
    if (!m_faces || m_faces->of != font) {
        const auto bold = [](QFont face) {
            face.setWeight(QFont::DemiBold);
            return face;
        };
        const QFont monospace = theme::monospace();
        m_faces.emplace(Faces{font, Face(font), Face(bold(font)), Face(monospace), Face(bold(monospace))});
    }
    return *m_faces;
}

const LockDelegate::Face& LockDelegate::faceOf(const LockColumnInfo& column, const LockRow& row,
                                               const QFont& font) const
{
    const Faces& faces = facesFor(font);
    const bool strong = row.isRootBlocker();
    if (column.monospace)
        return strong && column.column != LockColumn::Query ? faces.monospaceStrong : faces.monospace;
    return strong ? faces.strong : faces.body;
}

void LockDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const LockRow* const row = m_model.rowAt(index.row());
    if (row == nullptr)
        return;
    const LockColumnInfo& column = lockColumn(static_cast<LockColumn>(index.column()));
    const QPalette& palette = option.palette;
    const bool stale = m_model.staleAge().has_value();
    const int padding = theme::grid();

    painter->save();
    painter->setClipRect(option.rect);
    paintBackground(painter, option, *row, stale);
    QRect area = option.rect.adjusted(padding, 0, -padding, 0);
    if (index.column() == m_firstColumn) {
        paintMarks(painter, option, *row, index.data(LockTableModel::MineRole).toBool());
        area.setLeft(option.rect.left() + gutter());
    }

    const QString text = column.text(*row, *m_model.view());
    const Face& face = faceOf(column, *row, option.font);
    QColor color = palette.color(QPalette::Active, QPalette::Text);
    if (row->isGone() || stale)
        color = theme::color(row->isGone() ? Tone::Gone : Tone::Stale, palette);
    else if (const auto tone = toneOf(*row); tone && carriesTone(column.column))
        color = theme::color(*tone, palette);
    else if (column.column == LockColumn::Meaning || column.column == LockColumn::Query ||
             column.column == LockColumn::Type || column.column == LockColumn::BackendState ||
             (row->backend && row->backend->restricted))
        color = theme::mutedText(palette);

    switch (column.column) {
    case LockColumn::Key: {
        const auto key = row->lock.target.key();
        if (key) {
            const int glyph = glyphSize(face.metrics);
            // Right beside the number, however wide the column.
            const int textWidth = face.metrics.horizontalAdvance(text);
            const int left = std::max(area.left(), area.right() - textWidth - glyph - padding / 2);
            painter->drawPixmap(left, area.center().y() - glyph / 2,
                                iconPixmap(key->form() == KeyForm::Bigint ? IconName::SingleKey : IconName::PairKey,
                                           toneOf(*row) && !stale ? color : theme::mutedText(palette), glyph,
                                           painter->device()->devicePixelRatioF()));
            area.setLeft(left + glyph + padding / 2);
        }
        paintText(painter, area, text, face, color, key ? column.alignment : Qt::AlignLeft | Qt::AlignVCenter,
                  Qt::ElideMiddle, row->isGone());
        break;
    }
    case LockColumn::State: {
        Pill pill = pillFor(*row);
        if (stale)
            pill.tone = Tone::Stale;
        paintPill(painter, area, pill, facesFor(option.font).body.font, palette);
        break;
    }
    case LockColumn::Since:
        if (row->isWaiting() && !stale)
            quietpaint::drawAgeBar(painter, option.rect, row->age(m_model.view()->takenAt), palette);
        [[fallthrough]];
    default:
        paintText(painter, area, text, face, color, column.alignment, Qt::ElideRight, row->isGone());
        break;
    }
    painter->restore();
}

void LockDelegate::paintBackground(QPainter* painter, const QStyleOptionViewItem& option, const LockRow& row,
                                   bool stale) const
{
    const QPalette& palette = option.palette;
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    QColor background = palette.color(QPalette::Active, QPalette::Base);
    if (selected)
        background = theme::selection(palette);
    else if (stale)
        background = palette.color(QPalette::Active, QPalette::AlternateBase);
    else if (row.isBlocker() && row.lock.granted)
        background = theme::tint(Tone::Blocker, palette, row.isRootBlocker() ? 0.09 : 0.04);
    else if (row.isWaiting())
        background = theme::tint(Tone::Waiting, palette, 0.05);
    painter->fillRect(option.rect, background);
    if (stale) {
        painter->setBrushOrigin(0, 0);
        QColor hatch = theme::hairline(palette);
        hatch.setAlphaF(0.55F);
        painter->fillRect(option.rect, QBrush(hatch, Qt::BDiagPattern));
    }
}

void LockDelegate::paintMarks(QPainter* painter, const QStyleOptionViewItem& option, const LockRow& row,
                              bool mine) const
{
    const QRect& rect = option.rect;
    if (row.mark == RowMark::New) {
        const auto age = std::clamp(m_model.view()->takenAt - row.markedAt, 0us, markLifetime);
        QColor edge = theme::color(Tone::New, option.palette);
        edge.setAlphaF(1.0F - 0.7F * static_cast<float>(age.count()) / static_cast<float>(markLifetime.count()));
        painter->fillRect(QRect(rect.left(), rect.top(), theme::grid() / 2 - 1, rect.height()), edge);
    }
    if (mine) {
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(Qt::NoPen);
        painter->setBrush(theme::color(Tone::Mine, option.palette));
        const qreal radius = theme::grid() * 0.36;
        painter->drawEllipse(QPointF(rect.left() + gutter() * 0.6, rect.top() + rect.height() / 2.0), radius, radius);
        painter->setRenderHint(QPainter::Antialiasing, false);
    }
}

void LockDelegate::paintText(QPainter* painter, const QRect& rect, const QString& text, const Face& face,
                             const QColor& color, Qt::Alignment alignment, Qt::TextElideMode elide,
                             bool struckOut) const
{
    if (text.isEmpty() || rect.width() <= 0)
        return;
    // What cannot fit even in the narrowest letters is cut before it is measured: shaping a whole query costs.
    const qsizetype most = rect.width() / face.narrowest + 8;
    const QString candidate =
        elide == Qt::ElideRight && text.size() > most ? firstCharacters(text, most) + QChar(0x2026) : text;
    const QString shown = face.metrics.elidedText(candidate, elide, rect.width());
    painter->setFont(face.font);
    painter->setPen(color);
    painter->drawText(rect, static_cast<int>(alignment) | Qt::TextSingleLine, shown);
    if (struckOut) {
        const int width = std::min(face.metrics.horizontalAdvance(shown), rect.width());
        const int left = alignment.testFlag(Qt::AlignRight) ? rect.right() - width + 1 : rect.left();
        const int y = rect.center().y() + 1;
        painter->drawLine(left, y, left + width - 1, y);
    }
}

QSize LockDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const LockRow* const row = m_model.rowAt(index.row());
    if (row == nullptr)
        return {};
    const LockColumnInfo& column = lockColumn(static_cast<LockColumn>(index.column()));
    const Face& face = faceOf(column, *row, option.font);
    const QString text = column.text(*row, *m_model.view());
    int width = 2 * theme::grid();
    if (column.column == LockColumn::State)
        width += pillSize(pillFor(*row), facesFor(option.font).body.font).width();
    else
        width += face.metrics.horizontalAdvance(text.first(std::min<qsizetype>(text.size(), 80))) + 2;
    if (column.column == LockColumn::Key)
        width += glyphSize(face.metrics) + theme::grid() / 2;
    if (index.column() == m_firstColumn)
        width += gutter() - theme::grid();
    return {width, theme::rowHeight()};
}

} // namespace lockscope
