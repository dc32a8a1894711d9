#include "app/lab/pods/podslab.h"

#include "app/lab/pods/pod.h"
#include "app/lab/pods/podholders.h"
#include "app/lab/releasewatch.h"

#include <QHash>
#include <QRandomGenerator>

#include <algorithm>

namespace lockscope {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds publishPause{30};
/// Long enough to read what other pods have already said.
constexpr milliseconds orderPause{5};
constexpr qsizetype mostRequests = 500;
constexpr qsizetype mostWrites = 500;
/// More unanswered requests than this and a pod gets none by itself any more: a frozen one answers nothing.
constexpr int mostUnanswered = 8;
constexpr int mostRetrying = 32;
constexpr double shortestBackOff = 25;
constexpr double longestBackOff = 100;

/// Half as long again each time, a quarter more or less, so that pods do not ask in step.
milliseconds backOff(int attempts)
{
    double pause = shortestBackOff;
    for (int attempt = 1; attempt < attempts && pause < longestBackOff; ++attempt)
        pause *= 1.5;
    pause = std::min(pause, longestBackOff) * (0.75 + QRandomGenerator::global()->generateDouble() / 2);
    return milliseconds(static_cast<int>(pause));
}

} // namespace

/// A pod of the lab, or what is left of it.
struct PodsLab::Entry
{
    QString name;
    int connections = 1;
    std::unique_ptr<Pod> pod;
    QHash<quint64, quint64> requests; ///< the pod's number to the lab's
    PodWitness witness;
    bool handsOver = false; ///< its end is the one that state.handOver tells of
};

PodsLab::PodsLab(Conninfo conninfo, QObject* parent)
    : QObject(parent)
    , m_conninfo(std::move(conninfo))
    , m_watch(std::make_shared<ReleaseWatch>(m_conninfo))
    , m_holders(std::make_unique<PodHolders>(m_conninfo))
{
    connect(m_holders.get(), &PodHolders::looked, this, &PodsLab::takeLook);
    m_loadTimer.setTimerType(Qt::PreciseTimer);
    connect(&m_loadTimer, &QTimer::timeout, this, &PodsLab::arrive);
    m_writeTimer.setSingleShot(true);
    m_writeTimer.setInterval(orderPause);
    connect(&m_writeTimer, &QTimer::timeout, this, &PodsLab::decideWrites);
    m_publishTimer.setSingleShot(true);
    m_publishTimer.setInterval(publishPause);
    connect(&m_publishTimer, &QTimer::timeout, this, [this] {
        m_state.pods.clear();
        for (const auto& entry : m_entries)
            m_state.pods.append(entry->pod->state());
        Q_EMIT stateChanged(m_state);
    });
}

PodsLab::~PodsLab()
{
    for (const auto& entry : m_entries)
        entry->pod->disconnect(this);
}

PodsLab::Entry* PodsLab::find(const QString& name)
{
    const auto found =
        std::find_if(m_entries.begin(), m_entries.end(), [&](const auto& entry) { return entry->name == name; });
    return found == m_entries.end() ? nullptr : found->get();
}

QString PodsLab::addPod(int connections)
{
    for (int number = 0; number < mostPods; ++number) {
        const QString name = QStringLiteral("pod-") + QChar(u'a' + number);
        if (find(name) != nullptr)
            continue;
        auto entry = std::make_unique<Entry>();
        entry->name = name;
        entry->connections = std::clamp(connections, 1, mostConnections);
        const auto place =
            std::find_if(m_entries.begin(), m_entries.end(), [&](const auto& other) { return other->name > name; });
        startPod(**m_entries.insert(place, std::move(entry)));
        return name;
    }
    return {};
}

void PodsLab::startPod(Entry& entry)
{
    entry.requests.clear();
    // The backends of the old process stay its own until the server has let them go.
    entry.witness.state = {.name = entry.name};
    entry.witness.believedSince.clear();
    m_judge.forget(entry.witness);
    entry.handsOver = false;
    entry.pod = std::make_unique<Pod>(entry.name, m_conninfo, entry.connections, m_watch);
    watch(entry);
    entry.pod->start();
    changed();
}

void PodsLab::watch(Entry& entry)
{
    Pod* pod = entry.pod.get();
    connect(pod, &Pod::stateChanged, this, [this, &entry] { takeState(entry); });
    connect(pod, &Pod::answered, this, [this, &entry](const PodAnswer& answer) { takeAnswer(entry, answer); });
    connect(pod, &Pod::wrote, this, [this, &entry](LockKey key, qint64 token) { takeWrite(entry, key, token); });
}

void PodsLab::removePod(const QString& name)
{
    Entry* entry = find(name);
    if (entry == nullptr)
        return;
    abandon(*entry);
    entry->witness.believedSince.clear();
    m_judge.forget(entry->witness);
    m_state.misbeliefs = m_judge.misbeliefs();
    std::erase_if(m_entries, [&](const auto& candidate) { return candidate.get() == entry; });
    m_holders->stir();
    changed();
}

