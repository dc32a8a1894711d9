#pragma once

#include "models/domain/serverinfo.h"
#include "models/lockrow.h"

#include <QList>
#include <QString>

#include <optional>

namespace lockscope {

enum class DiagnosisKind : quint8
{
    Deadlock,
    WrongConnectionUnlock, ///< somebody else tried to unlock what this one still holds
    LeakedSessionLock,     ///< an idle session holds it outside a transaction and did something else last
    IdleInTransaction,
    PreparedForgotten,
    TransactionPooler,
    ManyWaitOnOneKey,
    VacuumHeldBack,
    LockTableFilling,
};
/// Stable: "wrong-connection-unlock".
[[nodiscard]] QString word(DiagnosisKind kind);

/// Something that is known to go wrong, with what speaks for it. All text may quote the server: hostile.
struct Diagnosis
{
    DiagnosisKind kind = DiagnosisKind::LeakedSessionLock;
    QString title = {};    ///< "Leaked session lock"
    QString evidence = {}; ///< what was seen, in full sentences
    QString advice = {};   ///< what to do about it
    WaitNodeId about = {}; ///< null: the server as a whole
    bool certain = false;  ///< the evidence leaves nothing else; otherwise the title says "suspected"
    friend bool operator==(const Diagnosis&, const Diagnosis&) = default;
};

/// A lock or a session in words a colleague would say. Sentences are complete; empty ones have nothing to say.
struct Explanation
{
    QString situation = {}; ///< who waits how long for what, who holds it since when, in which state
    QString reason = {};    ///< why it does not let go
    QString cost = {};      ///< what waiting costs others
    QString remedy = {};    ///< what would release it
    QList<Diagnosis> diagnoses = {};
    bool holdsAdvisory = false; ///< the session spoken of holds an advisory lock: nobody else can release it
    /// All of it, one paragraph and one line for each diagnosis.
    [[nodiscard]] QString text() const;
    friend bool operator==(const Explanation&, const Explanation&) = default;
};

/// Pure; any thread; O(rows of the backends concerned). Never more than the server and watching told: scope and count
/// of foreign locks are unknown, but an idle session outside a transaction holds on session level for certain.
[[nodiscard]] Explanation explainLock(const LockRow& row, const LockView& view,
                                      const std::optional<ServerInfo>& server);
[[nodiscard]] Explanation explainSession(const WaitNodeId& id, const LockView& view,
                                         const std::optional<ServerInfo>& server);
/// Of the whole view, worst first.
[[nodiscard]] QList<Diagnosis> diagnosesOf(const LockView& view, const std::optional<ServerInfo>& server);

/// "1234 (pod-a)", "prepared transaction 'pay-17'", "startup process (pid 88)": cut and stripped for a label.
[[nodiscard]] QString nodeName(const WaitNodeId& id, const LockView& view);

} // namespace lockscope
