#include "app/lab/probe/probechecks.h"

#include "app/lab/labsql.h"
#include "app/lab/probe/probeoccupation.h"
#include "app/postgres/sqlfile.h"
#include "models/domain/lockrequest.h"
#include "models/domain/time.h"

// The checks of who excludes whom, and when a key is free again; the others are in probechecks.cpp.

namespace lockscope {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr milliseconds waitedFor{500};
/// A server that knows of a client's end releases within milliseconds; a pooler may take longer to notice.
constexpr milliseconds releaseLimit{3000};
constexpr milliseconds triedEvery{10};
constexpr int mostUnlocks = 20;

} // namespace

bool ProbeChecks::onSeveralServers()
{
    QSet<QString> starts;
    for (ProbeClient* const client : from(0)) {
        const ProbeAnswer answer = m_stage.ask(*client, sqlStatement(QStringLiteral("probe_server")));
        if (!answer.error && answer.rows.value(0).size() == 2)
            starts.insert(answer.cell(0));
    }
    return starts.size() > 1;
}

ProbeCheck ProbeChecks::exclusion()
{
    ProbeCheck check{.name = QStringLiteral("exclusion"),
                     .expected =
                         tr("while client A holds the key, client B is refused, and is not granted it by waiting")};
    if (!hasTwo(check))
        return check;
    const auto taken = firstTakes(check);
    if (!taken)
        return check;
    auto& findings = m_stage.findings;
    const auto held = m_stage.holders(m_stage.client(0));
    findings.lockVanished = held && held->isEmpty();

    ProbeClient& second = m_stage.client(1);
    ProbeAnswer answer = m_stage.ask(second, m_stage.tryStatement());
    if (answer.isFalse()) {
        // Once more on another server connection, where there are several to be had.
        ProbeOccupation busy(m_stage, from(2));
        answer = busy.askBeside(second, m_stage.tryStatement());
    }
    if (answer.isTrue()) {
        findings.excludes = false;
        findings.oneBackendTwice = answer.pid() && answer.pid() == taken->pid() && !findings.lockVanished;
        findings.severalServers = !findings.oneBackendTwice && onSeveralServers();
        if (findings.lockVanished)
            check.observed = tr("granted to both: the lock of client A was gone as soon as its statement was over");
        else if (findings.oneBackendTwice)
            check.observed =
                tr("granted to both: they met the same %1, for which it is one session taking its own lock "
                   "again")
                    .arg(backend(answer));
        else
            check.observed = tr("granted to both at the same time: to client A on %1, to client B on %2")
                                 .arg(backend(*taken), backend(answer));
        return check;
    }
    if (!answer.isFalse()) {
        check.observed = failure(second, answer);
        return check;
    }
    const QByteArray limit = labStatement(QStringLiteral("probe_wait_limit"),
                                          {{":waiting", {std::chrono::milliseconds(waitedFor).count()}}});
    const ProbeAnswer waited = m_stage.ask(
        second, limit + "; " + ProbeStage::call(acquireStatement(m_stage.keys.pair, {.wait = WaitPolicy::Block})));
    check.ok = waited.error.has_value();
    findings.excludes = check.ok;
    if (!waited.error)
        check.observed = tr("a try was refused, but a wait was granted while client A held the key");
    else if (waited.error->sqlState == QLatin1StringView("55P03"))
        check.observed = tr("a try was refused, and a wait was not granted within %1").arg(formatDuration(waitedFor));
    else
        check.observed = tr("a try was refused; the wait ended with an error: %1").arg(waited.words());
    return check;
}

ProbeCheck ProbeChecks::release(Ending ending)
{
    const bool kill = ending == Ending::Kill;
    ProbeCheck check{.name = kill ? QStringLiteral("release on kill") : QStringLiteral("release on disconnect"),
                     .expected = kill
                                     ? tr("when the client is killed, its lock goes, and a new client gets the key")
                                     : tr("when the client disconnects, its lock goes, and a new client gets the key")};
    m_stage.closeAll();
    const auto leaving = m_stage.newClient(kill ? QStringLiteral("killed") : QStringLiteral("leaving"));
    if (const auto opened = leaving->open(m_stage.connectLimit()); !opened) {
        check.observed = opened.error().what;
        return check;
    }
    const ProbeAnswer taken = m_stage.ask(*leaving, m_stage.tryStatement());
    if (!taken.isTrue()) {
        check.observed = taken.isFalse() ? tr("the key was still held by somebody") : failure(*leaving, taken);
        return check;
    }
    const auto gone = steady_clock::now();
    if (kill)
        leaving->drop();
    else
        leaving->close();

    const auto newcomer = m_stage.newClient(QStringLiteral("newcomer"));
    if (const auto opened = newcomer->open(m_stage.connectLimit()); !opened) {
        check.observed = opened.error().what;
        return check;
    }
    ProbeAnswer got = m_stage.ask(*newcomer, m_stage.tryStatement());
    while (got.isFalse() && !m_stage.isOver() && steady_clock::now() - gone < releaseLimit) {
        static_cast<void>(platform::waitForSocket(-1, false, triedEvery, nullptr));
        m_stage.evidence.removeLast(); // the same again
        got = m_stage.ask(*newcomer, m_stage.tryStatement());
    }
    const auto after = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - gone);
    if (!got.isTrue()) {
        check.observed = got.isFalse() ? tr("still held %1 later, on %2").arg(formatDuration(after), backend(taken))
                                       : failure(*newcomer, got);
        m_stage.findings.released = false;
        return check;
    }
    int unlocks = 0;
    while (unlocks < mostUnlocks && m_stage.ask(*newcomer, m_stage.unlockStatement()).isTrue())
        ++unlocks;
    const auto holders = m_stage.holders(*newcomer);
    check.ok = unlocks == 1 && (!holders || holders->isEmpty());
    m_stage.findings.released = m_stage.findings.released.value_or(true) && check.ok;
    if (check.ok)
        check.observed = tr("a new client had the key %1 later, connecting included").arg(formatDuration(after));
    else if (unlocks > 1)
        check.observed =
            tr("the lock outlived its client on %1: the new client was lent the same server connection, and "
               "its lock came on top of the old one")
                .arg(backend(taken));
    else
        check.observed = tr("a new client was granted the key and could not release it; %n lock(s) remained", nullptr,
                            static_cast<int>(holders.value_or(QList<ProbeHolder>()).size()));
    return check;
}

} // namespace lockscope
