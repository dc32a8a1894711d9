#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

#include <array>
#include <chrono>
#include <optional>

namespace lockscope {

/// How the clients of a contention run take a key.
enum class ContentionMethod : quint8
{
    Try,   ///< pg_try_advisory_lock; refused ones try again after a back-off
    Block, ///< pg_advisory_lock: the server queues them
};
/// How long a key is held.
enum class HoldDistribution : quint8
{
    Fixed,
    Uniform,     ///< 0 to twice the mean
    Exponential, ///< many short ones, few long ones
};
/// "try with retry", "blocking"; "fixed", "uniform", "exponential".
[[nodiscard]] QString word(ContentionMethod method);
[[nodiscard]] QString word(HoldDistribution distribution);

inline constexpr int mostContentionClients = 64;
inline constexpr int mostContentionKeys = 64;

struct ContentionSpec
{
    int clients = 8; ///< 1 to mostContentionClients, each a connection of its own
    int keys = 1;    ///< 1 to mostContentionKeys, chosen at random each time
    ContentionMethod method = ContentionMethod::Block;
    int sharedPercent = 0; ///< of the takes; the others are exclusive
    HoldDistribution distribution = HoldDistribution::Fixed;
    std::chrono::microseconds meanHold{5000};
    std::chrono::microseconds firstBackOff{1000}; ///< Try: doubles with each refusal, with jitter
    std::chrono::microseconds longestBackOff{50'000};
    int tries = 20; ///< Try: then this take is given up
    std::chrono::seconds duration{10};
    quint32 seed = 1;
    friend bool operator==(const ContentionSpec&, const ContentionSpec&) = default;
};
/// What is out of range, as a sentence; empty: nothing.
[[nodiscard]] QString problemOf(const ContentionSpec& spec);

/// How often something took how long, on a scale that doubles: bucket n counts [2^n, 2^(n+1)) microseconds, the first
/// one everything below 2, the last one everything above.
class WaitHistogram
{
public:
    static constexpr int buckets = 26; ///< up to about a minute
    void add(std::chrono::microseconds wait);
    void add(const WaitHistogram& other);
    [[nodiscard]] qint64 count() const { return m_count; }
    [[nodiscard]] qint64 at(int bucket) const { return m_counts.at(static_cast<std::size_t>(bucket)); }
    [[nodiscard]] static std::chrono::microseconds lowerEdge(int bucket);
    /// Within the bucket it falls into, by straight line; 0 when nothing was counted. share: 0.5 is the median.
    [[nodiscard]] std::chrono::microseconds quantile(double share) const;
    [[nodiscard]] std::chrono::microseconds longest() const { return m_longest; }
    [[nodiscard]] std::chrono::microseconds mean() const;
    friend bool operator==(const WaitHistogram&, const WaitHistogram&) = default;

private:
    std::array<qint64, buckets> m_counts{};
    qint64 m_count = 0;
    std::chrono::microseconds m_sum{0};
    std::chrono::microseconds m_longest{0};
};

/// One client of a run.
struct ContentionClient
{
    qint64 acquisitions = 0;
    qint64 attempts = 0;      ///< statements that asked for a key
    qint64 refusals = 0;      ///< of those, answered false
    qint64 givenUp = 0;       ///< takes that ended without the key: all tries refused, or lock_timeout
    WaitHistogram waits = {}; ///< from the first attempt of a take to its success
    void granted(std::chrono::microseconds waited);
    friend bool operator==(const ContentionClient&, const ContentionClient&) = default;
};

/// A moment of a run.
struct ContentionSample
{
    std::chrono::milliseconds at{0}; ///< since the start
    double acquisitionsPerSecond = 0;
    double refusedShare = 0; ///< of the attempts since the last sample; 0 to 1
    /// Sessions of the run that the server shows waiting for a key; empty: it could not be asked.
    std::optional<int> waiting = {};
    /// Round trip of SELECT 1 on a session that locks nothing: the median of a handful, one after another.
    std::optional<std::chrono::microseconds> bystander = {};
    friend bool operator==(const ContentionSample&, const ContentionSample&) = default;
};

/// The middle one of several times, the higher of the two in the middle of an even number; empty: there is none.
[[nodiscard]] std::optional<std::chrono::microseconds> medianOf(QList<std::chrono::microseconds> times);

/// All that is known of a run, while it goes and after. Waits that are still going on at its end are in no figure.
struct ContentionReport
{
    ContentionSpec spec = {};
    QString server = {};
    bool finished = false;
    std::chrono::milliseconds elapsed{0};
    QList<ContentionSample> samples = {};
    QList<ContentionClient> clients = {};
    /// The same measured in the same way before the run, while its clients are connected and idle: the median.
    std::optional<std::chrono::microseconds> bystanderBefore = {};
    [[nodiscard]] ContentionClient total() const;
    [[nodiscard]] double acquisitionsPerSecond() const;
    [[nodiscard]] double refusedShare() const;
    /// Jain's index of the clients' acquisitions: 1 when all got the same, 1/n when one got all. Means nothing, and is
    /// 1, while nobody got any.
    [[nodiscard]] double fairness() const;
    [[nodiscard]] std::optional<std::chrono::microseconds> bystanderDuring() const; ///< median
    [[nodiscard]] QByteArray toCsv() const;                                         ///< samples, then clients
    [[nodiscard]] QByteArray toJson() const;
    friend bool operator==(const ContentionReport&, const ContentionReport&) = default;
};

} // namespace lockscope
