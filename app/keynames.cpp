#include "app/keynames.h"

#include "app/whenanswered.h"

#include "app/lockexporter.h"
#include "app/postgres/serverinquiry.h"

#include <QFileInfo>
#include <QPromise>

#include <algorithm>
#include <memory>

namespace lockscope {

using namespace std::chrono_literals;

namespace {

constexpr auto hashDeadline = 800ms; ///< the observer's connection is lent for less than a second
constexpr auto hashPause = 30s;      ///< after the observer could not be reached
constexpr qsizetype shownRows = 20;

bool isAscii(const QString& text)
{
    return std::all_of(text.cbegin(), text.cend(), [](QChar one) { return one.unicode() < 0x80; });
}

QList<std::pair<LockKey, QString>> firstRows(const QHash<LockKey, QString>& labels)
{
    QList<LockKey> keys = labels.keys();
    const auto shown = std::min(shownRows, keys.size());
    std::partial_sort(keys.begin(), keys.begin() + shown, keys.end());
    QList<std::pair<LockKey, QString>> rows;
    for (const auto key : std::as_const(keys).first(shown))
        rows.append({key, labels.value(key)});
    return rows;
}

} // namespace

KeyNames::KeyNames(const QString& file, std::chrono::milliseconds interval, QObject* parent)
    : QObject(parent)
    , m_file(file)
    , m_builtIn(KeyDictionary::builtIn())
    , m_dictionary(std::make_shared<const KeyDictionary>(m_builtIn))
{
    m_again.setInterval(interval);
    connect(&m_again, &QTimer::timeout, this, &KeyNames::runQueries);
    m_composing.setSingleShot(true);
    m_composing.setInterval(0);
    connect(&m_composing, &QTimer::timeout, this, &KeyNames::compose);
}

KeyNames::~KeyNames() = default;

QString KeyNames::fileBeside(const QString& settingsFile)
{
    return QFileInfo(settingsFile).absolutePath() + QStringLiteral("/key-names.json");
}

void KeyNames::load()
{
    auto document = m_file.read();
    if (!document) {
        Q_EMIT failed(document.error());
        return;
    }
    m_document = std::move(*document);
    Q_EMIT labelsChanged(m_document.labels);
    Q_EMIT queriesChanged(m_document.queries);
    m_composing.start();
    runQueries();
}

void KeyNames::save(const KeyNamesDocument& wanted)
{
    const KeyNamesDocument before = m_document;
    auto saved = m_file.save(before, wanted);
    m_document = saved ? std::move(*saved) : wanted; // in use even when it cannot be kept
    if (m_document.labels != before.labels)
        Q_EMIT labelsChanged(m_document.labels);
    if (m_document.queries != before.queries) {
        // What a query answered when it had another text, or is no longer there, names nothing any more.
        erase_if(m_runs, [&](const auto& run) {
            const auto* const now = query(run.key());
            return now == nullptr || !before.queries.contains(*now);
        });
        Q_EMIT queriesChanged(m_document.queries);
    }
    m_composing.start();
    if (!saved)
        Q_EMIT failed(saved.error());
}

void KeyNames::setLabels(const QList<KeyLabel>& labels)
{
    if (labels != m_document.labels)
        save({.labels = labels, .queries = m_document.queries});
}

Result<qsizetype> KeyNames::importLabels(const QString& fileName)
{
    if (!QFileInfo::exists(fileName))
        return usageError(tr("There is no file %1.").arg(fileName));
    const auto document = KeyNamesFile(fileName).read();
    if (!document)
        return failure(document.error());
    QList<KeyLabel> labels = m_document.labels;
    for (const auto& label : document->labels) {
        const auto same = std::find_if(labels.begin(), labels.end(), [&label](const KeyLabel& other) {
            return other.what == label.what && other.database == label.database;
        });
        if (same == labels.end())
            labels.append(label);
        else
            *same = label;
    }
    if (labels.size() > KeyNamesDocument::maximumLabels)
        return usageError(tr("With this file there would be more than %1 names.").arg(KeyNamesDocument::maximumLabels));
    setLabels(labels);
    return document->labels.size();
}

Result<void> KeyNames::exportLabels(const QString& fileName) const
{
    return writeFile(fileName, KeyNamesDocument{.labels = m_document.labels}.toJson());
}

void KeyNames::setQuery(const LabelQuery& query)
{
    auto wanted = m_document;
    const auto same = std::find_if(wanted.queries.begin(), wanted.queries.end(),
                                   [&query](const LabelQuery& other) { return other.id == query.id; });
    if (same == wanted.queries.end())
        wanted.queries.append(query);
    else if (*same != query)
        *same = query;
    else
        return;
    save(wanted);
    sayState(query.id);
}

void KeyNames::removeQuery(const QString& id)
{
    auto wanted = m_document;
    if (wanted.queries.removeIf([&id](const LabelQuery& query) { return query.id == id; }) > 0)
        save(wanted);
}

const LabelQuery* KeyNames::query(const QString& id) const
{
    const auto found = std::find_if(m_document.queries.cbegin(), m_document.queries.cend(),
                                    [&id](const LabelQuery& query) { return query.id == id; });
    return found == m_document.queries.cend() ? nullptr : &*found;
}

LabelQueryState KeyNames::queryState(const QString& id) const
{
    LabelQueryState state = m_runs.value(id).state;
    const auto* const asked = query(id);
    state.isForThisServer = asked != nullptr && m_server && asked->isFor(m_server->info);
    return state;
}

void KeyNames::sayState(const QString& id)
{
    Q_EMIT queryStateChanged(id, queryState(id));
}

void KeyNames::setServer(const Conninfo& conninfo, const ServerInfo& server)
{
    const bool isSame = m_server && m_server->conninfo == conninfo && m_server->info.isSameServer(server) &&
                        m_server->info.database == server.database && m_server->info.role == server.role;
    if (!isSame)
        forgetServer();
    m_server = Server{.conninfo = conninfo, .info = server};
    m_hashesNotBefore = QDeadlineTimer();
    m_again.start();
    runQueries();
    askNextHashes();
}

void KeyNames::close()
{
    m_again.stop();
    forgetServer();
    for (const auto& query : std::as_const(m_document.queries))
        sayState(query.id);
}

void KeyNames::forgetServer()
{
    m_server.reset();
    ++m_serverNumber;
    m_runs.clear();
    m_databases.clear();
    m_hashes.clear();
    m_hashesAsked = false;
    m_composing.start();
}

void KeyNames::runQueries()
{
    const auto queries = m_document.queries;
    for (const auto& query : queries)
        runQuery(query.id);
}

void KeyNames::runQuery(const QString& id)
{
    const auto* const asked = query(id);
    if (asked == nullptr || !m_server || !asked->isFor(m_server->info)) {
        sayState(id);
        return;
    }
    Run& run = m_runs[id];
    if (run.state.running)
        return;
    if (m_readOnly) {
        run.state.error = Error{
            .kind = ErrorKind::Usage,
            .what = tr("Lockscope was started with --read-only, so the query was not run."),
            .advice = tr("A query may call functions that lock or end something, in a read-only transaction too.")};
        return sayState(id);
    }
    run.state.running = true;
    run.number = ++m_runNumber;
    whenAnswered(
        this, askKeyLabels(sameHost(m_server->conninfo, m_server->info), asked->sql, asked->timeout),
        [this, id, number = run.number](const Result<KeyLabelAnswer>& answer) { take(id, number, answer); }, [] {});
    sayState(id);
}

void KeyNames::take(const QString& id, quint64 number, const Result<KeyLabelAnswer>& answer)
{
    const auto run = m_runs.find(id);
    if (run == m_runs.end() || run->number != number)
        return;
    run->state.running = false;
    run->state.lastRun = QDateTime::currentDateTime();
    run->state.error.reset();
    if (answer) {
        run->names = *answer;
        run->state.elapsed = answer->elapsed;
        run->state.rows = answer->rows;
        run->state.unreadable = answer->unreadable;
        run->state.truncated = answer->truncated;
        run->state.firstRows = firstRows(answer->labels);
        m_composing.start();
    } else {
        run->state.error = answer.error();
    }
    sayState(id);
}

void KeyNames::setPostWork(PostWork postWork)
{
    m_postWork = std::move(postWork);
    askNextHashes();
}

void KeyNames::setDatabases(const QHash<quint32, QString>& databases)
{
    m_databases = databases;
    askNextHashes();
}

void KeyNames::askNextHashes()
{
    // One database at a time, so that the observer polls in between.
    if (m_hashesAsked || !m_server || !m_postWork || !m_hashesNotBefore.hasExpired())
        return;
    for (auto database = m_databases.cbegin(); database != m_databases.cend(); ++database) {
        if (m_hashes.contains(database.key()))
            continue;
        auto questions = m_builtIn.hashQuestions(database.value());
        // The bytes that are hashed depend on the encoding of a database, which is known of the connected one alone.
        if (database.key() != m_server->info.databaseOid)
            questions.removeIf([](const KeyDictionary::HashQuestion& question) { return !isAscii(question.text); });
        if (questions.isEmpty()) {
            m_hashes.insert(database.key(), {});
            continue;
        }
        m_hashesAsked = true;
        whenAnswered(
            this, askHashes(database.key(), questions),
            [this, number = m_serverNumber, oid = database.key()](const Hashes& hashes) {
                if (number == m_serverNumber)
                    takeHashes(oid, hashes);
            },
            [this, number = m_serverNumber] {
                if (number == m_serverNumber) // the observer ended before it came to our question
                    m_hashesAsked = false;
            });
        return;
    }
}

void KeyNames::takeHashes(quint32 databaseOid, const Hashes& hashes)
{
    m_hashesAsked = false;
    // Likewise one that was too busy to answer in time.
    if (!hashes &&
        (hashes.error().kind == ErrorKind::Connection || hashes.error().sqlState == QLatin1StringView("57014"))) {
        m_hashesNotBefore = QDeadlineTimer(hashPause);
        return;
    }
    // A server that refuses to hash will refuse again.
    m_hashes.insert(databaseOid, hashes.value_or(QList<ServerHash>()));
    m_composing.start();
    askNextHashes();
}

QFuture<KeyNames::Hashes> KeyNames::askHashes(quint32 databaseOid, const QList<KeyDictionary::HashQuestion>& questions)
{
    const auto promise = std::make_shared<QPromise<Hashes>>();
    promise->start();
    auto future = promise->future();
    const auto answer = [promise](Hashes hashes) {
        promise->addResult(std::move(hashes));
        promise->finish();
    };
    m_postWork(
        [answer, databaseOid, questions](LibpqConnection& connection, const ServerInfo&) {
            answer(askServerHashes(connection, databaseOid, questions, hashDeadline));
        },
        [answer](const Error& error) { answer(failure(error)); });
    return future;
}

void KeyNames::hashText(const QString& text)
{
    if (!m_server || !m_postWork) {
        Q_EMIT textNotHashed(text, {.kind = ErrorKind::Connection,
                                    .what = tr("There is no server that could hash this text."),
                                    .advice = tr("Connect first: the hash functions belong to the server.")});
        return;
    }
    const auto take = [this, text](const Hashes& hashes) {
        if (hashes && hashes->isEmpty())
            Q_EMIT textNotHashed(
                text, {.kind = ErrorKind::Usage, .what = tr("The connected database cannot hold this text.")});
        else if (hashes)
            Q_EMIT textHashed(text, *hashes);
        else
            Q_EMIT textNotHashed(text, hashes.error());
    };
    const Error gone{.kind = ErrorKind::Connection, .what = tr("The connection ended before the answer came.")};
    whenAnswered(this,
                 askHashes(m_server->info.databaseOid,
                           {{.entryId = QStringLiteral("hashtext"), .text = text},
                            {.entryId = QStringLiteral("hashtextextended"), .text = text, .extended = true}}),
                 take, [this, text, gone] { Q_EMIT textNotHashed(text, gone); });
}

void KeyNames::compose()
{
    auto dictionary = std::make_shared<KeyDictionary>(m_builtIn);
    dictionary->setLabels(m_document.labels);
    QHash<quint32, QHash<LockKey, QString>> named;
    // Where two queries name one key, the first of the list has it.
    for (auto query = m_document.queries.crbegin(); query != m_document.queries.crend(); ++query) {
        const auto run = m_runs.constFind(query->id);
        if (run != m_runs.cend() && run->names.databaseOid != 0)
            named[run->names.databaseOid].insert(run->names.labels);
    }
    for (auto database = named.cbegin(); database != named.cend(); ++database)
        dictionary->setQueryLabels(database.key(), database.value());
    QList<ServerHash> hashes;
    for (const auto& some : std::as_const(m_hashes))
        hashes.append(some);
    dictionary->setServerHashes(hashes);
    m_dictionary = dictionary;
    Q_EMIT dictionaryChanged(m_dictionary);
}

} // namespace lockscope
