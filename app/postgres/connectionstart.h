#pragma once

#include "app/postgres/conninfo.h"

#include <memory>

struct pg_conn;

namespace lockscope {

/// The first step of a login, PQconnectStartParams, on a thread of its own: it resolves a host name, and getaddrinfo()
/// knows no deadline. Belongs to the thread that waits for it; when that one gives up, the other cleans up by itself,
/// later. Never sends anything: the login itself is polled by whoever takes the connection.
class ConnectionStart
{
public:
    explicit ConnectionStart(const Conninfo& conninfo);
    ~ConnectionStart();
    Q_DISABLE_COPY_MOVE(ConnectionStart)

    /// Becomes readable when it is done: for platform::waitForSocket.
    [[nodiscard]] qintptr descriptor() const;
    /// Null before that, and when libpq had no memory. The caller owns it.
    [[nodiscard]] pg_conn* take();

private:
    struct Shared;
    std::shared_ptr<Shared> m_shared;
};

} // namespace lockscope
