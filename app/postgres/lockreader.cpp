#include "app/postgres/lockreader.h"

#include "app/postgres/lockgathering.h"
#include "app/postgres/lockrows.h"
#include "app/postgres/servertext.h"
#include "app/postgres/sqlfile.h"

#include <QCoreApplication>
#include <QSet>

namespace lockscope {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct Messages
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::LockReader)
};

} // namespace

LockReader::LockReader(LibpqConnection& connection, const ServerInfo& server, qint64 keptLocks)
    : m_connection(connection)
    , m_server(server)
    , m_keptLocks(keptLocks)
    , m_names(server)
{
}

Result<void> LockReader::prepareSession(milliseconds deadline)
{
    if (!m_server.behindPooler()) {
        const auto answer = m_connection.executeOne(sqlStatement(QStringLiteral("observer_settings")), deadline);
        if (!answer)
            return failure(answer.error());
    }
    m_names.ask(m_connection, deadline);
    return {};
}

Result<std::vector<QueryAnswer>> LockReader::askLocks(bool everyType, milliseconds deadline)
{
    QString name = everyType ? QStringLiteral("all_locks") : QStringLiteral("advisory_locks");
    if (m_server.versionNumber < 140000)
        name += QStringLiteral("_13");
    auto answers =
        m_connection.execute(sqlStatement(QStringLiteral("server_clock")) + ";\n" + sqlStatement(name), deadline);
    if (answers && answers->size() != 2)
        return failure(
            {.kind = ErrorKind::Server, .what = Messages::tr("The server did not answer as PostgreSQL does.")});
    return answers;
}

Result<SnapshotPointer> LockReader::read(LockScope scope, milliseconds deadline)
{
    const auto start = steady_clock::now();
    bool everyType = scope == LockScope::AllTypes || m_waitsCrossTypes;
    auto answers = askLocks(everyType, deadline);
    if (!answers)
        return failure(answers.error());
    LockGathering gathering(scope, m_keptLocks);
    if (!everyType) {
        gathering.takeGathered(answers->at(1));
        everyType = gathering.crossesTypes();
        if (everyType) { // two statements are two moments: all of the first is thrown away
            answers = askLocks(true, deadline);
            if (!answers)
                return failure(answers.error());
            gathering = LockGathering(scope, m_keptLocks);
        }
    }
    if (everyType)
        gathering.takeEvery(answers->at(1));
    m_waitsCrossTypes = scope == LockScope::AdvisoryOnly && gathering.crossesTypes();

    auto snapshot = std::make_shared<Snapshot>();
    snapshot->scope = scope;
    snapshot->takenAt = ServerTime(microseconds(answers->at(0).int64(0, 0)));
    snapshot->everyBackend = m_everyBackend;
    if (const auto backends = readBackends(gathering.pids(), *snapshot, deadline); !backends) {
        if (m_connection.isBroken())
            return failure(backends.error());
        snapshot->withoutNames = true;
    }
    if (!gathering.preparedTransactions().isEmpty()) {
        const auto prepared = readPrepared(gathering.preparedTransactions(), *snapshot, deadline);
        if (!prepared && m_connection.isBroken())
            return failure(prepared.error());
    }
    if (m_waitsCrossTypes)
        gathering.takeRestOfThoseInvolved(answers->at(1), snapshot->backends);
    gathering.moveTo(*snapshot);

    snapshot->databaseNames = m_names.databaseNames();
    snapshot->serial = ++m_serial;
    snapshot->receivedAt = steady_clock::now();
    snapshot->pollDuration = std::chrono::duration_cast<microseconds>(snapshot->receivedAt - start);
    m_backends = snapshot->backends;
    return snapshot;
}

