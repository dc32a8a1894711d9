#include "models/sessiontreemodel.h"
#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "ui/ledgerrow.h"
#include "ui/operatorpanel.h"

#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTreeView>

using namespace lockscope;

namespace {

const QStringList allButtons{
    QStringLiteral("tryButton"),        QStringLiteral("lockButton"),         QStringLiteral("lockTimeoutButton"),
    QStringLiteral("cancelButton"),     QStringLiteral("releaseButton"),      QStringLiteral("releaseAllButton"),
    QStringLiteral("beginButton"),      QStringLiteral("commitButton"),       QStringLiteral("rollbackButton"),
    QStringLiteral("disconnectButton"), QStringLiteral("removeSessionButton")};

SessionState session(quint32 id, const QString& name, SessionPhase phase = SessionPhase::Idle,
                     TransactionPhase transaction = TransactionPhase::None)
{
    SessionState state;
    state.id = SessionId{id};
    state.name = name;
    state.phase = phase;
    state.transaction = transaction;
    state.backendPid = static_cast<qint32>(1300 + id);
    if (phase == SessionPhase::Busy) {
        state.doing = QStringLiteral("lock 5 exclusive");
        state.doingSince = SteadyTime::clock::now() - std::chrono::milliseconds(12'400);
    }
    return state;
}

struct Stage
{
    Stage()
    {
        panel.setConnected(true);
        panel.resize(340, 600);
        panel.show();
    }

    template <typename Widget>
    Widget* child(const char* name) const
    {
        return panel.findChild<Widget*>(QString::fromLatin1(name));
    }
    void click(const char* button) const { QTest::mouseClick(child<QPushButton>(button), Qt::LeftButton); }
    void typeKey(const QString& text) const
    {
        auto* field = child<QLineEdit>("keyEdit");
        field->setFocus();
        field->selectAll();
        QTest::keyClicks(field, text);
    }
    [[nodiscard]] QStringList enabled() const
    {
        QStringList names;
        for (const QString& name : allButtons) {
            if (panel.findChild<QPushButton*>(name)->isEnabled())
                names.append(name.left(name.size() - 6)); // without "Button"
        }
        return names;
    }
    [[nodiscard]] QString pill() const
    {
        return panel.findChild<QWidget*>(QStringLiteral("outcomePill"))->property("word").toString();
    }

    SessionTreeModel model;
    OperatorPanel panel{&model};
};

template <typename T>
T argument(const QSignalSpy& spy, int position)
{
    return spy.isEmpty() ? T{} : spy.last().at(position).value<T>();
}

} // namespace

class OperatorPanelTest final : public lockscope::test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { lockscope::test::muteSizeHintsOfOffscreen(); }
    void everyControlHasNameAndAccessibleName();
    void startsSessionsWithSuggestedNames();
    void refusesBadNames_data();
    void refusesBadNames();
    void asksToAcquire();
    void asksToRelease();
    void asksForActionsOfTheSelectedSession();
    void enablesWhatThePhaseAllows_data();
    void enablesWhatThePhaseAllows();
    void saysWhyAButtonIsGrey();
    void keysOfTheKeyboard();
    void selectsTheSessionThePersonStarted();
    void keepsTheKeyWhenAPickedLockDisappears();
    void takesTheKeyOfAPickedLock();
    void showsTheOutcomeWithTheServersWords();
    void floodsOfNoticesStaySmall();
    void showsElapsedTimeWhileBusy();
    void warnsBehindAPooler();
    void hintsThatATransactionLockNeedsATransaction();
    void readOnlyLeavesOnlyLeaving();
    void hostileNamesStayLiteral();
    void countsAreSentences();
    void fitsANarrowDock();
};

