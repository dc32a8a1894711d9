#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "ui/quitdialog.h"

#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTreeWidget>

using namespace lockscope;

namespace {

SessionState session(const QString& name, qint32 pid, const QList<LedgerEntry>& ledger)
{
    SessionState state;
    state.id = SessionId{1};
    state.name = name;
    state.phase = SessionPhase::Idle;
    state.backendPid = pid;
    state.ledger = ledger;
    return state;
}

ClientState client(const QString& name, ClientPhase phase, const QList<LedgerEntry>& ledger)
{
    ClientState state;
    state.id = ClientId{1};
    state.name = name;
    state.phase = phase;
    state.backendPid = 1400;
    state.ledger = ledger;
    return state;
}

LedgerEntry entry(LockKey key, HoldState state, int sessionCount = 1)
{
    return {.key = key, .share = LockShare::Exclusive, .sessionCount = sessionCount, .state = state};
}

QStringList rows(const QuitDialog& dialog)
{
    QStringList lines;
    const auto* list = dialog.findChild<QTreeWidget*>(QStringLiteral("heldLocksList"));
    for (int row = 0; row < list->topLevelItemCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < list->columnCount(); ++column)
            cells.append(list->topLevelItem(row)->text(column));
        lines.append(cells.join(QStringLiteral(" | ")));
    }
    return lines;
}

QString text(const QuitDialog& dialog)
{
    return dialog.findChild<QLabel*>(QStringLiteral("quitText"))->text();
}

} // namespace

class QuitDialogTest final : public lockscope::test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { lockscope::test::muteSizeHintsOfOffscreen(); }
    void isOnlyNeededWhileSomethingMayBeHeld();
    void listsWhatIsHeld();
    void stayingIsTheDefault();
    void quits();
    void escapeStays();
    void tellsThatTheUnknownMayRemain();
    void showsHostileNamesLiterally();
};

void QuitDialogTest::isOnlyNeededWhileSomethingMayBeHeld()
{
    const auto needed = [](HoldState state) {
        return QuitDialog::isNeeded({session(QStringLiteral("alice"), 1, {entry(LockKey::bigint(5), state)})}, {});
    };
    QVERIFY(!QuitDialog::isNeeded({}, {}));
    QVERIFY(!QuitDialog::isNeeded({session(QStringLiteral("alice"), 1, {})}, {}));
    QVERIFY(needed(HoldState::Held));
    QVERIFY(needed(HoldState::Waiting));
    QVERIFY(needed(HoldState::Unknown));
    QVERIFY(!needed(HoldState::Released));
    QVERIFY(!needed(HoldState::Lost));
    QVERIFY(QuitDialog::isNeeded(
        {}, {client(QStringLiteral("pod-a"), ClientPhase::Idle, {entry(LockKey::bigint(5), HoldState::Held)})}));
}

void QuitDialogTest::listsWhatIsHeld()
{
    const QuitDialog dialog(
        {session(QStringLiteral("alice"), 1301,
                 {entry(LockKey::bigint(5), HoldState::Held, 2), entry(LockKey::bigint(6), HoldState::Released)}),
         session(QStringLiteral("bob"), 1302, {entry(LockKey::pair(-5, 7), HoldState::Waiting, 0)})},
        {client(QStringLiteral("pod-a"), ClientPhase::Idle, {entry(LockKey::bigint(9), HoldState::Held)})});
    QCOMPARE(rows(dialog),
             QStringList({QStringLiteral("alice | 1301 | 5 | exclusive, taken 2 times (session) | held"),
                          QStringLiteral("bob | 1302 | (-5, 7) | exclusive | waiting"),
                          QStringLiteral("pod-a | 1400 | 9 | exclusive, taken 1 time (session) | held")}));
    QVERIFY(text(dialog).startsWith(QStringLiteral("3 locks of your sessions and clients are held or waited for. "
                                                   "Quitting ends these sessions, and the server frees the locks")));
    QVERIFY(!text(dialog).contains(QStringLiteral("unknown")));
}

void QuitDialogTest::stayingIsTheDefault()
{
    QuitDialog dialog({session(QStringLiteral("alice"), 1301, {entry(LockKey::bigint(5), HoldState::Held)})}, {});
    dialog.open();
    QVERIFY(QTest::qWaitForWindowActive(&dialog));
    const QSignalSpy accepted(&dialog, &QDialog::accepted);
    const QSignalSpy rejected(&dialog, &QDialog::rejected);
    QTest::keyClick(&dialog, Qt::Key_Return);
    QCOMPARE(accepted.size(), 0);
    QCOMPARE(rejected.size(), 1);
}

void QuitDialogTest::quits()
{
    QuitDialog dialog({session(QStringLiteral("alice"), 1301, {entry(LockKey::bigint(5), HoldState::Held)})}, {});
    dialog.open();
    const QSignalSpy accepted(&dialog, &QDialog::accepted);
    QTest::mouseClick(dialog.findChild<QPushButton*>(QStringLiteral("quitButton")), Qt::LeftButton);
    QCOMPARE(accepted.size(), 1);
}

void QuitDialogTest::escapeStays()
{
    QuitDialog dialog({session(QStringLiteral("alice"), 1301, {entry(LockKey::bigint(5), HoldState::Held)})}, {});
    dialog.open();
    const QSignalSpy rejected(&dialog, &QDialog::rejected);
    QTest::keyClick(&dialog, Qt::Key_Escape);
    QCOMPARE(rejected.size(), 1);
}

void QuitDialogTest::tellsThatTheUnknownMayRemain()
{
    const QuitDialog dialog({session(QStringLiteral("bob"), 1302, {entry(LockKey::bigint(5), HoldState::Unknown)})},
                            {});
    QCOMPARE(text(dialog), QStringLiteral("Where the state is unknown, the connection broke: the server may keep the "
                                          "lock until it notices that."));
}

void QuitDialogTest::showsHostileNamesLiterally()
{
    const QString name = QStringLiteral("<b>al%1ice</b>\n&x");
    const QuitDialog dialog({session(name, 1, {entry(LockKey::bigint(5), HoldState::Held)})}, {});
    QCOMPARE(rows(dialog).first().section(QStringLiteral(" | "), 0, 0),
             QStringLiteral("<b>al%1ice</b>") + QChar(0x2424) + QStringLiteral("&x"));
    for (const auto* label : dialog.findChildren<QLabel*>())
        QCOMPARE(label->textFormat(), Qt::PlainText);
}

QTEST_MAIN(QuitDialogTest)
#include "tst_quitdialog.moc"
