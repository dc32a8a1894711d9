#include "app/postgres/operatorsessionworker.h"

#include "app/postgres/servererror.h"
#include "app/postgres/sqlfile.h"

#include <algorithm>
#include <climits>
#include <utility>

namespace lockscope {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::steady_clock;

namespace {

QString housekeepingStatement(const QString& file)
{
    return QString::fromUtf8(sqlStatement(file));
}

QString shareWord(LockShare share)
{
    return share == LockShare::Shared ? QStringLiteral("shared") : QStringLiteral("exclusive");
}

QString acquireAction(const KeyInput& input, const LockRequest& request)
{
    QString action = QStringLiteral("%1 %2 %3")
                         .arg(request.wait == WaitPolicy::Try ? QStringLiteral("try") : QStringLiteral("lock"),
                              describe(input), shareWord(request.share));
    if (request.level == LockLevel::Transaction)
        action += QStringLiteral(", transaction-level");
    if (request.wait == WaitPolicy::Timeout)
        action += QStringLiteral(", within ") + formatDuration(request.lockTimeout);
    return action;
}

/// The rows of own_locks.sql.
QList<OwnLock> ownLocks(const QList<QStringList>& rows)
{
    QList<OwnLock> own;
    for (const QStringList& row : rows) {
        const auto key = LockKey::fromLockTag(row.value(0).toUInt(), row.value(1).toUInt(),
                                              static_cast<quint16>(row.value(2).toUInt()));
        if (!key)
            continue;
        const bool shared = lockModeFromServer(row.value(3)) == LockMode::Share;
        own.append({.key = *key,
                    .share = shared ? LockShare::Shared : LockShare::Exclusive,
                    .granted = row.value(4) == QLatin1StringView("true")});
    }
    return own;
}

OutcomeKind outcomeKind(const Error& error)
{
    if (error.sqlState == QLatin1StringView("55P03"))
        return OutcomeKind::TimedOut;
    if (error.sqlState == QLatin1StringView("57014"))
        return OutcomeKind::Cancelled;
    if (error.sqlState == QLatin1StringView("40P01"))
        return OutcomeKind::DeadlockVictim;
    return OutcomeKind::Failed;
}

} // namespace

OperatorSessionWorker::OperatorSessionWorker(SessionId id, const QString& name, const Conninfo& conninfo,
                                             const std::shared_ptr<Canceller>& canceller)
    : m_conninfo(conninfo)
    , m_canceller(canceller)
    , m_connection(name, canceller, this) // a child, so that it moves to the thread with this object
{
    m_state.id = id;
    m_state.name = name;
    connect(&m_connection, &OperatorConnection::endedWhileIdle, this, [this] {
        lose(*m_connection.ending());
        publish();
    });
}

void OperatorSessionWorker::open()
{
    if (m_state.phase != SessionPhase::Connecting || m_connection.isOpen())
        return;
    // Here and not on the GUI thread: the defaults come from files, and libpq may look up names.
    if (const auto opened = m_connection.open(withDefaults(m_conninfo, {})); !opened) {
        // The person did not wait for it: that is no failure.
        m_state.phase = m_canceller->isStopped() ? SessionPhase::Closed : SessionPhase::Failed;
        if (m_state.phase == SessionPhase::Failed)
            m_state.ending = opened.error();
        publish();
        return;
    }
    const StatementAnswer identity = m_connection.identify();
    if (identity.sent)
        Q_EMIT statementExecuted(identity.record);
    m_state.backendPid = m_connection.backendPid();
    m_state.backendStart = m_connection.backendStart();
    m_state.behindPooler = m_connection.behindPooler();
    // Behind a pooler the settings might stay with a server connection that the next client gets.
    std::optional<Error> error = identity.error;
    if (!error && !m_state.behindPooler)
        error = keepHouse(housekeepingStatement(QStringLiteral("session_settings"))).error;
    if (error) {
        m_state.phase = SessionPhase::Failed;
        m_state.ending = error;
        m_connection.close();
    } else {
        m_state.phase = SessionPhase::Idle;
    }
    publish();
}

void OperatorSessionWorker::acquire(quint64 number, const KeyInput& input, const LockRequest& request)
{
    const QString action = acquireAction(input, request);
    perform(number, action, [&] { return acquireNow(action, input, request); });
}

void OperatorSessionWorker::release(quint64 number, const KeyInput& input, LockShare share)
{
    const QString action = QStringLiteral("release %1 %2").arg(describe(input), shareWord(share));
    perform(number, action, [&] { return releaseNow(input, share); });
}

void OperatorSessionWorker::releaseAll(quint64 number)
{
    perform(number, QStringLiteral("release all"), [this] {
        const Answered answered = ask(QStringLiteral("SELECT pg_catalog.pg_advisory_unlock_all()"));
        if (answered.succeeded())
            m_ledger.releasedAll();
        return answered.outcome;
    });
}

void OperatorSessionWorker::begin(quint64 number)
{
    perform(number, QStringLiteral("begin"), [this] { return ask(QStringLiteral("BEGIN")).outcome; });
}

void OperatorSessionWorker::commit(quint64 number)
{
    perform(number, QStringLiteral("commit"), [this] { return endTransaction(QStringLiteral("COMMIT")); });
}

void OperatorSessionWorker::rollback(quint64 number)
{
    perform(number, QStringLiteral("rollback"), [this] { return endTransaction(QStringLiteral("ROLLBACK")); });
}

void OperatorSessionWorker::disconnectFromServer()
{
    if (m_connection.isOpen() && m_state.phase == SessionPhase::Idle) {
        // A goodbye is not answered. Asking once more tells that the link carries it, and that the server will free
        // what the session holds; on a link that died silently the facade shuts the socket down meanwhile.
        if (m_connection.transaction() != TransactionPhase::None)
            keepHouse(QStringLiteral("ROLLBACK"));
        m_ledger.transactionEnded();
        (void)reconcile();
        if (!m_connection.ending()) {
            m_connection.close();
            m_ledger.releasedAll();
            (void)m_ledger.reconcile({}); // and what we did not count
            m_state.transaction = TransactionPhase::None;
            m_state.phase = SessionPhase::Closed;
        }
    } else if (m_state.phase == SessionPhase::Connecting) {
        m_state.phase = SessionPhase::Closed;
    }
    if (const auto ending = m_connection.ending(); ending && m_connection.isOpen())
        lose(*ending);
    publish();
}

void OperatorSessionWorker::backendConfirmedGone()
{
    m_ledger.backendConfirmedGone();
    publish();
}

void OperatorSessionWorker::perform(quint64 number, const QString& action, const Body& body)
{
    const auto start = steady_clock::now();
    m_canceller->actionStarted(number);
    Outcome outcome;
    if (m_state.phase == SessionPhase::Idle) {
        m_state.phase = SessionPhase::Busy;
        m_state.doing = action;
        m_state.doingSince = start;
        publish();
        outcome = body();
        if (settle() && outcome.key && outcome.kind != OutcomeKind::Acquired && outcome.error) {
            // The error came when the server had already granted the lock, and a session-level lock survives errors.
            outcome.kind = OutcomeKind::Acquired;
            outcome.action = action + QStringLiteral(": granted just before the error");
        }
    } else {
        outcome.kind = OutcomeKind::Failed;
        outcome.error = Error{.kind = ErrorKind::Usage,
                              .what = tr("The session is not connected, so nothing was sent."),
                              .advice = tr("Open a new session.")};
    }
    m_canceller->actionEnded();
    if (outcome.action.isEmpty())
        outcome.action = action;
    if (outcome.elapsed == microseconds(0))
        outcome.elapsed = duration_cast<microseconds>(steady_clock::now() - start);

    if (const auto ending = m_connection.ending(); ending && m_connection.isOpen())
        lose(*ending);
    else if (m_state.phase == SessionPhase::Busy)
        m_state.phase = SessionPhase::Idle;
    m_state.doing.clear();
    m_state.doingSince.reset();
    m_state.lastOutcome = outcome;
    publish();
    Q_EMIT finished(number, m_state, outcome);
}

Outcome OperatorSessionWorker::acquireNow(const QString& action, const KeyInput& input, const LockRequest& request)
{
    const auto key = keyOf(input);
    if (!key)
        return key.error();

    // Under a timeout the statement gets a transaction of its own when none is open: SET LOCAL ends with it, so the
    // timeout reaches no other statement, whatever happens, and no other client of a pooler.
    const TransactionPhase before = m_connection.transaction();
    const bool limited = request.wait == WaitPolicy::Timeout && before != TransactionPhase::Failed;
    if (limited) {
        const bool begun = before == TransactionPhase::Open || !keepHouse(QStringLiteral("BEGIN")).error;
        // 0 would mean no limit at all; the server's own limit is an int of milliseconds.
        const auto limit = QString::number(std::clamp<qint64>(request.lockTimeout.count(), 1, INT_MAX));
        if (begun)
            keepHouse(QStringLiteral("SET LOCAL lock_timeout = ") + limit);
    }
    if (request.wait != WaitPolicy::Try) {
        m_ledger.waiting(*key, request.share);
        publish();
    }
    // What this session holds it is granted again at once; a pooler makes it another session.
    const bool granted = holds(*key, request.share) && !m_state.behindPooler;
    Answered answered =
        ask(acquireStatement(*key, request),
            request.wait == WaitPolicy::Try || granted ? StatementPurpose::Person : StatementPurpose::PersonWaits);
    Outcome& outcome = answered.outcome;
    outcome.key = *key;
    if (answered.succeeded()) {
        outcome.kind = request.wait != WaitPolicy::Try || answered.answer.isTrue() ? OutcomeKind::Acquired
                                                                                   : OutcomeKind::HeldElsewhere;
    }
    if (outcome.kind == OutcomeKind::Acquired)
        m_ledger.acquired(*key, request.share, request.level);
    else if (outcome.kind != OutcomeKind::Lost) // then nobody knows how the wait ended
        m_ledger.notAcquired(*key, request.share);
    if (before != TransactionPhase::Failed && answered.answer.sent && answered.answer.error &&
        request.level == LockLevel::Session && !holds(*key, request.share))
        m_doubtful = OwnLock{.key = *key, .share = request.share, .granted = true};

    if (limited && before == TransactionPhase::None)
        keepHouse(answered.succeeded() ? QStringLiteral("COMMIT") : QStringLiteral("ROLLBACK"));
    else if (limited && m_connection.transaction() == TransactionPhase::Open)
        keepHouse(QStringLiteral("SET LOCAL lock_timeout = 0"));
    if (outcome.kind == OutcomeKind::HeldElsewhere && m_connection.transaction() != TransactionPhase::Failed)
        outcome.holders = holdersOf(*key);
    if (outcome.kind == OutcomeKind::Acquired && request.level == LockLevel::Transaction &&
        before == TransactionPhase::None) {
        m_ledger.transactionEnded();
        // Not "key 5 is acquired": it is not any more.
        outcome.key.reset();
        outcome.action = action + QStringLiteral(": granted and released at once, because no transaction was open");
    }
    return outcome;
}

Outcome OperatorSessionWorker::releaseNow(const KeyInput& input, LockShare share)
{
    const auto key = keyOf(input);
    if (!key)
        return key.error();
    Answered answered = ask(releaseStatement(*key, share));
    answered.outcome.key = *key;
    if (answered.succeeded()) {
        // The value is the truth; the WARNING only comes with it.
        const bool released = answered.answer.isTrue();
        answered.outcome.kind = released ? OutcomeKind::Released : OutcomeKind::NotHeld;
        if (released)
            m_ledger.released(*key, share);
    }
    return answered.outcome;
}

Outcome OperatorSessionWorker::endTransaction(const QString& statement)
{
    const bool hadFailed = m_connection.transaction() == TransactionPhase::Failed;
    Answered answered = ask(statement);
    if (answered.succeeded()) {
        m_ledger.transactionEnded();
        if (hadFailed && statement == QLatin1StringView("COMMIT"))
            answered.outcome.action = QStringLiteral("commit: rolled back, because the transaction had failed");
    }
    return answered.outcome;
}

tl::expected<LockKey, Outcome> OperatorSessionWorker::keyOf(const KeyInput& input)
{
    if (const auto* key = std::get_if<LockKey>(&input))
        return *key;
    Result<QString> statement = hashStatement(std::get<TextKey>(input));
    if (statement && !m_connection.hasStandardStrings()) {
        statement = usageError(tr("This connection reads a backslash in a text as an escape, so no text is sent."),
                               tr("Set standard_conforming_strings to on, or enter the key as a number."));
    }
    if (!statement)
        return tl::unexpected(Outcome{.kind = OutcomeKind::Failed, .error = statement.error()});
    const Answered answered = ask(*statement);
    if (!answered.succeeded())
        return tl::unexpected(answered.outcome);
    bool isNumber = false;
    const qint64 value = answered.answer.rows.value(0).value(0).toLongLong(&isNumber);
    if (!isNumber) {
        return tl::unexpected(Outcome{.kind = OutcomeKind::Failed,
                                      .error = Error{.kind = ErrorKind::Server,
                                                     .what = tr("The server did not answer the hash with a number.")}});
    }
    return LockKey::bigint(value);
}

OperatorSessionWorker::Answered OperatorSessionWorker::ask(const QString& sql, StatementPurpose purpose)
{
    Answered answered{.answer = m_connection.execute(sql, purpose), .outcome = {}};
    const StatementAnswer& answer = answered.answer;
    Outcome& outcome = answered.outcome;
    if (answer.sent) {
        Q_EMIT statementExecuted(answer.record);
        outcome.notices = answer.record.notices;
        outcome.elapsed = answer.record.duration;
        outcome.error = answer.error;
    }
    if (const auto& ending = m_connection.ending()) {
        // The answer may have come with the end of the session, but nothing of it is left then.
        answered.answer.error = ending->error;
        outcome.kind = OutcomeKind::Lost;
        outcome.error = ending->error;
    } else if (!answer.sent) {
        outcome.kind = OutcomeKind::Cancelled;
    } else if (answer.error) {
        outcome.kind = outcomeKind(*answer.error);
    }
    return answered;
}

StatementAnswer OperatorSessionWorker::keepHouse(const QString& sql)
{
    StatementAnswer answer = m_connection.execute(sql, StatementPurpose::Housekeeping);
    if (answer.sent)
        Q_EMIT statementExecuted(answer.record);
    else if (!answer.error)
        answer.error = Error{.kind = ErrorKind::Connection, .what = tr("The connection has ended.")};
    return answer;
}

QList<HolderNote> OperatorSessionWorker::holdersOf(LockKey key)
{
    const QString sql =
        housekeepingStatement(QStringLiteral("key_holders"))
            .arg(QString::number(key.classid()), QString::number(key.objid()), QString::number(key.objsubid()));
    QList<HolderNote> holders;
    const StatementAnswer answer = keepHouse(sql);
    for (const QStringList& row : answer.rows) {
        holders.append(
            {.pid = row.value(0).toInt(), .applicationName = row.value(1), .mode = lockModeFromServer(row.value(2))});
    }
    return holders;
}

bool OperatorSessionWorker::settle()
{
    // The server frees the locks of a transaction when it fails, not when it is rolled back.
    if (m_connection.transaction() == TransactionPhase::Failed)
        m_ledger.transactionEnded();
    const bool heldAfterAll = reconcile();
    m_state.transaction = m_connection.transaction();
    return heldAfterAll;
}

bool OperatorSessionWorker::reconcile()
{
    // A failed transaction answers nothing but ROLLBACK; the next action after that looks again.
    if (m_connection.ending() || m_connection.transaction() == TransactionPhase::Failed)
        return false;
    StatementAnswer answer =
        m_connection.execute(housekeepingStatement(QStringLiteral("own_locks")), StatementPurpose::Housekeeping);
    if (!answer.sent)
        return false;
    bool heldAfterAll = false;
    if (!answer.error) {
        const QList<OwnLock> own = ownLocks(answer.rows);
        if (const auto doubtful = std::exchange(m_doubtful, {})) {
            heldAfterAll = own.contains(*doubtful) && !holds(doubtful->key, doubtful->share);
            if (heldAfterAll)
                m_ledger.acquired(doubtful->key, doubtful->share, LockLevel::Session);
        }
        const QStringList differences = m_ledger.reconcile(own);
        if (!differences.isEmpty())
            answer.record.result += QStringLiteral("; ") + differences.join(u' ');
    }
    Q_EMIT statementExecuted(answer.record);
    return heldAfterAll;
}

bool OperatorSessionWorker::holds(LockKey key, LockShare share) const
{
    const QList<LedgerEntry> held = m_ledger.held();
    return std::any_of(held.cbegin(), held.cend(),
                       [&](const LedgerEntry& entry) { return entry.key == key && entry.share == share; });
}

void OperatorSessionWorker::lose(const ConnectionEnding& ending)
{
    if (ending.saidByServer)
        m_ledger.sessionEnded();
    else
        m_ledger.linkBroken();
    m_connection.close();
    m_state.phase = SessionPhase::Lost;
    m_state.transaction = TransactionPhase::None;
    m_state.ending = ending.error;
}

void OperatorSessionWorker::publish()
{
    m_state.ledger = m_ledger.entries();
    Q_EMIT stateChanged(m_state);
}

} // namespace lockscope
