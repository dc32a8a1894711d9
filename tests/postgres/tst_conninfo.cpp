#include "app/postgres/conninfo.h"
#include "tests/support/suite.h"

#include <QRandomGenerator>
#include <QTemporaryDir>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

/// Every keyword that any libpq since 12 knows and that takes free text.
const QStringList freeTextKeywords = {QStringLiteral("application_name"),
                                      QStringLiteral("dbname"),
                                      QStringLiteral("host"),
                                      QStringLiteral("krbsrvname"),
                                      QStringLiteral("options"),
                                      QStringLiteral("passfile"),
                                      QStringLiteral("password"),
                                      QStringLiteral("requirepeer"),
                                      QStringLiteral("sslcert"),
                                      QStringLiteral("sslkey"),
                                      QStringLiteral("sslpassword"),
                                      QStringLiteral("sslrootcert"),
                                      QStringLiteral("sslcrl"),
                                      QStringLiteral("sslcrldir"),
                                      QStringLiteral("user"),
                                      QStringLiteral("fallback_application_name")};

QString randomValue(QRandomGenerator& random)
{
    static const QString letters = QStringLiteral("ab '\\\"=%;:/?&@#\t\u00e9\u4e2d{}()$-,");
    QString value;
    const auto length = random.bounded(1, 20);
    for (int i = 0; i < length; ++i)
        value += letters.at(random.bounded(static_cast<int>(letters.size())));
    if (random.bounded(8) == 0)
        value += QString::fromUcs4(U"\U0001F512");
    return value;
}

/// The text that QPSQL gives to libpq: five values quoted by the driver, then the options with every ';' made a blank.
QString asQpsqlWritesIt(const Conninfo& conninfo, QString options)
{
    QString text;
    for (const auto* keyword : {"host", "dbname", "user", "password", "port"}) {
        auto value = conninfo.value(QLatin1StringView(keyword));
        if (value.isEmpty() || (qstrcmp(keyword, "port") == 0 && value.contains(u',')))
            continue;
        value.replace(u'\\', QStringLiteral("\\\\")).replace(u'\'', QStringLiteral("\\'"));
        text += QLatin1StringView(keyword) + QStringLiteral("='") + value + QStringLiteral("' ");
    }
    return text + options.replace(u';', u' ');
}

/// keyword=value in the order of the keywords, for comparing.
QStringList sorted(const Conninfo& conninfo)
{
    QStringList lines;
    for (const auto& [keyword, value] : conninfo.parameters())
        lines.append(keyword + u'=' + value);
    lines.sort();
    return lines;
}

using Variables = QList<std::pair<const char*, QByteArray>>;

class Environment
{
public:
    explicit Environment(const Variables& variables)
    {
        for (const auto& [name, value] : variables) {
            m_before.append({name, qgetenv(name)});
            qputenv(name, value);
        }
    }
    ~Environment()
    {
        for (const auto& [name, value] : m_before)
            value.isNull() ? qunsetenv(name) : qputenv(name, value);
    }
    Q_DISABLE_COPY_MOVE(Environment)

private:
    QList<std::pair<const char*, QByteArray>> m_before;
};

} // namespace

