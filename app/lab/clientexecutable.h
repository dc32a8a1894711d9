#pragma once

#include "models/domain/result.h"

#include <QString>

namespace lockscope {

/// Where lockscope-client is: what LOCKSCOPE_CLIENT names, else next to this program, else ../libexec/lockscope. The
/// error says where it was looked for.
[[nodiscard]] Result<QString> findClientExecutable();

} // namespace lockscope
