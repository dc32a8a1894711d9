#include "models/statementlogmodel.h"
#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "ui/statementlogpanel.h"
#include "ui/theme.h"

#include <QAbstractItemDelegate>
#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QImage>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTableView>

using namespace lockscope;

namespace {

StatementRecord record(const QString& sql, const QString& result = QStringLiteral("true"),
                       const QStringList& notices = {})
{
    StatementRecord statement;
    statement.session = QStringLiteral("alice");
    statement.backendPid = 1301;
    statement.sql = sql;
    statement.result = result;
    statement.notices = notices;
    return statement;
}

StatementRecord housekeeping(const QString& sql)
{
    StatementRecord statement = record(sql);
    statement.housekeeping = true;
    return statement;
}

struct Stage
{
    Stage()
    {
        panel.resize(900, 200);
        panel.show();
    }
    template <typename Widget>
    Widget* child(const char* name) const
    {
        return panel.findChild<Widget*>(QString::fromLatin1(name));
    }
    void fill(int count)
    {
        QList<StatementRecord> records;
        for (int number = 0; number < count; ++number)
            records.append(record(QStringLiteral("SELECT %1").arg(number)));
        model.append(records);
    }
    [[nodiscard]] QStringList shownSql() const
    {
        QStringList texts;
        const auto* table = child<QTableView>("statementTable");
        for (int row = 0; row < table->model()->rowCount(); ++row)
            texts.append(table->model()->index(row, StatementLogModel::SqlColumn).data().toString());
        return texts;
    }
    [[nodiscard]] bool atTail() const
    {
        const auto* bar = child<QTableView>("statementTable")->verticalScrollBar();
        return bar->maximum() > 0 && bar->value() == bar->maximum();
    }
    /// Whether a cell is painted with this colour.
    [[nodiscard]] bool paints(int row, int column, const QColor& color) const
    {
        const auto* table = child<QTableView>("statementTable");
        QImage image(300, 24, QImage::Format_RGB32);
        image.fill(Qt::white);
        QPainter painter(&image);
        QStyleOptionViewItem option;
        option.initFrom(table);
        option.rect = image.rect();
        table->itemDelegate()->paint(&painter, option, table->model()->index(row, column));
        painter.end();
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x) {
                if (image.pixelColor(x, y) == color)
                    return true;
            }
        }
        return false;
    }

    StatementLogModel model;
    StatementLogPanel panel{&model};
};

} // namespace

class StatementLogPanelTest final : public lockscope::test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { lockscope::test::muteSizeHintsOfOffscreen(); }
    void everyControlHasNameAndAccessibleName();
    void hidesHousekeepingUntilAsked();
    void followsTheTail();
    void staysWhereThePersonScrolled();
    void filters();
    void copiesSelectedRowsAsSql();
    void hostileNoticesCannotLeaveTheirComment();
    void copiesByKeyboard();
    void asksToExportAndToClear();
    void showsWarningsAndFailures();
};

void StatementLogPanelTest::everyControlHasNameAndAccessibleName()
{
    const Stage stage;
    for (const char* name : {"statementTable", "statementFilter", "housekeepingCheck", "copyStatementsButton",
                             "exportStatementsButton", "clearStatementsButton"}) {
        QVERIFY2(stage.child<QWidget>(name) != nullptr, name);
        QVERIFY2(!stage.child<QWidget>(name)->accessibleName().isEmpty(), name);
    }
    QVERIFY(!stage.child<QPushButton>("copyStatementsButton")->isEnabled());
    QVERIFY(!stage.child<QPushButton>("exportStatementsButton")->isEnabled());
    QVERIFY(!stage.child<QPushButton>("clearStatementsButton")->isEnabled());
}

void StatementLogPanelTest::hidesHousekeepingUntilAsked()
{
    Stage stage;
    stage.model.append({record(QStringLiteral("SELECT 1")), housekeeping(QStringLiteral("SET x"))});
    QCOMPARE(stage.shownSql(), QStringList({QStringLiteral("SELECT 1")}));
    const QSignalSpy shown(&stage.panel, &StatementLogPanel::housekeepingShown);
    stage.child<QCheckBox>("housekeepingCheck")->click();
    QCOMPARE(stage.shownSql(), QStringList({QStringLiteral("SELECT 1"), QStringLiteral("SET x")}));
    QCOMPARE(shown.size(), 1);
    stage.panel.setShowHousekeeping(false);
    QCOMPARE(stage.shownSql(), QStringList({QStringLiteral("SELECT 1")}));
}

void StatementLogPanelTest::followsTheTail()
{
    Stage stage;
    stage.fill(50);
    QTRY_VERIFY(stage.atTail());
    stage.fill(50);
    QTRY_VERIFY(stage.atTail());
}

void StatementLogPanelTest::staysWhereThePersonScrolled()
{
    Stage stage;
    stage.fill(50);
    QTRY_VERIFY(stage.atTail());
    auto* bar = stage.child<QTableView>("statementTable")->verticalScrollBar();
    bar->setValue(10);
    const int range = bar->maximum();
    stage.fill(50);
    QTRY_VERIFY(bar->maximum() > range);
    QCOMPARE(bar->value(), 10);
    bar->setValue(bar->maximum());
    stage.fill(5);
    QTRY_COMPARE(bar->maximum(), range + 55);
    QTRY_VERIFY(stage.atTail());
}

