#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/labserver.h"

#include <QDialog>
#include <QObject>
#include <QPointer>
#include <QSet>

#include <functional>
#include <optional>

namespace lockscope {

/// The server that the lab works on.
struct LabPlace
{
    Conninfo conninfo;
    LabServer server;
    /// The same server by its address, where conninfo goes over a Unix socket, which has no cable to cut. Empty: there
    /// is none, or conninfo says it already.
    std::optional<Conninfo> overTcp = {};
};

/// Asks before the lab does anything on a server that is not the sandbox, and says what it will do. GUI thread; never
/// waits: the question is a dialog, the answer a call. What was allowed on a server is not asked again until another
/// one is watched.
class LabConsent final : public QObject
{
    Q_OBJECT

public:
    explicit LabConsent(QWidget* window, QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(LabConsent)

    void setServer(const LabServer& server);
    /// what: "Run the lesson \"pool-trap\"". deeds: what it will do, a sentence each. go is called at once on the
    /// sandbox, or later when the person allows it; not at all when it is refused, when another server is watched
    /// meanwhile, which takes the question away, or when context is gone.
    void ask(const QString& what, const QStringList& deeds, QObject* context, std::function<void()> go);

private:
    QWidget* m_window;
    QPointer<QDialog> m_question; ///< the last one, while it is open
    LabServer m_server;
    QSet<QString> m_allowed;
    quint64 m_servers = 0; ///< counts changes of server
};

} // namespace lockscope
