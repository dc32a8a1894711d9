#pragma once

#include <QFuture>
#include <QFutureWatcher>

namespace lockscope {

/// Calls take with the answer, on the thread of owner and as long as that lives; dropped when there will never be one.
/// QFuture::then() with a context is no way: Qt 6.4 asserts when the context ended before the answer came.
template <typename T, typename Take, typename Dropped>
void whenAnswered(QObject* owner, const QFuture<T>& future, Take take, Dropped dropped)
{
    auto* const watcher = new QFutureWatcher<T>(owner);
    QObject::connect(watcher, &QFutureWatcherBase::finished, owner, [watcher, take, dropped]() mutable {
        watcher->deleteLater();
        if (watcher->future().resultCount() > 0)
            take(watcher->result());
        else
            dropped();
    });
    watcher->setFuture(future);
}

} // namespace lockscope
