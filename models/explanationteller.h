#pragma once

#include "models/explanationfacts.h"

#include <QStringList>

namespace lockscope {

struct Explanation;

/// Puts the facts of one lock or session into sentences, part by part. One thread, for as long as the facts live.
/// Decides nothing about what is wrong: that is the finder of diagnoses.
class ExplanationTeller final
{
public:
    explicit ExplanationTeller(const ExplanationFacts& facts);
    Q_DISABLE_COPY_MOVE(ExplanationTeller)

    /// id waits for lock. name: of id, as a sentence begins.
    void tellWait(Explanation& told, const WaitNodeId& id, const Lock& lock, const QString& name) const;
    /// id holds lock.
    void tellHold(Explanation& told, const WaitNodeId& id, const Lock& lock, const QString& name) const;
    /// id as a whole, when it waits for nothing.
    void tellSession(Explanation& told, const WaitNodeId& id, const QString& name) const;

    /// Who holds it up, directly and at the ends of the chains: those a diagnosis could be about. Few, without
    /// duplicates.
    [[nodiscard]] QList<WaitNodeId> concerned(const WaitNodeId& id, const Lock& lock) const;

private:
    /// Who stands in the way of one wait.
    struct Blockers
    {
        QList<WaitNodeId> holders = {};
        LockMode held = LockMode::Unknown; ///< of the first holder
        QList<WaitNodeId> ahead = {};
        QList<WaitNodeId> unexplained = {};
        qsizetype moreAhead = 0;
        [[nodiscard]] const WaitNodeId* first() const;
    };

    [[nodiscard]] Blockers blockersOf(const WaitNodeId& id, const Lock& lock) const;
    [[nodiscard]] QList<WaitNodeId> rootsOf(const WaitNodeId& id) const;
    [[nodiscard]] QString blockerSentences(const Lock& lock, const Blockers& blockers) const;
    [[nodiscard]] QString holderSentence(const Lock& lock, const Blockers& blockers) const;
    [[nodiscard]] QString heldFor(const Lock& lock) const;
    [[nodiscard]] std::optional<Lock> heldLock(const WaitNodeId& id, const LockTarget& target) const;
    [[nodiscard]] std::optional<Lock> blockingLock(const WaitNodeId& id) const;
    /// Why id does not let go of held (empty: of something).
    [[nodiscard]] QString stateReason(const WaitNodeId& id, const std::optional<Lock>& held,
                                      const QString& subject) const;
    [[nodiscard]] QString clientReason(const Backend& backend, bool advisory, const QString& subject) const;
    [[nodiscard]] QString remedy(const WaitNodeId& id, const std::optional<Lock>& held) const;
    [[nodiscard]] QString stuckSentence(const WaitNode& node) const;
    [[nodiscard]] QString vacuumSentence(const WaitNodeId& id, bool waits) const;

    const ExplanationFacts& m_facts;
};

} // namespace lockscope
