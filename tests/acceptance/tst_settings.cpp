#include "app/settings.h"
#include "tests/support/suite.h"

#include <QFile>
#include <QTemporaryDir>

using namespace lockscope;

class tst_Settings final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void givesEverySettingItsDefault();
    void remembersBetweenRuns();
    void fallsBackWhereTheFileHoldsNonsense();
    void keepsProfilesAndTheLastEightConnections();

private:
    QTemporaryDir m_directory;
    [[nodiscard]] QString file() const
    {
        return m_directory.filePath(QString::fromLatin1(QTest::currentTestFunction()));
    }
};

void tst_Settings::givesEverySettingItsDefault()
{
    const Settings settings(file());
    for (int i = 0; i < static_cast<int>(Setting::End_); ++i)
        QVERIFY(settings.value(static_cast<Setting>(i)).isValid());
    QCOMPARE(settings.value(Setting::PollInterval).toInt(), 1000);
}

void tst_Settings::remembersBetweenRuns()
{
    {
        Settings settings(file());
        settings.set(Setting::PollInterval, 250);
        settings.set(Setting::TableState, QByteArray("\x00\xff;=", 4));
        settings.set(Setting::TrainingMode, true);
    }
    const Settings settings(file());
    QCOMPARE(settings.value(Setting::PollInterval).toInt(), 250);
    QCOMPARE(settings.value(Setting::TableState).toByteArray(), QByteArray("\x00\xff;=", 4));
    QVERIFY(settings.value(Setting::TrainingMode).toBool());
}

void tst_Settings::fallsBackWhereTheFileHoldsNonsense()
{
    QFile ini(file());
    QVERIFY(ini.open(QIODevice::WriteOnly));
    ini.write("[locks]\nintervalMilliseconds=soon\nrowLimit=\n[profiles]\nsize=2000000000\n1\\name=a\n");
    ini.close();
    const Settings settings(file());
    QCOMPARE(settings.value(Setting::PollInterval).toInt(), 1000);
    QCOMPARE(settings.value(Setting::RowLimit).toInt(), 20'000);
    QCOMPARE(settings.profiles().size(), 1);
}

void tst_Settings::keepsProfilesAndTheLastEightConnections()
{
    const QList<ConnectionProfile> profiles{{QStringLiteral("prod, eu"), QStringLiteral("host='a b' dbname=x")},
                                            {QStringLiteral("<b>"), QStringLiteral("service=y")}};
    {
        Settings settings(file());
        settings.setProfiles(profiles);
        for (int i = 0; i < 12; ++i)
            settings.rememberConnection(QStringLiteral("host=h%1").arg(i % 10));
    }
    const Settings settings(file());
    QCOMPARE(settings.profiles(), profiles);
    QCOMPARE(settings.recentConnections().size(), 8);
    QCOMPARE(settings.recentConnections().mid(0, 3),
             (QStringList{QStringLiteral("host=h1"), QStringLiteral("host=h0"), QStringLiteral("host=h9")}));
}

QTEST_GUILESS_MAIN(tst_Settings)
#include "tst_settings.moc"