/// Nothing of this pod is heard any more: what it has not answered, it never will.
void PodsLab::abandon(Entry& entry)
{
    entry.pod->disconnect(this);
    for (const quint64 number : std::as_const(entry.requests)) {
        PodRequest* open = request(number);
        if (open == nullptr || open->last)
            continue;
        PodAnswer gone{.pod = entry.name, .key = open->key, .code = 502};
        gone.words = tr("the pod ended before it answered");
        (open->first ? open->last : open->first) = gone;
        count(gone);
    }
    entry.requests.clear();
}

void PodsLab::restart(const QString& name)
{
    Entry* entry = find(name);
    if (entry == nullptr)
        return;
    const bool handsOver = entry->handsOver;
    abandon(*entry);
    startPod(*entry);
    if (handsOver && m_state.handOver && !m_state.handOver->keyFree)
        m_state.handOver.reset(); // its watch went with the pod
}

void PodsLab::end(const QString& name, ClientEnding ending)
{
    Entry* entry = find(name);
    if (entry == nullptr || entry->pod->state().phase == PodPhase::Ended)
        return;
    if (!entry->pod->state().map.isEmpty()) {
        for (const auto& other : m_entries)
            other->handsOver = other.get() == entry;
        m_state.handOver = PodHandOver{.from = name, .ending = ending, .key = entry->pod->state().map.constFirst()};
    }
    entry->pod->end(ending);
}

void PodsLab::freeze(const QString& name)
{
    if (Entry* entry = find(name))
        entry->pod->freeze();
}

void PodsLab::thaw(const QString& name)
{
    if (Entry* entry = find(name))
        entry->pod->thaw();
}

quint64 PodsLab::sync(const QString& name, LockKey key, milliseconds work)
{
    if (find(name) == nullptr)
        return 0;
    m_holders->addKey(key);
    if (m_state.requests.size() >= mostRequests)
        m_state.requests.remove(0, m_state.requests.size() - mostRequests + 1);
    m_state.requests.append({.number = ++m_lastRequest,
                             .pod = name,
                             .key = key,
                             .work = work,
                             .askedAt = std::chrono::system_clock::now()});
    const quint64 number = m_lastRequest;
    Q_EMIT asked(m_state.requests.constLast());
    send(m_state.requests.last());
    return number;
}

void PodsLab::send(PodRequest& request)
{
    Entry* entry = find(request.pod);
    if (entry == nullptr)
        return;
    entry->requests.insert(entry->pod->sync(request.key, request.work), request.number);
    m_holders->stir();
    changed();
}

void PodsLab::tryAgain(quint64 number)
{
    PodRequest* refused = request(number);
    if (refused == nullptr || !refused->retrying)
        return;
    refused->retrying = m_state.retries && find(refused->pod) != nullptr;
    if (refused->retrying) {
        ++refused->attempts;
        send(*refused);
    }
    changed();
}

void PodsLab::setLoad(const std::optional<PodLoad>& load)
{
    m_state.load = load;
    if (load) {
        const double rate = std::clamp(load->requestsPerSecond, 0.1, 50.0);
        m_state.load->requestsPerSecond = rate;
        m_state.load->keys = std::clamp(load->keys, 1, 8);
        m_loadTimer.start(milliseconds(static_cast<int>(1000 / rate)));
    } else {
        m_loadTimer.stop();
    }
    changed();
}

void PodsLab::setFencing(bool fencing)
{
    m_resource.setFencing(fencing);
    m_state.fencing = fencing;
    changed();
}

void PodsLab::setRetries(bool retries)
{
    m_state.retries = retries;
    if (!retries) {
        for (PodRequest& one : m_state.requests)
            one.retrying = false;
    }
    changed();
}

void PodsLab::clear()
{
    setLoad({});
    m_resource.reset();
    m_writing.clear();
    m_state.requests.clear();
    m_state.writes.clear();
    m_state.counts = {};
    m_state.handOver.reset();
    for (const auto& entry : m_entries) {
        entry->requests.clear();
        entry->handsOver = false;
    }
    changed();
}

/// One request of the load: the next pod in turn that still answers, and any of the keys.
void PodsLab::arrive()
{
    const PodLoad load = *m_state.load;
    for (size_t tried = 0; tried < m_entries.size(); ++tried) {
        const Entry& entry = *m_entries.at(++m_turn % m_entries.size());
        if (entry.pod->state().phase == PodPhase::Ended || entry.pod->state().phase == PodPhase::Starting)
            continue;
        const auto unanswered =
            std::count_if(m_state.requests.cbegin(), m_state.requests.cend(),
                          [&](const PodRequest& one) { return one.pod == entry.name && !one.first; });
        if (unanswered >= mostUnanswered)
            continue;
        const int number = static_cast<int>(QRandomGenerator::global()->bounded(load.keys));
        sync(entry.name, keyAt(load, number), load.work);
        return;
    }
    ++m_state.counts.dropped;
    changed();
}

