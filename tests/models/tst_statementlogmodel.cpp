#include "models/statementlogmodel.h"
#include "tests/support/suite.h"

#include <QAbstractItemModelTester>
#include <QPersistentModelIndex>
#include <QSignalSpy>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

/// 2024-02-29 10:02:11.402 UTC and so many seconds.
StatementRecord record(int number, bool housekeeping = false)
{
    using namespace std::chrono;
    const sys_days day = year(2024) / February / 29;
    return {.sentAt = day + 10h + 2min + 11'402ms + seconds(number),
            .session = QStringLiteral("alice"),
            .backendPid = 1301,
            .sql = QString::number(number),
            .result = QStringLiteral("true"),
            .duration = 850us,
            .housekeeping = housekeeping};
}

QList<StatementRecord> records(int first, int count)
{
    QList<StatementRecord> result;
    for (int number = first; number < first + count; ++number)
        result.append(record(number, number % 2 != 0));
    return result;
}

/// The SQL column, which the records number: "0 1 2".
QString sql(const QAbstractItemModel& model)
{
    QStringList cells;
    for (int row = 0; row < model.rowCount(); ++row)
        cells += model.index(row, StatementLogModel::SqlColumn).data().toString();
    return cells.join(u' ');
}

QString rowText(const QAbstractItemModel& model, int row)
{
    QStringList cells;
    for (int column = 0; column < model.columnCount(); ++column)
        cells += model.index(row, column).data().toString();
    return cells.join(u'|');
}

} // namespace

class TestStatementLogModel : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void showsAStatementAsItWasSent();
    void namesItsColumns();
    void appendsAtTheEnd();
    void dropsTheOldestInBlocks();
    void staysWithinItsCapacityInAFlood_data();
    void staysWithinItsCapacityInAFlood();
    void hidesAndShowsHousekeeping();
    void hiddenHousekeepingIsKept();
    void hiddenHousekeepingCountsForTheCapacity();
    void keepsTheCurrentRowWhenHousekeepingComesAndGoes();
    void keepsTheCurrentRowWhenOldOnesAreDropped();
    void clears();
    void masksPasswords();
    void cutsEndlessSql();
    void hostileTextIsHarmless();
    void givesValuesThroughRoles();
    void exportsCsv();
    void exportsText();
    void exportsOnlyWhatIsShown();
    void answersForRowsThatAreNotThere();

private:
    void makeModel(int capacity);

    std::unique_ptr<StatementLogModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
};

void TestStatementLogModel::initTestCase()
{
    qputenv("TZ", "UTC"); // times are shown in local time
}

void TestStatementLogModel::init()
{
    Suite::init();
    makeModel(StatementLogModel::defaultCapacity);
}

void TestStatementLogModel::cleanup()
{
    m_tester.reset();
    m_model.reset();
}

