#include "app/postgres/keyhash.h"

#include "app/postgres/libpqconnection.h"
#include "models/domain/lockrequest.h"

namespace lockscope {

Result<LockKey> hashOnServer(const Conninfo& conninfo, const TextKey& text, std::chrono::milliseconds deadline)
{
    const auto statement = hashStatement(text);
    if (!statement)
        return failure(statement.error());
    LibpqConnection connection;
    if (const auto opened = connection.open(withDefaults(conninfo, QStringLiteral("lockscope key")), deadline); !opened)
        return failure(opened.error());
    const auto answer = connection.executeOne(statement->toUtf8(), deadline);
    if (!answer)
        return failure(answer.error());
    return LockKey::bigint(answer->int64(0, 0));
}

} // namespace lockscope
