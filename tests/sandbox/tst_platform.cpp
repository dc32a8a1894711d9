#include "app/platform/platform.h"
#include "tests/sandbox/helperprocess.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>
#include <QFileInfo>
#include <QProcess>
#include <QScopeGuard>
#include <QTemporaryFile>
#include <QThread>

#include <cerrno>
#include <clocale>
#include <cstdio>
#include <memory>
#include <thread>

#include <unistd.h>

using namespace std::chrono_literals;
using namespace lockscope;
using namespace lockscope::platform;

class PlatformTest final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void aBrokenPipeIsAnErrorWhereItIsIgnored();
    void sendsSignals();
    void stopsAndContinuesAProcess();
    void refusesToSignalGroupsAndTheFirstProcess();
    void saysThatAProcessHasEnded();
    void seesTheEndOfAStranger();
    void childDiesWithItsParent();
    void childOfADeadParentEndsAtOnce();
    void childOfAnAccountDiesWithItsParent();
    void preparedChildIsTheAccountAndNothingElse();
    void preparedChildHasAProcessGroupOfItsOwn();
    void preparedChildInheritsNothingThatIsOpen();
    void speaksEnglishInEveryLocale();
    void hidesItsEnvironment();
    void terminationRequestsCallBack_data();
    void terminationRequestsCallBack();
    void terminationEndsTheProcessOnceTheContextIsGone();
    void wakeUpStaysRungUntilCleared();
    void wakeUpEndsAWaitFromAnotherThread();
    void waitingTimesOut();
    void waitingForEverDoesNotOverflow();
    void aDescriptorThatIsNotOpenFails();
    void seesASocketThatIsReady();
    void shutdownFreesABlockedThread();
};

void PlatformTest::sendsSignals()
{
    QProcess process;
    process.start(QStringLiteral("sleep"), {QStringLiteral("60")});
    QVERIFY(process.waitForStarted());
    QVERIFY(processExists(process.processId()));
    VERIFY_RESULT(sendSignal(process.processId(), ProcessSignal::Terminate));
    QVERIFY(process.waitForFinished());
    QCOMPARE(process.exitStatus(), QProcess::CrashExit);
    QCOMPARE(process.exitCode(), 15);
}

void PlatformTest::stopsAndContinuesAProcess()
{
    // A stopped process neither reads nor answers.
    QProcess process;
    process.start(QStringLiteral("cat"), {});
    QVERIFY(process.waitForStarted());
    VERIFY_RESULT(sendSignal(process.processId(), ProcessSignal::Stop));
    process.write("hello\n");
    process.waitForBytesWritten();
    QVERIFY(!process.waitForReadyRead(100));
    QVERIFY(processExists(process.processId()));
    VERIFY_RESULT(sendSignal(process.processId(), ProcessSignal::Continue));
    QVERIFY(process.waitForReadyRead());
    QCOMPARE(process.readAll(), QByteArray("hello\n"));
    process.closeWriteChannel();
    QVERIFY(process.waitForFinished());
}

void PlatformTest::refusesToSignalGroupsAndTheFirstProcess()
{
    for (const qint64 processId : {-1, 0, 1}) {
        const auto result = sendSignal(processId, ProcessSignal::Continue);
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Usage);
    }
}

void PlatformTest::saysThatAProcessHasEnded()
{
    QProcess process;
    process.start(QStringLiteral("true"), {});
    QVERIFY(process.waitForStarted());
    const qint64 processId = process.processId();
    QVERIFY(process.waitForFinished());
    QVERIFY(!processExists(processId));
    const auto result = sendSignal(processId, ProcessSignal::Kill);
    QVERIFY(!result);
    QCOMPARE(result.error().what, QStringLiteral("The process %1 has ended already.").arg(processId));
}

void PlatformTest::seesTheEndOfAStranger()
{
    test::HelperProcess parent({QStringLiteral("parent")});
    const qint64 stranger = parent.firstLine().toLongLong();
    QVERIFY(stranger > 1);
    QVERIFY(!waitForProcessEnd(stranger, 50ms));
    VERIFY_RESULT(sendSignal(stranger, ProcessSignal::Kill));
    QVERIFY(waitForProcessEnd(stranger, 5s));
    QVERIFY(!processExists(stranger));
    QVERIFY(waitForProcessEnd(stranger, 0s));
}

