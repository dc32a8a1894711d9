#include "tests/acceptance/windowdriver.h"
#include "tests/support/suite.h"

#include <QAbstractButton>
#include <QAbstractSpinBox>
#include <QAccessible>
#include <QComboBox>
#include <QDockWidget>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QTabBar>
#include <QToolBar>

using namespace lockscope;
using test::WindowDriver;

/// The main job in the real window on a real server, the way a person does it.
class tst_Console final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void namesEveryControlForPeopleAndForTests();
    void acquiresAKeyAndShowsTheRow();
    void refusesTheSecondSessionAndNamesTheHolder();
    void showsTheWarningWhenTheWrongSessionReleases();
    void waitsWithoutFreezingAndIsGrantedWhenTheHolderReleases();
    void killsAClientAndTheRowGoes();
    void filtersWhatIsTyped();
    void listsHeldLocksBeforeQuittingAndThenTheyAreGone();

private:
    std::unique_ptr<WindowDriver> m_window;
};

#define DO(step) QCOMPARE(m_window->step, QString())

void tst_Console::initTestCase()
{
    m_window = std::make_unique<WindowDriver>(CommandLine{.sandbox = true});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isEnabled(QStringLiteral("newSessionButton")), 60'000);
}

void tst_Console::namesEveryControlForPeopleAndForTests()
{
    QStringList nameless;
    QSet<QString> seen;
    for (const QWidget* const widget : m_window->window().findChildren<QWidget*>()) {
        const bool isControl =
            qobject_cast<const QAbstractButton*>(widget) || qobject_cast<const QLineEdit*>(widget) ||
            qobject_cast<const QComboBox*>(widget) || qobject_cast<const QAbstractSpinBox*>(widget) ||
            qobject_cast<const QAbstractItemView*>(widget) || qobject_cast<const QPlainTextEdit*>(widget);
        // What Qt builds inside its own widgets (the field of a spin box, the buttons of a dock or of a line edit) is
        // named by them.
        const QWidget* const parent = widget->parentWidget();
        const bool isPart = qobject_cast<const QAbstractSpinBox*>(parent) || qobject_cast<const QComboBox*>(parent) ||
                            qobject_cast<const QLineEdit*>(parent) || qobject_cast<const QDockWidget*>(parent) ||
                            qobject_cast<const QTabBar*>(parent) || qobject_cast<const QToolBar*>(parent) ||
                            qobject_cast<const QAbstractItemView*>(parent) || widget->inherits("QHeaderView") ||
                            widget->inherits("QComboBoxListView") ||
                            widget->objectName().startsWith(QLatin1String("qt_"));
        if (!isControl || isPart)
            continue;
        const QAccessibleInterface* const accessible =
            QAccessible::queryAccessibleInterface(const_cast<QWidget*>(widget));
        const QString name = accessible ? accessible->text(QAccessible::Name) : QString();
        // Two pages may show the same thing under the same name.
        QString place = widget->objectName();
        for (const QWidget* around = parent; around != nullptr; around = around->parentWidget()) {
            if (around->objectName().endsWith(QLatin1String("Page")))
                place.prepend(around->objectName() + u'/');
        }
        if (widget->objectName().isEmpty() || name.isEmpty() || seen.contains(place)) {
            nameless << QStringLiteral("%1 '%2' in %3 reads '%4'")
                            .arg(QString::fromLatin1(widget->metaObject()->className()), widget->objectName(),
                                 parent ? parent->objectName() : QString(), name);
        }
        seen.insert(place);
    }
    QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(u'\n')));
}

void tst_Console::acquiresAKeyAndShowsTheRow()
{
    DO(click(QStringLiteral("newSessionButton")));
    DO(type(QStringLiteral("keyEdit"), QStringLiteral("5")));
    DO(click(QStringLiteral("tryButton")));
    QTRY_COMPARE(m_window->text(QStringLiteral("outcomePill")), QStringLiteral("acquired"));
    QTRY_COMPARE(m_window->locks(), QStringList{QStringLiteral("5 Exclusive held lockscope: alice")});
    QVERIFY(
        m_window->statements().contains(QStringLiteral("alice: SELECT pg_catalog.pg_try_advisory_lock(5) -> true")));
}

void tst_Console::refusesTheSecondSessionAndNamesTheHolder()
{
    DO(click(QStringLiteral("newSessionButton")));
    QTRY_COMPARE(m_window->select(QStringLiteral("sessionTree"), QStringLiteral("bob")), QString());
    DO(click(QStringLiteral("tryButton")));
    QTRY_COMPARE(m_window->text(QStringLiteral("outcomePill")), QStringLiteral("held elsewhere"));
    QVERIFY2(m_window->text(QStringLiteral("outcomeText")).contains(QStringLiteral("alice")),
             qPrintable(m_window->text(QStringLiteral("outcomeText"))));
}

