#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/probereport.h"

#include <QObject>

#include <memory>

namespace lockscope {

/// Asks an endpoint, with connections of its own and a random pair of keys, whether advisory locks work through it as
/// an application needs them to. GUI thread (any thread with an event loop); its work is done on a thread of its own.
/// Leaves nothing behind; what it cannot remove it names.
class Probe final : public QObject
{
    Q_OBJECT

public:
    /// As many connections it may have open at a time, while it removes a lock that is hard to reach; else five.
    static constexpr int mostConnections = 17;

    explicit Probe(Conninfo endpoint, QObject* parent = nullptr);
    ~Probe() override; ///< ends the probe; what it locked is released first, which takes at most about three seconds
    Q_DISABLE_COPY_MOVE(Probe)

    void start(); ///< once
    /// Ends it without waiting: finished() comes when everything is cleaned up, with the checks that were done by then,
    /// or failed() when there was no connection yet. Nothing comes when it was never started.
    void stop();

Q_SIGNALS:
    void checkFinished(const lockscope::ProbeCheck& check);
    void finished(const lockscope::ProbeReport& report);
    void failed(const lockscope::Error& error); ///< no connection at all

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace lockscope
