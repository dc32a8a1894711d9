#pragma once

#include "app/lab/querythread.h"
#include "models/domain/podslabstate.h"

#include <QObject>
#include <QTimer>

#include <set>

namespace lockscope {

/// Asks the server who holds the keys that pods ask for: every 100 ms while something happens and for two seconds after
/// it, then not at all. GUI thread; one connection on a thread of its own. Never says which pod that is, never judges.
class PodHolders final : public QObject
{
    Q_OBJECT

public:
    struct Row
    {
        LockKey key;
        BackendId backend; ///< pid 0: a prepared transaction
        QString applicationName;
    };

    explicit PodHolders(const Conninfo& conninfo, QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(PodHolders)

    void addKey(LockKey key) { m_keys.insert(key); }
    /// Something happens: looks from now on.
    void stir();

    /// Of the last look that was answered.
    [[nodiscard]] const QList<Row>& rows() const { return m_rows; }
    /// When that look was asked for: what is true of the server was so then or later.
    [[nodiscard]] std::optional<SteadyTime> askedAt() const { return m_askedAt; }
    [[nodiscard]] const std::optional<Error>& problem() const { return m_problem; }

Q_SIGNALS:
    void looked();

private:
    void look();
    void take(const Result<QueryThread::Rows>& rows, SteadyTime askedAt);

    QueryThread m_thread;
    std::set<LockKey> m_keys;
    QList<Row> m_rows;
    std::optional<SteadyTime> m_askedAt;
    std::optional<Error> m_problem;
    SteadyTime m_lookUntil;
    bool m_asking = false;
    QTimer m_timer;
};

} // namespace lockscope
