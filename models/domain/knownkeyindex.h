#pragma once

#include "models/domain/keydictionary.h"
#include "models/domain/knownkeys.h"

#include <QSet>
#include <QVarLengthArray>

#include <tuple>

namespace lockscope {

/// What the formulas of the built-in list make of one database.
struct FormulaKeys
{
    QHash<LockKey, QList<qsizetype>> keys;    ///< places in KnownKeyIndex::entries()
    QHash<qint32, QList<qsizetype>> classids; ///< likewise
};

/// Finds the entries of the built-in list that fit a target, and ranks them. Never changes once built, so any number of
/// threads may ask. Knows no labels, see KeyDictionary.
class KnownKeyIndex final
{
public:
    /// What sort of match it is, the strongest first.
    enum class Kind : quint8
    {
        Constant,
        Formula,
        ClassId,
        AsciiName,
        Rounded,
        Range
    };
    struct Candidate
    {
        const KnownKey* entry = nullptr; ///< lives as long as the index
        Kind kind = Kind::Constant;
        Confidence confidence = Confidence::MayBe;
        QString detail = {}; ///< where the entry's own template does not say it

        /// So many keys fall into it that a cell says nothing of it.
        [[nodiscard]] bool isFaint() const { return kind == Kind::Range && entry->specificity == Specificity::None; }
        [[nodiscard]] auto rank() const { return std::tuple(confidence, kind, entry->specificity); }
    };
    using Candidates = QVarLengthArray<Candidate, 8>;
    using ServerHashes = QMultiHash<LockTarget, ServerHash>;

    explicit KnownKeyIndex(const QList<KnownKey>& entries);
    Q_DISABLE_COPY_MOVE(KnownKeyIndex)

    [[nodiscard]] const QList<KnownKey>& entries() const { return m_entries; }
    [[nodiscard]] FormulaKeys formulasOf(const QString& databaseName) const;
    /// Where a target is, and what is known of that place.
    struct Place
    {
        const QString& databaseName;           ///< empty: not known, so no formula fits
        const FormulaKeys* formulas = nullptr; ///< of that database; null: computed as far as the key could be one
        const ServerHashes& serverHashes;
    };
    /// Best first.
    [[nodiscard]] Candidates candidates(const LockTarget& target, const Place& place) const;
    /// The candidates in at most about 40 characters.
    [[nodiscard]] QString meaning(const LockTarget& target, const Place& place) const;

private:
    using Places = QList<qsizetype>; ///< in m_entries
    struct Rounded
    {
        qsizetype entry = 0;
        qint64 original = 0;
    };
    struct RangeAt
    {
        KnownKey::Range range;
        qsizetype entry = 0;
    };

    void add(qsizetype at, const KnownKey::Constant& match);
    void add(qsizetype at, const KnownKey::ClassId& match);
    void add(qsizetype at, const KnownKey::ObjSubId& match) { m_objsubids[match.objsubid].append(at); }
    void add(qsizetype at, const KnownKey::Formula&) { m_formulas.append(at); }
    void add(qsizetype at, const KnownKey::Range& match) { m_ranges.append({match, at}); }
    void add(qsizetype at, const KnownKey::AsciiName&) { m_asciiNames.append(at); }
    void add(qsizetype, const KnownKey::ServerHashed&) {} // found by what the server answers
    void add(qsizetype, const KnownKey::HashOfName&) {}

    void collectHash(Candidates& found, const ServerHash& hash) const;
    void collectFormulas(Candidates& found, LockKey key, const Place& place) const;
    void collectParts(Candidates& found, LockKey key) const;
    [[nodiscard]] QString wording(const Candidate& candidate, const LockTarget& target, qsizetype room) const;

    QList<KnownKey> m_entries;
    QHash<QString, qsizetype> m_byId;
    QHash<LockKey, Places> m_constants;
    QHash<qint64, QList<Rounded>> m_rounded;
    QHash<quint64, Places> m_classids; ///< by form and class id
    QHash<quint16, Places> m_objsubids;
    Places m_formulas;
    QList<RangeAt> m_ranges;
    Places m_asciiNames;
    QSet<QString> m_repeatedNames; ///< of projects with several entries, which their purpose tells apart
};

} // namespace lockscope