class tst_Conninfo final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        // What the machine that runs the tests happens to have set.
        for (const auto* name : {"PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGSERVICE",
                                 "PGSERVICEFILE", "PGSSLMODE", "PGGSSENCMODE", "PGCONNECT_TIMEOUT", "PGAPPNAME"})
            qunsetenv(name);
    }

    void readsUriAndKeyValueText_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("read");
        QTest::newRow("nothing: the environment") << QString() << QString();
        QTest::newRow("blanks") << QStringLiteral("   ") << QString();
        QTest::newRow("pairs") << QStringLiteral("host=db1 port = 5433 dbname='my app'")
                               << QStringLiteral("dbname=my app|host=db1|port=5433");
        QTest::newRow("quotes") << QStringLiteral("user='o\\'hara' options='-c a=b\\\\c'")
                                << QStringLiteral("options=-c a=b\\c|user=o'hara");
        QTest::newRow("uri") << QStringLiteral("postgresql://me@db1:5433/app?sslmode=verify-full")
                             << QStringLiteral("dbname=app|host=db1|port=5433|sslmode=verify-full|user=me");
        QTest::newRow("uri with password") << QStringLiteral("postgres://me:p%40ss%20word@db1/app")
                                           << QStringLiteral("dbname=app|host=db1|password=p@ss word|user=me");
        QTest::newRow("uri with a question mark in the password")
            << QStringLiteral("postgresql://me:p?x=y@db1/app")
            << QStringLiteral("dbname=app|host=db1|password=p?x=y|user=me");
        QTest::newRow("uri with hosts")
            << QStringLiteral("postgresql://db1:1,db2:2/app?target_session_attrs=read-write")
            << QStringLiteral("dbname=app|host=db1,db2|port=1,2|target_session_attrs=read-write");
        QTest::newRow("uri with an old Java parameter")
            << QStringLiteral("postgresql://db1/app?ssl=true") << QStringLiteral("dbname=app|host=db1|sslmode=require");
        QTest::newRow("last one wins") << QStringLiteral("host=a host=b") << QStringLiteral("host=b");
        QTest::newRow("empty value") << QStringLiteral("host='' user=me") << QStringLiteral("user=me");
        QTest::newRow("a database name that looks like a connection string stays one")
            << QStringLiteral("dbname='host=evil user=x'") << QStringLiteral("dbname=host=evil user=x");
    }
    void readsUriAndKeyValueText()
    {
        QFETCH(QString, text);
        QFETCH(QString, read);
        const auto conninfo = Conninfo::parse(text);
        VERIFY_RESULT(conninfo);
        QCOMPARE(sorted(*conninfo).join(u'|'), read);
    }

    void refusesWithoutQuotingAnyValue_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("named"); // what the error has to name
        QTest::newRow("no equals sign") << QStringLiteral("host=db1 canary") << QString();
        QTest::newRow("open quote") << QStringLiteral("password='canary") << QString();
        QTest::newRow("blank in a password") << QStringLiteral("password=my canary=x host=db1") << QString();
        QTest::newRow("unknown keyword") << QStringLiteral("hots=canary") << QStringLiteral("hots");
        QTest::newRow("unknown keyword in a uri")
            << QStringLiteral("postgresql://db1/x?hots=canary") << QStringLiteral("hots");
        QTest::newRow("keyword outside the whitelist")
            << QStringLiteral("replication=database") << QStringLiteral("replication");
        QTest::newRow("line break") << QStringLiteral("host=db1\nuser=canary") << QStringLiteral("line break");
        QTest::newRow("NUL") << QStringLiteral("host=db1") + QChar(QChar::Null) + QStringLiteral("canary")
                             << QStringLiteral("NUL");
        QTest::newRow("line break behind an escape")
            << QStringLiteral("postgresql://canary%0Ahost%3Devil@db1/app") << QStringLiteral("user");
    }
    void refusesWithoutQuotingAnyValue()
    {
        QFETCH(QString, text);
        QFETCH(QString, named);
        const auto conninfo = Conninfo::parse(text);
        QVERIFY(!conninfo);
        const auto& error = conninfo.error();
        QCOMPARE(error.kind, ErrorKind::Usage);
        const auto everything = error.what + error.advice + error.serverWords;
        QVERIFY2(!everything.contains(QStringLiteral("canary")), qPrintable(everything));
        QVERIFY2(error.what.contains(named), qPrintable(error.what));
        QVERIFY(!error.advice.isEmpty());
    }

    void setsReplacesAndRemoves()
    {
        Conninfo conninfo;
        conninfo.set(QStringLiteral("host"), QStringLiteral("a"));
        conninfo.set(QStringLiteral("user"), QStringLiteral("me"));
        conninfo.set(QStringLiteral("host"), QStringLiteral("b"));
        QCOMPARE(sorted(conninfo).join(u'|'), QStringLiteral("host=b|user=me"));
        const auto without = conninfo.with(QStringLiteral("host"), {});
        QCOMPARE(sorted(without).join(u'|'), QStringLiteral("user=me"));
        QCOMPARE(conninfo.value(QStringLiteral("host")), QStringLiteral("b"));
        QCOMPARE(conninfo.value(QStringLiteral("port")), QString());
    }

    void textWithoutSecretsReadsBack()
    {
        QRandomGenerator random(20260101);
        for (int round = 0; round < 3000; ++round) {
            Conninfo conninfo;
            for (const auto& keyword : freeTextKeywords) {
                if (random.bounded(3) == 0)
                    conninfo.set(keyword, randomValue(random));
            }
            const auto text = conninfo.toTextWithoutSecrets();
            const auto read = Conninfo::parse(text);
            QVERIFY2(read, qPrintable(text));
            const auto expected = conninfo.with(QStringLiteral("password"), {}).with(QStringLiteral("sslpassword"), {});
            QCOMPARE(sorted(*read), sorted(expected));
        }
    }

    void textForProfilesHasNoSecret()
    {
        const auto conninfo =
            Conninfo::parse(QStringLiteral("postgresql://me:canary1@db1/app?sslpassword=canary2&sslmode=require"));
        VERIFY_RESULT(conninfo);
        QCOMPARE(conninfo->value(QStringLiteral("password")), QStringLiteral("canary1"));
        const auto text = conninfo->toTextWithoutSecrets();
        QVERIFY2(!text.contains(QStringLiteral("canary")), qPrintable(text));
        QVERIFY(text.contains(QStringLiteral("host=db1")));
    }

    void connectOptionsReachLibpqUnchangedThroughQpsql()
    {
        QRandomGenerator random(7);
        int used = 0;
        for (int round = 0; round < 3000; ++round) {
            Conninfo conninfo;
            for (const auto& keyword : freeTextKeywords) {
                if (random.bounded(3) == 0)
                    conninfo.set(keyword, randomValue(random));
            }
            bool broken = false;
            for (const auto& [keyword, value] : conninfo.parameters()) {
                const QStringList setApart = {QStringLiteral("host"), QStringLiteral("dbname"), QStringLiteral("user"),
                                              QStringLiteral("password")};
                broken = broken || (value.contains(u';') && !setApart.contains(keyword));
            }
            const auto options = conninfo.toConnectOptions();
            QCOMPARE(options.has_value(), !broken);
            if (!options)
                continue;
            ++used;
            const auto read = Conninfo::parse(asQpsqlWritesIt(conninfo, *options));
            VERIFY_RESULT(read);
            QCOMPARE(sorted(*read), sorted(conninfo));
        }
        QVERIFY(used > 500);
    }

    void noValueRedirectsTheConnection_data()
    {
        QTest::addColumn<QString>("keyword");
        QTest::addColumn<QString>("value");
        const QStringList attacks = {QStringLiteral("x host=evil"),     QStringLiteral("x' host='evil"),
                                     QStringLiteral("x\\' host='evil"), QStringLiteral("x\\"),
                                     QStringLiteral("x\thost=evil"),    QStringLiteral("' hostaddr=6.6.6.6 x='"),
                                     QStringLiteral("host=evil"),       QStringLiteral("postgresql://evil/x"),
                                     QStringLiteral("x;host=evil")};
        for (const auto& keyword : freeTextKeywords) {
            if (keyword == QStringLiteral("host"))
                continue;
            for (const auto& attack : attacks)
                QTest::addRow("%s: %s", qPrintable(keyword), qPrintable(attack)) << keyword << attack;
        }
    }
    void noValueRedirectsTheConnection()
    {
        QFETCH(QString, keyword);
        QFETCH(QString, value);
        const auto conninfo = Conninfo().with(QStringLiteral("host"), QStringLiteral("db1")).with(keyword, value);
        const auto options = conninfo.toConnectOptions();
        if (!options) {
            QVERIFY2(value.contains(u';'), qPrintable(options.error().what));
            QVERIFY(!options.error().what.contains(QStringLiteral("evil")));
            return;
        }
        const auto read = Conninfo::parse(asQpsqlWritesIt(conninfo, *options));
        VERIFY_RESULT(read);
        QCOMPARE(read->value(QStringLiteral("host")), QStringLiteral("db1"));
        QCOMPARE(read->value(QStringLiteral("hostaddr")), QString());
        QCOMPARE(read->value(keyword), value);
    }

    void connectOptionsRefuseWhatQpsqlBreaks()
    {
        const auto semicolon =
            Conninfo().with(QStringLiteral("application_name"), QStringLiteral("a;b")).toConnectOptions();
        QVERIFY(!semicolon);
        QVERIFY(semicolon.error().what.contains(QStringLiteral("application_name")));
        const auto nul =
            Conninfo().with(QStringLiteral("options"), QStringLiteral("a") + QChar(QChar::Null)).toConnectOptions();
        QVERIFY(!nul);
        // A password travels apart, quoted by the driver.
        VERIFY_RESULT(Conninfo().with(QStringLiteral("password"), QStringLiteral("a;b")).toConnectOptions());
    }

    void connectOptionsLeaveOutWhatQpsqlSetsItself()
    {
        const auto conninfo = Conninfo::parse(
            QStringLiteral("host=h port=1 dbname=d user=u password=p hostaddr=127.0.0.1 sslmode=require"));
        VERIFY_RESULT(conninfo);
        QCOMPARE(conninfo->toConnectOptions().value(), QStringLiteral("hostaddr='127.0.0.1' sslmode='require'"));
        const auto hosts = Conninfo::parse(QStringLiteral("host=a,b port=1,2"));
        VERIFY_RESULT(hosts);
        QCOMPARE(hosts->toConnectOptions().value(), QStringLiteral("port='1,2'"));
    }

    void summaryFillsInDefaults()
    {
        const auto bare = Conninfo().summary();
        QCOMPARE(bare.host, QStringLiteral("local socket"));
        QCOMPARE(bare.port, QStringLiteral("5432"));
        QCOMPARE(bare.sslMode, QStringLiteral("prefer"));
        QVERIFY(!bare.user.isEmpty());
        QVERIFY(!bare.hasPassword);

        const auto uri = Conninfo::parse(QStringLiteral("postgresql://me:secret@db1,db2:5433/app?sslmode=verify-full"));
        VERIFY_RESULT(uri);
        const ConnectionSummary expected{.host = QStringLiteral("db1, db2"),
                                         .port = QStringLiteral(", 5433"),
                                         .database = QStringLiteral("app"),
                                         .user = QStringLiteral("me"),
                                         .service = {},
                                         .sslMode = QStringLiteral("verify-full"),
                                         .hasPassword = true};
        QCOMPARE(uri->summary().host, expected.host);
        QCOMPARE(uri->summary().database, expected.database);
        QCOMPARE(uri->summary().user, expected.user);
        QCOMPARE(uri->summary().sslMode, expected.sslMode);
        QVERIFY(uri->summary().hasPassword);
    }

    void summaryReadsEnvironmentAndServiceFile()
    {
        QTemporaryDir directory;
        QFile file(directory.filePath(QStringLiteral("services")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("[billing]\nhost=db9\nport=6000\nuser=auditor\nsslmode=verify-ca\npassword=canary\n");
        file.close();
        const Environment environment(
            {{"PGSERVICEFILE", file.fileName().toUtf8()}, {"PGDATABASE", "ledger"}, {"PGHOST", "db8"}});

        const auto environmentOnly = Conninfo().summary();
        QCOMPARE(environmentOnly.host, QStringLiteral("db8"));
        QCOMPARE(environmentOnly.database, QStringLiteral("ledger"));

        const auto conninfo = Conninfo::parse(QStringLiteral("service=billing user=me"));
        VERIFY_RESULT(conninfo);
        const ConnectionSummary expected{.host = QStringLiteral("db9"),
                                         .port = QStringLiteral("6000"),
                                         .database = QStringLiteral("ledger"),
                                         .user = QStringLiteral("me"),
                                         .service = QStringLiteral("billing"),
                                         .sslMode = QStringLiteral("verify-ca"),
                                         .hasPassword = false};
        const auto summary = conninfo->summary();
        QCOMPARE(summary.host, expected.host);
        QCOMPARE(summary.port, expected.port);
        QCOMPARE(summary.user, expected.user);
        QCOMPARE(summary.sslMode, expected.sslMode);
        QVERIFY(summary == expected);
        QCOMPARE(conninfo->resolvedValue(QStringLiteral("password")), QString());
    }

    void summaryOfAnUnknownServiceShowsWhatIsSaid()
    {
        const Environment environment(Variables{{"PGSERVICEFILE", "/nonexistent/services"}});
        const auto summary = Conninfo::parse(QStringLiteral("service=nowhere host=db1")).value().summary();
        QCOMPARE(summary.host, QStringLiteral("db1"));
        QCOMPARE(summary.service, QStringLiteral("nowhere"));
    }

    void defaultsFillGapsOnly()
    {
        const auto filled = withDefaults(Conninfo(), QStringLiteral("lockscope observer"));
        QCOMPARE(sorted(filled).join(u'|'),
                 QStringLiteral(
                     "application_name=lockscope observer|client_encoding=UTF8|connect_timeout=5|gssencmode=disable|"
                     "keepalives_count=3|keepalives_idle=5|keepalives_interval=2|tcp_user_timeout=8000"));
        QCOMPARE(sorted(withDefaults(filled, QStringLiteral("other"))), sorted(filled));

        const auto own = Conninfo::parse(
            QStringLiteral("application_name=mine gssencmode=prefer connect_timeout=30 keepalives_idle=60"));
        VERIFY_RESULT(own);
        const auto kept = withDefaults(*own, QStringLiteral("lockscope observer"));
        QCOMPARE(kept.value(QStringLiteral("application_name")), QStringLiteral("mine"));
        QCOMPARE(kept.value(QStringLiteral("gssencmode")), QStringLiteral("prefer"));
        QCOMPARE(kept.value(QStringLiteral("connect_timeout")), QStringLiteral("30"));
        QCOMPARE(kept.value(QStringLiteral("keepalives_idle")), QStringLiteral("60"));
    }

    void defaultsGiveWayToTheEnvironment()
    {
        const Environment environment(
            {{"PGCONNECT_TIMEOUT", "17"}, {"PGGSSENCMODE", "prefer"}, {"PGCLIENTENCODING", "LATIN1"}});
        const auto filled = withDefaults(Conninfo(), QStringLiteral("lockscope"));
        QCOMPARE(filled.value(QStringLiteral("connect_timeout")), QString());
        QCOMPARE(filled.value(QStringLiteral("gssencmode")), QString());
        QCOMPARE(filled.value(QStringLiteral("client_encoding")), QStringLiteral("UTF8"));
        QCOMPARE(openTimeout(filled), 17000ms);
    }

    void openTimeoutFollowsLibpqsRules()
    {
        QCOMPARE(openTimeout(Conninfo()), 5000ms);
        const auto of = [](const QString& value) {
            return openTimeout(Conninfo().with(QStringLiteral("connect_timeout"), value));
        };
        QCOMPARE(of(QStringLiteral("1")), 2000ms);
        QCOMPARE(of(QStringLiteral("30")), 30000ms);
        QCOMPARE(of(QStringLiteral("0")), std::chrono::milliseconds(1h));
        QCOMPARE(of(QStringLiteral("soon")), 5000ms);
    }
};

QTEST_GUILESS_MAIN(tst_Conninfo)
#include "tst_conninfo.moc"
