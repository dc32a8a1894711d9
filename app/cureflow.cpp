#include "app/cureflow.h"

#include "app/postgres/cureerrand.h"
#include "app/postgres/serverinquiry.h"
#include "app/whenanswered.h"
#include "models/cureplan.h"
#include "models/domain/displaytext.h"
#include "models/domain/redaction.h"
#include "ui/auditdialog.h"
#include "ui/curedialog.h"
#include "ui/releaselessondialog.h"
#include "ui/safetext.h"

#include <QClipboard>
#include <QDesktopServices>
#include <QFileInfo>
#include <QGuiApplication>
#include <QPromise>
#include <QTimer>
#include <QUrl>

#include <algorithm>

namespace lockscope {

using namespace std::chrono_literals;

namespace {

/// Between two polls of the observer, so below the second that it gives.
constexpr auto firstPatience = 800ms;
constexpr auto apartPatience = 10s;
constexpr auto lookedEvery = 500ms;
constexpr auto lookedUntil = 10s;
constexpr qsizetype entriesShown = 1000;

} // namespace

/// One confirmed or unconfirmed action, with everything as it was when the dialog opened.
struct CureFlow::Action
{
    CurePlan plan;
    WaitNodeId victim;
    Conninfo conninfo;
    QString database; ///< of a prepared transaction
    AuditEntry entry;
};

CureFlow::CureFlow(const AuditLog& log, QWidget* window, QObject* parent)
    : QObject(parent)
    , m_log(log)
    , m_window(window)
{
}

/// What was confirmed has an entry that says how it ended, even if that is not known.
CureFlow::~CureFlow()
{
    m_logTroubleShown = true; // nobody is there to read about it
    for (const ActionPointer& action : std::as_const(m_running)) {
        const CureOutcome unknown{.request = action->plan.request,
                                  .result = CureResult::Failed,
                                  .sentence = tr("Lockscope was closed before it was known what came of it.")};
        log(*action, QStringLiteral("outcome"), &unknown);
    }
}

void CureFlow::setPostWork(const PostWork& post)
{
    m_post = post;
}

void CureFlow::setServer(const std::optional<ServerInfo>& server)
{
    if (!server || !m_server || !server->isSameServer(*m_server))
        m_view.reset(); // pids of another server
    m_server = server;
}

void CureFlow::setConninfo(const Conninfo& conninfo)
{
    m_conninfo = conninfo;
}

void CureFlow::setView(const LockViewPointer& view)
{
    m_view = view;
    if (!m_dialog || !m_view || !m_view->snapshot)
        return;
    // A backend that holds nothing is not read, and it is not what the plan shows any more either.
    const auto there = isStillThere(m_asked->plan.request, m_asked->victim, *m_view->snapshot);
    m_dialog->setStillThere(there.value_or(false));
}

void CureFlow::setReadOnly(bool readOnly)
{
    m_readOnly = readOnly;
}

void CureFlow::setOwnBackends(const QSet<qint32>& pids)
{
    m_ownBackends = pids;
}

void CureFlow::request(CureKind kind, const WaitNodeId& victim)
{
    const CureRequest asked{.kind = kind, .backend = victim.backend};
    if (m_readOnly)
        return refuse(asked, tr("Lockscope was started with --read-only, so nothing was done."));
    if (m_dialog) {
        m_dialog->activateWindow();
        return;
    }
    if (!m_server || !m_view || !m_view->snapshot)
        return refuse(asked, tr("There is no server to ask, so nothing was done."));

    const auto offers = cureOffers(victim, *m_view->snapshot, *m_server, m_readOnly);
    const auto offer = std::ranges::find(offers, kind, &CureOffer::kind);
    if (offer == offers.end() || !offer->applies)
        return refuse(asked, tr("There is nothing to do that to, so nothing was done."));
    if (!offer->possible)
        return refuse(asked, offer->reason, offer->grant);

    const auto action = std::make_shared<Action>();
    action->plan = planCure(kind, victim, *m_view, *m_server, m_ownBackends);
    action->victim = victim;
    action->plan.request.host = m_server->host;
    action->plan.request.port = m_server->port;
    action->conninfo = sameHost(m_conninfo, *m_server);
    action->database = databaseName(action->plan.request.prepared.databaseOid);
    action->entry = entryFor(auditWord(kind), victim);
    log(*action, QStringLiteral("requested"));

    m_asked = action;
    m_dialog = new CureDialog(action->plan, m_window);
    m_dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(m_dialog, &CureDialog::copyRequested, this, &CureFlow::copy);
    connect(m_dialog, &QDialog::finished, this, [this, action](int result) {
        m_dialog.clear();
        m_asked.reset();
        if (result != QDialog::Accepted)
            return log(*action, QStringLiteral("given up"));
        log(*action, QStringLiteral("confirmed"));
        m_running.append(action);
        act(action);
    });
    m_dialog->open();
}

void CureFlow::act(const ActionPointer& action)
{
    if (!isAboutBackend(action->plan.request.kind))
        return actPrepared(action);
    onServerConnection(
        [request = action->plan.request](LibpqConnection& connection, const ServerInfo& server) {
            return cureBackend(connection, server, request, firstPatience);
        },
        [this, action](const CureOutcome& outcome) { take(action, outcome, true); },
        [this, action](const Error&) { actApart(action); });
}

void CureFlow::actApart(const ActionPointer& action)
{
    whenAnswered(
        this, cureBackendApart(action->conninfo, action->plan.request, apartPatience),
        [this, action](const CureOutcome& outcome) { take(action, outcome, false); }, [] {});
}

void CureFlow::actPrepared(const ActionPointer& action)
{
    if (action->database.isEmpty())
        return take(action,
                    {.request = action->plan.request,
                     .result = CureResult::Refused,
                     .sentence = tr("The name of its database is not known, and it can be finished from there only. "
                                    "Nothing was sent.")},
                    false);
    whenAnswered(
        this, curePrepared(action->conninfo, action->database, action->plan.request),
        [this, action](const CureOutcome& outcome) { take(action, outcome, false); }, [] {});
}

/// Hands work to the observer's thread and its outcome back to this one. The promise is shared by both ways out; when
/// neither is taken, because the observer ended first, it breaks, and that is an answer, too.
void CureFlow::onServerConnection(const std::function<CureOutcome(LibpqConnection&, const ServerInfo&)>& work,
                                  const std::function<void(const CureOutcome&)>& then,
                                  const std::function<void(const Error&)>& unreachable)
{
    const Error gone{.kind = ErrorKind::Connection, .what = tr("The server cannot be reached now.")};
    if (!m_post)
        return unreachable(gone);
    const auto promise = std::make_shared<QPromise<Result<CureOutcome>>>();
    auto future = promise->future();
    promise->start();
    m_post(
        [promise, work](LibpqConnection& connection, const ServerInfo& server) {
            promise->addResult(Result<CureOutcome>(work(connection, server)));
            promise->finish();
        },
        [promise](const Error& error) {
            promise->addResult(Result<CureOutcome>(failure(error)));
            promise->finish();
        });
    whenAnswered(
        this, future,
        [then, unreachable](const Result<CureOutcome>& result) {
            result ? then(*result) : unreachable(result.error());
        },
        [unreachable, gone] { unreachable(gone); });
}

void CureFlow::lookAgain(const ActionPointer& action, const CureOutcome& before)
{
    onServerConnection([before](LibpqConnection& connection,
                                const ServerInfo& server) { return lookAfterCure(connection, server, before); },
                       [this, action](const CureOutcome& outcome) { take(action, outcome, true); },
                       [this, action, before](const Error& error) {
                           CureOutcome lost = before;
                           lost.result = CureResult::Failed;
                           lost.sentence = tr("The connection was lost before it was seen to end: whether it is still "
                                              "there is not known.");
                           lost.error = error;
                           take(action, lost, false);
                       });
}

void CureFlow::take(const ActionPointer& action, const CureOutcome& outcome, bool mayLookAgain)
{
    if (mayLookAgain && outcome.result == CureResult::StillThere &&
        std::chrono::steady_clock::now() - outcome.sentAt < lookedUntil) {
        Q_EMIT outcomeShown(outcome.sentence, outcome);
        QTimer::singleShot(lookedEvery, this, [this, action, outcome] { lookAgain(action, outcome); });
        return;
    }
    m_running.removeAll(action);
    log(*action, QStringLiteral("outcome"), &outcome);
    showOutcome(outcome);
}

void CureFlow::refuse(const CureRequest& request, const QString& sentence, const QString& grant)
{
    showOutcome({.request = request, .result = CureResult::Refused, .sentence = sentence, .grant = grant});
}

void CureFlow::showOutcome(const CureOutcome& outcome)
{
    Q_EMIT outcomeShown(outcome.sentence, outcome);
    if (outcome.result == CureResult::Done || outcome.result == CureResult::NotFound)
        return;
    QStringList information;
    if (!outcome.grant.isEmpty())
        information.append(tr("This would make it possible:\n%1").arg(outcome.grant));
    else if (outcome.error && outcome.result == CureResult::Failed)
        information.append({outcome.error->what, outcome.error->advice});
    QStringList words = outcome.notices;
    if (outcome.error && !outcome.error->serverWords.isEmpty())
        words.prepend(outcome.error->serverWords);
    auto* const box = safetext::messageBox(
        m_window, outcome.result == CureResult::Refused ? QMessageBox::Information : QMessageBox::Warning,
        title(outcome.request.kind), outcome.sentence, information.join(QLatin1Char('\n')).trimmed(),
        words.join(QLatin1Char('\n')));
    box->open();
}

AuditEntry CureFlow::entryFor(const QString& action, const WaitNodeId& victim) const
{
    AuditEntry entry;
    entry.action = action;
    entry.host = m_server->host;
    entry.port = m_server->port;
    entry.database = m_server->database;
    entry.systemIdentifier = m_server->systemIdentifier;
    entry.role = m_server->role;
    entry.pid = victim.backend.pid;
    if (victim.backend.backendStart)
        entry.start = QString::number(qint64{victim.backend.backendStart->time_since_epoch().count()});
    const Snapshot& snapshot = *m_view->snapshot;
    if (const auto backend = snapshot.backends.value(victim.backend.pid); backend && backend->id == victim.backend) {
        entry.application = backend->applicationName;
        entry.user = backend->user;
        entry.query = withoutPasswords(backend->query);
    }
    if (victim.isPrepared()) {
        const auto prepared = snapshot.prepared.value(victim.virtualTransaction);
        entry.gid = prepared.gid;
        entry.transaction = QString::number(prepared.transactionId);
        entry.user = prepared.owner;
        entry.start = QString::number(qint64{prepared.preparedAt.time_since_epoch().count()});
    }
    return entry;
}

void CureFlow::log(const Action& action, const QString& step, const CureOutcome* outcome)
{
    AuditEntry entry = action.entry;
    entry.step = step;
    if (outcome != nullptr) {
        entry.outcome = auditWord(outcome->result);
        entry.sentence = outcome->sentence;
        entry.notices = outcome->notices;
        if (outcome->error && !outcome->error->serverWords.isEmpty())
            entry.notices.append(outcome->error->serverWords);
    }
    writeLog(entry);
}

void CureFlow::writeLog(const AuditEntry& entry)
{
    AuditEntry stamped = entry;
    stamped.time = QDateTime::currentDateTimeUtc();
    const auto written = m_log.append(stamped);
    if (written || m_logTroubleShown)
        return;
    m_logTroubleShown = true;
    safetext::errorBox(m_window, tr("Audit Log"), written.error())->open();
}

QString CureFlow::databaseName(quint32 oid) const
{
    if (oid != 0 && oid == m_server->databaseOid)
        return m_server->database;
    return m_view->snapshot->databaseNames.value(oid);
}

void CureFlow::requestForeignRelease(const WaitNodeId& holder)
{
    const CureRequest asked{.kind = CureKind::TerminateBackend, .backend = holder.backend};
    if (m_readOnly)
        return refuse(asked, tr("Lockscope was started with --read-only, so nothing was done."));
    if (!m_server || !m_view || !m_view->snapshot)
        return refuse(asked, tr("There is no server to ask, so nothing was done."));
    const WaitNode* const node = m_view->waits ? m_view->waits->node(holder) : nullptr;
    const auto fits = [](const Lock& lock) {
        return lock.granted && lock.target.key() && (lock.mode == LockMode::Exclusive || lock.mode == LockMode::Share);
    };
    const auto find = [&](const QList<Lock>& locks, bool ofHolder) {
        const auto found = std::ranges::find_if(locks, [&](const Lock& lock) {
            return fits(lock) && (!ofHolder || nodeOf(lock, *m_view->snapshot) == holder);
        });
        return found == locks.end() ? std::optional<Lock>() : std::optional<Lock>(*found);
    };
    auto lock = node != nullptr ? find(node->blocks, false) : std::nullopt;
    if (!lock)
        lock = find(m_view->snapshot->locks, true);
    if (!lock)
        return refuse(asked, tr("This session holds no advisory lock that could be asked for."));
    teach(*lock, holder);
}

void CureFlow::teach(const Lock& lock, const WaitNodeId& holder)
{
    const LockKey key = *lock.target.key();
    const LockShare share = lock.mode == LockMode::Share ? LockShare::Shared : LockShare::Exclusive;
    const QString database = databaseName(lock.target.databaseOid);
    if (database.isEmpty())
        return refuse({}, tr("The name of the key's database is not known, so nothing was sent."));
    const QString name = planCure(CureKind::TerminateBackend, holder, *m_view, *m_server).name;
    AuditEntry entry = entryFor(QStringLiteral("release foreign lock"), holder);
    entry.database = database;
    entry.query = releaseStatement(key, share);

    auto* const dialog = new ReleaseLessonDialog(tr("key %1 in %2").arg(key.toString(), cellText(database, 60)), name,
                                                 entry.query, m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &ReleaseLessonDialog::tryRequested, this,
            [this, dialog = QPointer(dialog), entry, key, share, database,
             conninfo = sameHost(m_conninfo, *m_server)]() mutable {
                entry.step = QStringLiteral("confirmed");
                writeLog(entry);
                dialog->setRunning();
                whenAnswered(
                    this, tryForeignRelease(conninfo, database, key, share),
                    [this, dialog, entry](const ForeignRelease& answer) mutable {
                        entry.step = QStringLiteral("outcome");
                        entry.outcome = !answer.answer ? QStringLiteral("failed") : QVariant(*answer.answer).toString();
                        entry.sentence = answer.error ? answer.error->what : QString();
                        entry.notices = answer.notices;
                        writeLog(entry);
                        if (dialog)
                            dialog->setAnswer(answer);
                    },
                    [] {});
            });
    dialog->open();
}

void CureFlow::showAuditLog()
{
    auto* const dialog = new AuditDialog(m_log.entries(entriesShown), m_log.fileName(), m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &AuditDialog::copyRequested, this, &CureFlow::copy);
    connect(dialog, &AuditDialog::showFileRequested, this, [](const QString& fileName) {
        QDesktopServices::openUrl(QUrl::fromLocalFile(QFileInfo(fileName).absolutePath()));
    });
    dialog->open();
}

void CureFlow::copy(const QString& text) const
{
    QGuiApplication::clipboard()->setText(text);
}

} // namespace lockscope
