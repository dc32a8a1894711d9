#include "app/postgres/lockreader.h"
#include "app/postgres/serverinquiry.h"
#include "app/postgres/targetnamer.h"
#include "models/domain/waitgraph.h"
#include "tests/field/fieldtools.h"
#include "tests/field/scenarios.h"
#include "tests/support/suite.h"

#include <QFile>
#include <QHash>

#include <algorithm>
#include <map>

using namespace lockscope;
using namespace std::chrono_literals;
using test::FieldAnswer;
using test::FieldTool;
using test::Scenario;
using test::Stage;

namespace {

constexpr auto patience = 3s; ///< after that a statement counts as one that hangs

/// One connection that reads several times, as the observer does.
struct Reading
{
    explicit Reading(const Conninfo& conninfo)
    {
        if (const auto opened = connection.open(withDefaults(conninfo, QStringLiteral("reading")), 5s); !opened) {
            problem = opened.error().what;
            return;
        }
        const auto asked = inquireServer(connection, 5s);
        if (!asked) {
            problem = asked.error().what;
            return;
        }
        server = *asked;
        reader = std::make_unique<LockReader>(connection, server, 250'000);
        if (const auto prepared = reader->prepareSession(5s); !prepared)
            problem = prepared.error().what;
    }

    LibpqConnection connection;
    ServerInfo server;
    std::unique_ptr<LockReader> reader;
    QString problem;
};

QString nameOf(const WaitNode& node, const Stage& stage)
{
    if (node.id.isPrepared())
        return u'\'' + (node.prepared ? node.prepared->gid : QStringLiteral("?")) + u'\'';
    return stage.nameOf(node.id.backend.pid);
}

/// "S2<S1, Q2<Q1 soft; first S1; cycle D1 D2": what a truth reads like.
QString text(const WaitGraph& graph, const Stage& stage)
{
    QStringList edges;
    for (const WaitEdge& edge : graph.edges) {
        const QString kind = edge.kind == WaitEdgeKind::Hard ? QString() : u' ' + word(edge.kind);
        edges << nameOf(graph.nodes[edge.waiter], stage) + u'<' + nameOf(graph.nodes[edge.blocker], stage) + kind;
    }
    QStringList roots;
    for (const qint32 root : graph.roots)
        roots << nameOf(graph.nodes[root], stage);
    QStringList cycles;
    for (const QList<qint32>& cycle : graph.cycles) {
        QStringList names;
        for (const qint32 node : cycle)
            names << nameOf(graph.nodes[node], stage);
        names.sort();
        cycles << names.join(u' ');
    }
    edges.sort();
    roots.sort();
    return QStringLiteral("%1; first %2; cycle %3")
        .arg(edges.join(QStringLiteral(", ")), roots.join(u' '), cycles.join(QStringLiteral(", ")));
}

QString text(const test::Truth& truth)
{
    return QStringLiteral("%1; first %2; cycle %3").arg(truth.edges, truth.roots, truth.cycles);
}

/// What one scenario gave.
struct Measured
{
    QString problem = {};
    QString lockscope = {};
    qint64 rowsOfTheKey = 0; ///< granted rows in the last reading of advisory locks
    std::map<QString, FieldAnswer> answers = {};
};

} // namespace

/// What Lockscope reads, and what other tools decide by, on a real server, against the truth.
class tst_Field final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void readsTheTruth_data() { addScenarios(); }
    void readsTheTruth();
    void statementsAnswerAsWasFound_data() { addScenarios(); }
    void statementsAnswerAsWasFound();
    void showsALockTakenThreeTimesAsOneRow();
    void givesNoTableTheNameItHasInAnotherDatabase();
    void showsKeysAsTheApplicationWroteThem();
    void tableInTheReadmeIsWhatWasMeasured();

private:
    static void addScenarios();
    [[nodiscard]] const Measured& measured(const Scenario& scenario);
    [[nodiscard]] Measured measure(const Scenario& scenario) const;
    [[nodiscard]] FieldAnswer ask(LibpqConnection& connection, const FieldTool& tool, const Conninfo& conninfo,
                                  const Stage& stage) const;
    [[nodiscard]] Conninfo conninfo(bool withoutRights = false) const;
    [[nodiscard]] QString readmeTable();

    std::unique_ptr<test::TestServer> m_server;
    int m_versionNumber = 0;
    QHash<QString, QString> m_findings; ///< scenario -> "tool  pairs", line by line
    std::map<QString, Measured> m_measured;
};

