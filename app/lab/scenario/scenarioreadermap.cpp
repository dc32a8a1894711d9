#include "app/lab/scenario/scenarioreadermap.h"

#include <QCoreApplication>

#include <algorithm>
#include <numeric>

namespace lockscope {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ScenarioFile)
};

constexpr qsizetype mostFaults = 20;
constexpr qsizetype longestWord = 40; // longer texts are no misspelt words

/// Levenshtein's distance: letters to insert, remove or replace.
qsizetype distance(QStringView a, QStringView b)
{
    std::vector<qsizetype> row(static_cast<std::size_t>(b.size()) + 1);
    std::iota(row.begin(), row.end(), 0);
    for (qsizetype i = 0; i < a.size(); ++i) {
        qsizetype diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 1; j < row.size(); ++j) {
            const qsizetype replaced = diagonal + (a[i] == b[static_cast<qsizetype>(j) - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row.back();
}

/// Empty when nothing is near.
QString nearestWord(const QString& text, const QStringList& words)
{
    if (text.isEmpty() || text.size() > longestWord)
        return {};
    const QString folded = text.toLower().replace(u'_', u' ').replace(u'-', u' ');
    QString nearest;
    qsizetype least = std::max<qsizetype>(1, (text.size() + 1) / 3) + 1;
    for (const QString& word : words) {
        const qsizetype away = distance(folded, word.toLower().replace(u'-', u' '));
        if (away < least) {
            least = away;
            nearest = word;
        }
    }
    return nearest;
}

} // namespace

QString oneOf(const QStringList& words)
{
    if (words.size() == 1)
        return QStringLiteral("\"%1\"").arg(words.first());
    return Text::tr("one of %1").arg(words.join(QStringLiteral(", ")));
}

void ScenarioFaults::add(ScenarioFault fault)
{
    if (m_faults.size() < mostFaults)
        m_faults.append(std::move(fault));
}

void ScenarioFaults::add(const YamlNode& where, QString found, QString expected)
{
    add({.line = where.line, .column = where.column, .found = std::move(found), .expected = std::move(expected)});
}

void ScenarioFaults::addUnknown(const YamlNode& where, const QString& found, const QStringList& words)
{
    const QString near = nearestWord(where.text, words);
    if (near.isEmpty())
        add(where, found, oneOf(words));
    else
        add(where, found, Text::tr("%1; did you mean \"%2\"?").arg(oneOf(words), near));
}

QList<ScenarioFault> ScenarioFaults::sorted() const
{
    QList<ScenarioFault> faults = m_faults;
    std::ranges::stable_sort(faults, {},
                             [](const ScenarioFault& fault) { return std::pair(fault.line, fault.column); });
    return faults;
}

ScenarioMap::ScenarioMap(const YamlNode& node, ScenarioFaults& faults)
    : m_node(node)
    , m_faults(faults)
    , m_taken(node.names.size(), false)
{
}

bool ScenarioMap::has(const QString& name) const
{
    return std::ranges::find(m_node.names, name, &YamlNode::text) != m_node.names.end();
}

const YamlNode* ScenarioMap::take(const QString& name)
{
    if (!m_asked.contains(name))
        m_asked.append(name);
    const auto found = std::ranges::find(m_node.names, name, &YamlNode::text);
    if (found == m_node.names.end())
        return nullptr;
    const auto at = static_cast<std::size_t>(found - m_node.names.begin());
    m_taken[at] = true;
    return &m_node.items[at];
}

const YamlNode* ScenarioMap::need(const QString& name, const QString& what)
{
    const YamlNode* value = take(name);
    if (!value)
        m_faults.add(m_node, Text::tr("no \"%1\"").arg(name), Text::tr("%1: %2").arg(name, what));
    return value;
}

void ScenarioMap::finish(const QString& owner, const QStringList& elsewhere)
{
    for (std::size_t i = 0; i < m_taken.size(); ++i) {
        if (m_taken[i])
            continue;
        const YamlNode& name = m_node.names[i];
        if (elsewhere.contains(name.text)) {
            m_faults.add(name, Text::tr("\"%1\", which %2 does not have").arg(name.text, owner), oneOf(m_asked));
        } else {
            m_faults.addUnknown(name, Text::tr("the unknown member %1 of %2").arg(describe(name), owner), m_asked);
        }
    }
}

} // namespace lockscope
