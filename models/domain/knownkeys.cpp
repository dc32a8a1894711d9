#include "models/domain/knownkeys.h"

#include "models/domain/displaytext.h"
#include "models/domain/keydetail.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>

#include <limits>

namespace lockscope {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(KnownKeys)
};

/// Reads the fields of one object and remembers the first thing that is wrong with them.
class Fields
{
public:
    Fields(const QJsonObject& object, const QString& path, QString& problem)
        : m_object(object)
        , m_path(path)
        , m_problem(problem)
    {
    }

    [[nodiscard]] bool has(const char* field) const { return m_object.contains(QLatin1StringView(field)); }

    QString text(const char* field, bool mayBeEmpty = false)
    {
        const QJsonValue value = take(field);
        if (!value.isString())
            complain(field, Text::tr("is no text"));
        else if (!mayBeEmpty && value.toString().isEmpty())
            complain(field, Text::tr("is empty"));
        return value.toString();
    }

    /// One of these words; its place in the list.
    int word(const char* field, std::initializer_list<const char*> words)
    {
        const QString value = text(field);
        int place = 0;
        for (const char* const word : words) {
            if (value == QLatin1StringView(word))
                return place;
            ++place;
        }
        complain(field, Text::tr("is \"%1\", which has no meaning here").arg(cellText(value, 40)));
        return 0;
    }

    /// Whole numbers of 64 bits stay exact: Qt keeps them apart from doubles.
    qint64 number(const char* field, qint64 lowest = std::numeric_limits<qint64>::min(),
                  qint64 highest = std::numeric_limits<qint64>::max())
    {
        const QJsonValue value = take(field);
        const qint64 number = value.toInteger();
        if (!value.isDouble() || number != value.toInteger(1))
            complain(field, Text::tr("is no whole number of 64 bits"));
        else if (number < lowest || number > highest)
            complain(field, Text::tr("is out of range"));
        return number;
    }

    qint32 int4(const char* field)
    {
        return static_cast<qint32>(
            number(field, std::numeric_limits<qint32>::min(), std::numeric_limits<qint32>::max()));
    }

    QJsonObject object(const char* field)
    {
        const QJsonValue value = take(field);
        if (!value.isObject())
            complain(field, Text::tr("is no object"));
        return value.toObject();
    }

    QJsonArray array(const char* field)
    {
        const QJsonValue value = take(field);
        if (!value.isArray())
            complain(field, Text::tr("is no list"));
        return value.toArray();
    }

    void complain(const char* field, const QString& what)
    {
        if (m_problem.isEmpty())
            m_problem = QStringLiteral("\"%1%2\" %3").arg(m_path, QLatin1StringView(field), what);
    }

    /// To be called last: what nobody asked for is a mistake, such as a misspelt name.
    void nothingElse()
    {
        for (auto field = m_object.begin(); field != m_object.end(); ++field) {
            if (!m_asked.contains(field.key()) && m_problem.isEmpty())
                m_problem = Text::tr("\"%1%2\" is no field that is known here").arg(m_path, cellText(field.key(), 40));
        }
    }

private:
    QJsonValue take(const char* field)
    {
        m_asked.insert(QLatin1StringView(field));
        return m_object.value(QLatin1StringView(field));
    }

    QJsonObject m_object;
    QString m_path;
    QString& m_problem;
    QSet<QString> m_asked;
};

enum class Form
{
    Bigint,
    Int4Pair,
    LockTagClass
};

void requireForm(Fields& entry, Form form, Form wanted)
{
    if (form != wanted)
        entry.complain("form", Text::tr("does not suit the kind of match"));
}

