#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/connectionprofile.h"
#include "models/domain/linkstate.h"
#include "models/domain/serverinfo.h"

#include <QObject>
#include <QPointer>
#include <QWidget>

#include <memory>
#include <optional>

namespace lockscope {

class ConnectDialog;
class Sandbox;
class Settings;

/// How a connection comes about: the dialog, the profiles, a connection string from the command line, or the sandbox.
/// GUI thread; nothing here waits. Says where to connect by connectionChosen(); passwords pass through and are kept by
/// nobody but the Conninfo.
class ConnectionFlow final : public QObject
{
    Q_OBJECT

public:
    ConnectionFlow(Settings& settings, QWidget* window, QObject* parent = nullptr);
    ~ConnectionFlow() override;
    Q_DISABLE_COPY_MOVE(ConnectionFlow)

    void showDialog();
    /// A text without password, from the command line or a profile; what is wrong with it is shown in the dialog.
    void connectTo(const QString& conninfo, const QString& profileName = {});
    void startSandbox();
    [[nodiscard]] bool usesSandbox() const { return m_sandbox != nullptr; }
    void stopSandbox();

    /// What came of connectionChosen(): closes the dialog, or shows there why not.
    void serverIdentified(const ServerInfo& server);
    void linkChanged(const LinkState& link);

Q_SIGNALS:
    void connectionChosen(const lockscope::Conninfo& conninfo, const QString& title);
    void cancelled();                      ///< the person gave up the attempt under way
    void busyChanged(const QString& text); ///< "Starting the server"; empty when done
    void profilesChanged();

private:
    ConnectDialog& dialog();
    void choose(const QString& text, const QString& password, const QString& profileName);
    void test(const QString& text, const QString& password);
    void fail(const Error& error);
    [[nodiscard]] QList<ConnectionProfile> recent() const;

    Settings& m_settings;
    QWidget* m_window;
    QPointer<ConnectDialog> m_dialog;
    std::unique_ptr<Sandbox> m_sandbox;
    Conninfo m_chosen;
    QString m_chosenText;
    bool m_attempting = false;
};

} // namespace lockscope
