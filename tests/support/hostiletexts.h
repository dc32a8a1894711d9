#pragma once

#include <QList>
#include <QString>

namespace lockscope::test {

/// What strangers put, or could put, into names, queries, messages and labels.
struct HostileText
{
    QString family = {}; ///< "markup", "bidi": for the name of a data row
    QString text = {};
};

/// All of them, each text once; the same in every run.
[[nodiscard]] const QList<HostileText>& hostileTexts();
[[nodiscard]] QStringList hostileTextsOf(const QString& family);
/// The column "payload" and a row for each text; for a _data() function.
void addHostileRows();

/// What a person could see of a text: letters, numbers, punctuation and symbols, in order. Blanks, marks, controls and
/// what Unicode defines as invisible stay out; so do the characters that stand in for them (pictures of controls, the
/// replacement character, the ellipsis of a cut).
[[nodiscard]] QString visiblePart(const QString& text);
/// "U+202E at 3": the first character that must never reach a screen or a terminal; empty when there is none.
/// Line breaks and tabs are only let through in texts of several lines.
[[nodiscard]] QString unsafeCharacter(const QString& text, bool severalLines);

/// A text with what only tells lines apart made equal: line breaks and tabs become their pictures.
[[nodiscard]] QString inOneLine(const QString& text);

} // namespace lockscope::test
