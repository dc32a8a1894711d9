#pragma once

#include "models/domain/probereport.h"

#include <optional>

namespace lockscope {

/// What the checks of a probe found, apart from their words. Empty where it was not or could not be asked.
struct ProbeFindings
{
    bool tellsBackend = true;  ///< pg_backend_pid() answers with a number
    bool claimDiffers = false; ///< the login told another process id: a pooler's
    bool alone = false;        ///< no second client could be asked, for whatever reason
    bool othersStarve = false; ///< a second client got no answer while the first was connected
    bool shared = false;       ///< one client met several backends, or two clients the same one
    qsizetype backends = 0;    ///< different ones that were met
    bool beginRefused = false;
    std::optional<bool> keptInTransaction = {};
    bool lockFunctionsMissing = false;
    bool refusedByRights = false;
    std::optional<bool> excludes = {};
    bool oneBackendTwice = false; ///< two clients were granted the key through one backend
    bool lockVanished = false;    ///< granted, and gone from pg_locks with the statement
    bool severalServers = false;
    bool unlocksWhatNobodyHolds = false;
    std::optional<bool> transactionLevel = {};
    std::optional<bool> released = {}; ///< when the client is gone
    bool silent = false;               ///< stopped answering
};

/// Fills in kind, verdict, advice and ok from the findings, the checks and what is left. Pure.
void judge(const ProbeFindings& findings, ProbeReport& report);

} // namespace lockscope
