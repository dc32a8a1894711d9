#pragma once

#include "app/lab/querythread.h"
#include "models/domain/lockkey.h"
#include "models/domain/time.h"

#include <QTimer>

#include <map>
#include <memory>

namespace lockscope {

/// Asks the server what the backends of a pool hold, on a connection of its own: soon after each change, then on a slow
/// tick until two looks agree. For the GUI thread, which never waits. Takes no lock, changes nothing.
class KeyWatch final : public QObject
{
    Q_OBJECT

public:
    using Keys = std::map<qint32, QList<LockKey>>; ///< by backend pid; a backend without keys is not among them

    KeyWatch(Conninfo conninfo, const QString& applicationName, QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(KeyWatch)

    /// These backends from now on. Something has changed: look soon.
    void look(const QList<qint32>& backendPids);
    /// The answer of the look was too late for some backend: look once more.
    void lookAgain();

Q_SIGNALS:
    void asking(); ///< the statement goes out now
    void seen(const lockscope::KeyWatch::Keys& keys);
    void failed(const lockscope::Error& error);

private:
    void askSoon();
    void ask();
    void receive(const Result<QueryThread::Rows>& rows);

    QTimer m_soon;
    QTimer m_tick;
    QList<qint32> m_backendPids;
    Keys m_last;
    bool m_asked = false; ///< an answer is awaited
    bool m_wanted = false;
    int m_failures = 0; ///< in a row
    SteadyTime m_askedAt{};
    QueryThread m_queries;
};

} // namespace lockscope
