#include "app/auditlog.h"
#include "app/cureflow.h"
#include "app/postgres/observer.h"
#include "models/lockview.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"
#include "tests/ui/offscreen.h"
#include "ui/auditdialog.h"
#include "ui/curedialog.h"
#include "ui/releaselessondialog.h"
#include "ui/theme.h"

#include <QApplication>
#include <QCheckBox>
#include <QLabel>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScopeGuard>
#include <QSignalSpy>
#include <QTemporaryDir>

#include <libpq-fe.h>

#include <csignal>

using namespace lockscope;
using namespace std::chrono_literals;
using test::scalar;

/// The way from a wish on a page to a verified outcome, on a real server over a real observer's connection.
class tst_CureFlow final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void cleanupTestCase();
    void terminatesAfterConfirmation();
    void doesNothingWhenItIsGivenUp();
    void keepsToTheVictimOfTheDialog();
    void saysWhenTheVictimLeaves();
    void cancelsAQuery();
    void finishesAPreparedTransaction();
    void readOnlyRefusesBeforeAnything();
    void aRefusalNamesTheGrant();
    void looksAgainWhileTheVictimIsThere();
    void worksOnItsOwnConnectionWithoutTheObserver();
    void worksWhenTheObserverEndsFirst();
    void freesAFullLockTable();
    void teachesThatAForeignLockCannotBeReleased();
    void writesEveryStepToTheAuditLog();
    void writesThatNothingIsKnownWhenItIsClosedMeanwhile();
    void goesOnWhenTheAuditLogCannotBeWritten();
    void showsTheAuditLog();

private:
    [[nodiscard]] QByteArray number(qint32 value) const { return QByteArray::number(value); }
    [[nodiscard]] bool isAlive(qint32 pid)
    {
        return scalar(*m_witness, "SELECT count(*) FROM pg_stat_get_activity(" + number(pid) + ")") ==
               QStringLiteral("1");
    }
    [[nodiscard]] QString log() const
    {
        QStringList lines;
        const auto entries = AuditLog(m_directory->path()).entries(100);
        for (const AuditEntry& entry : entries)
            lines.prepend(entry.step + (entry.outcome.isEmpty() ? QString() : u' ' + entry.outcome));
        return lines.join(QStringLiteral(", "));
    }
    /// A view that shows this backend holding something; empty id when that takes too long.
    [[nodiscard]] WaitNodeId seen(qint32 pid)
    {
        const auto listed = [&] { return m_view && m_view->snapshot && m_view->snapshot->backends.contains(pid); };
        m_observer->refreshNow();
        if (!QTest::qWaitFor(listed, 5000))
            return {};
        return {.backend = m_view->snapshot->backends.value(pid)->id};
    }
    /// What the session does next is in the view.
    void look()
    {
        const auto serial = m_view->snapshot->serial;
        m_observer->refreshNow();
        QTRY_VERIFY(m_view->snapshot->serial > serial + 1);
    }
    [[nodiscard]] std::unique_ptr<LibpqConnection> holder(const char* name = "holder")
    {
        auto session = m_server->session(QString::fromLatin1(name));
        (void)session->executeOne("SELECT pg_advisory_lock(5)", 5s);
        return session;
    }
    template <typename T>
    [[nodiscard]] T* shown() const
    {
        const auto found = m_window->findChildren<T*>();
        for (T* const widget : found) {
            if (widget->isVisible())
                return widget;
        }
        return nullptr;
    }
    void press(QWidget* dialog, const char* name)
    {
        auto* const button = dialog->findChild<QPushButton*>(QLatin1String(name));
        QVERIFY(button);
        QTest::mouseClick(button, Qt::LeftButton);
    }
    void confirm()
    {
        auto* const dialog = shown<CureDialog>();
        QVERIFY(dialog);
        // Sessions of the test server's own user are a superuser's.
        auto* const known = dialog->findChild<QCheckBox*>(QStringLiteral("cureKnown"));
        if (known->isVisible())
            known->setChecked(true);
        press(dialog, "cureActButton");
    }
    [[nodiscard]] QString boxText()
    {
        QMessageBox* const box = shown<QMessageBox>();
        if (box == nullptr)
            return {};
        const QString text = box->text() + u'|' + box->informativeText();
        box->close();
        return text;
    }

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_witness;
    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<QWidget> m_window;
    std::unique_ptr<Observer> m_observer;
    std::unique_ptr<CureFlow> m_flow;
    std::unique_ptr<QSignalSpy> m_outcomes;
    LockViewBuilder m_builder;
    LockViewPointer m_view;

    [[nodiscard]] CureOutcome lastOutcome() const
    {
        return m_outcomes->isEmpty() ? CureOutcome() : m_outcomes->last().at(1).value<CureOutcome>();
    }
    void watch(const Conninfo& conninfo);
};

