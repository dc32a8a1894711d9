#include "app/postgres/keylabelquery.h"
#include "app/postgres/libpqconnection.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>
#include <QFile>

#include <algorithm>
#include <limits>

using namespace lockscope;
using namespace std::chrono_literals;
using test::scalar;

namespace {

/// "5: Google calendar, ACME | (1, 2): pair", by key.
QString asText(const KeyLabelAnswer& answer)
{
    auto keys = answer.labels.keys();
    std::sort(keys.begin(), keys.end());
    QStringList lines;
    for (const auto& key : keys)
        lines.append(key.toString() + QStringLiteral(": ") + answer.labels.value(key));
    return lines.join(QStringLiteral(" | "));
}

QString asText(const Error& error)
{
    return error.what + QLatin1Char('\n') + error.advice + QLatin1Char('\n') + error.serverWords;
}

} // namespace

class tst_KeyLabelQuery final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_server = std::make_unique<test::TestServer>();
        QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
        m_witness = m_server->session(QStringLiteral("witness"));
        VERIFY_RESULT(m_witness->execute("CREATE TABLE calendars (id bigint, provider text, client text);"
                                         "INSERT INTO calendars VALUES (5, 'Google', 'ACME'), (-7, 'Outlook', 'Umbra');"
                                         "CREATE ROLE plain LOGIN PASSWORD 'p'",
                                         5s));
    }
    void cleanupTestCase()
    {
        m_witness.reset();
        m_server.reset();
    }

    void namesKeysByTheWordsOfThePersonsOwnTables()
    {
        const auto answer = ask("SELECT id, provider || ' calendar, ' || client FROM calendars");
        VERIFY_RESULT(answer);
        QCOMPARE(asText(*answer), QStringLiteral("-7: Outlook calendar, Umbra | 5: Google calendar, ACME"));
        QCOMPARE(answer->rows, 2);
        QCOMPARE(answer->unreadable, 0);
        QVERIFY(!answer->truncated);
        QVERIFY(answer->elapsed > 0us);
        QCOMPARE(QString::number(answer->databaseOid),
                 scalar(*m_witness, "SELECT oid FROM pg_database WHERE datname = current_database()"));
    }

    void threeColumnsNamePairs()
    {
        const auto answer = ask("SELECT 5, -7, 'both halves' UNION ALL SELECT 2147483647, -2147483648, 'ends'");
        VERIFY_RESULT(answer);
        QCOMPARE(asText(*answer), QStringLiteral("(5, -7): both halves | (2147483647, -2147483648): ends"));
    }

    void aClosingSemicolonAndCommentsAreNoSecondStatement()
    {
        VERIFY_RESULT(ask("-- names of keys\nSELECT 5, 'five' /* the calendar */;\n"));
    }

    void runsAsARestrainedSession()
    {
        const auto answer =
            ask("SELECT row_number() OVER (), setting FROM (VALUES (current_setting('transaction_read_only')),"
                "(current_setting('default_transaction_read_only')), (current_setting('statement_timeout')),"
                "(current_setting('lock_timeout')), (current_setting('idle_in_transaction_session_timeout')),"
                "(current_setting('application_name'))) AS s(setting)",
                3s);
        VERIFY_RESULT(answer);
        QCOMPARE(asText(*answer), QStringLiteral("1: on | 2: on | 3: 3s | 4: 1s | 5: 10s | 6: lockscope label query"));
    }

    void aQueryThatWritesIsRefused_data()
    {
        QTest::addColumn<QString>("sql");
        QTest::newRow("returning") << QStringLiteral("INSERT INTO calendars VALUES (8, 'x', 'y') RETURNING id, client");
        QTest::newRow("in a WITH") << QStringLiteral(
            "WITH gone AS (DELETE FROM calendars RETURNING id) SELECT id, 'gone' FROM gone");
        QTest::newRow("sequence") << QStringLiteral("SELECT nextval('numbers'), 'next'");
        QTest::newRow("read-write again")
            << QStringLiteral("SELECT 1, set_config('transaction_read_only', 'off', false)");
    }

    void aQueryThatWritesIsRefused()
    {
        QFETCH(const QString, sql);
        VERIFY_RESULT(m_witness->execute("CREATE SEQUENCE IF NOT EXISTS numbers", 5s));
        const auto answer = ask(sql);
        QVERIFY(!answer);
        QVERIFY2(!answer.error().serverWords.isEmpty(), qPrintable(asText(answer.error())));
        if (answer.error().sqlState == QLatin1StringView("25006")) {
            QCOMPARE(answer.error().kind, ErrorKind::Usage);
            QCOMPARE(answer.error().what, QStringLiteral("The query wants to change something. Nothing was changed."));
        } else {
            QCOMPARE(answer.error().sqlState, QStringLiteral("25001"));
        }
        QCOMPARE(scalar(*m_witness, "SELECT count(*) FROM calendars"), QStringLiteral("2"));
    }

    void nothingCanBeAppendedToTheQuery()
    {
        const auto answer = ask("SELECT id, client FROM calendars; DROP TABLE calendars");
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::Usage);
        QCOMPARE(answer.error().what, QStringLiteral("The text holds more than one statement. None of them was run."));
        QVERIFY(answer.error().serverWords.contains(QStringLiteral("multiple commands")));
        QVERIFY(!ask("SELECT 1, 'x'; COMMIT; CREATE TABLE made()"));
        QCOMPARE(scalar(*m_witness, "SELECT count(*) FROM calendars"), QStringLiteral("2"));
        QCOMPARE(scalar(*m_witness, "SELECT to_regclass('made') IS NULL"), QStringLiteral("t"));
    }

    void whatReturnsNoTwoOrThreeColumnsIsNeverRun_data()
    {
        QTest::addColumn<QString>("sql");
        QTest::addColumn<QString>("says");
        const auto none = QStringLiteral("returns no rows");
        QTest::newRow("copy out") << QStringLiteral("COPY calendars TO STDOUT") << none;
        QTest::newRow("copy in") << QStringLiteral("COPY calendars FROM STDIN") << none;
        QTest::newRow("copy to a program")
            << QStringLiteral("COPY (SELECT 1) TO PROGRAM 'cat > %1/written'").arg(m_server->sandbox().directory())
            << none;
        QTest::newRow("commit") << QStringLiteral("COMMIT") << none;
        QTest::newRow("set") << QStringLiteral("SET default_transaction_read_only = off") << none;
        QTest::newRow("do") << QStringLiteral("DO 'BEGIN PERFORM pg_sleep(60); END'") << none;
        QTest::newRow("one column") << QStringLiteral("SELECT pg_sleep(60)") << QStringLiteral("1 column");
        QTest::newRow("four columns") << QStringLiteral("SELECT 1, 2, 3, pg_sleep(60)") << QStringLiteral("4 column");
        QTest::newRow("only a comment") << QStringLiteral("-- nothing") << none;
    }

    void whatReturnsNoTwoOrThreeColumnsIsNeverRun()
    {
        QFETCH(const QString, sql);
        QFETCH(const QString, says);
        const auto answer = ask(sql, 2s);
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::Usage);
        QVERIFY2(answer.error().what.contains(says) && answer.error().what.contains(QStringLiteral("was not run")),
                 qPrintable(asText(answer.error())));
        QVERIFY(answer.error().advice.contains(QStringLiteral("two columns")));
        QVERIFY(!QFile::exists(m_server->sandbox().directory() + QStringLiteral("/written")));
    }

    void anEmptyTextAsksNobody()
    {
        const auto nowhere = Conninfo::parse(QStringLiteral("host=192.0.2.1")).value();
        for (const auto& sql :
             {QString(), QStringLiteral(" \n"), QStringLiteral("SELECT 1, 'a\0b'").append(QChar::Null)}) {
            const auto future = askKeyLabels(nowhere, sql, 1s);
            QVERIFY(future.isFinished());
            QCOMPARE(future.result().error().kind, ErrorKind::Usage);
        }
    }

    void endsAQueryThatTakesTooLong()
    {
        QElapsedTimer timer;
        timer.start();
        const auto answer = ask("SELECT 5, pg_sleep(60)::text", 300ms);
        QVERIFY(!answer);
        QVERIFY2(timer.elapsed() < 5000, qPrintable(QString::number(timer.elapsed())));
        QCOMPARE(answer.error().what, QStringLiteral("The query took longer than 300 ms and was cancelled."));
        QCOMPARE(answer.error().sqlState, QStringLiteral("57014"));
        QVERIFY(answer.error().advice.contains(QStringLiteral("timeout")));
        QTRY_COMPARE(labelQueries(), QStringLiteral("0"));
    }

    void givesUpOnATableThatIsLocked()
    {
        VERIFY_RESULT(m_witness->execute("BEGIN; LOCK TABLE calendars IN ACCESS EXCLUSIVE MODE", 5s));
        const auto answer = ask("SELECT id, client FROM calendars", 200ms);
        VERIFY_RESULT(m_witness->execute("ROLLBACK", 5s));
        QVERIFY(!answer);
        QVERIFY2(answer.error().sqlState == QLatin1StringView("55P03") ||
                     answer.error().sqlState == QLatin1StringView("57014"),
                 qPrintable(asText(answer.error())));
        QVERIFY(!ask("SELECT id, client FROM calendars").value().labels.isEmpty());
    }

    void locksThatTheQueryTakesEndWithIt()
    {
        const auto answer = ask("SELECT 99, pg_advisory_lock(99)::text || 'taken'");
        VERIFY_RESULT(answer);
        QTRY_COMPARE(scalar(*m_witness, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"),
                     QStringLiteral("0"));
    }

    void countsRowsWithoutAKeyOrAName()
    {
        const auto answer = ask("SELECT NULL::bigint, 'nobody' UNION ALL SELECT 1, NULL UNION ALL SELECT 2, '' "
                                "UNION ALL SELECT 3, 'three' UNION ALL SELECT NULL, NULL");
        VERIFY_RESULT(answer);
        QCOMPARE(asText(*answer), QStringLiteral("3: three"));
        QCOMPARE(answer->rows, 5);
        QCOMPARE(answer->unreadable, 4);
    }

    void keysAsTextOrNumericAreReadWhereTheyAreWholeNumbers()
    {
        const auto answer = ask("SELECT key, 'n' FROM (VALUES ('7'), ('seven'), ('7.5'), ('9223372036854775808'), "
                                "('-9223372036854775808'), (' 8')) AS k(key)");
        VERIFY_RESULT(answer);
        QCOMPARE(asText(*answer), QStringLiteral("-9223372036854775808: n | 7: n"));
        QCOMPARE(answer->unreadable, 4);
    }

    void explainsColumnsInTheWrongOrder()
    {
        const auto answer = ask("SELECT client, id FROM calendars");
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::Usage);
        QCOMPARE(answer.error().what, QStringLiteral("No row of the answer has a number as its key."));
    }

    void noRowsAreNoError()
    {
        const auto answer = ask("SELECT id, client FROM calendars WHERE false");
        VERIFY_RESULT(answer);
        QCOMPARE(answer->rows, 0);
        QVERIFY(answer->labels.isEmpty());
    }

    void stopsReadingAtTheLimit()
    {
        const auto answer = ask("SELECT n, 'key ' || n FROM generate_series(1, 60000) AS n", 30s);
        VERIFY_RESULT(answer);
        QVERIFY(answer->truncated);
        QCOMPARE(answer->rows, maximumKeyLabels);
        QCOMPARE(answer->labels.size(), maximumKeyLabels);
        QCOMPARE(answer->labels.value(LockKey::bigint(50'000)), QStringLiteral("key 50000"));
        const auto exact = ask("SELECT n, 'key ' || n FROM generate_series(1, 50000) AS n", 30s);
        VERIFY_RESULT(exact);
        QVERIFY(!exact->truncated);
        // What was not read is not waited for either.
        QElapsedTimer timer;
        timer.start();
        const auto endless = ask("SELECT n, 'key' FROM (SELECT generate_series(1, 50000000000) AS n) AS s", 60s);
        VERIFY_RESULT(endless);
        QVERIFY(endless->truncated);
        QVERIFY2(timer.elapsed() < 20000, qPrintable(QString::number(timer.elapsed())));
        QTRY_COMPARE(labelQueries(), QStringLiteral("0"));
    }

    void longNamesAreCutAndHostileOnesComeAsTheyAre()
    {
        const auto answer =
            ask("SELECT 1, repeat(U&'\\+01F511', 1000) UNION ALL SELECT 2, '<b>%1</b>' || chr(10) || chr(27)");
        VERIFY_RESULT(answer);
        const auto cut = answer->labels.value(LockKey::bigint(1));
        QCOMPARE(cut.size(), maximumKeyLabelLength);
        QVERIFY(!cut.back().isHighSurrogate());
        QCOMPARE(answer->labels.value(LockKey::bigint(2)), QStringLiteral("<b>%1</b>\n\x1b"));
    }

    void bytesThatAreNoUtf8BecomeReplacementCharacters()
    {
        VERIFY_RESULT(m_witness->executeOne(
            "CREATE DATABASE poison TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'", 30s));
        const auto answer =
            askKeyLabels(m_server->conninfo().with(QStringLiteral("dbname"), QStringLiteral("poison")),
                         QStringLiteral("SELECT 5, E'caf\\xe9' || E'\\xff' UNION ALL SELECT 6, 'six'"), 5s)
                .result();
        VERIFY_RESULT(answer);
        QCOMPARE(answer->labels.value(LockKey::bigint(5)), QStringLiteral("caf\uFFFD\uFFFD"));
        QCOMPARE(answer->labels.value(LockKey::bigint(6)), QStringLiteral("six"));
    }

    void saysWhatTheRoleMayNotRead()
    {
        const auto answer = askKeyLabels(m_server->conninfo()
                                             .with(QStringLiteral("user"), QStringLiteral("plain"))
                                             .with(QStringLiteral("password"), QStringLiteral("p")),
                                         QStringLiteral("SELECT id, client FROM calendars"), 5s)
                                .result();
        QVERIFY(!answer);
        QCOMPARE(answer.error().what, QStringLiteral("This role may not read what the query asks for."));
        QVERIFY(answer.error().serverWords.contains(QStringLiteral("calendars")));
    }

    void saysWhatTheServerDidNotUnderstand()
    {
        const auto answer = ask("SELECT id, name FROM calenders");
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::Usage);
        QCOMPARE(answer.error().what, QStringLiteral("The server does not understand the query."));
        QVERIFY2(answer.error().serverWords.contains(QStringLiteral("calenders")), qPrintable(asText(answer.error())));
    }

    void theServersHashesAreItsOwnFunctions()
    {
        const QString hostile = QStringLiteral("it's \\ \"q\" $$ caf\u00e9 -- '; DROP TABLE calendars; '");
        const QList<KeyDictionary::HashQuestion> questions{
            {.entryId = QStringLiteral("a"), .text = QStringLiteral("calendar")},
            {.entryId = QStringLiteral("b"), .text = QStringLiteral("calendar"), .extended = true, .seed = 0},
            {.entryId = QStringLiteral("c"),
             .text = hostile,
             .extended = true,
             .seed = std::numeric_limits<qint64>::min()},
            {.entryId = QStringLiteral("d"), .text = hostile},
            {.entryId = QStringLiteral("nul"), .text = QStringLiteral("a").append(QChar::Null)}};
        const auto hashes = askServerHashes(*m_witness, 16384, questions, 5s);
        VERIFY_RESULT(hashes);
        QStringList keys;
        for (const auto& hash : *hashes) {
            QCOMPARE(hash.databaseOid, 16384u);
            keys.append(hash.entryId + QLatin1Char(' ') + hash.key.toString() + QLatin1Char(' ') + hash.detail.left(4));
        }
        keys.sort();
        const QByteArray literal = "U&'it''s \\\\ \"q\" $$ caf\\00e9 -- ''; DROP TABLE calendars; '''"_qba;
        const auto served = [&](const QByteArray& call) { return scalar(*m_witness, "SELECT " + call); };
        QCOMPARE(
            keys,
            (QStringList{
                QStringLiteral("a %1 cale").arg(served("hashtext('calendar')")),
                QStringLiteral("b %1 cale").arg(served("hashtextextended('calendar', 0)")),
                QStringLiteral("c %1 it's").arg(served("hashtextextended(" + literal + ", '-9223372036854775808')")),
                QStringLiteral("d %1 it's").arg(served("hashtext(" + literal + ")"))}));
        QCOMPARE(scalar(*m_witness, "SELECT count(*) FROM calendars"), QStringLiteral("2"));
        QVERIFY(askServerHashes(*m_witness, 1, {}, 5s).value().isEmpty());
    }

    void aTextThatTheDatabaseCannotWriteHasNoHash()
    {
        VERIFY_RESULT(m_witness->executeOne(
            "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'", 30s));
        LibpqConnection latin;
        VERIFY_RESULT(
            latin.open(withDefaults(m_server->conninfo().with(QStringLiteral("dbname"), QStringLiteral("latin")),
                                    QStringLiteral("test")),
                       5s));
        const auto hashes = askServerHashes(latin, 1,
                                            {{.entryId = QStringLiteral("key"), .text = QStringLiteral("\u9375")},
                                             {.entryId = QStringLiteral("plain"), .text = QStringLiteral("plain")}},
                                            5s);
        VERIFY_RESULT(hashes);
        QCOMPARE(hashes->size(), 1);
        QCOMPARE(hashes->first().key.toString(), scalar(*m_witness, "SELECT hashtext('plain')"));
    }

    void aClosedConnectionIsAnError()
    {
        LibpqConnection closed;
        QVERIFY(!askServerHashes(closed, 1, {{.entryId = QStringLiteral("a"), .text = QStringLiteral("a")}}, 1s));
    }

private:
    Result<KeyLabelAnswer> ask(const QString& sql, std::chrono::milliseconds timeout = 5s) const
    {
        return askKeyLabels(m_server->conninfo(), sql, timeout).result();
    }
    Result<KeyLabelAnswer> ask(const char* sql, std::chrono::milliseconds timeout = 5s) const
    {
        return ask(QString::fromUtf8(sql), timeout);
    }
    QString labelQueries() const
    {
        return scalar(*m_witness,
                      "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lockscope label query'");
    }

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_witness;
};

QTEST_GUILESS_MAIN(tst_KeyLabelQuery)
#include "tst_keylabelquery.moc"
