#include "app/settings.h"

#include <QSettings>

#include <algorithm>
#include <array>

namespace lockscope {

namespace {

struct Definition
{
    Setting setting;
    const char* name; ///< stable: it stands in people's files
    QVariant fallback;
};

/// The one settings table.
const std::array<Definition, static_cast<size_t>(Setting::End_)>& definitions()
{
    static const std::array<Definition, static_cast<size_t>(Setting::End_)> table{{
        {Setting::PollInterval, "locks/intervalMilliseconds", 1000},
        {Setting::AllLockTypes, "locks/allTypes", false},
        {Setting::RowLimit, "locks/rowLimit", 20'000},
        {Setting::SortColumn, "locks/sortColumn", QStringLiteral("state")},
        {Setting::SortDescending, "locks/sortDescending", false},
        {Setting::TableState, "locks/table", QByteArray()},
        {Setting::PageState, "locks/page", QByteArray()},
        {Setting::WindowGeometry, "window/geometry", QByteArray()},
        {Setting::WindowState, "window/state", QByteArray()},
        {Setting::ColorScheme, "look/colorScheme", QStringLiteral("system")},
        {Setting::TrainingMode, "look/trainingMode", false},
        {Setting::ShowHousekeeping, "log/showHousekeeping", false},
        {Setting::WaitsState, "waits/page", QByteArray()},
        {Setting::MinimumWait, "waits/minimumMilliseconds", 0},
        {Setting::AllSessions, "waits/allSessions", false},
        {Setting::HideIdle, "waits/hideIdle", true},
        {Setting::LabPage, "lab/page", QStringLiteral("lessons")},
        {Setting::RecentConnections, "connections/recent", QStringList()},
    }};
    return table;
}

const Definition& definition(Setting setting)
{
    const Definition& found = definitions().at(static_cast<size_t>(setting));
    Q_ASSERT(found.setting == setting);
    return found;
}

constexpr int keptRecentConnections = 8;
constexpr int keptProfiles = 1000; ///< the file says how many there are, and it may say anything

} // namespace

Settings::Settings(const QString& file)
    : m_store(file.isEmpty() ? std::make_unique<QSettings>(QSettings::IniFormat, QSettings::UserScope,
                                                           QStringLiteral("lockscope"), QStringLiteral("lockscope"))
                             : std::make_unique<QSettings>(file, QSettings::IniFormat))
{
}

Settings::~Settings() = default;

QVariant Settings::value(Setting setting) const
{
    const Definition& entry = definition(setting);
    QVariant stored = m_store->value(QLatin1String(entry.name), entry.fallback);
    // An INI file holds text: bring it to the type of the default, and fall back where somebody wrote nonsense.
    if (!stored.convert(entry.fallback.metaType()))
        return entry.fallback;
    return stored;
}

void Settings::set(Setting setting, const QVariant& value)
{
    m_store->setValue(QLatin1String(definition(setting).name), value);
}

QList<ConnectionProfile> Settings::profiles() const
{
    QList<ConnectionProfile> profiles;
    const int count = std::min(keptProfiles, m_store->beginReadArray(QStringLiteral("profiles")));
    for (int i = 0; i < count; ++i) {
        m_store->setArrayIndex(i);
        const QString name = m_store->value(QStringLiteral("name")).toString();
        if (!name.isEmpty())
            profiles.append({.name = name, .conninfo = m_store->value(QStringLiteral("conninfo")).toString()});
    }
    m_store->endArray();
    return profiles;
}

void Settings::setProfiles(const QList<ConnectionProfile>& profiles)
{
    m_store->remove(QStringLiteral("profiles"));
    m_store->beginWriteArray(QStringLiteral("profiles"), static_cast<int>(profiles.size()));
    for (int i = 0; i < profiles.size(); ++i) {
        m_store->setArrayIndex(i);
        m_store->setValue(QStringLiteral("name"), profiles.at(i).name);
        m_store->setValue(QStringLiteral("conninfo"), profiles.at(i).conninfo);
    }
    m_store->endArray();
}

QStringList Settings::recentConnections() const
{
    return value(Setting::RecentConnections).toStringList();
}

void Settings::rememberConnection(const QString& conninfoWithoutSecrets)
{
    QStringList recent = recentConnections();
    recent.removeAll(conninfoWithoutSecrets);
    recent.prepend(conninfoWithoutSecrets);
    set(Setting::RecentConnections, QStringList(recent.mid(0, keptRecentConnections)));
}

QString Settings::fileName() const
{
    return m_store->fileName();
}

} // namespace lockscope