void tst_CureFlow::initTestCase()
{
    test::muteSizeHintsOfOffscreen();
    theme::apply(*qApp, ColorScheme::Light, false);
    m_server = std::make_unique<test::TestServer>(
        QStringLiteral("max_prepared_transactions = 5\nmax_connections = 30\nmax_locks_per_transaction = 10\n"));
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_witness = m_server->session(QStringLiteral("witness"));
    VERIFY_RESULT(m_witness->execute("CREATE ROLE seer LOGIN PASSWORD 'p' IN ROLE pg_monitor", 5s));
}

void tst_CureFlow::cleanupTestCase()
{
    m_witness.reset();
    m_server.reset();
}

void tst_CureFlow::init()
{
    Suite::init();
    m_directory = std::make_unique<QTemporaryDir>();
    m_window = std::make_unique<QWidget>();
    m_window->show();
    m_flow = std::make_unique<CureFlow>(AuditLog(m_directory->path()), m_window.get());
    m_outcomes = std::make_unique<QSignalSpy>(m_flow.get(), &CureFlow::outcomeShown);
    watch(m_server->conninfo());
}

void tst_CureFlow::watch(const Conninfo& conninfo)
{
    m_view.reset();
    m_builder = LockViewBuilder();
    m_observer = std::make_unique<Observer>(conninfo, ObserverOptions{.interval = 250ms});
    m_flow->setConninfo(conninfo);
    m_flow->setPostWork([this](const Observer::Work& work, const std::function<void(const Error&)>& unreachable) {
        m_observer->post(work, unreachable);
    });
    connect(m_observer.get(), &Observer::serverIdentified, m_flow.get(),
            [this](const ServerInfo& server) { m_flow->setServer(server); });
    connect(m_observer.get(), &Observer::snapshotTaken, m_flow.get(), [this](const SnapshotPointer& snapshot) {
        m_view = m_builder.update(snapshot).view;
        m_flow->setView(m_view);
    });
    m_observer->start();
    QTRY_VERIFY(m_view && m_view->snapshot);
}

void tst_CureFlow::cleanup()
{
    m_flow.reset();
    m_observer.reset();
    m_window.reset();
}

void tst_CureFlow::terminatesAfterConfirmation()
{
    const auto victim = holder("pod-a");
    const auto id = seen(victim->claimedPid());
    m_flow->request(CureKind::TerminateBackend, id);
    auto* const dialog = shown<CureDialog>();
    QVERIFY(dialog);
    QCOMPARE(dialog->windowTitle(), QStringLiteral("Terminate %1 (pod-a)?").arg(id.backend.pid));
    QVERIFY(isAlive(id.backend.pid));
    confirm();
    QTRY_COMPARE(m_outcomes->size(), 1);
    QVERIFY2(lastOutcome().result == CureResult::Done, qPrintable(lastOutcome().sentence));
    QVERIFY(!isAlive(id.backend.pid));
    QVERIFY(!shown<QMessageBox>());
    QCOMPARE(log(), QStringLiteral("requested, confirmed, outcome done"));
}

void tst_CureFlow::doesNothingWhenItIsGivenUp()
{
    const auto victim = holder();
    m_flow->request(CureKind::TerminateBackend, seen(victim->claimedPid()));
    QTest::keyClick(shown<CureDialog>(), Qt::Key_Return);
    QCOMPARE(log(), QStringLiteral("requested, given up"));
    look();
    QVERIFY(isAlive(victim->claimedPid()));
    QCOMPARE(m_outcomes->size(), 0);
}

