#pragma once

#include "app/lab/probe/probecleanup.h"
#include "app/lab/probe/probeclient.h"
#include "app/lab/probe/probeverdict.h"

#include <QSet>

#include <map>
#include <memory>
#include <vector>

namespace lockscope {

/// What the checks of a probe share: the clients, the keys, what was found so far. The probe's thread. Gives up for
/// good, by its stop, when the endpoint leaves a statement unanswered that nothing of ours holds up.
class ProbeStage final
{
    Q_DECLARE_TR_FUNCTIONS(Probe)

public:
    static constexpr int mostClients = 4;
    /// After this an endpoint that leaves a statement of ours unanswered is taken for dead.
    static constexpr std::chrono::milliseconds answerLimit{4000};

    ProbeStage(Conninfo endpoint, ProbeStop& stop);
    ~ProbeStage();
    Q_DISABLE_COPY_MOVE(ProbeStage)

    /// Opens the first client; the error is why nothing can be probed.
    [[nodiscard]] Result<void> openFirst();
    /// Opens the others, as many as the endpoint serves.
    void openOthers();
    void closeAll();
    /// Opens again what a check closed.
    void mend();

    [[nodiscard]] qsizetype count() const { return static_cast<qsizetype>(clients.size()); }
    [[nodiscard]] ProbeClient& client(qsizetype index) { return *clients.at(static_cast<size_t>(index)); }
    /// A new client, not open yet.
    [[nodiscard]] std::unique_ptr<ProbeClient> newClient(const QString& name);
    [[nodiscard]] std::chrono::milliseconds connectLimit() const;

    ProbeAnswer ask(ProbeClient& client, const QByteArray& statement, const QString& shown = {});
    /// The backend that the client met; remembered as one of this client's.
    std::optional<qint32> backendOf(ProbeClient& client);
    void met(const ProbeClient& client, const ProbeAnswer& answer);
    /// One client met several backends, or two clients the same one.
    [[nodiscard]] bool isShared() const;
    /// "SELECT <call>, pg_backend_pid()": the answer in the first column, the backend in the last.
    [[nodiscard]] static QByteArray call(const QString& statement);
    [[nodiscard]] QByteArray tryStatement(bool pair = true) const;
    [[nodiscard]] QByteArray unlockStatement(bool pair = true) const;
    std::optional<QList<ProbeHolder>> holders(ProbeClient& client);
    /// Releases all that the last check took, so that the next one starts anew.
    void settle();

    [[nodiscard]] QStringList takeEvidence() { return std::exchange(evidence, {}); }
    [[nodiscard]] bool isOver() const { return m_stop.isStopped(); }
    void giveUp();

    const Conninfo endpoint;
    QStringList evidence;
    ProbeKeys keys;
    ProbeFindings findings;
    QString version;
    std::map<QString, QSet<qint32>> backends; ///< that each client met
    std::vector<std::unique_ptr<ProbeClient>> clients;
    QString alone; ///< why there is no second client

private:
    ProbeStop& m_stop;
};

} // namespace lockscope
