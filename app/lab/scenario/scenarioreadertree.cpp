#include "app/lab/scenario/scenarioreadertree.h"

#include "models/domain/displaytext.h"

#include <QCoreApplication>
#include <QStringDecoder>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <string>

namespace lockscope {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ScenarioFile)
};

constexpr int quotedCharacters = 40;
constexpr std::size_t deepest = 12;       // a key in a list in a condition in a step needs five
constexpr std::size_t largestMap = 100;   // members; a lesson has at most largestScenarioCast actors
constexpr std::size_t largestList = 1000; // the reader has narrower limits, with better words

/// Ends the parse from inside an event.
struct Stop
{
    ScenarioFault fault;
};

/// yaml-cpp counts columns in bytes of UTF-8; people and editors count characters.
class Places
{
public:
    explicit Places(const QByteArray& yaml)
        : m_yaml(yaml)
    {
        m_lines.push_back(0);
        for (qsizetype i = 0; i < yaml.size(); ++i) {
            if (yaml[i] == '\n')
                m_lines.push_back(i + 1);
        }
    }
    [[nodiscard]] int column(int line, int bytes) const
    {
        if (line < 0 || bytes < 0 || static_cast<std::size_t>(line) >= m_lines.size())
            return 0;
        const QByteArray before = m_yaml.mid(m_lines[static_cast<std::size_t>(line)], bytes);
        return static_cast<int>(QString::fromUtf8(before).toUcs4().size()) + 1;
    }
    [[nodiscard]] ScenarioFault fault(const YAML::Mark& mark, QString found, QString expected) const
    {
        if (mark.is_null())
            return {.line = 0, .column = 0, .found = std::move(found), .expected = std::move(expected)};
        return {.line = mark.line + 1,
                .column = column(mark.line, mark.column),
                .found = std::move(found),
                .expected = std::move(expected)};
    }

private:
    QByteArray m_yaml;
    std::vector<qsizetype> m_lines;
};

