#include "app/lab/probe/probeoccupation.h"

#include "app/postgres/sqlfile.h"

#include <utility>

namespace lockscope {

using namespace std::chrono_literals;

namespace {

/// A client that waits behind our own transactions gets nothing before they end.
constexpr std::chrono::milliseconds besidePatience{600};

} // namespace

ProbeOccupation::ProbeOccupation(ProbeStage& stage, const std::vector<ProbeClient*>& clients)
    : m_stage(stage)
{
    const bool lasting = stage.findings.beginRefused;
    for (ProbeClient* const client : clients) {
        if (stage.isOver() || !client->isOpen())
            return;
        if (lasting) {
            client->begin(sqlStatement(QStringLiteral("probe_busy")));
            m_pending.push_back(client);
            continue;
        }
        client->begin("BEGIN; " + sqlStatement(QStringLiteral("probe_backend")));
        const auto answer = client->within(besidePatience);
        if (!answer) {
            m_pending.push_back(client); // the pool has no more; it gets its turn when the others are done
            return;
        }
        stage.met(*client, *answer);
        if (!answer->error)
            m_inTransaction.push_back(client);
    }
    if (lasting) // until the statements have reached the server
        static_cast<void>(platform::waitForSocket(-1, false, 80ms, nullptr));
}

void ProbeOccupation::end()
{
    for (ProbeClient* const client : std::exchange(m_inTransaction, {}))
        m_stage.ask(*client, "COMMIT");
    for (ProbeClient* const client : std::exchange(m_pending, {})) {
        const ProbeAnswer answer = client->finish(ProbeStage::answerLimit);
        m_stage.met(*client, answer);
        if (answer.unanswered)
            m_stage.giveUp();
        else if (!m_stage.findings.beginRefused)
            m_stage.ask(*client, "COMMIT");
    }
}

ProbeAnswer ProbeOccupation::askBeside(ProbeClient& client, const QByteArray& statement)
{
    client.begin(statement);
    auto answer = client.within(besidePatience);
    if (!answer) {
        end();
        answer = client.finish(ProbeStage::answerLimit);
        if (answer->unanswered)
            m_stage.giveUp();
    }
    m_stage.met(client, *answer);
    return std::move(*answer);
}

} // namespace lockscope
