#include "models/waitforestmodel.h"
#include "tests/acceptance/windowdriver.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"
#include "ui/locktableview.h"
#include "ui/pages.h"
#include "ui/statusfigure.h"
#include "ui/theme.h"

#include <QApplication>
#include <QCheckBox>
#include <QDialog>
#include <QTreeView>

#include <libpq-fe.h>

using namespace lockscope;
using namespace std::chrono_literals;
using test::scalar;

#define DO(action) QCOMPARE(m_window->action, QString())

namespace {

QString textOf(const QAbstractItemModel& model, const QModelIndex& parent, int depth)
{
    QString text;
    for (int row = 0; row < model.rowCount(parent); ++row) {
        const QModelIndex index = model.index(row, 0, parent);
        // The pid is another one in each run.
        const QString session = index.data().toString().section(u' ', 1);
        const QString behind = index.siblingAtColumn(WaitForestModel::StuckBehind).data().toString();
        text += QString(2 * depth, u' ') + session + (behind.isEmpty() ? QString() : QStringLiteral(" <- ") + behind) +
                u'\n' + textOf(model, index, depth + 1);
    }
    return text;
}

QModelIndex find(const QAbstractItemModel& model, const QString& application, const QModelIndex& parent = {})
{
    for (int row = 0; row < model.rowCount(parent); ++row) {
        const QModelIndex index = model.index(row, 0, parent);
        if (index.data().toString().endsWith(application))
            return index;
        if (const QModelIndex below = find(model, application, index); below.isValid())
            return below;
    }
    return {};
}

} // namespace

/// What a person does on a server that hangs: find the root, read why, end it, and see the others go on.
class tst_Investigation final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void showsTheRootOfAThreeLevelChainAcrossTypes();
    void saysWhyAndFindsTheUnlockOnTheWrongConnection();
    void selectsTheSameSessionEverywhere();
    void namesTheTableAndTheKey();
    void findsALockByItsMeaningAndByAPastedKey();
    void showsTheServer();
    void terminatesExactlyTheRootAndTheNextInLineGoesOn();
    void keepsAnAuditOfWhatWasDone();
    void remembersHowTheWaitsWereShown();
    void readOnlyLeavesNothingToPress();
    void saysWhatGoesWrongWithTheServerBeforeAnythingIsSelected();
    void cleanupTestCase();

private:
    LibpqConnection& session(const QString& name);
    void send(const QString& name, const QByteArray& sql);
    [[nodiscard]] QTreeView* forest() const
    {
        return m_window->window().findChild<QTreeView*>(QStringLiteral("waitForest"));
    }
    [[nodiscard]] QString forestText() const { return textOf(*forest()->model(), {}, 0); }
    void openWindow(bool readOnly = false);

    QTemporaryDir m_home;
    std::unique_ptr<test::TestServer> m_server;
    std::map<QString, std::unique_ptr<LibpqConnection>> m_sessions;
    std::unique_ptr<test::WindowDriver> m_window;
};

LibpqConnection& tst_Investigation::session(const QString& name)
{
    auto& known = m_sessions[name];
    if (!known)
        known = m_server->session(name);
    return *known;
}

void tst_Investigation::send(const QString& name, const QByteArray& sql)
{
    QCOMPARE(PQsendQuery(session(name).handle(), sql.constData()), 1);
    const qint32 pid = session(name).claimedPid();
    QTRY_COMPARE(scalar(session(QStringLiteral("admin")),
                        "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = " + QByteArray::number(pid)),
                 QStringLiteral("1"));
}

