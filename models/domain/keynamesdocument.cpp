#include "models/domain/keynamesdocument.h"

#include "models/domain/displaytext.h"
#include "models/domain/keylabelscope.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>

#include <algorithm>
#include <limits>

namespace lockscope {

namespace {

struct Messages
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::KeyNamesDocument)
};

constexpr int version = 1;
constexpr qsizetype maximumSqlLength = 100'000;
constexpr qsizetype maximumNameLength = 1000; ///< of a host or a database
constexpr int quotedCharacters = 60;

/// One object of the file, read member by member. The first trouble is kept; what was not asked for is trouble too.
class Entry
{
public:
    Entry(const QJsonValue& value, const QString& name)
        : m_object(value.toObject())
        , m_name(name)
    {
        if (!value.isObject())
            complain(Messages::tr("it is no object"));
    }

    [[nodiscard]] bool has(const QString& member) const { return m_object.contains(member); }

    QString text(const QString& member, qsizetype longest, bool needed = false)
    {
        const auto value = take(member, needed);
        if (value.isUndefined())
            return {};
        if (!value.isString())
            complain(Messages::tr("\"%1\" is no text").arg(member));
        else if (value.toString().size() > longest)
            complain(Messages::tr("\"%1\" is longer than %2 characters").arg(member, QString::number(longest)));
        return value.toString();
    }

    qint64 number(const QString& member, qint64 lowest, qint64 highest, qint64 fallback)
    {
        const auto value = take(member, false);
        if (value.isUndefined())
            return fallback;
        const qint64 number = value.toInteger(std::numeric_limits<qint64>::min());
        if (!value.isDouble() || number < lowest || number > highest) {
            complain(Messages::tr("\"%1\" is no whole number from %2 to %3")
                         .arg(member, QString::number(lowest), QString::number(highest)));
            return fallback;
        }
        return number;
    }

    QJsonArray array(const QString& member, qsizetype longest)
    {
        const auto value = take(member, false);
        if (!value.isUndefined() && !value.isArray())
            complain(Messages::tr("\"%1\" is no list").arg(member));
        else if (value.toArray().size() > longest)
            complain(Messages::tr("\"%1\" has more than %2 entries").arg(member, QString::number(longest)));
        return value.toArray();
    }

    template <typename T>
    T valueOf(const Result<T>& result)
    {
        if (!result)
            complain(result.error().what);
        return result.value_or(T());
    }

    void complain(const QString& what)
    {
        if (m_trouble.isEmpty())
            m_trouble = what;
    }

    /// Empty when all was well and nothing is left over.
    [[nodiscard]] QString trouble() const
    {
        if (!m_trouble.isEmpty())
            return m_name + QStringLiteral(": ") + m_trouble;
        for (auto member = m_object.begin(); member != m_object.end(); ++member) {
            if (!m_known.contains(member.key()))
                return m_name + QStringLiteral(": ") +
                       Messages::tr("\"%1\" is not known").arg(cellText(member.key(), quotedCharacters));
        }
        return {};
    }

private:
    QJsonValue take(const QString& member, bool needed)
    {
        m_known.insert(member);
        const auto value = m_object.value(member);
        if (needed && value.isUndefined())
            complain(Messages::tr("\"%1\" is missing").arg(member));
        return value;
    }

    const QJsonObject m_object;
    const QString m_name;
    QSet<QString> m_known;
    QString m_trouble;
};

tl::unexpected<Error> unreadable(const QString& trouble)
{
    return usageError(Messages::tr("These names of keys cannot be read. %1.").arg(trouble),
                      Messages::tr("Nothing of it is used. Correct that place."));
}

qint64 lineOf(const QByteArray& json, int offset)
{
    return json.first(std::clamp<qsizetype>(offset, 0, json.size())).count('\n') + 1;
}

KeyLabelScope readScope(Entry& entry)
{
    const auto key = QStringLiteral("key");
    const auto first = QStringLiteral("first");
    const auto last = QStringLiteral("last");
    const auto classid = QStringLiteral("classid");
    constexpr qsizetype longestKey = 64;
    if (int(entry.has(key)) + int(entry.has(first) || entry.has(last)) + int(entry.has(classid)) != 1) {
        entry.complain(Messages::tr("it needs either \"key\", or \"first\" and \"last\", or \"classid\""));
        return {};
    }
    if (entry.has(classid))
        return KeyLabel::ClassId{.classid =
                                     static_cast<qint32>(entry.number(classid, std::numeric_limits<qint32>::min(),
                                                                      std::numeric_limits<qint32>::max(), 0))};
    if (entry.has(key)) {
        const auto text = entry.text(key, longestKey);
        return entry.valueOf(
            LockKey::parse(text, text.contains(QLatin1Char(',')) ? KeyForm::Int4Pair : KeyForm::Bigint));
    }
    const LockKey from = entry.valueOf(LockKey::parse(entry.text(first, longestKey, true), KeyForm::Bigint));
    const LockKey to = entry.valueOf(LockKey::parse(entry.text(last, longestKey, true), KeyForm::Bigint));
    if (from > to)
        entry.complain(Messages::tr("the range runs backwards"));
    return KeyLabel::Range{.first = from.value(), .last = to.value()};
}

