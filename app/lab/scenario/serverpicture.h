#pragma once

#include "models/domain/lock.h"

#include <QByteArray>
#include <QList>
#include <QString>
#include <QStringList>

namespace lockscope {

/// One advisory lock as lesson_look.sql tells it.
struct PictureLock
{
    LockKey key = {};
    QString database = {};
    qint32 pid = 0; ///< 0: a prepared transaction
    QString gid = {};
    QString mode = {}; ///< "ExclusiveLock"
    bool granted = true;
    QString applicationName = {}; ///< hostile text
    friend bool operator==(const PictureLock&, const PictureLock&) = default;
};

struct PictureBackend
{
    BackendId id = {};
    QString state = {};
    QString applicationName = {};
    QList<qint32> blockers = {}; ///< 0: a prepared transaction
    friend bool operator==(const PictureBackend&, const PictureBackend&) = default;
};

/// What the server showed at one moment of a lesson. A value.
struct ServerPicture
{
    QList<PictureLock> locks = {};
    QList<PictureBackend> backends = {};
    [[nodiscard]] const PictureBackend* backend(qint32 pid) const;
    friend bool operator==(const ServerPicture&, const ServerPicture&) = default;
};

/// lesson_look.sql: all advisory locks on these keys, in any database, and all that these backends have.
[[nodiscard]] QByteArray lookStatement(const QList<LockKey>& keys, const QList<qint64>& backends);
[[nodiscard]] ServerPicture readPicture(const QList<QStringList>& rows);
/// "Exclusive", "Share": pg_locks without its ending.
[[nodiscard]] QString modeWord(const QString& serverMode);

} // namespace lockscope
