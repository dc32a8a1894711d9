#include "models/domain/contention.h"

#include "models/domain/csv.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <bit>

namespace lockscope {

namespace {

using std::chrono::microseconds;

QString tr(const char* text)
{
    return QCoreApplication::translate("Contention", text);
}

double milliseconds(microseconds time)
{
    return static_cast<double>(time.count()) / 1000;
}

bool isWithin(int value, int least, int most)
{
    return value >= least && value <= most;
}

QJsonObject toObject(const ContentionClient& client)
{
    return {{QStringLiteral("acquisitions"), client.acquisitions},
            {QStringLiteral("attempts"), client.attempts},
            {QStringLiteral("refusals"), client.refusals},
            {QStringLiteral("givenUp"), client.givenUp},
            {QStringLiteral("waitMedianMs"), milliseconds(client.waits.quantile(0.5))},
            {QStringLiteral("waitP99Ms"), milliseconds(client.waits.quantile(0.99))},
            {QStringLiteral("waitLongestMs"), milliseconds(client.waits.longest())}};
}

QJsonValue optionalMilliseconds(const std::optional<microseconds>& time)
{
    return time ? QJsonValue(milliseconds(*time)) : QJsonValue(QJsonValue::Null);
}

} // namespace

QString word(ContentionMethod method)
{
    return method == ContentionMethod::Try ? tr("try with retry") : tr("blocking");
}

QString word(HoldDistribution distribution)
{
    switch (distribution) {
    case HoldDistribution::Fixed:
        return tr("fixed");
    case HoldDistribution::Uniform:
        return tr("uniform");
    case HoldDistribution::Exponential:
        break;
    }
    return tr("exponential");
}

QString problemOf(const ContentionSpec& spec)
{
    using namespace std::chrono_literals;
    if (!isWithin(spec.clients, 1, mostContentionClients))
        return tr("There can be 1 to %1 clients.").arg(mostContentionClients);
    if (!isWithin(spec.keys, 1, mostContentionKeys))
        return tr("There can be 1 to %1 keys.").arg(mostContentionKeys);
    if (!isWithin(spec.sharedPercent, 0, 100))
        return tr("The share of shared locks is 0 to 100 %.");
    if (spec.meanHold < 0us || spec.meanHold > 10s)
        return tr("A key can be held for 0 to 10 s.");
    if (spec.firstBackOff < 0us || spec.longestBackOff < spec.firstBackOff || spec.longestBackOff > 10s)
        return tr("The back-off starts at 0 or more and ends at 10 s or less.");
    if (!isWithin(spec.tries, 1, 1000))
        return tr("A take can be tried 1 to %1 times.").arg(1000);
    if (spec.duration < 1s || spec.duration > 600s)
        return tr("A run takes 1 s to 10 min.");
    return {};
}

void WaitHistogram::add(microseconds wait)
{
    const auto count = static_cast<quint64>(std::max<qint64>(wait.count(), 1));
    const int bucket = std::min(static_cast<int>(std::bit_width(count)) - 1, buckets - 1);
    ++m_counts.at(static_cast<std::size_t>(bucket));
    ++m_count;
    m_sum += wait;
    m_longest = std::max(m_longest, wait);
}

void WaitHistogram::add(const WaitHistogram& other)
{
    for (std::size_t bucket = 0; bucket < m_counts.size(); ++bucket)
        m_counts.at(bucket) += other.m_counts.at(bucket);
    m_count += other.m_count;
    m_sum += other.m_sum;
    m_longest = std::max(m_longest, other.m_longest);
}

microseconds WaitHistogram::lowerEdge(int bucket)
{
    return microseconds(bucket == 0 ? 0 : qint64(1) << bucket);
}

microseconds WaitHistogram::quantile(double share) const
{
    if (m_count == 0)
        return microseconds(0);
    const double wanted = std::clamp(share, 0.0, 1.0) * static_cast<double>(m_count);
    double before = 0;
    for (int bucket = 0; bucket < buckets; ++bucket) {
        const auto here = static_cast<double>(at(bucket));
        if (here > 0 && before + here >= wanted) {
            const auto low = static_cast<double>(lowerEdge(bucket).count());
            const double high = std::min(2.0 * std::max(low, 1.0), static_cast<double>(m_longest.count()));
            return microseconds(static_cast<qint64>(low + std::max(high - low, 0.0) * ((wanted - before) / here)));
        }
        before += here;
    }
    return m_longest;
}

microseconds WaitHistogram::mean() const
{
    return microseconds(m_count == 0 ? 0 : m_sum.count() / m_count);
}

void ContentionClient::granted(microseconds waited)
{
    ++acquisitions;
    waits.add(waited);
}

std::optional<microseconds> medianOf(QList<microseconds> times)
{
    if (times.isEmpty())
        return {};
    const auto middle = times.begin() + times.size() / 2;
    std::nth_element(times.begin(), middle, times.end());
    return *middle;
}

ContentionClient ContentionReport::total() const
{
    ContentionClient all;
    for (const ContentionClient& client : clients) {
        all.acquisitions += client.acquisitions;
        all.attempts += client.attempts;
        all.refusals += client.refusals;
        all.givenUp += client.givenUp;
        all.waits.add(client.waits);
    }
    return all;
}

double ContentionReport::acquisitionsPerSecond() const
{
    return elapsed.count() == 0
               ? 0
               : static_cast<double>(total().acquisitions) * 1000 / static_cast<double>(elapsed.count());
}

double ContentionReport::refusedShare() const
{
    const ContentionClient all = total();
    return all.attempts == 0 ? 0 : static_cast<double>(all.refusals) / static_cast<double>(all.attempts);
}

double ContentionReport::fairness() const
{
    double sum = 0;
    double squares = 0;
    for (const ContentionClient& client : clients) {
        const auto count = static_cast<double>(client.acquisitions);
        sum += count;
        squares += count * count;
    }
    return squares > 0 ? sum * sum / (static_cast<double>(clients.size()) * squares) : 1;
}

std::optional<microseconds> ContentionReport::bystanderDuring() const
{
    QList<microseconds> times;
    for (const ContentionSample& sample : samples) {
        if (sample.bystander)
            times.append(*sample.bystander);
    }
    return medianOf(std::move(times));
}

QByteArray ContentionReport::toCsv() const
{
    CsvWriter csv;
    csv.addRow({QStringLiteral("seconds"), QStringLiteral("acquisitions_per_second"), QStringLiteral("refused_share"),
                QStringLiteral("waiting"), QStringLiteral("bystander_ms")});
    for (const ContentionSample& sample : samples) {
        csv.addRow({CsvCell::real(static_cast<double>(sample.at.count()) / 1000),
                    CsvCell::real(sample.acquisitionsPerSecond), CsvCell::real(sample.refusedShare),
                    sample.waiting ? CsvCell(*sample.waiting) : CsvCell::empty(),
                    sample.bystander ? CsvCell::real(milliseconds(*sample.bystander)) : CsvCell::empty()});
    }
    csv.addRow({CsvCell::empty()});
    csv.addRow({QStringLiteral("client"), QStringLiteral("acquisitions"), QStringLiteral("attempts"),
                QStringLiteral("refusals"), QStringLiteral("given_up"), QStringLiteral("wait_median_ms"),
                QStringLiteral("wait_p99_ms"), QStringLiteral("wait_longest_ms")});
    for (qsizetype number = 0; number < clients.size(); ++number) {
        const ContentionClient& client = clients.at(number);
        csv.addRow({number + 1, client.acquisitions, client.attempts, client.refusals, client.givenUp,
                    CsvCell::real(milliseconds(client.waits.quantile(0.5))),
                    CsvCell::real(milliseconds(client.waits.quantile(0.99))),
                    CsvCell::real(milliseconds(client.waits.longest()))});
    }
    return csv.toUtf8();
}

QByteArray ContentionReport::toJson() const
{
    QJsonArray sampleList;
    for (const ContentionSample& sample : samples) {
        sampleList.append(QJsonObject{
            {QStringLiteral("atMs"), qint64(sample.at.count())},
            {QStringLiteral("acquisitionsPerSecond"), sample.acquisitionsPerSecond},
            {QStringLiteral("refusedShare"), sample.refusedShare},
            {QStringLiteral("waiting"), sample.waiting ? QJsonValue(*sample.waiting) : QJsonValue(QJsonValue::Null)},
            {QStringLiteral("bystanderMs"), optionalMilliseconds(sample.bystander)}});
    }
    QJsonArray clientList;
    for (const ContentionClient& client : clients)
        clientList.append(toObject(client));
    const QJsonObject object{
        {QStringLiteral("server"), server},
        {QStringLiteral("method"), word(spec.method)},
        {QStringLiteral("keys"), spec.keys},
        {QStringLiteral("sharedPercent"), spec.sharedPercent},
        {QStringLiteral("holdDistribution"), word(spec.distribution)},
        {QStringLiteral("meanHoldMs"), milliseconds(spec.meanHold)},
        {QStringLiteral("elapsedMs"), qint64(elapsed.count())},
        {QStringLiteral("acquisitionsPerSecond"), acquisitionsPerSecond()},
        {QStringLiteral("refusedShare"), refusedShare()},
        {QStringLiteral("fairness"), total().acquisitions > 0 ? QJsonValue(fairness()) : QJsonValue(QJsonValue::Null)},
        {QStringLiteral("bystanderBeforeMs"), optionalMilliseconds(bystanderBefore)},
        {QStringLiteral("bystanderDuringMs"), optionalMilliseconds(bystanderDuring())},
        {QStringLiteral("total"), toObject(total())},
        {QStringLiteral("clients"), clientList},
        {QStringLiteral("samples"), sampleList}};
    return QJsonDocument(object).toJson();
}

} // namespace lockscope
