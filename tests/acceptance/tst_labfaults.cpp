#include "app/platform/platform.h"
#include "tests/acceptance/labscenes.h"
#include "tests/support/faultproxy.h"
#include "tests/support/heartbeat.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"
#include "tests/ui/offscreen.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QListWidget>
#include <QProcess>
#include <QPushButton>
#include <QRandomGenerator>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTemporaryDir>

using namespace lockscope;
using namespace std::chrono_literals;
using test::LabScene;
using test::WindowDriver;

namespace {

/// What the lab has on a server at this moment; empty: nothing. With whoever looks named otherwise.
QString leftOn(LibpqConnection& session)
{
    return test::scalar(session, "SELECT pg_catalog.concat_ws('; ', "
                                 "(SELECT pg_catalog.string_agg(application_name || ' ' || coalesce(state, ''), ', ') "
                                 "FROM pg_catalog.pg_stat_activity WHERE application_name LIKE 'lockscope lab%' "
                                 "OR application_name LIKE '%(lockscope client)'), "
                                 "(SELECT pg_catalog.count(*) || ' advisory locks' FROM pg_catalog.pg_locks "
                                 "WHERE locktype = 'advisory' HAVING pg_catalog.count(*) > 0), "
                                 "(SELECT pg_catalog.string_agg(gid, ', ') FROM pg_catalog.pg_prepared_xacts))");
}

/// The processes that descend from this one, "lockscope-client 4711"; none on systems without /proc.
QHash<qint64, QString> descendantsOf(qint64 ancestor)
{
    QHash<qint64, qint64> parents;
    QHash<qint64, QString> names;
    const QStringList entries = QDir(QStringLiteral("/proc")).entryList(QDir::Dirs);
    for (const QString& entry : entries) {
        QFile stat(QStringLiteral("/proc/%1/stat").arg(entry));
        if (entry.toLongLong() == 0 || !stat.open(QIODevice::ReadOnly))
            continue;
        const QString line = QString::fromUtf8(stat.readAll());
        const auto opens = line.indexOf(QLatin1Char('('));
        const auto closes = line.lastIndexOf(QLatin1Char(')'));
        parents.insert(entry.toLongLong(), line.mid(closes + 2).section(QLatin1Char(' '), 1, 1).toLongLong());
        names.insert(entry.toLongLong(), line.mid(opens + 1, closes - opens - 1));
    }
    QHash<qint64, QString> found;
    for (auto process = parents.cbegin(); process != parents.cend(); ++process) {
        for (qint64 parent = process.value(); parent > 1; parent = parents.value(parent)) {
            if (parent == ancestor)
                found.insert(process.key(), names.value(process.key()));
        }
    }
    return found;
}

QStringList privateDirectoriesIn(const QString& directory)
{
    return QDir(directory).entryList({QStringLiteral("lockscope-*")}, QDir::Dirs | QDir::Hidden | QDir::System);
}

} // namespace

/// The lab at the worst moment: the console is killed, the server stops, the link falls silent, nothing is left to
/// connect with, the person closes the window or clicks as fast as they can. It says so, goes on, and leaves nothing.
class tst_LabFaults final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();

    void leavesNothingWhenTheConsoleIsKilled_data();
    void leavesNothingWhenTheConsoleIsKilled();
    void saysThatTheServerStoppedAndWorksOnTheNextOne_data();
    void saysThatTheServerStoppedAndWorksOnTheNextOne();
    void canBeLeftOnASilentLink_data();
    void canBeLeftOnASilentLink();
    void saysThatTheServerHasNoSlotLeft_data();
    void saysThatTheServerHasNoSlotLeft();
    void saysThatTheLockTableIsFull_data();
    void saysThatTheLockTableIsFull();
    void endsEverythingWithTheWindow_data();
    void endsEverythingWithTheWindow();
    void survivesImpatientClicking();

