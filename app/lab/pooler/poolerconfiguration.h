#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/poolerspec.h"

#include <QByteArray>
#include <QString>

namespace lockscope {

/// The text of pgbouncer.ini. The error says what PgBouncer could not be told: a pool size out of range, a line break,
/// several hosts. Reads the environment and the service file as libpq does; sends nothing. Holds the password.
[[nodiscard]] Result<QByteArray> poolerConfiguration(const Conninfo& server, const PoolerSpec& spec,
                                                     const QString& socketDirectory, const QString& port);

} // namespace lockscope
