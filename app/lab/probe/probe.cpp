#include "app/lab/probe/probe.h"

#include "app/lab/probe/proberun.h"

#include <thread>

namespace lockscope {

class Probe::Private
{
public:
    explicit Private(Conninfo conninfo)
        : endpoint(std::move(conninfo))
    {
    }

    const Conninfo endpoint;
    ProbeStop stop;
    std::thread thread;
};

Probe::Probe(Conninfo endpoint, QObject* parent)
    : QObject(parent)
    , d(std::make_unique<Private>(std::move(endpoint)))
{
}

Probe::~Probe()
{
    d->stop.stop();
    if (d->thread.joinable())
        d->thread.join();
}

void Probe::start()
{
    if (d->thread.joinable())
        return;
    // The thread is joined before this object goes, and what it has posted by then is dropped with the object.
    d->thread = std::thread([this] {
        ProbeRun run(d->endpoint, d->stop, [this](const ProbeCheck& check) {
            QMetaObject::invokeMethod(
                this, [this, check] { Q_EMIT checkFinished(check); }, Qt::QueuedConnection);
        });
        Result<ProbeReport> report = run.run();
        QMetaObject::invokeMethod(
            this,
            [this, report = std::move(report)] {
                if (report)
                    Q_EMIT finished(*report);
                else
                    Q_EMIT failed(report.error());
            },
            Qt::QueuedConnection);
    });
}

void Probe::stop()
{
    d->stop.stop();
}

} // namespace lockscope
