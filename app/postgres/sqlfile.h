#pragma once

#include <QByteArray>
#include <QString>

namespace lockscope {

/// The text of resources/sql/<name>.sql, one statement without its comment lines.
/// Asserts that there is such a
/// file: names are written in the code, never made from input. Usable on any thread.
[[nodiscard]] QByteArray sqlStatement(const QString& name);

} // namespace lockscope
