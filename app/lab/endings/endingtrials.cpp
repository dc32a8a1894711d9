#include "app/lab/endings/endingtrials.h"

#include "app/lab/endings/trialrun.h"
#include "app/lab/labsql.h"

#include <QRandomGenerator>

#include <limits>

namespace lockscope {

EndingTrials::EndingTrials(Conninfo conninfo, LabServer server, QObject* parent)
    : QObject(parent)
    , m_conninfo(std::move(conninfo))
    , m_server(std::move(server))
    , m_firstKey(QRandomGenerator::global()->bounded(1, std::numeric_limits<qint32>::max()))
{
}

EndingTrials::~EndingTrials()
{
    // Connections and processes first, then their backends: the farewell is sent when the tools go.
    for (const auto& [kind, run] : m_runs)
        run->disconnect(this);
    m_runs.clear();
}

void EndingTrials::run(EndingKind kind, const EndingSettings& settings)
{
    if (m_runs.contains(kind))
        return;
    const EndingSettings wanted = bounded(settings);
    const ExpectedRelease expected =
        expectedRelease({.kind = kind, .settings = wanted, .serverVersion = m_server.versionNumber});
    // What is known to be impossible needs no connection.
    const QString remark = expected.rule == ReleaseRule::NotPossible ? expected.text
                           : kind == EndingKind::KilledBehindPooler  ? m_server.poolerProblem
                                                                     : QString();
    if (!remark.isEmpty()) {
        takeState({.kind = kind,
                   .phase = EndingPhase::Explained,
                   .settings = wanted,
                   .expected = expected,
                   .remark = remark});
        return;
    }
    if (!m_tools) {
        m_tools = std::make_unique<TrialTools>(
            TrialTools{.conninfo = m_conninfo,
                       .serverVersion = m_server.versionNumber,
                       .watch = std::make_shared<ReleaseWatch>(m_conninfo),
                       .queries = std::make_shared<QueryThread>(m_conninfo, QStringLiteral("lockscope lab: endings"))});
        m_tools->watch->prepare();
    }
    auto trial = std::make_unique<TrialRun>(*m_tools, kind, wanted, LockKey::pair(m_firstKey, ++m_lastKey));
    TrialRun* const started = trial.get();
    m_runs.emplace(kind, std::move(trial));
    connect(started, &TrialRun::stateChanged, this, &EndingTrials::takeState);
    connect(started, &TrialRun::backendsChanged, this, &EndingTrials::setFarewell);
    connect(
        started, &TrialRun::finished, this,
        [this, kind] {
            m_runs.erase(kind);
            setFarewell();
            if (m_runs.empty())
                m_tools.reset(); // no connection is kept while nothing is measured
            if (m_runs.empty() && std::exchange(m_resetting, false))
                reset();
        },
        Qt::QueuedConnection);
    started->start();
}

void EndingTrials::stop(EndingKind kind)
{
    if (const auto found = m_runs.find(kind); found != m_runs.end())
        found->second->stop();
}

void EndingTrials::reset()
{
    m_resetting = !m_runs.empty();
    for (const auto& [kind, run] : m_runs)
        run->stop();
    if (m_resetting)
        return;
    m_states.clear();
    for (const EndingKind kind : allEndingKinds)
        Q_EMIT stateChanged(state(kind));
}

EndingState EndingTrials::state(EndingKind kind) const
{
    const auto found = m_states.find(kind);
    return found == m_states.end() ? EndingState{.kind = kind} : found->second;
}

void EndingTrials::takeState(const EndingState& state)
{
    m_states[state.kind] = state;
    Q_EMIT stateChanged(state);
}

void EndingTrials::setFarewell()
{
    if (!m_tools)
        return;
    QList<QByteArray> farewell;
    for (const auto& [kind, run] : m_runs) {
        for (const BackendId& backend : run->backends()) {
            if (backend.backendStart)
                farewell.append(terminateStatement(backend));
        }
    }
    m_tools->queries->setFarewell(farewell);
}

} // namespace lockscope
