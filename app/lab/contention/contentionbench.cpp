#include "app/lab/contention/contentionbench.h"

#include "app/lab/contention/contentionworker.h"
#include "app/lab/labsql.h"

#include <QRandomGenerator>

#include <algorithm>
#include <condition_variable>
#include <thread>

namespace lockscope {

namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds sampleEvery{250};
constexpr milliseconds askDeadline{5000};
/// Round trips of one look at the bystander, after a first one that counts for nothing: a connection that has been idle
/// answers later, whatever else goes on.
constexpr int bystanderRoundTrips = 5;
constexpr int looksBefore = 4;
/// How long the clients may take to give back what they hold before they are woken out of their waits.
constexpr milliseconds patience{500};

} // namespace

/// Everything of one run but the facade: the coordinating thread makes the clients, samples, and ends them. The facade
/// joins it.
class ContentionBench::Run final
{
public:
    Run(ContentionBench* owner, Conninfo where, ContentionSpec what)
        : facade(owner)
        , conninfo(std::move(where))
        , spec(what)
    {
        report.spec = spec;
        if (!problemOf(spec).isEmpty())
            return; // begin() is never called
        for (int number = 1; number <= spec.clients; ++number)
            workers.push_back(std::make_unique<ContentionWorker>(conninfo, spec, number, keyClass, ending));
    }

    [[nodiscard]] const ContentionSpec& specification() const { return spec; }
    void begin()
    {
        coordinator = std::thread([this] { coordinate(); });
    }
    /// What is measured ends now; clients give back what they hold.
    void end()
    {
        {
            const std::lock_guard lock(mutex);
            ending = true;
            if (opening)
                wakeEverybody(); // nobody has anything yet
        }
        wake.notify_all();
    }
    /// Ends the run at once and waits for its threads. Closed connections free what they hold.
    void join()
    {
        end();
        wakeEverybody();
        if (coordinator.joinable())
            coordinator.join();
    }

private:
    void coordinate();
    [[nodiscard]] Result<void> openAll();
    [[nodiscard]] Result<void> openLook();
    void measureBefore();
    void startClients();
    void sampleUntilOver();
    void takeSample(steady_clock::time_point started, steady_clock::time_point& last, ContentionClient& before);
    [[nodiscard]] std::optional<microseconds> roundTripOfBystander();
    [[nodiscard]] std::optional<int> waitingClients();
    /// Sleeps, but not beyond the end.
    void pauseUntil(steady_clock::time_point time);
    void wakeEverybody();
    void endClients();
    void closeAll();
    void takeCounts();
    void finish();
    void giveUp(const Error& error);

    template <typename Tell>
    void tell(Tell what)
    {
        // The facade joins this thread before it dies, so it is there; a queued call dies with it.
        QMetaObject::invokeMethod(
            facade, [owner = facade, what] { what(*owner); }, Qt::QueuedConnection);
    }

    ContentionBench* const facade;
    const Conninfo conninfo;
    const ContentionSpec spec;
    const qint32 keyClass = static_cast<qint32>(QRandomGenerator::global()->generate());
    std::thread coordinator;
    std::mutex mutex;
    std::condition_variable wake;
    std::atomic_bool ending = false;
    bool opening = true; ///< guarded by mutex
    platform::WakeUp lookWakeUp;
    LibpqConnection look{&lookWakeUp};                      ///< asks how many wait; the bystander of the run
    std::vector<std::unique_ptr<ContentionWorker>> workers; ///< the same ones from beginning to end
    std::vector<std::thread> threads;
    std::optional<Error> trouble; ///< guarded by mutex: the first one of a client
    bool allJoined = false;       ///< guarded by mutex
    ContentionReport report;
};

void ContentionBench::Run::coordinate()
{
    Result<void> ready = openLook();
    if (ready)
        ready = openAll();
    {
        const std::lock_guard lock(mutex);
        opening = false;
    }
    if (!ready && !ending) {
        giveUp(ready.error());
        return;
    }
    if (ready) {
        measureBefore();
        startClients();
        sampleUntilOver();
    }
    endClients();
    if (trouble)
        giveUp(*trouble);
    else
        finish();
}

Result<void> ContentionBench::Run::openLook()
{
    const Conninfo named = withDefaults(conninfo.with(QStringLiteral("application_name"), {}),
                                        QStringLiteral("lockscope lab: contention look"));
    if (const auto opened = look.open(named, openTimeout(named)); !opened)
        return opened;
    const Result<QueryAnswer> server = look.executeOne(labStatement(QStringLiteral("watch_server")), askDeadline);
    if (!server)
        return failure(server.error());
    report.server = QStringLiteral("PostgreSQL %1").arg(server->text(0, 0).section(u' ', 0, 0));
    return {};
}

Result<void> ContentionBench::Run::openAll()
{
    for (const auto& worker : workers) {
        if (ending)
            break;
        if (const Result<void> opened = worker->open(); !opened)
            return opened;
    }
    return {};
}

/// In the rhythm of the samples, and with as many sessions on the server as then: what differs is what the clients do.
void ContentionBench::Run::measureBefore()
{
    QList<microseconds> times;
    for (int number = 0; number < looksBefore && !ending; ++number) {
        pauseUntil(steady_clock::now() + sampleEvery);
        if (const auto time = roundTripOfBystander())
            times.append(*time);
    }
    report.bystanderBefore = medianOf(std::move(times));
}

