#pragma once

#include <QString>
#include <QStringView>

/// The one place that makes text from the server (names, queries, messages, notices) fit to be shown.
/// Pure functions for any thread. Each cuts first and looks at no more than what is left, so 2 MB cost what 1 kB costs.
/// In what they return no control character, no bidirectional control, no invisible format character and no half of a
/// surrogate pair is left; a run of combining marks is shortened to four, so that nothing paints over its neighbours.
namespace lockscope {

/// One line for a cell, a label, a menu: line breaks become U+2424, other control characters their U+2400 pictures.
/// At most maximumCharacters UTF-16 units; text that was cut ends in an ellipsis.
[[nodiscard]] QString cellText(QStringView text, int maximumCharacters = 1024);

/// Several lines for a plain-text viewer or label: line breaks (as LF) and tabs stay.
[[nodiscard]] QString paragraphText(QStringView text, int maximumCharacters = 16 * 1024);

/// The first UTF-16 units, one less where that would leave half of a surrogate pair: for cutting before further work.
[[nodiscard]] QString firstCharacters(const QString& text, qsizetype most);

/// Plain text as a tooltip: escaped inside <qt>, because QToolTip guesses rich text from what looks like a tag. Line
/// breaks stay. Empty for empty text, so that no empty tooltip pops up.
[[nodiscard]] QString plainTooltip(QStringView text, int maximumCharacters = 4 * 1024);

/// For menus, buttons, tabs and group boxes, where & marks a mnemonic and a tab starts the shortcut column.
[[nodiscard]] QString escapedMnemonic(QStringView text, int maximumCharacters = 256);

} // namespace lockscope
