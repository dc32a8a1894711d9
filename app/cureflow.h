#pragma once

#include "app/auditlog.h"
#include "app/postgres/conninfo.h"
#include "app/postgres/observer.h"
#include "models/domain/cure.h"
#include "models/lockrow.h"

#include <QObject>
#include <QPointer>
#include <QSet>

#include <functional>
#include <optional>

namespace lockscope {

class CureDialog;

/// How something is done to somebody else's session: from the wish on a page to the confirmation, the statement, the
/// verified outcome and the audit log. GUI thread; nothing here waits. What the confirmation shows is frozen when it
/// opens, and exactly that is acted on. With --read-only every wish is refused before anything else happens.
class CureFlow final : public QObject
{
    Q_OBJECT

public:
    /// Observer::post(), or nothing while there is none: then a connection of its own is used.
    using PostWork = std::function<void(Observer::Work, std::function<void(const Error&)>)>;

    CureFlow(const AuditLog& log, QWidget* window, QObject* parent = nullptr);
    ~CureFlow() override;
    Q_DISABLE_COPY_MOVE(CureFlow)

    void setPostWork(const PostWork& post);
    void setServer(const std::optional<ServerInfo>& server);
    void setConninfo(const Conninfo& conninfo);
    void setView(const LockViewPointer& view);
    void setReadOnly(bool readOnly);
    void setOwnBackends(const QSet<qint32>& pids);

    /// Asks for confirmation. While one is open, it stays the one.
    void request(CureKind kind, const WaitNodeId& victim);
    /// The lesson, about the advisory lock of this holder that most wait for.
    void requestForeignRelease(const WaitNodeId& holder);
    void showAuditLog();

Q_SIGNALS:
    /// For the status line; several for one action while the victim is still there.
    void outcomeShown(const QString& sentence, const lockscope::CureOutcome& outcome);

private:
    struct Action;
    using ActionPointer = std::shared_ptr<Action>;

    void act(const ActionPointer& action);
    void actApart(const ActionPointer& action);
    void actPrepared(const ActionPointer& action);
    void lookAgain(const ActionPointer& action, const CureOutcome& before);
    void take(const ActionPointer& action, const CureOutcome& outcome, bool mayLookAgain);
    void showOutcome(const CureOutcome& outcome);
    void refuse(const CureRequest& request, const QString& sentence, const QString& grant = {});
    void log(const Action& action, const QString& step, const CureOutcome* outcome = nullptr);
    void writeLog(const AuditEntry& entry);
    [[nodiscard]] AuditEntry entryFor(const QString& action, const WaitNodeId& victim) const;
    [[nodiscard]] QString databaseName(quint32 oid) const;
    void onServerConnection(const std::function<CureOutcome(LibpqConnection&, const ServerInfo&)>& work,
                            const std::function<void(const CureOutcome&)>& then,
                            const std::function<void(const Error&)>& unreachable);
    void teach(const Lock& lock, const WaitNodeId& holder);
    void copy(const QString& text) const;

    AuditLog m_log;
    QPointer<QWidget> m_window;
    PostWork m_post;
    std::optional<ServerInfo> m_server;
    Conninfo m_conninfo;
    LockViewPointer m_view;
    QSet<qint32> m_ownBackends;
    QPointer<CureDialog> m_dialog;
    ActionPointer m_asked; ///< what m_dialog asks about
    QList<ActionPointer> m_running;
    bool m_readOnly = false;
    bool m_logTroubleShown = false;
};

} // namespace lockscope
