#pragma once

#include "app/lab/releasewatch.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <memory>

namespace lockscope::test {

/// Tests of client processes: the program where it was built, a server, somebody who looks at it, and one release
/// watch. Has no slots of its own, so that a class calls startServer() and stopServer() from where QtTest looks for
/// them.
class ClientSuite : public Suite
{
protected:
    void startServer(const char* program)
    {
        qputenv("LOCKSCOPE_CLIENT", program);
        m_server = std::make_unique<TestServer>();
        QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
        m_observer = m_server->session(QStringLiteral("observer"));
        m_watch = std::make_shared<ReleaseWatch>(m_server->conninfo());
    }
    void stopServer()
    {
        m_watch.reset();
        m_observer.reset();
        m_server.reset();
    }
    QString ask(const QByteArray& sql) { return scalar(*m_observer, sql); }

    std::unique_ptr<TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_observer;
    std::shared_ptr<ReleaseWatch> m_watch;
};

} // namespace lockscope::test
