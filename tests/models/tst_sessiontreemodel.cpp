#include "models/holdtext.h"
#include "models/sessiontreemodel.h"
#include "tests/support/suite.h"

#include <QAbstractItemModelTester>
#include <QPersistentModelIndex>
#include <QRandomGenerator>
#include <QSignalSpy>

using namespace lockscope;

namespace {

constexpr SessionId alice{1};
constexpr SessionId bob{2};

LedgerEntry held(qint64 key, int sessionCount = 1)
{
    return {.key = LockKey::bigint(key), .sessionCount = sessionCount};
}

SessionState session(SessionId id, const QString& name, const QList<LedgerEntry>& ledger = {})
{
    return {.id = id,
            .name = name,
            .phase = SessionPhase::Idle,
            .backendPid = 1300 + static_cast<qint32>(id),
            .ledger = ledger};
}

QString rowText(const QAbstractItemModel& model, int row, const QModelIndex& parent)
{
    QStringList cells;
    for (int column = 0; column < model.columnCount(parent); ++column)
        cells += model.index(row, column, parent).data().toString();
    return cells.join(u'|');
}

/// "alice|1301|idle|5" for each session, its keys indented by " > ".
QStringList text(const QAbstractItemModel& model)
{
    QStringList lines;
    for (int row = 0; row < model.rowCount(); ++row) {
        lines += rowText(model, row, {});
        const QModelIndex parent = model.index(row, 0);
        for (int child = 0; child < model.rowCount(parent); ++child)
            lines += QStringLiteral(" > ") + rowText(model, child, parent);
    }
    return lines;
}

/// Every signal of the model as a word: "insert alice 0-1", "change root 0-0".
class SignalLog : public QObject
{
public:
    explicit SignalLog(const QAbstractItemModel& model)
    {
        const auto name = [](const QModelIndex& parent) {
            return parent.isValid() ? parent.data().toString() : QStringLiteral("root");
        };
        const auto note = [this, name](const char* what, const QModelIndex& parent, int first, int last) {
            m_lines += QStringLiteral("%1 %2 %3-%4")
                           .arg(QString::fromLatin1(what), name(parent), QString::number(first), QString::number(last));
        };
        connect(&model, &QAbstractItemModel::rowsInserted, this,
                [=](const QModelIndex& parent, int first, int last) { note("insert", parent, first, last); });
        connect(&model, &QAbstractItemModel::rowsRemoved, this,
                [=](const QModelIndex& parent, int first, int last) { note("remove", parent, first, last); });
        connect(&model, &QAbstractItemModel::rowsMoved, this,
                [=](const QModelIndex& parent, int first, int, const QModelIndex&, int to) {
                    note("move", parent, first, to);
                });
        connect(&model, &QAbstractItemModel::dataChanged, this,
                [=](const QModelIndex& topLeft, const QModelIndex& bottomRight) {
                    note("change", topLeft.parent(), topLeft.row(), bottomRight.row());
                });
        connect(&model, &QAbstractItemModel::modelReset, this, [this] { m_lines += QStringLiteral("reset"); });
    }
    [[nodiscard]] QString take() { return std::exchange(m_lines, {}).join(QStringLiteral(", ")); }

private:
    QStringList m_lines;
};

} // namespace

class TestSessionTreeModel : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void startsEmpty();
    void namesItsColumns();
    void showsSessionsAndWhatTheyHold();
    void saysWhatASessionDoes_data();
    void saysWhatASessionDoes();
    void summarizesHolds_data();
    void summarizesHolds();
    void describesWhatIsHeld_data();
    void describesWhatIsHeld();
    void updatesInPlace();
    void theSameStateAgainIsSilent();
    void insertsRemovesAndChangesOnlyWhatDiffers_data();
    void insertsRemovesAndChangesOnlyWhatDiffers();
    void keepsIndexesOfSurvivingKeys();
    void neverResetsOnARandomWalk();
    void removesSessions();
    void answersByIdAndByIndex();
    void givesValuesThroughRoles();
    void hostileTextIsHarmless();

