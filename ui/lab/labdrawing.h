#pragma once

#include "ui/statepill.h"
#include "ui/theme.h"

#include <QFont>
#include <QPalette>
#include <QRectF>
#include <QString>

#include <chrono>
#include <optional>

class QPainter;
class QWidget;

namespace lockscope {

/// The one language of the lab's pictures: a session is a rounded box with its state pill, a key a small lozenge, a
/// hard block a solid line and a soft one dashed, the server a wide bar. Functions that paint; GUI thread. They make
/// every text fit to be shown and cut it to the room it has, and keep nothing.

/// Fonts and colours of the program as they are now. Ask again when palette or font changed.
struct LabLook
{
    QPalette palette = {};
    QFont font = {};
    QFont strongFont = {};
    QFont monospace = {};
    qreal grid = 8;
    [[nodiscard]] static LabLook current(const QPalette& palette);
    friend bool operator==(const LabLook&, const LabLook&) = default;
};

namespace labdrawing {

/// A session, a client, a pod, a slot of a pool.
struct SessionBox
{
    QString title = {}; ///< "shop-2", demibold; may be a stranger's text
    QString pid = {};   ///< "pid 491", in tabular figures at the right of the title
    std::optional<Pill> pill = {};
    QString note = {};             ///< one muted line under the pill: "by request 7"
    std::optional<Tone> edge = {}; ///< the frame's tone when the box is to be looked at; else a quiet frame
    bool faded = false;            ///< ended or lost: dashed frame, no ground
    friend bool operator==(const SessionBox&, const SessionBox&) = default;
};
/// Height that title, pill and note take; width is the caller's. The room below is free for lozenges.
[[nodiscard]] qreal sessionBoxHeight(const SessionBox& box, const LabLook& look);
/// Returns what is left inside, under what was painted.
QRectF paintSessionBox(QPainter* painter, const QRectF& rect, const SessionBox& box, const LabLook& look);

/// A key as somebody holds it, waits for it or leaked it.
struct KeyLozenge
{
    QString key = {};  ///< "5", "(-5, 7)"
    QString word = {}; ///< behind the key: "leaked", "waits", "shared"; may be empty
    Tone tone = Tone::Held;
    bool outlined = false; ///< believed or waited for, not held: no ground, dashed frame
    friend bool operator==(const KeyLozenge&, const KeyLozenge&) = default;
};
[[nodiscard]] QSizeF lozengeSize(const KeyLozenge& lozenge, const LabLook& look);
/// At the left of rect, vertically centred; cut to its width. Returns where it is.
QRectF paintLozenge(QPainter* painter, const QRectF& rect, const KeyLozenge& lozenge, const LabLook& look);
/// As many as fit, in rows from the top left; the rest is told as "+3". Returns how high that is. painter may be null
/// to measure.
qreal paintLozenges(QPainter* painter, const QRectF& rect, const QList<KeyLozenge>& lozenges, const LabLook& look);

/// Who blocks whom: a soft one is only ahead in the queue.
enum class LineKind
{
    Hard,
    Soft
};
/// Straight, with an arrow head at its end. Without a tone in the quiet grey of lines.
void paintLine(QPainter* painter, const QPointF& from, const QPointF& to, LineKind kind, std::optional<Tone> tone,
               const LabLook& look);
/// Without an arrow head: things that belong together.
void paintTie(QPainter* painter, const QPointF& from, const QPointF& to, const LabLook& look);

/// PostgreSQL, or a pooler in front of it, as a wide bar. Returns the room under its title.
QRectF paintServerBar(QPainter* painter, const QRectF& rect, const QString& title, const QString& note,
                      const LabLook& look);
[[nodiscard]] qreal serverBarTitleHeight(const LabLook& look);

/// A call or an answer on its way, or said at its place: a small tag with a word, centred on a point.
void paintTag(QPainter* painter, const QPointF& center, const QString& text, Tone tone, const LabLook& look);
[[nodiscard]] QSizeF tagSize(const QString& text, const LabLook& look);

/// One line of plain text, cut at its end.
void paintText(QPainter* painter, const QRectF& rect, const QString& text, const QFont& font, const QColor& color,
               Qt::Alignment alignment = Qt::AlignLeft | Qt::AlignVCenter);

/// Whether things may move at all: the style's word for what the system wants.
[[nodiscard]] bool motionWanted(const QWidget* widget);
/// How long a call flies.
inline constexpr std::chrono::milliseconds flight{200};

} // namespace labdrawing

} // namespace lockscope
