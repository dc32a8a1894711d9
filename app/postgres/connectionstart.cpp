#include "app/postgres/connectionstart.h"

#include "app/platform/platform.h"

#include <libpq-fe.h>

#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace lockscope {

struct ConnectionStart::Shared
{
    std::mutex mutex;
    PGconn* connection = nullptr;
    bool abandoned = false;
    platform::WakeUp finished;
};

ConnectionStart::ConnectionStart(const Conninfo& conninfo)
    : m_shared(std::make_shared<Shared>())
{
    std::vector<QByteArray> texts;
    for (const auto& [keyword, value] : conninfo.parameters()) {
        texts.push_back(keyword.toUtf8());
        texts.push_back(value.toUtf8());
    }
    std::thread([shared = m_shared, texts = std::move(texts)] {
        std::vector<const char*> keywords;
        std::vector<const char*> values;
        for (std::size_t i = 0; i < texts.size(); i += 2) {
            keywords.push_back(texts[i].constData());
            values.push_back(texts[i + 1].constData());
        }
        keywords.push_back(nullptr);
        values.push_back(nullptr);
        // expand_dbname = 0: a database name that looks like a connection string must not redirect the connection.
        auto* connection = PQconnectStartParams(keywords.data(), values.data(), 0);
        const std::lock_guard guard(shared->mutex);
        if (shared->abandoned) {
            PQfinish(connection);
        } else {
            shared->connection = connection;
            shared->finished.ring();
        }
    }).detach();
}

ConnectionStart::~ConnectionStart()
{
    const std::lock_guard guard(m_shared->mutex);
    m_shared->abandoned = true;
    PQfinish(std::exchange(m_shared->connection, nullptr));
}

qintptr ConnectionStart::descriptor() const
{
    return m_shared->finished.descriptor();
}

pg_conn* ConnectionStart::take()
{
    const std::lock_guard guard(m_shared->mutex);
    return std::exchange(m_shared->connection, nullptr);
}

} // namespace lockscope
