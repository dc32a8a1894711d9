#include "models/domain/knownkeyindex.h"

#include "models/domain/displaytext.h"
#include "models/domain/keydetail.h"

#include <QCoreApplication>

#include <algorithm>

namespace lockscope {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(KnownKeyIndex)
};

constexpr int cellCharacters = 40;
constexpr int hashedCharacters = 120;

Confidence ofNumber(Specificity specificity)
{
    switch (specificity) {
    case Specificity::High:
        return Confidence::Is;
    case Specificity::Medium:
        return Confidence::Probably;
    case Specificity::Low:
    case Specificity::None:
        break;
    }
    return Confidence::MayBe;
}

/// Of matches that leave a part of the key open.
Confidence ofPart(Specificity specificity)
{
    return specificity == Specificity::High ? Confidence::Probably : Confidence::MayBe;
}

/// Seven characters leave 14 bits that have to be the filling; longer names fit many pairs by chance.
constexpr qsizetype tellingNameLength = 7;

/// Without copying what it finds: nearly all look-ups find nothing.
template <typename Key, typename List, typename Take>
void forEach(const QHash<Key, List>& lists, const Key& key, Take take)
{
    if (const auto list = lists.constFind(key); list != lists.cend())
        std::for_each(list->begin(), list->end(), take);
}

quint64 classIdProbe(KeyForm form, qint32 classid)
{
    return (quint64(form) << 32) | static_cast<quint32>(classid);
}

/// Spares the hashes where they cannot fit: a formula of 64 bits leaves the upper half 0 or -1 once in 2^31 databases.
bool couldComeFrom(KeyFormula formula, LockKey key)
{
    if (givesClassIdOnly(formula))
        return key.form() == KeyForm::Int4Pair;
    const bool small = key.classid() == 0;
    const bool negative = key.classid() == 0xffffffffU;
    return key.form() == KeyForm::Bigint && (fillsAllBits(formula) ? !small && !negative : small);
}

QString withConfidence(Confidence confidence, const QString& text)
{
    switch (confidence) {
    case Confidence::Is:
        break;
    case Confidence::Probably:
        return Text::tr("probably %1").arg(text);
    case Confidence::MayBe:
        return Text::tr("may be %1").arg(text);
    }
    return text;
}

} // namespace

KnownKeyIndex::KnownKeyIndex(const QList<KnownKey>& entries)
    : m_entries(entries)
{
    QSet<QString> names;
    for (qsizetype at = 0; at < m_entries.size(); ++at) {
        m_byId.insert(m_entries.at(at).id, at);
        if (names.contains(m_entries.at(at).name))
            m_repeatedNames.insert(m_entries.at(at).name);
        names.insert(m_entries.at(at).name);
        std::visit([&](const auto& match) { add(at, match); }, m_entries.at(at).match);
    }
}

void KnownKeyIndex::add(qsizetype at, const KnownKey::Constant& match)
{
    m_constants[match.key].append(at);
    if (match.key.form() != KeyForm::Bigint)
        return;
    const qint64 key = match.key.value();
    const std::optional<qint64> digits = roundedByJavaScript(key);
    const std::optional<qint64> nearest = roundedToDouble(key);
    if (digits)
        m_rounded[*digits].append({at, key});
    if (nearest && nearest != digits)
        m_rounded[*nearest].append({at, key});
}

void KnownKeyIndex::add(qsizetype at, const KnownKey::ClassId& match)
{
    m_classids[classIdProbe(match.form, match.classid)].append(at);
}

FormulaKeys KnownKeyIndex::formulasOf(const QString& databaseName) const
{
    FormulaKeys computed;
    for (const qsizetype at : m_formulas) {
        const auto& match = std::get<KnownKey::Formula>(m_entries.at(at).match);
        const LockKey key = formulaKey(match.formula, databaseName, match.suffix);
        if (givesClassIdOnly(match.formula))
            computed.classids[key.first()].append(at);
        else
            computed.keys[key].append(at);
    }
    return computed;
}

void KnownKeyIndex::collectFormulas(Candidates& found, LockKey key, const Place& place) const
{
    if (place.databaseName.isEmpty())
        return;
    const auto take = [&](qsizetype at) {
        const auto& match = std::get<KnownKey::Formula>(m_entries.at(at).match);
        found.append(
            {&m_entries.at(at), Kind::Formula, fillsAllBits(match.formula) ? Confidence::Is : Confidence::Probably});
    };
    if (place.formulas) {
        forEach(place.formulas->keys, key, take);
        if (key.form() == KeyForm::Int4Pair)
            forEach(place.formulas->classids, key.first(), take);
        return;
    }
    for (const qsizetype at : m_formulas) {
        const auto& match = std::get<KnownKey::Formula>(m_entries.at(at).match);
        if (!couldComeFrom(match.formula, key))
            continue;
        const LockKey computed = formulaKey(match.formula, place.databaseName, match.suffix);
        if (computed == key || (givesClassIdOnly(match.formula) && computed.first() == key.first()))
            take(at);
    }
}