void tst_Investigation::openWindow(bool readOnly)
{
    m_window = std::make_unique<test::WindowDriver>(
        CommandLine{.conninfo = test::connectionText(m_server->conninfo()), .readOnly = readOnly});
    QTRY_COMPARE_WITH_TIMEOUT(m_window->locks().size(), 2, 10'000);
}

void tst_Investigation::initTestCase()
{
    QVERIFY(m_home.isValid());
    qputenv("XDG_DATA_HOME", m_home.path().toUtf8()); // the audit log
    m_server = std::make_unique<test::TestServer>();
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    VERIFY_RESULT(session(QStringLiteral("admin")).executeOne("CREATE TABLE orders (id int)", 5s));

    VERIFY_RESULT(session(QStringLiteral("pod-a")).executeOne("SELECT pg_advisory_lock(72707369)", 5s));
    VERIFY_RESULT(session(QStringLiteral("pod-a")).executeOne("SELECT 'sync done'", 5s));
    VERIFY_RESULT(session(QStringLiteral("worker")).execute("BEGIN; LOCK TABLE orders IN EXCLUSIVE MODE", 5s));
    send(QStringLiteral("worker"), "SELECT pg_advisory_lock(72707369)");
    send(QStringLiteral("web"), "INSERT INTO orders VALUES (1)");
    openWindow();
    // What happens while somebody looks: the holder is known to have had the key before.
    VERIFY_RESULT(session(QStringLiteral("pod-b")).executeOne("SELECT pg_advisory_unlock(72707369)", 5s));
}

void tst_Investigation::showsTheRootOfAThreeLevelChainAcrossTypes()
{
    DO(trigger(QStringLiteral("actionShowWaits")));
    QTRY_COMPARE(forestText(), QStringLiteral("pod-a <- 2\n  worker <- 1\n    web\n"));
    QCOMPARE(m_window->window().findChild<QWidget*>(QStringLiteral("waitsPageButton"))->accessibleDescription(),
             QStringLiteral("1 root blocker(s)"));
}

void tst_Investigation::saysWhyAndFindsTheUnlockOnTheWrongConnection()
{
    // Nothing is selected: the worst is explained.
    QTRY_VERIFY2(m_window->text(QStringLiteral("explanationText")).contains(QLatin1String("session-level")),
                 qPrintable(m_window->text(QStringLiteral("explanationText"))));
    QTRY_COMPARE(m_window->text(QStringLiteral("diagnosisTitle")), QStringLiteral("Unlocked on the wrong connection"));
    QVERIFY2(m_window->text(QStringLiteral("diagnosisEvidence")).contains(QLatin1String("(pod-b)")),
             qPrintable(m_window->text(QStringLiteral("diagnosisEvidence"))));
}

void tst_Investigation::selectsTheSameSessionEverywhere()
{
    forest()->setCurrentIndex(find(*forest()->model(), QStringLiteral("worker")));
    auto* const table = m_window->window().findChild<LockTableView*>(QStringLiteral("lockTable"));
    QTRY_VERIFY(table->currentRow() != nullptr);
    QCOMPARE(table->currentRow()->backend->applicationName, QStringLiteral("worker"));

    // Return leads to the table, and says so where a session has no row there: web waits for a table.
    DO(trigger(QStringLiteral("actionShowWaits")));
    forest()->setFocus();
    forest()->setCurrentIndex(find(*forest()->model(), QStringLiteral("web")));
    QTest::keyClick(forest(), Qt::Key_Return);
    QTRY_COMPARE(m_window->window().findChild<Pages*>()->current()->objectName(), QStringLiteral("locksPage"));
    const auto* const message = m_window->window().findChild<StatusFigure*>(QStringLiteral("messageFigure"));
    QVERIFY2(message->text().startsWith(QLatin1String("This session has no row in the table")),
             qPrintable(message->text()));

    DO(select(QStringLiteral("lockTable"), QStringLiteral("72707369")));
    QCOMPARE(table->currentRow()->backend->applicationName, QStringLiteral("pod-a"));
    DO(trigger(QStringLiteral("actionShowWaits")));
    QTRY_COMPARE(forest()->currentIndex().data().toString().section(u' ', 1), QStringLiteral("pod-a"));
}

void tst_Investigation::namesTheTableAndTheKey()
{
    const QModelIndex web = find(*forest()->model(), QStringLiteral("web"));
    QTRY_COMPARE(web.siblingAtColumn(WaitForestModel::WaitsFor).data().toString(),
                 QStringLiteral("public.orders, Row Exclusive"));
    const QAbstractItemModel* const locks = m_window->view(QStringLiteral("lockTable"))->model();
    QCOMPARE(locks->index(0, static_cast<int>(LockColumn::Meaning)).data().toString(),
             QStringLiteral("Prisma Migrate"));
}

void tst_Investigation::findsALockByItsMeaningAndByAPastedKey()
{
    for (const char* const filter : {"prisma", "0/72707369/1", "SELECT pg_advisory_lock(72707369)", "0x4556d29"}) {
        DO(type(QStringLiteral("filterEdit"), QStringLiteral("means:flyway")));
        QTRY_COMPARE(m_window->locks().size(), 0);
        DO(type(QStringLiteral("filterEdit"), QString::fromLatin1(filter)));
        QTRY_COMPARE(m_window->locks().size(), 2);
    }
    DO(type(QStringLiteral("filterEdit"), QString()));
    QTRY_COMPARE(m_window->locks().size(), 2);
}

void tst_Investigation::showsTheServer()
{
    DO(trigger(QStringLiteral("actionShowServer")));
    QTRY_VERIFY2(m_window->text(QStringLiteral("lockTableUse")).contains(QLatin1String("entries are taken")),
                 qPrintable(m_window->text(QStringLiteral("lockTableUse"))));
    QVERIFY(m_window->text(QStringLiteral("serverTitle")).contains(QLatin1String("PostgreSQL")));
}

void tst_Investigation::terminatesExactlyTheRootAndTheNextInLineGoesOn()
{
    DO(trigger(QStringLiteral("actionShowWaits")));
    forest()->setCurrentIndex(find(*forest()->model(), QStringLiteral("pod-a")));
    QVERIFY(!m_window->isEnabled(QStringLiteral("cancelQueryButton"))); // it is idle
    DO(click(QStringLiteral("terminateBackendButton")));
    QTRY_VERIFY2(m_window->text(QStringLiteral("cureQuestion")).contains(QLatin1String("(pod-a)")),
                 qPrintable(m_window->text(QStringLiteral("cureQuestion"))));
    auto* const known = m_window->window().findChild<QCheckBox*>(QStringLiteral("cureKnown"));
    QVERIFY(known != nullptr && known->isVisible()); // a superuser's session
    known->setChecked(true);
    DO(click(QStringLiteral("cureActButton")));
    const auto* const message = m_window->window().findChild<StatusFigure*>(QStringLiteral("messageFigure"));
    QTRY_VERIFY2(message->text().contains(QLatin1String(" is gone after ")), qPrintable(message->text()));

    QTRY_COMPARE_WITH_TIMEOUT(forestText(), QStringLiteral("worker <- 1\n  web\n"), 10'000);
    QCOMPARE(scalar(session(QStringLiteral("admin")),
                    "SELECT string_agg(application_name, ' ' ORDER BY application_name) FROM pg_stat_activity "
                    "WHERE application_name IN ('pod-a', 'pod-b', 'worker', 'web')"),
             QStringLiteral("pod-b web worker"));
}

void tst_Investigation::keepsAnAuditOfWhatWasDone()
{
    DO(trigger(QStringLiteral("actionAuditLog")));
    QTRY_VERIFY(m_window->view(QStringLiteral("auditList")));
    const QAbstractItemModel* const list = m_window->view(QStringLiteral("auditList"))->model();
    QString newest;
    for (int column = 0; column < list->columnCount(); ++column)
        newest += list->index(0, column).data().toString() + u'|';
    QVERIFY2(newest.contains(QLatin1String("pod-a")) && newest.contains(QLatin1String("terminate backend")),
             qPrintable(newest));
    DO(click(QStringLiteral("auditCloseButton")));
}

void tst_Investigation::remembersHowTheWaitsWereShown()
{
    auto* const all = m_window->window().findChild<QCheckBox*>(QStringLiteral("allSessionsCheck"));
    all->click();
    QTRY_VERIFY(find(*forest()->model(), QStringLiteral("admin")).isValid() ||
                m_window->window().findChild<QCheckBox*>(QStringLiteral("hideIdleCheck"))->isChecked());
    m_window->window().findChild<QCheckBox*>(QStringLiteral("hideIdleCheck"))->click();
    QTRY_VERIFY(find(*forest()->model(), QStringLiteral("pod-b")).isValid()); // idle and without any lock
    m_window->window().findChild<QCheckBox*>(QStringLiteral("hideIdleCheck"))->click();
    QTRY_VERIFY(!find(*forest()->model(), QStringLiteral("pod-b")).isValid());
    all->click();
    QTRY_COMPARE(forestText(), QStringLiteral("worker <- 1\n  web\n"));
}

void tst_Investigation::readOnlyLeavesNothingToPress()
{
    m_window.reset();
    m_window = std::make_unique<test::WindowDriver>(
        CommandLine{.conninfo = test::connectionText(m_server->conninfo()), .readOnly = true});
    QTRY_COMPARE_WITH_TIMEOUT(m_window->locks().size(), 1, 10'000);
    DO(trigger(QStringLiteral("actionShowWaits")));
    QTRY_COMPARE(forestText(), QStringLiteral("worker <- 1\n  web\n"));
    forest()->setCurrentIndex(find(*forest()->model(), QStringLiteral("worker")));
    QTRY_VERIFY(m_window->text(QStringLiteral("cureReason")).contains(QLatin1String("--read-only")));
    QVERIFY(!m_window->isEnabled(QStringLiteral("cancelQueryButton")));
    QVERIFY(!m_window->isEnabled(QStringLiteral("terminateBackendButton")));
    QCOMPARE(m_window->window().findChild<StatusFigure*>(QStringLiteral("readOnlyFigure"))->text(),
             QStringLiteral("read-only"));
    QTest::keyClick(forest(), Qt::Key_Delete, Qt::ShiftModifier);
    QVERIFY(m_window->window().findChild<QDialog*>(QStringLiteral("cureDialog")) == nullptr);
}

void tst_Investigation::saysWhatGoesWrongWithTheServerBeforeAnythingIsSelected()
{
    m_window.reset();
    const test::TestServer small(
        QStringLiteral("max_locks_per_transaction = 10\nmax_connections = 20\nmax_prepared_transactions = 0\n"));
    QVERIFY2(small.problem().isEmpty(), qPrintable(small.problem()));
    const auto holder = small.session(QStringLiteral("leak"));
    VERIFY_RESULT(holder->executeOne("SELECT count(pg_advisory_lock(i)) FROM generate_series(1, 120) AS i", 5s));
    m_window = std::make_unique<test::WindowDriver>(CommandLine{.conninfo = test::connectionText(small.conninfo())});
    QTRY_COMPARE_WITH_TIMEOUT(m_window->locks().size(), 120, 10'000);
    QTRY_VERIFY2(m_window->text(QStringLiteral("findings"))
                     .startsWith(QLatin1String("Lock table filling up: 120 advisory locks")),
                 qPrintable(m_window->text(QStringLiteral("findings"))));
    // It stands among the diagnoses of a lock, too.
    DO(select(QStringLiteral("lockTable"), QStringLiteral("1")));
    QTRY_COMPARE(m_window->text(QStringLiteral("diagnosisTitle")), QStringLiteral("Lock table filling up"));
}

void tst_Investigation::cleanupTestCase()
{
    m_window.reset();
    m_sessions.clear();
}

QTEST_MAIN(tst_Investigation)
#include "tst_investigation.moc"
