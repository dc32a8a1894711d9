#include "app/postgres/observer.h"
#include "app/postgres/servertext.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <libpq-fe.h>

#include <algorithm>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

const QChar unreadable(QChar::ReplacementCharacter);

} // namespace

/// Sessions whose texts are no UTF-8, seen from databases of different encodings. Each of these texts lies in the
/// server's shared memory in the encoding of the session that wrote it, and the server converts it from the encoding of
/// whoever looks: that fails, or gives wrong letters, and one such session must not blind the console.
class tst_Encodings final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void readsEveryRowFromADatabaseIn_data();
    void readsEveryRowFromADatabaseIn();
    void readsTextInTheEncodingItWasWrittenIn();

private:
    [[nodiscard]] std::unique_ptr<LibpqConnection> writerIn(const QString& database, const QString& name) const;

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_latin;
    std::unique_ptr<LibpqConnection> m_raw;
    std::unique_ptr<LibpqConnection> m_utf8;
    PGconn* m_stranger = nullptr; ///< a role and a database whose names are no text
};

/// A session that writes bytes as they are.
std::unique_ptr<LibpqConnection> tst_Encodings::writerIn(const QString& database, const QString& name) const
{
    auto writer = std::make_unique<LibpqConnection>();
    const auto opened = writer->open(m_server->conninfo()
                                         .with(QStringLiteral("dbname"), database)
                                         .with(QStringLiteral("client_encoding"), database == QStringLiteral("latin")
                                                                                      ? QStringLiteral("LATIN1")
                                                                                      : QStringLiteral("SQL_ASCII"))
                                         .with(QStringLiteral("application_name"), name),
                                     5s);
    return opened ? std::move(writer) : nullptr;
}

void tst_Encodings::initTestCase()
{
    m_server = std::make_unique<test::TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    const auto admin = m_server->session();
    for (const QByteArray database : {"raw SQL_ASCII", "latin LATIN1", "tokyo EUC_JP", "moscow WIN1251"}) {
        const QList<QByteArray> parts = database.split(' ');
        VERIFY_RESULT(admin->executeOne("CREATE DATABASE " + parts[0] + " TEMPLATE template0 ENCODING '" + parts[1] +
                                            "' LC_COLLATE 'C' LC_CTYPE 'C'",
                                        20s));
    }
    m_raw = writerIn(QStringLiteral("raw"), QStringLiteral("raw"));
    m_latin = writerIn(QStringLiteral("latin"), QStringLiteral("latin"));
    m_utf8 = m_server->session(QStringLiteral("utf8"));
    QVERIFY(m_raw && m_latin);
    // The bytes before the lock call are the first of characters longer than what follows: functions that count
    // characters fail on them, or skip what comes next.
    VERIFY_RESULT(m_raw->executeOne("SET application_name = 'raw \xe9'", 5s));
    VERIFY_RESULT(m_raw->execute("BEGIN; SELECT pg_advisory_xact_lock(20); PREPARE TRANSACTION 'raw \xff\xe9'", 5s));
    VERIFY_RESULT(m_latin->execute("BEGIN; SELECT pg_advisory_xact_lock(21); PREPARE TRANSACTION 'caf\xe9'", 5s));
    VERIFY_RESULT(m_raw->executeOne("CREATE ROLE \"r\xf4le\" LOGIN PASSWORD 'x'", 5s));
    VERIFY_RESULT(
        m_raw->executeOne("CREATE DATABASE \"d\xe9p\xf4t\" TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' "
                          "LC_CTYPE 'C'",
                          20s));
    VERIFY_RESULT(m_raw->executeOne("SELECT /* \xff\xfe\xe9 */ pg_advisory_lock(10)", 5s));
    VERIFY_RESULT(m_latin->executeOne("SELECT /* caf\xe9 */ pg_advisory_lock(11)", 5s));
    VERIFY_RESULT(m_utf8->executeOne("SELECT /* caf\xc3\xa9 \xe2\x82\xac */ pg_advisory_lock(12)", 5s));

    const QByteArray conninfo = "host=127.0.0.1 password=x client_encoding=SQL_ASCII application_name=stranger port=" +
                                m_server->conninfo().value(QStringLiteral("port")).toLatin1() +
                                " user='r\xf4le' dbname='d\xe9p\xf4t'";
    m_stranger = PQconnectdb(conninfo.constData());
    QVERIFY2(PQstatus(m_stranger) == CONNECTION_OK, PQerrorMessage(m_stranger));
    PQclear(PQexec(m_stranger, "SELECT pg_advisory_lock(13)"));
    PQclear(PQexec(m_stranger, "SELECT /* \xe9\xe9 */ pg_advisory_unlock(99)"));
}