void OperatorPanelTest::everyControlHasNameAndAccessibleName()
{
    const Stage stage;
    QStringList names = allButtons;
    names += {QStringLiteral("newSessionButton"), QStringLiteral("sessionNameEdit"), QStringLiteral("sessionTree"),
              QStringLiteral("keyEdit"),          QStringLiteral("keyFormBox"),      QStringLiteral("hashBox"),
              QStringLiteral("keyMessage"),       QStringLiteral("shareBox"),        QStringLiteral("levelBox"),
              QStringLiteral("timeoutSpin"),      QStringLiteral("outcomeText"),     QStringLiteral("outcomeNotices")};
    for (const QString& name : std::as_const(names)) {
        const auto found = stage.panel.findChildren<QWidget*>(name);
        QVERIFY2(found.size() == 1, qPrintable(name));
        QVERIFY2(!found.first()->accessibleName().isEmpty(), qPrintable(name));
    }
    QCOMPARE(stage.panel.findChildren<QWidget*>(QStringLiteral("outcomePill")).size(), 1);
}

void OperatorPanelTest::startsSessionsWithSuggestedNames()
{
    Stage stage;
    const QSignalSpy asked(&stage.panel, &OperatorPanel::newSessionRequested);
    auto* name = stage.child<QLineEdit>("sessionNameEdit");
    QCOMPARE(name->text(), QStringLiteral("alice"));
    stage.click("newSessionButton");
    QCOMPARE(asked.last().first().toString(), QStringLiteral("alice"));
    stage.model.setState(session(1, QStringLiteral("alice")));
    QCOMPARE(name->text(), QStringLiteral("bob"));
    name->selectAll();
    QTest::keyClicks(name, QStringLiteral(" zoe "));
    QTest::keyClick(name, Qt::Key_Return);
    QCOMPARE(asked.size(), 2);
    QCOMPARE(asked.last().first().toString(), QStringLiteral("zoe"));
}

void OperatorPanelTest::refusesBadNames_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("empty") << QString();
    QTest::newRow("blank") << QStringLiteral("   ");
    QTest::newRow("41 characters") << QString(41, QLatin1Char('a'));
    QTest::newRow("line break") << QStringLiteral("a\nb");
    QTest::newRow("escape") << QStringLiteral("a") + QChar(0x1b);
    QTest::newRow("right to left override") << QStringLiteral("a") + QChar(0x202e);
}

void OperatorPanelTest::refusesBadNames()
{
    QFETCH(const QString, name);
    const Stage stage;
    const QSignalSpy asked(&stage.panel, &OperatorPanel::newSessionRequested);
    auto* field = stage.child<QLineEdit>("sessionNameEdit");
    field->setText(name);
    QVERIFY(!stage.child<QPushButton>("newSessionButton")->isEnabled());
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(asked.size(), 0);
    field->setText(QString(40, QLatin1Char('a')));
    QVERIFY(stage.child<QPushButton>("newSessionButton")->isEnabled());
}

void OperatorPanelTest::asksToAcquire()
{
    Stage stage;
    stage.model.setState(session(7, QStringLiteral("alice")));
    const QSignalSpy asked(&stage.panel, &OperatorPanel::acquireRequested);
    stage.typeKey(QStringLiteral("5"));
    stage.click("tryButton");
    QCOMPARE(argument<SessionId>(asked, 0), SessionId{7});
    QVERIFY(argument<KeyInput>(asked, 1) == KeyInput(LockKey::bigint(5)));
    LockRequest expected{.wait = WaitPolicy::Try};
    QVERIFY(argument<LockRequest>(asked, 2) == expected);

    stage.child<QComboBox>("shareBox")->setCurrentText(QStringLiteral("Shared"));
    stage.child<QComboBox>("levelBox")->setCurrentText(QStringLiteral("Transaction"));
    stage.child<QSpinBox>("timeoutSpin")->setValue(12);
    stage.click("lockTimeoutButton");
    expected = {.share = LockShare::Shared,
                .level = LockLevel::Transaction,
                .wait = WaitPolicy::Timeout,
                .lockTimeout = std::chrono::seconds(12)};
    QVERIFY(argument<LockRequest>(asked, 2) == expected);
    stage.click("lockButton");
    QCOMPARE(argument<LockRequest>(asked, 2).wait, WaitPolicy::Block);
    QCOMPARE(asked.size(), 3);
}

