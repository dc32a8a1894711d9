#pragma once

#include "models/domain/result.h"

#include <QJsonObject>
#include <QList>
#include <QString>
#include <QStringList>

#include <chrono>
#include <optional>

namespace lockscope {

/// One question that a probe asks an endpoint.
struct ProbeCheck
{
    QString name = {}; ///< stable: "session affinity", "exclusion", "foreign unlock", "release on disconnect", ...
    QString expected = {};
    QString observed = {};
    bool ok = false;
    QStringList evidence = {}; ///< statements and answers, backend pids
    std::chrono::microseconds elapsed{0};
    friend bool operator==(const ProbeCheck&, const ProbeCheck&) = default;
};

/// What kind of endpoint it turned out to be, as far as its answers tell.
enum class EndpointKind : quint8
{
    Unknown,
    Direct,         ///< a server itself
    SessionPooling, ///< a pooler that keeps a client on one server connection
    TransactionPooling,
    StatementPooling,
    SpeaksProtocolOnly, ///< answers like PostgreSQL and does not lock like it
};
/// "a direct connection", "a pooler in session mode", ...
[[nodiscard]] QString word(EndpointKind kind);
/// For scripts, never translated: "direct", "session-pooling", ...
[[nodiscard]] QString token(EndpointKind kind);

struct ProbeReport
{
    QString endpoint = {}; ///< "shop at db.example.com:6432, PostgreSQL 15.18"; never a secret
    EndpointKind kind = EndpointKind::Unknown;
    bool ok = false;      ///< fit for session-level advisory locks, and nothing was left behind
    bool stopped = false; ///< before it was done: the checks are not all of them
    QString verdict = {}; ///< one or two sentences
    QList<ProbeCheck> checks = {};
    QStringList advice = {};     ///< what to change, and how to remove what was left
    QStringList leftBehind = {}; ///< locks of the probe that are still there; usually none
    /// The stable shape of `lockscope probe --json`.
    [[nodiscard]] QJsonObject toJson() const;
    friend bool operator==(const ProbeReport&, const ProbeReport&) = default;
};
/// One check in three lines for a terminal: mark and name, expected, observed.
[[nodiscard]] QString probeText(const ProbeCheck& check);
/// Verdict, what was left behind and advice for a terminal.
[[nodiscard]] QString probeConclusion(const ProbeReport& report);
/// All of it with the evidence, for a terminal or the clipboard.
[[nodiscard]] QString probeText(const ProbeReport& report);

} // namespace lockscope
