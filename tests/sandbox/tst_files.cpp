#include "app/platform/files.h"
#include "tests/support/suite.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>

using namespace lockscope;
using namespace lockscope::platform;

class FilesTest final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void privateDirectoryIsForItsOwnerAlone();
    void privateDirectoryThatCannotBeMadeIsAnError();
    void lockIsHeldUntilItsOwnerIsGone();
    void lockOfALinkIsNotTaken();
    void lockOfAFileThatSaysSomethingElseIsNotTaken();
    void removesATreeWithLinksButNotWhatTheyPointTo();
    void doesNotRemoveThroughALink();
    void removingWhatIsNotThereIsFine();
    void nobodyHoldsTheLockOfAFreeFile();
    void knowsWhichPortIsTaken();

private:
    static void write(const QString& path, const QByteArray& content)
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
    }
};

void FilesTest::privateDirectoryIsForItsOwnerAlone()
{
    const QTemporaryDir place;
    const auto made = createPrivateDirectory(place.filePath(QStringLiteral("one-")));
    VERIFY_RESULT(made);
    QVERIFY(isOwnDirectory(*made));
    const auto others =
        QFile::ReadGroup | QFile::WriteGroup | QFile::ExeGroup | QFile::ReadOther | QFile::WriteOther | QFile::ExeOther;
    QCOMPARE(QFileInfo(*made).permissions() & others, QFile::Permissions());
    QFile::link(*made, place.filePath(QStringLiteral("link")));
    QVERIFY(!isOwnDirectory(place.filePath(QStringLiteral("link"))));
    QVERIFY(!isOwnDirectory(place.filePath(QStringLiteral("missing"))));
}

void FilesTest::privateDirectoryThatCannotBeMadeIsAnError()
{
    const auto made = createPrivateDirectory(QStringLiteral("/nowhere/at all/one-"));
    QVERIFY(!made);
    QCOMPARE(made.error().what,
             QStringLiteral("A directory /nowhere/at all/one-... could not be made: No such file or directory."));
}

void FilesTest::lockIsHeldUntilItsOwnerIsGone()
{
    const QTemporaryDir place;
    const QString path = place.filePath(QStringLiteral("owner"));
    {
        const auto lock = OwnerLock::create(path, "ours\n");
        VERIFY_RESULT(lock);
        QVERIFY(!OwnerLock::takeOver(path, "ours\n"));
    }
    QVERIFY(OwnerLock::takeOver(path, "ours\n"));
    QCOMPARE(QDir(place.path()).entryList(QDir::Files), QStringList(QStringLiteral("owner")));
}

void FilesTest::lockOfALinkIsNotTaken()
{
    const QTemporaryDir place;
    write(place.filePath(QStringLiteral("file")), "ours\n");
    QVERIFY(OwnerLock::takeOver(place.filePath(QStringLiteral("file")), "ours\n"));
    QFile::link(place.filePath(QStringLiteral("file")), place.filePath(QStringLiteral("owner")));
    QVERIFY(!OwnerLock::takeOver(place.filePath(QStringLiteral("owner")), "ours\n"));
    QVERIFY(!OwnerLock::takeOver(place.filePath(QStringLiteral("missing")), "ours\n"));
    QVERIFY(!OwnerLock::takeOver(place.path(), "ours\n"));
}

void FilesTest::lockOfAFileThatSaysSomethingElseIsNotTaken()
{
    const QTemporaryDir place;
    write(place.filePath(QStringLiteral("owner")), "theirs\n");
    QVERIFY(!OwnerLock::takeOver(place.filePath(QStringLiteral("owner")), "ours\n"));
    write(place.filePath(QStringLiteral("owner")), "our");
    QVERIFY(!OwnerLock::takeOver(place.filePath(QStringLiteral("owner")), "ours\n"));
}

