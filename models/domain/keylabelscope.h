#pragma once

#include "models/domain/keydictionary.h"

namespace lockscope {

/// Which keys a label is for: one, a range of bigints, or all pairs with one first half.
using KeyLabelScope = decltype(KeyLabel::what);

/// As people read and type it: "5", "(-5, 7)", "100 to 200", "(7, *)".
[[nodiscard]] QString describe(const KeyLabelScope& scope);

/// Reads what describe() says, and the forms people use besides: "-5, 7", "100..200", "7, *". The error says what is
/// wrong and what is possible. Pure.
[[nodiscard]] Result<KeyLabelScope> parseKeyLabelScope(const QString& text);

inline constexpr qsizetype maximumLabelLength = 300;
/// A name fit to be kept: blanks around it taken off, one line, not empty, at most maximumLabelLength characters.
[[nodiscard]] Result<QString> labelText(const QString& text);

} // namespace lockscope
