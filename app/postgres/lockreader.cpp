#include "app/postgres/lockreader.h"

#include "app/postgres/lockrows.h"
#include "app/postgres/sqlfile.h"

#include <QCoreApplication>
#include <QSet>

#include <algorithm>

namespace lockscope {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Names change rarely; an oid that stays unknown (dropped meanwhile, no rights) must not cause a question per poll.
constexpr std::chrono::seconds namesAskedAgainAfter{10};

struct Messages
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::LockReader)
};

QList<qint32> involvedPids(const Snapshot& snapshot)
{
    QSet<qint32> pids;
    for (const Lock& lock : snapshot.locks)
        pids.insert(lock.backend.pid);
    for (const QList<qint32>& blockers : snapshot.blockers) {
        for (const qint32 blocker : blockers)
            pids.insert(blocker);
    }
    pids.remove(0); // a prepared transaction has no backend
    return pids.values();
}

QHash<quint32, QString> namesIn(const QueryAnswer& answer)
{
    QHash<quint32, QString> names;
    for (int row = 0; row < answer.rows(); ++row)
        names.insert(static_cast<quint32>(answer.int64(row, 0)), answer.text(row, 1));
    return names;
}

} // namespace

LockReader::LockReader(LibpqConnection& connection, const ServerInfo& server, qint64 keptLocks)
    : m_connection(connection)
    , m_server(server)
    , m_keptLocks(keptLocks)
{
}

Result<void> LockReader::prepareSession(milliseconds deadline)
{
    if (!m_server.behindPooler()) {
        const auto answer = m_connection.executeOne(sqlStatement(QStringLiteral("observer_settings")), deadline);
        if (!answer)
            return failure(answer.error());
    }
    askNames(deadline);
    return {};
}

QByteArray LockReader::statementFor(LockScope scope) const
{
    const bool before14 = m_server.versionNumber < 140000;
    if (scope == LockScope::AllTypes)
        return sqlStatement(before14 ? QStringLiteral("all_locks_13") : QStringLiteral("all_locks"));
    return sqlStatement(before14 ? QStringLiteral("advisory_locks_13") : QStringLiteral("advisory_locks"));
}

Result<SnapshotPointer> LockReader::read(LockScope scope, milliseconds deadline)
{
    const auto start = steady_clock::now();
    const auto answers =
        m_connection.execute(sqlStatement(QStringLiteral("server_clock")) + ";\n" + statementFor(scope), deadline);
    if (!answers)
        return failure(answers.error());
    if (answers->size() != 2)
        return failure(
            {.kind = ErrorKind::Server, .what = Messages::tr("The server did not answer as PostgreSQL does.")});

    auto snapshot = std::make_shared<Snapshot>();
    snapshot->scope = scope;
    snapshot->takenAt = ServerTime(microseconds(answers->at(0).int64(0, 0)));
    readLocks(answers->at(1), scope, *snapshot);

    if (const auto backends = readBackends(*snapshot, deadline); !backends) {
        if (m_connection.isBroken())
            return failure(backends.error());
        snapshot->withoutNames = true;
    }
    for (Lock& lock : snapshot->locks) {
        if (const auto backend = snapshot->backends.constFind(lock.backend.pid); backend != snapshot->backends.cend())
            lock.backend.backendStart = (*backend)->id.backendStart;
    }
    std::sort(snapshot->locks.begin(), snapshot->locks.end(), identityLess);

    snapshot->databaseNames = m_databaseNames;
    snapshot->serial = ++m_serial;
    snapshot->receivedAt = steady_clock::now();
    snapshot->pollDuration = std::chrono::duration_cast<microseconds>(snapshot->receivedAt - start);
    m_backends = snapshot->backends;
    return snapshot;
}

void LockReader::readLocks(const QueryAnswer& answer, LockScope scope, Snapshot& snapshot) const
{
    for (int row = 0; row < answer.rows(); ++row) {
        Lock lock = lockHead(answer, row);
        if (!lock.granted)
            snapshot.blockers.insert(lock.backend.pid, blockersIn(answer.bytes(row, LockField::Blockers)));
        if (scope == LockScope::AllTypes) {
            ++snapshot.totalLocks;
            if (snapshot.locks.size() >= m_keptLocks && lock.granted)
                continue;
            fillTarget(answer, row, lock.target);
            snapshot.locks.append(lock);
            continue;
        }
        lock.target.type = LockType::Advisory;
        forEachInteger(answer.bytes(row, LockField::Keys), [&](qint64 tag) {
            ++snapshot.totalLocks;
            if (snapshot.locks.size() >= m_keptLocks && lock.granted)
                return;
            lock.target.classid = static_cast<quint32>(static_cast<quint64>(tag) >> 32);
            lock.target.objid = static_cast<quint32>(tag & 0xffffffff);
            snapshot.locks.append(lock);
        });
    }
}

Result<void> LockReader::readBackends(Snapshot& snapshot, milliseconds deadline)
{
    const QList<qint32> pids = involvedPids(snapshot);
    if (pids.isEmpty())
        return {};
    QByteArray list;
    for (const qint32 pid : pids)
        list += (list.isEmpty() ? "" : ",") + QByteArray::number(pid);

    const auto ask = [&](const QString& name) {
        return m_connection.executeOne(sqlStatement(name).replace("%1", list), deadline);
    };
    auto answer = ask(m_server.versionNumber < 130000 ? QStringLiteral("backends_12") : QStringLiteral("backends"));
    // One session with bytes that are no text must not blind the console: once more without what applications wrote.
    if (!answer && answer.error().sqlState == QLatin1String("22021")) {
        snapshot.withoutNames = true;
        answer = ask(QStringLiteral("backends_without_text"));
    }
    if (!answer)
        return failure(answer.error());

    bool unknownNames = false;
    QHash<qint32, Backend> backends;
    for (int row = 0; row < answer->rows(); ++row) {
        Backend backend = backendIn(*answer, row);
        const quint32 role = roleIn(*answer, row); // 0: a background process, which has neither role nor database
        unknownNames |= (backend.databaseOid != 0 && !m_databaseNames.contains(backend.databaseOid)) ||
                        (role != 0 && !m_roleNames.contains(role));
        backends.insert(backend.id.pid, std::move(backend));
    }
    if (unknownNames && steady_clock::now() - m_namesAskedAt > namesAskedAgainAfter)
        askNames(deadline);

    for (int row = 0; row < answer->rows(); ++row) {
        Backend& backend = backends[static_cast<qint32>(answer->int64(row, BackendField::Pid))];
        backend.database = nameOrNumber(m_databaseNames, backend.databaseOid, QStringLiteral("database"));
        backend.user = nameOrNumber(m_roleNames, roleIn(*answer, row), QStringLiteral("role"));
        const BackendPointer known = m_backends.value(backend.id.pid);
        snapshot.backends.insert(
            backend.id.pid, known && *known == backend ? known : std::make_shared<const Backend>(std::move(backend)));
    }
    return {};
}

void LockReader::askNames(milliseconds deadline)
{
    m_namesAskedAt = steady_clock::now();
    // Each may fail alone (a locked catalog, a full lock table, a name that is no valid text): what is known stays.
    if (const auto databases = m_connection.executeOne(sqlStatement(QStringLiteral("database_names")), deadline))
        m_databaseNames = namesIn(*databases);
    if (const auto roles = m_connection.executeOne(sqlStatement(QStringLiteral("role_names")), deadline))
        m_roleNames = namesIn(*roles);
}

} // namespace lockscope