void ContentionBench::Run::startClients()
{
    for (const auto& worker : workers) {
        threads.emplace_back([this, client = worker.get()] {
            const Result<void> ran = client->run();
            if (ran || ending)
                return;
            {
                const std::lock_guard lock(mutex);
                if (!trouble)
                    trouble = ran.error();
                ending = true;
            }
            wake.notify_all();
        });
    }
}

std::optional<microseconds> ContentionBench::Run::roundTripOfBystander()
{
    QList<microseconds> times;
    for (int number = 0; number <= bystanderRoundTrips; ++number) {
        const auto asked = steady_clock::now();
        if (!look.executeOne("SELECT 1", askDeadline))
            return {};
        if (number > 0)
            times.append(std::chrono::duration_cast<microseconds>(steady_clock::now() - asked));
    }
    return medianOf(std::move(times));
}

std::optional<int> ContentionBench::Run::waitingClients()
{
    const auto keys = static_cast<qint64>(static_cast<quint32>(keyClass));
    const Result<QueryAnswer> waiting =
        look.executeOne(labStatement(QStringLiteral("lab_waiting_sessions"), {{":class", {keys}}}), askDeadline);
    if (!waiting || waiting->rows() != 1)
        return {};
    return static_cast<int>(waiting->int64(0, 0));
}

void ContentionBench::Run::pauseUntil(steady_clock::time_point time)
{
    std::unique_lock lock(mutex);
    wake.wait_until(lock, time, [this] { return ending.load(); });
}

void ContentionBench::Run::wakeEverybody()
{
    lookWakeUp.ring();
    for (const auto& worker : workers)
        worker->wake();
}

void ContentionBench::Run::sampleUntilOver()
{
    const auto started = steady_clock::now();
    const auto over = started + spec.duration;
    auto last = started;
    ContentionClient before;
    while (!ending) {
        pauseUntil(std::min(over, steady_clock::now() + sampleEvery));
        takeSample(started, last, before);
        if (steady_clock::now() >= over)
            end();
        else
            tell([now = report](ContentionBench& owner) { Q_EMIT owner.progress(now); });
    }
}

void ContentionBench::Run::takeSample(steady_clock::time_point started, steady_clock::time_point& last,
                                      ContentionClient& before)
{
    takeCounts();
    const auto now = steady_clock::now();
    const ContentionClient total = report.total();
    const double seconds = std::chrono::duration<double>(now - last).count();
    report.elapsed = std::chrono::duration_cast<milliseconds>(now - started);
    if (now - last < sampleEvery / 2)
        return; // the rest of a run: a rate of so short a time says nothing
    ContentionSample sample{.at = report.elapsed};
    sample.acquisitionsPerSecond = static_cast<double>(total.acquisitions - before.acquisitions) / seconds;
    if (total.attempts > before.attempts)
        sample.refusedShare = static_cast<double>(total.refusals - before.refusals) /
                              static_cast<double>(total.attempts - before.attempts);
    last = now;
    before = total;
    if (!ending) {
        sample.bystander = roundTripOfBystander();
        sample.waiting = waitingClients();
    }
    report.samples.append(sample);
}

/// Clients give back what they hold and end by themselves; one that still waits is woken, and the server drops its
/// session.
void ContentionBench::Run::endClients()
{
    end();
    std::vector<std::thread> left;
    left.swap(threads);
    const auto patient = steady_clock::now() + patience;
    std::thread impatience([this, patient] {
        std::unique_lock lock(mutex);
        if (!wake.wait_until(lock, patient, [this] { return allJoined; })) {
            for (const auto& worker : workers)
                worker->wake();
        }
    });
    for (std::thread& thread : left)
        thread.join();
    {
        const std::lock_guard lock(mutex);
        allJoined = true;
    }
    wake.notify_all();
    impatience.join();
    closeAll();
}

void ContentionBench::Run::closeAll()
{
    for (const auto& worker : workers)
        worker->close();
    look.close();
}

void ContentionBench::Run::takeCounts()
{
    report.clients.clear();
    for (const auto& worker : workers)
        report.clients.append(worker->counts());
}

void ContentionBench::Run::finish()
{
    if (report.clients.isEmpty())
        takeCounts(); // stopped before the first sample
    report.finished = true;
    tell([done = report](ContentionBench& owner) { Q_EMIT owner.finished(done); });
}

void ContentionBench::Run::giveUp(const Error& error)
{
    closeAll();
    tell([error](ContentionBench& owner) { Q_EMIT owner.failed(error); });
}

ContentionBench::ContentionBench(Conninfo conninfo, ContentionSpec spec, QObject* parent)
    : QObject(parent)
    , m_run(std::make_unique<Run>(this, std::move(conninfo), spec))
{
}

ContentionBench::~ContentionBench()
{
    m_run->join();
}

void ContentionBench::start()
{
    const QString problem = problemOf(m_run->specification());
    if (!problem.isEmpty()) {
        QMetaObject::invokeMethod(
            this, [this, problem] { Q_EMIT failed({.kind = ErrorKind::Usage, .what = problem}); },
            Qt::QueuedConnection);
        return;
    }
    m_run->begin();
}

void ContentionBench::stop()
{
    m_run->end();
}

} // namespace lockscope