/// Builds the tree from the parser's events, so that every place is known and nothing is resolved behind our back.
class TreeBuilder final : public YAML::EventHandler
{
public:
    explicit TreeBuilder(const Places& places)
        : m_places(places)
    {
    }
    [[nodiscard]] std::optional<YamlNode> take() { return std::exchange(m_root, std::nullopt); }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        attach(node(YamlNode::Kind::Empty, mark, {}, anchor));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override
    {
        throw Stop{
            m_places.fault(mark, Text::tr("an alias (*)"), Text::tr("the value itself: lessons have no aliases"))};
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override
    {
        YamlNode made = node(YamlNode::Kind::Text, mark, tag, anchor);
        made.text = QString::fromStdString(value);
        attach(std::move(made));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override
    {
        open(node(YamlNode::Kind::List, mark, tag, anchor), mark);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override
    {
        open(node(YamlNode::Kind::Map, mark, tag, anchor), mark);
    }
    void OnMapEnd() override { close(); }

private:
    [[nodiscard]] YamlNode node(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
                                YAML::anchor_t anchor) const
    {
        if (anchor != YAML::NullAnchor)
            throw Stop{
                m_places.fault(mark, Text::tr("an anchor (&)"), Text::tr("a plain value: lessons have no anchors"))};
        // "?" is what every plain value has, "!" every quoted one.
        if (!tag.empty() && tag != "?" && tag != "!")
            throw Stop{m_places.fault(mark, Text::tr("a tag (!)"), Text::tr("a plain value: lessons have no tags"))};
        return {.kind = kind, .line = mark.line + 1, .column = m_places.column(mark.line, mark.column)};
    }
    void open(YamlNode made, const YAML::Mark& mark)
    {
        if (m_open.size() >= deepest) {
            throw Stop{m_places.fault(mark, Text::tr("a value %1 levels deep").arg(QString::number(deepest + 1)),
                                      Text::tr("at most %1 levels").arg(QString::number(deepest)))};
        }
        m_open.push_back(std::move(made));
    }
    void close()
    {
        YamlNode done = std::move(m_open.back());
        m_open.pop_back();
        attach(std::move(done));
    }
    void attach(YamlNode made)
    {
        if (m_open.empty()) {
            m_root = std::move(made);
            return;
        }
        YamlNode& parent = m_open.back();
        const bool isName = parent.kind == YamlNode::Kind::Map && parent.names.size() == parent.items.size();
        if (isName) {
            checkName(parent, made);
            parent.names.push_back(std::move(made));
        } else {
            // yaml-cpp places what is not there at whatever comes next.
            if (made.kind == YamlNode::Kind::Empty && parent.kind == YamlNode::Kind::Map) {
                made.line = parent.names.back().line;
                made.column = parent.names.back().column;
            }
            parent.items.push_back(std::move(made));
            if (parent.items.size() > (parent.kind == YamlNode::Kind::Map ? largestMap : largestList))
                stopAt(parent.items.back(), Text::tr("a list or map that is too long"), Text::tr("fewer members"));
        }
    }
    static void checkName(const YamlNode& map, const YamlNode& name)
    {
        if (name.kind != YamlNode::Kind::Text)
            stopAt(name, Text::tr("%1 as the name of a member").arg(describe(name)), Text::tr("a word"));
        const auto same = std::ranges::find(map.names, name.text, &YamlNode::text);
        if (same != map.names.end()) {
            stopAt(name, Text::tr("%1 for the second time").arg(describe(name)),
                   Text::tr("each name once; the first one is in line %1").arg(QString::number(same->line)));
        }
    }
    [[noreturn]] static void stopAt(const YamlNode& node, QString found, QString expected)
    {
        throw Stop{
            {.line = node.line, .column = node.column, .found = std::move(found), .expected = std::move(expected)}};
    }

    const Places& m_places;
    std::vector<YamlNode> m_open;
    std::optional<YamlNode> m_root;
};

/// YAML allows more encodings and characters than a file that people read aloud needs.
std::optional<ScenarioFault> encodingFault(const QByteArray& yaml)
{
    int line = 1;
    for (const QByteArray& bytes : yaml.split('\n')) {
        QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
        const QString text = decoder(bytes);
        if (decoder.hasError()) {
            return ScenarioFault{.line = line,
                                 .column = std::max(1, static_cast<int>(text.indexOf(QChar::ReplacementCharacter)) + 1),
                                 .found = Text::tr("bytes that are no UTF-8"),
                                 .expected = Text::tr("a file in UTF-8")};
        }
        for (qsizetype i = 0; i < text.size(); ++i) {
            const QChar character = text[i];
            const bool allowed = character == u'\t' || (character == u'\r' && i == text.size() - 1);
            if (character.category() == QChar::Other_Control && !allowed) {
                return ScenarioFault{
                    .line = line,
                    .column = static_cast<int>(i) + 1,
                    .found = Text::tr("the control character U+%1").arg(character.unicode(), 4, 16, QLatin1Char('0')),
                    .expected = Text::tr("printable text in UTF-8")};
            }
        }
        ++line;
    }
    return std::nullopt;
}

tl::unexpected<ScenarioFault> wholeFile(QString found, QString expected)
{
    return tl::unexpected(
        ScenarioFault{.line = 0, .column = 0, .found = std::move(found), .expected = std::move(expected)});
}

} // namespace

QString describe(const YamlNode& node)
{
    switch (node.kind) {
    case YamlNode::Kind::Empty:
        return Text::tr("nothing");
    case YamlNode::Kind::List:
        return Text::tr("a list");
    case YamlNode::Kind::Map:
        return Text::tr("a map");
    case YamlNode::Kind::Text:
        break;
    }
    return QStringLiteral("\"%1\"").arg(cellText(node.text, quotedCharacters));
}

tl::expected<YamlNode, ScenarioFault> readYaml(const QByteArray& yaml)
{
    if (yaml.size() > largestScenarioFile)
        return wholeFile(Text::tr("%1 bytes").arg(QString::number(yaml.size())),
                         Text::tr("at most 256 KB: a lesson is a page or two"));
    QByteArray plain = yaml;
    if (plain.startsWith("\xEF\xBB\xBF"))
        plain.remove(0, 3);
    if (const auto fault = encodingFault(plain))
        return tl::unexpected(*fault);
    // yaml-cpp takes a quote that is never closed when a line break is the last character.
    while (plain.endsWith('\n') || plain.endsWith('\r') || plain.endsWith(' '))
        plain.chop(1);

    const Places places(plain);
    try {
        std::istringstream stream(plain.toStdString());
        YAML::Parser parser(stream);
        TreeBuilder builder(places);
        if (!parser.HandleNextDocument(builder))
            return wholeFile(Text::tr("an empty file"), Text::tr("a lesson: scenario, title, about, actors, steps"));
        std::optional<YamlNode> root = builder.take();
        if (parser.HandleNextDocument(builder)) {
            const std::optional<YamlNode> second = builder.take();
            return tl::unexpected(ScenarioFault{.line = second ? second->line : 0,
                                                .column = second ? second->column : 0,
                                                .found = Text::tr("a second document (---)"),
                                                .expected = Text::tr("one lesson in one file")});
        }
        if (!root || root->kind == YamlNode::Kind::Empty)
            return wholeFile(Text::tr("an empty file"), Text::tr("a lesson: scenario, title, about, actors, steps"));
        return std::move(*root);
    } catch (const Stop& stop) {
        return tl::unexpected(stop.fault);
    } catch (const YAML::Exception& exception) {
        return tl::unexpected(places.fault(exception.mark, QString::fromStdString(exception.msg), Text::tr("YAML")));
    }
}

} // namespace lockscope
