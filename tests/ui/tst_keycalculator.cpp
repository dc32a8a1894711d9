#include "models/domain/keyformulas.h"
#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "ui/databaseedit.h"
#include "ui/keycalculator.h"
#include "ui/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QCompleter>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QToolButton>

using namespace lockscope;

namespace {

struct Stage
{
    Stage()
    {
        calculator.setDictionary(std::make_shared<const KeyDictionary>(KeyDictionary::builtIn()));
        calculator.show();
    }

    KeyTable* table(const char* name = "readingsTable") const
    {
        return calculator.findChild<KeyTable*>(QString::fromLatin1(name));
    }
    QLineEdit* field() const { return calculator.findChild<QLineEdit*>(QStringLiteral("calculatorEdit")); }
    DatabaseEdit* databaseEdit() const
    {
        return calculator.findChild<DatabaseEdit*>(QStringLiteral("calculatorDatabaseEdit"));
    }
    QString message() const { return calculator.findChild<QLabel*>(QStringLiteral("calculatorMessage"))->text(); }
    void type(const QString& text) const
    {
        field()->setFocus();
        field()->selectAll();
        QTest::keyClicks(field(), text);
    }
    /// "bigint | 5 | 0, 5 | 0/5/1 | 0x..."
    static QString line(const KeyTable* table, int row)
    {
        QStringList cells;
        for (const int column : {0, 1, 4, 5, 6})
            cells.append(table->item(row, column)->text());
        return cells.join(QStringLiteral(" | "));
    }
    QStringList forms() const
    {
        QStringList forms;
        for (const auto& row : table()->rows())
            forms.append(row.form + QLatin1Char(' ') + row.key.toString());
        return forms;
    }
    static void press(const KeyTable* table, int row, const char* button)
    {
        table->cellWidget(row, 2)->findChild<QToolButton*>(QString::fromLatin1(button))->click();
    }

    KeyCalculator calculator;
};

} // namespace

