#pragma once

#include <future>
#include <memory>

struct pg_cancel;
struct pg_conn;

namespace lockscope {

/// What libpq needs to cancel the statement that runs on a connection. Taken on the thread of the connection while it
/// is open; after that usable on any thread, also while the connection is blocked or gone. Never blocks: PQcancel waits
/// for the postmaster, which may hang, so every request has a thread of its own that nobody joins.
class CancelKey
{
public:
    CancelKey() = default; ///< of no connection: send() does nothing
    explicit CancelKey(pg_conn* connection);

    [[nodiscard]] bool isValid() const { return m_key != nullptr; }
    /// Ready when the postmaster has taken the request (true) or could not be reached (false). The statement ends by
    /// itself with 57014, or had ended already: a request that comes late hits the next statement of the session. The
    /// future may be dropped.
    std::future<bool> send() const;

private:
    std::shared_ptr<pg_cancel> m_key;
};

} // namespace lockscope
