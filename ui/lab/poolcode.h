#pragma once

#include "ui/lab/codepane.h"

namespace lockscope {

/// An advisory lock over a pool, in libraries that people use: the wrong form, the right one and the one that ends with
/// the transaction. Read from the program's resources.
[[nodiscard]] QList<CodeSnippet> poolCode();

} // namespace lockscope
