#include "app/postgres/operatorconnection.h"

#include "app/postgres/libpqconnection.h"
#include "app/postgres/servererror.h"
#include "app/postgres/sqlfile.h"

#include <QSocketNotifier>
#include <QSqlDatabase>
#include <QSqlDriver>
#include <QSqlError>
#include <QSqlField>
#include <QSqlQuery>
#include <QSqlRecord>
#include <QVariant>

#include <libpq-fe.h>

#include <atomic>
#include <utility>

namespace lockscope {

using namespace std::chrono_literals;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// For the second login, whose server has answered a moment ago. libpq's shortest.
constexpr auto secondConnectTimeout = 2s;
/// How long the server may take to free the connection slot of the first login.
constexpr auto slotPause = 200ms;

/// QSqlDatabase names are global in a process, and so is what makes them unique.
QString uniqueDatabaseName(const QString& sessionName)
{
    static std::atomic<int> count = 0;
    return QStringLiteral("operator session %1 #%2").arg(sessionName, QString::number(++count));
}

/// The server that has just accepted a login: its name and its address, so that neither a list of hosts nor the name
/// service is gone through again.
Conninfo toTheSameServer(const Conninfo& conninfo, const LibpqConnection& connection)
{
    Conninfo same = conninfo;
    const auto pin = [&](const QString& keyword, const char* value) {
        if (value && *value)
            same.set(keyword, QString::fromUtf8(value));
    };
    pin(QStringLiteral("host"), PQhost(connection.handle()));
    pin(QStringLiteral("hostaddr"), PQhostaddr(connection.handle()));
    pin(QStringLiteral("port"), PQport(connection.handle()));
    same.set(QStringLiteral("connect_timeout"), QString::number(secondConnectTimeout.count()));
    return same;
}

/// QPSQL appends the SQLSTATE to libpq's message.
QString serverWords(const QSqlError& error)
{
    QString words = error.databaseText();
    const QString appended = u'(' + error.nativeErrorCode() + u')';
    if (words.endsWith(appended))
        words.chop(appended.size());
    return words.trimmed();
}

QString field(const pg_result* result, int code)
{
    return QString::fromUtf8(PQresultErrorField(result, code));
}

/// What the statement log shows of a success.
QString resultText(const QString& sql, const QSqlQuery& query, const QList<QStringList>& rows)
{
    if (!query.isSelect())
        return sql.section(u' ', 0, 0); // BEGIN, SET...: the command tag
    if (rows.size() == 1 && rows.first().size() == 1) {
        // QPSQL knows no type void and makes an empty text or a 0 of it.
        const bool isVoid = query.record().fieldName(0).startsWith(QLatin1StringView("pg_advisory_")) &&
                            query.record().field(0).metaType().id() != QMetaType::Bool;
        return isVoid ? QStringLiteral("(void)") : rows.first().first();
    }
    return rows.size() == 1 ? QStringLiteral("1 row") : QStringLiteral("%1 rows").arg(rows.size());
}

} // namespace

OperatorConnection::OperatorConnection(QString sessionName, std::shared_ptr<Canceller> canceller, QObject* parent)
    : QObject(parent)
    , m_sessionName(std::move(sessionName))
    , m_databaseName(uniqueDatabaseName(m_sessionName))
    , m_canceller(std::move(canceller))
{
}

OperatorConnection::~OperatorConnection()
{
    close();
}

Result<void> OperatorConnection::open(const Conninfo& conninfo)
{
    Conninfo accepted;
    {
        LibpqConnection firstLogin(m_canceller->wakeUp());
        if (auto opened = firstLogin.open(conninfo, openTimeout(conninfo)); !opened)
            return opened;
        accepted = toTheSameServer(conninfo, firstLogin);
    }
    if (m_canceller->isStopped()) // the second login cannot be woken
        return failure({.kind = ErrorKind::Connection, .what = tr("The login was given up.")});
    auto opened = openDatabase(accepted);
    // The slot of the first login is free when its server process has ended, which may be a moment after our goodbye.
    // Nothing but the words tells that this was the reason; in other languages it is not tried again.
    if (!opened && (opened.error().serverWords.contains(QLatin1StringView("too many")) ||
                    opened.error().serverWords.contains(QLatin1StringView("connection slots")))) {
        if (platform::waitForSocket(-1, false, slotPause, m_canceller->wakeUp()) == platform::SocketEvent::TimedOut)
            opened = openDatabase(accepted);
    }
    return opened;
}

