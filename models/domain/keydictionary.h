#pragma once

#include "models/domain/locktarget.h"
#include "models/domain/result.h"

#include <QHash>
#include <QJsonArray>
#include <QList>
#include <QMetaType>

#include <memory>
#include <variant>

namespace lockscope {

class KnownKeyIndex;
struct FormulaKeys;
struct KnownKey;

enum class Confidence : quint8
{
    Is,       ///< the person's own label, or a number nobody takes by chance
    Probably, ///< a formula or class id that fits
    MayBe     ///< small or guessable numbers, ranges
};
/// "is", "probably", "may be".
[[nodiscard]] QString word(Confidence confidence);

/// One answer to "what is this key for?".
struct KnownUse
{
    QString id = {};      ///< "prisma-migrate"; "label" for the person's own
    QString project = {}; ///< "Prisma Migrate (schema engine)"; empty for a label
    QString purpose = {}; ///< "Serialises `prisma migrate` runs", or the text of the label
    QString detail = {};  ///< what the numbers mean here: "deployment id 7", "table OID 16384"
    QString source = {};  ///< "prisma/prisma-engines schema-engine/..."; "your label"; "label query"
    QString notes = {};
    Confidence confidence = Confidence::MayBe;
    QString name = {}; ///< of the project in few words: "Prisma Migrate"; empty for a label
    friend bool operator==(const KnownUse&, const KnownUse&) = default;
};

/// A person's own name for keys, in one database or (empty) in all.
struct KeyLabel
{
    struct Range
    {
        qint64 first = 0;
        qint64 last = 0; ///< inclusive
        friend bool operator==(const Range&, const Range&) = default;
    };
    struct ClassId
    {
        qint32 classid = 0; ///< the first half of a pair
        friend bool operator==(const ClassId&, const ClassId&) = default;
    };
    std::variant<LockKey, Range, ClassId> what = LockKey{};
    QString database = {};
    QString text = {};
    friend bool operator==(const KeyLabel&, const KeyLabel&) = default;
};

/// What a server hashed for us: hashtext belongs to the server, so its keys are asked, not computed.
struct ServerHash
{
    QString entryId = {};
    quint32 databaseOid = 0;
    LockKey key = {};
    QString detail = {}; ///< the text that was hashed
    friend bool operator==(const ServerHash&, const ServerHash&) = default;
};

/// Names the keys of advisory locks: the built-in list of well-known keys, a person's labels, and the answers of a
/// label query. A value, shared between threads once built; never asks a server itself. Look-ups cost a few hash
/// probes, in databases that setDatabases() does not know also some hashes for keys that fill 64 bits.
class KeyDictionary
{
public:
    /// The shape of resources/known-keys.json; the error names the entry that is wrong.
    [[nodiscard]] static Result<KeyDictionary> fromJson(const QByteArray& json);
    /// Of resources/known-keys.json, which is part of the program.
    [[nodiscard]] static KeyDictionary builtIn();

    void setLabels(const QList<KeyLabel>& labels);
    /// The answer of a label query, valid for one database. Texts are hostile.
    void setQueryLabels(quint32 databaseOid, const QHash<LockKey, QString>& labels);
    void setServerHashes(const QList<ServerHash>& hashes);
    /// Computes the formulas for databases of these names ahead. Changes no answer, only what it costs.
    void setDatabases(const QStringList& names);

    /// All candidates, best first: labels (of the key, a range, a class id), query labels, then what is, probably is
    /// and may be. databaseName is the one of the row: formulas are computed for it, and labels of other databases stay
    /// out. Empty for targets that are no advisory lock.
    [[nodiscard]] QList<KnownUse> uses(const LockTarget& target, const QString& databaseName) const;
    /// For a cell, about 40 characters: "Prisma Migrate", "may be Apache Airflow (or 5 others)", "Google calendar,
    /// ACME"; empty when nothing is known, or nothing more than a range that many keys fall into.
    [[nodiscard]] QString meaning(const LockTarget& target, const QString& databaseName) const;

    /// What a server has to be asked for in this database, see ServerHash.
    struct HashQuestion
    {
        QString entryId = {};
        QString text = {};     ///< to be hashed
        bool extended = false; ///< hashtextextended(text, seed), else hashtext(text)
        qint64 seed = 0;
        friend bool operator==(const HashQuestion&, const HashQuestion&) = default;
    };
    [[nodiscard]] QList<HashQuestion> hashQuestions(const QString& databaseName) const;

    [[nodiscard]] qsizetype size() const;
    [[nodiscard]] QList<KnownKey> knownKeys() const; ///< the built-in list as it is

private:
    [[nodiscard]] QList<const KeyLabel*> labelsOf(LockKey key, const QString& databaseName) const;

    std::shared_ptr<const KnownKeyIndex> m_index; ///< the built-in list, shared between copies; null without one
    QList<KeyLabel> m_labels;
    QHash<LockKey, QList<qsizetype>> m_keyLabels;    ///< places in m_labels
    QList<qsizetype> m_rangeLabels;                  ///< likewise, the narrowest first
    QHash<qint32, QList<qsizetype>> m_classIdLabels; ///< likewise
    QHash<quint32, QHash<LockKey, QString>> m_queryLabels;
    QMultiHash<LockTarget, ServerHash> m_serverHashes;
    QHash<QString, std::shared_ptr<const FormulaKeys>> m_formulas; ///< by database
};
using KeyDictionaryPointer = std::shared_ptr<const KeyDictionary>;

/// "known" of the command line's JSON: [{"id","project","name","purpose","detail","confidence","source"}].
[[nodiscard]] QJsonArray knownJson(const QList<KnownUse>& uses);

} // namespace lockscope

Q_DECLARE_METATYPE(lockscope::KeyDictionaryPointer)
