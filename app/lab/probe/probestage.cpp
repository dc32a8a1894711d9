#include "app/lab/probe/probestage.h"

#include "app/postgres/sqlfile.h"
#include "models/domain/lockrequest.h"

#include <algorithm>

namespace lockscope {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

/// How long a pooler may take to open one more server connection for a client that waits.
constexpr milliseconds servedPatience{1500};
constexpr int mostUnlocks = 20;

} // namespace

ProbeStage::ProbeStage(Conninfo endpoint_, ProbeStop& stop)
    : endpoint(
          withDefaults(endpoint_.with(QStringLiteral("application_name"), {}), QStringLiteral("lockscope lab probe")))
    , keys(ProbeKeys::random())
    , m_stop(stop)
{
}

ProbeStage::~ProbeStage()
{
    closeAll();
}

milliseconds ProbeStage::connectLimit() const
{
    return std::min<milliseconds>(openTimeout(endpoint), 20s);
}

std::unique_ptr<ProbeClient> ProbeStage::newClient(const QString& name)
{
    return std::make_unique<ProbeClient>(name, endpoint, m_stop, evidence);
}

Result<void> ProbeStage::openFirst()
{
    auto first = newClient(QStringLiteral("A"));
    if (auto opened = first->open(connectLimit()); !opened)
        return opened;
    clients.push_back(std::move(first));
    const auto pid = backendOf(client(0));
    findings.tellsBackend = pid.has_value();
    findings.claimDiffers = pid && client(0).claimedPid() != *pid;
    const ProbeAnswer server = ask(client(0), sqlStatement(QStringLiteral("probe_server")));
    if (!server.error && server.rows.value(0).size() == 2)
        version = server.cell(1).section(QLatin1Char(' '), 0, 0);
    // A key that somebody else uses would be taken for our own.
    for (int i = 0; i < 5; ++i) {
        const auto users = holders(client(0));
        if (!users || users->isEmpty())
            break;
        keys = ProbeKeys::random();
    }
    return {};
}

void ProbeStage::openOthers()
{
    for (int i = 1; i < mostClients && !isOver(); ++i) {
        auto next = newClient(QString(QLatin1Char(static_cast<char>('A' + i))));
        if (const auto opened = next->open(connectLimit()); !opened) {
            evidence.append(tr("%1: could not connect: %2").arg(next->name(), opened.error().what));
            alone = tr("a second client could not connect");
            return;
        }
        next->begin(sqlStatement(QStringLiteral("probe_backend")));
        const auto answer = next->within(servedPatience);
        if (!answer && !isOver()) {
            evidence.append(tr("%1: connected and got no answer while the others were connected").arg(next->name()));
            alone = tr("a second client got no answer while the first was connected");
            findings.othersStarve = count() == 1;
            return;
        }
        if (!answer || answer->error) {
            alone = tr("a second client got no answer");
            return;
        }
        met(*next, *answer);
        clients.push_back(std::move(next));
    }
}

void ProbeStage::closeAll()
{
    for (const auto& client : clients)
        client->close();
}

void ProbeStage::mend()
{
    for (const auto& client : clients) {
        if (client->isOpen() || isOver())
            continue;
        backends[client->name()].clear(); // a new connection may meet another backend
        if (!client->open(connectLimit()))
            giveUp();
    }
}

void ProbeStage::giveUp()
{
    if (!isOver())
        findings.silent = true;
    m_stop.stop();
}

ProbeAnswer ProbeStage::ask(ProbeClient& client, const QByteArray& statement, const QString& shown)
{
    ProbeAnswer answer = client.ask(statement, answerLimit, shown);
    if (answer.unanswered)
        giveUp();
    return answer;
}

std::optional<qint32> ProbeStage::backendOf(ProbeClient& client)
{
    const ProbeAnswer answer = ask(client, sqlStatement(QStringLiteral("probe_backend")));
    met(client, answer);
    return answer.pid();
}

void ProbeStage::met(const ProbeClient& client, const ProbeAnswer& answer)
{
    if (const auto pid = answer.pid())
        backends[client.name()].insert(*pid);
}

bool ProbeStage::isShared() const
{
    QSet<qint32> all;
    return std::any_of(backends.cbegin(), backends.cend(), [&all](const auto& entry) {
        const bool metBefore = all.intersects(entry.second);
        all |= entry.second;
        return metBefore || entry.second.size() > 1;
    });
}

QByteArray ProbeStage::call(const QString& statement)
{
    return statement.toLatin1() + ", pg_catalog.pg_backend_pid()";
}

QByteArray ProbeStage::tryStatement(bool pair) const
{
    return call(acquireStatement(pair ? keys.pair : keys.bigint, {}));
}

QByteArray ProbeStage::unlockStatement(bool pair) const
{
    return call(releaseStatement(pair ? keys.pair : keys.bigint, LockShare::Exclusive));
}

std::optional<QList<ProbeHolder>> ProbeStage::holders(ProbeClient& client)
{
    return probeHolders(ask(client, keys.holdersStatement(), keys.holdersWords()));
}

void ProbeStage::settle()
{
    QStringList aside;
    std::swap(aside, evidence); // this is not part of any check
    mend();
    const auto found = isOver() ? std::nullopt : holders(client(0));
    if (!isOver() && (!found || !found->isEmpty())) {
        for (const auto& client : clients) {
            bool any = true;
            for (int i = 0; any && i < mostUnlocks && !isOver(); ++i) {
                const ProbeAnswer answer = ask(*client, keys.unlockStatement());
                any = !answer.error &&
                      (answer.cell(0) == QLatin1StringView("t") || answer.cell(1) == QLatin1StringView("t"));
            }
        }
        const auto rest = isOver() ? std::nullopt : holders(client(0));
        if (rest && !rest->isEmpty()) {
            // On a server connection that none of the clients has just now. With a pool that small clients can use it
            // up, so they make room.
            closeAll();
            static_cast<void>(ProbeCleanup(endpoint, keys, !findings.beginRefused, evidence).run(2s));
            mend();
        }
    }
    std::swap(aside, evidence);
}

} // namespace lockscope