void OperatorPanelTest::asksToRelease()
{
    Stage stage;
    stage.model.setState(session(7, QStringLiteral("alice")));
    const QSignalSpy asked(&stage.panel, &OperatorPanel::releaseRequested);
    stage.typeKey(QStringLiteral("-5, 7"));
    stage.child<QComboBox>("shareBox")->setCurrentText(QStringLiteral("Shared"));
    stage.click("releaseButton");
    QCOMPARE(argument<SessionId>(asked, 0), SessionId{7});
    QVERIFY(argument<KeyInput>(asked, 1) == KeyInput(LockKey::pair(-5, 7)));
    QCOMPARE(argument<LockShare>(asked, 2), LockShare::Shared);
}

void OperatorPanelTest::asksForActionsOfTheSelectedSession()
{
    Stage stage;
    stage.model.setState(session(1, QStringLiteral("alice")));
    stage.model.setState(session(2, QStringLiteral("bob")));
    stage.panel.select(SessionId{2});
    const auto asks = [&stage](auto signal, const char* button, const SessionState& state) {
        stage.model.setState(state);
        QSignalSpy spy(&stage.panel, signal);
        stage.click(button);
        return spy.size() == 1 && spy.first().first().template value<SessionId>() == SessionId{2};
    };
    const QString bob = QStringLiteral("bob");
    const SessionState idle = session(2, bob);
    const SessionState open = session(2, bob, SessionPhase::Idle, TransactionPhase::Open);
    QVERIFY(asks(&OperatorPanel::releaseAllRequested, "releaseAllButton", idle));
    QVERIFY(asks(&OperatorPanel::beginRequested, "beginButton", idle));
    QVERIFY(asks(&OperatorPanel::commitRequested, "commitButton", open));
    QVERIFY(asks(&OperatorPanel::rollbackRequested, "rollbackButton", open));
    QVERIFY(asks(&OperatorPanel::cancelRequested, "cancelButton", session(2, bob, SessionPhase::Busy)));
    QVERIFY(asks(&OperatorPanel::disconnectRequested, "disconnectButton", idle));
    QVERIFY(asks(&OperatorPanel::removeRequested, "removeSessionButton", session(2, bob, SessionPhase::Closed)));
}

void OperatorPanelTest::enablesWhatThePhaseAllows_data()
{
    QTest::addColumn<SessionPhase>("phase");
    QTest::addColumn<TransactionPhase>("transaction");
    QTest::addColumn<QString>("expected");
    const auto none = TransactionPhase::None;
    QTest::newRow("connecting") << SessionPhase::Connecting << none << QStringLiteral("disconnect");
    QTest::newRow("idle") << SessionPhase::Idle << none
                          << QStringLiteral("try lock lockTimeout release releaseAll begin disconnect");
    QTest::newRow("in transaction") << SessionPhase::Idle << TransactionPhase::Open
                                    << QStringLiteral(
                                           "try lock lockTimeout release releaseAll commit rollback disconnect");
    QTest::newRow("failed transaction") << SessionPhase::Idle << TransactionPhase::Failed
                                        << QStringLiteral("rollback disconnect");
    QTest::newRow("busy") << SessionPhase::Busy << none << QStringLiteral("cancel disconnect");
    QTest::newRow("lost") << SessionPhase::Lost << none << QStringLiteral("removeSession");
    QTest::newRow("closed") << SessionPhase::Closed << none << QStringLiteral("removeSession");
    QTest::newRow("failed") << SessionPhase::Failed << none << QStringLiteral("removeSession");
}

void OperatorPanelTest::enablesWhatThePhaseAllows()
{
    QFETCH(const SessionPhase, phase);
    QFETCH(const TransactionPhase, transaction);
    QFETCH(const QString, expected);
    Stage stage;
    stage.typeKey(QStringLiteral("5"));
    QCOMPARE(stage.enabled(), QStringList());
    stage.model.setState(session(1, QStringLiteral("alice"), phase, transaction));
    QCOMPARE(stage.enabled().join(QLatin1Char(' ')), expected);
}