/// Whatever is polled, selected or asked for while the dialog is open.
void tst_CureFlow::keepsToTheVictimOfTheDialog()
{
    const auto first = holder("first");
    const auto second = m_server->session(QStringLiteral("second"));
    VERIFY_RESULT(second->executeOne("SELECT pg_advisory_lock(6)", 5s));
    const auto id = seen(first->claimedPid());
    const auto other = seen(second->claimedPid());
    m_flow->request(CureKind::TerminateBackend, id);
    const QString text = shown<CureDialog>()->text();
    m_flow->request(CureKind::TerminateBackend, other);
    QCOMPARE(m_window->findChildren<CureDialog*>().size(), 1);
    VERIFY_RESULT(first->executeOne("SELECT pg_advisory_lock(7)", 5s));
    look();
    QCOMPARE(shown<CureDialog>()->text(), text);
    confirm();
    QTRY_COMPARE(m_outcomes->size(), 1);
    QVERIFY(!isAlive(id.backend.pid));
    QVERIFY(isAlive(other.backend.pid));
}

void tst_CureFlow::saysWhenTheVictimLeaves()
{
    auto victim = holder();
    const auto id = seen(victim->claimedPid());
    m_flow->request(CureKind::TerminateBackend, id);
    auto* const change = shown<CureDialog>()->findChild<QLabel*>(QStringLiteral("cureChange"));
    QVERIFY(!change->isVisible());
    victim.reset();
    QTRY_VERIFY(change->isVisible());
    confirm();
    QTRY_COMPARE(m_outcomes->size(), 1);
    QCOMPARE(lastOutcome().sentence, QStringLiteral("%1 had already ended; nothing was sent.").arg(id.backend.pid));
    QCOMPARE(log(), QStringLiteral("requested, confirmed, outcome not found"));
}

void tst_CureFlow::cancelsAQuery()
{
    const auto blocking = holder();
    const auto waiter = m_server->session(QStringLiteral("waiter"));
    QCOMPARE(PQsendQuery(waiter->handle(), "SELECT pg_advisory_lock(5)"), 1);
    const auto id = seen(waiter->claimedPid());
    m_flow->request(CureKind::CancelQuery, id);
    QVERIFY2(shown<CureDialog>()->text().contains(QStringLiteral("Its place in the queue for key 5")),
             qPrintable(shown<CureDialog>()->text()));
    confirm();
    QTRY_COMPARE(m_outcomes->size(), 1);
    QVERIFY2(lastOutcome().result == CureResult::Done, qPrintable(lastOutcome().sentence));
    QVERIFY(isAlive(id.backend.pid));
}

void tst_CureFlow::finishesAPreparedTransaction()
{
    VERIFY_RESULT(m_witness->executeOne("BEGIN", 5s));
    VERIFY_RESULT(m_witness->executeOne("SELECT pg_advisory_xact_lock(5)", 5s));
    VERIFY_RESULT(m_witness->executeOne("PREPARE TRANSACTION 'it''s \\ mine'", 5s));
    QTRY_VERIFY(!m_view->snapshot->prepared.isEmpty());
    m_flow->request(CureKind::RollbackPrepared, {.virtualTransaction = m_view->snapshot->prepared.constBegin().key()});
    QVERIFY(shown<CureDialog>());
    QCOMPARE(shown<CureDialog>()->windowTitle(), QStringLiteral("Roll back prepared transaction 'it's \\ mine'?"));
    confirm();
    QTRY_COMPARE(m_outcomes->size(), 1);
    QVERIFY2(lastOutcome().result == CureResult::Done, qPrintable(lastOutcome().sentence));
    QCOMPARE(scalar(*m_witness, "SELECT count(*) FROM pg_prepared_xacts"), QStringLiteral("0"));
}

void tst_CureFlow::readOnlyRefusesBeforeAnything()
{
    const auto victim = holder();
    const auto id = seen(victim->claimedPid());
    m_flow->setReadOnly(true);
    int posted = 0;
    m_flow->setPostWork([&](const auto&, const auto&) { ++posted; });
    for (const auto kind :
         {CureKind::CancelQuery, CureKind::TerminateBackend, CureKind::CommitPrepared, CureKind::RollbackPrepared}) {
        m_flow->request(kind, id);
        QVERIFY(!shown<CureDialog>());
        QVERIFY(boxText().startsWith(QStringLiteral("Lockscope was started with --read-only")));
    }
    m_flow->requestForeignRelease(id);
    QVERIFY(!shown<ReleaseLessonDialog>());
    QVERIFY(boxText().startsWith(QStringLiteral("Lockscope was started with --read-only")));
    QCOMPARE(posted, 0);
    QCOMPARE(m_outcomes->size(), 5);
    QCOMPARE(lastOutcome().result, CureResult::Refused);
    QCOMPARE(log(), QString());
    QVERIFY(isAlive(id.backend.pid));
}

