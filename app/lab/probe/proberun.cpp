#include "app/lab/probe/proberun.h"

#include "app/lab/probe/probechecks.h"
#include "models/domain/displaytext.h"

namespace lockscope {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds usualBudget{2500};
/// Whoever stopped the probe waits for this.
constexpr std::chrono::milliseconds stoppedBudget{2000};

} // namespace

ProbeRun::ProbeRun(const Conninfo& endpoint, ProbeStop& stop, std::function<void(const ProbeCheck&)> told)
    : m_given(endpoint)
    , m_stop(stop)
    , m_stage(endpoint, stop)
    , m_told(std::move(told))
{
}

Result<ProbeReport> ProbeRun::run()
{
    if (auto opened = m_stage.openFirst(); !opened)
        return failure(std::move(opened.error()));
    askAll();
    m_report.stopped = m_stop.isStopped() && !m_stage.findings.silent;
    cleanUp();
    m_report.endpoint = title();
    m_stage.findings.alone = !m_stage.alone.isEmpty() && m_stage.count() == 1;
    judge(m_stage.findings, m_report);
    return m_report;
}

void ProbeRun::askAll()
{
    ProbeChecks checks(m_stage);
    static_cast<void>(m_stage.takeEvidence()); // asked for the title, no check's
    m_stage.openOthers();
    const QStringList arrival = m_stage.takeEvidence();
    // Whether transactions are allowed decides how the others are kept busy; session affinity is told first.
    const auto inside = perform([&] { return checks.transactionAffinity(); });
    auto session = perform([&] { return checks.sessionAffinity(); });
    if (session)
        session->evidence = arrival + session->evidence;
    tell(session);
    tell(inside);
    const std::function<ProbeCheck()> questions[] = {
        [&] { return checks.exclusion(); },
        [&] { return checks.foreignUnlock(); },
        [&] { return checks.ownUnlock(); },
        [&] { return checks.reentrance(); },
        [&] { return checks.twoKeySpaces(); },
        [&] { return checks.transactionLevel(); },
        [&] { return checks.release(ProbeChecks::Ending::Goodbye); },
        [&] { return checks.release(ProbeChecks::Ending::Kill); },
    };
    for (const auto& question : questions) {
        if (m_stop.isStopped())
            return;
        m_stage.settle();
        tell(perform(question));
    }
}

std::optional<ProbeCheck> ProbeRun::perform(const std::function<ProbeCheck()>& ask)
{
    if (m_stop.isStopped())
        return {};
    const auto begin = steady_clock::now();
    ProbeCheck check = ask();
    check.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begin);
    check.evidence = m_stage.takeEvidence();
    if (m_stop.isStopped())
        return {};
    return check;
}

void ProbeRun::tell(const std::optional<ProbeCheck>& check)
{
    if (!check)
        return;
    m_report.checks.append(*check);
    m_told(*check);
}

void ProbeRun::cleanUp()
{
    m_stage.closeAll();
    ProbeCheck check{.name = QStringLiteral("nothing left behind"),
                     .expected = tr("no key of this probe is left in pg_locks")};
    const auto begin = steady_clock::now();
    QStringList evidence;
    const bool hurried = m_stop.isStopped();
    const auto cleaned = ProbeCleanup(m_stage.endpoint, m_stage.keys, !m_stage.findings.beginRefused, evidence)
                             .run(hurried ? stoppedBudget : usualBudget);
    check.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begin);
    check.evidence = evidence;
    check.ok = cleaned.isClean();
    const QString keys = tr("keys %1 and %2").arg(m_stage.keys.pair.toString(), m_stage.keys.bigint.toString());
    if (!cleaned.known) {
        check.observed = tr("pg_locks could not be read, so it is not known whether %1 are free").arg(keys);
    } else if (cleaned.left.isEmpty()) {
        check.observed = cleaned.connections == 0 ? tr("%1 are free").arg(keys)
                                                  : tr("a key was left on a server connection of a pooler and was "
                                                       "removed; %1 are free")
                                                        .arg(keys);
    }
    for (const ProbeHolder& holder : cleaned.left) {
        m_report.leftBehind.append(ProbeCleanup::describe(holder, m_stage.keys));
        m_report.advice.append(ProbeCleanup::howToRemove(holder, m_stage.keys));
    }
    if (!cleaned.left.isEmpty())
        check.observed = m_report.leftBehind.join(QLatin1String("; "));
    tell(check);
}

QString ProbeRun::title() const
{
    const ConnectionSummary summary = m_given.summary();
    QString place = summary.host;
    if (!summary.port.isEmpty() && !summary.host.startsWith(QLatin1Char('/')))
        place += QLatin1Char(':') + summary.port;
    if (!summary.database.isEmpty())
        place = tr("%1 at %2").arg(summary.database, place);
    if (!m_stage.version.isEmpty())
        place = tr("%1, PostgreSQL %2").arg(place, m_stage.version);
    return cellText(place, 300);
}

} // namespace lockscope