void OperatorPanelTest::saysWhyAButtonIsGrey()
{
    Stage stage;
    const auto tip = [&stage](const char* button) { return stage.child<QPushButton>(button)->toolTip(); };
    QVERIFY(tip("tryButton").contains(QStringLiteral("Select a session")));
    stage.model.setState(session(1, QStringLiteral("alice")));
    QVERIFY(tip("tryButton").contains(QStringLiteral("Enter a key first.")));
    QVERIFY(tip("commitButton").contains(QStringLiteral("No transaction is open.")));
    SessionState busy = session(1, QStringLiteral("alice"), SessionPhase::Busy);
    busy.doing = QStringLiteral("lock <b>5</b>");
    stage.model.setState(busy);
    QVERIFY(tip("tryButton").contains(QStringLiteral("lock &lt;b&gt;5&lt;/b&gt;")));
}

void OperatorPanelTest::keysOfTheKeyboard()
{
    Stage stage;
    QVERIFY(QTest::qWaitForWindowActive(&stage.panel));
    stage.model.setState(session(1, QStringLiteral("alice")));
    const QSignalSpy asked(&stage.panel, &OperatorPanel::acquireRequested);
    const QSignalSpy cancelled(&stage.panel, &OperatorPanel::cancelRequested);
    stage.typeKey(QStringLiteral("5"));
    auto* field = stage.child<QLineEdit>("keyEdit");
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(argument<LockRequest>(asked, 2).wait, WaitPolicy::Try);
    QTest::keyClick(field, Qt::Key_Return, Qt::ControlModifier);
    QCOMPARE(argument<LockRequest>(asked, 2).wait, WaitPolicy::Block);
    QCOMPARE(asked.size(), 2);
    QTest::keyClick(field, Qt::Key_Escape);
    QCOMPARE(cancelled.size(), 0); // nothing runs
    stage.model.setState(session(1, QStringLiteral("alice"), SessionPhase::Busy));
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(asked.size(), 2); // one statement at a time
    QTest::keyClick(field, Qt::Key_Escape);
    QCOMPARE(cancelled.size(), 1);
}

void OperatorPanelTest::selectsTheSessionThePersonStarted()
{
    Stage stage;
    stage.model.setState(session(1, QStringLiteral("alice")));
    stage.model.setState(session(2, QStringLiteral("lesson")));
    QVERIFY(stage.panel.selected() == SessionId{1}); // what others start does not take the selection away
    stage.child<QLineEdit>("sessionNameEdit")->setText(QStringLiteral("carol"));
    stage.click("newSessionButton");
    stage.model.setState(session(3, QStringLiteral("carol")));
    QVERIFY(stage.panel.selected() == SessionId{3});
}

void OperatorPanelTest::keepsTheKeyWhenAPickedLockDisappears()
{
    Stage stage;
    SessionState alice = session(1, QStringLiteral("alice"));
    alice.ledger = {{.key = LockKey::bigint(5), .sessionCount = 1}, {.key = LockKey::bigint(6), .sessionCount = 1}};
    stage.model.setState(alice);
    auto* tree = stage.child<QTreeView>("sessionTree");
    const QModelIndex first = stage.model.index(0, 0, stage.model.index(SessionId{1}));
    QTest::mouseClick(tree->viewport(), Qt::LeftButton, {}, tree->visualRect(first).center());
    QCOMPARE(stage.child<QLineEdit>("keyEdit")->text(), QStringLiteral("5"));
    alice.ledger.removeFirst();
    stage.model.setState(alice);
    QCOMPARE(stage.child<QLineEdit>("keyEdit")->text(), QStringLiteral("5"));
    QVERIFY(stage.panel.selected() == SessionId{1});
}

