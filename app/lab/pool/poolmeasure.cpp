#include "app/lab/pool/poolmeasure.h"

#include "app/lab/pool/poolmeasurethread.h"

#include <QCoreApplication>

#include <optional>
#include <utility>

namespace lockscope {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(PoolMeasure)
};

std::optional<Error> problemOf(const HitRatePlan& plan)
{
    if (plan.fromSize < smallestPool || plan.toSize > largestPool || plan.fromSize > plan.toSize) {
        return Error{.kind = ErrorKind::Usage,
                     .what = Text::tr("Pools of %1 to %2 connections cannot be measured.")
                                 .arg(QString::number(plan.fromSize), QString::number(plan.toSize)),
                     .advice = Text::tr("Choose sizes from %1 to %2, the smaller one first.")
                                   .arg(QString::number(smallestPool), QString::number(largestPool))};
    }
    if (plan.unlocks < 1 || plan.unlocks > mostUnlocks) {
        return Error{.kind = ErrorKind::Usage,
                     .what = Text::tr("%1 unlocks for each size cannot be measured.").arg(plan.unlocks),
                     .advice = Text::tr("Choose a number from 1 to %1.").arg(mostUnlocks)};
    }
    return {};
}

} // namespace

PoolMeasure::PoolMeasure(Conninfo conninfo, QObject* parent)
    : QObject(parent)
    , m_conninfo(std::move(conninfo))
{
}

PoolMeasure::~PoolMeasure() = default;

void PoolMeasure::start(const HitRatePlan& plan)
{
    stop();
    m_running = true;
    // What an earlier thread said may still be on its way: it is not for this run.
    const auto isCurrent = [this, run = ++m_run] { return m_running && run == m_run; };
    const auto fail = [this, isCurrent](const Error& error) {
        if (!isCurrent())
            return;
        m_running = false;
        Q_EMIT failed(error);
    };
    if (const auto problem = problemOf(plan)) {
        QMetaObject::invokeMethod(
            this, [fail, problem] { fail(*problem); }, Qt::QueuedConnection);
        return;
    }
    m_thread = std::make_unique<PoolMeasureThread>(m_conninfo, plan);
    connect(
        m_thread.get(), &PoolMeasureThread::progress, this,
        [this, isCurrent](const HitRate& rate) {
            if (isCurrent())
                Q_EMIT progress(rate);
        },
        Qt::QueuedConnection);
    connect(
        m_thread.get(), &PoolMeasureThread::finished, this,
        [this, isCurrent](const QList<HitRate>& rates) {
            if (!isCurrent())
                return;
            m_running = false;
            Q_EMIT finished(rates);
        },
        Qt::QueuedConnection);
    connect(m_thread.get(), &PoolMeasureThread::failed, this, fail, Qt::QueuedConnection);
    m_thread->start();
}

void PoolMeasure::stop()
{
    m_running = false;
    m_thread.reset();
}

bool PoolMeasure::isRunning() const
{
    return m_running;
}

} // namespace lockscope