private:
    void scenes(std::initializer_list<LabScene> which);
    void open(const Conninfo& conninfo);
    [[nodiscard]] bool isConnected() const { return m_window->isEnabled(QStringLiteral("newSessionButton")); }
    [[nodiscard]] std::unique_ptr<QProcess> startHelper(LabScene scene, const QString& temporary);
    [[nodiscard]] QString words(LabScene scene) { return test::words(*m_window, scene); }
    [[nodiscard]] bool saysThatItIsGone(LabScene scene);
    void clearAway(LabScene scene);

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_witness;
    std::unique_ptr<test::FaultProxy> m_proxy;
    std::unique_ptr<WindowDriver> m_window;
    std::unique_ptr<test::Heartbeat> m_heartbeat;
};

#define BEGIN(scene)                                                                                                   \
    do {                                                                                                               \
        QCOMPARE(test::begin(*m_window, scene), QString());                                                            \
    } while (false)

void tst_LabFaults::initTestCase()
{
    test::muteSizeHintsOfOffscreen();
    m_server = std::make_unique<test::TestServer>(
        QStringLiteral("max_connections = 60\nsuperuser_reserved_connections = 0\nmax_locks_per_transaction = 10\n"));
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    m_witness = m_server->session(QStringLiteral("witness"));
}

void tst_LabFaults::cleanup()
{
    if (m_heartbeat && !QTest::currentTestFailed())
        QVERIFY2(m_heartbeat->isSteady(), m_heartbeat->report().constData());
    m_heartbeat.reset();
    m_window.reset();
    m_proxy.reset();
    if (!m_witness->isOpen())
        m_witness = m_server->session(QStringLiteral("witness"));
    QTRY_COMPARE_WITH_TIMEOUT(leftOn(*m_witness), QString(), 5000);
}

void tst_LabFaults::scenes(std::initializer_list<LabScene> which)
{
    QTest::addColumn<LabScene>("scene");
    for (const LabScene scene : which)
        QTest::newRow(word(scene).constData()) << scene;
}

void tst_LabFaults::open(const Conninfo& conninfo)
{
    m_window = std::make_unique<WindowDriver>(CommandLine{.conninfo = test::connectionText(conninfo)});
    QTRY_VERIFY_WITH_TIMEOUT(isConnected(), 10'000);
}

std::unique_ptr<QProcess> tst_LabFaults::startHelper(LabScene scene, const QString& temporary)
{
    auto helper = std::make_unique<QProcess>();
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("LABHELPER_CONNINFO"), test::connectionText(m_server->conninfo()));
    environment.insert(QStringLiteral("TMPDIR"), temporary);
    environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
    helper->setProcessEnvironment(environment);
    platform::prepareChild(*helper, {}, platform::ProcessSignal::Kill); // it dies with this test
    helper->start(QStringLiteral(LOCKSCOPE_LABHELPER), {QString::fromLatin1(word(scene))});
    return helper;
}

/// In words of the page, and none that would be old.
bool tst_LabFaults::saysThatItIsGone(LabScene scene)
{
    const QString all = words(scene);
    switch (scene) {
    case LabScene::Lesson:
        return all.contains(QStringLiteral("What this lesson has on the server may be gone.")) &&
               m_window->view(QStringLiteral("lessonLockTable"))->model()->rowCount() == 0;
    case LabScene::Pool:
    case LabScene::Pooler:
    case LabScene::Pods:
    case LabScene::Endings:
    case LabScene::Contention:
    case LabScene::Probe:
        return all.contains(QStringLiteral("server"));
    }
    return false;
}

