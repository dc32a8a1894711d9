#include "app/lab/pooler/poolerdirectory.h"

#include "app/platform/privateplace.h"

#include <QCoreApplication>

#include <chrono>

namespace lockscope {

namespace {

constexpr QStringView marker = u"owner";

platform::PrivatePlaceKind kind()
{
    return {.prefix = u"lockscope-pooler-",
            .marker = marker,
            .markerText = "Lockscope's private PgBouncer. It is removed when its owner has ended.\n",
            .longestSocket = QStringLiteral("socket/.s.PGSQL.%1").arg(PoolerDirectory::port())};
}

} // namespace

Result<PoolerDirectory> PoolerDirectory::create(const std::optional<platform::Account>& account)
{
    auto place = platform::createPrivatePlace(kind(), account);
    if (!place)
        return failure(place.error());
    // From here on the destructor cleans up.
    PoolerDirectory directory(place->path, std::move(place->lock), account);
    if (const auto made = platform::makeDirectory(directory.socketDirectory(), account); !made)
        return failure(made.error());
    if (const auto written = directory.writeSecret(directory.poolerLockFile(), {}); !written)
        return failure(written.error());
    return directory;
}

int PoolerDirectory::removeLeftovers()
{
    return platform::removeLeftPlaces(kind(), [](const QString& path, platform::OwnerLock lock) {
        const PoolerDirectory left(path, std::move(lock), std::nullopt);
    });
}

PoolerDirectory::~PoolerDirectory()
{
    using namespace std::chrono_literals;
    if (m_path.isEmpty())
        return; // moved from
    if (const qint64 pooler = platform::lockHolder(poolerLockFile()); pooler != 0) {
        static_cast<void>(platform::sendSignal(pooler, platform::ProcessSignal::Kill));
        static_cast<void>(platform::waitForProcessEnd(pooler, 2s));
    }
    // What cannot be removed now keeps its marker and is removed by a later start.
    static_cast<void>(platform::removeTree(m_path, marker.toString()));
}

Result<void> PoolerDirectory::writeConfiguration(const QByteArray& content) const
{
    return writeSecret(configurationFile(), content);
}

Result<void> PoolerDirectory::writeSecret(const QString& path, const QByteArray& content) const
{
    return platform::writeSecretFile(
        path, content, m_account,
        QCoreApplication::translate("lockscope::PoolerDirectory", "of the private PgBouncer"));
}

} // namespace lockscope
