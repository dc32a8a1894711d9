#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "ui/keyedit.h"
#include "ui/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>

using namespace lockscope;

namespace {

struct Field
{
    explicit Field(const QString& prefix = {})
        : edit(prefix)
    {
        const auto name = [&](const QString& plain) {
            return prefix.isEmpty() ? plain : prefix + plain.at(0).toUpper() + plain.mid(1);
        };
        line = edit.findChild<QLineEdit*>(name(QStringLiteral("keyEdit")));
        form = edit.findChild<QComboBox*>(name(QStringLiteral("keyFormBox")));
        hash = edit.findChild<QComboBox*>(name(QStringLiteral("hashBox")));
        message = edit.findChild<QLabel*>(name(QStringLiteral("keyMessage")));
        edit.resize(340, edit.sizeHint().height());
        edit.show();
    }

    void paste(const QString& text) const
    {
        QApplication::clipboard()->setText(text);
        line->setFocus();
        line->selectAll();
        QTest::keyClick(line, Qt::Key_V, Qt::ControlModifier);
    }

    [[nodiscard]] QString said() const { return edit.key() ? describe(*edit.key()) : QStringLiteral("nothing"); }

    KeyEdit edit;
    QLineEdit* line = nullptr;
    QComboBox* form = nullptr;
    QComboBox* hash = nullptr;
    QLabel* message = nullptr;
};

} // namespace

class KeyEditTest final : public lockscope::test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { lockscope::test::muteSizeHintsOfOffscreen(); }
    void namesItsPartsByPrefix();
    void readsEachForm_data();
    void readsEachForm();
    void sendsNothingWhileInvalid_data();
    void sendsNothingWhileInvalid();
    void switchesToAPairThatIsPasted();
    void followsTypingBackToABigint();
    void staysTextWhenAPairIsPastedAsText();
    void survivesAMegabyte();
    void takesTheHashFunction();
    void tellsChangesOnce();
    void submitsByReturnOnlyWithAKey();
    void showsAKeyThatIsSet();
    void remembersRecentKeys();
    void showsMarkupLiterally();
};

void KeyEditTest::namesItsPartsByPrefix()
{
    const Field plain;
    QVERIFY(plain.line && plain.form && plain.hash && plain.message);
    const Field client(QStringLiteral("client"));
    QVERIFY(client.line && client.form && client.hash && client.message);
    for (const QWidget* part : QList<QWidget*>{client.line, client.form, client.hash, client.message})
        QVERIFY2(!part->accessibleName().isEmpty(), qPrintable(part->objectName()));
}

void KeyEditTest::readsEachForm_data()
{
    QTest::addColumn<int>("form");
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("key");
    QTest::newRow("bigint") << 0 << QStringLiteral("5") << QStringLiteral("5");
    QTest::newRow("negative") << 0 << QStringLiteral("-9223372036854775808") << QStringLiteral("-9223372036854775808");
    QTest::newRow("typographic minus") << 0 << QString(QChar(0x2212)) + QLatin1Char('5') << QStringLiteral("-5");
    QTest::newRow("pair") << 1 << QStringLiteral("-5, 7") << QStringLiteral("(-5, 7)");
    QTest::newRow("pair in brackets") << 1 << QStringLiteral("(1,2)") << QStringLiteral("(1, 2)");
    QTest::newRow("text") << 2 << QStringLiteral("calendar") << QStringLiteral("hashtextextended('calendar')");
}

void KeyEditTest::readsEachForm()
{
    QFETCH(const int, form);
    QFETCH(const QString, typed);
    QFETCH(const QString, key);
    const Field field;
    field.form->setCurrentIndex(form);
    field.line->setText(typed);
    QCOMPARE(field.edit.problem(), QString());
    QVERIFY2(field.said().startsWith(key.left(key.size() - 1)), qPrintable(field.said()));
}

void KeyEditTest::sendsNothingWhileInvalid_data()
{
    QTest::addColumn<int>("form");
    QTest::addColumn<QString>("typed");
    QTest::newRow("word") << 0 << QStringLiteral("five");
    QTest::newRow("too large") << 0 << QStringLiteral("9223372036854775808");
    QTest::newRow("sql") << 0 << QStringLiteral("5); DROP TABLE locks --");
    QTest::newRow("half a pair") << 1 << QStringLiteral("5,");
    QTest::newRow("int4 too large") << 1 << QStringLiteral("2147483648, 0");
    QTest::newRow("line break in text") << 2 << QStringLiteral("calendar\n");
}

void KeyEditTest::sendsNothingWhileInvalid()
{
    QFETCH(const int, form);
    QFETCH(const QString, typed);
    const Field field;
    field.form->setCurrentIndex(form);
    field.line->setText(typed);
    QCOMPARE(field.said(), QStringLiteral("nothing"));
    QVERIFY(!field.edit.problem().isEmpty());
    QCOMPARE(field.message->text(), field.edit.problem());
}

void KeyEditTest::followsTypingBackToABigint()
{
    const Field field;
    field.line->setText(QStringLiteral("-5, 7"));
    QCOMPARE(field.form->currentText(), QStringLiteral("two int4"));
    field.line->setText(QStringLiteral("5"));
    QCOMPARE(field.form->currentText(), QStringLiteral("bigint"));
    QCOMPARE(field.said(), describe(KeyInput(LockKey::bigint(5))));
    // Who chose the form keeps it.
    field.form->setCurrentIndex(1);
    QCOMPARE(field.form->currentText(), QStringLiteral("two int4"));
    QVERIFY(!field.edit.key());
}