void tst_CureFlow::aRefusalNamesTheGrant()
{
    const auto role = m_server->conninfo()
                          .with(QStringLiteral("user"), QStringLiteral("seer"))
                          .with(QStringLiteral("password"), QStringLiteral("p"));
    VERIFY_RESULT(m_witness->execute("CREATE ROLE app LOGIN PASSWORD 'p'", 5s));
    LibpqConnection victim;
    VERIFY_RESULT(victim.open(m_server->conninfo()
                                  .with(QStringLiteral("user"), QStringLiteral("app"))
                                  .with(QStringLiteral("password"), QStringLiteral("p")),
                              5s));
    VERIFY_RESULT(victim.executeOne("SELECT pg_advisory_lock(8)", 5s));
    watch(role);
    const auto id = seen(victim.claimedPid());
    QVERIFY(id.backend.backendStart);
    m_flow->request(CureKind::TerminateBackend, id);
    // Where the offer did not know it, the server says it.
    if (shown<CureDialog>())
        confirm();
    QTRY_COMPARE(m_outcomes->size(), 1);
    QCOMPARE(lastOutcome().result, CureResult::Refused);
    QCOMPARE(lastOutcome().grant, QStringLiteral("GRANT pg_signal_backend TO \"seer\";"));
    QVERIFY(boxText().endsWith(QStringLiteral("GRANT pg_signal_backend TO \"seer\";")));
    QVERIFY(isAlive(victim.claimedPid()));
}

void tst_CureFlow::looksAgainWhileTheVictimIsThere()
{
    const auto victim = holder();
    const auto id = seen(victim->claimedPid());
    const auto pid = id.backend.pid;
    m_flow->request(CureKind::TerminateBackend, id);
    ::kill(pid, SIGSTOP);
    const auto thaw = qScopeGuard([pid] { ::kill(pid, SIGCONT); });
    confirm();
    QTRY_VERIFY(m_outcomes->size() >= 2);
    QCOMPARE(lastOutcome().result, CureResult::StillThere);
    QVERIFY(lastOutcome().sentence.startsWith(QStringLiteral("%1 is still there after ").arg(pid)));
    QVERIFY(!shown<QMessageBox>());
    ::kill(pid, SIGCONT);
    QTRY_COMPARE(lastOutcome().result, CureResult::Done);
    QCOMPARE(log(), QStringLiteral("requested, confirmed, outcome done"));
}

void tst_CureFlow::worksOnItsOwnConnectionWithoutTheObserver()
{
    const auto victim = holder();
    const auto id = seen(victim->claimedPid());
    m_flow->setPostWork({});
    m_flow->request(CureKind::TerminateBackend, id);
    confirm();
    QTRY_COMPARE(m_outcomes->size(), 1);
    QVERIFY2(lastOutcome().result == CureResult::Done, qPrintable(lastOutcome().sentence));
}

void tst_CureFlow::worksWhenTheObserverEndsFirst()
{
    const auto victim = holder();
    const auto id = seen(victim->claimedPid());
    m_flow->setPostWork([](const auto&, const auto&) {}); // takes the work along and never does it
    m_flow->request(CureKind::TerminateBackend, id);
    confirm();
    QTRY_COMPARE(m_outcomes->size(), 1);
    QVERIFY2(lastOutcome().result == CureResult::Done, qPrintable(lastOutcome().sentence));
}

void tst_CureFlow::freesAFullLockTable()
{
    const auto victim = m_server->session(QStringLiteral("leak"));
    const auto filled =
        victim->executeOne("SELECT count(pg_advisory_lock(i)) FROM generate_series(1, 1000000) AS i", 60s);
    QVERIFY(!filled);
    QCOMPARE(filled.error().sqlState, QStringLiteral("53200"));
    m_flow->request(CureKind::TerminateBackend, seen(victim->claimedPid()));
    QVERIFY(shown<CureDialog>());
    confirm();
    QTRY_VERIFY(lastOutcome().result == CureResult::Done);
    LibpqConnection another;
    VERIFY_RESULT(another.open(m_server->conninfo(), 5s));
}