void tst_Console::showsTheWarningWhenTheWrongSessionReleases()
{
    DO(click(QStringLiteral("releaseButton")));
    QTRY_COMPARE(m_window->text(QStringLiteral("outcomePill")), QStringLiteral("not held"));
    QCOMPARE(m_window->text(QStringLiteral("outcomeNotices")),
             QStringLiteral("WARNING: you don't own a lock of type ExclusiveLock"));
    QVERIFY(m_window->statements().contains(QStringLiteral(
        "bob: SELECT pg_catalog.pg_advisory_unlock(5) -> false WARNING: you don't own a lock of type ExclusiveLock")));
    QCOMPARE(m_window->locks(), QStringList{QStringLiteral("5 Exclusive held lockscope: alice")});
}

void tst_Console::waitsWithoutFreezingAndIsGrantedWhenTheHolderReleases()
{
    DO(click(QStringLiteral("lockButton")));
    QTRY_VERIFY(m_window->locks().contains(QStringLiteral("5 Exclusive waiting lockscope: bob")));
    QVERIFY(m_window->isEnabled(QStringLiteral("cancelButton")));
    DO(select(QStringLiteral("sessionTree"), QStringLiteral("alice")));
    DO(click(QStringLiteral("releaseButton")));
    QTRY_COMPARE(m_window->text(QStringLiteral("outcomePill")), QStringLiteral("released"));
    DO(select(QStringLiteral("sessionTree"), QStringLiteral("bob")));
    QTRY_COMPARE(m_window->text(QStringLiteral("outcomePill")), QStringLiteral("acquired"));
    DO(click(QStringLiteral("releaseButton")));
    QTRY_COMPARE(m_window->text(QStringLiteral("outcomePill")), QStringLiteral("released"));
    QTRY_COMPARE_WITH_TIMEOUT(m_window->locks(), QStringList(), 10'000);
}

void tst_Console::killsAClientAndTheRowGoes()
{
    DO(click(QStringLiteral("startClientButton")));
    DO(type(QStringLiteral("clientKeyEdit"), QStringLiteral("-5, 7")));
    DO(click(QStringLiteral("holdButton")));
    QTRY_COMPARE(m_window->locks().size(), 1);
    const QString row = m_window->locks().at(0);
    QVERIFY2(row.startsWith(QStringLiteral("(-5, 7) Exclusive held ")) && row.contains(QStringLiteral("pod-a")),
             qPrintable(row));
    DO(click(QStringLiteral("killButton")));
    QTRY_COMPARE_WITH_TIMEOUT(m_window->locks(), QStringList(), 10'000);
    const QString timeline = m_window->text(QStringLiteral("releaseView"));
    QVERIFY2(!timeline.isEmpty(), "no stopwatch");
}

void tst_Console::filtersWhatIsTyped()
{
    DO(select(QStringLiteral("sessionTree"), QStringLiteral("alice")));
    for (const QString& key : {QStringLiteral("11"), QStringLiteral("12"), QStringLiteral("-1")}) {
        DO(type(QStringLiteral("keyEdit"), key));
        DO(click(QStringLiteral("tryButton")));
    }
    QTRY_COMPARE(m_window->locks().size(), 3);
    DO(type(QStringLiteral("filterEdit"), QStringLiteral("key:12")));
    QTRY_COMPARE(m_window->locks(), QStringList{QStringLiteral("12 Exclusive held lockscope: alice")});
    DO(type(QStringLiteral("filterEdit"), QString()));
    QTRY_COMPARE(m_window->locks().size(), 3);
}

void tst_Console::listsHeldLocksBeforeQuittingAndThenTheyAreGone()
{
    QSignalSpy finished(&m_window->console(), &Console::finished);
    m_window->window().close();
    QTRY_VERIFY(m_window->view(QStringLiteral("heldLocksList")));
    QCOMPARE(m_window->view(QStringLiteral("heldLocksList"))->model()->rowCount(), 3);
    QVERIFY(m_window->window().isVisible());
    DO(click(QStringLiteral("stayButton")));
    QTRY_VERIFY(!m_window->view(QStringLiteral("heldLocksList")));
    QVERIFY(m_window->window().isVisible());

    m_window->window().close();
    QTRY_VERIFY(m_window->view(QStringLiteral("heldLocksList")));
    DO(click(QStringLiteral("quitButton")));
    QTRY_COMPARE(finished.size(), 1);
    QVERIFY(!m_window->window().isVisible());
    m_window.reset();
}

QTEST_MAIN(tst_Console)
#include "tst_console.moc"
