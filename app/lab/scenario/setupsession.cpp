#include "app/lab/scenario/setupsession.h"

#include "app/lab/labsql.h"

namespace lockscope {

namespace {

constexpr std::chrono::seconds statementDeadline{30};

/// undefined_object (a prepared transaction as well), undefined_table, undefined_function, invalid_catalog_name (a
/// database), invalid_schema_name
bool isNotThere(const QString& sqlState)
{
    static const QStringList states{QStringLiteral("42704"), QStringLiteral("42P01"), QStringLiteral("42883"),
                                    QStringLiteral("3D000"), QStringLiteral("3F000")};
    return states.contains(sqlState);
}

} // namespace

SetupSession::SetupSession(const Conninfo& conninfo, QObject* parent)
    : QObject(parent)
    , m_session(
          withDefaults(conninfo.with(QStringLiteral("application_name"), {}), QStringLiteral("lockscope lab: setup")))
{
    m_deadline.setSingleShot(true);
    m_deadline.setInterval(statementDeadline);
    connect(&m_deadline, &QTimer::timeout, this, [this] { m_session.cancel(); });
}

SetupSession::~SetupSession() = default;

void SetupSession::inquire(std::function<void(const Result<LessonServer>&)> answered)
{
    m_session.open(false, [this, answered = std::move(answered)](const Result<LabSession::Login>& login) {
        if (!login) {
            Error error = login.error();
            if (error.kind == ErrorKind::Server) // no slot is free, it is starting: it answers, and lets nobody in
                error.kind = ErrorKind::Connection;
            answered(failure(error));
            return;
        }
        const qint32 claimed = login->claimedPid;
        m_session.execute(labStatement(QStringLiteral("lesson_server")), [answered, claimed](const LabAnswer& told) {
            if (!told.rows) {
                answered(failure(told.rows.error()));
                return;
            }
            const QStringList row = told.rows->value(0);
            answered(LessonServer{.version = row.value(0).section(u' ', 0, 0),
                                  .versionNumber = row.value(1).toInt(),
                                  .standby = row.value(2) == u"t",
                                  .preparedTransactions = row.value(3).toInt(),
                                  .database = row.value(4),
                                  .behindPooler = row.value(5).toInt() != claimed});
        });
    });
}

void SetupSession::bound(int versionNumber, std::function<void(const Result<void>&)> done)
{
    // Set now and not at login, where a pooler would refuse it before anybody can say that this is one.
    QStringList settings{QStringLiteral("SET statement_timeout = '1min'")};
    if (versionNumber >= 140000)
        settings.append(QStringLiteral("SET client_connection_check_interval = '1s'"));
    run(settings, false, {}, std::move(done));
}

void SetupSession::prepare(const QStringList& statements, std::function<void(const Result<void>&)> done)
{
    run(statements, false, {}, std::move(done));
}

void SetupSession::remove(const QStringList& statements, std::function<void(const Result<void>&)> done)
{
    run(statements, true, {}, std::move(done));
}

void SetupSession::run(QStringList statements, bool removes, Result<void> soFar,
                       std::function<void(const Result<void>&)> done)
{
    m_deadline.stop();
    if (statements.isEmpty() || (!soFar && !removes)) {
        QMetaObject::invokeMethod(
            this, [done = std::move(done), soFar = std::move(soFar)] { done(soFar); }, Qt::QueuedConnection);
        return;
    }
    const QString statement = statements.takeFirst();
    m_deadline.start();
    m_session.execute(statement.toUtf8(), [this, statements, removes, soFar, done](const LabAnswer& told) {
        Result<void> now = soFar;
        if (!told.rows && soFar && !(removes && isNotThere(told.rows.error().sqlState)))
            now = failure(told.rows.error());
        run(statements, removes, now, done);
    });
}

} // namespace lockscope
