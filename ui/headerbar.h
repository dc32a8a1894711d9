#pragma once

#include "models/domain/connectionprofile.h"
#include "models/domain/serverinfo.h"

#include <QWidget>

#include <chrono>
#include <optional>

class QComboBox;
class QMenu;

namespace lockscope {

class Actions;
class FilterEdit;
class ServerBadge;

/// The one bar over the pages: which server, how often it is read, which locks, and the filter.
/// GUI thread. Shows what it is told; every wish goes up as a signal or as the action behind a button.
class HeaderBar final : public QWidget
{
    Q_OBJECT

public:
    explicit HeaderBar(const Actions& actions, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(HeaderBar)

    void setServer(const std::optional<ServerInfo>& server, const QString& title);
    /// Recent and saved ones: one click in the badge's menu switches to them.
    void setRecentProfiles(const QList<ConnectionProfile>& profiles);
    /// The interval in force shows in the status line; this is the chosen one. 250 ms to 60 s.
    void setInterval(std::chrono::milliseconds interval);
    [[nodiscard]] std::chrono::milliseconds interval() const;
    [[nodiscard]] FilterEdit* filterEdit() const { return m_filter; }

Q_SIGNALS:
    void intervalRequested(std::chrono::milliseconds interval);
    void filterChanged(const QString& filter);
    void profileRequested(const lockscope::ConnectionProfile& profile);

private:
    void showServerMenu();

    const Actions& m_actions;
    ServerBadge* m_badge;
    QComboBox* m_interval;
    FilterEdit* m_filter;
    QMenu* m_serverMenu;
    QList<ConnectionProfile> m_offered;
};

} // namespace lockscope