void PodsLab::takeState(Entry& entry)
{
    const PodState& state = entry.pod->state();
    entry.witness.hear(state);
    m_judge.forget(entry.witness);
    m_state.misbeliefs = m_judge.misbeliefs();
    if (entry.handsOver && m_state.handOver && state.release) {
        m_state.handOver->keyFree = state.release->keysFree;
        m_state.handOver->grain = state.release->grain;
    }
    if (!state.map.isEmpty() || state.release)
        m_holders->stir();
    changed();
}

void PodsLab::takeAnswer(Entry& entry, const PodAnswer& answer)
{
    if (!entry.requests.contains(answer.request))
        return; // it was cleared away
    count(answer);
    const bool lasts = answer.code == 202;
    const quint64 number = lasts ? entry.requests.value(answer.request) : entry.requests.take(answer.request);
    if (PodRequest* asked = request(number)) {
        const bool isLast = asked->first && asked->first->code == 202;
        (isLast ? asked->last : asked->first) = answer;
        asked->retrying = false;
        const auto retrying = std::count_if(m_state.requests.cbegin(), m_state.requests.cend(),
                                            [](const PodRequest& one) { return one.retrying; });
        if (answer.code == 409 && m_state.retries && retrying < mostRetrying) {
            asked->retrying = true;
            QTimer::singleShot(backOff(asked->attempts), this, [this, number] { tryAgain(number); });
        }
    }
    if (m_state.handOver && !m_state.handOver->accepted && answer.code == 202 && answer.key == m_state.handOver->key) {
        const auto ended =
            std::find_if(m_entries.cbegin(), m_entries.cend(), [](const auto& other) { return other->handsOver; });
        if (ended != m_entries.cend() && (*ended)->pod->endingSentAt()) {
            m_state.handOver->accepted = std::chrono::duration_cast<std::chrono::microseconds>(
                steady_clock::now() - *(*ended)->pod->endingSentAt());
            m_state.handOver->to = entry.name;
        }
    }
    // The pod has found out that it no longer held the lock, and it wrote before it did.
    if (answer.code == 500 && answer.token) {
        decideWrites();
        for (PodWrite& write : m_state.writes) {
            if (write.pod == entry.name && write.key == answer.key && write.token == *answer.token)
                write.late = true;
        }
    }
    m_holders->stir();
    Q_EMIT answered(answer);
    changed();
}

void PodsLab::takeWrite(const Entry& entry, LockKey key, qint64 token)
{
    m_writing.append({entry.pod->wroteAt(), entry.name, key, token});
    m_writeTimer.start();
}

/// The resource sees the writes in the order in which they were sent, however late and from whichever pipe we heard.
void PodsLab::decideWrites()
{
    std::stable_sort(m_writing.begin(), m_writing.end(),
                     [](const Writing& a, const Writing& b) { return a.at < b.at; });
    for (const Writing& writing : std::as_const(m_writing)) {
        PodWrite write = m_resource.write(writing.pod, writing.key, writing.token);
        write.late = std::any_of(m_state.misbeliefs.cbegin(), m_state.misbeliefs.cend(), [&](const PodMisbelief& one) {
            return one.pod == writing.pod && one.key == writing.key;
        });
        if (m_state.writes.size() >= mostWrites)
            m_state.writes.removeFirst();
        m_state.writes.append(write);
    }
    m_writing.clear();
    changed();
}

void PodsLab::count(const PodAnswer& answer)
{
    PodAnswerCounts& counts = m_state.counts;
    int& counter = answer.code == 202   ? counts.accepted
                   : answer.code == 200 ? counts.done
                   : answer.code == 409 ? counts.refused
                   : answer.code == 503 ? counts.exhausted
                                        : counts.lost;
    ++counter;
}

/// A look at the server was answered, or failed.
void PodsLab::takeLook()
{
    m_state.problem = m_holders->problem();
    m_state.holdersKnown = m_holders->askedAt().has_value();
    std::vector<const PodWitness*> witnesses;
    for (const auto& entry : m_entries)
        witnesses.push_back(&entry->witness);
    m_state.holders = PodJudge::nameHolders(m_holders->rows(), witnesses);
    if (!m_state.problem && m_state.holdersKnown)
        m_judge.judge(m_state.holders, witnesses, *m_holders->askedAt());
    m_state.misbeliefs = m_judge.misbeliefs();
    if (isBusy())
        m_holders->stir();
    changed();
}

PodRequest* PodsLab::request(quint64 number)
{
    const auto found = std::find_if(m_state.requests.begin(), m_state.requests.end(),
                                    [&](const PodRequest& one) { return one.number == number; });
    return found == m_state.requests.end() ? nullptr : &*found;
}

bool PodsLab::isBusy() const
{
    return std::any_of(m_entries.cbegin(), m_entries.cend(), [](const auto& entry) {
        return !entry->witness.believedSince.empty() || !entry->requests.isEmpty();
    });
}

void PodsLab::changed()
{
    if (!m_publishTimer.isActive())
        m_publishTimer.start();
}

} // namespace lockscope