Result<void> OperatorConnection::openDatabase(const Conninfo& conninfo)
{
    if (!QSqlDatabase::isDriverAvailable(QStringLiteral("QPSQL"))) {
        return failure({.kind = ErrorKind::Internal,
                        .what = tr("Qt's driver for PostgreSQL (QPSQL) is not installed, so no operator session can be "
                                   "opened."),
                        .advice = tr("Install it; on Debian and Ubuntu the package is libqt6sql6-psql.")});
    }
    const auto options = conninfo.toConnectOptions();
    if (!options)
        return failure(options.error());

    QString words;
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QPSQL"), m_databaseName);
        database.setHostName(conninfo.value(QStringLiteral("host")));
        database.setDatabaseName(conninfo.value(QStringLiteral("dbname")));
        database.setUserName(conninfo.value(QStringLiteral("user")));
        database.setPassword(conninfo.value(QStringLiteral("password")));
        bool isNumber = false;
        const int port = conninfo.value(QStringLiteral("port")).toInt(&isNumber);
        database.setPort(isNumber ? port : -1);
        database.setConnectOptions(*options);
        m_loginClock.restart();
        if (database.open()) {
            const QVariant handle = database.driver()->handle();
            if (qstrcmp(handle.typeName(), "pg_conn*") == 0)
                m_connection = *static_cast<PGconn* const*>(handle.constData());
        } else {
            words = serverWords(database.lastError());
        }
    }
    if (!m_connection) {
        QSqlDatabase::removeDatabase(m_databaseName);
        auto error = serverError({}, words);
        error.kind = ErrorKind::Connection;
        return failure(std::move(error));
    }

    // QPSQL installs none, and libpq's own prints on stderr.
    PQsetNoticeReceiver(m_connection, &OperatorConnection::receiveNotice, this);
    m_canceller->attach(m_connection);
    m_idleWatch = new QSocketNotifier(PQsocket(m_connection), QSocketNotifier::Read, this);
    connect(m_idleWatch, &QSocketNotifier::activated, this, &OperatorConnection::readIdleSocket);
    return {};
}

void OperatorConnection::close()
{
    if (m_idleWatch) { // which may have called us
        m_idleWatch->setEnabled(false);
        std::exchange(m_idleWatch, nullptr)->deleteLater();
    }
    m_canceller->detach();
    if (!std::exchange(m_connection, nullptr))
        return;
    QSqlDatabase::database(m_databaseName, false).close();
    QSqlDatabase::removeDatabase(m_databaseName);
}

StatementAnswer OperatorConnection::execute(const QString& sql, StatementPurpose purpose)
{
    StatementAnswer answer;
    if (!m_connection || m_ending || !m_canceller->statementStarted(purpose)) {
        answer.sent = false;
        return answer;
    }
    // The driver reads the same socket.
    m_idleWatch->setEnabled(false);
    (void)m_notices.take(); // what came while nothing was asked

    StatementRecord& record = answer.record;
    record.session = m_sessionName;
    record.backendPid = m_backendPid;
    record.sql = sql;
    record.housekeeping = purpose == StatementPurpose::Housekeeping;
    record.sentAt = std::chrono::system_clock::now();
    const auto start = steady_clock::now();
    QSqlError error;
    {
        // Not database(name): it would silently open a lost connection again, with a new backend that holds nothing.
        QSqlQuery query(QSqlDatabase::database(m_databaseName, false));
        query.setForwardOnly(true); // else record() asks the server for table names behind our back
        if (query.exec(sql))
            readRows(query, answer);
        error = query.lastError();
        if (!error.isValid())
            record.result = resultText(sql, query, answer.rows);
    } // reads the answer to its end: only now the transaction status is the new one
    record.duration = duration_cast<microseconds>(steady_clock::now() - start);
    m_canceller->statementEnded();

    record.notices = m_notices.take();
    const QString words = serverWords(error);
    findEnding(error.nativeErrorCode(), words);
    if (error.isValid() || m_ending) {
        answer.error = m_ending ? m_ending->error : serverError(error.nativeErrorCode(), words);
        record.failed = true;
        record.result = words.isEmpty() ? answer.error->what : words;
    }
    if (!m_ending)
        m_idleWatch->setEnabled(true);
    return answer;
}

