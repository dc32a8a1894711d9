#pragma once

#include <QByteArray>
#include <QtGlobal>

#include <atomic>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lockscope::test {

/// Something on a port of 127.0.0.1 that is not a PostgreSQL server.
class Listener
{
public:
    enum class Manner
    {
        Silent,  ///< accepts (the kernel does) and never says a word
        Deaf,    ///< does not even accept: packets are dropped, as behind a firewall
        Closing, ///< accepts and hangs up
        Saying,  ///< waits for the first bytes, answers each connection with the same words, hangs up
    };

    explicit Listener(Manner manner, const QByteArray& words = {})
    {
        m_socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address = loopback(0);
        socklen_t length = sizeof address;
        ::bind(m_socket, reinterpret_cast<const sockaddr*>(&address), length);
        ::getsockname(m_socket, reinterpret_cast<sockaddr*>(&address), &length);
        m_port = ntohs(address.sin_port);
        ::listen(m_socket, manner == Manner::Deaf ? 0 : 16);
        if (manner == Manner::Deaf) {
            // A queue that is full makes Linux drop every further SYN.
            for (int i = 0; i < 3; ++i) {
                const int filler = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
                address = loopback(m_port);
                (void)::connect(filler, reinterpret_cast<const sockaddr*>(&address), sizeof address);
                m_fillers.push_back(filler);
            }
        }
        if (manner == Manner::Closing || manner == Manner::Saying)
            m_thread = std::thread([this, words, waits = manner == Manner::Saying] { serve(words, waits); });
    }
    ~Listener()
    {
        m_ends = true;
        if (m_thread.joinable())
            m_thread.join();
        ::close(m_socket);
        for (const int filler : m_fillers)
            ::close(filler);
    }
    Q_DISABLE_COPY_MOVE(Listener)

    [[nodiscard]] int port() const { return m_port; }
    [[nodiscard]] int connections() const { return m_connections; }

private:
    static sockaddr_in loopback(int port)
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<quint16>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
    }

    static bool becomesReadable(int descriptor, int milliseconds)
    {
        pollfd one{.fd = descriptor, .events = POLLIN, .revents = 0};
        return ::poll(&one, 1, milliseconds) == 1;
    }

    void serve(const QByteArray& words, bool waits)
    {
        while (!m_ends) {
            if (!becomesReadable(m_socket, 20))
                continue;
            const int peer = ::accept4(m_socket, nullptr, nullptr, SOCK_CLOEXEC);
            ++m_connections;
            if (waits) {
                char bytes[8192];
                if (becomesReadable(peer, 1000) && ::recv(peer, bytes, sizeof bytes, 0) > 0)
                    (void)::send(peer, words.constData(), static_cast<size_t>(words.size()), MSG_NOSIGNAL);
            }
            ::close(peer);
        }
    }

    int m_socket = -1;
    int m_port = 0;
    std::vector<int> m_fillers;
    std::atomic<bool> m_ends = false;
    std::atomic<int> m_connections = 0;
    std::thread m_thread;
};

/// An ErrorResponse of protocol 3, as a server or a pooler sends it to a client that logs in.
inline QByteArray errorResponse(const QByteArray& sqlState, const QByteArray& message)
{
    const auto fields =
        QByteArray("SFATAL") + '\0' + "VFATAL" + '\0' + 'C' + sqlState + '\0' + 'M' + message + '\0' + '\0';
    const auto length = htonl(static_cast<quint32>(fields.size() + 4));
    return 'E' + QByteArray(reinterpret_cast<const char*>(&length), 4) + fields;
}

} // namespace lockscope::test