class TestKeyCalculator final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        theme::apply(*qApp, ColorScheme::Light, false);
    }

    void showsEveryFormOfAKey_data()
    {
        QTest::addColumn<QString>("input");
        QTest::addColumn<QStringList>("lines");
        const QString five = QStringLiteral("bigint | 5 | 0, 5 | 0/5/1 | 0x0000000000000005");
        const QString fivePair = QStringLiteral("two int4 | (0, 5) | 0, 5 | 0/5/2 | 0x00000000 0x00000005");
        const QString pair = QStringLiteral("two int4 | (-5, 7) | -5, 7 | 4294967291/7/2 | 0xfffffffb 0x00000007");
        const QString pairBits = QStringLiteral("bigint | -21474836473 | -5, 7 | 4294967291/7/1 | 0xfffffffb00000007");
        QTest::newRow("bigint") << QStringLiteral(" 5 ") << QStringList{five, fivePair};
        QTest::newRow("pair") << QStringLiteral("(-5, 7)") << QStringList{pair, pairBits};
        QTest::newRow("negative") << QStringLiteral("-1")
                                  << QStringList{QStringLiteral("bigint | -1 | -1, -1 | 4294967295/4294967295/1 | "
                                                                "0xffffffffffffffff"),
                                                 QStringLiteral("two int4 | (-1, -1) | -1, -1 | 4294967295/"
                                                                "4294967295/2 | 0xffffffff 0xffffffff")};
    }

    void showsEveryFormOfAKey()
    {
        QFETCH(const QString, input);
        QFETCH(const QStringList, lines);
        Stage stage;
        stage.type(input);
        QStringList shown;
        for (int row = 0; row < stage.table()->rowCount(); ++row)
            shown.append(Stage::line(stage.table(), row));
        QCOMPARE(shown, lines);
    }

    void takesWhatPeoplePaste_data()
    {
        QTest::addColumn<QString>("input");
        QTest::addColumn<QString>("key");
        QTest::newRow("lock tag") << QStringLiteral("0/5/1") << QStringLiteral("5");
        QTest::newRow("statement") << QStringLiteral("SELECT pg_advisory_lock(-5, 7)") << QStringLiteral("(-5, 7)");
        QTest::newRow("log") << QStringLiteral("advisory lock [5,0,42,1]") << QStringLiteral("42");
        QTest::newRow("hexadecimal") << QStringLiteral("0x2a") << QStringLiteral("42");
    }

    void takesWhatPeoplePaste()
    {
        QFETCH(const QString, input);
        QFETCH(const QString, key);
        Stage stage;
        stage.calculator.setInput(input);
        QCOMPARE(stage.table()->item(0, 1)->text(), key);
    }

    void saysWhatAKeyIsKnownForAndWhereThatWasRead()
    {
        Stage stage;
        stage.calculator.setInput(QStringLiteral("72707369"));
        QVERIFY2(stage.table()->item(0, 3)->text().contains(QStringLiteral("Prisma")),
                 qPrintable(stage.table()->item(0, 3)->text()));
        QVERIFY(stage.table()->item(0, 3)->toolTip().contains(QStringLiteral("prisma/prisma-engines")));
        QVERIFY(!stage.table()->item(1, 3)->text().contains(QStringLiteral("Prisma")));
    }

    void saysWhatJavaScriptMakesOfALongNumber()
    {
        Stage stage;
        stage.calculator.setInput(QStringLiteral("-8575985245963000605"));
        QCOMPARE(stage.table()->rows().last().key, LockKey::bigint(-8575985245963001000));
    }

    void aWrongNumberIsExplainedAndHasNoRows()
    {
        Stage stage;
        stage.type(QStringLiteral("1, 2, 3"));
        QCOMPARE(stage.table()->rowCount(), 0);
        QVERIFY(!stage.message().isEmpty());
        stage.type(QStringLiteral("7"));
        QCOMPARE(stage.table()->rowCount(), 2);
    }

    void withoutAServerATextHasTheKeysThatNeedNone()
    {
        Stage stage;
        QSignalSpy asked(&stage.calculator, &KeyCalculator::hashRequested);
        stage.type(QStringLiteral("migrations"));
        QCOMPARE(stage.table()->rows().first().key, LockKey::bigint(1856466978)); // crc32
        QVERIFY2(stage.message().contains(QStringLiteral("connect")), qPrintable(stage.message()));
        QTest::keyClick(stage.field(), Qt::Key_Return);
        QCOMPARE(asked.size(), 0);
    }

    void theServerIsAskedOnceTypingRestsAndItsAnswerComesFirst()
    {
        Stage stage;
        stage.calculator.setConnected(QStringLiteral("app"));
        QSignalSpy asked(&stage.calculator, &KeyCalculator::hashRequested);
        stage.type(QStringLiteral("calendar"));
        QTRY_COMPARE(asked.size(), 1);
        QCOMPARE(asked.first().first().toString(), QStringLiteral("calendar"));
        stage.calculator.setHashes(QStringLiteral("other"),
                                   {{.entryId = QStringLiteral("hashtext"), .key = LockKey::bigint(1)}});
        QVERIFY(!stage.forms().contains(QStringLiteral("hashtext 1")));
        stage.calculator.setHashes(QStringLiteral("calendar"),
                                   {{.entryId = QStringLiteral("hashtext"), .key = LockKey::bigint(-17)},
                                    {.entryId = QStringLiteral("hashtextextended"), .key = LockKey::bigint(18)}});
        QCOMPARE(stage.forms().mid(0, 2),
                 (QStringList{QStringLiteral("hashtext -17"), QStringLiteral("hashtextextended, seed 0 18")}));
        QVERIFY(stage.message().contains(QStringLiteral("app")));
        // What one server said is not shown as the answer of another.
        stage.calculator.setConnected(QStringLiteral("elsewhere"));
        QVERIFY(!stage.forms().contains(QStringLiteral("hashtext -17")));
        QTRY_COMPARE(asked.size(), 2);
        stage.calculator.setHashError(QStringLiteral("calendar"), {.what = QStringLiteral("The link is gone.")});
        QCOMPARE(stage.message(), QStringLiteral("The link is gone."));
    }

    void aPastedHashCallIsItsText()
    {
        Stage stage;
        stage.calculator.setConnected(QStringLiteral("app"));
        QSignalSpy asked(&stage.calculator, &KeyCalculator::hashRequested);
        stage.calculator.setInput(QStringLiteral("hashtextextended('it''s me', 0)"));
        QTRY_COMPARE(asked.size(), 1);
        QCOMPARE(asked.first().first().toString(), QStringLiteral("it's me"));
    }

    void programsKeysFollowTheNameOfTheDatabase()
    {
        Stage stage;
        KeyTable* const formulas = stage.table("formulasTable");
        QCOMPARE(formulas->rowCount(), 0);
        stage.calculator.setDatabases({{5, QStringLiteral("app")}, {6, QStringLiteral("other")}});
        QCOMPARE(stage.databaseEdit()->names().size(), 2);
        stage.databaseEdit()->setText(QStringLiteral("app"));
        QCOMPARE(formulas->rowCount(), static_cast<int>(keyFormulas.size()));
        QCOMPARE(formulas->rows().first().key, LockKey::bigint(6939591962871035475)); // Rails
        QVERIFY2(formulas->rows().first().known.contains(QStringLiteral("Rails")),
                 qPrintable(formulas->rows().first().known));
        QCOMPARE(stage.calculator.database(), QStringLiteral("app"));
    }

    void theDatabaseOfTheConnectionIsTheFirstChoiceAndNeverReplacesOne()
    {
        Stage stage;
        stage.calculator.setConnected(QStringLiteral("app"));
        QCOMPARE(stage.calculator.database(), QStringLiteral("app"));
        stage.databaseEdit()->setText(QStringLiteral("mine"));
        stage.calculator.setConnected(QStringLiteral("other"));
        stage.calculator.setDatabases({{5, QStringLiteral("app")}});
        QCOMPARE(stage.calculator.database(), QStringLiteral("mine"));
    }

    void namesOfOneDatabaseAreFoundByItsName()
    {
        Stage stage;
        KeyDictionary dictionary;
        dictionary.setQueryLabels(16384, {{LockKey::bigint(5), QStringLiteral("Google calendar, <b>ACME</b>")}});
        stage.calculator.setDictionary(std::make_shared<const KeyDictionary>(dictionary));
        stage.calculator.setDatabases({{16384, QStringLiteral("app")}});
        stage.calculator.setInput(QStringLiteral("5"));
        QCOMPARE(stage.table()->rows().first().known, QString());
        stage.databaseEdit()->setText(QStringLiteral("app"));
        QCOMPARE(stage.table()->item(0, 3)->text(), QStringLiteral("Google calendar, <b>ACME</b>"));
        QVERIFY(stage.table()->item(0, 3)->toolTip().contains(QStringLiteral("&lt;b&gt;ACME")));
    }

    void eachRowSaysWhatToDoWithItsKey()
    {
        Stage stage;
        QSignalSpy find(&stage.calculator, &KeyCalculator::findRequested);
        QSignalSpy chosen(&stage.calculator, &KeyCalculator::keyChosen);
        QSignalSpy named(&stage.calculator, &KeyCalculator::nameRequested);
        stage.databaseEdit()->setText(QStringLiteral("app"));
        stage.calculator.setInput(QStringLiteral("-5, 7"));
        Stage::press(stage.table(), 0, "copyKeyButton");
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("(-5, 7)"));
        Stage::press(stage.table(), 0, "copyStatementButton");
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("SELECT pg_advisory_lock(-5, 7);"));
        QVERIFY(stage.message().contains(QStringLiteral("pg_advisory_lock(-5, 7)")));
        Stage::press(stage.table(), 0, "findKeyButton");
        Stage::press(stage.table(), 1, "findKeyButton");
        QCOMPARE(find.at(0).first().toString(), QStringLiteral("(-5, 7)"));
        QCOMPARE(find.at(1).first().toString(), QStringLiteral("key:-21474836473"));
        Stage::press(stage.table(), 0, "useKeyButton");
        QCOMPARE(chosen.first().first().value<LockKey>(), LockKey::pair(-5, 7));
        Stage::press(stage.table(), 0, "nameKeyButton");
        QCOMPARE(named.first().first().value<LockKey>(), LockKey::pair(-5, 7));
        QCOMPARE(named.first().at(1).toString(), QStringLiteral("app"));
    }

    void inputsAreOfferedAgain()
    {
        Stage stage;
        stage.type(QStringLiteral("5"));
        QTest::keyClick(stage.field(), Qt::Key_Return);
        stage.type(QStringLiteral("72707369"));
        Stage::press(stage.table(), 0, "copyKeyButton");
        stage.calculator.close();
        stage.calculator.show();
        const auto* const offered = stage.field()->completer()->model();
        QCOMPARE(offered->rowCount(), 2);
        QCOMPARE(offered->index(0, 0).data().toString(), QStringLiteral("72707369"));
    }

    void aRowThatStaysKeepsItsButtons()
    {
        Stage stage;
        stage.calculator.setInput(QStringLiteral("5"));
        const QWidget* const before = stage.table()->cellWidget(0, 2);
        stage.calculator.setDatabases({{5, QStringLiteral("app")}});
        stage.calculator.setDictionary(std::make_shared<const KeyDictionary>(KeyDictionary::builtIn()));
        QCOMPARE(stage.table()->cellWidget(0, 2), before);
    }

    void aTextWithoutItsEndIsNotHashed()
    {
        Stage stage;
        stage.calculator.setConnected(QStringLiteral("app"));
        stage.field()->setFocus();
        stage.field()->insert(QString(1 << 20, u'x'));
        QCOMPARE(stage.field()->text().size(), KeyCalculator::maximumLength);
        QCOMPARE(stage.table()->rowCount(), 0);
        QVERIFY(stage.message().contains(QStringLiteral("end may be missing")));
    }

    void everyControlHasAName()
    {
        Stage stage;
        stage.calculator.setInput(QStringLiteral("5"));
        const auto buttons = stage.table()->findChildren<QToolButton*>();
        QCOMPARE(buttons.size(), 10);
        for (const QToolButton* const button : buttons)
            QVERIFY2(!button->accessibleName().isEmpty() && !button->toolTip().isEmpty(),
                     qPrintable(button->objectName()));
    }
};

QTEST_MAIN(TestKeyCalculator)
#include "tst_keycalculator.moc"
