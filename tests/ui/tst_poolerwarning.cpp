#include "models/sessiontreemodel.h"
#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "ui/ledgerrow.h"
#include "ui/operatorpanel.h"
#include "ui/serverbadge.h"
#include "ui/serverpage.h"

#include <QAccessible>
#include <QLabel>
#include <QPushButton>

using namespace lockscope;

namespace {

SessionState session(quint32 id, const QString& name, bool behindPooler)
{
    SessionState state;
    state.id = SessionId{id};
    state.name = name;
    state.phase = SessionPhase::Idle;
    state.backendPid = static_cast<qint32>(1300 + id);
    state.behindPooler = behindPooler;
    return state;
}

ServerInfo server()
{
    ServerInfo info;
    info.version = QStringLiteral("15.18");
    info.versionNumber = 150018;
    info.host = QStringLiteral("db1");
    info.database = QStringLiteral("app");
    info.role = QStringLiteral("monitor");
    info.seesAllStats = true;
    info.tls = true;
    info.backendPid = info.claimedPid = 4711;
    return info;
}

} // namespace

/// What the console says of a connection that goes through a pooler: in the lock panel, in the list and in the header.
class PoolerWarningTest final : public lockscope::test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { lockscope::test::muteSizeHintsOfOffscreen(); }

    void theStripFollowsTheSelectedSession()
    {
        SessionTreeModel model;
        OperatorPanel panel(&model);
        panel.resize(340, 700);
        panel.show();
        auto* const strip = panel.findChild<QWidget*>(QStringLiteral("poolerWarning"));
        QVERIFY(strip != nullptr && !strip->isVisible());
        model.setState(session(1, QStringLiteral("alice"), false));
        model.setState(session(2, QStringLiteral("bob"), true));
        panel.select(SessionId{2});
        QVERIFY(strip->isVisible());
        panel.select(SessionId{1});
        QVERIFY(!strip->isVisible());
        panel.select(SessionId{2});
        model.remove(SessionId{2});
        QVERIFY(!strip->isVisible());
    }

    void theStripSaysInPlainTextWhatItMeansForLocks()
    {
        SessionTreeModel model;
        OperatorPanel panel(&model);
        panel.resize(340, 700);
        panel.show();
        model.setState(session(1, QStringLiteral("alice"), true));
        const auto* const strip = panel.findChild<QWidget*>(QStringLiteral("poolerWarning"));
        const auto* const text = strip->findChild<QLabel*>(QStringLiteral("poolerWarningText"));
        QCOMPARE(text->text(), QStringLiteral("A key may be taken on one server connection and released on another, "
                                              "and the lock may outlive this session."));
        QCOMPARE(text->textFormat(), Qt::PlainText);
        // All of it is to be seen, and nothing closes it.
        QVERIFY(text->height() >= text->heightForWidth(text->width()));
        QVERIFY(strip->findChildren<QAbstractButton*>().isEmpty());
        const auto* const spoken = QAccessible::queryAccessibleInterface(const_cast<QWidget*>(strip));
        QVERIFY(spoken != nullptr);
        QCOMPARE(spoken->text(QAccessible::Name), QStringLiteral("This session goes through a pooler"));
        QCOMPARE(spoken->text(QAccessible::Description), text->text());
    }

    void theListMarksTheSession()
    {
        SessionState alice = session(1, QStringLiteral("alice"), true);
        QCOMPARE(ledgerRow(alice).remark, QStringLiteral("through a pooler"));
        QCOMPARE(ledgerRow(alice).shortRemark, QStringLiteral("pooler"));
        alice.ledger = {{.key = LockKey::bigint(5), .sessionCount = 1, .state = HoldState::Held}};
        QCOMPARE(ledgerRow(alice).remark, QStringLiteral("through a pooler; holds 5"));
        QCOMPARE(ledgerRow(alice).shortRemark, QStringLiteral("pooler; holds 5"));
        alice.behindPooler = false;
        QCOMPARE(ledgerRow(alice).remark, QStringLiteral("holds 5"));
        QCOMPARE(ledgerRow(alice).shortRemark, QStringLiteral("holds 5"));

        SessionTreeModel model;
        model.setState(session(1, QStringLiteral("alice"), true));
        QCOMPARE(model.index(SessionId{1}).data(Qt::AccessibleDescriptionRole).toString(),
                 QStringLiteral("It goes through a pooler: a key may be taken on one server connection and released on "
                                "another, and the lock may outlive this session."));
        model.setState(session(1, QStringLiteral("alice"), false));
        QCOMPARE(model.index(SessionId{1}).data(Qt::AccessibleDescriptionRole).toString(), QString());
    }

    void theHeaderAndTheServerPageSayIt_data()
    {
        QTest::addColumn<ServerInfo>("info");
        QTest::addColumn<QString>("facts");
        QTest::addColumn<QString>("details");

        ServerInfo info = server();
        QTest::newRow("nothing tells of one")
            << info << QStringLiteral("db1: PG 15.18, primary, TLS, role monitor") << QString();
        info.claimedPid = -1456714116;
        const QString facts = QStringLiteral("db1: PG 15.18, primary, through a pooler, TLS, role monitor");
        QTest::newRow("another pid") << info << facts
                                     << QStringLiteral("Pooler: yes: it gave pid -1456714116 for this connection");
        info.claimedPid = info.backendPid;
        info.backendOlderThanLogin = true;
        QTest::newRow("an older backend")
            << info << facts << QStringLiteral("Pooler: yes: the server process is older than this connection");
        info.claimedPid = 0;
        QTest::newRow("an older backend and no pid")
            << info << facts << QStringLiteral("Pooler: yes: the server process is older than this connection");
    }

    void theHeaderAndTheServerPageSayIt()
    {
        QFETCH(const ServerInfo, info);
        QFETCH(const QString, facts);
        QFETCH(const QString, details);
        ServerBadge badge;
        badge.setServer(info, {});
        QCOMPARE(badge.accessibleName(), facts);
        QCOMPARE(badge.toolTip().contains(QStringLiteral("outlive the client")), !details.isEmpty());
        QCOMPARE(serverDetails(info).contains(QStringLiteral("Pooler")), !details.isEmpty());
        QVERIFY(serverDetails(info).contains(details));
        QCOMPARE(info.behindPooler(), !details.isEmpty());

        ServerPage page;
        page.setServer(info, QStringLiteral("db1"));
        QStringList shown;
        const auto labels = page.findChildren<QLabel*>();
        for (const QLabel* label : labels)
            shown.append(label->text());
        QVERIFY(shown.contains(info.behindPooler() ? QStringLiteral("db1: PostgreSQL 15.18, primary, through a pooler, "
                                                                    "as monitor")
                                                   : QStringLiteral("db1: PostgreSQL 15.18, primary, as monitor")));
    }
};

QTEST_MAIN(PoolerWarningTest)
#include "tst_poolerwarning.moc"