void tst_Field::initTestCase()
{
    m_server = std::make_unique<test::TestServer>(
        QStringLiteral("max_locks_per_transaction = 64\nmax_connections = 30\nmax_prepared_transactions = 5\n"));
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    const QString problem = test::prepareForScenarios(*m_server);
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
    const auto session = m_server->session();
    m_versionNumber = test::scalar(*session, "SHOW server_version_num").toInt();

    QFile findings(QStringLiteral(LOCKSCOPE_SOURCE_DIR "/tests/field/findings.txt"));
    QVERIFY(findings.open(QIODevice::ReadOnly));
    QString heading;
    while (!findings.atEnd()) {
        const QString line = QString::fromUtf8(findings.readLine()).trimmed();
        if (line.startsWith(u'[') && line.endsWith(u']'))
            heading = line.sliced(1, line.size() - 2);
        else if (!line.isEmpty() && !line.startsWith(u'#'))
            m_findings[heading] += line.simplified() + u'\n';
    }
}

void tst_Field::addScenarios()
{
    QTest::addColumn<int>("index");
    for (int i = 0; i < test::scenarios().size(); ++i)
        QTest::newRow(test::scenarios()[i].name) << i;
}

Conninfo tst_Field::conninfo(bool withoutRights) const
{
    const Conninfo base = m_server->conninfo().with(QStringLiteral("dbname"), QString::fromUtf16(test::shopDatabase));
    if (!withoutRights)
        return base;
    return base.with(QStringLiteral("user"), QStringLiteral("visitor"))
        .with(QStringLiteral("password"), QStringLiteral("visitor"));
}

const Measured& tst_Field::measured(const Scenario& scenario)
{
    const QString name = QString::fromLatin1(scenario.name);
    if (!m_measured.contains(name))
        m_measured[name] = measure(scenario);
    return m_measured[name];
}

/// Connections are open before anything is locked, and every statement has run on its own once.
Measured tst_Field::measure(const Scenario& scenario) const
{
    Measured result;
    const Conninfo from = conninfo(scenario.withoutRights);
    Reading reading(from);
    if (!reading.problem.isEmpty())
        return {.problem = reading.problem};
    static_cast<void>(reading.reader->read(LockScope::AdvisoryOnly, 5s));
    static_cast<void>(reading.reader->read(LockScope::AllTypes, 5s));
    LibpqConnection connection;
    if (const auto opened = connection.open(from, 5s); !opened)
        return {.problem = opened.error().what};
    Stage stage(*m_server, QString::fromUtf16(test::shopDatabase));
    const QByteArray limit = QByteArray::number(qint64(std::chrono::milliseconds(patience).count()));
    static_cast<void>(connection.execute("SET statement_timeout = " + limit, 5s));
    for (const FieldTool& tool : test::fieldTools())
        static_cast<void>(ask(connection, tool, from, stage));

    scenario.play(stage);
    if (!stage.problem().isEmpty())
        return {.problem = stage.problem()};
    for (const LockScope scope : {LockScope::AllTypes, LockScope::AdvisoryOnly}) {
        const auto snapshot = reading.reader->read(scope, 5s);
        if (!snapshot)
            return {.problem = snapshot.error().what + u' ' + snapshot.error().serverWords};
        const QString words = text(waitGraphOf(**snapshot), stage);
        if (!result.lockscope.isEmpty() && words != result.lockscope)
            result.problem = QStringLiteral("The two ways of reading differ: %1 | %2").arg(result.lockscope, words);
        result.lockscope = words;
        result.rowsOfTheKey =
            std::count_if((*snapshot)->locks.cbegin(), (*snapshot)->locks.cend(),
                          [](const Lock& lock) { return lock.granted && lock.target.type == LockType::Advisory; });
    }
    for (const FieldTool& tool : test::fieldTools())
        result.answers[tool.file] = ask(connection, tool, from, stage);
    return result;
}

FieldAnswer tst_Field::ask(LibpqConnection& connection, const FieldTool& tool, const Conninfo& conninfo,
                           const Stage& stage) const
{
    FieldAnswer answer{.picksOne = tool.picksOne};
    const auto refused = [&answer](const Error& error) {
        answer.hangs = error.sqlState.isEmpty() || error.sqlState == QStringLiteral("57014");
        answer.sqlState = answer.hangs ? QString() : error.sqlState;
        return answer;
    };
    LibpqConnection own;
    if (tool.newConnection) {
        if (const auto opened = own.open(conninfo, patience); !opened)
            return refused(opened.error());
    }
    LibpqConnection& used = tool.newConnection ? own : connection;
    QByteArray statement = test::fieldStatement(tool.file, m_versionNumber);
    if (tool.picksOne)
        statement = test::everyChoice(statement);
    const auto rows = used.executeOne(statement, 2 * patience);
    if (!rows)
        return refused(rows.error());
    for (int row = 0; row < rows->rows(); ++row) {
        if (rows->isNull(row, 0))
            continue;
        QString blocker = QString::fromUtf16(test::nobody);
        if (!rows->isNull(row, 1)) {
            const auto pid = static_cast<qint32>(rows->int64(row, 1));
            blocker = pid == 0                   ? QString::fromUtf16(test::pidZero)
                      : pid == used.claimedPid() ? QStringLiteral("the tool itself")
                                                 : stage.nameOf(pid);
        }
        answer.pairs.insert({stage.nameOf(static_cast<qint32>(rows->int64(row, 0))), blocker});
    }
    return answer;
}

