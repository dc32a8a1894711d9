#pragma once

#include "models/domain/clientstate.h"
#include "models/domain/sessionstate.h"

#include <QDialog>

class QTreeWidget;

namespace lockscope {

/// Asked before the console quits while own sessions or clients hold something: what is held, and that quitting ends
/// these sessions, so that the server frees it. Show it with open(). GUI thread. Never releases or quits by itself:
/// accepted() means quit, rejected() means stay.
class QuitDialog final : public QDialog
{
    Q_OBJECT

public:
    QuitDialog(const QList<SessionState>& sessions, const QList<ClientState>& clients, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(QuitDialog)

    /// True when anything is held, waited for or of unknown fate: then it is worth asking.
    [[nodiscard]] static bool isNeeded(const QList<SessionState>& sessions, const QList<ClientState>& clients);

private:
    void addRows(const QString& name, qint32 backendPid, const QList<LedgerEntry>& ledger);
    [[nodiscard]] QString question() const;

    QTreeWidget* m_list;
    int m_held = 0;
    int m_unknown = 0;
};

} // namespace lockscope