/// What a person clicks before they start over.
void tst_LabFaults::clearAway(LabScene scene)
{
    QString button;
    switch (scene) {
    case LabScene::Lesson:
        button = QStringLiteral("lessonResetButton");
        break;
    case LabScene::Pool:
    case LabScene::Pooler:
        button = QStringLiteral("poolCloseButton");
        break;
    case LabScene::Pods:
        button = QStringLiteral("podsEndAllButton");
        break;
    case LabScene::Endings:
        button = QStringLiteral("resetButton");
        break;
    case LabScene::Probe:
        button = QStringLiteral("probeCloseButton");
        break;
    case LabScene::Contention:
        return;
    }
    if (m_window->isEnabled(button))
        QCOMPARE(m_window->click(button), QString());
    if (scene == LabScene::Probe) // it is deleted by the event loop
        QTRY_COMPARE(test::pageOf(*m_window, scene), nullptr);
    if (scene == LabScene::Pods)
        QTRY_COMPARE(m_window->window().findChild<QWidget*>(QStringLiteral("pod-aCard")), nullptr);
}

void tst_LabFaults::leavesNothingWhenTheConsoleIsKilled_data()
{
    scenes({LabScene::Lesson, LabScene::Pool, LabScene::Pods, LabScene::Endings, LabScene::Contention, LabScene::Pooler,
            LabScene::Probe});
}