KnownKey::Range readRange(Fields& match, Form form)
{
    if (form != Form::Int4Pair) {
        const qint64 first = match.number("first");
        const qint64 last = match.number("last", first);
        return {LockKey::bigint(first), LockKey::bigint(last)};
    }
    const qint32 classidFirst = match.int4("classid_first");
    const qint32 classidLast = match.int4("classid_last");
    const qint32 objidFirst = match.int4("objid_first");
    const qint32 objidLast = match.int4("objid_last");
    if (classidLast < classidFirst)
        match.complain("classid_last", Text::tr("is out of range"));
    if (objidLast < objidFirst)
        match.complain("objid_last", Text::tr("is out of range"));
    return {LockKey::pair(classidFirst, objidFirst), LockKey::pair(classidLast, objidLast)};
}

KnownKey::Formula readFormula(Fields& match)
{
    const std::optional<KeyFormula> formula = keyFormula(match.text("function"));
    if (!formula)
        match.complain("function", Text::tr("names no formula of this program"));
    return {.formula = formula.value_or(KeyFormula::Rails),
            .suffix = match.has("suffix") ? match.text("suffix", true) : QString()};
}

QList<KnownKey::Sample> readSamples(Fields& match, bool classids, QString& problem)
{
    QList<KnownKey::Sample> result;
    const QJsonArray array = match.array("samples");
    for (const QJsonValue& value : array) {
        if (!value.isObject())
            match.complain("samples", Text::tr("has something that is no object"));
        Fields sample(value.toObject(), QStringLiteral("match.samples."), problem);
        const QString database = sample.text("database");
        result.append(
            {.database = database,
             .key = classids ? LockKey::pair(sample.int4("classid"), 0) : LockKey::bigint(sample.number("key"))});
        sample.nothingElse();
    }
    return result;
}

void readMatch(KnownKey& known, Fields& entry, Form form, QString& problem)
{
    Fields match(entry.object("match"), QStringLiteral("match."), problem);
    const QString kind = match.text("kind");
    if (kind == u"constant") {
        requireForm(entry, form, Form::Bigint);
        known.match = KnownKey::Constant{LockKey::bigint(match.number("key"))};
    } else if (kind == u"constant-pair") {
        requireForm(entry, form, Form::Int4Pair);
        const qint32 classid = match.int4("classid");
        known.match = KnownKey::Constant{LockKey::pair(classid, match.int4("objid"))};
    } else if (kind == u"classid") {
        if (form == Form::LockTagClass)
            requireForm(entry, form, Form::Int4Pair);
        match.text("objid_meaning");
        known.match =
            KnownKey::ClassId{form == Form::Bigint ? KeyForm::Bigint : KeyForm::Int4Pair, match.int4("classid")};
    } else if (kind == u"objsubid") {
        requireForm(entry, form, Form::LockTagClass);
        match.text("meaning");
        // 1 and 2 are the key spaces of the SQL functions.
        known.match = KnownKey::ObjSubId{static_cast<quint16>(match.number("objsubid", 3, 65535))};
    } else if (kind == u"database-formula") {
        const KnownKey::Formula formula = readFormula(match);
        const bool classids = givesClassIdOnly(formula.formula);
        requireForm(entry, form, classids ? Form::Int4Pair : Form::Bigint);
        match.text("formula");
        if (match.has("part") != classids)
            match.complain("part", Text::tr("does not suit the function"));
        if (classids)
            match.word("part", {"classid"});
        known.samples = readSamples(match, classids, problem);
        known.match = formula;
    } else if (kind == u"server-hash") {
        requireForm(entry, form, Form::Bigint);
        KnownKey::ServerHashed hashed;
        hashed.extended = match.word("function", {"hashtext", "hashtextextended"}) == 1;
        hashed.text = match.text("text");
        if (hashed.extended)
            hashed.seed = match.number("seed");
        match.text("formula");
        if (match.has("samples"))
            known.samples = readSamples(match, false, problem);
        known.match = hashed;
    } else if (kind == u"range") {
        if (form == Form::LockTagClass)
            requireForm(entry, form, Form::Bigint);
        match.text("formula");
        known.match = readRange(match, form);
    } else if (kind == u"ascii-name") {
        requireForm(entry, form, Form::Int4Pair);
        match.text("formula");
        known.match = KnownKey::AsciiName{};
    } else if (kind == u"hash-of-name") {
        match.text("formula");
        known.match = KnownKey::HashOfName{};
    } else {
        match.complain("kind", Text::tr("is \"%1\", which has no meaning here").arg(cellText(kind, 40)));
    }
    match.nothingElse();
}

