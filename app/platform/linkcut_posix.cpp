#include "app/platform/linkcut.h"

#include <QCoreApplication>

#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef Q_OS_LINUX
#include <linux/filter.h>
#endif

namespace lockscope::platform {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(LinkCut)
};

Error failed(const QString& what, int number)
{
    return {.kind = ErrorKind::Internal,
            .what = what,
            .advice = {},
            .serverWords = number == 0 ? QString() : QString::fromLocal8Bit(std::strerror(number))};
}

#ifdef Q_OS_LINUX

/// A socket filter (socket(7), SO_ATTACH_FILTER) of one instruction: keep no byte of any packet. For TCP Linux runs it
/// on each segment before the protocol does anything with it, on the loopback interface as on any other, and asks for
/// no privilege.
bool dropEverything(int socket)
{
    sock_filter keepNothing = BPF_STMT(BPF_RET | BPF_K, 0);
    const sock_fprog program{1, &keepNothing};
    return ::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

void dropNothing(int socket)
{
    const int unused = 0;
    static_cast<void>(::setsockopt(socket, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused));
}

class Descriptor
{
public:
    explicit Descriptor(int number)
        : m_number(number)
    {
    }
    ~Descriptor()
    {
        if (m_number >= 0)
            ::close(m_number);
    }
    Q_DISABLE_COPY_MOVE(Descriptor)
    [[nodiscard]] int number() const { return m_number; }

private:
    int m_number;
};

/// Some systems that look like Linux accept the filter and do not run it: tried out on a connection of our own.
bool filterIsReal()
{
    constexpr int soon = 40; // ms; over the loopback interface a byte is there in a fraction of one
    const Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const Descriptor sender(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const where = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener.number(), where, length) != 0 || ::listen(listener.number(), 1) != 0 ||
        ::getsockname(listener.number(), where, &length) != 0 || ::connect(sender.number(), where, length) != 0)
        return false;
    const Descriptor receiver(::accept4(listener.number(), nullptr, nullptr, SOCK_CLOEXEC));
    if (receiver.number() < 0 || !dropEverything(receiver.number()) || ::send(sender.number(), "x", 1, 0) != 1)
        return false;
    pollfd arrived{receiver.number(), POLLIN, 0};
    const bool dropped = ::poll(&arrived, 1, soon) == 0;
    dropNothing(receiver.number());
    return dropped;
}

#endif

} // namespace

Result<std::unique_ptr<LinkCut>> LinkCut::prepare(qintptr socket)
{
    const int own = static_cast<int>(socket);
    sockaddr_storage peer{};
    socklen_t length = sizeof peer;
    if (own < 0)
        return failure(failed(Text::tr("There is no connection to cut."), 0));
    if (::getpeername(own, reinterpret_cast<sockaddr*>(&peer), &length) != 0)
        return failure(failed(Text::tr("There is no connection to cut."), errno));
    if (peer.ss_family != AF_INET && peer.ss_family != AF_INET6)
        return failure(
            failed(Text::tr("The connection goes over a Unix socket inside this machine. It has no cable."), 0));
#ifdef Q_OS_LINUX
    if (!filterIsReal())
        return failure(failed(Text::tr("This system does not let a program throw away the packets of its own "
                                       "connection, so no cable can be cut here."),
                              0));
    const int duplicate = ::fcntl(own, F_DUPFD_CLOEXEC, 0);
    if (duplicate < 0)
        return failure(failed(Text::tr("The connection could not be cut."), errno));
    return std::unique_ptr<LinkCut>(new LinkCut(duplicate));
#else
    return failure(
        failed(Text::tr("Only Linux lets a program throw away the packets of its own connection, so no cable "
                        "can be cut here."),
               0));
#endif
}

Result<void> LinkCut::cut()
{
#ifdef Q_OS_LINUX
    if (dropEverything(m_descriptor))
        return {};
#endif
    return failure(failed(Text::tr("The connection could not be cut."), errno));
}

LinkCut::~LinkCut()
{
#ifdef Q_OS_LINUX
    dropNothing(m_descriptor);
#endif
    ::close(m_descriptor);
}

} // namespace lockscope::platform
