#pragma once

#include "models/lockview.h"

#include <QList>
#include <QObject>
#include <QThread>

#include <memory>
#include <optional>

namespace lockscope {

/// Turns snapshots into views of the lock table away from the GUI thread: merging, filtering and sorting 100 000 locks
/// takes longer than a frame. This class is the facade for the GUI thread; a worker on a thread of its own owns the
/// LockViewBuilder. One job in flight: while it runs only the newest snapshot and the newest wish wait, so that a slow
/// machine falls behind by one reading, never by a queue. Views that it hands out, and what they were made of, are
/// freed by the worker, whoever lets go of them last. Never talks to the server, never blocks the caller.
class LockViewFeed final : public QObject
{
    Q_OBJECT

public:
    explicit LockViewFeed(QObject* parent = nullptr);
    ~LockViewFeed() override; ///< joins the thread after the job in flight; nothing is emitted any more
    Q_DISABLE_COPY_MOVE(LockViewFeed)

    void offer(const SnapshotPointer& snapshot);
    void respecify(const LockViewSpec& spec);
    void setServer(const ServerInfo& server);
    void setDictionary(const KeyDictionaryPointer& dictionary);
    void setTargetNames(const TargetNamesPointer& names);
    /// Another server: what was offered before is forgotten.
    void reset();
    /// What was asked for last; the view may still show the one before.
    [[nodiscard]] const LockViewSpec& spec() const { return m_spec; }

Q_SIGNALS:
    /// In order and without gaps: each goes to LockTableModel::apply().
    void updated(const lockscope::LockViewUpdate& update);

private:
    class Attic;
    class Worker;
    struct Job
    {
        bool reset = false;
        std::optional<LockViewSpec> spec;
        SnapshotPointer snapshot;
        std::optional<ServerInfo> server;
        std::optional<KeyDictionaryPointer> dictionary;
        std::optional<TargetNamesPointer> names;
    };

    void dispatch();
    void receive(const QList<LockViewUpdate>& updates);

    LockViewSpec m_spec;
    Job m_next;
    bool m_busy = false;
    std::shared_ptr<Attic> m_attic;
    std::unique_ptr<Worker> m_worker;
    QThread m_thread;
};

} // namespace lockscope
