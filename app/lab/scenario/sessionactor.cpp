#include "app/lab/scenario/sessionactor.h"

#include "models/domain/lockrequest.h"

namespace lockscope {

namespace {

using Kind = ExpectedAnswer::Kind;

/// A cancel request that overtakes its statement finds an idle server process and has no effect.
constexpr std::chrono::milliseconds cancelAgainAfter{100};

QString statementOf(const ScenarioAct& act)
{
    const LockKey key = act.key.value_or(LockKey());
    switch (act.verb) {
    case ActVerb::Try:
    case ActVerb::Lock:
        return acquireStatement(key, {.share = act.share,
                                      .level = act.level,
                                      .wait = act.verb == ActVerb::Try ? WaitPolicy::Try : WaitPolicy::Block});
    case ActVerb::Unlock:
        return releaseStatement(key, act.share);
    case ActVerb::UnlockAll:
        return QStringLiteral("SELECT pg_catalog.pg_advisory_unlock_all()");
    case ActVerb::Begin:
        return QStringLiteral("BEGIN");
    case ActVerb::Commit:
        return QStringLiteral("COMMIT");
    case ActVerb::Rollback:
        return QStringLiteral("ROLLBACK");
    case ActVerb::Work:
        return QStringLiteral("SELECT pg_catalog.pg_sleep(%1)")
            .arg(static_cast<double>(act.duration.count()) / 1000, 0, 'f', 3);
    default:
        return act.sql;
    }
}

ActAnswer answerTo(const ScenarioAct& act, const LabAnswer& told)
{
    ActAnswer answer;
    if (!told.rows) {
        answer = answerOf(told.rows.error(), told.lost);
    } else if (act.verb == ActVerb::Lock) {
        answer.kind = Kind::Granted;
    } else {
        if (!told.rows->isEmpty() && !told.rows->first().isEmpty())
            answer.value = told.rows->first().first();
        // Only these return a boolean; a lesson's own statement may, and then it reads the same.
        if (answer.value && (act.verb == ActVerb::Try || act.verb == ActVerb::Unlock || act.verb == ActVerb::Sql))
            answer.kind = *answer.value == u"t" ? Kind::True : *answer.value == u"f" ? Kind::False : Kind::Done;
    }
    answer.notices = told.notices;
    answer.elapsed = told.elapsed;
    return answer;
}

} // namespace

SessionActor::SessionActor(ScenarioActor description, QObject* parent)
    : LessonActor(std::move(description), parent)
    , m_words(tr("not started"))
{
    m_cancelAgain.setInterval(cancelAgainAfter);
    connect(&m_cancelAgain, &QTimer::timeout, this, [this] {
        if (m_session)
            m_session->cancel();
    });
}

SessionActor::~SessionActor() = default;

void SessionActor::start(const Conninfo& conninfo)
{
    m_session = std::make_unique<LabSession>(conninfo);
    m_backend = {};
    m_running = 0;
    m_session->open(isDirect(), [this](const Result<LabSession::Login>& login) {
        if (!login) {
            become(tr("could not connect"));
            Q_EMIT notStarted(login.error());
            return;
        }
        m_backend = login->backend;
        become(tr("connected"));
        Q_EMIT started();
    });
    become(tr("connects"));
}

void SessionActor::perform(const ScenarioAct& act, quint64 number)
{
    if (!m_session) {
        ActAnswer lost{.kind = Kind::Lost, .words = tr("it is not connected")};
        QMetaObject::invokeMethod(
            this, [this, number, lost] { Q_EMIT answered(number, lost); }, Qt::QueuedConnection);
        return;
    }
    if (act.verb == ActVerb::Cancel) {
        cancel(number);
        return;
    }
    if (act.verb == ActVerb::Disconnect) {
        m_session->close([this, number] {
            leave(tr("disconnected"));
            m_backend = {};
            Q_EMIT answered(number, {});
        });
        return;
    }
    if (!act.lockTimeout || !isDirect()) { // through a pooler a SET would stay with whoever comes next
        execute(act, statementOf(act), number);
        return;
    }
    // Around the statement, not in it: together they would be one transaction. In a failed transaction the setting
    // cannot be taken back, and ROLLBACK does that anyway.
    const auto nobodyWaits = [](const LabAnswer&) {};
    m_session->execute("SET lock_timeout = " + QByteArray::number(qint64(act.lockTimeout->count())), nobodyWaits);
    execute(act, statementOf(act), number);
    m_session->execute("RESET lock_timeout", nobodyWaits);
}

void SessionActor::execute(const ScenarioAct& act, const QString& sql, quint64 number)
{
    ++m_running;
    become(tr("runs a statement"));
    m_session->execute(sql.toUtf8(), [this, act, number](const LabAnswer& told) {
        --m_running;
        become(told.lost ? tr("lost") : m_running > 0 ? tr("runs a statement") : tr("connected"));
        Q_EMIT answered(number, answerTo(act, told));
        if (m_cancel && m_running == 0) {
            m_cancelAgain.stop();
            Q_EMIT answered(*std::exchange(m_cancel, {}), {});
        }
    });
}

void SessionActor::cancel(quint64 number)
{
    if (m_running == 0) {
        QMetaObject::invokeMethod(
            this, [this, number] { Q_EMIT answered(number, {.words = tr("nothing ran")}); }, Qt::QueuedConnection);
        return;
    }
    m_cancel = number;
    m_session->cancel();
    m_cancelAgain.start();
}

void SessionActor::kill(KillStep::How)
{
    if (!m_session) {
        QMetaObject::invokeMethod(this, &SessionActor::killed, Qt::QueuedConnection);
        return;
    }
    m_session->cutOff([this] {
        leave(tr("killed"));
        Q_EMIT killed();
    });
}

/// What was asked of the session and is not answered by now never will be.
void SessionActor::leave(const QString& words)
{
    m_cancelAgain.stop();
    m_cancel.reset();
    m_running = 0;
    if (m_session)
        m_session.release()->deleteLater(); // it is the one that calls
    become(words);
}

QList<BackendId> SessionActor::backends() const
{
    return m_backend.pid == 0 ? QList<BackendId>() : QList<BackendId>{m_backend};
}

ScenarioActorState SessionActor::state() const
{
    ScenarioActorState state{.name = name(), .kind = ActorKind::Session, .words = m_words};
    if (m_session)
        state.connections.append({.backendPid = m_backend.pid, .doing = m_words});
    return state;
}

void SessionActor::become(const QString& words)
{
    m_words = words;
    Q_EMIT changed();
}

} // namespace lockscope