void KnownKeyIndex::collectParts(Candidates& found, LockKey key) const
{
    const auto take = [&](Kind kind, qsizetype at) {
        found.append({&m_entries.at(at), kind, ofPart(m_entries.at(at).specificity)});
    };
    forEach(m_classids, classIdProbe(key.form(), static_cast<qint32>(key.classid())),
            [&](qsizetype at) { take(Kind::ClassId, at); });
    for (const RangeAt& range : m_ranges) {
        if (range.range.contains(key))
            take(Kind::Range, range.entry);
    }
    if (key.form() != KeyForm::Int4Pair || m_asciiNames.isEmpty())
        return;
    if (const std::optional<QString> name = asciiName(key)) {
        for (const qsizetype at : m_asciiNames)
            found.append({&m_entries.at(at), Kind::AsciiName,
                          name->size() <= tellingNameLength ? Confidence::Probably : Confidence::MayBe});
    }
}

KnownKeyIndex::Candidates KnownKeyIndex::candidates(const LockTarget& target, const Place& place) const
{
    Candidates found;
    const std::optional<LockKey> key = target.key();
    if (!key) {
        forEach(m_objsubids, target.objsubid, [&](qsizetype at) {
            found.append({&m_entries.at(at), Kind::ClassId, ofNumber(m_entries.at(at).specificity)});
        });
        return found;
    }
    forEach(m_constants, *key, [&](qsizetype at) {
        found.append({&m_entries.at(at), Kind::Constant, ofNumber(m_entries.at(at).specificity)});
    });
    if (!place.serverHashes.isEmpty()) {
        for (auto hash = place.serverHashes.constFind(target);
             hash != place.serverHashes.cend() && hash.key() == target; ++hash)
            collectHash(found, *hash);
    }
    collectFormulas(found, *key, place);
    collectParts(found, *key);
    if (key->form() == KeyForm::Bigint) {
        forEach(m_rounded, key->value(), [&](const Rounded& match) {
            found.append({&m_entries.at(match.entry), Kind::Rounded, Confidence::MayBe,
                          Text::tr("%1 rounded by JavaScript").arg(QString::number(match.original))});
        });
    }
    if (found.size() > 1)
        std::stable_sort(found.begin(), found.end(),
                         [](const Candidate& a, const Candidate& b) { return a.rank() < b.rank(); });
    return found;
}

void KnownKeyIndex::collectHash(Candidates& found, const ServerHash& hash) const
{
    const auto at = m_byId.constFind(hash.entryId);
    if (at == m_byId.cend())
        return;
    const auto* const match = std::get_if<KnownKey::ServerHashed>(&m_entries.at(*at).match);
    if (!match)
        return;
    found.append({&m_entries.at(*at), Kind::Formula, match->extended ? Confidence::Is : Confidence::Probably,
                  Text::tr("hash of \"%1\"").arg(cellText(hash.detail, hashedCharacters))});
}

/// The longest wording of one candidate that leaves room for what stands around it.
QString KnownKeyIndex::wording(const Candidate& candidate, const LockTarget& target, qsizetype room) const
{
    const KnownKey& entry = *candidate.entry;
    if (candidate.kind == Kind::ClassId || candidate.kind == Kind::AsciiName || candidate.kind == Kind::Range) {
        const QString detail = keyDetail(entry, target, {});
        if (!detail.isEmpty() && entry.name.size() + 2 + detail.size() <= room)
            return Text::tr("%1, %2").arg(entry.name, detail);
    }
    if (m_repeatedNames.contains(entry.name) && entry.name.size() + 2 + entry.purpose.size() <= room)
        return Text::tr("%1: %2").arg(entry.name, entry.purpose);
    return entry.name;
}

QString KnownKeyIndex::meaning(const LockTarget& target, const Place& place) const
{
    const Candidates found = candidates(target, place);
    if (found.isEmpty() || found.first().isFaint())
        return {};
    const Candidate& best = found.first();
    QStringList others;
    for (const Candidate& candidate : found) {
        if (candidate.confidence == best.confidence && !candidate.isFaint() &&
            candidate.entry->name != best.entry->name && !others.contains(candidate.entry->name))
            others.append(candidate.entry->name);
    }
    const qsizetype room = cellCharacters - withConfidence(best.confidence, {}).size();
    if (others.isEmpty())
        return withConfidence(best.confidence, wording(best, target, room));
    if (others.size() == 1) {
        const QString both = Text::tr("%1 or %2").arg(best.entry->name, others.first());
        return withConfidence(best.confidence,
                              both.size() <= room ? both : Text::tr("%1 (or 1 other)").arg(best.entry->name));
    }
    return withConfidence(best.confidence,
                          Text::tr("%1 (or %2 others)").arg(best.entry->name, QString::number(others.size())));
}

} // namespace lockscope