private:
    std::unique_ptr<SessionTreeModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
};

void TestSessionTreeModel::init()
{
    Suite::init();
    m_model = std::make_unique<SessionTreeModel>();
    m_tester = std::make_unique<QAbstractItemModelTester>(m_model.get(),
                                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
}

void TestSessionTreeModel::cleanup()
{
    m_tester.reset();
    m_model.reset();
}

void TestSessionTreeModel::startsEmpty()
{
    QCOMPARE(text(*m_model), QStringList());
    QCOMPARE(m_model->states().size(), 0);
}

void TestSessionTreeModel::namesItsColumns()
{
    QStringList names;
    for (int section = 0; section < m_model->columnCount(); ++section) {
        names += m_model->headerData(section, Qt::Horizontal).toString();
        QVERIFY(!m_model->headerData(section, Qt::Horizontal, Qt::ToolTipRole).toString().isEmpty());
    }
    QCOMPARE(names.join(u'|'), QStringLiteral("Name|Backend|State|Holds"));
    QCOMPARE(m_model->section(HoldTreeModel::Column::Holds), 3);
    QCOMPARE(m_model->section(HoldTreeModel::Column::Process), -1);
}

void TestSessionTreeModel::showsSessionsAndWhatTheyHold()
{
    m_model->setState(
        session(alice, QStringLiteral("alice"),
                {held(5, 2), {.key = LockKey::pair(1, 2), .share = LockShare::Shared, .sessionCount = 1}}));
    m_model->setState(session(bob, QStringLiteral("bob")));
    QCOMPARE(text(*m_model).join(u'\n'), QStringLiteral("alice|1301|idle|5 \u00D72, (1, 2) shared\n"
                                                        " > 5||held|exclusive \u00D72\n"
                                                        " > (1, 2)||held|shared\n"
                                                        "bob|1302|idle|nothing"));
}

void TestSessionTreeModel::saysWhatASessionDoes_data()
{
    QTest::addColumn<int>("phase");
    QTest::addColumn<int>("transaction");
    QTest::addColumn<QString>("doing");
    QTest::addColumn<QString>("shown");
    const auto row = [](SessionPhase phase, TransactionPhase transaction, const QString& doing, const QString& shown) {
        QTest::newRow(qPrintable(shown)) << static_cast<int>(phase) << static_cast<int>(transaction) << doing << shown;
    };
    row(SessionPhase::Connecting, TransactionPhase::None, {}, QStringLiteral("connecting"));
    row(SessionPhase::Idle, TransactionPhase::None, {}, QStringLiteral("idle"));
    row(SessionPhase::Idle, TransactionPhase::Open, {}, QStringLiteral("idle, in transaction"));
    row(SessionPhase::Idle, TransactionPhase::Failed, {}, QStringLiteral("idle, in failed transaction"));
    row(SessionPhase::Busy, TransactionPhase::None, QStringLiteral("lock 5"), QStringLiteral("busy: lock 5"));
    row(SessionPhase::Lost, TransactionPhase::None, {}, QStringLiteral("lost"));
    row(SessionPhase::Closed, TransactionPhase::None, {}, QStringLiteral("closed"));
    row(SessionPhase::Failed, TransactionPhase::None, {}, QStringLiteral("failed"));
}

void TestSessionTreeModel::saysWhatASessionDoes()
{
    QFETCH(int, phase);
    QFETCH(int, transaction);
    QFETCH(QString, doing);
    QFETCH(QString, shown);
    SessionState state = session(alice, QStringLiteral("alice"));
    state.phase = static_cast<SessionPhase>(phase);
    state.transaction = static_cast<TransactionPhase>(transaction);
    state.doing = doing;
    m_model->setState(state);
    QCOMPARE(m_model->index(0, 2).data().toString(), shown);
}

void TestSessionTreeModel::summarizesHolds_data()
{
    QTest::addColumn<QList<LedgerEntry>>("entries");
    QTest::addColumn<QString>("summary");
    const LedgerEntry shared{.key = LockKey::pair(1, 2), .share = LockShare::Shared, .sessionCount = 1};
    const auto ended = [](qint64 key, HoldState state) {
        return LedgerEntry{.key = LockKey::bigint(key), .state = state};
    };
    QList<LedgerEntry> many;
    for (int key = 1; key <= 9; ++key)
        many.append(held(key));
    QTest::newRow("none") << QList<LedgerEntry>{} << QStringLiteral("nothing");
    QTest::newRow("both modes") << QList<LedgerEntry>{held(5, 2), shared} << QStringLiteral("5 \u00D72, (1, 2) shared");
    QTest::newRow("both levels") << QList<LedgerEntry>{{.key = LockKey::bigint(5),
                                                        .sessionCount = 1,
                                                        .transactionCount = 2}}
                                 << QStringLiteral("5 \u00D73");
    QTest::newRow("uncounted") << QList<LedgerEntry>{held(5, 0)} << QStringLiteral("5");
    QTest::newRow("waiting and released")
        << QList<LedgerEntry>{ended(5, HoldState::Waiting), ended(6, HoldState::Released)} << QStringLiteral("nothing");
    QTest::newRow("lost and unknown") << QList<LedgerEntry>{ended(5, HoldState::Lost), ended(6, HoldState::Unknown)}
                                      << QStringLiteral("5 lost, 6 unknown");
    QTest::newRow("many") << many << QStringLiteral("1, 2, 3, 4, 5, 6 and 3 more");
}

void TestSessionTreeModel::summarizesHolds()
{
    QFETCH(QList<LedgerEntry>, entries);
    QFETCH(QString, summary);
    QCOMPARE(holdsSummary(entries), summary);
}

void TestSessionTreeModel::describesWhatIsHeld_data()
{
    QTest::addColumn<LedgerEntry>("entry");
    QTest::addColumn<QString>("takes");
    QTest::newRow("session") << LedgerEntry{.sessionCount = 1} << QStringLiteral("exclusive");
    QTest::newRow("transaction") << LedgerEntry{.transactionCount = 1} << QStringLiteral("exclusive, in transaction");
    QTest::newRow("both") << LedgerEntry{.share = LockShare::Shared, .sessionCount = 2, .transactionCount = 3}
                          << QStringLiteral("shared \u00D72, in transaction \u00D73");
}

void TestSessionTreeModel::describesWhatIsHeld()
{
    QFETCH(LedgerEntry, entry);
    QFETCH(QString, takes);
    m_model->setState(session(alice, QStringLiteral("alice"), {entry}));
    QCOMPARE(m_model->index(0, 3, m_model->index(0, 0)).data().toString(), takes);
}

void TestSessionTreeModel::updatesInPlace()
{
    m_model->setState(session(alice, QStringLiteral("alice")));
    m_model->setState(session(bob, QStringLiteral("bob")));
    SignalLog log(*m_model);
    SessionState state = session(alice, QStringLiteral("alice"));
    state.phase = SessionPhase::Busy;
    state.doing = QStringLiteral("lock 5");
    m_model->setState(state);
    QCOMPARE(log.take(), QStringLiteral("change root 0-0"));
    QCOMPARE(text(*m_model).join(u'\n'), QStringLiteral("alice|1301|busy: lock 5|nothing\nbob|1302|idle|nothing"));
}

void TestSessionTreeModel::theSameStateAgainIsSilent()
{
    const SessionState state = session(alice, QStringLiteral("alice"), {held(5)});
    m_model->setState(state);
    SignalLog log(*m_model);
    m_model->setState(state);
    QCOMPARE(log.take(), QString());
}

void TestSessionTreeModel::insertsRemovesAndChangesOnlyWhatDiffers_data()
{
    QTest::addColumn<QList<LedgerEntry>>("before");
    QTest::addColumn<QList<LedgerEntry>>("after");
    QTest::addColumn<QString>("changes");
    using Entries = QList<LedgerEntry>;
    const QString own = QStringLiteral("change root 0-0");
    const auto row = [&](const char* name, const Entries& before, const Entries& after, const char* changes) {
        QTest::newRow(name) << before << after << QString::fromLatin1(changes) + own;
    };
    row("first key", {}, {held(1)}, "insert alice 0-0, ");
    row("one more", {held(1)}, {held(1), held(2)}, "insert alice 1-1, ");
    row("two in the middle", {held(1), held(4)}, {held(1), held(2), held(3), held(4)}, "insert alice 1-2, ");
    row("one less", {held(1), held(2), held(3)}, {held(1), held(3)}, "remove alice 1-1, ");
    row("runs", {held(1), held(2), held(3), held(4), held(5)}, {held(3)}, "remove alice 3-4, remove alice 0-1, ");
    row("all gone", {held(1), held(2)}, {}, "remove alice 0-1, ");
    row("count changed", {held(1), held(2)}, {held(1), held(2, 3)}, "change alice 1-1, ");
    row("neighbours changed", {held(1), held(2), held(3)}, {held(1), held(2, 2), held(3, 3)}, "change alice 1-2, ");
    row("taken again later", {held(1), held(2), held(3)}, {held(2), held(3), held(1)},
        "move alice 1-0, move alice 2-1, ");
    row("exchanged", {held(1)}, {held(2)}, "remove alice 0-0, insert alice 0-0, ");
    row("same key in the other mode", {held(1)}, {held(1), {.key = LockKey::bigint(1), .share = LockShare::Shared}},
        "insert alice 1-1, ");
}

void TestSessionTreeModel::insertsRemovesAndChangesOnlyWhatDiffers()
{
    QFETCH(QList<LedgerEntry>, before);
    QFETCH(QList<LedgerEntry>, after);
    QFETCH(QString, changes);
    m_model->setState(session(alice, QStringLiteral("alice"), before));
    SignalLog log(*m_model);
    m_model->setState(session(alice, QStringLiteral("alice"), after));
    QCOMPARE(log.take(), changes);
    SessionTreeModel fresh;
    fresh.setState(session(alice, QStringLiteral("alice"), after));
    QCOMPARE(text(*m_model), text(fresh));
}

void TestSessionTreeModel::keepsIndexesOfSurvivingKeys()
{
    m_model->setState(session(bob, QStringLiteral("bob"), {held(9)}));
    m_model->setState(session(alice, QStringLiteral("alice"), {held(1), held(2), held(3)}));
    const QPersistentModelIndex two = m_model->index(1, 0, m_model->index(alice));
    m_model->setState(session(alice, QStringLiteral("alice"), {held(4), held(3), held(2)}));
    m_model->remove(bob);
    QCOMPARE(two.data().toString(), QStringLiteral("2"));
    QCOMPARE(two.row(), 2);
    QCOMPARE(QModelIndex(two).parent(), m_model->index(0, 0));
}

void TestSessionTreeModel::neverResetsOnARandomWalk()
{
    QRandomGenerator random(7);
    QSignalSpy resets(m_model.get(), &QAbstractItemModel::modelReset);
    QMap<quint32, SessionState> expected;
    QList<quint32> order;
    for (int step = 0; step < 400; ++step) {
        const quint32 id = random.bounded(1U, 5U);
        if (random.bounded(10) == 0) {
            m_model->remove(SessionId{id});
            expected.remove(id);
            order.removeAll(id);
        } else {
            QList<LedgerEntry> ledger;
            for (int key = 0; key < 8; ++key) {
                if (random.bounded(2) == 0)
                    ledger.insert(random.bounded(static_cast<int>(ledger.size()) + 1), held(key, random.bounded(1, 3)));
            }
            expected[id] = session(SessionId{id}, QString::number(id), ledger);
            if (!order.contains(id))
                order.append(id);
            m_model->setState(expected[id]);
        }
        SessionTreeModel fresh;
        for (const quint32 known : std::as_const(order))
            fresh.setState(expected.value(known));
        QCOMPARE(text(*m_model), text(fresh));
    }
    QCOMPARE(resets.count(), 0);
}

void TestSessionTreeModel::removesSessions()
{
    m_model->setState(session(alice, QStringLiteral("alice"), {held(5)}));
    m_model->setState(session(bob, QStringLiteral("bob")));
    SignalLog log(*m_model);
    m_model->remove(alice);
    m_model->remove(alice);
    QCOMPARE(log.take(), QStringLiteral("remove root 0-0"));
    QCOMPARE(text(*m_model).join(u'\n'), QStringLiteral("bob|1302|idle|nothing"));
}

void TestSessionTreeModel::answersByIdAndByIndex()
{
    const SessionState first = session(alice, QStringLiteral("alice"), {held(5)});
    const SessionState second = session(bob, QStringLiteral("bob"), {held(6)});
    m_model->setState(first);
    m_model->setState(second);
    QCOMPARE(m_model->states(), (QList<SessionState>{first, second}));
    QVERIFY(m_model->state(bob) == second);
    QVERIFY(!m_model->state(SessionId{99}));
    QVERIFY(m_model->id(m_model->index(1, 3)) == bob);
    QVERIFY(m_model->id(m_model->index(0, 2, m_model->index(bob))) == bob);
    QVERIFY(m_model->id({}) == SessionId{});
    QCOMPARE(m_model->index(bob), m_model->index(1, 0));
    QVERIFY(!m_model->index(SessionId{99}).isValid());
}

void TestSessionTreeModel::givesValuesThroughRoles()
{
    SessionState state = session(alice, QStringLiteral("alice"), {held(5), {.state = HoldState::Lost}});
    m_model->setState(state);
    const QModelIndex parent = m_model->index(alice);
    QVERIFY(parent.data(HoldTreeModel::StateRole).value<SessionState>() == state);
    QCOMPARE(m_model->index(0, 1).data(HoldTreeModel::SortRole), QVariant(1301));
    QVERIFY(!parent.data(HoldTreeModel::EntryRole).isValid());
    const QModelIndex lost = m_model->index(1, 0, parent);
    QVERIFY(lost.data(HoldTreeModel::EntryRole).value<LedgerEntry>() == state.ledger.at(1));
    QCOMPARE(lost.data(HoldTreeModel::HoldStateRole).toInt(), static_cast<int>(HoldState::Lost));
    QVERIFY(lost.data(HoldTreeModel::StateRole).value<SessionState>() == state);
    QVERIFY(lost.data(Qt::ToolTipRole).toString().contains(QStringLiteral("It was not released by us.")));
}

void TestSessionTreeModel::hostileTextIsHarmless()
{
    SessionState state = session(alice, QStringLiteral("<b>alice</b>\u202E\n") + QString(5000, u'x'));
    state.lastOutcome = Outcome{.kind = OutcomeKind::HeldElsewhere,
                                .key = LockKey::bigint(5),
                                .holders = {{.pid = 7, .applicationName = QStringLiteral("<img src=x>")}}};
    state.ending = Error{.what = QStringLiteral("Gone."), .serverWords = QStringLiteral("FATAL: <table>%1")};
    m_model->setState(state);
    const QString name = m_model->index(0, 0).data().toString();
    QVERIFY(name.startsWith(QStringLiteral("<b>alice</b>\u2424xxx")));
    QCOMPARE(name.size(), 1023); // cut to 1024, of which the bidirectional control is gone
    const QString tooltip = m_model->index(0, 0).data(Qt::ToolTipRole).toString();
    QVERIFY(tooltip.startsWith(QStringLiteral("<qt>&lt;b&gt;alice&lt;/b&gt;\u2424xxx")));
    QVERIFY(
        tooltip.endsWith(QStringLiteral("<br/>Key 5 is held elsewhere: pid 7 (&lt;img src=x&gt;).<br/>Gone.<br/>FATAL: "
                                        "&lt;table&gt;%1</qt>")));
}

QTEST_GUILESS_MAIN(TestSessionTreeModel)
#include "tst_sessiontreemodel.moc"
