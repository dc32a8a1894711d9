#include "app/lab/scenario/preparation.h"

#include "app/lab/clientexecutable.h"
#include "app/lab/pooler/pgbouncer.h"
#include "models/domain/displaytext.h"
#include "models/domain/time.h"

#include <QPointer>

#include <algorithm>

namespace lockscope {

namespace {

/// Longer than a login and a statement may take: it ends what nobody else ends.
constexpr std::chrono::seconds preparationDeadline{60};

bool uses(const ScenarioDocument& document, ActorKind kind)
{
    return std::any_of(document.actors.cbegin(), document.actors.cend(),
                       [kind](const ScenarioActor& actor) { return actor.kind == kind; });
}

} // namespace

Preparation::Preparation(const ScenarioDocument& document, SetupSession& setup, Stage& stage, QObject* parent)
    : QObject(parent)
    , m_document(document)
    , m_setup(setup)
    , m_stage(stage)
{
    m_deadline.setSingleShot(true);
    m_deadline.setInterval(preparationDeadline);
    connect(&m_deadline, &QTimer::timeout, this, [this] {
        const QString limit = formatDuration(preparationDeadline);
        const QString slow = m_toStart.value(0);
        m_toStart.clear();
        Q_EMIT failed({.kind = ErrorKind::Connection,
                       .what = slow.isEmpty() ? tr("The server did not answer within %1.").arg(limit)
                                              : tr("%1 was not ready within %2.").arg(slow, limit)});
    });
    connect(&m_stage, &Stage::actorStarted, this, [this](const QString& name) {
        if (m_toStart.isEmpty() || m_toStart.first() != name)
            return;
        m_toStart.removeFirst();
        QMetaObject::invokeMethod(this, &Preparation::startNext, Qt::QueuedConnection);
    });
    connect(&m_stage, &Stage::actorNotStarted, this, [this](const QString& name, const Error& error) {
        if (m_toStart.isEmpty() || m_toStart.first() != name)
            return;
        m_toStart.clear();
        // A server that answers and lets nobody in (no slot is free) is one that could not be connected to.
        Q_EMIT failed({.kind = error.kind == ErrorKind::Server ? ErrorKind::Connection : error.kind,
                       .what = tr("%1 could not be started: %2").arg(name, error.what),
                       .advice = error.advice,
                       .serverWords = error.serverWords,
                       .sqlState = error.sqlState});
    });
}

void Preparation::start()
{
    if (uses(m_document, ActorKind::Client) || uses(m_document, ActorKind::Pod)) {
        if (const Result<QString> program = findClientExecutable(); !program) {
            Q_EMIT failed(program.error());
            return;
        }
    }
    if (m_document.needsPooler || uses(m_document, ActorKind::Pooler)) {
        if (const Result<QString> program = findPgBouncer(); !program) {
            Q_EMIT failed(program.error());
            return;
        }
    }
    m_deadline.start();
    m_setup.inquire([this, self = QPointer(this)](const Result<LessonServer>& server) {
        if (!self)
            return;
        if (!server) {
            Q_EMIT failed(server.error());
            return;
        }
        Q_EMIT serverKnown(QStringLiteral("PostgreSQL %1").arg(server->version));
        if (const std::optional<Error> reason = whyNot(*server)) {
            Q_EMIT failed(*reason);
            return;
        }
        m_stage.setServer(server->versionNumber, server->database);
        m_setup.bound(server->versionNumber, [this, self](const Result<void>& bounded) {
            if (!self)
                return;
            if (bounded)
                lookAtKeys(false);
            else
                Q_EMIT failed(bounded.error());
        });
    });
}

std::optional<Error> Preparation::whyNot(const LessonServer& server) const
{
    const auto no = [](const QString& what, const QString& advice) {
        return Error{.kind = ErrorKind::Server, .what = what, .advice = advice};
    };
    const QString sandbox = tr("Run it on the sandbox.");
    if (server.behindPooler)
        return no(tr("This connection goes through a pooler: what a lesson shows would not be its own."),
                  tr("Connect to the server itself."));
    if (server.versionNumber / 10000 < m_document.minimumVersion)
        return no(tr("This lesson needs PostgreSQL %1 or later; this is %2.")
                      .arg(QString::number(m_document.minimumVersion), server.version),
                  {});
    if (server.standby)
        return no(tr("This server is a standby: it takes no writes, and its locks are its own."), sandbox);
    if (server.preparedTransactions < m_document.preparedTransactions)
        return no(
            tr("This lesson needs max_prepared_transactions of at least %1; it is %2 here.")
                .arg(QString::number(m_document.preparedTransactions), QString::number(server.preparedTransactions)),
            sandbox);
    return {};
}

/// Before anything is changed, and again after the reset statements have removed what an earlier run left.
void Preparation::lookAtKeys(bool afterReset)
{
    m_deadline.start();
    m_stage.look([this, self = QPointer(this), afterReset](const Result<ServerPicture>& picture) {
        if (!self)
            return;
        if (!picture) {
            Q_EMIT failed(picture.error());
            return;
        }
        QStringList databases{m_stage.database()};
        for (const ScenarioActor& actor : m_document.actors) {
            if (!actor.database.isEmpty())
                databases.append(actor.database);
        }
        for (const PictureLock& lock : picture->locks) {
            if (!databases.contains(lock.database) || (isPreparedByALesson(lock) && !afterReset))
                continue;
            const QString who =
                cellText(lock.pid == 0 ? tr("the prepared transaction \"%1\"").arg(lock.gid)
                                       : tr("pid %1 (%2)").arg(QString::number(lock.pid), lock.applicationName),
                         200);
            Q_EMIT failed(
                {.kind = ErrorKind::Server,
                 .what =
                     lock.granted
                         ? tr("Key %1 is held by %2, which is not part of this lesson.").arg(lock.key.toString(), who)
                         : tr("Key %1 is waited for by %2, which is not part of this lesson.")
                               .arg(lock.key.toString(), who),
                 .advice = tr("Nothing was touched. Run the lesson when the key is free, or on the sandbox.")});
            return;
        }
        if (!afterReset && !m_document.reset.isEmpty()) {
            m_setup.remove(m_document.reset, [this, self](const Result<void>& removed) {
                if (!self)
                    return;
                if (removed)
                    lookAtKeys(true);
                else
                    Q_EMIT failed(removed.error());
            });
            return;
        }
        Q_EMIT makes();
        m_stage.setFarewell(m_document.reset);
        m_setup.prepare(m_document.prepare, [this, self](const Result<void>& prepared) {
            if (!self)
                return;
            if (!prepared) {
                Error error = prepared.error();
                error.what = tr("What the lesson needs could not be made: %1").arg(error.what);
                if (error.sqlState == u"42501") // insufficient_privilege
                    error.advice = tr("Run it as a role that may do what its statements say, or on the sandbox.");
                Q_EMIT failed(error);
                return;
            }
            // Poolers first: others connect through them.
            for (const bool poolers : {true, false}) {
                for (const QString& name : m_stage.actorNames()) {
                    const ScenarioActor& actor = m_stage.actor(name)->description();
                    if (!actor.startsLater && (actor.kind == ActorKind::Pooler) == poolers)
                        m_toStart.append(name);
                }
            }
            startNext();
        });
    });
}

/// One after another: a picture in which everything is in its place from the beginning is easier to read.
void Preparation::startNext()
{
    if (m_toStart.isEmpty()) {
        m_deadline.stop();
        Q_EMIT done();
    } else {
        m_deadline.start();
        m_stage.start(m_toStart.first());
    }
}

} // namespace lockscope