KeyLabel readLabel(Entry& entry)
{
    KeyLabel label;
    label.what = readScope(entry);
    label.database = entry.text(QStringLiteral("database"), maximumNameLength);
    label.text = entry.valueOf(labelText(entry.text(QStringLiteral("text"), maximumLabelLength, true)));
    return label;
}

LabelQuery readQuery(Entry& entry)
{
    LabelQuery query;
    query.id = entry.text(QStringLiteral("id"), 64, true);
    query.host = entry.text(QStringLiteral("host"), maximumNameLength);
    query.port = static_cast<int>(entry.number(QStringLiteral("port"), 0, 65535, 0));
    query.database = entry.text(QStringLiteral("database"), maximumNameLength);
    query.sql = entry.text(QStringLiteral("sql"), maximumSqlLength, true);
    query.timeout =
        std::chrono::milliseconds(entry.number(QStringLiteral("timeoutMilliseconds"), shortestLabelQueryTimeout.count(),
                                               longestLabelQueryTimeout.count(), LabelQuery().timeout.count()));
    if (query.id.isEmpty())
        entry.complain(Messages::tr("\"id\" is empty"));
    return query;
}

QJsonObject written(const KeyLabel& label)
{
    QJsonObject object;
    if (const auto* key = std::get_if<LockKey>(&label.what)) {
        object.insert(QStringLiteral("key"), key->toString());
    } else if (const auto* range = std::get_if<KeyLabel::Range>(&label.what)) {
        object.insert(QStringLiteral("first"), QString::number(range->first));
        object.insert(QStringLiteral("last"), QString::number(range->last));
    } else {
        object.insert(QStringLiteral("classid"), std::get<KeyLabel::ClassId>(label.what).classid);
    }
    if (!label.database.isEmpty())
        object.insert(QStringLiteral("database"), label.database);
    object.insert(QStringLiteral("text"), label.text);
    return object;
}

QJsonObject written(const LabelQuery& query)
{
    QJsonObject object{{QStringLiteral("id"), query.id},
                       {QStringLiteral("sql"), query.sql},
                       {QStringLiteral("timeoutMilliseconds"), qint64{query.timeout.count()}}};
    if (!query.host.isEmpty())
        object.insert(QStringLiteral("host"), query.host);
    if (query.port != 0)
        object.insert(QStringLiteral("port"), query.port);
    if (!query.database.isEmpty())
        object.insert(QStringLiteral("database"), query.database);
    return object;
}

} // namespace

Result<KeyNamesDocument> KeyNamesDocument::fromJson(const QByteArray& json)
{
    if (json.size() > maximumBytes)
        return unreadable(Messages::tr("The file is larger than 16 MB"));
    QJsonParseError parseError;
    const auto parsed = QJsonDocument::fromJson(json, &parseError);
    if (parseError.error != QJsonParseError::NoError)
        return unreadable(Messages::tr("Line %1: %2")
                              .arg(QString::number(lineOf(json, parseError.offset)), parseError.errorString()));
    Entry top(parsed.isObject() ? QJsonValue(parsed.object()) : QJsonValue(), Messages::tr("The file"));
    if (top.number(QStringLiteral("version"), 0, std::numeric_limits<int>::max(), 0) != version)
        top.complain(Messages::tr("\"version\" is not 1"));
    const auto labels = top.array(QStringLiteral("labels"), maximumLabels);
    const auto queries = top.array(QStringLiteral("queries"), maximumQueries);
    if (const auto trouble = top.trouble(); !trouble.isEmpty())
        return unreadable(trouble);

    KeyNamesDocument document;
    for (const auto& value : labels) {
        Entry entry(value, Messages::tr("Label %1").arg(document.labels.size() + 1));
        document.labels.append(readLabel(entry));
        if (const auto trouble = entry.trouble(); !trouble.isEmpty())
            return unreadable(trouble);
    }
    QSet<QString> ids;
    for (const auto& value : queries) {
        Entry entry(value, Messages::tr("Query %1").arg(document.queries.size() + 1));
        document.queries.append(readQuery(entry));
        if (ids.contains(document.queries.last().id))
            entry.complain(Messages::tr("its \"id\" is that of an earlier query"));
        ids.insert(document.queries.last().id);
        if (const auto trouble = entry.trouble(); !trouble.isEmpty())
            return unreadable(trouble);
    }
    return document;
}

QByteArray KeyNamesDocument::toJson() const
{
    QJsonArray labelArray;
    for (const auto& label : labels)
        labelArray.append(written(label));
    QJsonArray queryArray;
    for (const auto& query : queries)
        queryArray.append(written(query));
    return QJsonDocument(QJsonObject{{QStringLiteral("version"), version},
                                     {QStringLiteral("labels"), labelArray},
                                     {QStringLiteral("queries"), queryArray}})
        .toJson();
}

} // namespace lockscope
