#include "app/pooldesk.h"
#include "app/postgres/libpqconnection.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"
#include "tests/ui/offscreen.h"
#include "ui/lab/poolcalltable.h"
#include "ui/lab/poolpage.h"
#include "ui/theme.h"

#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>

using namespace lockscope;

/// The pool page on a real server, by its buttons.
class TestPoolDesk : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        theme::apply(*qApp, ColorScheme::Light, false);
        m_server = std::make_unique<test::TestServer>();
        QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
        m_session = m_server->session();
    }
    void cleanupTestCase()
    {
        m_session.reset();
        m_server.reset();
    }

    void showsThePoolTrapAndClosesIt();
    void leavesNothingOnTheOldPlace();
    void measuresAndLeavesNothing();
    void leaksThroughAPooler();

private:
    /// A page with its desk on the test server.
    struct Bench
    {
        PoolPage page;
        LabConsent consent{&page};
        PoolDesk desk{page, consent};

        explicit Bench(const Conninfo& conninfo)
        {
            const LabServer server{.connected = true, .sandbox = true, .versionNumber = 150000};
            consent.setServer(server);
            desk.setPlace(LabPlace{conninfo, server});
            page.resize(900, 560);
            page.show();
        }
        QPushButton* button(const char* name) const { return child<QPushButton>(name); }
        template <typename Widget>
        Widget* child(const char* name) const
        {
            return page.findChild<Widget*>(QString::fromLatin1(name));
        }
        const QList<PoolCall>& calls() const { return child<PoolCallTable>("poolCallTable")->calls(); }
        QString sentence() const { return child<QLabel>("poolSentence")->text(); }
        QString picture() const { return child<QWidget>("poolPicture")->accessibleDescription(); }
    };

    QString labSessions()
    {
        return test::scalar(*m_session, "SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity "
                                        "WHERE application_name LIKE 'lockscope lab%'");
    }
    QString advisoryLocks()
    {
        return test::scalar(*m_session,
                            "SELECT pg_catalog.count(*) FROM pg_catalog.pg_locks WHERE locktype = 'advisory'");
    }

    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_session;
};

void TestPoolDesk::showsThePoolTrapAndClosesIt()
{
    Bench bench(m_server->conninfo());
    bench.child<QComboBox>("poolOrderBox")->setCurrentIndex(1); // round-robin: the unlock misses for certain
    bench.button("poolOpenButton")->click();
    QTRY_VERIFY(bench.button("poolAcquireButton")->isEnabled());
    bench.button("poolAcquireButton")->click();
    QTRY_COMPARE(bench.calls().size(), 1);
    bench.button("poolReleaseButton")->click();
    QTRY_COMPARE(bench.calls().size(), 2);
    QCOMPARE(word(bench.calls().at(0).answer), QStringLiteral("true"));
    QCOMPARE(word(bench.calls().at(1).answer), QStringLiteral("false"));
    QCOMPARE(bench.child<QPlainTextEdit>("poolWarning")->toPlainText(),
             QStringLiteral("WARNING: you don't own a lock of type ExclusiveLock"));
    QVERIFY2(bench.sentence().contains(QStringLiteral("which does not hold key 7: false. The key stays with")),
             qPrintable(bench.sentence()));
    QTRY_VERIFY2(bench.picture().contains(QStringLiteral("leaked: 7")), qPrintable(bench.picture()));
    QCOMPARE(advisoryLocks(), QStringLiteral("1"));

    bench.button("poolUnlockEverythingButton")->click();
    QTRY_COMPARE(advisoryLocks(), QStringLiteral("0"));
    QTRY_VERIFY(!bench.picture().contains(QStringLiteral("leaked")));
    bench.button("poolCloseButton")->click();
    QTRY_COMPARE(labSessions(), QStringLiteral("0"));
    QVERIFY(bench.button("poolOpenButton")->isEnabled());
}

void TestPoolDesk::leavesNothingOnTheOldPlace()
{
    {
        Bench bench(m_server->conninfo());
        bench.button("poolOpenButton")->click();
        QTRY_VERIFY(bench.button("poolAcquireButton")->isEnabled());
        bench.button("poolRunHundredButton")->click();
        QTRY_VERIFY(!bench.calls().isEmpty());
        bench.desk.setPlace(std::nullopt);
        QVERIFY(bench.calls().isEmpty());
        QTRY_COMPARE(labSessions(), QStringLiteral("0"));
        QCOMPARE(advisoryLocks(), QStringLiteral("0"));

        bench.desk.setPlace(LabPlace{m_server->conninfo(), {.connected = true, .sandbox = true}});
        bench.button("poolOpenButton")->click();
        QTRY_VERIFY(bench.button("poolAcquireButton")->isEnabled());
        bench.button("poolAcquireButton")->click();
        QTRY_COMPARE(advisoryLocks(), QStringLiteral("1"));
    }
    QTRY_COMPARE(labSessions(), QStringLiteral("0"));
    QCOMPARE(advisoryLocks(), QStringLiteral("0"));
}

void TestPoolDesk::measuresAndLeavesNothing()
{
    Bench bench(m_server->conninfo());
    bench.child<QSpinBox>("poolMeasureToBox")->setValue(3);
    bench.child<QSpinBox>("poolMeasureUnlocksBox")->setValue(60);
    bench.button("poolMeasureButton")->click();
    QTRY_COMPARE_WITH_TIMEOUT(bench.button("poolMeasureButton")->text(), QStringLiteral("Measure"), 30000);
    const QString numbers = bench.child<QWidget>("poolHitRatePlot")->accessibleDescription();
    QVERIFY2(numbers.contains(QStringLiteral("measured: 1: 100 %, 2: ")), qPrintable(numbers));
    QVERIFY(bench.child<QLabel>("poolMeasureSentence")->text().contains(QStringLiteral("hides the bug")));
    QTRY_COMPARE(labSessions(), QStringLiteral("0"));
    QCOMPARE(advisoryLocks(), QStringLiteral("0"));
}

void TestPoolDesk::leaksThroughAPooler()
{
    Bench bench(m_server->conninfo());
    bench.child<QComboBox>("poolEndpointBox")->setCurrentIndex(2); // transaction mode
    bench.child<QSpinBox>("poolServerConnectionsBox")->setValue(1);
    bench.button("poolOpenButton")->click();
    QTRY_VERIFY_WITH_TIMEOUT(bench.button("poolAcquireButton")->isEnabled(), 20000);
    bench.button("poolAcquireButton")->click();
    QTRY_COMPARE(bench.calls().size(), 1);
    bench.button("poolAcquireButton")->click();
    QTRY_COMPARE(bench.calls().size(), 2);
    // One backend behind all slots: it takes its own lock again.
    QCOMPARE(word(bench.calls().at(1).answer), QStringLiteral("true"));
    QVERIFY2(bench.sentence().contains(QStringLiteral("two requests now believe")), qPrintable(bench.sentence()));
    bench.button("poolCloseButton")->click();
    QTRY_COMPARE(advisoryLocks(), QStringLiteral("0"));
    QTRY_COMPARE(labSessions(), QStringLiteral("0"));
}

QTEST_MAIN(TestPoolDesk)
#include "tst_pooldesk.moc"
