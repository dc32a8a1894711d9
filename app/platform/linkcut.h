#pragma once

#include "models/domain/result.h"

#include <QtGlobal>

#include <memory>

namespace lockscope::platform {

/// A cable that can be cut, for one TCP connection: from cut() on, this machine's kernel throws away every packet that
/// comes in for the socket before TCP sees it, so nothing is acknowledged and nothing is refused. As long as nobody
/// sends either, the other side's kernel meets just what it meets when a cable is cut. Everything else on this machine
/// goes on. Holds a duplicate of the socket, so the connection stays open until this object goes, which mends the
/// cable.
class LinkCut final
{
public:
    /// socket: connected. The error says that this system cannot do it, or that it is no TCP connection. Takes up to
    /// 50 ms: it tries whether packets really go.
    [[nodiscard]] static Result<std::unique_ptr<LinkCut>> prepare(qintptr socket);
    ~LinkCut();
    Q_DISABLE_COPY_MOVE(LinkCut)

    [[nodiscard]] Result<void> cut(); ///< any thread; at once

private:
    explicit LinkCut(int descriptor)
        : m_descriptor(descriptor)
    {
    }
    int m_descriptor;
};

} // namespace lockscope::platform
