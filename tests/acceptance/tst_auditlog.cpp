#include "app/auditlog.h"
#include "tests/support/suite.h"

#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>

using namespace lockscope;

class tst_AuditLog final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void turnsOverAndToleratesATornLine();
    void isForItsOwnerOnly();

private:
    QTemporaryDir m_directory;
};

void tst_AuditLog::turnsOverAndToleratesATornLine()
{
    const AuditLog log(m_directory.path());
    AuditEntry entry;
    entry.time = QDateTime::currentDateTimeUtc();
    entry.action = QStringLiteral("cancel query");
    entry.step = QStringLiteral("requested");
    entry.pid = 1;
    VERIFY_RESULT(log.append(entry));
    QFile file(log.fileName());
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Append));
    file.write("{\"time\":\"torn");
    file.close();
    entry.pid = 2;
    VERIFY_RESULT(log.append(entry));
    const auto pids = [&] {
        QList<qint32> list;
        const auto entries = log.entries(10);
        for (const AuditEntry& each : entries)
            list.append(each.pid);
        return list;
    };
    QCOMPARE(pids(), QList<qint32>({2, 1}));
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Append));
    file.write(QByteArray(AuditLog::rotatedAt, ' ') + '\n');
    file.close();
    entry.pid = 3;
    VERIFY_RESULT(log.append(entry));
    QVERIFY(QFileInfo::exists(log.fileName() + QStringLiteral(".1")));
    QVERIFY(QFileInfo(log.fileName()).size() < 1000);
    QCOMPARE(pids(), QList<qint32>({3, 2, 1}));
    QCOMPARE(log.entries(2).size(), 2);
}

void tst_AuditLog::isForItsOwnerOnly()
{
    const AuditLog log(m_directory.filePath(QStringLiteral("deeper/still")));
    AuditEntry entry;
    entry.time = QDateTime::currentDateTimeUtc();
    entry.action = entry.step = QStringLiteral("x");
    VERIFY_RESULT(log.append(entry));
    const auto others = QFileDevice::ReadGroup | QFileDevice::WriteGroup | QFileDevice::ReadOther |
                        QFileDevice::WriteOther | QFileDevice::ExeOwner;
    QCOMPARE(QFile::permissions(log.fileName()) & others, QFileDevice::Permissions());
}

QTEST_GUILESS_MAIN(tst_AuditLog)
#include "tst_auditlog.moc"
