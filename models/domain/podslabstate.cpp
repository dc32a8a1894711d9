#include "models/domain/podslabstate.h"

#include "models/domain/displaytext.h"

#include <QCoreApplication>

namespace lockscope {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::PodsLabState)
};

constexpr int nameCharacters = 40;

} // namespace

QString describe(const PodMisbelief& misbelief)
{
    const QString pod = cellText(misbelief.pod, nameCharacters);
    const QString key = misbelief.key.toString();
    if (!misbelief.holder)
        return Words::tr("%1 believes it holds key %2; on the server nobody holds it.").arg(pod, key);
    const PodHolder& holder = *misbelief.holder;
    if (holder.pod == misbelief.pod)
        return Words::tr("%1 believes it holds key %2 on a session that is gone; another session of its own holds it.")
            .arg(pod, key);
    if (!holder.pod.isEmpty())
        return Words::tr("%1 believes it holds key %2; the server gave it to %3.")
            .arg(pod, key, cellText(holder.pod, nameCharacters));
    if (holder.pid == 0)
        return Words::tr("%1 believes it holds key %2; on the server a prepared transaction holds it.").arg(pod, key);
    return Words::tr("%1 believes it holds key %2; the server gave it to pid %3 (%4).")
        .arg(pod, key, QString::number(holder.pid), cellText(holder.applicationName, nameCharacters));
}

LockKey keyAt(const PodLoad& load, int number)
{
    if (load.firstKey.form() == KeyForm::Int4Pair) {
        const auto second = static_cast<quint32>(load.firstKey.second()) + static_cast<quint32>(number);
        return LockKey::pair(load.firstKey.first(), static_cast<qint32>(second));
    }
    return LockKey::bigint(
        static_cast<qint64>(static_cast<quint64>(load.firstKey.value()) + static_cast<quint64>(number)));
}

QString describe(const PodWrite& write)
{
    const QString token = QString::number(write.token);
    const QString newest = QString::number(write.newest);
    if (!write.accepted)
        return write.token == 0 ? Words::tr("refused: it came without a token")
                                : Words::tr("refused: token %1 is older than %2").arg(token, newest);
    if (write.stale)
        return Words::tr("accepted, and overwrote newer work: token %1 after %2").arg(token, newest);
    if (write.late)
        return Words::tr("accepted, though the pod no longer held the lock");
    return Words::tr("accepted");
}

bool isDamage(const PodWrite& write)
{
    return write.accepted && (write.stale || write.late);
}

} // namespace lockscope
