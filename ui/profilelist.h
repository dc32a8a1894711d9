#pragma once

#include "models/domain/connectionprofile.h"

#include <QWidget>

class QListWidget;
class QListWidgetItem;
class QToolButton;

namespace lockscope {

/// Saved and recent ways to connect, to pick from. GUI thread. Keeps the saved ones while the dialog is open and says
/// when a person changed them; stores nothing and never holds a password.
class ProfileList final : public QWidget
{
    Q_OBJECT

public:
    static constexpr int maximumNameLength = 80;

    explicit ProfileList(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(ProfileList)

    void setProfiles(const QList<ConnectionProfile>& profiles);
    void setRecent(const QList<ConnectionProfile>& recent);
    [[nodiscard]] const QList<ConnectionProfile>& profiles() const { return m_profiles; }
    /// Adds it, or replaces the one of that name.
    void save(const ConnectionProfile& profile);

Q_SIGNALS:
    void picked(const lockscope::ConnectionProfile& profile);
    /// Double click or Return.
    void activated(const lockscope::ConnectionProfile& profile);
    void profilesChanged(const QList<lockscope::ConnectionProfile>& profiles);

private:
    void fill();
    void rename(QListWidgetItem* item);
    void removeCurrent();
    [[nodiscard]] const ConnectionProfile* profileOf(const QListWidgetItem* item) const;
    [[nodiscard]] qsizetype savedIndex(const QListWidgetItem* item) const;

    QList<ConnectionProfile> m_profiles;
    QList<ConnectionProfile> m_recent;
    QListWidget* m_list;
    QToolButton* m_rename;
    QToolButton* m_delete;
    bool m_filling = false;
};

} // namespace lockscope
