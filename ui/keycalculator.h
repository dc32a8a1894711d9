#pragma once

#include "models/domain/keydictionary.h"
#include "ui/keytable.h"

#include <QDialog>
#include <QHash>
#include <QTimer>

#include <optional>

class QLabel;
class QLineEdit;
class QStringListModel;

namespace lockscope {

class DatabaseEdit;
class ToneLabel;

/// Converts and names keys: one field takes any form, a text is hashed by the server when there is one, and below stand
/// the keys that programs derive from the name of a database. A window of its own, not modal. GUI thread. Never asks a
/// server: says what it would like to know, and says so when nobody can answer.
class KeyCalculator final : public QDialog
{
    Q_OBJECT

public:
    static constexpr int maximumLength = 1000;

    explicit KeyCalculator(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(KeyCalculator)

    void setDictionary(const KeyDictionaryPointer& dictionary);
    /// The database of the connection, by which a text is hashed; empty: not connected.
    void setConnected(const QString& database);
    /// To choose from, and to find what is named in one of them.
    void setDatabases(const QHash<quint32, QString>& databases);
    void setInput(const QString& input);
    [[nodiscard]] QString input() const;
    [[nodiscard]] QString database() const; ///< the one that formulas are computed for

public Q_SLOTS:
    /// The answer to hashRequested(); entryId of a hash is "hashtext" or "hashtextextended".
    void setHashes(const QString& text, const QList<lockscope::ServerHash>& hashes);
    void setHashError(const QString& text, const lockscope::Error& error);

Q_SIGNALS:
    void hashRequested(const QString& text);
    void findRequested(const QString& filter);
    void keyChosen(const lockscope::LockKey& key);
    void nameRequested(const lockscope::LockKey& key, const QString& database);

private:
    [[nodiscard]] QWidget* makeTop();
    void watch(KeyTable* table);
    void evaluate();
    void evaluateFormulas();
    [[nodiscard]] QList<KeyTableRow> readNumbers();
    [[nodiscard]] QList<KeyTableRow> readText(const QString& text);
    [[nodiscard]] KeyTableRow row(const QString& how, const LockKey& key, const QString& hint = {}) const;
    void askForHashes(const QString& text);
    void say(const QString& message, bool isTrouble = false);
    void remember();

    QLineEdit* m_input;
    DatabaseEdit* m_database;
    ToneLabel* m_message;
    KeyTable* m_readings;
    QLabel* m_formulasTitle;
    KeyTable* m_formulas;
    QStringListModel* m_remembered;
    KeyDictionaryPointer m_dictionary;
    QHash<quint32, QString> m_databases;
    QString m_connectedDatabase;
    QString m_hashedText; ///< what m_hashes and m_hashError are about
    QList<ServerHash> m_hashes;
    std::optional<Error> m_hashError;
    QString m_asked; ///< the server is hashing this
    QTimer m_rest;   ///< a text is hashed once typing rests
};

} // namespace lockscope
