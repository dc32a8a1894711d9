#include "app/postgres/cancelkey.h"

#include "app/platform/platform.h"

#include <libpq-fe.h>

#include <array>
#include <thread>

namespace lockscope {

CancelKey::CancelKey(pg_conn* connection)
{
    if (auto* key = PQgetCancel(connection))
        m_key = std::shared_ptr<pg_cancel>(key, PQfreeCancel);
}

std::future<bool> CancelKey::send() const
{
    std::promise<bool> promise;
    auto future = promise.get_future();
    if (!m_key) {
        promise.set_value(false);
        return future;
    }
    std::thread([key = m_key, answer = std::move(promise)]() mutable {
        platform::ignoreBrokenPipesOnThisThread();
        std::array<char, 256> words{};
        answer.set_value(PQcancel(key.get(), words.data(), static_cast<int>(words.size())) == 1);
    }).detach();
    return future;
}

} // namespace lockscope
