#pragma once

#include "models/diagnosisquery.h"
#include "models/explanation.h"
#include "models/explanationfacts.h"

#include <QMultiHash>

namespace lockscope {

/// Finds what is known to go wrong in one view. One thread, for as long as the facts live. Never claims what the view
/// does not show: what could be meant so, or could be read in two ways, is suspected and says so.
class DiagnosisFinder final
{
public:
    static constexpr std::chrono::seconds idleHolder{30};
    static constexpr std::chrono::seconds idleTransaction{10};
    static constexpr std::chrono::seconds oldPrepared{60};
    static constexpr std::chrono::seconds heldBackVacuum{60};
    static constexpr int manyWaiters = 5;
    /// Diagnoses of a whole view; who finds more than this wrong needs no list of all of it.
    static constexpr qsizetype mostDiagnoses = 100;

    DiagnosisFinder(const ExplanationFacts& facts, const std::optional<ServerInfo>& server);
    Q_DISABLE_COPY_MOVE(DiagnosisFinder)

    [[nodiscard]] QList<Diagnosis> ofSession(const WaitNodeId& id) const;
    [[nodiscard]] QList<Diagnosis> ofTarget(const LockTarget& target) const;
    [[nodiscard]] QList<Diagnosis> ofServer() const;
    /// Worst first.
    [[nodiscard]] QList<Diagnosis> all() const;

private:
    /// A session that runs nothing now and whose last statement unlocked something.
    struct Unlocker
    {
        BackendPointer backend = {};
        AdvisoryCalls calls = {};
    };

    void readUnlockers() const;
    [[nodiscard]] std::optional<Diagnosis> deadlock(const WaitNode& node) const;
    [[nodiscard]] std::optional<Diagnosis> unlockElsewhere(const WaitNodeId& id) const;
    [[nodiscard]] std::optional<Diagnosis> leak(const WaitNodeId& id) const;
    [[nodiscard]] std::optional<Diagnosis> idleInTransaction(const WaitNodeId& id) const;
    [[nodiscard]] std::optional<Diagnosis> forgottenPrepared(const WaitNodeId& id) const;
    [[nodiscard]] std::optional<Diagnosis> vacuumHeldBack(const WaitNodeId& id) const;
    [[nodiscard]] Diagnosis unlockDiagnosis(const Lock& lock, const Unlocker& unlocker, bool keySeen) const;
    [[nodiscard]] QList<Lock> advisoryLocksOf(const WaitNodeId& id) const;
    /// "key 5 in shop and 2 more advisory locks".
    [[nodiscard]] QString held(const QList<Lock>& locks) const;
    [[nodiscard]] qint64 weight(const Diagnosis& diagnosis) const;

    const ExplanationFacts& m_facts;
    const std::optional<ServerInfo>& m_server;
    mutable bool m_unlockersRead = false;
    mutable QList<Unlocker> m_unlockers;
    mutable QMultiHash<LockTarget, qsizetype> m_unlockersOfKey; ///< indexes into m_unlockers
};

/// A statement in a sentence: one line, cut, in quotes, passwords masked.
[[nodiscard]] QString quotedStatement(const QString& query);

} // namespace lockscope
