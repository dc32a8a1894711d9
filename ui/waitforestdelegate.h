#pragma once

#include "ui/theme.h"

#include <QFontMetrics>
#include <QStyledItemDelegate>

#include <optional>

namespace lockscope {

class WaitForestModel;
struct WaitForestRow;

/// Paints the cells of the wait forest: a session by kind, number and name, its part as a pill, waits with an age bar.
/// GUI thread. Reads rows from the model itself; all text is plain. The background of a row is its view's.
class WaitForestDelegate final : public QStyledItemDelegate
{
    Q_OBJECT

public:
    explicit WaitForestDelegate(const WaitForestModel& model, QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(WaitForestDelegate)

    void setCompact(bool compact) { m_compact = compact; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    /// Fonts with their measures, made when the font of the view changes and not per cell.
    struct Faces
    {
        explicit Faces(const QFont& font);
        QFont of;
        QFont strong;
        QFont monospace;
        QFont monospaceStrong;
        QFontMetrics bodyMetrics;
        QFontMetrics strongMetrics;
        QFontMetrics monospaceMetrics;
        QFontMetrics monospaceStrongMetrics;
    };
    struct Ink
    {
        QColor text;
        QColor muted;
    };

    [[nodiscard]] const Faces& facesFor(const QFont& font) const;
    void paintSession(QPainter* painter, QRect area, const QStyleOptionViewItem& option, const QModelIndex& index,
                      const WaitForestRow& row, const Ink& ink) const;
    void paintState(QPainter* painter, QRect area, const QStyleOptionViewItem& option, const WaitForestRow& row,
                    bool stale, const Ink& ink) const;

    const WaitForestModel& m_model;
    bool m_compact = false;
    mutable std::optional<Faces> m_faces;
};

} // namespace lockscope
