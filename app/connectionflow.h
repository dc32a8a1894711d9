#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/connectionprofile.h"
#include "models/domain/linkstate.h"
#include "models/domain/serverinfo.h"

#include <QFutureWatcher>
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
/// nobody but the Conninfo. Owns the one sandbox, which runs until the console ends: sessions live on it also while
/// another server is watched.
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
    /// Starts the sandbox, or goes back to it when it runs already.
    void startSandbox();
    /// Forgets what is under way: a connection attempt, a test, a sandbox that is starting. Nothing is emitted but
    /// busyChanged().
    void giveUp();
    /// What to offer for one click: recent connections under the name of their profile, then the other profiles.
    [[nodiscard]] QList<ConnectionProfile> offered() const;

    /// Whether the connection last chosen is the own sandbox.
    [[nodiscard]] bool choseSandbox() const { return m_choseSandbox; }
    /// The own sandbox on the loopback address: connectionChosen() tells its socket. Empty when it was not chosen.
    [[nodiscard]] std::optional<Conninfo> sandboxOverTcp() const;

    /// What came of connectionChosen(): closes the dialog, or shows there why not.
    void serverIdentified(const ServerInfo& server);
    void linkChanged(const LinkState& link);

Q_SIGNALS:
    void connectionChosen(const lockscope::Conninfo& conninfo, const QString& title);
    void cancelled();                      ///< the person gave up the attempt under way
    void busyChanged(const QString& text); ///< "Starting the server"; empty when done
    void offeredChanged();

private:
    ConnectDialog& dialog();
    void choose(const QString& text, const QString& password, const QString& profileName);
    void test(const QString& text, const QString& password);
    void makeSandbox();
    void chooseSandbox();
    void fail(const Error& error);
    [[nodiscard]] QList<ConnectionProfile> recent() const;

    Settings& m_settings;
    QWidget* m_window;
    QPointer<ConnectDialog> m_dialog;
    QPointer<QFutureWatcherBase> m_test; ///< owned by the dialog that asked for it
    std::unique_ptr<Sandbox> m_sandbox;
    Conninfo m_chosen;
    QString m_chosenText; ///< as it was given; empty for the sandbox
    QString m_chosenName; ///< the profile's
    bool m_choseSandbox = false;
    bool m_attempting = false;
};

} // namespace lockscope
