#pragma once

#include "app/postgres/canceller.h"
#include "app/postgres/conninfo.h"
#include "app/postgres/loginclock.h"
#include "app/postgres/noticelist.h"
#include "models/domain/sessionstate.h"

#include <QList>
#include <QObject>
#include <QStringList>

#include <memory>
#include <optional>

class QSocketNotifier;
class QSqlQuery;
struct pg_conn;
struct pg_result;

namespace lockscope {

/// How a connection ended that nobody here closed.
struct ConnectionEnding
{
    bool saidByServer = false; ///< the server told that it ends the session: its locks are gone. Else nobody knows.
    Error error = {};
};

/// What came back for one statement.
struct StatementAnswer
{
    bool sent = true;                ///< false: cancelled before it was sent; nothing else is set
    std::optional<Error> error = {}; ///< none: the statement succeeded
    QList<QStringList> rows = {};    ///< as text; NULL is empty
    StatementRecord record = {};     ///< for the statement log

    [[nodiscard]] bool isTrue() const { return !rows.isEmpty() && rows.first().value(0) == QLatin1StringView("true"); }
};

/// The one QSqlDatabase of an operator session, and the libpq connection below it. Everything happens on the thread of
/// this object, which needs an event loop: while no statement runs, the socket is watched, so that the end of the
/// session is noticed at once and without asking. Never reopens, never prepares a statement, never binds a value.
class OperatorConnection final : public QObject
{
    Q_OBJECT

public:
    OperatorConnection(QString sessionName, std::shared_ptr<Canceller> canceller, QObject* parent = nullptr);
    ~OperatorConnection() override;
    Q_DISABLE_COPY_MOVE(OperatorConnection)

    /// Blocks until the login succeeded, was refused, timed out or was woken. A refused password is sent once.
    ///
    /// The login is made twice. QPSQL keeps no SQLSTATE of a refused login, cannot be woken, and through libpq's
    /// sslmode=prefer may send a refused password again without TLS. So LibpqConnection logs in first, which does
    /// better in all three, and QPSQL follows only when that was accepted, to the very host and address that accepted.
    [[nodiscard]] Result<void> open(const Conninfo& conninfo);
    void close();
    [[nodiscard]] bool isOpen() const { return m_connection != nullptr; }

    /// Runs one statement and blocks until its answer. When the connection ends meanwhile, ending() tells how.
    [[nodiscard]] StatementAnswer execute(const QString& sql, StatementPurpose purpose);

    [[nodiscard]] const std::optional<ConnectionEnding>& ending() const { return m_ending; }
    [[nodiscard]] TransactionPhase transaction() const;
    /// Asks for the backend's pid and start; to be called once after open().
    [[nodiscard]] StatementAnswer identify();
    [[nodiscard]] qint32 backendPid() const { return m_backendPid; }
    [[nodiscard]] std::optional<ServerTime> backendStart() const { return m_backendStart; }
    [[nodiscard]] bool behindPooler() const { return m_behindPooler; }
    /// False: a backslash in a text literal is an escape, so no text may be sent.
    [[nodiscard]] bool hasStandardStrings() const;

Q_SIGNALS:
    void endedWhileIdle(); ///< see ending()

private:
    [[nodiscard]] Result<void> openDatabase(const Conninfo& conninfo);
    void readRows(QSqlQuery& query, StatementAnswer& answer) const;
    void readIdleSocket();
    void findEnding(QString sqlState, QString words);
    static void receiveNotice(void* receiver, const pg_result* notice);

    const QString m_sessionName;
    const QString m_databaseName; ///< of the QSqlDatabase, unique in this process
    std::shared_ptr<Canceller> m_canceller;
    pg_conn* m_connection = nullptr;        ///< owned by the driver of the QSqlDatabase
    QSocketNotifier* m_idleWatch = nullptr; ///< a child; disabled while a statement runs
    NoticeList m_notices;                   ///< of the running statement
    struct Farewell
    {
        QString sqlState;
        QString words;
    };
    std::optional<Farewell> m_farewell; ///< out of turn, from the server or from a pooler
    std::optional<ConnectionEnding> m_ending;
    qint32 m_backendPid = 0;
    LoginClock m_loginClock;
    bool m_behindPooler = false;
    std::optional<ServerTime> m_backendStart;
};

} // namespace lockscope
