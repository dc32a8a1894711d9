#pragma once

#include "models/domain/lockkey.h"

#include <chrono>

namespace lockscope {

enum class LockShare : quint8
{
    Exclusive,
    Shared
};
enum class LockLevel : quint8
{
    Session,
    Transaction
};
enum class WaitPolicy : quint8
{
    Try,     ///< pg_try_advisory_lock: answers at once
    Block,   ///< pg_advisory_lock: waits until granted or cancelled
    Timeout, ///< pg_advisory_lock under lock_timeout
};

/// How a person wants a lock.
struct LockRequest
{
    LockShare share = LockShare::Exclusive;
    LockLevel level = LockLevel::Session;
    WaitPolicy wait = WaitPolicy::Try;
    std::chrono::milliseconds lockTimeout{5000}; ///< only read when wait is Timeout

    friend bool operator==(const LockRequest&, const LockRequest&) = default;
};

/// The statement that makes this request, digits and names only: "SELECT pg_catalog.pg_try_advisory_xact_lock(5)".
[[nodiscard]] QString acquireStatement(LockKey key, const LockRequest& request);
/// "SELECT pg_catalog.pg_advisory_unlock(-5, 7)" or its _shared form. Only session-level locks can be released.
[[nodiscard]] QString releaseStatement(LockKey key, LockShare share);
/// "SELECT pg_catalog.hashtext('calendar')::bigint": the text is quoted as a literal ('' and no backslash escapes,
/// standard_conforming_strings is on for every connection we open); NUL is refused.
[[nodiscard]] Result<QString> hashStatement(const TextKey& key);

} // namespace lockscope