void OperatorPanelTest::takesTheKeyOfAPickedLock()
{
    Stage stage;
    SessionState alice = session(1, QStringLiteral("alice"));
    alice.ledger = {{.key = LockKey::pair(-5, 7), .share = LockShare::Shared, .sessionCount = 1}};
    stage.model.setState(alice);
    auto* tree = stage.child<QTreeView>("sessionTree");
    const QModelIndex entry = stage.model.index(0, 0, stage.model.index(SessionId{1}));
    QTest::mouseClick(tree->viewport(), Qt::LeftButton, {}, tree->visualRect(entry).center());
    const QSignalSpy asked(&stage.panel, &OperatorPanel::releaseRequested);
    stage.click("releaseButton");
    QVERIFY(argument<KeyInput>(asked, 1) == KeyInput(LockKey::pair(-5, 7)));
    QCOMPARE(argument<LockShare>(asked, 2), LockShare::Shared);
}

void OperatorPanelTest::showsTheOutcomeWithTheServersWords()
{
    Stage stage;
    SessionState alice = session(1, QStringLiteral("alice"));
    Outcome outcome;
    outcome.kind = OutcomeKind::NotHeld;
    outcome.key = LockKey::bigint(7);
    const QString warning = QStringLiteral("WARNING: you don't own a lock of type <b>ExclusiveLock</b> %1 &amp;");
    outcome.notices = {warning};
    alice.lastOutcome = outcome;
    stage.model.setState(alice);
    QCOMPARE(stage.pill(), QStringLiteral("not held"));
    QCOMPARE(stage.child<QLabel>("outcomeText")->text(), describe(outcome));
    QCOMPARE(stage.child<QPlainTextEdit>("outcomeNotices")->toPlainText(), warning);
    QVERIFY(stage.child<QPlainTextEdit>("outcomeNotices")->isVisible());

    SessionState lost = session(1, QStringLiteral("alice"), SessionPhase::Lost);
    lost.ending = Error{.kind = ErrorKind::Connection,
                        .what = QStringLiteral("The link broke."),
                        .advice = QStringLiteral("Start a new session."),
                        .serverWords = QStringLiteral("timed out")};
    stage.model.setState(lost);
    QCOMPARE(stage.pill(), QStringLiteral("lost"));
    QCOMPARE(stage.child<QLabel>("outcomeText")->text(), QStringLiteral("The link broke. Start a new session."));
    QCOMPARE(stage.child<QPlainTextEdit>("outcomeNotices")->toPlainText(), QStringLiteral("timed out"));
}