void tst_Field::readsTheTruth()
{
    QFETCH(const int, index);
    const Scenario& scenario = test::scenarios()[index];
    const Measured& seen = measured(scenario);
    QVERIFY2(seen.problem.isEmpty(), qPrintable(seen.problem));
    QCOMPARE(seen.lockscope, text(scenario.truth));
}

void tst_Field::statementsAnswerAsWasFound()
{
    QFETCH(const int, index);
    const Scenario& scenario = test::scenarios()[index];
    const Measured& seen = measured(scenario);
    QVERIFY2(seen.problem.isEmpty(), qPrintable(seen.problem));
    QString lines;
    for (const FieldTool& tool : test::fieldTools())
        lines += tool.file + u' ' + test::text(seen.answers.at(tool.file)) + u'\n';
    const QString name = QString::fromLatin1(scenario.name);
    if (lines != m_findings.value(name))
        QFAIL(qPrintable(QStringLiteral("tests/field/findings.txt says\n[%1]\n%2\nand the server gave\n[%1]\n%3")
                             .arg(name, m_findings.value(name), lines)));
}

void tst_Field::showsALockTakenThreeTimesAsOneRow()
{
    for (const Scenario& scenario : test::scenarios()) {
        if (QByteArray(scenario.name) == "taken three times")
            QCOMPARE(measured(scenario).rowsOfTheKey, 1);
    }
}

void tst_Field::givesNoTableTheNameItHasInAnotherDatabase()
{
    Stage stage(*m_server, QString::fromUtf16(test::shopDatabase));
    stage.enter({QStringLiteral("B@depot")});
    stage.run(QStringLiteral("B"), "BEGIN; LOCK TABLE archive");
    QVERIFY2(stage.problem().isEmpty(), qPrintable(stage.problem()));

    const Reading reading(conninfo());
    QVERIFY2(reading.problem.isEmpty(), qPrintable(reading.problem));
    const auto snapshot = reading.reader->read(LockScope::AllTypes, 5s);
    VERIFY_RESULT(snapshot);
    const auto held = std::find_if((*snapshot)->locks.cbegin(), (*snapshot)->locks.cend(), [&](const Lock& lock) {
        return lock.backend.pid == stage.pidOf(QStringLiteral("B")) && lock.mode == LockMode::AccessExclusive;
    });
    QVERIFY(held != (*snapshot)->locks.cend());
    const std::optional<ObjectAddress> address = addressOf(held->target);
    QVERIFY(address);
    const TargetNamesPointer names = namesOnce(conninfo(), reading.server, {*address}, (*snapshot)->databaseNames);
    QCOMPARE(describe(held->target, names.get()), QStringLiteral("public.archive"));
    QCOMPARE((*snapshot)->databaseNames.value(held->target.databaseOid), QStringLiteral("depot"));

    // By regclass the number has the name of this database's table.
    LibpqConnection connection;
    VERIFY_RESULT(connection.open(conninfo(), 5s));
    for (const char16_t* file : {u"pgadmin4_keys", u"pglockr_groups"}) {
        const auto rows = connection.executeOne(test::fieldStatement(QString::fromUtf16(file), m_versionNumber), 5s);
        VERIFY_RESULT(rows);
        QStringList shown;
        for (int row = 0; row < rows->rows(); ++row) {
            if (rows->int64(row, 0) == stage.pidOf(QStringLiteral("B")))
                shown << rows->text(row, 1);
        }
        QCOMPARE(shown, QStringList{QStringLiteral("orders")});
    }
}

