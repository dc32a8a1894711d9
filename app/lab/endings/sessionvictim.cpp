#include "app/lab/endings/sessionvictim.h"

#include "app/lab/endings/endingsession.h"
#include "app/lab/endings/trialconninfo.h"

#include <QTimer>

namespace lockscope {

namespace {

/// Nothing of ours may be under way when the cable is cut: the kernel acknowledges at once, or within 40 ms where it
/// hopes to send data along (delayed acknowledgements, Linux TCP_DELACK_MIN).
constexpr std::chrono::milliseconds quietFirst{100};

/// No keepalive of our own: it would be a packet that passes the cut in the other direction.
Conninfo silent(const Conninfo& conninfo)
{
    return conninfo.with(QStringLiteral("keepalives"), QStringLiteral("0"))
        .with(QStringLiteral("tcp_user_timeout"), QStringLiteral("0"));
}

} // namespace

SessionVictim::SessionVictim(EndingKind kind, const Conninfo& conninfo, std::shared_ptr<ReleaseWatch> watch,
                             QObject* parent)
    : Victim(std::move(watch), parent)
    , m_session(std::make_unique<EndingSession>(silent(conninfo), trialName(kind)))
{
}

SessionVictim::~SessionVictim() = default;

void SessionVictim::take(LockKey key, WaitPolicy wait)
{
    m_key = key;
    m_session->open([this, key, wait](const Result<EndingLink>& opened) {
        if (!opened) {
            Q_EMIT failed(opened.error());
            return;
        }
        m_backend = opened->backend;
        Q_EMIT connected(*opened);
        if (const std::optional<Error> problem = m_session->cutProblem()) {
            Q_EMIT impossible(problem->what);
            return;
        }
        m_session->run(acquireStatement(key, {.wait = wait}).toUtf8(), [this](const Result<void>& answered) {
            if (answered)
                Q_EMIT holds();
            else
                Q_EMIT failed(answered.error());
        });
    });
}

void SessionVictim::runStatement(std::chrono::milliseconds length)
{
    const auto since = std::chrono::steady_clock::now();
    // Its answer never arrives, and its end by the server is what the watch sees: nothing to be told here.
    m_session->run("SELECT pg_catalog.pg_sleep(" + QByteArray::number(static_cast<double>(length.count()) / 1000) + ")",
                   [](const Result<void>&) {});
    Q_EMIT runs(since);
}

void SessionVictim::end()
{
    QTimer::singleShot(quietFirst, this, [this] { watchWhile(m_backend, m_key, [this] { return m_session->cut(); }); });
}

QString SessionVictim::applicationName() const
{
    return m_session->applicationName();
}

QString SessionVictim::deed() const
{
    return tr("From here on no packet of the server reached its client, and the client sent none.");
}

} // namespace lockscope