void tst_LabFaults::leavesNothingWhenTheConsoleIsKilled()
{
    QFETCH(const LabScene, scene);
    QTemporaryDir temporary;
    // An unprivileged PgBouncer has to get through.
    QVERIFY(QFile::setPermissions(temporary.path(),
                                  QFile::permissions(temporary.path()) | QFile::ExeGroup | QFile::ExeOther));
    auto helper = startHelper(scene, temporary.path());
    QTRY_VERIFY_WITH_TIMEOUT(helper->canReadLine() || helper->state() == QProcess::NotRunning, 20'000);
    QCOMPARE(QString::fromUtf8(helper->readLine()).trimmed(), QStringLiteral("ready"));
    QTRY_VERIFY2(leftOn(*m_witness).contains(QStringLiteral("advisory locks")), qPrintable(leftOn(*m_witness)));
    const QHash<qint64, QString> children = descendantsOf(helper->processId());
#ifdef Q_OS_LINUX
    QCOMPARE(children.isEmpty(), scene != LabScene::Pods && scene != LabScene::Endings && scene != LabScene::Pooler);
#endif
    const QStringList directories = privateDirectoriesIn(temporary.path());
    QCOMPARE(directories.isEmpty(), scene != LabScene::Pooler);

    VERIFY_RESULT(platform::sendSignal(helper->processId(), platform::ProcessSignal::Kill));
    QVERIFY(helper->waitForFinished());
    QTRY_COMPARE_WITH_TIMEOUT(leftOn(*m_witness), QString(), 5000);
    for (auto child = children.cbegin(); child != children.cend(); ++child)
        QTRY_VERIFY2(!platform::processExists(child.key()), qPrintable(child.value()));

    if (scene != LabScene::Pooler)
        return;
    helper = startHelper(scene, temporary.path()); // the next start
    QTRY_VERIFY_WITH_TIMEOUT(helper->canReadLine() || helper->state() == QProcess::NotRunning, 20'000);
    QCOMPARE(QString::fromUtf8(helper->readLine()).trimmed(), QStringLiteral("ready"));
    for (const QString& directory : directories)
        QTRY_VERIFY2(!privateDirectoriesIn(temporary.path()).contains(directory), qPrintable(directory));
    helper->kill();
    QVERIFY(helper->waitForFinished());
}

void tst_LabFaults::saysThatTheServerStoppedAndWorksOnTheNextOne_data()
{
    scenes(
        {LabScene::Lesson, LabScene::Pool, LabScene::Pods, LabScene::Endings, LabScene::Contention, LabScene::Probe});
}

void tst_LabFaults::saysThatTheServerStoppedAndWorksOnTheNextOne()
{
    QFETCH(const LabScene, scene);
    open(m_server->conninfo());
    BEGIN(scene);
    m_witness->close();
    VERIFY_RESULT(m_server->sandbox().haltAndWait(30s));
    m_heartbeat = std::make_unique<test::Heartbeat>();
    if (scene == LabScene::Pool) // an idle connection of a pool learns of its end when it is used
        QCOMPARE(m_window->click(QStringLiteral("poolAcquireButton")), QString());
    QTRY_VERIFY2_WITH_TIMEOUT(saysThatItIsGone(scene), qPrintable(words(scene)), 8000);
    QVERIFY2(m_heartbeat->isSteady(), m_heartbeat->report().constData());
    VERIFY_RESULT(m_server->sandbox().restartAndWait(30s)); // blocks this thread
    m_heartbeat->restart();
    clearAway(scene);
    BEGIN(scene);
    m_heartbeat.reset(); // starting processes is this thread's work
}

void tst_LabFaults::canBeLeftOnASilentLink_data()
{
    scenes(
        {LabScene::Lesson, LabScene::Pool, LabScene::Pods, LabScene::Endings, LabScene::Contention, LabScene::Probe});
}

void tst_LabFaults::canBeLeftOnASilentLink()
{
    QFETCH(const LabScene, scene);
    m_proxy = std::make_unique<test::FaultProxy>(m_server->conninfo());
    open(m_proxy->conninfo());
    BEGIN(scene);
    m_heartbeat = std::make_unique<test::Heartbeat>();
    m_proxy->stall();
    QTest::qWait(700); // for every question that is asked regularly to get stuck
    QVERIFY2(m_heartbeat->isSteady(), m_heartbeat->report().constData());
    m_heartbeat.reset(); // the click itself lays out every page anew and kills the pods
    QElapsedTimer since;
    since.start();
    if (scene == LabScene::Probe)
        QCOMPARE(m_window->click(QStringLiteral("probeCloseButton")), QString());
    QCOMPARE(m_window->trigger(QStringLiteral("actionDisconnect")), QString());
    QVERIFY2(since.elapsed() < 300, qPrintable(QString::number(since.elapsed())));
    m_heartbeat = std::make_unique<test::Heartbeat>();
    QTRY_VERIFY(!isConnected());
    // Another server is at hand at once, while what was left ends in the background.
    m_proxy->forward();
    m_window->console().quitNow();
}

void tst_LabFaults::saysThatTheServerHasNoSlotLeft_data()
{
    scenes(
        {LabScene::Lesson, LabScene::Pool, LabScene::Pods, LabScene::Endings, LabScene::Contention, LabScene::Probe});
}

void tst_LabFaults::saysThatTheServerHasNoSlotLeft()
{
    QFETCH(const LabScene, scene);
    open(m_server->conninfo());
    std::vector<std::unique_ptr<LibpqConnection>> crowd;
    for (bool room = true; room;) {
        auto one = std::make_unique<LibpqConnection>();
        room = one->open(m_server->conninfo().with(QStringLiteral("application_name"), QStringLiteral("crowd")), 5s)
                   .has_value();
        if (room)
            crowd.push_back(std::move(one));
    }
    const QString trouble = test::begin(*m_window, scene, 1500ms);
    QVERIFY(!trouble.isEmpty() || scene == LabScene::Pods || scene == LabScene::Endings);
    QTRY_VERIFY2_WITH_TIMEOUT(
        words(scene).contains(QRegularExpression(QStringLiteral("connection slot|connections|failed"))),
        qPrintable(words(scene)), 8000);
    QTRY_VERIFY2(!leftOn(*m_witness).contains(QStringLiteral("lockscope")), qPrintable(leftOn(*m_witness)));
}

void tst_LabFaults::saysThatTheLockTableIsFull_data()
{
    scenes(
        {LabScene::Lesson, LabScene::Pool, LabScene::Pods, LabScene::Endings, LabScene::Contention, LabScene::Probe});
}

void tst_LabFaults::saysThatTheLockTableIsFull()
{
    QFETCH(const LabScene, scene);
    open(m_server->conninfo());
    auto hog = m_server->session(QStringLiteral("hog"));
    QVERIFY(!hog->executeOne("SELECT count(pg_advisory_lock(9, i)) FROM generate_series(1, 1000000) AS i", 60s));
    const QString trouble = test::begin(*m_window, scene, 1500ms);
    QVERIFY(!trouble.isEmpty() || scene == LabScene::Pods || scene == LabScene::Endings);
    QTRY_VERIFY2_WITH_TIMEOUT(
        words(scene).contains(QRegularExpression(QStringLiteral("lock table is full|shared memory|failed"))),
        qPrintable(words(scene)), 8000);
    hog.reset();
}

void tst_LabFaults::endsEverythingWithTheWindow_data()
{
    scenes(
        {LabScene::Lesson, LabScene::Pool, LabScene::Pods, LabScene::Endings, LabScene::Contention, LabScene::Probe});
}

void tst_LabFaults::endsEverythingWithTheWindow()
{
    QFETCH(const LabScene, scene);
    open(m_server->conninfo());
    BEGIN(scene);
    QSignalSpy finished(&m_window->console(), &Console::finished);
    QElapsedTimer since;
    since.start();
    m_window->console().quitNow();
    QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 3000);
    m_window.reset();
    QTRY_COMPARE_WITH_TIMEOUT(leftOn(*m_witness), QString(), 3000);
    QVERIFY2(since.elapsed() < 3000, qPrintable(QString::number(since.elapsed())));
}

/// As fast as the events come, on whatever can be clicked at that moment.
void tst_LabFaults::survivesImpatientClicking()
{
    open(m_server->conninfo());
    QRandomGenerator chance(4711);
    const auto press = [this](const QString& name) {
        for (auto* const button : m_window->window().findChildren<QAbstractButton*>(name)) {
            if (button->isVisible() && button->isEnabled())
                button->click();
        }
        test::allow(m_window->window());
    };
    const auto breathe = [&chance] { QTest::qWait(static_cast<int>(chance.bounded(25))); };
    QCOMPARE(m_window->trigger(QStringLiteral("actionShowLab")), QString());

    QCOMPARE(m_window->click(QStringLiteral("poolTab")), QString());
    for (int click = 0; click < 20; ++click) {
        press(QStringLiteral("poolOpenButton"));
        breathe();
        press(QStringLiteral("poolAcquireButton"));
        press(QStringLiteral("poolCloseButton"));
    }

    QCOMPARE(m_window->click(QStringLiteral("lessonsTab")), QString());
    auto* const lessons = qobject_cast<QListWidget*>(m_window->view(QStringLiteral("lessonList")));
    for (int click = 0; click < 30; ++click) {
        switch (chance.bounded(4)) {
        case 0:
            lessons->setCurrentRow(static_cast<int>(chance.bounded(lessons->count())));
            break;
        case 1:
            press(QStringLiteral("lessonPlayButton"));
            break;
        case 2:
            press(QStringLiteral("lessonStepButton"));
            break;
        default:
            press(QStringLiteral("lessonResetButton"));
        }
        breathe();
    }
    press(QStringLiteral("lessonResetButton"));

    QCOMPARE(m_window->click(QStringLiteral("podsTab")), QString());
    press(QStringLiteral("podsStartButton"));
    for (int click = 0; click < 30; ++click) {
        const QString pod = QStringLiteral("pod-") + QChar(u'a' + static_cast<int>(chance.bounded(3)));
        static const QStringList buttons{QStringLiteral("SyncButton"), QStringLiteral("CrashButton"),
                                         QStringLiteral("RestartButton"), QStringLiteral("FreezeButton")};
        press(pod + buttons.at(chance.bounded(buttons.size())));
        breathe();
    }
    press(QStringLiteral("podsEndAllButton"));

    QCOMPARE(m_window->click(QStringLiteral("contentionTab")), QString());
    for (int click = 0; click < 6; ++click) {
        press(QStringLiteral("contentionStart"));
        breathe();
    }
    QCOMPARE(m_window->trigger(QStringLiteral("actionDisconnect")), QString());
    // Everything is gone with the console still there.
    QTRY_COMPARE_WITH_TIMEOUT(leftOn(*m_witness), QString(), 5000);
}

QTEST_MAIN(tst_LabFaults)
#include "tst_labfaults.moc"