Result<void> LockReader::readBackends(const QSet<qint32>& pids, Snapshot& snapshot, milliseconds deadline)
{
    const auto answer = askBackends(pids, m_everyBackend, snapshot, deadline);
    if (!answer)
        return failure(answer.error());
    takeBackends(*answer, snapshot, deadline);

    // A parallel worker that waits has a leader, which may hold nothing that was read.
    QSet<qint32> leaders;
    for (const BackendPointer& backend : std::as_const(snapshot.backends)) {
        if (backend->leaderPid != 0 && !snapshot.backends.contains(backend->leaderPid))
            leaders.insert(backend->leaderPid);
    }
    if (leaders.isEmpty())
        return {};
    const auto more = askBackends(leaders, false, snapshot, deadline);
    if (!more)
        return failure(more.error());
    takeBackends(*more, snapshot, deadline);
    return {};
}

Result<QueryAnswer> LockReader::askBackends(const QSet<qint32>& pids, bool everyBackend, Snapshot& snapshot,
                                            milliseconds deadline)
{
    QByteArray list;
    for (const qint32 pid : pids)
        list += (list.isEmpty() ? "" : ",") + QByteArray::number(pid);
    const auto ask = [&](const QString& name) {
        QByteArray statement = sqlStatement(name);
        statement.replace("%1", list).replace("%2", everyBackend ? "1" : "0");
        return m_connection.executeOne(textAsItIs(m_server.serverEncoding) + statement, deadline);
    };
    auto answer = ask(m_server.versionNumber < 130000 ? QStringLiteral("backends_12") : QStringLiteral("backends"));
    // One session with bytes that are no text must not blind the console: once more without what applications wrote.
    // 22021: no valid text of its encoding; 22P05: a character that the other encoding does not have.
    if (!answer && (answer.error().sqlState == QLatin1StringView("22021") ||
                    answer.error().sqlState == QLatin1StringView("22P05"))) {
        snapshot.withoutNames = true;
        answer = ask(QStringLiteral("backends_without_text"));
    }
    return answer;
}

void LockReader::takeBackends(const QueryAnswer& answer, Snapshot& snapshot, milliseconds deadline)
{
    QList<Backend> backends;
    bool known = true;
    for (int row = 0; row < answer.rows(); ++row) {
        backends.append(backendIn(answer, row));
        known &= m_names.knows(backends.last().databaseOid, backends.last().roleOid);
    }
    if (!known)
        m_names.noteUnknown(m_connection, deadline);

    for (int row = 0; row < answer.rows(); ++row) {
        Backend& backend = backends[row];
        m_names.name(backend);
        if (!backend.restricted)
            backend.query = serverText(answer.bytes(row, BackendField::Query), m_names.encodingOf(backend.databaseOid));
        const qint32 pid = backend.id.pid;
        const BackendPointer before = m_backends.value(pid);
        snapshot.backends.insert(
            pid, before && *before == backend ? before : std::make_shared<const Backend>(std::move(backend)));
    }
}

Result<void> LockReader::readPrepared(const QHash<quint64, quint32>& transactions, Snapshot& snapshot,
                                      milliseconds deadline)
{
    const auto answer = m_connection.executeOne(
        textAsItIs(m_server.serverEncoding) + sqlStatement(QStringLiteral("prepared_transactions")), deadline);
    if (!answer)
        return failure(answer.error());
    QHash<quint32, PreparedTransaction> found;
    for (int row = 0; row < answer->rows(); ++row) {
        PreparedTransaction prepared = preparedIn(*answer, row);
        prepared.gid = serverText(answer->bytes(row, PreparedField::Gid), m_names.encodingOf(prepared.databaseOid));
        prepared.owner = m_names.roleName(static_cast<quint32>(answer->int64(row, PreparedField::Owner)));
        found.insert(prepared.transactionId, std::move(prepared));
    }
    for (auto transaction = transactions.cbegin(); transaction != transactions.cend(); ++transaction) {
        if (const auto prepared = found.constFind(*transaction); prepared != found.cend())
            snapshot.prepared.insert(transaction.key(), *prepared);
    }
    return {};
}

} // namespace lockscope
