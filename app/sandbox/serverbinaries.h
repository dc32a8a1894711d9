#pragma once

#include "models/domain/result.h"

#include <QString>
#include <QStringList>

namespace lockscope {

/// Where initdb and postgres are.
struct ServerBinaries
{
    QString directory;
    QString version; ///< "15.18"
    int major = 0;   ///< 15
};

/// Looks in LOCKSCOPE_PG_BINDIR, `pg_config --bindir`, PATH and the usual folders of distributions (newest major
/// first). The error says what to install. LOCKSCOPE_PG_BINDIR is an order, not a hint: when it is set nothing else is
/// looked at. Runs `pg_config` and `postgres --version` and waits for them, on the calling thread.
[[nodiscard]] Result<ServerBinaries> findServerBinaries();

/// The first of these folders that holds a PostgreSQL server that can be run.
[[nodiscard]] Result<ServerBinaries> findServerBinariesIn(const QStringList& directories);
/// The folders that findServerBinaries() looks at without LOCKSCOPE_PG_BINDIR, best first; they need not exist.
[[nodiscard]] QStringList serverBinaryDirectories();

} // namespace lockscope
