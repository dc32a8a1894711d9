#pragma once

#include <QColor>
#include <QFont>
#include <QPalette>
#include <QString>

#include <chrono>

class QApplication;

namespace lockscope {

enum class ColorScheme
{
    FollowSystem,
    Light,
    Dark
};

/// A meaning that has a colour, a shape and a word: see theme.cpp, the one token table.
enum class Tone : int
{
    Held,
    Waiting,
    Blocker,
    Mine,
    New,
    Gone,
    Stale,
    Error,
    Accent,
    End_
};

/// The look: Fusion with our own palette, light and dark, one accent. GUI thread. Holds no state of the program;
/// whoever paints asks with the palette at hand, so a switch of scheme needs no restart.
namespace theme {

/// Sets style, palette and fonts of the application; may be called again at any time. training: everything 1.5 times
/// larger. FollowSystem reads the desktop's palette at the time of the call; call again when a window got
/// QEvent::ThemeChange (MainWindow::systemThemeChanged).
void apply(QApplication& application, ColorScheme scheme, bool training);
[[nodiscard]] bool isDark(const QPalette& palette);
[[nodiscard]] QColor color(Tone tone, const QPalette& palette);
/// Secondary text on this palette's base: at least 4.5:1.
[[nodiscard]] QColor mutedText(const QPalette& palette);
[[nodiscard]] QColor hairline(const QPalette& palette);
/// Behind a pill of this tone; opaque, so that a pill looks the same on every row.
[[nodiscard]] QColor pillBackground(Tone tone, const QPalette& palette);
/// A whole row or banner of this tone: the base with a breath of the tone.
[[nodiscard]] QColor tint(Tone tone, const QPalette& palette, double strength = 0.07);
/// The background of selected rows; quiet, so that the tones keep their meaning on it.
[[nodiscard]] QColor selection(const QPalette& palette);
/// Interface face in the one larger size, demibold: page and empty-state titles.
[[nodiscard]] QFont titleFont();
/// Interface face in the usual size, demibold.
[[nodiscard]] QFont strongFont();
/// Keys, pids, durations, SQL: tabular figures.
[[nodiscard]] QFont monospace();
/// 8 px grid at the usual text size; grows with training mode.
[[nodiscard]] int grid();
[[nodiscard]] int rowHeight(bool compact = false);
/// Edge length of icons beside text of the usual size: 16 px, more in training mode.
[[nodiscard]] int iconSize();

} // namespace theme

} // namespace lockscope