void StatementLogPanelTest::filters()
{
    Stage stage;
    stage.model.append({record(QStringLiteral("SELECT pg_advisory_lock(5)")),
                        record(QStringLiteral("SELECT pg_advisory_unlock(5)"), QStringLiteral("false"))});
    auto* filter = stage.child<QLineEdit>("statementFilter");
    QTest::keyClicks(filter, QStringLiteral("UNLOCK("));
    QTest::keyClick(filter, Qt::Key_Return);
    QCOMPARE(stage.shownSql(), QStringList({QStringLiteral("SELECT pg_advisory_unlock(5)")}));
    QTest::keyClick(filter, Qt::Key_Escape);
    QCOMPARE(stage.shownSql().size(), 2);
}

void StatementLogPanelTest::copiesSelectedRowsAsSql()
{
    Stage stage;
    stage.model.append({record(QStringLiteral("SELECT 1")), record(QStringLiteral("SELECT 2;")),
                        record(QStringLiteral("SELECT 3"), QStringLiteral("false"),
                               {QStringLiteral("WARNING: you don't own a lock of type ExclusiveLock")})});
    auto* table = stage.child<QTableView>("statementTable");
    table->setSelectionMode(QAbstractItemView::MultiSelection);
    table->selectRow(2);
    table->selectRow(1);
    QTest::mouseClick(stage.child<QPushButton>("copyStatementsButton"), Qt::LeftButton);
    QStringList lines = QApplication::clipboard()->text().split(QLatin1Char('\n'));
    QCOMPARE(lines.size(), 5);
    QVERIFY(lines.at(0).endsWith(QStringLiteral("alice 1301 -> true")));
    QCOMPARE(lines.at(1), QStringLiteral("SELECT 2;"));
    QVERIFY(lines.at(2).endsWith(
        QStringLiteral("alice 1301 -> false WARNING: you don't own a lock of type ExclusiveLock")));
    QCOMPARE(lines.at(3), QStringLiteral("SELECT 3;"));
}

void StatementLogPanelTest::hostileNoticesCannotLeaveTheirComment()
{
    Stage stage;
    StatementRecord hostile =
        record(QStringLiteral("SELECT 1"), QStringLiteral("x\nDROP TABLE a;"),
               {QStringLiteral("NOTICE: y\r\nDROP TABLE b;"), QStringLiteral("\u2028DROP TABLE c;")});
    hostile.session = QStringLiteral("eve\nDROP TABLE d;");
    stage.model.append({hostile});
    stage.child<QTableView>("statementTable")->selectRow(0);
    const QString text = stage.panel.selectedAsSql();
    QCOMPARE(text.count(QLatin1Char('\n')), 2);
    QVERIFY(text.startsWith(QStringLiteral("-- ")));
    QVERIFY(text.endsWith(QStringLiteral("\nSELECT 1;\n")));
    QVERIFY(!text.contains(QLatin1Char('\r')));
    QVERIFY(!text.contains(QChar(0x2028)));
}

void StatementLogPanelTest::copiesByKeyboard()
{
    Stage stage;
    stage.model.append({record(QStringLiteral("SELECT 1"))});
    auto* table = stage.child<QTableView>("statementTable");
    table->selectRow(0);
    QApplication::clipboard()->clear();
    QTest::keyClick(table, Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QApplication::clipboard()->text().endsWith(QStringLiteral("SELECT 1;\n")));
}

void StatementLogPanelTest::asksToExportAndToClear()
{
    Stage stage;
    stage.fill(1);
    const QSignalSpy exports(&stage.panel, &StatementLogPanel::exportRequested);
    const QSignalSpy clears(&stage.panel, &StatementLogPanel::clearRequested);
    for (const char* name : {"exportStatementsCsv", "exportStatementsText"})
        stage.child<QAction>(name)->trigger();
    QCOMPARE(exports.size(), 2);
    QCOMPARE(exports.at(0).first().value<StatementLogFormat>(), StatementLogFormat::Csv);
    QCOMPARE(exports.at(1).first().value<StatementLogFormat>(), StatementLogFormat::Text);
    QTest::mouseClick(stage.child<QPushButton>("clearStatementsButton"), Qt::LeftButton);
    QCOMPARE(clears.size(), 1);
    QCOMPARE(stage.model.rowCount(), 1); // only asked
}

void StatementLogPanelTest::showsWarningsAndFailures()
{
    Stage stage;
    StatementRecord failed = record(QStringLiteral("SELECT 1"), QStringLiteral("MMMMMMMM canceling statement"),
                                    {QStringLiteral("WARNING: MMMMMMMM")});
    failed.failed = true;
    stage.model.append(
        {failed, record(QStringLiteral("SELECT 1"), QStringLiteral("MMMMMMMM"), {QStringLiteral("NOTICE: MMMMMMMM")})});
    const QColor error = theme::color(Tone::Error, stage.panel.palette());
    const QColor warning = theme::color(Tone::Waiting, stage.panel.palette());
    QVERIFY(stage.paints(0, StatementLogModel::ResultColumn, error));
    QVERIFY(stage.paints(0, StatementLogModel::NoticesColumn, warning));
    QVERIFY(!stage.paints(1, StatementLogModel::ResultColumn, error));
    QVERIFY(!stage.paints(1, StatementLogModel::NoticesColumn, warning));
}

QTEST_MAIN(StatementLogPanelTest)
#include "tst_statementlogpanel.moc"