void OperatorPanelTest::floodsOfNoticesStaySmall()
{
    Stage stage;
    SessionState alice = session(1, QStringLiteral("alice"));
    Outcome outcome;
    outcome.kind = OutcomeKind::Done;
    for (int number = 0; number < 1000; ++number)
        outcome.notices.append(QString(10'000, QLatin1Char('x')));
    alice.lastOutcome = outcome;
    stage.model.setState(alice);
    const QString shown = stage.child<QPlainTextEdit>("outcomeNotices")->toPlainText();
    QVERIFY(shown.size() < 10'000);
    QVERIFY(shown.endsWith(QStringLiteral("and 992 more, see the statement log")));
}

void OperatorPanelTest::showsElapsedTimeWhileBusy()
{
    Stage stage;
    SessionState alice = session(1, QStringLiteral("alice"), SessionPhase::Busy);
    alice.ledger = {{.key = LockKey::bigint(5), .state = HoldState::Waiting}};
    stage.model.setState(alice);
    QCOMPARE(stage.pill(), QStringLiteral("waiting"));
    QVERIFY(stage.child<QLabel>("outcomeText")->text().startsWith(QStringLiteral("lock 5 exclusive, for 12.")));
    const QString first = stage.child<QPushButton>("cancelButton")->text();
    QVERIFY2(first.startsWith(QStringLiteral("Cancel (12.")), qPrintable(first));
    QTRY_VERIFY(stage.child<QPushButton>("cancelButton")->text() != first);
    stage.model.setState(session(1, QStringLiteral("alice")));
    QCOMPARE(stage.child<QPushButton>("cancelButton")->text(), QStringLiteral("Cancel"));
}

void OperatorPanelTest::warnsBehindAPooler()
{
    Stage stage;
    SessionState alice = session(1, QStringLiteral("alice"));
    stage.model.setState(alice);
    QVERIFY(stage.child<QWidget>("poolerWarning")->isHidden());
    alice.behindPooler = true;
    stage.model.setState(alice);
    QVERIFY(!stage.child<QWidget>("poolerWarning")->isHidden());
}

void OperatorPanelTest::hintsThatATransactionLockNeedsATransaction()
{
    Stage stage;
    stage.model.setState(session(1, QStringLiteral("alice")));
    const auto* hint = stage.child<QLabel>("levelHint");
    QVERIFY(hint->isHidden());
    stage.child<QComboBox>("levelBox")->setCurrentText(QStringLiteral("Transaction"));
    QVERIFY(!hint->isHidden());
    stage.model.setState(session(1, QStringLiteral("alice"), SessionPhase::Idle, TransactionPhase::Open));
    QVERIFY(hint->isHidden());
}

void OperatorPanelTest::readOnlyLeavesOnlyLeaving()
{
    Stage stage;
    stage.typeKey(QStringLiteral("5"));
    stage.model.setState(session(1, QStringLiteral("alice")));
    stage.panel.setReadOnlyReason(QStringLiteral("This console is read-only."));
    QCOMPARE(stage.enabled().join(QLatin1Char(' ')), QStringLiteral("disconnect"));
    QVERIFY(!stage.child<QPushButton>("newSessionButton")->isEnabled());
    QVERIFY(stage.child<QPushButton>("tryButton")->toolTip().contains(QStringLiteral("This console is read-only.")));
    stage.panel.setReadOnlyReason({});
    QVERIFY(stage.child<QPushButton>("newSessionButton")->isEnabled());
    stage.panel.setConnected(false);
    QVERIFY(!stage.child<QPushButton>("newSessionButton")->isEnabled());
    QVERIFY(stage.child<QPushButton>("tryButton")->isEnabled()); // a session has a connection of its own
}

void OperatorPanelTest::hostileNamesStayLiteral()
{
    const QString name = QStringLiteral("<img src=x>%1&R\n") + QChar(0x202e);
    const LedgerRow row = ledgerRow(session(1, name));
    QCOMPARE(row.title, QStringLiteral("<img src=x>%1&R") + QChar(0x2424));
    Stage stage;
    stage.model.setState(session(1, name));
    for (const auto* label : stage.panel.findChildren<QLabel*>())
        QCOMPARE(label->textFormat(), Qt::PlainText);
}

void OperatorPanelTest::countsAreSentences()
{
    LedgerEntry entry{.key = LockKey::bigint(5), .sessionCount = 2, .transactionCount = 1};
    QCOMPARE(countsSentence(entry), QStringLiteral("exclusive, taken 2 times (session), 1 time (transaction)"));
    entry = {.key = LockKey::bigint(5), .share = LockShare::Shared, .state = HoldState::Held, .seenOnServer = true};
    QCOMPARE(countsSentence(entry), QStringLiteral("shared, seen on the server, not taken here"));
    entry.state = HoldState::Waiting;
    QCOMPARE(countsSentence(entry), QStringLiteral("shared"));
    QCOMPARE(ledgerSummary({{.key = LockKey::bigint(5)},
                            {.key = LockKey::bigint(6), .state = HoldState::Waiting},
                            {.key = LockKey::bigint(7), .state = HoldState::Unknown},
                            {.key = LockKey::bigint(8), .state = HoldState::Lost},
                            {.key = LockKey::bigint(9), .state = HoldState::Released}}),
             QStringLiteral("waits for 6; holds 5; may still hold 7; lost 8"));
}

void OperatorPanelTest::fitsANarrowDock()
{
    const Stage stage;
    QVERIFY2(stage.panel.minimumSizeHint().width() <= 340,
             qPrintable(QString::number(stage.panel.minimumSizeHint().width())));
    QVERIFY(stage.panel.minimumSizeHint().height() <= 200);
}

QTEST_MAIN(OperatorPanelTest)
#include "tst_operatorpanel.moc"
