#include "app/lab/scenario/scenarioreaderanswers.h"

#include "app/lab/scenario/scenarioreadervalues.h"

#include <QCoreApplication>
#include <QRegularExpression>

namespace lockscope::scenarioreader {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ScenarioFile)
};

using Kind = ExpectedAnswer::Kind;

/// What a pod answers, as a web service would.
std::optional<int> code(const YamlNode& node, ScenarioFaults& faults)
{
    static const QStringList codes = {QStringLiteral("200"), QStringLiteral("202"), QStringLiteral("409"),
                                      QStringLiteral("500"), QStringLiteral("503")};
    if (node.kind == YamlNode::Kind::Text && codes.contains(node.text))
        return node.text.toInt();
    faults.addUnknown(node, describe(node), codes);
    return std::nullopt;
}

std::optional<QString> sqlState(const YamlNode& node, ScenarioFaults& faults)
{
    static const QRegularExpression form(QStringLiteral("\\A[0-9A-Z]{5}\\z"));
    if (node.kind == YamlNode::Kind::Text && form.match(node.text).hasMatch())
        return node.text;
    faults.add(node, describe(node), Text::tr("an SQLSTATE of five digits and capitals, such as 55P03"));
    return std::nullopt;
}

bool hasNotices(ActVerb verb)
{
    switch (verb) {
    case ActVerb::Try:
    case ActVerb::Lock:
    case ActVerb::Unlock:
    case ActVerb::UnlockAll:
    case ActVerb::Begin:
    case ActVerb::Commit:
    case ActVerb::Rollback:
    case ActVerb::Sql:
    case ActVerb::Acquire:
    case ActVerb::Release:
        return true;
    default:
        return false;
    }
}

bool mayFail(Kind kind)
{
    return kind == Kind::Error || kind == Kind::TimedOut || kind == Kind::Cancelled || kind == Kind::DeadlockVictim ||
           kind == Kind::Lost;
}

/// The members of the map form.
class AnswerReader
{
public:
    AnswerReader(const YamlNode& node, ActVerb verb, bool later, ScenarioFaults& faults)
        : m_members(node, faults)
        , m_verb(verb)
        , m_later(later)
        , m_faults(faults)
    {
    }
    std::optional<ExpectedAnswer> read()
    {
        ExpectedAnswer expected;
        const bool isSync = m_verb == ActVerb::Sync;
        if (isSync)
            readCode(expected);
        else
            readKind(expected);
        readDetails(expected);
        if (const YamlNode* node = m_members.take(QStringLiteral("at least")))
            expected.atLeast = duration(*node, m_faults);
        if (const YamlNode* node = m_members.take(QStringLiteral("at most"))) {
            expected.atMost = duration(*node, m_faults);
            if (expected.atLeast && expected.atMost && *expected.atLeast > *expected.atMost)
                m_faults.add(*node, describe(*node), Text::tr("no less than \"at least\""));
        }
        m_members.finish(Text::tr("an answer of \"%1\"").arg(word(m_verb)),
                         {QStringLiteral("answer"), QStringLiteral("value"), QStringLiteral("sqlstate"),
                          QStringLiteral("warning"), QStringLiteral("code"), QStringLiteral("same connection")});
        return expected;
    }

private:
    void readCode(ExpectedAnswer& expected)
    {
        if (const YamlNode* node = m_members.need(QStringLiteral("code"), Text::tr("200, 202, 409, 500 or 503")))
            expected.code = code(*node, m_faults);
    }
    void readKind(ExpectedAnswer& expected)
    {
        if (const YamlNode* node = m_members.take(QStringLiteral("answer"))) {
            expected.kind = choice(*node, m_faults, answersOf(m_verb, m_later)).value_or(Kind::Any);
            m_hasKind = true;
        } else if (m_members.has(QStringLiteral("sqlstate"))) {
            expected.kind = Kind::Error;
        } else if (const auto usual = defaultAnswer(m_verb)) {
            expected.kind = *usual;
        } else {
            QStringList words;
            for (const Kind kind : answersOf(m_verb, m_later))
                words.append(word(kind));
            m_faults.add(m_members.node(), Text::tr("no \"answer\""), Text::tr("answer: %1").arg(oneOf(words)));
        }
    }
    void readDetails(ExpectedAnswer& expected)
    {
        if (m_verb == ActVerb::Sql) {
            if (const YamlNode* node = m_members.take(QStringLiteral("value"))) {
                expected.value = text(*node, m_faults, 1000);
                if (mayFail(expected.kind) || expected.kind == Kind::Waits)
                    m_faults.add(*node, Text::tr("a value of an act that gives none"), Text::tr("no \"value\""));
            }
        }
        if (m_verb != ActVerb::Sync) {
            if (const YamlNode* node = m_members.take(QStringLiteral("sqlstate"))) {
                expected.sqlState = sqlState(*node, m_faults).value_or(QString());
                if (m_hasKind && !mayFail(expected.kind) && expected.kind != Kind::Any)
                    m_faults.add(*node, Text::tr("an SQLSTATE with the answer \"%1\"").arg(word(expected.kind)),
                                 Text::tr("answer: error"));
            }
        }
        if (hasNotices(m_verb)) {
            if (const YamlNode* node = m_members.take(QStringLiteral("warning")))
                expected.warning = text(*node, m_faults, 300).value_or(QString());
        }
        if (m_verb == ActVerb::Release) {
            if (const YamlNode* node = m_members.take(QStringLiteral("same connection")))
                expected.sameConnection = boolean(*node, m_faults);
        }
    }

