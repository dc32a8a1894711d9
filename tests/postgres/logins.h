#pragma once

#include "app/postgres/libpqconnection.h"
#include "tests/support/testserver.h"

#include <QFile>
#include <QTest>

namespace lockscope::test {

/// The error of a login that fails; an error of kind Internal when it does not.
inline Error openError(const Conninfo& conninfo, std::chrono::milliseconds deadline = std::chrono::seconds(10))
{
    LibpqConnection connection;
    const auto opened = connection.open(conninfo, deadline);
    return opened ? Error{.kind = ErrorKind::Internal, .what = QStringLiteral("the login worked")} : opened.error();
}

/// How often the server has refused a password so far, read once everything before is in its log.
inline int passwordRefusals(TestServer& server)
{
    (void)server.session();
    return static_cast<int>(server.sandbox().serverLog().count(QStringLiteral("password authentication failed")));
}

/// Puts a rule before all others and reads the file again; sessions that start a moment later may still see the old
/// rules.
inline void addHostRule(TestServer& server, const QByteArray& rule)
{
    const auto session = server.session();
    QFile file(scalar(*session, "SHOW hba_file"));
    QVERIFY(file.open(QIODevice::ReadWrite));
    const auto before = file.readAll();
    file.seek(0);
    file.write(rule + '\n' + before);
    file.close();
    QCOMPARE(scalar(*session, "SELECT pg_reload_conf()"), QStringLiteral("t"));
}

} // namespace lockscope::test
