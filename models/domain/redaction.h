#pragma once

#include <QString>

namespace lockscope {

/// SQL (or a message that quotes SQL) with every password literal replaced by '***': PASSWORD '...' in all ways to
/// quote it, and password=... or user:password@ inside connection strings. A literal that never ends is masked to the
/// end of the text; where the end of a literal depends on standard_conforming_strings, the later end is taken. Pure;
/// linear in the length of the text.
[[nodiscard]] QString withoutPasswords(const QString& text);

} // namespace lockscope