void tst_CureFlow::teachesThatAForeignLockCannotBeReleased()
{
    const auto victim = holder("pod-a");
    m_flow->requestForeignRelease(seen(victim->claimedPid()));
    auto* const dialog = shown<ReleaseLessonDialog>();
    QVERIFY(dialog);
    QCOMPARE(log(), QString());
    press(dialog, "lessonTryButton");
    QTRY_COMPARE(dialog->findChild<QLabel*>(QStringLiteral("lessonAnswer"))->text(),
                 QStringLiteral("false: nothing was released."));
    QCOMPARE(dialog->findChild<QPlainTextEdit*>(QStringLiteral("lessonWords"))->toPlainText(),
             QStringLiteral("WARNING: you don't own a lock of type ExclusiveLock"));
    QCOMPARE(log(), QStringLiteral("confirmed, outcome false"));
    QCOMPARE(scalar(*victim, "SELECT pg_advisory_unlock(5)"), QStringLiteral("t"));
}

void tst_CureFlow::writesEveryStepToTheAuditLog()
{
    const auto victim = holder("pod-a");
    VERIFY_RESULT(victim->executeOne("SELECT 'PASSWORD ''canary'''", 5s));
    look();
    const auto id = seen(victim->claimedPid());
    m_flow->request(CureKind::TerminateBackend, id);
    confirm();
    QTRY_COMPARE(m_outcomes->size(), 1);
    const auto entries = AuditLog(m_directory->path()).entries(100);
    QCOMPARE(entries.size(), 3);
    const AuditEntry& last = entries.first();
    QCOMPARE(last.action, QStringLiteral("terminate backend"));
    QCOMPARE(last.pid, id.backend.pid);
    QCOMPARE(last.start, QString::number(qint64{id.backend.backendStart->time_since_epoch().count()}));
    QCOMPARE(last.application, QStringLiteral("pod-a"));
    QCOMPARE(last.database, m_server->conninfo().value(QStringLiteral("dbname")));
    QVERIFY(!last.systemIdentifier.isEmpty());
    QCOMPARE(last.sentence, lastOutcome().sentence);
    QVERIFY(last.time.secsTo(QDateTime::currentDateTimeUtc()) < 60);
    QFile file(AuditLog(m_directory->path()).fileName());
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(!file.readAll().contains("canary"));
}

void tst_CureFlow::writesThatNothingIsKnownWhenItIsClosedMeanwhile()
{
    const auto victim = holder();
    std::vector<Observer::Work> waiting; // never done, and never dropped
    const auto id = seen(victim->claimedPid());
    m_flow->setPostWork([&waiting](Observer::Work work, const auto&) { waiting.push_back(std::move(work)); });
    m_flow->request(CureKind::TerminateBackend, id);
    confirm();
    QTRY_COMPARE(waiting.size(), std::size_t{1});
    m_flow.reset();
    const AuditEntry last = AuditLog(m_directory->path()).entries(1).value(0);
    QCOMPARE(last.step + u' ' + last.outcome, QStringLiteral("outcome failed"));
    QCOMPARE(last.sentence, QStringLiteral("Lockscope was closed before it was known what came of it."));
}

void tst_CureFlow::goesOnWhenTheAuditLogCannotBeWritten()
{
    // A file where the directory should be: not even root can write there.
    QFile inTheWay(m_directory->filePath(QStringLiteral("file")));
    QVERIFY(inTheWay.open(QIODevice::WriteOnly));
    m_flow = std::make_unique<CureFlow>(AuditLog(m_directory->filePath(QStringLiteral("file/log"))), m_window.get());
    m_outcomes = std::make_unique<QSignalSpy>(m_flow.get(), &CureFlow::outcomeShown);
    watch(m_server->conninfo());
    const auto victim = holder();
    m_flow->request(CureKind::TerminateBackend, seen(victim->claimedPid()));
    const QString trouble = boxText();
    QVERIFY2(trouble.startsWith(QStringLiteral("The audit log could not be written: ")), qPrintable(trouble));
    QVERIFY2(trouble.endsWith(QStringLiteral("Actions go on without being logged.")), qPrintable(trouble));
    confirm();
    QTRY_COMPARE(m_outcomes->size(), 1);
    QCOMPARE(lastOutcome().result, CureResult::Done);
    QVERIFY(!shown<QMessageBox>());
}

void tst_CureFlow::showsTheAuditLog()
{
    m_flow->showAuditLog();
    QVERIFY(shown<AuditDialog>());
}

QTEST_MAIN(tst_CureFlow)
#include "tst_cureflow.moc"
