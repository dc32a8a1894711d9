#include "ui/lab/contentionplots.h"

#include "ui/numbertext.h"

#include <QCoreApplication>

namespace lockscope {

namespace {

using std::chrono::microseconds;

QString tr(const char* text)
{
    return QCoreApplication::translate("ContentionPlots", text);
}

double seconds(std::chrono::milliseconds time)
{
    return static_cast<double>(time.count()) / 1000;
}

double milliseconds(microseconds time)
{
    return static_cast<double>(time.count()) / 1000;
}

} // namespace

QString shortTime(microseconds time)
{
    const double value = milliseconds(time);
    if (value >= 1000)
        return tr("%1 s").arg(value / 1000, 0, 'f', 2);
    return tr("%1 ms").arg(value, 0, 'f', value < 10 ? 2 : 0);
}

Plot throughputPlot(const ContentionReport& report)
{
    PlotSeries taken{.name = tr("Acquisitions"), .mark = PlotMark::Line, .tone = Tone::Mine};
    for (const ContentionSample& sample : report.samples)
        taken.points.append({.x = seconds(sample.at), .y = sample.acquisitionsPerSecond});
    return {.title = tr("Acquisitions per second"),
            .x = {.title = tr("Time"), .unit = tr("s")},
            .y = {.title = tr("Acquisitions"), .unit = tr("per s")},
            .series = {taken}};
}

Plot waitPlot(const ContentionReport& report)
{
    const WaitHistogram waits = report.total().waits;
    PlotSeries counted{.name = tr("Takes"), .mark = PlotMark::Histogram, .tone = Tone::Waiting};
    for (int bucket = 0; bucket < WaitHistogram::buckets; ++bucket) {
        if (waits.at(bucket) == 0)
            continue;
        const double low = milliseconds(std::max(WaitHistogram::lowerEdge(bucket), microseconds(1)));
        counted.points.append({.x = low, .y = static_cast<double>(waits.at(bucket)), .upTo = low * 2});
    }
    return {.title = tr("How long a take waited"),
            .x = {.title = tr("Wait"), .unit = tr("ms"), .logarithmic = true},
            .y = {.title = tr("Takes"), .wholeNumbers = true},
            .series = {counted}};
}

Plot fairnessPlot(const ContentionReport& report)
{
    PlotSeries each{.name = tr("Acquisitions"), .mark = PlotMark::Bars, .tone = Tone::Mine};
    PlotSeries fair{.name = tr("Equal shares"), .mark = PlotMark::Reference, .tone = Tone::Held};
    const auto count = static_cast<double>(report.clients.size());
    const double mean = count > 0 ? static_cast<double>(report.total().acquisitions) / count : 0;
    for (qsizetype number = 0; number < report.clients.size(); ++number) {
        const ContentionClient& client = report.clients.at(number);
        const auto x = static_cast<double>(number + 1);
        each.points.append({.x = x,
                            .y = static_cast<double>(client.acquisitions),
                            .note = tr("longest wait %1").arg(shortTime(client.waits.longest()))});
        fair.points.append({.x = x, .y = mean});
    }
    return {.title = tr("Acquisitions of each client"),
            .x = {.title = tr("Client"), .wholeNumbers = true, .fromZero = false},
            .y = {.title = tr("Acquisitions"), .wholeNumbers = true},
            .series = {each, fair}};
}

Plot serverPlot(const ContentionReport& report)
{
    PlotSeries during{.name = tr("SELECT 1 of a bystander"), .mark = PlotMark::Line, .tone = Tone::Mine};
    PlotSeries before{.name = tr("Before the run"), .mark = PlotMark::Reference, .tone = Tone::Held};
    for (const ContentionSample& sample : report.samples) {
        if (sample.bystander) {
            during.points.append({.x = seconds(sample.at),
                                  .y = milliseconds(*sample.bystander),
                                  .note = sample.waiting ? tr("%1 waiting").arg(*sample.waiting) : QString()});
        }
    }
    if (report.bystanderBefore && during.points.size() > 1) {
        for (const PlotPoint& end : {during.points.first(), during.points.last()})
            before.points.append({.x = end.x, .y = milliseconds(*report.bystanderBefore)});
    }
    return {.title = tr("Round trip of a session that locks nothing"),
            .x = {.title = tr("Time"), .unit = tr("s")},
            .y = {.title = tr("Round trip"), .unit = tr("ms")},
            .series = {during, before}};
}

QString contentionSentence(const ContentionReport& report)
{
    const ContentionClient total = report.total();
    if (total.attempts == 0)
        return {};
    QStringList sentences;
    const double hold = milliseconds(report.spec.meanHold);
    if (report.spec.sharedPercent == 0 && hold > 0 && report.finished) {
        const double ceiling = 1000.0 / hold * report.spec.keys;
        sentences.append((report.spec.keys == 1 ? tr("Held for %1 each time, %2 key can change hands at most %3 times "
                                                     "a second; this run reached %4 %.")
                                                : tr("Held for %1 each time, %2 keys can change hands at most %3 times "
                                                     "a second; this run reached %4 %."))
                             .arg(shortTime(report.spec.meanHold), QString::number(report.spec.keys),
                                  groupedNumber(static_cast<qint64>(ceiling)),
                                  QString::number(100 * report.acquisitionsPerSecond() / ceiling, 'f', 0)));
    }
    if (report.spec.method == ContentionMethod::Try) {
        sentences.append(tr("%1 of %2 tries were refused: each was a round trip for nothing, and whoever comes back "
                            "first wins, not who came first.")
                             .arg(groupedNumber(total.refusals), groupedNumber(total.attempts)));
    } else if (report.finished) {
        sentences.append(tr("The server queues waiters in the order in which they came; each occupies a connection "
                            "while it waits, and keeps a snapshot that holds back vacuum."));
    }
    if (total.givenUp > 0)
        sentences.append(tr("%1 takes were given up.").arg(groupedNumber(total.givenUp)));
    return sentences.join(u' ');
}

} // namespace lockscope
