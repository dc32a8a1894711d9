#pragma once

#include "app/keynames.h"
#include "models/domain/snapshot.h"

#include <QObject>
#include <QPointer>

namespace lockscope {

class KeyCalculator;
class KeyNamesDialog;

/// The two windows about keys, the calculator and the names, and what joins them to KeyNames. GUI thread. A window is
/// made when it is first asked for. Never asks a server itself.
class KeyTools final : public QObject
{
    Q_OBJECT

public:
    KeyTools(KeyNames& names, QWidget* window, QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(KeyTools)

    void setServer(const std::optional<ServerInfo>& server);
    void setDatabases(const QHash<quint32, QString>& databases);
    void showCalculator();
    void showNames();
    void nameKey(const LockKey& key, const QString& database);

Q_SIGNALS:
    void findRequested(const QString& filter);
    void keyChosen(const lockscope::LockKey& key);

private:
    [[nodiscard]] KeyNamesDialog& namesDialog();

    KeyNames& m_names;
    QWidget* m_window;
    QPointer<KeyCalculator> m_calculator;
    QPointer<KeyNamesDialog> m_dialog;
    std::optional<ServerInfo> m_server;
    QHash<quint32, QString> m_databases;
};

} // namespace lockscope
