#include "app/lab/probe/probecleanup.h"

#include "app/lab/labsql.h"
#include "app/postgres/sqlfile.h"
#include "models/domain/displaytext.h"

#include <QRandomGenerator>

#include <algorithm>

namespace lockscope {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// How long a server may take to notice that a client has gone.
constexpr milliseconds goingPatience{500};
/// A pool without a free server connection lets its client wait; more connections do not help then.
constexpr milliseconds servedPatience{500};
/// One key can have been taken several times by one session.
constexpr int mostUnlocks = 20;

} // namespace

ProbeKeys ProbeKeys::random()
{
    auto* const generator = QRandomGenerator::system();
    const LockKey pair =
        LockKey::pair(static_cast<qint32>(generator->generate()), static_cast<qint32>(generator->generate()));
    const auto bits = (static_cast<quint64>(pair.classid()) << 32) | pair.objid();
    return {.pair = pair, .bigint = LockKey::bigint(static_cast<qint64>(bits))};
}

QByteArray ProbeKeys::holdersStatement() const
{
    return labStatement(QStringLiteral("probe_holders"), {{":classid", {pair.classid()}}, {":objid", {pair.objid()}}});
}

QString ProbeKeys::holdersWords() const
{
    return QCoreApplication::translate("Probe", "who holds %1 or %2 in pg_locks")
        .arg(pair.toString(), bigint.toString());
}

QByteArray ProbeKeys::unlockStatement(bool lasting) const
{
    // FROM comes first: the server connection is kept busy, then the key is let go.
    return QByteArray("SELECT pg_catalog.pg_advisory_unlock(") + pair.toSqlArguments().toLatin1() +
           "), pg_catalog.pg_advisory_unlock(" + bigint.toSqlArguments().toLatin1() + "), pg_catalog.pg_backend_pid()" +
           (lasting ? " FROM pg_catalog.pg_sleep(0.3)" : "");
}

std::optional<QList<ProbeHolder>> probeHolders(const ProbeAnswer& answer)
{
    if (answer.error)
        return {};
    QList<ProbeHolder> holders;
    for (const QStringList& row : answer.rows) {
        if (row.size() != 3) // not what was asked: something that only speaks the protocol
            return {};
        holders.append(
            {.pid = row.at(0).toInt(), .isPair = row.at(1) == QLatin1StringView("2"), .applicationName = row.at(2)});
    }
    return holders;
}

ProbeCleanup::ProbeCleanup(Conninfo endpoint, ProbeKeys keys, bool mayBegin, QStringList& evidence)
    : m_endpoint(std::move(endpoint))
    , m_keys(keys)
    , m_mayBegin(mayBegin)
    , m_evidence(evidence)
{
}

milliseconds ProbeCleanup::left() const
{
    return std::max(std::chrono::ceil<milliseconds>(m_until - steady_clock::now()), 0ms);
}

ProbeCleanup::Result ProbeCleanup::run(milliseconds budget)
{
    m_until = steady_clock::now() + budget;
    Result result;
    const auto finalLook = [&] {
        ProbeClient client(tr("last look"), m_endpoint, m_never, m_evidence);
        if (!client.open(left()))
            return;
        const auto holders = look(client, std::min(goingPatience, left()));
        result.known = holders.has_value();
        result.left = holders.value_or(QList<ProbeHolder>());
    };
    finalLook();
    // Where pg_locks cannot be read, unlocking is tried all the same: it does no harm to anybody.
    if (!result.isClean() && left() > 0ms) {
        sweep(result);
        m_clients.clear();
        m_until = std::max(m_until, steady_clock::now() + goingPatience);
        finalLook();
    }
    return result;
}

std::optional<QList<ProbeHolder>> ProbeCleanup::look(ProbeClient& client, milliseconds patience)
{
    const auto until = steady_clock::now() + patience;
    while (true) {
        const ProbeAnswer answer = client.ask(m_keys.holdersStatement(), std::max(left(), 1ms), m_keys.holdersWords());
        const auto holders = probeHolders(answer);
        if (!holders || holders->isEmpty() || steady_clock::now() >= until)
            return holders;
        m_evidence.removeLast(); // the same again
        static_cast<void>(platform::waitForSocket(-1, false, 20ms, nullptr));
    }
}

void ProbeCleanup::sweep(Result& result)
{
    // Each connection stays where it is, in a transaction or in a statement that lasts, so that the pooler has to give
    // the next one another server connection.
    while (result.connections < mostConnections && left() > 0ms) {
        m_clients.push_back(std::make_unique<ProbeClient>(tr("sweeper %1").arg(result.connections + 1), m_endpoint,
                                                          m_never, m_evidence));
        ProbeClient& client = *m_clients.back();
        if (!client.open(left()))
            return;
        ++result.connections;
        if (!m_mayBegin) {
            client.begin(m_keys.unlockStatement(true));
            continue;
        }
        client.begin("BEGIN");
        const auto begun = client.within(std::min(servedPatience, left()));
        if (!begun || begun->error)
            return;
        if (!unlockAll(client))
            continue;
        const auto holders =
            probeHolders(client.ask(m_keys.holdersStatement(), std::max(left(), 1ms), m_keys.holdersWords()));
        if (holders && holders->isEmpty())
            return;
    }
    for (const auto& client : m_clients) {
        if (client->isBusy())
            static_cast<void>(client->within(left()));
    }
}

bool ProbeCleanup::unlockAll(ProbeClient& client)
{
    bool any = false;
    for (int i = 0; i < mostUnlocks && left() > 0ms; ++i) {
        const ProbeAnswer answer = client.ask(m_keys.unlockStatement(), left());
        if (answer.error || (answer.cell(0) != QLatin1StringView("t") && answer.cell(1) != QLatin1StringView("t")))
            break;
        any = true;
    }
    return any;
}

QString ProbeCleanup::describe(const ProbeHolder& holder, const ProbeKeys& keys)
{
    const QString key =
        holder.isPair ? tr("key %1").arg(keys.pair.toString()) : tr("key %1").arg(keys.bigint.toString());
    return holder.applicationName.isEmpty()
               ? tr("%1, held by backend %2").arg(key, QString::number(holder.pid))
               : tr("%1, held by backend %2, which is now called \"%3\"")
                     .arg(key, QString::number(holder.pid), cellText(holder.applicationName, 100));
}

QString ProbeCleanup::howToRemove(const ProbeHolder& holder, const ProbeKeys& keys)
{
    // The lock itself is the guard: a process id that was given out again does not hold this random key.
    const LockKey key = holder.isPair ? keys.pair : keys.bigint;
    const QString statement =
        QStringLiteral(
            "SELECT pg_catalog.pg_terminate_backend(l.pid) FROM pg_catalog.pg_locks AS l WHERE l.pid = %1 AND "
            "l.locktype = 'advisory' AND l.classid::int8 = %2 AND l.objid::int8 = %3 AND l.objsubid = %4")
            .arg(QString::number(holder.pid), QString::number(key.classid()), QString::number(key.objid()),
                 QString::number(key.objsubid()));
    return tr("A key is left on backend %1. It goes with that server connection: RECONNECT or KILL of this database in "
              "the pooler's console, or as an administrator on the server: %2")
        .arg(QString::number(holder.pid), statement);
}

} // namespace lockscope
