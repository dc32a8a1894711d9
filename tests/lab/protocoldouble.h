#pragma once

#include <QByteArray>
#include <QHash>
#include <QObject>
#include <QTcpServer>
#include <QTcpSocket>

#include <arpa/inet.h>

#include <cstring>

namespace lockscope::test {

/// Speaks PostgreSQL's protocol and is none: answers every statement with one row that says the same. Needs the event
/// loop of the test.
class ProtocolDouble final
{
public:
    explicit ProtocolDouble(QByteArray answer)
        : m_answer(std::move(answer))
    {
        m_server.listen(QHostAddress::LocalHost);
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this] {
            while (QTcpSocket* const socket = m_server.nextPendingConnection()) {
                QObject::connect(socket, &QTcpSocket::readyRead, &m_server, [this, socket] { read(socket); });
                QObject::connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
                QObject::connect(socket, &QObject::destroyed, &m_server, [this, socket] { m_received.remove(socket); });
            }
        });
    }

    Q_DISABLE_COPY_MOVE(ProtocolDouble)

    [[nodiscard]] quint16 port() const { return m_server.serverPort(); }
    /// From now on it accepts and takes everything and says no word.
    void fallSilent() { m_silent = true; }

private:
    struct Received
    {
        QByteArray bytes;
        bool started = false;
    };

    static QByteArray number(quint32 value)
    {
        const quint32 wire = htonl(value);
        return {reinterpret_cast<const char*>(&wire), 4};
    }
    static quint32 numberAt(const QByteArray& bytes, qsizetype position)
    {
        quint32 wire = 0;
        std::memcpy(&wire, bytes.constData() + position, 4);
        return ntohl(wire);
    }
    static QByteArray message(char type, const QByteArray& body)
    {
        return type + number(static_cast<quint32>(body.size() + 4)) + body;
    }
    static QByteArray text(const char* words) { return QByteArray(words) + '\0'; }
    static QByteArray ready() { return message('Z', "I"); }

    void read(QTcpSocket* socket)
    {
        Received& received = m_received[socket];
        received.bytes += socket->readAll();
        while (received.bytes.size() >= 5) {
            const qsizetype typed = received.started ? 1 : 0;
            const auto length = static_cast<qsizetype>(numberAt(received.bytes, typed)) + typed;
            if (received.bytes.size() < length)
                return;
            const QByteArray body = received.bytes.left(length);
            received.bytes.remove(0, length);
            if (m_silent)
                continue;
            if (!received.started) {
                const quint32 code = numberAt(body, 4);
                if (code != 196608) { // not version 3.0: asks for TLS or GSSAPI
                    socket->write("N");
                    continue;
                }
                received.started = true;
                socket->write(message('R', number(0)) + message('S', text("server_version") + text("15.0")) +
                              message('S', text("client_encoding") + text("UTF8")) +
                              message('K', number(4711) + number(1)) + ready());
            } else if (body.at(0) == 'Q') {
                const QByteArray column = text("?column?") + number(0) + QByteArray(2, '\0') + number(25) +
                                          QByteArray(2, '\xff') + number(0xffffffff) + QByteArray(2, '\0');
                socket->write(
                    message('T', QByteArray("\0\1", 2) + column) +
                    message('D', QByteArray("\0\1", 2) + number(static_cast<quint32>(m_answer.size())) + m_answer) +
                    message('C', text("SELECT 1")) + ready());
            }
        }
    }

    const QByteArray m_answer;
    QHash<QObject*, Received> m_received;
    bool m_silent = false;
    QTcpServer m_server; ///< goes first, with its sockets
};

} // namespace lockscope::test
