#include "app/postgres/operatorsession.h"

#include "app/postgres/canceller.h"
#include "app/postgres/connectionthread.h"
#include "app/postgres/operatorsessionworker.h"

#include <algorithm>
#include <utility>

namespace lockscope {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr auto cancelRepeatedEvery = 100ms;
constexpr auto cancelPatience = 2s;
constexpr auto goodbyePatience = 1500ms;
/// NAMEDATALEN - 1: the server cuts application_name there, in the middle of a character if it must.
constexpr qsizetype applicationNameBytes = 63;

} // namespace

QString applicationNameOf(const QString& sessionName)
{
    QString name = QStringLiteral("lockscope: ") + sessionName;
    for (QChar& character : name) {
        if (character.category() == QChar::Other_Control || character == u';')
            character = u'?';
    }
    while (name.toUtf8().size() > applicationNameBytes)
        name.chop(name.size() > 1 && name.back().isLowSurrogate() ? 2 : 1);
    return name;
}

OperatorSession::OperatorSession(SessionId id, QString name, Conninfo conninfo, QObject* parent)
    : QObject(parent)
    , m_canceller(std::make_shared<Canceller>())
    , m_thread(std::make_unique<ConnectionThread>(
          QStringLiteral("session ") + name,
          ConnectionThread::Levers{.nudge = [canceller = m_canceller] { canceller->stop(); },
                                   .force = [canceller = m_canceller] { canceller->shutDownSocket(); },
                                   .patience = goodbyePatience}))
{
    m_state.id = id;
    m_state.name = name;
    const QString applicationName = applicationNameOf(name);
    conninfo.set(QStringLiteral("application_name"), applicationName);
    m_worker = new OperatorSessionWorker(id, name, conninfo, m_canceller);
    m_thread->adopt(m_worker);

    connect(m_worker, &OperatorSessionWorker::stateChanged, this, [this](const SessionState& state) {
        m_state = state;
        if (state.phase != SessionPhase::Connecting && state.phase != SessionPhase::Idle &&
            state.phase != SessionPhase::Busy)
            m_goodbyeTimer.stop();
        Q_EMIT stateChanged(m_state);
    });
    connect(m_worker, &OperatorSessionWorker::statementExecuted, this, &OperatorSession::statementExecuted);
    connect(m_worker, &OperatorSessionWorker::finished, this,
            [this](quint64 number, const SessionState& state, const Outcome& outcome) {
                m_finished = number;
                if (number >= m_cancelled)
                    m_cancelTimer.stop();
                Q_EMIT finished(state, outcome);
            });
    connect(&m_cancelTimer, &QTimer::timeout, this, &OperatorSession::repeatCancel);
    connect(&m_goodbyeTimer, &QTimer::timeout, this, [this] { m_canceller->shutDownSocket(); });
}

OperatorSession::~OperatorSession()
{
    m_worker->disconnect(this);
    ConnectionThread::endInBackground(std::move(m_thread));
}

void OperatorSession::open()
{
    tell([](OperatorSessionWorker& worker) { worker.open(); });
}

void OperatorSession::acquire(const KeyInput& key, const LockRequest& request)
{
    ask([key, request](OperatorSessionWorker& worker, quint64 number) { worker.acquire(number, key, request); });
}

void OperatorSession::release(const KeyInput& key, LockShare share)
{
    ask([key, share](OperatorSessionWorker& worker, quint64 number) { worker.release(number, key, share); });
}

void OperatorSession::releaseAll()
{
    ask([](OperatorSessionWorker& worker, quint64 number) { worker.releaseAll(number); });
}

void OperatorSession::begin()
{
    ask([](OperatorSessionWorker& worker, quint64 number) { worker.begin(number); });
}

void OperatorSession::commit()
{
    ask([](OperatorSessionWorker& worker, quint64 number) { worker.commit(number); });
}

void OperatorSession::rollback()
{
    ask([](OperatorSessionWorker& worker, quint64 number) { worker.rollback(number); });
}

void OperatorSession::cancel()
{
    if (m_finished == m_asked)
        return;
    m_cancelled = m_finished + 1;
    m_cancelledAt = steady_clock::now();
    m_canceller->cancel(m_cancelled);
    m_cancelTimer.start(cancelRepeatedEvery);
}

void OperatorSession::repeatCancel()
{
    if (steady_clock::now() - m_cancelledAt < cancelPatience) {
        m_canceller->cancel(m_cancelled);
        return;
    }
    m_cancelTimer.stop();
    const Outcome outcome{
        .kind = OutcomeKind::Failed,
        .action = QStringLiteral("cancel"),
        .error =
            Error{.kind = ErrorKind::Connection,
                  .what = tr("The cancel request had no effect within 2 s. The statement may still be waiting, and "
                             "may still be granted its lock."),
                  .advice = tr("Try again, or close this session: that ends the connection and with it the wait.")},
        .elapsed = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - m_cancelledAt)};
    m_state.lastOutcome = outcome;
    Q_EMIT stateChanged(m_state);
    Q_EMIT finished(m_state, outcome);
}

void OperatorSession::disconnectFromServer()
{
    m_canceller->stop();
    tell([](OperatorSessionWorker& worker) { worker.disconnectFromServer(); });
    m_goodbyeTimer.start(goodbyePatience);
}

void OperatorSession::backendConfirmedGone()
{
    tell([](OperatorSessionWorker& worker) { worker.backendConfirmedGone(); });
}

void OperatorSession::ask(const std::function<void(OperatorSessionWorker&, quint64)>& action)
{
    const quint64 number = ++m_asked;
    tell([action, number](OperatorSessionWorker& worker) { action(worker, number); });
}

void OperatorSession::tell(const std::function<void(OperatorSessionWorker&)>& message)
{
    QMetaObject::invokeMethod(
        m_worker, [worker = m_worker, message] { message(*worker); }, Qt::QueuedConnection);
}

} // namespace lockscope
