#pragma once

#include <QString>

namespace lockscope {

/// Where the lab would work: the server that is watched, in the words that its pages need.
struct LabServer
{
    bool connected = false;
    bool sandbox = false;  ///< our own throw-away server; anything else is asked about first
    QString title = {};    ///< "prod-eu", "Sandbox"
    int versionNumber = 0; ///< 150018
    bool behindPooler = false;
    QString problem = {}; ///< why nothing may be started here: --read-only; empty: it may
    /// Why no private PgBouncer can be started: not installed, not the sandbox; empty: it can.
    QString poolerProblem = {};
    friend bool operator==(const LabServer&, const LabServer&) = default;
};

} // namespace lockscope