void KeyEditTest::switchesToAPairThatIsPasted()
{
    const Field field;
    QCOMPARE(field.form->currentText(), QStringLiteral("bigint"));
    field.paste(QStringLiteral("(") + QChar(0x2212) + QStringLiteral("5, 7)"));
    QCOMPARE(field.said(), QStringLiteral("(-5, 7)"));
    QCOMPARE(field.form->currentText(), QStringLiteral("two int4"));
}

void KeyEditTest::staysTextWhenAPairIsPastedAsText()
{
    const Field field;
    field.form->setCurrentIndex(2);
    field.paste(QStringLiteral("(5, 7)"));
    QVERIFY(field.edit.key());
    QCOMPARE(std::get<TextKey>(*field.edit.key()).text, QStringLiteral("(5, 7)"));
    QCOMPARE(field.form->currentText(), QStringLiteral("text"));
}

void KeyEditTest::survivesAMegabyte()
{
    const Field field;
    const QString megabyte(1024 * 1024, QLatin1Char('7'));
    for (int form = 0; form < 3; ++form) {
        field.form->setCurrentIndex(form);
        field.paste(megabyte);
        QCOMPARE(field.said(), QStringLiteral("nothing"));
        QVERIFY(field.edit.problem().size() < 400);
        QCOMPARE(field.line->text().size(), KeyEdit::maximumLength + 1);
    }
}

void KeyEditTest::takesTheHashFunction()
{
    const Field field;
    QVERIFY(field.hash->isHidden());
    field.form->setCurrentIndex(2);
    QVERIFY(!field.hash->isHidden());
    field.line->setText(QStringLiteral("calendar"));
    QCOMPARE(std::get<TextKey>(*field.edit.key()).hash, TextHash::Hashtextextended);
    field.hash->setCurrentText(QStringLiteral("hashtext"));
    QCOMPARE(std::get<TextKey>(*field.edit.key()).hash, TextHash::Hashtext);
}

void KeyEditTest::tellsChangesOnce()
{
    const Field field;
    const QSignalSpy changes(&field.edit, &KeyEdit::keyChanged);
    QTest::keyClicks(field.line, QStringLiteral("5"));
    QCOMPARE(changes.size(), 1);
    QTest::keyClicks(field.line, QStringLiteral(" "));
    QCOMPARE(changes.size(), 1); // still key 5
    QTest::keyClicks(field.line, QStringLiteral("x"));
    QCOMPARE(changes.size(), 2);
}

void KeyEditTest::submitsByReturnOnlyWithAKey()
{
    Field field;
    QVERIFY(QTest::qWaitForWindowActive(&field.edit));
    field.line->setFocus();
    const QSignalSpy submitted(&field.edit, &KeyEdit::submitted);
    const QSignalSpy waits(&field.edit, &KeyEdit::submittedToWait);
    QTest::keyClick(field.line, Qt::Key_Return);
    QTest::keyClick(field.line, Qt::Key_Return, Qt::ControlModifier);
    QCOMPARE(submitted.size(), 0);
    QCOMPARE(waits.size(), 0);
    QTest::keyClicks(field.line, QStringLiteral("5"));
    QTest::keyClick(field.line, Qt::Key_Return);
    QCOMPARE(submitted.size(), 1);
    QCOMPARE(waits.size(), 0);
    QTest::keyClick(field.line, Qt::Key_Return, Qt::ControlModifier);
    QCOMPARE(submitted.size(), 1);
    QCOMPARE(waits.size(), 1);
}

void KeyEditTest::showsAKeyThatIsSet()
{
    Field field;
    const QList<KeyInput> keys{LockKey::bigint(-1), LockKey::pair(-5, 7),
                               TextKey{.text = QStringLiteral("a"), .hash = TextHash::Hashtext}};
    for (const KeyInput& key : keys) {
        field.edit.setKey(key);
        QVERIFY(field.edit.key() == key);
    }
    QCOMPARE(field.form->currentText(), QStringLiteral("text"));
    QCOMPARE(field.hash->currentText(), QStringLiteral("hashtext"));
}

void KeyEditTest::remembersRecentKeys()
{
    Field field;
    for (int number = 0; number < KeyEdit::maximumRecentKeys + 5; ++number)
        field.edit.remember(LockKey::bigint(number));
    field.edit.remember(LockKey::bigint(7));
    const QList<KeyInput> recent = field.edit.recentKeys();
    QCOMPARE(recent.size(), KeyEdit::maximumRecentKeys);
    QVERIFY(recent.at(0) == KeyInput(LockKey::bigint(7)));
    QCOMPARE(recent.count(KeyInput(LockKey::bigint(7))), 1);
    QVERIFY(recent.at(1) == KeyInput(LockKey::bigint(KeyEdit::maximumRecentKeys + 4)));
}

void KeyEditTest::showsMarkupLiterally()
{
    const Field field;
    field.line->setText(QStringLiteral("<b>5</b>"));
    QCOMPARE(field.message->textFormat(), Qt::PlainText);
    QCOMPARE(field.said(), QStringLiteral("nothing"));
}

QTEST_MAIN(KeyEditTest)
#include "tst_keyedit.moc"