QHash<qint64, QString> readValues(Fields& entry)
{
    QHash<qint64, QString> result;
    const QJsonObject object = entry.object("values");
    for (auto value = object.begin(); value != object.end(); ++value) {
        bool isNumber = false;
        result.insert(value.key().toLongLong(&isNumber), value.value().toString());
        if (!isNumber || value.value().toString().isEmpty())
            entry.complain("values", Text::tr("has something that is no number with a name"));
    }
    return result;
}

KnownKey readEntry(const QJsonObject& object, QString& problem)
{
    Fields entry(object, {}, problem);
    KnownKey known;
    known.id = entry.text("id");
    known.project = entry.text("project");
    known.name = entry.has("name") ? entry.text("name") : known.project;
    known.purpose = entry.text("purpose");
    entry.word("scope", {"session", "transaction"});
    entry.word("mode", {"exclusive", "shared", "both"});
    const Form form = static_cast<Form>(entry.word("form", {"bigint", "int4pair", "locktag-class"}));
    readMatch(known, entry, form, problem);
    if (entry.has("detail"))
        known.detail = entry.text("detail");
    if (const QString placeholder = unknownPlaceholder(known.detail); !placeholder.isEmpty())
        entry.complain("detail", Text::tr("has the unknown placeholder %1").arg(cellText(placeholder, 40)));
    if (entry.has("values"))
        known.values = readValues(entry);
    Fields source(entry.object("source"), QStringLiteral("source."), problem);
    const QString repository = source.text("repo");
    known.source = repository + u' ' + source.text("path");
    if (source.has("commit"))
        source.text("commit");
    source.nothingElse();
    known.notes = entry.text("notes", true);
    known.specificity = static_cast<Specificity>(entry.word("specificity", {"high", "medium", "low", "none"}));
    entry.nothingElse();
    return known;
}

tl::unexpected<Error> listError(const QString& what)
{
    return failure(
        {.kind = ErrorKind::Internal, .what = Text::tr("The list of known keys cannot be read: %1.").arg(what)});
}

} // namespace

bool KnownKey::Range::contains(LockKey key) const
{
    if (key.form() != first.form())
        return false;
    if (key.form() == KeyForm::Bigint)
        return first <= key && key <= last;
    return first.first() <= key.first() && key.first() <= last.first() && first.second() <= key.second() &&
           key.second() <= last.second();
}

Result<QList<KnownKey>> readKnownKeys(const QByteArray& json)
{
    QJsonParseError parseError;
    const QJsonDocument document = QJsonDocument::fromJson(json, &parseError);
    if (parseError.error != QJsonParseError::NoError) {
        return listError(Text::tr("%1, at byte %2").arg(parseError.errorString(), QString::number(parseError.offset)));
    }
    if (!document.isArray())
        return listError(Text::tr("it is no list"));

    QList<KnownKey> result;
    QSet<QString> ids;
    const QJsonArray array = document.array();
    for (const QJsonValue& value : array) {
        QString problem;
        if (!value.isObject())
            problem = Text::tr("it is no object");
        const KnownKey known = readEntry(value.toObject(), problem);
        if (problem.isEmpty() && ids.contains(known.id))
            problem = Text::tr("\"id\" was there before");
        if (!problem.isEmpty()) {
            const QString name =
                known.id.isEmpty() ? Text::tr("number %1").arg(QString::number(result.size() + 1)) : known.id;
            return listError(Text::tr("entry %1: %2").arg(cellText(name, 60), problem));
        }
        ids.insert(known.id);
        result.append(known);
    }
    return result;
}

} // namespace lockscope
