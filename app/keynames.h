#pragma once

#include "app/keynamesfile.h"
#include "app/postgres/keylabelquery.h"
#include "app/postgres/observer.h"
#include "models/domain/labelquery.h"

#include <QDeadlineTimer>
#include <QObject>
#include <QTimer>

#include <chrono>
#include <functional>
#include <optional>

namespace lockscope {

/// Knows what keys are called: puts the built-in list, the person's labels, the answers of label queries and the hashes
/// of the server together into one dictionary, and keeps what the person wrote in a file. GUI thread; queries run on
/// threads and connections of their own, hashes on the observer's connection. Never waits, and drops the answers of a
/// server that is no longer the one.
class KeyNames final : public QObject
{
    Q_OBJECT

public:
    /// As Observer::post: the work runs on the observer's thread, or the second function gets the reason why not.
    using PostWork = std::function<void(Observer::Work work, std::function<void(const Error&)> unreachable)>;
    static constexpr std::chrono::minutes usualInterval{5};

    /// Nothing is read before load(). interval: how often label queries are asked again.
    explicit KeyNames(const QString& file, std::chrono::milliseconds interval = usualInterval,
                      QObject* parent = nullptr);
    ~KeyNames() override;
    Q_DISABLE_COPY_MOVE(KeyNames)

    /// "key-names.json" in the folder of the settings.
    [[nodiscard]] static QString fileBeside(const QString& settingsFile);
    void load(); ///< says failed() when the file cannot be read; then nothing is written to it

    /// With --read-only no query of a person runs: a read-only transaction stops neither pg_terminate_backend nor
    /// pg_advisory_lock.
    void setReadOnly(bool readOnly) { m_readOnly = readOnly; }
    /// Without it, no hashes.
    void setPostWork(PostWork postWork);
    /// After each login. Runs the label queries that are for this server. The same server again keeps what is known.
    void setServer(const Conninfo& conninfo, const ServerInfo& server);
    void close();
    /// The databases whose keys are looked at, by oid. May be called with every poll: what was asked costs nothing.
    void setDatabases(const QHash<quint32, QString>& databases);

    [[nodiscard]] const QList<KeyLabel>& labels() const { return m_document.labels; }
    void setLabels(const QList<KeyLabel>& labels);
    /// Adds the labels of a file; one for the same keys and database is replaced. The value is how many it has. Queries
    /// in it are not taken: they would run by themselves.
    [[nodiscard]] Result<qsizetype> importLabels(const QString& fileName);
    [[nodiscard]] Result<void> exportLabels(const QString& fileName) const; ///< without queries

    [[nodiscard]] const QList<LabelQuery>& queries() const { return m_document.queries; }
    /// Adds the query or replaces the one of its id; runs nothing.
    void setQuery(const LabelQuery& query);
    void removeQuery(const QString& id);
    [[nodiscard]] LabelQueryState queryState(const QString& id) const;
    void runQuery(const QString& id); ///< nothing when it is not for this server, or is running already

    /// Asks the server what hashtext and hashtextextended (seed 0) make of it: textHashed() or textNotHashed().
    void hashText(const QString& text);

    [[nodiscard]] const KeyDictionaryPointer& dictionary() const { return m_dictionary; }

Q_SIGNALS:
    void dictionaryChanged(const lockscope::KeyDictionaryPointer& dictionary);
    void labelsChanged(const QList<lockscope::KeyLabel>& labels);
    void queriesChanged(const QList<lockscope::LabelQuery>& queries);
    void queryStateChanged(const QString& id, const lockscope::LabelQueryState& state);
    /// entryId of a hash: "hashtext" or "hashtextextended".
    void textHashed(const QString& text, const QList<lockscope::ServerHash>& hashes);
    void textNotHashed(const QString& text, const lockscope::Error& error);
    void failed(const lockscope::Error& error); ///< of the file

private:
    struct Server
    {
        Conninfo conninfo;
        ServerInfo info;
    };
    struct Run
    {
        quint64 number = 0; ///< an answer with another number is of an earlier text or server
        LabelQueryState state;
        KeyLabelAnswer names; ///< of the last run that worked
    };
    using Hashes = Result<QList<ServerHash>>;

    void save(const KeyNamesDocument& wanted);
    void runQueries();
    void take(const QString& id, quint64 number, const Result<KeyLabelAnswer>& answer);
    void sayState(const QString& id);
    void askNextHashes();
    void takeHashes(quint32 databaseOid, const Hashes& hashes);
    [[nodiscard]] QFuture<Hashes> askHashes(quint32 databaseOid, const QList<KeyDictionary::HashQuestion>& questions);
    [[nodiscard]] const LabelQuery* query(const QString& id) const;
    void forgetServer();
    void compose();

    KeyNamesFile m_file;
    KeyNamesDocument m_document;
    const KeyDictionary m_builtIn;
    KeyDictionaryPointer m_dictionary;
    PostWork m_postWork;
    std::optional<Server> m_server;
    quint64 m_serverNumber = 0; ///< an answer to a question asked with another number is dropped
    quint64 m_runNumber = 0;
    QHash<QString, Run> m_runs; ///< by id of the query
    QHash<quint32, QString> m_databases;
    QHash<quint32, QList<ServerHash>> m_hashes;
    bool m_hashesAsked = false;
    bool m_readOnly = false;
    QDeadlineTimer m_hashesNotBefore;
    QTimer m_again;
    QTimer m_composing; ///< several changes in a row make one dictionary
};

} // namespace lockscope