void PlatformTest::childDiesWithItsParent()
{
    test::HelperProcess parent({QStringLiteral("parent")});
    const qint64 child = parent.firstLine().toLongLong();
    QVERIFY(child > 1);
    QVERIFY(processExists(child));
    parent.kill();
    QVERIFY(waitForProcessEnd(child, 2s));
}

void PlatformTest::childOfADeadParentEndsAtOnce()
{
    // Process 1 is alive and never the parent of a process that a test starts directly.
    test::HelperProcess child({QStringLiteral("child"), QStringLiteral("1")});
    QCOMPARE(child.firstLine(), QString());
    QVERIFY(child.process().state() == QProcess::NotRunning || child.process().waitForFinished());
    QCOMPARE(child.process().exitCode(), 126);
}

void PlatformTest::childOfAnAccountDiesWithItsParent()
{
    test::HelperProcess parent({QStringLiteral("parent of an account's child")});
    const qint64 child = parent.firstLine().toLongLong();
    QVERIFY(child > 1);
    QVERIFY(processExists(child));
    parent.kill();
    QVERIFY(waitForProcessEnd(child, 2s));
}

void PlatformTest::preparedChildIsTheAccountAndNothingElse()
{
    const auto account = isAdministrator() ? unprivilegedAccount() : std::nullopt;
    QCOMPARE(account.has_value(), isAdministrator());
    const auto outputOf = [](QProcess& process) {
        process.waitForFinished();
        return QString::fromUtf8(process.readAllStandardOutput()).trimmed();
    };
    QProcess process;
    prepareChild(process, account, ProcessSignal::Kill);
    // Real, effective, saved and file system user and group; all groups; the directory it starts in.
    process.start(QStringLiteral("sh"), {QStringLiteral("-c"), QStringLiteral("grep -E '^[UG]id:' /proc/self/status; "
                                                                              "id -G | tr ' ' '\\n' | sort; pwd")});
    const QStringList lines = outputOf(process).split(QLatin1Char('\n'));
    if (!account) {
        QVERIFY(!lines.value(0).contains(QStringLiteral("\t0")));
        return;
    }
    QProcess groups; // what the system's own tables say
    groups.start(QStringLiteral("sh"), {QStringLiteral("-c"), QStringLiteral("id -G \"$1\" | tr ' ' '\\n' | sort"),
                                        QStringLiteral("sh"), account->name});
    const auto fourTimes = [](const QString& name, quint32 number) {
        return QStringLiteral("%1:").arg(name) + QStringLiteral("\t%1").arg(number).repeated(4);
    };
    QStringList expected = {fourTimes(QStringLiteral("Uid"), account->userId),
                            fourTimes(QStringLiteral("Gid"), account->groupId)};
    expected += outputOf(groups).split(QLatin1Char('\n'));
    expected += QStringLiteral("/");
    QCOMPARE(lines, expected);
}

void PlatformTest::preparedChildHasAProcessGroupOfItsOwn()
{
    QProcess process;
    prepareChild(process, std::nullopt, ProcessSignal::Kill);
    process.start(QStringLiteral("cat"), {QStringLiteral("/proc/self/stat")});
    QVERIFY(process.waitForStarted());
    const QString processId = QString::number(process.processId());
    QVERIFY(process.waitForFinished());
    // pid (name) state parent group ...
    const QString output = QString::fromUtf8(process.readAllStandardOutput());
    QCOMPARE(output.section(QLatin1Char(' '), 4, 4), processId);
}

