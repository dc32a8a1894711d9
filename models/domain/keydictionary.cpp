#include "models/domain/keydictionary.h"

#include "models/domain/displaytext.h"
#include "models/domain/keydetail.h"
#include "models/domain/knownkeyindex.h"

#include <QCoreApplication>
#include <QFile>
#include <QJsonObject>

#include <algorithm>

namespace lockscope {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(KeyDictionary)
};

constexpr int labelCharacters = 300;

} // namespace

QString word(Confidence confidence)
{
    switch (confidence) {
    case Confidence::Is:
        return QStringLiteral("is");
    case Confidence::Probably:
        return QStringLiteral("probably");
    case Confidence::MayBe:
        break;
    }
    return QStringLiteral("may be");
}

Result<KeyDictionary> KeyDictionary::fromJson(const QByteArray& json)
{
    return readKnownKeys(json).map([](const QList<KnownKey>& entries) {
        KeyDictionary dictionary;
        dictionary.m_index = std::make_shared<const KnownKeyIndex>(entries);
        return dictionary;
    });
}

KeyDictionary KeyDictionary::builtIn()
{
    QFile file(QStringLiteral(":/known-keys.json"));
    const Result<KeyDictionary> dictionary = fromJson(file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray());
    if (!dictionary) { // a console without names of keys is better than none; the tests read every entry
        qCritical("%s", qUtf8Printable(dictionary.error().what));
        return {};
    }
    return *dictionary;
}

void KeyDictionary::setLabels(const QList<KeyLabel>& labels)
{
    m_labels = labels;
    m_keyLabels.clear();
    m_rangeLabels.clear();
    m_classIdLabels.clear();
    for (qsizetype at = 0; at < m_labels.size(); ++at) {
        KeyLabel& label = m_labels[at];
        label.text = cellText(label.text, labelCharacters);
        if (const auto* const key = std::get_if<LockKey>(&label.what))
            m_keyLabels[*key].append(at);
        else if (const auto* const classid = std::get_if<KeyLabel::ClassId>(&label.what))
            m_classIdLabels[classid->classid].append(at);
        else
            m_rangeLabels.append(at);
    }
    const auto width = [this](qsizetype at) {
        const auto& range = std::get<KeyLabel::Range>(m_labels.at(at).what);
        return static_cast<quint64>(range.last) - static_cast<quint64>(range.first);
    };
    std::stable_sort(m_rangeLabels.begin(), m_rangeLabels.end(),
                     [&](qsizetype a, qsizetype b) { return width(a) < width(b); });
}

void KeyDictionary::setQueryLabels(quint32 databaseOid, const QHash<LockKey, QString>& labels)
{
    if (labels.isEmpty()) {
        m_queryLabels.remove(databaseOid);
        return;
    }
    QHash<LockKey, QString>& plain = m_queryLabels[databaseOid];
    plain.clear();
    plain.reserve(labels.size());
    for (auto label = labels.begin(); label != labels.end(); ++label)
        plain.insert(label.key(), cellText(*label, labelCharacters));
}

void KeyDictionary::setServerHashes(const QList<ServerHash>& hashes)
{
    m_serverHashes.clear();
    for (const ServerHash& hash : hashes)
        m_serverHashes.insert(LockTarget::advisory(hash.databaseOid, hash.key), hash);
}

void KeyDictionary::setDatabases(const QStringList& names)
{
    QHash<QString, std::shared_ptr<const FormulaKeys>> formulas;
    for (const QString& name : names) {
        if (!m_index || name.isEmpty())
            continue;
        const auto known = m_formulas.constFind(name);
        formulas.insert(
            name, known != m_formulas.cend() ? *known : std::make_shared<const FormulaKeys>(m_index->formulasOf(name)));
    }
    m_formulas = formulas;
}

