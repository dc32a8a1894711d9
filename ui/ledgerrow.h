#pragma once

#include "models/domain/clientstate.h"
#include "models/domain/sessionstate.h"
#include "ui/statepill.h"

namespace lockscope {

/// What one line of the session or client tree says, ready to be painted: every text is cut and stripped.
struct LedgerRow
{
    bool top = false;    ///< a session or client, rather than one of its locks
    QString title;       ///< the name, or the key
    QString number;      ///< pid; empty while there is none
    QString remark;      ///< as long as there is room for it
    QString shortRemark; ///< else this
    Pill pill;
    bool faded = false; ///< ended: kept to be read, not to be used

    friend bool operator==(const LedgerRow&, const LedgerRow&) = default;
};

[[nodiscard]] LedgerRow ledgerRow(const SessionState& state);
[[nodiscard]] LedgerRow ledgerRow(const ClientState& state);
[[nodiscard]] LedgerRow ledgerRow(const LedgerEntry& entry);

/// "holds 5, (-5, 7)", "waits for 5", "may still hold 5"; empty when there is nothing.
[[nodiscard]] QString ledgerSummary(const QList<LedgerEntry>& ledger);
/// "exclusive, taken 2 times (session), 1 time (transaction)"
[[nodiscard]] QString countsSentence(const LedgerEntry& entry);

} // namespace lockscope