void PlatformTest::preparedChildInheritsNothingThatIsOpen()
{
    QTemporaryFile marked;
    QVERIFY(marked.open());
    // As a library has it between opening and marking: for a child that is not prepared this is visible.
    std::FILE* const unmarked = std::fopen(QFile::encodeName(marked.fileName()).constData(), "r");
    QVERIFY(unmarked);
    QProcess child;
    prepareChild(child, std::nullopt, ProcessSignal::Kill);
    child.start(QStringLiteral("/bin/sh"), {QStringLiteral("-c"), QStringLiteral("ls -l /proc/$$/fd")});
    QVERIFY(child.waitForFinished());
    const QByteArray open = child.readAllStandardOutput();
    std::fclose(unmarked);
    QVERIFY2(open.contains(" 0 -> "), open.constData());
    QVERIFY2(!open.contains(QFile::encodeName(marked.fileName())), open.constData());
}

void PlatformTest::speaksEnglishInEveryLocale()
{
    const QByteArray before = std::setlocale(LC_ALL, nullptr);
    QVERIFY(std::setlocale(LC_ALL, "C.UTF-8"));
    speakEnglishInternally();
    const QByteArray messages = std::setlocale(LC_MESSAGES, nullptr);
    const QByteArray characters = std::setlocale(LC_CTYPE, nullptr);
    std::setlocale(LC_ALL, before.constData());
    QCOMPARE(messages, QByteArray("C"));
    QCOMPARE(characters, QByteArray("C.UTF-8"));
}

void PlatformTest::hidesItsEnvironment()
{
    // As root the owner of the files would be root in either case, so the helper runs as somebody else.
    const auto account = isAdministrator() ? unprivilegedAccount() : std::nullopt;
    test::HelperProcess open({QStringLiteral("answer")}, account);
    test::HelperProcess hidden({QStringLiteral("secretive")}, account);
    QCOMPARE(open.firstLine(), QStringLiteral("listening"));
    QCOMPARE(hidden.firstLine(), QStringLiteral("hidden"));
    const auto environment = QStringLiteral("/proc/%1/environ");
    QVERIFY(QFileInfo(environment.arg(open.process().processId())).ownerId() != 0);
    QCOMPARE(QFileInfo(environment.arg(hidden.process().processId())).ownerId(), 0U);

    QFile limits(QStringLiteral("/proc/%1/limits").arg(hidden.process().processId()));
    QVERIFY(limits.open(QIODevice::ReadOnly));
    const QString text = QString::fromUtf8(limits.readAll()).simplified();
    QVERIFY2(text.contains(QStringLiteral("Max core file size 0 0")), qPrintable(text));
}

void PlatformTest::terminationRequestsCallBack_data()
{
    QTest::addColumn<int>("signal");
    QTest::newRow("SIGTERM") << static_cast<int>(ProcessSignal::Terminate);
    QTest::newRow("SIGINT") << static_cast<int>(ProcessSignal::Interrupt);
}

void PlatformTest::terminationRequestsCallBack()
{
    QFETCH(const int, signal);
    test::HelperProcess helper({QStringLiteral("answer")});
    QCOMPARE(helper.firstLine(), QStringLiteral("listening"));
    VERIFY_RESULT(sendSignal(helper.process().processId(), static_cast<ProcessSignal>(signal)));
    QVERIFY(helper.process().waitForFinished());
    QCOMPARE(helper.process().readAllStandardOutput(), QByteArray("asked to end\n"));
    QCOMPARE(helper.process().exitStatus(), QProcess::NormalExit);
    QCOMPARE(helper.process().exitCode(), 7);
}

void PlatformTest::terminationEndsTheProcessOnceTheContextIsGone()
{
    test::HelperProcess helper({QStringLiteral("forget")});
    QCOMPARE(helper.firstLine(), QStringLiteral("listening"));
    VERIFY_RESULT(sendSignal(helper.process().processId(), ProcessSignal::Terminate));
    QVERIFY(helper.process().waitForFinished());
    QCOMPARE(helper.process().exitStatus(), QProcess::CrashExit);
}

