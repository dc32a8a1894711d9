#include "app/postgres/errand.h"

#include "app/postgres/errandthread.h"
#include "app/postgres/serverinquiry.h"

namespace lockscope {

using namespace std::chrono_literals;

namespace {

constexpr auto statementDeadline = 5s;

} // namespace

QFuture<Result<ServerInfo>> testConnection(const Conninfo& conninfo)
{
    return runErrand<Result<ServerInfo>>(
        conninfo, [](LibpqConnection& connection, const Result<void>& opened) -> Result<ServerInfo> {
            if (!opened)
                return failure(opened.error());
            return inquireServer(connection, statementDeadline);
        });
}

} // namespace lockscope
