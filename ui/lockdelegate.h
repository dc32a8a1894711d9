#pragma once

#include "ui/theme.h"

#include <QFontMetrics>
#include <QStyledItemDelegate>

#include <optional>

namespace lockscope {

class LockTableModel;
struct LockColumnInfo;
struct LockRow;
struct Pill;

/// Paints the cells of the lock table: state as a pill, waits with an age bar, keys with the glyph of their form, and
/// rows that are new, gone, stale or our own. GUI thread. Reads the row from the model itself, so a cell costs no copy;
/// all text is plain, cut to its cell before it is shaped.
class LockDelegate final : public QStyledItemDelegate
{
    Q_OBJECT

public:
    explicit LockDelegate(const LockTableModel& model, QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(LockDelegate)

    /// The leftmost column carries the marks of the whole row.
    void setFirstColumn(int logicalColumn) { m_firstColumn = logicalColumn; }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    /// One face with its measures, made when the font of the view changes and not per cell.
    struct Face
    {
        explicit Face(const QFont& f)
            : font(f)
            , metrics(f)
            , narrowest(qMax(1, metrics.horizontalAdvance(u'i')))
        {
        }
        QFont font;
        QFontMetrics metrics;
        int narrowest;
    };
    struct Faces
    {
        QFont of;
        Face body;
        Face strong;
        Face monospace;
        Face monospaceStrong;
    };

    [[nodiscard]] const Faces& facesFor(const QFont& font) const;
    [[nodiscard]] const Face& faceOf(const LockColumnInfo& column, const LockRow& row, const QFont& font) const;
    void paintBackground(QPainter* painter, const QStyleOptionViewItem& option, const LockRow& row, bool stale) const;
    void paintMarks(QPainter* painter, const QStyleOptionViewItem& option, const LockRow& row, bool mine) const;
    void paintText(QPainter* painter, const QRect& rect, const QString& text, const Face& face, const QColor& color,
                   Qt::Alignment alignment, Qt::TextElideMode elide, bool struckOut) const;

    const LockTableModel& m_model;
    int m_firstColumn = 0;
    mutable std::optional<Faces> m_faces;
};

} // namespace lockscope