void tst_Field::showsKeysAsTheApplicationWroteThem()
{
    Stage stage(*m_server, QString::fromUtf16(test::shopDatabase));
    const QStringList names{QStringLiteral("one"), QStringLiteral("pair"), QStringLiteral("class"),
                            QStringLiteral("same bits")};
    stage.enter(names);
    stage.run(QStringLiteral("one"), "SELECT pg_advisory_lock(-1)");
    stage.run(QStringLiteral("pair"), "SELECT pg_advisory_lock(-1, -1)");
    stage.run(QStringLiteral("class"), "SELECT pg_advisory_lock(1259, 7)");
    stage.run(QStringLiteral("same bits"), "SELECT pg_advisory_lock(1259::bigint << 32 | 7)");
    QVERIFY2(stage.problem().isEmpty(), qPrintable(stage.problem()));

    const Reading reading(conninfo());
    QVERIFY2(reading.problem.isEmpty(), qPrintable(reading.problem));
    const auto snapshot = reading.reader->read(LockScope::AdvisoryOnly, 5s);
    VERIFY_RESULT(snapshot);
    QHash<QString, QString> shown;
    for (const Lock& lock : (*snapshot)->locks)
        shown[stage.nameOf(lock.backend.pid)] = describe(lock.target);
    const auto inOrder = [&] {
        QStringList texts;
        for (const QString& name : names)
            texts << shown.value(name);
        return texts.join(QStringLiteral(" | "));
    };
    QCOMPARE(inOrder(), QStringLiteral("-1 | (-1, -1) | (1259, 7) | 5407363825671"));

    LibpqConnection connection;
    VERIFY_RESULT(connection.open(conninfo(), 5s));
    const auto asShownBy = [&](const QString& file) {
        shown.clear();
        const auto rows = connection.executeOne(test::fieldStatement(file, m_versionNumber), 5s);
        for (int row = 0; rows && row < rows->rows(); ++row)
            shown[stage.nameOf(static_cast<qint32>(rows->int64(row, 0)))] = rows->text(row, 1);
        return inOrder();
    };
    QCOMPARE(asShownBy(QStringLiteral("pgadmin4_keys")),
             QStringLiteral("4294967295 / 4294967295 | 4294967295 / 4294967295 | pg_class / 7 | pg_class / 7"));
    QCOMPARE(asShownBy(QStringLiteral("pglockr_groups")), QStringLiteral("advisory | advisory | advisory | advisory"));
}

QString tst_Field::readmeTable()
{
    QString head = QStringLiteral("| | Lockscope");
    QString line = QStringLiteral("|---|---");
    for (const FieldTool& tool : test::fieldTools()) {
        if (!tool.title.isEmpty()) {
            head += QStringLiteral(" | ") + tool.title;
            line += QStringLiteral("|---");
        }
    }
    QString table = head + QStringLiteral(" |\n") + line + QStringLiteral("|\n");
    for (const Scenario& scenario : test::scenarios()) {
        const Measured& seen = measured(scenario);
        const bool isRight = seen.problem.isEmpty() && seen.lockscope == text(scenario.truth);
        table += QStringLiteral("| ") + scenario.title + QStringLiteral(" | ") +
                 (isRight ? QStringLiteral("right") : QStringLiteral("wrong"));
        for (const FieldTool& tool : test::fieldTools()) {
            if (!tool.title.isEmpty())
                table += QStringLiteral(" | ") + (seen.answers.contains(tool.file)
                                                      ? test::verdict(scenario.truth, seen.answers.at(tool.file))
                                                      : QStringLiteral("?"));
        }
        table += QStringLiteral(" |\n");
    }
    return table;
}

/// LOCKSCOPE_WRITE_README=1 writes the table that was measured into README.md.
void tst_Field::tableInTheReadmeIsWhatWasMeasured()
{
    const QString begin = QStringLiteral("<!-- comparison -->\n");
    const QString end = QStringLiteral("<!-- /comparison -->");
    QFile readme(QStringLiteral(LOCKSCOPE_SOURCE_DIR "/README.md"));
    QVERIFY(readme.open(QIODevice::ReadOnly));
    QString text = QString::fromUtf8(readme.readAll());
    readme.close();
    const qsizetype from = text.indexOf(begin) + begin.size();
    const qsizetype to = text.indexOf(end);
    QVERIFY2(from >= begin.size() && to >= from, "README.md has no place for the comparison");
    const QString table = readmeTable();
    if (qEnvironmentVariableIsSet("LOCKSCOPE_WRITE_README")) {
        text.replace(from, to - from, table);
        QVERIFY(readme.open(QIODevice::WriteOnly));
        readme.write(text.toUtf8());
    } else if (text.sliced(from, to - from) != table) {
        QFAIL(qPrintable(QStringLiteral("README.md compares otherwise than was measured:\n") + table));
    }
}

QTEST_GUILESS_MAIN(tst_Field)
#include "tst_field.moc"
