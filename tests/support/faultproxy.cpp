#include "tests/support/faultproxy.h"

#include <QHash>
#include <QNetworkProxy>
#include <QTcpServer>
#include <QTcpSocket>

namespace lockscope::test {

class FaultProxy::Relay final : public QObject
{
public:
    Relay(QString host, quint16 port)
        : m_host(std::move(host))
        , m_serverPort(port)
        , m_listener(this) // a child, so that it moves to the thread with this object
    {
        m_listener.setProxy(QNetworkProxy::NoProxy);
        connect(&m_listener, &QTcpServer::newConnection, this, [this] {
            while (QTcpSocket* client = m_listener.nextPendingConnection())
                relay(client);
        });
    }

    [[nodiscard]] quint16 listen(quint16 port)
    {
        if (!m_listener.isListening() && !m_listener.listen(QHostAddress::LocalHost, port))
            qFatal("the proxy cannot listen: %s", qPrintable(m_listener.errorString()));
        return m_listener.serverPort();
    }

    void setStalled(bool stalled)
    {
        m_stalled = stalled;
        const QList<QTcpSocket*> sockets = m_peers.keys();
        for (QTcpSocket* socket : sockets) {
            if (m_peers.contains(socket))
                pump(socket);
        }
    }

    void reset()
    {
        const QList<QTcpSocket*> sockets = m_peers.keys();
        m_peers.clear();
        for (QTcpSocket* socket : sockets) {
            socket->abort();
            socket->deleteLater();
        }
    }

    void stopListening() { m_listener.close(); }
    [[nodiscard]] int connections() const { return static_cast<int>(m_peers.size() / 2); }

private:
    void relay(QTcpSocket* client)
    {
        auto* server = new QTcpSocket(this);
        server->setProxy(QNetworkProxy::NoProxy);
        m_peers.insert(client, server);
        m_peers.insert(server, client);
        for (QTcpSocket* socket : {client, server}) {
            connect(socket, &QTcpSocket::readyRead, this, [this, socket] { pump(socket); });
            connect(socket, &QTcpSocket::disconnected, this, [this, socket] { pump(socket); });
            connect(socket, &QTcpSocket::errorOccurred, this, [this, socket] { pump(socket); });
        }
        server->connectToHost(m_host, m_serverPort);
    }

    /// What came from this socket goes to the other one, and so does its end.
    void pump(QTcpSocket* from)
    {
        QTcpSocket* to = m_peers.value(from);
        if (m_stalled || !to)
            return;
        if (from->bytesAvailable() > 0)
            to->write(from->readAll());
        if (from->state() != QAbstractSocket::UnconnectedState)
            return;
        m_peers.remove(from);
        m_peers.remove(to);
        from->deleteLater();
        connect(to, &QTcpSocket::disconnected, to, &QObject::deleteLater);
        to->disconnectFromHost(); // after what is still to be written
        if (to->state() == QAbstractSocket::UnconnectedState)
            to->deleteLater();
    }

    const QString m_host;
    const quint16 m_serverPort;
    QTcpServer m_listener;
    QHash<QTcpSocket*, QTcpSocket*> m_peers; ///< each socket to the one on the other side
    bool m_stalled = false;
};

namespace {

template <typename Function>
void onThreadOf(QObject* object, Function function)
{
    QMetaObject::invokeMethod(object, function, Qt::BlockingQueuedConnection);
}

} // namespace

FaultProxy::FaultProxy(const Conninfo& server)
    : m_server(server)
    , m_relay(new Relay(server.value(QStringLiteral("host")), server.value(QStringLiteral("port")).toUShort()))
{
    m_thread.setObjectName(QStringLiteral("fault proxy"));
    m_relay->moveToThread(&m_thread);
    QObject::connect(&m_thread, &QThread::finished, m_relay, &QObject::deleteLater);
    m_thread.start();
    onThreadOf(m_relay, [this] { m_port = m_relay->listen(0); });
}

FaultProxy::~FaultProxy()
{
    onThreadOf(m_relay, [this] {
        m_relay->stopListening();
        m_relay->reset();
    });
    m_thread.quit();
    m_thread.wait();
}

Conninfo FaultProxy::conninfo() const
{
    return m_server.with(QStringLiteral("host"), QStringLiteral("127.0.0.1"))
        .with(QStringLiteral("hostaddr"), {})
        .with(QStringLiteral("port"), QString::number(m_port));
}

int FaultProxy::connections() const
{
    int count = 0;
    onThreadOf(m_relay, [this, &count] { count = m_relay->connections(); });
    return count;
}

void FaultProxy::forward()
{
    onThreadOf(m_relay, [this] {
        (void)m_relay->listen(m_port);
        m_relay->setStalled(false);
    });
}

void FaultProxy::stall()
{
    onThreadOf(m_relay, [this] { m_relay->setStalled(true); });
}

void FaultProxy::reset()
{
    onThreadOf(m_relay, [this] {
        m_relay->reset();
        m_relay->setStalled(false);
    });
}

void FaultProxy::refuse()
{
    onThreadOf(m_relay, [this] {
        m_relay->stopListening();
        m_relay->reset();
    });
}

} // namespace lockscope::test
