#pragma once

#include "app/keynames.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QSignalSpy>
#include <QTemporaryDir>

#include <memory>

namespace lockscope::test {

inline LabelQuery query(const char* id, const char* sql)
{
    return {.id = QString::fromLatin1(id), .sql = QString::fromLatin1(sql)};
}

/// Holds names and says what went wrong with the file.
struct KeyNamesDesk
{
    explicit KeyNamesDesk(const QString& file, std::chrono::milliseconds interval = KeyNames::usualInterval)
        : names(file, interval)
        , failures(&names, &KeyNames::failed)
    {
    }
    QString failure() const { return failures.isEmpty() ? QString() : failures.last().first().value<Error>().what; }
    QString meaning(quint32 databaseOid, qint64 key, const QString& database) const
    {
        return names.dictionary()->meaning(LockTarget::advisory(databaseOid, LockKey::bigint(key)), database);
    }

    KeyNames names;
    QSignalSpy failures;
};

/// Tests of the names of keys: a server with a table of names, and for each test an empty folder. Has no slots of its
/// own, so that a class calls openServer(), closeServer() and renewFolder() from where QtTest looks for them.
class KeyNamesSuite : public Suite
{
protected:
    void openServer()
    {
        qRegisterMetaType<Error>("lockscope::Error");
        m_server = std::make_unique<TestServer>();
        QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
        m_witness = m_server->session(QStringLiteral("witness"));
        VERIFY_RESULT(m_witness->execute("CREATE TABLE calendars (id bigint, name text);"
                                         "INSERT INTO calendars VALUES (5, 'Google calendar, ACME')",
                                         std::chrono::seconds(5)));
        m_info.database = scalar(*m_witness, "SELECT current_database()");
        m_info.databaseOid =
            scalar(*m_witness, "SELECT oid FROM pg_database WHERE datname = current_database()").toUInt();
        m_info.host = QStringLiteral("db1");
        m_info.port = 5432;
    }
    void closeServer()
    {
        m_witness.reset();
        m_server.reset();
    }
    void renewFolder()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
    }
    QString file() const { return m_folder->filePath(QStringLiteral("key-names.json")); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_witness;
    ServerInfo m_info;
};

} // namespace lockscope::test
