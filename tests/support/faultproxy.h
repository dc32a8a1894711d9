#pragma once

#include "app/postgres/conninfo.h"

#include <QThread>

#include <chrono>

namespace lockscope::test {

/// A TCP relay between a client and a server, on a thread of its own, that fails on demand. Its functions are called
/// from the thread that made it and return when the change is in force. Knows nothing of PostgreSQL; no packet is
/// altered.
class FaultProxy final
{
public:
    /// server must name an address (no socket directory, no list).
    explicit FaultProxy(const Conninfo& server);
    ~FaultProxy();
    Q_DISABLE_COPY_MOVE(FaultProxy)

    /// The server's, through this proxy.
    [[nodiscard]] Conninfo conninfo() const;
    [[nodiscard]] int connections() const; ///< relayed at this moment

    void forward(); ///< the start; after stall() everything held back is delivered, after refuse() it listens again
    /// Delivers nothing any more in either direction, without closing anything; new connections are accepted and get no
    /// answer. As a link that dies silently, but that the kernel acknowledges what is sent.
    void stall();
    /// Closes all connections on both sides without a goodbye of the protocol. New ones are relayed.
    void reset();
    /// reset(), and new connections are refused.
    void refuse();

private:
    class Relay;
    Conninfo m_server;
    QThread m_thread;
    Relay* m_relay; ///< lives on m_thread, deleted there
    quint16 m_port = 0;
};

} // namespace lockscope::test