void tst_Encodings::cleanupTestCase()
{
    PQfinish(m_stranger);
}

void tst_Encodings::readsEveryRowFromADatabaseIn_data()
{
    QTest::addColumn<QString>("database");
    QTest::newRow("UTF8") << QStringLiteral("postgres");
    QTest::newRow("SQL_ASCII") << QStringLiteral("raw");
    QTest::newRow("LATIN1") << QStringLiteral("latin");
    QTest::newRow("EUC_JP") << QStringLiteral("tokyo");
    QTest::newRow("WIN1251") << QStringLiteral("moscow");
}

void tst_Encodings::readsEveryRowFromADatabaseIn()
{
    QFETCH(const QString, database);
    for (const LockScope scope : {LockScope::AdvisoryOnly, LockScope::AllTypes}) {
        const auto reading = readOnce(m_server->conninfo().with(QStringLiteral("dbname"), database), scope, 5s);
        VERIFY_RESULT(reading);
        const Snapshot& snapshot = *reading->snapshot;
        QVERIFY(!snapshot.withoutNames);
        QStringList rows;
        QStringList gids;
        for (const Lock& lock : snapshot.locks) {
            if (lock.target.type != LockType::Advisory)
                continue;
            rows << describe(lock.target);
            if (lock.backend.pid == 0)
                gids << snapshot.prepared.value(lock.virtualTransaction).gid;
        }
        rows.sort();
        QCOMPARE(rows.join(u' '), QStringLiteral("10 11 12 13 20 21"));

        const auto query = [&snapshot](qint32 pid) {
            const BackendPointer backend = snapshot.backends.value(pid);
            return backend ? backend->query : QString();
        };
        QCOMPARE(query(m_utf8->claimedPid()), QStringLiteral("SELECT /* café € */ pg_advisory_lock(12)"));
        QCOMPARE(query(m_latin->claimedPid()), QStringLiteral("SELECT /* café */ pg_advisory_lock(11)"));
        QCOMPARE(query(m_raw->claimedPid()),
                 QStringLiteral("SELECT /* %1 */ pg_advisory_lock(10)").arg(QString(3, unreadable)));

        // Found by its last statement, although bytes that are no text stand before the word.
        const BackendPointer stranger = snapshot.backends.value(PQbackendPID(m_stranger));
        QVERIFY(stranger);
        QVERIFY(stranger->query.contains(QStringLiteral("pg_advisory_unlock(99)")));
        QVERIFY2(stranger->user.startsWith(u'r') && stranger->user.endsWith(QStringLiteral("le")),
                 qPrintable(stranger->user));
        QVERIFY2(stranger->database.startsWith(u'd') && stranger->database.endsWith(u't'),
                 qPrintable(stranger->database));
        QVERIFY(snapshot.backends.value(m_raw->claimedPid())->applicationName.startsWith(QStringLiteral("raw ")));

        std::sort(gids.begin(), gids.end());
        QCOMPARE(gids, (QStringList{QStringLiteral("café"), QStringLiteral("raw %1").arg(QString(2, unreadable))}));
    }
}

void tst_Encodings::readsTextInTheEncodingItWasWrittenIn()
{
    QCOMPARE(serverText("caf\xe9", QStringLiteral("LATIN1")), QStringLiteral("café"));
    QCOMPARE(serverText("\xe9", QStringLiteral("WIN1251")), QStringLiteral("й"));
    QCOMPARE(serverText("caf\xc3\xa9", QStringLiteral("UTF8")), QStringLiteral("café"));
    QCOMPARE(serverText("caf\xc3\xa9", QStringLiteral("SQL_ASCII")), QStringLiteral("café"));
    QCOMPARE(serverText("caf\xe9", QStringLiteral("no such encoding")), QStringLiteral("caf") + unreadable);
    QCOMPARE(sharedText("caf\xc3\xa9", QStringLiteral("LATIN1")), QStringLiteral("café"));
    QCOMPARE(sharedText("caf\xe9", QStringLiteral("LATIN1")), QStringLiteral("café"));
    QVERIFY(textAsItIs(QStringLiteral("UTF8")).isEmpty());
    QVERIFY(!textAsItIs(QStringLiteral("LATIN1")).isEmpty());
}

QTEST_GUILESS_MAIN(tst_Encodings)
#include "tst_encodings.moc"
