#include "app/sandbox/serverbinaries.h"
#include "tests/support/suite.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>

using namespace lockscope;

class ServerBinariesTest final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup() { qunsetenv("LOCKSCOPE_PG_BINDIR"); }

    void findsTheServerOfThisMachine();
    void variableIsObeyed();
    void variableThatNamesNoServerIsNotOverruled();
    void nothingFoundSaysWhatToInstall();
    void takesTheFirstFolderWithBothPrograms();
    void readsEveryKindOfVersion_data();
    void readsEveryKindOfVersion();
    void tooOldIsSaid();

private:
    /// A folder with an initdb and a postgres that only tells its version.
    QString pretend(const QString& name, const QString& version, bool withInitdb = true);
    std::unique_ptr<QTemporaryDir> m_place;
};

void ServerBinariesTest::init()
{
    Suite::init();
    m_place = std::make_unique<QTemporaryDir>();
}

QString ServerBinariesTest::pretend(const QString& name, const QString& version, bool withInitdb)
{
    QDir directory(m_place->path());
    directory.mkpath(name);
    directory.cd(name);
    QStringList programs = {QStringLiteral("postgres")};
    if (withInitdb)
        programs.append(QStringLiteral("initdb"));
    for (const QString& program : std::as_const(programs)) {
        QFile file(directory.filePath(program));
        if (file.open(QIODevice::WriteOnly))
            file.write(QStringLiteral("#!/bin/sh\necho '%1'\n").arg(version).toUtf8());
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    }
    return directory.path();
}

void ServerBinariesTest::findsTheServerOfThisMachine()
{
    const auto found = findServerBinaries();
    VERIFY_RESULT(found);
    QVERIFY2(found->version.startsWith(QString::number(found->major)), qPrintable(found->version));
    QVERIFY(found->major >= 10);
    QVERIFY(QFile::exists(found->directory + QStringLiteral("/initdb")));
    qInfo("PostgreSQL %s in %s", qPrintable(found->version), qPrintable(found->directory));
}

void ServerBinariesTest::variableIsObeyed()
{
    const QString directory = pretend(QStringLiteral("mine"), QStringLiteral("postgres (PostgreSQL) 18beta1"));
    qputenv("LOCKSCOPE_PG_BINDIR", QFile::encodeName(directory));
    const auto found = findServerBinaries();
    VERIFY_RESULT(found);
    QCOMPARE(found->directory, directory);
    QCOMPARE(found->version, QStringLiteral("18beta1"));
}

void ServerBinariesTest::variableThatNamesNoServerIsNotOverruled()
{
    qputenv("LOCKSCOPE_PG_BINDIR", "/nowhere/at all");
    const auto found = findServerBinaries();
    QVERIFY(!found);
    QCOMPARE(found.error().kind, ErrorKind::Usage);
    QCOMPARE(found.error().what,
             QStringLiteral("LOCKSCOPE_PG_BINDIR names /nowhere/at all, where there is no PostgreSQL server "
                            "of version 10 or newer that can be run."));
    QVERIFY(found.error().advice.contains(QStringLiteral("unset it")));
}

void ServerBinariesTest::nothingFoundSaysWhatToInstall()
{
    const auto found = findServerBinariesIn({m_place->path(), QStringLiteral("/nowhere")});
    QVERIFY(!found);
    QCOMPARE(found.error().what,
             QStringLiteral("No PostgreSQL server was found on this machine, so no sandbox can be started."));
    for (const QString& word :
         {QStringLiteral("\"postgresql\" on Debian and Ubuntu"), QStringLiteral("\"postgresql-server\""),
          QStringLiteral("brew install postgresql@17"), QStringLiteral("LOCKSCOPE_PG_BINDIR")})
        QVERIFY2(found.error().advice.contains(word), qPrintable(found.error().advice));
}

void ServerBinariesTest::takesTheFirstFolderWithBothPrograms()
{
    const QString version = QStringLiteral("postgres (PostgreSQL) %1");
    const QString clientOnly = pretend(QStringLiteral("client"), version.arg(QStringLiteral("18.1")), false);
    const QString broken = pretend(QStringLiteral("broken"), QStringLiteral("cannot open shared object"));
    const QString good = pretend(QStringLiteral("good"), version.arg(QStringLiteral("16.3")));
    const QString alsoGood = pretend(QStringLiteral("also"), version.arg(QStringLiteral("17.0")));
    const auto found = findServerBinariesIn({QString(), clientOnly, broken, good, alsoGood});
    VERIFY_RESULT(found);
    QCOMPARE(found->directory, good);
    QCOMPARE(found->version, QStringLiteral("16.3"));
    QCOMPARE(found->major, 16);
}

void ServerBinariesTest::readsEveryKindOfVersion_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("version");
    QTest::addColumn<int>("major");
    QTest::newRow("Debian") << QStringLiteral("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)")
                            << QStringLiteral("15.18") << 15;
    QTest::newRow("plain") << QStringLiteral("postgres (PostgreSQL) 17.0") << QStringLiteral("17.0") << 17;
    QTest::newRow("beta") << QStringLiteral("postgres (PostgreSQL) 18beta2") << QStringLiteral("18beta2") << 18;
    QTest::newRow("development") << QStringLiteral("postgres (PostgreSQL) 19devel") << QStringLiteral("19devel") << 19;
}

void ServerBinariesTest::readsEveryKindOfVersion()
{
    QFETCH(const QString, text);
    QFETCH(const QString, version);
    QFETCH(const int, major);
    const auto found = findServerBinariesIn({pretend(QStringLiteral("one"), text)});
    VERIFY_RESULT(found);
    QCOMPARE(found->version, version);
    QCOMPARE(found->major, major);
}

void ServerBinariesTest::tooOldIsSaid()
{
    const auto found =
        findServerBinariesIn({pretend(QStringLiteral("old"), QStringLiteral("postgres (PostgreSQL) 9.6.24"))});
    QVERIFY(!found);
    QCOMPARE(found.error().what,
             QStringLiteral("Only PostgreSQL 9.6.24 was found on this machine; a sandbox needs version 10 or newer."));
}

QTEST_GUILESS_MAIN(ServerBinariesTest)
#include "tst_serverbinaries.moc"
