#include "app/lab/labsql.h"

#include "app/postgres/sqlfile.h"

namespace lockscope {

QByteArray labStatement(const QString& name, std::initializer_list<StatementParameter> parameters)
{
    QByteArray statement = sqlStatement(name);
    for (const StatementParameter& parameter : parameters) {
        QByteArrayList numbers;
        for (const qint64 value : parameter.values)
            numbers.append(QByteArray::number(value));
        statement.replace(parameter.name, numbers.join(','));
    }
    return statement;
}

qint64 backendStartMicroseconds(const BackendId& backend)
{
    return backend.backendStart ? backend.backendStart->time_since_epoch().count() : 0;
}

QByteArray terminateStatement(const BackendId& backend)
{
    return labStatement(QStringLiteral("terminate_backend"),
                        {{":pid", {backend.pid}}, {":backend_start", {backendStartMicroseconds(backend)}}});
}

QByteArray keyStatement(LockKey key)
{
    return labStatement(QStringLiteral("watch_key"),
                        {{":classid", {key.classid()}}, {":objid", {key.objid()}}, {":objsubid", {key.objsubid()}}});
}

QByteArray lookStatement(const BackendId& backend, const QList<qint64>& watchedPids)
{
    return labStatement(
        QStringLiteral("watch_look"),
        {{":pid", {backend.pid}}, {":backend_start", {backendStartMicroseconds(backend)}}, {":watched", watchedPids}});
}

} // namespace lockscope
