#include "tests/field/stage.h"

#include <QTest>

#include <libpq-fe.h>

namespace lockscope::test {

using namespace std::chrono_literals;

/// What must work shows in what comes after it.
static void attempt(LibpqConnection& session, const QByteArray& sql)
{
    static_cast<void>(session.execute(sql, 20s));
}

Stage::Stage(const TestServer& server, const QString& database)
    : m_conninfo(server.conninfo().with(QStringLiteral("dbname"), database))
{
    if (const auto opened = m_admin.open(m_conninfo, 10s); !opened)
        note(QStringLiteral("opening"), opened.error());
    // Warm: what it asks later must do without catalogs.
    attempt(m_admin, "SELECT count(*) FROM pg_catalog.pg_lock_status() AS l WHERE l.pid = 0 AND NOT l.granted");
    attempt(m_admin, "SELECT pg_catalog.pg_terminate_backend(0)");
    attempt(m_admin, "SELECT count(*) FROM pg_catalog.pg_stat_get_activity(0)");
}

Stage::~Stage()
{
    // Those who came last first: nobody gets a lock on the way out.
    for (auto session = m_sessions.rbegin(); session != m_sessions.rend(); ++session) {
        const QByteArray pid = QByteArray::number(session->second->claimedPid());
        attempt(m_admin, "SELECT pg_catalog.pg_terminate_backend(" + pid + ")");
        const QByteArray isThere = "SELECT count(*) FROM pg_catalog.pg_stat_get_activity(" + pid + ")";
        static_cast<void>(
            QTest::qWaitFor([&] { return scalar(m_admin, isThere) == QStringLiteral("0"); }, 5000)); // the next reports
    }
    m_sessions.clear();
    for (const QByteArray& sql : m_afterwards)
        attempt(m_admin, sql);
}

void Stage::note(const QString& what, const Error& error)
{
    if (m_problem.isEmpty())
        m_problem = what + QStringLiteral(": ") + error.what + u' ' + error.serverWords;
}

std::unique_ptr<LibpqConnection> Stage::open(const QString& name)
{
    Conninfo conninfo = m_conninfo.with(QStringLiteral("application_name"), name.section(u'@', 0, 0));
    if (name.contains(u'@'))
        conninfo = conninfo.with(QStringLiteral("dbname"), name.section(u'@', 1));
    auto session = std::make_unique<LibpqConnection>();
    if (const auto opened = session->open(conninfo, 10s); !opened)
        note(name, opened.error());
    return session;
}

void Stage::enter(const QStringList& names)
{
    // Pids begin anew at their end: then all once more.
    for (int attempt = 0; attempt < 3; ++attempt) {
        bool ascending = true;
        m_sessions.clear();
        for (const QString& name : names) {
            auto session = open(name);
            ascending &= m_sessions.empty() || session->claimedPid() > m_sessions.back().second->claimedPid();
            m_sessions.emplace_back(name.section(u'@', 0, 0), std::move(session));
        }
        if (ascending)
            return;
    }
    if (m_problem.isEmpty())
        m_problem = QStringLiteral("no ascending pids");
}

static LibpqConnection& find(std::vector<std::pair<QString, std::unique_ptr<LibpqConnection>>>& sessions,
                             const QString& name)
{
    for (auto& [known, session] : sessions) {
        if (known == name)
            return *session;
    }
    qFatal("no session %s", qPrintable(name));
}

void Stage::run(const QString& name, const QByteArray& sql)
{
    if (const auto done = find(m_sessions, name).execute(sql, 20s); !done)
        note(name + QStringLiteral(" runs ") + QString::fromUtf8(sql), done.error());
}

void Stage::runInVain(const QString& name, const QByteArray& sql, const QString& sqlState)
{
    const auto done = find(m_sessions, name).execute(sql, 20s);
    const QString seen = done ? QStringLiteral("no error") : done.error().sqlState;
    if (seen != sqlState && m_problem.isEmpty())
        m_problem = name + QStringLiteral(" runs ") + QString::fromUtf8(sql) + QStringLiteral(": ") + seen;
}

void Stage::wait(const QString& name, const QByteArray& sql)
{
    LibpqConnection& session = find(m_sessions, name);
    const QByteArray waits = "SELECT count(*) FROM pg_catalog.pg_lock_status() AS l WHERE l.pid = " +
                             QByteArray::number(session.claimedPid()) + " AND NOT l.granted";
    const bool sent = PQsendQuery(session.handle(), sql.constData()) == 1;
    if (!sent || !QTest::qWaitFor([&] { return scalar(m_admin, waits) == QStringLiteral("1"); }, 10000)) {
        if (m_problem.isEmpty())
            m_problem = name + QStringLiteral(" does not wait: ") + QString::fromUtf8(sql);
    }
}

QString Stage::nameOf(qint32 pid) const
{
    for (const auto& [name, session] : m_sessions) {
        if (session->claimedPid() == pid)
            return name;
    }
    return QStringLiteral("pid %1").arg(pid);
}

qint32 Stage::pidOf(const QString& name) const
{
    for (const auto& [known, session] : m_sessions) {
        if (known == name)
            return session->claimedPid();
    }
    return 0;
}

} // namespace lockscope::test
