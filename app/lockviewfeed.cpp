#include "app/lockviewfeed.h"

#include <QMetaObject>
#include <QMutex>

#include <utility>
#include <vector>

namespace lockscope {

/// Where views and snapshots go when nobody uses them any more: freeing 100 000 rows is no job for the GUI thread, and
/// whose reference is the last one cannot be known. Any thread. Outlives the feed while a view does.
class LockViewFeed::Attic
{
public:
    void put(std::shared_ptr<const void> thing)
    {
        const QMutexLocker locker(&m_mutex);
        m_things.push_back(std::move(thing));
    }

    void clear()
    {
        std::vector<std::shared_ptr<const void>> things;
        {
            const QMutexLocker locker(&m_mutex);
            things.swap(m_things);
        }
    }

    /// The same object; its last user puts it here.
    template <typename Thing>
    [[nodiscard]] static std::shared_ptr<const Thing> watched(const std::shared_ptr<Attic>& attic,
                                                              std::shared_ptr<const Thing> thing)
    {
        const Thing* const address = thing.get();
        return {address, [attic, kept = std::move(thing)](const Thing*) mutable { attic->put(std::move(kept)); }};
    }

private:
    QMutex m_mutex;
    std::vector<std::shared_ptr<const void>> m_things;
};

/// Lives on the feed's thread; touched by nobody else between start and end of it.
class LockViewFeed::Worker final : public QObject
{
public:
    explicit Worker(std::shared_ptr<Attic> attic)
        : m_attic(std::move(attic))
    {
    }

    [[nodiscard]] QList<LockViewUpdate> run(Job job)
    {
        m_attic->clear();
        QList<LockViewUpdate> updates;
        if (job.reset)
            updates.append(m_builder.reset());
        if (job.server)
            m_builder.setServer(job.server);
        if (job.dictionary)
            m_builder.setDictionary(*job.dictionary);
        if (job.names)
            m_builder.setTargetNames(*job.names);
        if (job.spec)
            updates.append(m_builder.respecify(*job.spec));
        if (job.snapshot)
            updates.append(m_builder.update(job.snapshot));
        if (updates.isEmpty())
            updates.append(m_builder.refresh());
        for (LockViewUpdate& update : updates)
            update.view = Attic::watched(m_attic, std::move(update.view));
        return updates;
    }

private:
    std::shared_ptr<Attic> m_attic;
    LockViewBuilder m_builder;
};

LockViewFeed::LockViewFeed(QObject* parent)
    : QObject(parent)
    , m_attic(std::make_shared<Attic>())
    , m_worker(std::make_unique<Worker>(m_attic))
{
    m_thread.setObjectName(QStringLiteral("lock view"));
    m_worker->moveToThread(&m_thread);
    m_thread.start();
}

LockViewFeed::~LockViewFeed()
{
    m_thread.quit();
    m_thread.wait();
}

void LockViewFeed::offer(const SnapshotPointer& snapshot)
{
    if (m_next.snapshot)
        m_attic->put(std::move(m_next.snapshot)); // the worker did not come to it
    m_next.snapshot = snapshot;
    dispatch();
}

void LockViewFeed::respecify(const LockViewSpec& spec)
{
    if (spec == m_spec)
        return;
    m_spec = spec;
    m_next.spec = spec;
    dispatch();
}

/// Counts with the next snapshot.
void LockViewFeed::setServer(const ServerInfo& server)
{
    m_next.server = server;
}

void LockViewFeed::setDictionary(const KeyDictionaryPointer& dictionary)
{
    m_next.dictionary = dictionary;
    dispatch();
}

void LockViewFeed::setTargetNames(const TargetNamesPointer& names)
{
    m_next.names = names;
    dispatch();
}

void LockViewFeed::reset()
{
    m_next.reset = true;
    m_next.snapshot.reset();
    m_next.names.reset();
    dispatch();
}

void LockViewFeed::dispatch()
{
    const bool nothing = !m_next.reset && !m_next.spec && !m_next.snapshot && !m_next.dictionary && !m_next.names;
    if (m_busy || nothing)
        return;
    m_busy = true;
    QMetaObject::invokeMethod(
        m_worker.get(),
        [this, worker = m_worker.get(), job = std::exchange(m_next, {})]() mutable {
            QList<LockViewUpdate> updates = worker->run(std::move(job));
            // Dropped unseen when the facade ends first: the destructor joins this thread before the QObject goes.
            QMetaObject::invokeMethod(
                this, [this, received = std::move(updates)] { receive(received); }, Qt::QueuedConnection);
        },
        Qt::QueuedConnection);
}

void LockViewFeed::receive(const QList<LockViewUpdate>& updates)
{
    for (const LockViewUpdate& update : updates)
        Q_EMIT updated(update);
    m_busy = false; // not before: what a slot asks for now waits its turn
    dispatch();
}

} // namespace lockscope
