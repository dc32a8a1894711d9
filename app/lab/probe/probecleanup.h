#pragma once

#include "app/lab/probe/probeclient.h"
#include "models/domain/lockkey.h"

#include <QCoreApplication>

#include <optional>

namespace lockscope {

/// The keys that a probe keeps for itself: a pair, and the bigint with the same bits.
struct ProbeKeys
{
    LockKey pair;
    LockKey bigint;
    [[nodiscard]] static ProbeKeys random();
    [[nodiscard]] QByteArray holdersStatement() const;
    [[nodiscard]] QString holdersWords() const; ///< that statement in short
    /// Releases each once; t or f for each, and the backend that it was.
    [[nodiscard]] QByteArray unlockStatement(bool lasting = false) const;
};

struct ProbeHolder
{
    qint32 pid = 0;
    bool isPair = true;
    QString applicationName = {};
    friend bool operator==(const ProbeHolder&, const ProbeHolder&) = default;
};
/// From the answer to holdersStatement(); empty where pg_locks could not be read.
[[nodiscard]] std::optional<QList<ProbeHolder>> probeHolders(const ProbeAnswer& answer);

/// Removes what a probe left: looks for its keys in pg_locks and unlocks them through connections of its own, more and
/// more of them, until it meets the backend that holds them. Bounded in time and number. The probe's own clients are
/// closed before. Never ends anybody's session.
class ProbeCleanup final
{
    Q_DECLARE_TR_FUNCTIONS(Probe)

public:
    static constexpr int mostConnections = 16;

    struct Result
    {
        bool known = false;           ///< pg_locks could be read at the end
        QList<ProbeHolder> left = {}; ///< who still holds a key
        int connections = 0;          ///< how many it took
        [[nodiscard]] bool isClean() const { return known && left.isEmpty(); }
    };

    /// mayBegin: false where the endpoint refuses transactions.
    ProbeCleanup(Conninfo endpoint, ProbeKeys keys, bool mayBegin, QStringList& evidence);
    Q_DISABLE_COPY_MOVE(ProbeCleanup)
    [[nodiscard]] Result run(std::chrono::milliseconds budget);

    /// "key (5, 7), held by backend 491...", for ProbeReport::leftBehind.
    [[nodiscard]] static QString describe(const ProbeHolder& holder, const ProbeKeys& keys);
    /// How to get rid of it; the statement hits nobody else.
    [[nodiscard]] static QString howToRemove(const ProbeHolder& holder, const ProbeKeys& keys);

private:
    [[nodiscard]] std::chrono::milliseconds left() const;
    /// Looks until nothing is there any more, at most so long.
    [[nodiscard]] std::optional<QList<ProbeHolder>> look(ProbeClient& client, std::chrono::milliseconds patience);
    void sweep(Result& result);
    [[nodiscard]] bool unlockAll(ProbeClient& client);

    const Conninfo m_endpoint;
    const ProbeKeys m_keys;
    const bool m_mayBegin;
    QStringList& m_evidence;
    ProbeStop m_never; ///< nobody stops the cleaning up
    std::chrono::steady_clock::time_point m_until;
    std::vector<std::unique_ptr<ProbeClient>> m_clients;
};

} // namespace lockscope
