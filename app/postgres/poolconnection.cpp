#include "app/postgres/poolconnection.h"

#include "app/postgres/connectionthread.h"
#include "app/postgres/poolconnectionworker.h"

#include <QThread>

#include <utility>

namespace lockscope {

using namespace std::chrono_literals;

namespace {

constexpr auto goodbyePatience = 1500ms;
/// NAMEDATALEN - 1: the server cuts application_name there, in the middle of a character if it must.
constexpr qsizetype applicationNameBytes = 63;

} // namespace

QString poolApplicationName(const QString& name, int number)
{
    QString cut = name;
    for (QChar& character : cut) {
        if (character.category() == QChar::Other_Control || character == u';')
            character = u'?';
    }
    const QString prefix = QStringLiteral("lockscope lab: ");
    const QString suffix = u'-' + QString::number(number);
    while (!cut.isEmpty() && (prefix + cut + suffix).toUtf8().size() > applicationNameBytes)
        cut.chop(cut.size() > 1 && cut.back().isLowSurrogate() ? 2 : 1);
    return prefix + cut + suffix;
}

PoolConnection::PoolConnection(const QString& applicationName, Conninfo conninfo, QObject* parent)
    : QObject(parent)
    , m_canceller(std::make_shared<Canceller>())
    , m_thread(std::make_unique<ConnectionThread>(
          QStringLiteral("pool ") + applicationName.section(u' ', -1),
          ConnectionThread::Levers{.nudge = [canceller = m_canceller] { canceller->stop(); },
                                   .force = [canceller = m_canceller] { canceller->shutDownSocket(); },
                                   .patience = goodbyePatience}))
{
    conninfo.set(QStringLiteral("application_name"), applicationName);
    m_worker = new PoolConnectionWorker(applicationName, std::move(conninfo), m_canceller);
    m_thread->adopt(m_worker);
    connect(m_worker, &PoolConnectionWorker::opened, this, &PoolConnection::opened);
    connect(m_worker, &PoolConnectionWorker::refused, this, &PoolConnection::refused);
    connect(m_worker, &PoolConnectionWorker::answered, this, &PoolConnection::answered);
    connect(m_worker, &PoolConnectionWorker::ended, this, &PoolConnection::ended);
    connect(m_worker, &PoolConnectionWorker::closed, this, &PoolConnection::closed);
}

PoolConnection::~PoolConnection()
{
    if (m_worker)
        m_worker->disconnect(this);
    ConnectionThread::endInBackground(std::move(m_thread));
}

void PoolConnection::open()
{
    QMetaObject::invokeMethod(m_worker, &PoolConnectionWorker::open, Qt::QueuedConnection);
}

void PoolConnection::run(const PoolErrand& errand)
{
    QMetaObject::invokeMethod(
        m_worker, [worker = m_worker, errand] { worker->run(errand); }, Qt::QueuedConnection);
}

void PoolConnection::close()
{
    QMetaObject::invokeMethod(m_worker, &PoolConnectionWorker::close, Qt::QueuedConnection);
}

void PoolConnection::beginToEnd()
{
    // From here on the thread may end at any time and take the worker with it.
    PoolConnectionWorker* const worker = std::exchange(m_worker, nullptr);
    if (!worker)
        return;
    worker->disconnect(this);
    QMetaObject::invokeMethod(
        worker,
        [worker] {
            worker->close();
            QThread::currentThread()->quit();
        },
        Qt::QueuedConnection);
    m_canceller->stop();
}

} // namespace lockscope