void FilesTest::removesATreeWithLinksButNotWhatTheyPointTo()
{
    const QTemporaryDir place;
    QVERIFY(QDir(place.path()).mkpath(QStringLiteral("kept/inner")));
    QVERIFY(QDir(place.path()).mkpath(QStringLiteral("tree/a/b/c")));
    write(place.filePath(QStringLiteral("kept/inner/file")), "kept");
    write(place.filePath(QStringLiteral("tree/a/b/.hidden")), "gone");
    write(place.filePath(QStringLiteral("tree/owner")), "gone");
    QVERIFY(QFile::link(place.filePath(QStringLiteral("kept")), place.filePath(QStringLiteral("tree/a/b/link"))));
    VERIFY_RESULT(removeTree(place.filePath(QStringLiteral("tree")), QStringLiteral("owner")));
    QCOMPARE(QDir(place.path()).entryList(QDir::AllEntries | QDir::NoDotAndDotDot),
             QStringList(QStringLiteral("kept")));
    QVERIFY(QFile::exists(place.filePath(QStringLiteral("kept/inner/file"))));
}

void FilesTest::doesNotRemoveThroughALink()
{
    const QTemporaryDir place;
    QVERIFY(QDir(place.path()).mkpath(QStringLiteral("kept")));
    write(place.filePath(QStringLiteral("kept/file")), "kept");
    QVERIFY(QFile::link(place.filePath(QStringLiteral("kept")), place.filePath(QStringLiteral("link"))));
    QVERIFY(!removeTree(place.filePath(QStringLiteral("link"))));
    QVERIFY(QFile::exists(place.filePath(QStringLiteral("kept/file"))));
}

void FilesTest::removingWhatIsNotThereIsFine()
{
    const QTemporaryDir place;
    VERIFY_RESULT(removeTree(place.filePath(QStringLiteral("missing"))));
}

void FilesTest::nobodyHoldsTheLockOfAFreeFile()
{
    const QTemporaryDir place;
    const QString path = place.filePath(QStringLiteral("server.lock"));
    QCOMPARE(lockHolder(path), 0);
    write(path, {});
    QCOMPARE(lockHolder(path), 0);

    QProcess process;
    prepareChild(process, std::nullopt, ProcessSignal::Kill, path);
    process.start(QStringLiteral("sleep"), {QStringLiteral("60")});
    QVERIFY(process.waitForStarted());
    QCOMPARE(lockHolder(path), process.processId());

    // Only one at a time.
    QProcess second;
    second.setProcessChannelMode(QProcess::SeparateChannels);
    prepareChild(second, std::nullopt, ProcessSignal::Kill, path);
    second.start(QStringLiteral("sleep"), {QStringLiteral("60")});
    QVERIFY(second.waitForFinished());
    QCOMPARE(second.exitCode(), 126);
    QCOMPARE(second.readAllStandardError(), QByteArray("could not lock the file that tells that the server runs\n"));

    process.kill();
    QVERIFY(process.waitForFinished());
    QCOMPARE(lockHolder(path), 0);
}

void FilesTest::knowsWhichPortIsTaken()
{
    // Ports below 1024 are root's; this one needs no server: two binds of one process exclude each other as well.
    quint16 port = 21'000;
    while (!isFreeLoopbackPort(port))
        ++port;
    QProcess listener;
    listener.start(QStringLiteral("python3"),
                   {QStringLiteral("-c"),
                    QStringLiteral("import socket,sys; s=socket.socket(); s.bind(('127.0.0.1',%1)); s.listen(); "
                                   "print('listening',flush=True); sys.stdin.read()")
                        .arg(port)});
    QVERIFY(listener.waitForReadyRead());
    QVERIFY(!isFreeLoopbackPort(port));
    listener.closeWriteChannel();
    QVERIFY(listener.waitForFinished());
    QVERIFY(isFreeLoopbackPort(port));
}

QTEST_GUILESS_MAIN(FilesTest)
#include "tst_files.moc"
