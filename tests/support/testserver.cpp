#include "tests/support/testserver.h"

#include <QTest>

#include <chrono>

namespace lockscope::test {

using namespace std::chrono_literals;

namespace {

QString words(const Error& error)
{
    QStringList parts = {error.what, error.advice, error.serverWords};
    parts.removeAll(QString());
    return parts.join(QStringLiteral(" | "));
}

/// Small and quick; what a test asks for comes after it and wins.
QString fastSettings()
{
    return QStringLiteral("shared_buffers = 16MB\n"
                          "synchronous_commit = off\n"
                          "autovacuum = off\n"
                          "max_wal_senders = 0\n"
                          "max_worker_processes = 2\n"
                          "deadlock_timeout = 200ms\n");
}

} // namespace

TestServer::TestServer(const QString& configuration)
    : m_sandbox(std::make_unique<Sandbox>())
{
    m_sandbox->setConfiguration(fastSettings() + configuration);
    if (const auto started = m_sandbox->startAndWait(60s); !started)
        m_problem = words(started.error());
}

TestServer::~TestServer() = default;

Conninfo TestServer::conninfo() const
{
    return m_sandbox->conninfo();
}

std::unique_ptr<LibpqConnection> TestServer::session(const QString& applicationName) const
{
    auto session = std::make_unique<LibpqConnection>();
    const auto opened = session->open(conninfo().with(QStringLiteral("application_name"), applicationName), 10s);
    if (!opened)
        QTest::qFail(qPrintable(QStringLiteral("no session: ") + words(opened.error())), __FILE__, __LINE__);
    return session;
}

QString scalar(LibpqConnection& session, const QByteArray& sql)
{
    const auto answer = session.executeOne(sql, 30s);
    if (!answer)
        return words(answer.error());
    if (answer->rows() == 0 || answer->columns() == 0)
        return {};
    return answer->text(0, 0);
}

} // namespace lockscope::test
