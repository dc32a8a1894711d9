#include "app/lab/scenario/serverpicture.h"

#include "app/lab/labsql.h"

#include <algorithm>

namespace lockscope {

namespace {

/// "{1,2}"
QList<qint32> numbers(const QString& list)
{
    QList<qint32> pids;
    for (const QString& number : list.mid(1).chopped(list.size() > 1 ? 1 : 0).split(u',', Qt::SkipEmptyParts))
        pids.append(number.toInt());
    return pids;
}

} // namespace

const PictureBackend* ServerPicture::backend(qint32 pid) const
{
    const auto found = std::find_if(backends.cbegin(), backends.cend(),
                                    [pid](const PictureBackend& backend) { return backend.id.pid == pid; });
    return found == backends.cend() ? nullptr : &*found;
}

QByteArray lookStatement(const QList<LockKey>& keys, const QList<qint64>& backends)
{
    QList<qint64> classids;
    QList<qint64> objids;
    QList<qint64> objsubids;
    for (const LockKey& key : keys) {
        classids.append(key.classid());
        objids.append(key.objid());
        objsubids.append(key.objsubid());
    }
    return labStatement(QStringLiteral("lesson_look"), {{":lesson_backends", backends},
                                                        {":lesson_classids", classids},
                                                        {":lesson_objids", objids},
                                                        {":lesson_objsubids", objsubids}});
}

ServerPicture readPicture(const QList<QStringList>& rows)
{
    ServerPicture picture;
    for (const QStringList& row : rows) {
        if (row.value(0) == u"0") {
            PictureBackend backend{.id = {row.value(1).toInt(), {}},
                                   .state = row.value(3),
                                   .applicationName = row.value(4),
                                   .blockers = numbers(row.value(5))};
            if (!row.value(2).isEmpty())
                backend.id.backendStart = ServerTime(std::chrono::microseconds(row.value(2).toLongLong()));
            picture.backends.append(backend);
            continue;
        }
        const auto key = LockKey::fromLockTag(row.value(8).toUInt(), row.value(9).toUInt(), row.value(10).toUShort());
        if (!key)
            continue; // an extension's own
        picture.locks.append({.key = *key,
                              .database = row.value(7),
                              .pid = row.value(1).toInt(),
                              .gid = row.value(11),
                              .mode = row.value(3),
                              .granted = row.value(6) == u"t",
                              .applicationName = row.value(4)});
    }
    return picture;
}

QString modeWord(const QString& serverMode)
{
    return displayName(lockModeFromServer(serverMode));
}

} // namespace lockscope
