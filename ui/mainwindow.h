#pragma once

#include "models/domain/linkstate.h"
#include "models/domain/serverinfo.h"
#include "ui/docklayout.h"
#include "ui/theme.h"

#include <QMainWindow>

#include <optional>
#include <utility>

namespace lockscope {

class Actions;
class HeaderBar;
class LocksPage;
class Pages;
class ServerPage;
class StatusLine;
class WaitsPage;
enum class ActionId : int;

/// What the window puts together. The window becomes the parent; a panel that is null has no dock.
struct MainWindowParts
{
    LocksPage* locks = nullptr;
    WaitsPage* waits = nullptr;
    QWidget* lab = nullptr;
    ServerPage* server = nullptr;
    QWidget* operatorSessions = nullptr;
    QWidget* simulatedClients = nullptr;
    QWidget* statementLog = nullptr;
};

/// Puts pages, panels, menus and the status line together. GUI thread. Holds no settings and asks no server: layout
/// goes in and out as bytes, wishes go up as signals or as actions that someone else connected.
class MainWindow final : public QMainWindow
{
    Q_OBJECT

public:
    MainWindow(const Actions& actions, const MainWindowParts& parts, QWidget* parent = nullptr);
    ~MainWindow() override;
    Q_DISABLE_COPY_MOVE(MainWindow)

    /// Empty server: not connected, or not identified yet. title is what the person calls the connection.
    void setServer(const std::optional<ServerInfo>& server, const QString& title);
    void setLink(const LinkState& link);
    void setBusyText(const QString& text);
    /// Shows the lock table with this filter typed in.
    void showFiltered(const QString& filter);
    /// Marks the menu; theme::apply() is the caller's.
    void setColorScheme(ColorScheme scheme);

    [[nodiscard]] HeaderBar* headerBar() const { return m_header; }
    [[nodiscard]] LocksPage* locksPage() const { return m_parts.locks; }
    [[nodiscard]] StatusLine* statusLine() const { return m_status; }
    [[nodiscard]] Pages* pages() const { return m_pages; }

    /// Docks and tool bar; geometry is QWidget::saveGeometry(). Unknown or empty bytes leave the first layout.
    [[nodiscard]] QByteArray layoutState() const;
    void restoreLayout(const QByteArray& geometry, const QByteArray& state);
    /// Closes without asking again: the answer to closeRequested().
    void allowClose();

Q_SIGNALS:
    /// The person wants to close; the window stays until allowClose().
    void closeRequested();
    void colorSchemeRequested(lockscope::ColorScheme scheme);
    /// The desktop changed its look: theme::apply() again when it is followed.
    void systemThemeChanged();

protected:
    void closeEvent(QCloseEvent* event) override;
    void showEvent(QShowEvent* event) override;
    bool event(QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void connectActions();
    void fitToScreen();
    [[nodiscard]] int heightForDocks() const;
    void showServerDetails();
    void showShortcuts();
    void showAbout();
    void updateActions();

    const Actions& m_actions;
    MainWindowParts m_parts;
    std::optional<ServerInfo> m_server;
    QString m_title;
    LinkState m_link;
    HeaderBar* m_header;
    Pages* m_pages;
    StatusLine* m_status;
    DockLayout m_docks;
    bool m_closeAllowed = false;
    bool m_arranged = false;
};

} // namespace lockscope
