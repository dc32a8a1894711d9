#pragma once

#include "models/domain/connectionprofile.h"

#include <QByteArray>
#include <QList>
#include <QString>
#include <QVariant>

#include <memory>

class QSettings;

namespace lockscope {

/// Everything the console remembers; the table in settings.cpp gives each its name and default, once.
enum class Setting
{
    PollInterval, ///< milliseconds
    AllLockTypes,
    RowLimit,
    SortColumn,
    SortDescending,
    TableState,
    PageState,
    WindowGeometry,
    WindowState,
    ColorScheme,
    TrainingMode,
    ShowHousekeeping,
    WaitsState,
    MinimumWait, ///< milliseconds
    AllSessions,
    HideIdle,
    LabPage,
    RecentConnections,
    End_,
};

/// What is remembered between runs, in one INI file. Used on the GUI thread by the composition root only: pages get
/// values and report changes. Never holds a password: profiles are connection strings from which secrets were taken
/// out.
class Settings
{
public:
    /// An empty path is the user's own file.
    explicit Settings(const QString& file = {});
    ~Settings();
    Q_DISABLE_COPY_MOVE(Settings)

    [[nodiscard]] QVariant value(Setting setting) const;
    void set(Setting setting, const QVariant& value);

    [[nodiscard]] QList<ConnectionProfile> profiles() const;
    void setProfiles(const QList<ConnectionProfile>& profiles);
    /// Most recent first, at most eight; conninfo texts without secrets.
    [[nodiscard]] QStringList recentConnections() const;
    void rememberConnection(const QString& conninfoWithoutSecrets);

    [[nodiscard]] QString fileName() const;

private:
    std::unique_ptr<QSettings> m_store;
};

} // namespace lockscope