void OperatorConnection::readRows(QSqlQuery& query, StatementAnswer& answer) const
{
    const int columns = query.record().count();
    while (query.next()) {
        QStringList row;
        for (int column = 0; column < columns; ++column)
            row.append(query.value(column).toString());
        answer.rows.append(row);
    }
}

TransactionPhase OperatorConnection::transaction() const
{
    switch (m_connection ? PQtransactionStatus(m_connection) : PQTRANS_UNKNOWN) {
    case PQTRANS_INTRANS:
    case PQTRANS_ACTIVE:
        return TransactionPhase::Open;
    case PQTRANS_INERROR:
        return TransactionPhase::Failed;
    case PQTRANS_IDLE:
    case PQTRANS_UNKNOWN:
        break;
    }
    return TransactionPhase::None;
}

StatementAnswer OperatorConnection::identify()
{
    StatementAnswer answer =
        execute(QString::fromUtf8(sqlStatement(QStringLiteral("session_identity"))), StatementPurpose::Housekeeping);
    if (answer.rows.isEmpty())
        return answer;
    const QStringList& row = answer.rows.first();
    m_backendPid = row.value(0).toInt();
    // A pooler makes up the pid that it sends at login; one that hands on the real one is seen when it lends a backend
    // that was there before.
    m_behindPooler = PQbackendPID(m_connection) != m_backendPid ||
                     (!row.value(2).isEmpty() && m_loginClock.isOlder(microseconds(row.value(2).toLongLong())));
    if (!row.value(1).isEmpty())
        m_backendStart = ServerTime(microseconds(row.value(1).toLongLong()));
    answer.record.backendPid = m_backendPid;
    return answer;
}

bool OperatorConnection::hasStandardStrings() const
{
    return m_connection && qstrcmp(PQparameterStatus(m_connection, "standard_conforming_strings"), "on") == 0;
}

void OperatorConnection::receiveNotice(void* receiver, const pg_result* notice)
{
    auto* self = static_cast<OperatorConnection*>(receiver);
    const QString severity = field(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    const QString sqlState = field(notice, PG_DIAG_SQLSTATE);
    // An idle session is told its end as a FATAL error out of turn, which libpq hands on as a notice; after the crash
    // of another server process and at an immediate shutdown it is a WARNING.
    if (endsSession(sqlState) || severity == QLatin1StringView("FATAL") || severity == QLatin1StringView("PANIC"))
        self->m_farewell = {sqlState, QString::fromUtf8(PQresultErrorMessage(notice)).trimmed()};
    self->m_notices.add(notice);
}

void OperatorConnection::readIdleSocket()
{
    m_idleWatch->setEnabled(false); // libpq may close the socket
    // PQconsumeInput reads, PQisBusy makes sense of what was read, also after the end of the stream.
    PQconsumeInput(m_connection);
    PQisBusy(m_connection);
    findEnding({}, QString::fromUtf8(PQerrorMessage(m_connection)).trimmed());
    if (m_ending)
        Q_EMIT endedWhileIdle();
    else
        m_idleWatch->setEnabled(true);
}

void OperatorConnection::findEnding(QString sqlState, QString words)
{
    if (PQstatus(m_connection) != CONNECTION_BAD && !m_farewell && !endsSession(sqlState))
        return;
    if (m_farewell) {
        sqlState = m_farewell->sqlState;
        words = m_farewell->words;
    }
    // An SQLSTATE comes with a message of the server, here with its last one. A pooler may speak for itself when it has
    // lost the server behind it, and then nobody told how that session ended.
    if (!sqlState.isEmpty() && !m_behindPooler) {
        m_ending = ConnectionEnding{.saidByServer = true, .error = serverError(sqlState, words)};
        return;
    }
    m_ending = ConnectionEnding{
        .saidByServer = false,
        .error = {.kind = ErrorKind::Connection,
                  .what = tr("The connection to the server broke. What the session held may still be held on the "
                             "server, until the server notices."),
                  .advice = tr("Look for pid %1 in the list of locks, and open a new session when the server answers.")
                                .arg(m_backendPid),
                  .serverWords = words,
                  .sqlState = sqlState}};
}

} // namespace lockscope
