#include "models/clienttreemodel.h"
#include "tests/support/suite.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>

using namespace lockscope;

namespace {

constexpr ClientId podA{1};
constexpr ClientId podB{2};

ClientState client(ClientId id, const QString& name, ClientPhase phase)
{
    return {.id = id,
            .name = name,
            .processId = 5000 + static_cast<qint64>(id),
            .phase = phase,
            .backendPid = 1230 + static_cast<qint32>(id)};
}

QString rowText(const QAbstractItemModel& model, const QModelIndex& parent, int row)
{
    QStringList cells;
    for (int column = 0; column < model.columnCount(parent); ++column)
        cells += model.index(row, column, parent).data().toString();
    return cells.join(u'|');
}

} // namespace

class TestClientTreeModel : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void showsClientsAndWhatTheyHold();
    void saysWhatAClientDoes_data();
    void saysWhatAClientDoes();
    void aClientWithoutProcessShowsNoNumbers();
    void whatAKilledClientHeldIsLost();
    void answersByIdAndByIndex();
    void sortsProcessesAsNumbers();
    void saysWhyAClientEnded();
};

void TestClientTreeModel::showsClientsAndWhatTheyHold()
{
    ClientTreeModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    ClientState state = client(podA, QStringLiteral("pod-a"), ClientPhase::Idle);
    state.ledger = {{.key = LockKey::bigint(5), .sessionCount = 1}};
    model.setState(state);
    model.setState(client(podB, QStringLiteral("pod-b"), ClientPhase::Frozen));
    QStringList header;
    for (int section = 0; section < model.columnCount(); ++section)
        header += model.headerData(section, Qt::Horizontal).toString();
    QCOMPARE(header.join(u'|'), QStringLiteral("Name|Process|Backend|State|Holds"));
    QCOMPARE(rowText(model, {}, 0), QStringLiteral("pod-a|5001|1231|idle|5"));
    QCOMPARE(rowText(model, model.index(0, 0), 0), QStringLiteral("5|||held|exclusive"));
    QCOMPARE(rowText(model, {}, 1), QStringLiteral("pod-b|5002|1232|frozen|nothing"));
}

void TestClientTreeModel::saysWhatAClientDoes_data()
{
    QTest::addColumn<int>("phase");
    QTest::addColumn<QString>("shown");
    const auto row = [](ClientPhase phase, const QString& shown) {
        QTest::newRow(qPrintable(shown)) << static_cast<int>(phase) << shown;
    };
    row(ClientPhase::Starting, QStringLiteral("starting: lock 5, in transaction"));
    row(ClientPhase::Idle, QStringLiteral("idle: lock 5, in transaction"));
    row(ClientPhase::Waiting, QStringLiteral("waiting: lock 5, in transaction"));
    row(ClientPhase::Working, QStringLiteral("working: lock 5, in transaction"));
    row(ClientPhase::Frozen, QStringLiteral("frozen: lock 5, in transaction"));
    row(ClientPhase::Ended, QStringLiteral("ended: lock 5, in transaction"));
}

void TestClientTreeModel::saysWhatAClientDoes()
{
    QFETCH(int, phase);
    QFETCH(QString, shown);
    ClientTreeModel model;
    ClientState state = client(podA, QStringLiteral("pod-a"), static_cast<ClientPhase>(phase));
    state.doing = QStringLiteral("lock 5");
    state.transaction = TransactionPhase::Open;
    model.setState(state);
    QCOMPARE(model.index(0, 3).data().toString(), shown);
}

void TestClientTreeModel::aClientWithoutProcessShowsNoNumbers()
{
    ClientTreeModel model;
    model.setState({.id = podA, .name = QStringLiteral("pod-a")});
    QCOMPARE(rowText(model, {}, 0), QStringLiteral("pod-a|||starting|nothing"));
}

void TestClientTreeModel::whatAKilledClientHeldIsLost()
{
    ClientTreeModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    ClientState state = client(podA, QStringLiteral("pod-a"), ClientPhase::Idle);
    state.ledger = {{.key = LockKey::bigint(5), .sessionCount = 1}};
    model.setState(state);
    QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    state.phase = ClientPhase::Ended;
    state.ledger.first().state = HoldState::Lost;
    model.setState(state);
    QCOMPARE(changes.count(), 2);
    QCOMPARE(resets.count(), 0);
    QCOMPARE(rowText(model, {}, 0), QStringLiteral("pod-a|5001|1231|ended|5 lost"));
    QCOMPARE(rowText(model, model.index(0, 0), 0), QStringLiteral("5|||lost|exclusive"));
}

void TestClientTreeModel::answersByIdAndByIndex()
{
    ClientTreeModel model;
    const ClientState first = client(podA, QStringLiteral("pod-a"), ClientPhase::Idle);
    ClientState second = client(podB, QStringLiteral("pod-b"), ClientPhase::Idle);
    second.ledger = {{.key = LockKey::bigint(5)}};
    model.setState(first);
    model.setState(second);
    QCOMPARE(model.states(), (QList<ClientState>{first, second}));
    QVERIFY(model.id(model.index(0, 0, model.index(podB))) == podB);
    QVERIFY(model.index(podB).data(HoldTreeModel::StateRole).value<ClientState>() == second);
    model.remove(podA);
    QVERIFY(!model.state(podA));
    QCOMPARE(model.index(podB).row(), 0);
}

void TestClientTreeModel::sortsProcessesAsNumbers()
{
    ClientTreeModel model;
    model.setState(client(podA, QStringLiteral("pod-a"), ClientPhase::Idle));
    QCOMPARE(model.index(0, 1).data(HoldTreeModel::SortRole), QVariant(qint64(5001)));
    QCOMPARE(model.index(0, 2).data(HoldTreeModel::SortRole), QVariant(1231));
}

void TestClientTreeModel::saysWhyAClientEnded()
{
    ClientTreeModel model;
    ClientState state = client(podA, QStringLiteral("pod-a"), ClientPhase::Ended);
    state.ending = Error{.what = QStringLiteral("The server ended the session."),
                         .advice = QStringLiteral("Start it again."),
                         .serverWords = QStringLiteral("FATAL: <b>terminating</b>")};
    model.setState(state);
    QCOMPARE(model.index(0, 0).data(Qt::ToolTipRole).toString(),
             QStringLiteral("<qt>pod-a: ended<br/>The server ended the session.<br/>Start it again.<br/>FATAL: "
                            "&lt;b&gt;terminating&lt;/b&gt;</qt>"));
}

QTEST_GUILESS_MAIN(TestClientTreeModel)
#include "tst_clienttreemodel.moc"