    ScenarioMap m_members;
    ActVerb m_verb;
    bool m_later;
    bool m_hasKind = false;
    ScenarioFaults& m_faults;
};

} // namespace

QList<Kind> answersOf(ActVerb verb, bool later)
{
    QList<Kind> kinds;
    switch (verb) {
    case ActVerb::Try:
    case ActVerb::Unlock:
        kinds = {Kind::True, Kind::False};
        break;
    case ActVerb::Acquire:
    case ActVerb::Release:
        kinds = {Kind::True, Kind::False, Kind::NoConnection};
        break;
    case ActVerb::Lock:
        kinds = {Kind::Granted, Kind::Waits, Kind::TimedOut, Kind::Cancelled, Kind::DeadlockVictim};
        break;
    case ActVerb::Sql:
        kinds = {Kind::Done,     Kind::True,      Kind::False,         Kind::Waits,
                 Kind::TimedOut, Kind::Cancelled, Kind::DeadlockVictim};
        break;
    case ActVerb::Work:
        kinds = {Kind::Done, Kind::Cancelled};
        break;
    case ActVerb::Sync:
        return {};
    case ActVerb::Freeze:
    case ActVerb::Thaw:
    case ActVerb::Disconnect:
        return {Kind::Done};
    default:
        kinds = {Kind::Done};
        break;
    }
    if (later)
        kinds.removeAll(Kind::Waits);
    kinds.append({Kind::Lost, Kind::Error, Kind::Any});
    return kinds;
}

std::optional<Kind> defaultAnswer(ActVerb verb)
{
    switch (verb) {
    case ActVerb::Try:
    case ActVerb::Unlock:
    case ActVerb::Acquire:
    case ActVerb::Release:
        return std::nullopt;
    case ActVerb::Sync:
        return std::nullopt;
    case ActVerb::Lock:
        return Kind::Granted;
    default:
        return Kind::Done;
    }
}

std::optional<ExpectedAnswer> answer(const YamlNode& node, ActVerb verb, bool later, ScenarioFaults& faults)
{
    if (node.kind == YamlNode::Kind::Map)
        return AnswerReader(node, verb, later, faults).read();
    ExpectedAnswer expected;
    if (verb == ActVerb::Sync) {
        expected.code = code(node, faults);
        return expected.code ? std::optional(expected) : std::nullopt;
    }
    const auto kind = choice(node, faults, answersOf(verb, later));
    if (!kind)
        return std::nullopt;
    expected.kind = *kind;
    return expected;
}

} // namespace lockscope::scenarioreader