void TestStatementLogModel::makeModel(int capacity)
{
    m_tester.reset();
    m_model = std::make_unique<StatementLogModel>(nullptr, capacity);
    m_tester = std::make_unique<QAbstractItemModelTester>(m_model.get(),
                                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
}

void TestStatementLogModel::showsAStatementAsItWasSent()
{
    StatementRecord unlock = record(0);
    unlock.sql = QStringLiteral("SELECT pg_catalog.pg_advisory_unlock(7)");
    unlock.result = QStringLiteral("false");
    unlock.notices = {QStringLiteral("WARNING: you don't own a lock of type ExclusiveLock"),
                      QStringLiteral("NOTICE: x")};
    m_model->append({unlock});
    QCOMPARE(
        rowText(*m_model, 0),
        QStringLiteral("10:02:11.402|alice|1301|SELECT pg_catalog.pg_advisory_unlock(7)|false|WARNING: you don't own a "
                       "lock of type ExclusiveLock; NOTICE: x|0.8 ms"));
}

void TestStatementLogModel::namesItsColumns()
{
    QStringList names;
    for (int section = 0; section < m_model->columnCount(); ++section)
        names += m_model->headerData(section, Qt::Horizontal).toString();
    QCOMPARE(names.join(u'|'), QStringLiteral("Time|Session|Backend|SQL|Result|Notices|Duration"));
}

void TestStatementLogModel::appendsAtTheEnd()
{
    QSignalSpy inserted(m_model.get(), &QAbstractItemModel::rowsInserted);
    m_model->append(records(0, 3));
    m_model->append({});
    m_model->append(records(3, 2));
    QCOMPARE(sql(*m_model), QStringLiteral("0 1 2 3 4"));
    QCOMPARE(inserted.count(), 2);
    QCOMPARE(inserted.at(1).at(1).toInt(), 3);
    QCOMPARE(inserted.at(1).at(2).toInt(), 4);
}

void TestStatementLogModel::dropsTheOldestInBlocks()
{
    makeModel(20);
    m_model->append(records(0, 20));
    QSignalSpy removed(m_model.get(), &QAbstractItemModel::rowsRemoved);
    m_model->append({record(20)});
    QCOMPARE(sql(*m_model), QStringLiteral("3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"));
    m_model->append({record(21)});
    m_model->append({record(22)});
    QCOMPARE(removed.count(), 1);
    QCOMPARE(m_model->rowCount(), 20);
    m_model->append({record(23)});
    QCOMPARE(removed.count(), 2);
    QCOMPARE(m_model->recordAt(0).sql, QStringLiteral("6"));
}

void TestStatementLogModel::staysWithinItsCapacityInAFlood_data()
{
    QTest::addColumn<int>("capacity");
    QTest::addColumn<QString>("left");
    QTest::newRow("one") << 1 << QStringLiteral("49");
    QTest::newRow("two") << 2 << QStringLiteral("48 49");
    QTest::newRow("five") << 5 << QStringLiteral("45 46 47 48 49");
    QTest::newRow("nonsense") << -3 << QStringLiteral("49");
}

void TestStatementLogModel::staysWithinItsCapacityInAFlood()
{
    QFETCH(int, capacity);
    QFETCH(QString, left);
    makeModel(capacity);
    m_model->append(records(0, 50));
    QVERIFY(m_model->rowCount() <= std::max(1, capacity));
    QVERIFY2(left.endsWith(sql(*m_model)), qPrintable(sql(*m_model)));
    QVERIFY(m_model->rowCount() >= 1);
}

void TestStatementLogModel::hidesAndShowsHousekeeping()
{
    QSignalSpy resets(m_model.get(), &QAbstractItemModel::modelReset);
    QVERIFY(m_model->showsHousekeeping());
    m_model->append(records(0, 6));
    m_model->setShowHousekeeping(false);
    QCOMPARE(sql(*m_model), QStringLiteral("0 2 4"));
    m_model->append(records(6, 4));
    QCOMPARE(sql(*m_model), QStringLiteral("0 2 4 6 8"));
    m_model->append({record(11, true)});
    QCOMPARE(sql(*m_model), QStringLiteral("0 2 4 6 8"));
    m_model->setShowHousekeeping(true);
    QCOMPARE(sql(*m_model), QStringLiteral("0 1 2 3 4 5 6 7 8 9 11"));
    m_model->setShowHousekeeping(true);
    QCOMPARE(resets.count(), 0);
}

void TestStatementLogModel::hiddenHousekeepingIsKept()
{
    m_model->setShowHousekeeping(false);
    m_model->append({record(0, true)});
    QCOMPARE(m_model->rowCount(), 0);
    m_model->setShowHousekeeping(true);
    QCOMPARE(sql(*m_model), QStringLiteral("0"));
    m_model->setShowHousekeeping(false);
    QCOMPARE(sql(*m_model), QString());
}

void TestStatementLogModel::hiddenHousekeepingCountsForTheCapacity()
{
    makeModel(10);
    m_model->setShowHousekeeping(false);
    for (int number = 0; number < 40; ++number)
        m_model->append(records(number, 1));
    QCOMPARE(sql(*m_model), QStringLiteral("30 32 34 36 38"));
    m_model->setShowHousekeeping(true);
    QCOMPARE(sql(*m_model), QStringLiteral("30 31 32 33 34 35 36 37 38 39"));
}

void TestStatementLogModel::keepsTheCurrentRowWhenHousekeepingComesAndGoes()
{
    m_model->append(records(0, 10));
    const QPersistentModelIndex four = m_model->index(4, StatementLogModel::SqlColumn);
    const QPersistentModelIndex five = m_model->index(5, StatementLogModel::ResultColumn);
    m_model->setShowHousekeeping(false);
    QCOMPARE(four.row(), 2);
    QCOMPARE(four.data().toString(), QStringLiteral("4"));
    QVERIFY(!five.isValid());
    m_model->setShowHousekeeping(true);
    QCOMPARE(four.row(), 4);
    QCOMPARE(four.data().toString(), QStringLiteral("4"));
}

void TestStatementLogModel::keepsTheCurrentRowWhenOldOnesAreDropped()
{
    makeModel(20);
    m_model->append(records(0, 20));
    const QPersistentModelIndex ten = m_model->index(10, 0);
    m_model->append({record(20)});
    QCOMPARE(ten.row(), 7);
    QCOMPARE(m_model->recordAt(ten.row()).sql, QStringLiteral("10"));
}

void TestStatementLogModel::clears()
{
    m_model->append(records(0, 5));
    m_model->clear();
    m_model->clear();
    QCOMPARE(m_model->rowCount(), 0);
    m_model->append(records(5, 2));
    QCOMPARE(sql(*m_model), QStringLiteral("5 6"));
}

void TestStatementLogModel::masksPasswords()
{
    StatementRecord alter = record(0);
    alter.sql = QStringLiteral("ALTER ROLE bob PASSWORD 'canary'");
    alter.result = QStringLiteral("syntax error in ALTER ROLE bob PASSWORD 'canary'");
    alter.notices = {QStringLiteral("CONTEXT: ALTER ROLE bob PASSWORD 'canary'")};
    m_model->append({alter});
    QCOMPARE(m_model->recordAt(0).sql, QStringLiteral("ALTER ROLE bob PASSWORD '***'"));
    const QModelIndex index = m_model->index(0, StatementLogModel::SqlColumn);
    const auto stored = index.data(StatementLogModel::RecordRole).value<StatementRecord>();
    for (const QString& text :
         {rowText(*m_model, 0), index.data(Qt::ToolTipRole).toString(), m_model->toText(),
          QString::fromUtf8(m_model->toCsv()), stored.sql, stored.result, stored.notices.join(u' ')})
        QVERIFY2(!text.contains(QStringLiteral("canary")), qPrintable(text));
}

void TestStatementLogModel::cutsEndlessSql()
{
    StatementRecord endless = record(0);
    endless.sql = QStringLiteral("SELECT '") + QString(2 << 20, u'x') + QStringLiteral("'");
    endless.result = QString(2 << 20, u'y');
    m_model->append({endless});
    QCOMPARE(m_model->recordAt(0).sql.size(), StatementLogModel::maximumSqlCharacters);
    QVERIFY(m_model->recordAt(0).sql.endsWith(QChar(0x2026)));
    QCOMPARE(m_model->recordAt(0).result.size(), StatementLogModel::maximumSqlCharacters);
    QCOMPARE(m_model->index(0, StatementLogModel::SqlColumn).data().toString().size(), 1024);
}

void TestStatementLogModel::hostileTextIsHarmless()
{
    StatementRecord hostile = record(0);
    hostile.session = QStringLiteral("<b>\u202E");
    hostile.sql = QStringLiteral("a\nb<img src=x>");
    hostile.result = QStringLiteral("\033[31m");
    hostile.notices = {QStringLiteral("<table>"), QStringLiteral("%1")};
    m_model->append({hostile});
    QCOMPARE(rowText(*m_model, 0),
             QStringLiteral("10:02:11.402|<b>|1301|a\u2424b<img src=x>|\u241B[31m|<table>; %1|0.8 ms"));
    const auto tooltip = [this](int column) { return m_model->index(0, column).data(Qt::ToolTipRole).toString(); };
    QCOMPARE(tooltip(StatementLogModel::SqlColumn), QStringLiteral("<qt>a<br/>b&lt;img src=x&gt;</qt>"));
    QCOMPARE(tooltip(StatementLogModel::NoticesColumn), QStringLiteral("<qt>&lt;table&gt;<br/>%1</qt>"));
    QCOMPARE(tooltip(StatementLogModel::SessionColumn), QStringLiteral("<qt>&lt;b&gt;</qt>"));
}

void TestStatementLogModel::givesValuesThroughRoles()
{
    StatementRecord failed = record(0, true);
    failed.failed = true;
    m_model->append({failed});
    const auto value = [this](int column, int role) { return m_model->index(0, column).data(role); };
    QVERIFY(value(0, StatementLogModel::RecordRole).value<StatementRecord>() == failed);
    QCOMPARE(value(0, StatementLogModel::FailedRole), QVariant(true));
    QCOMPARE(value(0, StatementLogModel::HousekeepingRole), QVariant(true));
    QCOMPARE(value(StatementLogModel::TimeColumn, StatementLogModel::SortRole), QVariant(qint64(1709200931402000)));
    QCOMPARE(value(StatementLogModel::BackendColumn, StatementLogModel::SortRole), QVariant(1301));
    QCOMPARE(value(StatementLogModel::DurationColumn, StatementLogModel::SortRole), QVariant(qint64(850)));
}

void TestStatementLogModel::exportsCsv()
{
    StatementRecord hostile = record(0);
    hostile.session = QStringLiteral("=cmd|' /C calc'!A0");
    hostile.sql = QStringLiteral("SELECT pg_catalog.pg_advisory_lock(-5, 7)");
    hostile.notices = {QStringLiteral("a \"b\"")};
    m_model->append({hostile});
    QCOMPARE(QString::fromUtf8(m_model->toCsv()),
             QStringLiteral("Time,Session,Backend,SQL,Result,Notices,Duration (ms)\r\n"
                            "2024-02-29T10:02:11.402Z,\"'=cmd|' /C calc'!A0\",1301,"
                            "\"SELECT pg_catalog.pg_advisory_lock(-5, 7)\",true,\"a \"\"b\"\"\",0.85\r\n"));
}

void TestStatementLogModel::exportsText()
{
    StatementRecord unlock = record(0);
    unlock.sql = QStringLiteral("SELECT pg_catalog.pg_advisory_unlock(7)");
    unlock.result = QStringLiteral("false");
    unlock.notices = {QStringLiteral("WARNING: you don't own a lock of type ExclusiveLock")};
    StatementRecord lines = record(1);
    lines.sql = QStringLiteral("a\nb");
    m_model->append({unlock, lines});
    QCOMPARE(m_model->toText(),
             QStringLiteral(
                 "10:02:11.402  alice  1301  SELECT pg_catalog.pg_advisory_unlock(7)  -> false  WARNING: you don't "
                 "own a lock of type ExclusiveLock  (0.8 ms)\n"
                 "10:02:12.402  alice  1301  a\u2424b  -> true  (0.8 ms)\n"));
}

void TestStatementLogModel::exportsOnlyWhatIsShown()
{
    m_model->append(records(0, 4));
    m_model->setShowHousekeeping(false);
    QCOMPARE(m_model->toText().count(u'\n'), 2);
    QCOMPARE(m_model->toCsv().count('\n'), 3);
}

void TestStatementLogModel::answersForRowsThatAreNotThere()
{
    QVERIFY(m_model->recordAt(0) == StatementRecord());
    QVERIFY(m_model->recordAt(-1) == StatementRecord());
    QVERIFY(!m_model->data({}, Qt::DisplayRole).isValid());
    QCOMPARE(m_model->toText(), QString());
}

QTEST_GUILESS_MAIN(TestStatementLogModel)
#include "tst_statementlogmodel.moc"
