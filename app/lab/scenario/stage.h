#pragma once

#include "app/lab/querythread.h"
#include "app/lab/scenario/lessonactor.h"
#include "app/lab/scenario/serverpicture.h"
#include "models/domain/scenariodocument.h"
#include "models/domain/scenariostate.h"

#include <QHash>
#include <QSet>

#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace lockscope {

class ReleaseWatch;

/// Where a lesson plays: its actors, what the server shows of them, and who is behind which backend. GUI thread, never
/// waits but in the destructor. Remembers every backend that it has seen of its actors, and ends those that are left
/// when it goes, guarded by pid and start.
class Stage final : public QObject
{
    Q_OBJECT

public:
    Stage(const ScenarioDocument& document, Conninfo conninfo, QObject* parent = nullptr);
    ~Stage() override;
    Q_DISABLE_COPY_MOVE(Stage)

    /// Before the first actor starts.
    void setServer(int versionNumber, const QString& database);
    [[nodiscard]] int versionNumber() const { return m_versionNumber; }
    [[nodiscard]] const QString& database() const { return m_database; }
    /// The statements are sent when this object goes; an empty list when there is nothing left to remove.
    void setFarewell(const QStringList& statements);

    /// Answered by actorStarted() or actorNotStarted().
    void start(const QString& actor);
    /// Returns the number under which answered() tells it; never from inside.
    quint64 perform(const ScenarioAct& act);
    void kill(const QString& actor, KillStep::How how); ///< actorKilled()
    /// Null for an actor that is not of this lesson, or not of this server's version.
    [[nodiscard]] LessonActor* actor(const QString& name) const;
    [[nodiscard]] QStringList actorNames() const;
    /// What it answered last since its last act began.
    [[nodiscard]] std::optional<ActAnswer> latestAnswer(const QString& actor) const;

    /// A look that begins after this call.
    using Looked = std::function<void(const Result<ServerPicture>&)>;
    void look(Looked looked);
    [[nodiscard]] const ServerPicture& picture() const { return m_picture; } ///< the last one
    /// The actor behind a backend, empty for somebody else. A pooler's server connections are the pooler's.
    [[nodiscard]] QString ownerOf(qint32 pid) const;
    /// The actor, "prepared" for a prepared transaction, or how somebody else calls himself. Hostile text.
    [[nodiscard]] QString nameOf(const PictureLock& lock) const;
    [[nodiscard]] QList<qint32> backendsOf(const QString& actor) const; ///< also of connections that it no longer has
    /// Rows of the actor's backends; of one behind a pooler, the pooler's rows on keys that it asked for.
    [[nodiscard]] QList<PictureLock> locksOf(const QString& actor) const;

    /// Ends the backends that are left of this actor, or of all; guarded. done: when all statements were answered.
    void terminateBackends(const QString& actor, std::function<void(const Result<void>&)> done);
    /// Kills processes, closes sessions.
    void dismiss();
    /// Nothing is left: no farewell.
    void forget();
    /// Backends and locks of this lesson that the last look has shown.
    [[nodiscard]] int leftovers() const;

    [[nodiscard]] QList<ScenarioActorState> actorStates() const;
    [[nodiscard]] QList<ScenarioLock> locks() const;

Q_SIGNALS:
    void actorStarted(const QString& actor);
    void actorNotStarted(const QString& actor, const lockscope::Error& error);
    void answered(const QString& actor, quint64 number, const lockscope::ActAnswer& answer);
    void actorKilled(const QString& actor);
    void changed();

private:
    struct Known
    {
        QString actor;
        BackendId id;
    };

    [[nodiscard]] std::unique_ptr<LessonActor> make(const ScenarioActor& description);
    [[nodiscard]] Conninfo conninfoOf(const ScenarioActor& description) const;
    void remember(const LessonActor& actor);
    void tellFarewell();
    void beginLook();
    void ask();
    void finishLook(const Result<QueryThread::Rows>& rows);

    const ScenarioDocument m_document;
    const QList<LockKey> m_keys;
    const Conninfo m_conninfo;
    int m_versionNumber = 0;
    QString m_database;
    std::unique_ptr<QueryThread> m_queries; ///< its farewell comes after the actors are gone
    std::shared_ptr<ReleaseWatch> m_watch;
    std::map<QString, std::unique_ptr<LessonActor>> m_actors;
    QHash<qint32, Known> m_known;
    QHash<QString, std::optional<ActAnswer>> m_answers;
    QSet<quint64> m_asides;                 ///< acts whose answer is not the actor's latest
    QHash<QString, QList<LockKey>> m_asked; ///< keys that each actor has asked for
    bool m_blind = false;                   ///< the last look failed: what the picture shows may be gone
    QStringList m_farewell;
    ServerPicture m_picture;
    std::vector<Looked> m_waitingLooks;
    std::vector<Looked> m_currentLooks;
    quint64 m_lastNumber = 0;
    int m_listing = 0; ///< poolers that have not told their connections
};

/// The name under which a prepared transaction holds a lock, in scenario files as well.
[[nodiscard]] QString preparedName();
/// A prepared transaction that a lesson has made, this one or another: they are all named alike.
[[nodiscard]] bool isPreparedByALesson(const PictureLock& lock);

} // namespace lockscope