QList<const KeyLabel*> KeyDictionary::labelsOf(LockKey key, const QString& databaseName) const
{
    QList<const KeyLabel*> result;
    if (m_labels.isEmpty())
        return result;
    const auto append = [&](const QList<qsizetype>& places) {
        for (const bool ownDatabase : {true, false}) {
            for (const qsizetype at : places) {
                const KeyLabel& label = m_labels.at(at);
                if (ownDatabase ? !label.database.isEmpty() && label.database == databaseName
                                : label.database.isEmpty())
                    result.append(&label);
            }
        }
    };
    append(m_keyLabels.value(key));
    if (key.form() == KeyForm::Int4Pair) {
        append(m_classIdLabels.value(key.first()));
        return result;
    }
    QList<qsizetype> ranges;
    for (const qsizetype at : m_rangeLabels) {
        const auto& range = std::get<KeyLabel::Range>(m_labels.at(at).what);
        if (range.first <= key.value() && key.value() <= range.last)
            ranges.append(at);
    }
    append(ranges);
    return result;
}

QList<KnownUse> KeyDictionary::uses(const LockTarget& target, const QString& databaseName) const
{
    QList<KnownUse> result;
    if (target.type != LockType::Advisory)
        return result;
    if (const std::optional<LockKey> key = target.key()) {
        for (const KeyLabel* const label : labelsOf(*key, databaseName)) {
            result.append({.id = QStringLiteral("label"),
                           .purpose = label->text,
                           .source = Text::tr("your label"),
                           .confidence = Confidence::Is});
        }
        if (const QString text = m_queryLabels.value(target.databaseOid).value(*key); !text.isEmpty()) {
            result.append({.id = QStringLiteral("label-query"),
                           .purpose = text,
                           .source = Text::tr("label query"),
                           .confidence = Confidence::Is});
        }
    }
    if (!m_index)
        return result;
    const std::shared_ptr<const FormulaKeys> formulas = m_formulas.value(databaseName);
    for (const KnownKeyIndex::Candidate& candidate :
         m_index->candidates(target, {databaseName, formulas.get(), m_serverHashes})) {
        const KnownKey& entry = *candidate.entry;
        result.append({.id = entry.id,
                       .project = entry.project,
                       .purpose = entry.purpose,
                       .detail = candidate.detail.isEmpty() ? keyDetail(entry, target, databaseName) : candidate.detail,
                       .source = entry.source,
                       .notes = entry.notes,
                       .confidence = candidate.confidence,
                       .name = entry.name});
    }
    return result;
}

QString KeyDictionary::meaning(const LockTarget& target, const QString& databaseName) const
{
    if (target.type != LockType::Advisory)
        return {};
    if (const std::optional<LockKey> key = target.key()) {
        if (const QList<const KeyLabel*> labels = labelsOf(*key, databaseName); !labels.isEmpty())
            return labels.first()->text;
        if (const auto labels = m_queryLabels.constFind(target.databaseOid); labels != m_queryLabels.cend()) {
            if (const QString text = labels->value(*key); !text.isEmpty())
                return text;
        }
    }
    if (!m_index)
        return {};
    const std::shared_ptr<const FormulaKeys> formulas = m_formulas.value(databaseName);
    return m_index->meaning(target, {databaseName, formulas.get(), m_serverHashes});
}

QList<KeyDictionary::HashQuestion> KeyDictionary::hashQuestions(const QString& databaseName) const
{
    QList<HashQuestion> result;
    if (!m_index)
        return result;
    for (const KnownKey& entry : m_index->entries()) {
        const auto* const match = std::get_if<KnownKey::ServerHashed>(&entry.match);
        if (!match)
            continue;
        QString text = match->text;
        text.replace(QLatin1StringView("{database}"), databaseName);
        result.append({.entryId = entry.id, .text = text, .extended = match->extended, .seed = match->seed});
    }
    return result;
}

QList<KnownKey> KeyDictionary::knownKeys() const
{
    return m_index ? m_index->entries() : QList<KnownKey>();
}

qsizetype KeyDictionary::size() const
{
    return m_index ? m_index->entries().size() : 0;
}

QJsonArray knownJson(const QList<KnownUse>& uses)
{
    QJsonArray result;
    for (const KnownUse& use : uses) {
        result.append(QJsonObject{{QStringLiteral("id"), use.id},
                                  {QStringLiteral("project"), use.project},
                                  {QStringLiteral("name"), use.name},
                                  {QStringLiteral("purpose"), use.purpose},
                                  {QStringLiteral("detail"), use.detail},
                                  {QStringLiteral("confidence"), word(use.confidence)},
                                  {QStringLiteral("source"), use.source}});
    }
    return result;
}

} // namespace lockscope
