#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "ui/lab/contentionpage.h"
#include "ui/lab/contentionplots.h"
#include "ui/lab/plotview.h"
#include "ui/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>

namespace lockscope::test {

using namespace std::chrono_literals;

namespace {

const LabServer sandbox{
    .connected = true, .sandbox = true, .title = QStringLiteral("Sandbox"), .versionNumber = 150018};

ContentionReport someReport()
{
    ContentionReport report;
    report.spec = {.clients = 2, .keys = 1, .meanHold = 5ms};
    report.finished = true;
    report.elapsed = 1000ms;
    for (const qint64 acquisitions : {60, 100}) {
        ContentionClient client{.acquisitions = acquisitions, .attempts = acquisitions};
        for (qint64 take = 0; take < acquisitions; ++take)
            client.waits.add(8ms);
        report.clients.append(client);
    }
    report.samples = {{.at = 500ms, .acquisitionsPerSecond = 150, .waiting = 1, .bystander = 300us},
                      {.at = 1000ms, .acquisitionsPerSecond = 170, .waiting = 1, .bystander = 500us}};
    report.bystanderBefore = 200us;
    return report;
}

} // namespace

/// What the contention page shows of a run, and what it asks for.
class ContentionPageTest final : public Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { muteSizeHintsOfOffscreen(); }

    void saysWhatItNeedsWithoutAServer();
    void asksForWhatTheFieldsSay();
    void offersBackOffOnlyWhereItTries();
    void tellsARunInFiguresAndASentence();
    void stopsWhatRuns();
    void saysWhyNothingMayRun();
    void copiesTheFigures();
    void countsWaitsOnADoublingScale();

private:
    template <typename T>
    static T& part(const ContentionPage& page, const char* name)
    {
        return *page.findChild<T*>(QString::fromLatin1(name));
    }
};

void ContentionPageTest::saysWhatItNeedsWithoutAServer()
{
    ContentionPage page;
    page.show();
    QSignalSpy asked(&page, &ContentionPage::sandboxRequested);
    part<QPushButton>(page, "contentionSandboxButton").click();
    QCOMPARE(asked.size(), 1);
    QVERIFY(!part<QPushButton>(page, "contentionStart").isVisible());
}

void ContentionPageTest::asksForWhatTheFieldsSay()
{
    ContentionPage page;
    page.setServer(sandbox);
    part<QSpinBox>(page, "contentionClients").setValue(12);
    part<QSpinBox>(page, "contentionKeys").setValue(3);
    part<QComboBox>(page, "contentionMethod").setCurrentIndex(1);
    part<QSpinBox>(page, "contentionShared").setValue(25);
    part<QComboBox>(page, "contentionDistribution").setCurrentIndex(2);
    part<QDoubleSpinBox>(page, "contentionHold").setValue(2.5);
    QSignalSpy asked(&page, &ContentionPage::startRequested);
    part<QPushButton>(page, "contentionStart").click();
    QCOMPARE(asked.size(), 1);
    const auto spec = asked.first().first().value<ContentionSpec>();
    QCOMPARE(spec.clients, 12);
    QCOMPARE(spec.keys, 3);
    QCOMPARE(spec.method, ContentionMethod::Try);
    QCOMPARE(spec.sharedPercent, 25);
    QCOMPARE(spec.distribution, HoldDistribution::Exponential);
    QCOMPARE(spec.meanHold.count(), 2500);
}

void ContentionPageTest::offersBackOffOnlyWhereItTries()
{
    ContentionPage page;
    page.setServer(sandbox);
    QVERIFY(!part<QDoubleSpinBox>(page, "contentionFirstBackOff").isEnabled());
    part<QComboBox>(page, "contentionMethod").setCurrentIndex(1);
    QVERIFY(part<QDoubleSpinBox>(page, "contentionFirstBackOff").isEnabled());
}

void ContentionPageTest::tellsARunInFiguresAndASentence()
{
    ContentionPage page;
    page.setServer(sandbox);
    page.setReport(someReport());
    QCOMPARE(part<QLabel>(page, "contentionRate").text(), QStringLiteral("160"));
    QCOMPARE(part<QLabel>(page, "contentionFairness").text(), QStringLiteral("94 %"));
    QCOMPARE(part<QLabel>(page, "contentionBystander").text(), QStringLiteral("0.20 ms, then 0.50 ms"));
    QVERIFY2(part<QLabel>(page, "contentionWords")
                 .text()
                 .startsWith(QStringLiteral("Held for 5.00 ms each time, 1 key can change hands at most 200 times a "
                                            "second; this run reached 80 %.")),
             qPrintable(part<QLabel>(page, "contentionWords").text()));
    const Plot& shares = part<PlotView>(page, "contentionFairnessPlot").plot();
    QCOMPARE(shares.series.size(), 2);
    QCOMPARE(shares.series.first().points.last().y, 100.0);
}

void ContentionPageTest::stopsWhatRuns()
{
    ContentionPage page;
    page.setServer(sandbox);
    page.setRunning(true);
    QSignalSpy stopped(&page, &ContentionPage::stopRequested);
    QVERIFY(!part<QSpinBox>(page, "contentionClients").isEnabled());
    QCOMPARE(part<QPushButton>(page, "contentionStart").text(), QStringLiteral("Stop"));
    part<QPushButton>(page, "contentionStart").click();
    QCOMPARE(stopped.size(), 1);
}

void ContentionPageTest::saysWhyNothingMayRun()
{
    ContentionPage page;
    LabServer readOnly = sandbox;
    readOnly.problem = QStringLiteral("Lockscope was started with --read-only.");
    page.setServer(readOnly);
    QVERIFY(!part<QPushButton>(page, "contentionStart").isEnabled());
    QVERIFY(part<QPushButton>(page, "contentionStart").toolTip().contains(QStringLiteral("--read-only")));
}

void ContentionPageTest::copiesTheFigures()
{
    ContentionPage page;
    page.setServer(sandbox);
    QVERIFY(!part<QPushButton>(page, "contentionCopy").isEnabled());
    page.setReport(someReport());
    part<QPushButton>(page, "contentionCopy").click();
    const QString copied = QApplication::clipboard()->text();
    QVERIFY2(copied.contains(QStringLiteral("0.5,150,0,1,0.3")), qPrintable(copied));
    QVERIFY2(copied.contains(QStringLiteral("2,100,100,0,0,")), qPrintable(copied));
}

void ContentionPageTest::countsWaitsOnADoublingScale()
{
    WaitHistogram histogram;
    for (const auto wait : {0us, 1us, 3us, 900us, 1024us, 2000us})
        histogram.add(wait);
    QCOMPARE(histogram.at(0), 2);
    QCOMPARE(histogram.at(1), 1);
    QCOMPARE(histogram.at(9), 1);
    QCOMPARE(histogram.at(10), 2);
    QCOMPARE(histogram.longest().count(), 2000);
    QVERIFY(histogram.quantile(1.0) <= 2000us);
    QCOMPARE(WaitHistogram().quantile(0.5).count(), 0);
}

} // namespace lockscope::test

QTEST_MAIN(lockscope::test::ContentionPageTest)
#include "tst_contentionpage.moc"
