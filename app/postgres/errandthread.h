#pragma once

#include "app/postgres/conninfo.h"
#include "app/postgres/libpqconnection.h"

#include <QFuture>
#include <QPromise>

#include <functional>
#include <thread>

namespace lockscope {

/// Opens a connection on a thread of its own and gives it to work, with what came of opening; what work returns is the
/// result. Not a thread of Qt's pool: a server that does not answer would hold up everybody else's work there, and the
/// end of the program, which waits for the pool. One attempt; never blocks the caller.
template <typename T>
QFuture<T> runErrand(const Conninfo& conninfo, std::function<T(LibpqConnection&, const Result<void>& opened)> work)
{
    QPromise<T> promise;
    auto future = promise.future();
    promise.start();
    std::thread([promise = std::move(promise), conninfo, work = std::move(work)]() mutable {
        const auto complete = withDefaults(conninfo, QStringLiteral("lockscope errand"));
        LibpqConnection connection;
        const auto opened = connection.open(complete, openTimeout(complete));
        promise.addResult(work(connection, opened));
        connection.close();
        promise.finish();
    }).detach();
    return future;
}

} // namespace lockscope