void PlatformTest::wakeUpStaysRungUntilCleared()
{
    WakeUp wakeUp;
    QCOMPARE(waitForSocket(-1, false, 0ms, &wakeUp), SocketEvent::TimedOut);
    wakeUp.ring();
    wakeUp.ring();
    QCOMPARE(waitForSocket(-1, false, 0ms, &wakeUp), SocketEvent::WokenUp);
    QCOMPARE(waitForSocket(-1, false, 0ms, &wakeUp), SocketEvent::WokenUp);
    wakeUp.clear();
    QCOMPARE(waitForSocket(-1, false, 0ms, &wakeUp), SocketEvent::TimedOut);
    // More rings than a pipe holds neither block nor get lost.
    for (int count = 0; count < 100'000; ++count)
        wakeUp.ring();
    QCOMPARE(waitForSocket(-1, false, 0ms, &wakeUp), SocketEvent::WokenUp);
    wakeUp.clear();
    QCOMPARE(waitForSocket(-1, false, 0ms, &wakeUp), SocketEvent::TimedOut);
}

void PlatformTest::wakeUpEndsAWaitFromAnotherThread()
{
    WakeUp wakeUp;
    auto event = SocketEvent::Failed;
    const std::unique_ptr<QThread> waiter(QThread::create([&] { event = waitForSocket(-1, false, 30s, &wakeUp); }));
    waiter->start();
    QVERIFY(!waiter->wait(50));
    wakeUp.ring();
    QVERIFY(waiter->wait(5000));
    QCOMPARE(event, SocketEvent::WokenUp);
}

void PlatformTest::waitingTimesOut()
{
    const WakeUp wakeUp;
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(waitForSocket(-1, false, 60ms, &wakeUp), SocketEvent::TimedOut);
    QVERIFY(timer.elapsed() >= 60);
    QCOMPARE(waitForSocket(-1, false, -5s, &wakeUp), SocketEvent::TimedOut);
}

void PlatformTest::waitingForEverDoesNotOverflow()
{
    WakeUp wakeUp;
    wakeUp.ring();
    QCOMPARE(waitForSocket(-1, false, std::chrono::milliseconds::max(), &wakeUp), SocketEvent::WokenUp);
}

void PlatformTest::aDescriptorThatIsNotOpenFails()
{
    QCOMPARE(waitForSocket(987'654, false, 1s, nullptr), SocketEvent::Failed);
}

void PlatformTest::seesASocketThatIsReady()
{
    test::TestServer server;
    QVERIFY2(server.problem().isEmpty(), qPrintable(server.problem()));
    const auto session = server.session();
    const auto other = server.session();
    const WakeUp wakeUp;
    QCOMPARE(waitForSocket(session->socket(), true, 5s, &wakeUp), SocketEvent::Writable);
    QCOMPARE(waitForSocket(session->socket(), false, 0ms, &wakeUp), SocketEvent::TimedOut);
    const QByteArray end = "select pg_catalog.pg_terminate_backend(" +
                           test::scalar(*session, "select pg_catalog.pg_backend_pid()").toLatin1() + ")";
    QCOMPARE(test::scalar(*other, end), QStringLiteral("t"));
    QCOMPARE(waitForSocket(session->socket(), false, 5s, &wakeUp), SocketEvent::Readable);
}

void PlatformTest::shutdownFreesABlockedThread()
{
    test::TestServer server;
    QVERIFY2(server.problem().isEmpty(), qPrintable(server.problem()));
    const auto session = server.session();
    auto event = SocketEvent::Failed;
    const std::unique_ptr<QThread> reader(
        QThread::create([&] { event = waitForSocket(session->socket(), false, 30s, nullptr); }));
    reader->start();
    QVERIFY(!reader->wait(50));
    shutdownSocket(session->socket());
    QVERIFY(reader->wait(5000));
    QCOMPARE(event, SocketEvent::Readable);
    shutdownSocket(-1); // nothing to do
}

void PlatformTest::aBrokenPipeIsAnErrorWhereItIsIgnored()
{
    int ends[2] = {-1, -1};
    QCOMPARE(::pipe(ends), 0);
    ::close(ends[0]);
    ssize_t written = 0;
    int error = 0;
    std::thread([&] {
        platform::ignoreBrokenPipesOnThisThread();
        written = ::write(ends[1], "x", 1);
        error = errno;
    }).join();
    ::close(ends[1]);
    QCOMPARE(written, ssize_t(-1));
    QCOMPARE(error, EPIPE);
}

QTEST_GUILESS_MAIN(PlatformTest)
#include "tst_platform.moc"
