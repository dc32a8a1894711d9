#pragma once

#include "models/domain/lock.h"

#include <QByteArray>
#include <QList>
#include <QString>

#include <initializer_list>

namespace lockscope {

/// A parameter of one of the lab's statements. Whole numbers are all that these statements carry, so nothing can be
/// smuggled in.
struct StatementParameter
{
    const char* name = nullptr; ///< as the file has it, with the colon: ":pid"
    QList<qint64> values;       ///< several become a list with commas
};

/// resources/sql/NAME.sql with its parameters filled in. Pure; any thread.
[[nodiscard]] QByteArray labStatement(const QString& name, std::initializer_list<StatementParameter> parameters = {});

/// Microseconds since 1970, as the statements have it; 0 when it is not known.
[[nodiscard]] qint64 backendStartMicroseconds(const BackendId& backend);
/// terminate_backend.sql: whether the start is hidden, whether the signal was sent; no row when there is no such
/// backend.
[[nodiscard]] QByteArray terminateStatement(const BackendId& backend);
/// watch_key.sql: pid, granted, mode, blockers as "{1,2}", application_name; holders first.
[[nodiscard]] QByteArray keyStatement(LockKey key);
/// watch_look.sql: part (0 backend, 1 lock), pid, granted, classid, objid, objsubid.
[[nodiscard]] QByteArray lookStatement(const BackendId& backend, const QList<qint64>& watchedPids);

} // namespace lockscope
