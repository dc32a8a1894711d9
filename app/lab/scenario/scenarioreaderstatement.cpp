#include "app/lab/scenario/scenarioreadervalues.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include <array>

namespace lockscope::scenarioreader {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ScenarioFile)
};

constexpr qsizetype longestStatement = 4000;

/// Where the quoted thing or comment that starts at `at` ends; at itself when nothing starts there.
qsizetype skipped(const QString& sql, qsizetype at)
{
    const auto after = [&sql](qsizetype found, qsizetype length) { return found < 0 ? sql.size() : found + length; };
    const QStringView rest = QStringView(sql).sliced(at);
    if (rest.startsWith(u"--"))
        return after(sql.indexOf(u'\n', at), 1);
    if (rest.startsWith(u"/*")) {
        // Comments nest in PostgreSQL.
        int depth = 1;
        qsizetype i = at + 2;
        for (; i < sql.size() && depth > 0; ++i) {
            const QStringView here = QStringView(sql).sliced(i);
            if (here.startsWith(u"/*") || here.startsWith(u"*/")) {
                depth += here.startsWith(u"/*") ? 1 : -1;
                ++i;
            }
        }
        return i;
    }
    if (rest.startsWith(u'\'')) {
        // E'...' has backslash escapes; a doubled quote is two strings for this purpose.
        const bool escapes = at > 0 && sql[at - 1].toLower() == u'e';
        for (qsizetype i = at + 1; i < sql.size(); ++i) {
            if (escapes && sql[i] == u'\\')
                ++i;
            else if (sql[i] == u'\'')
                return i + 1;
        }
        return sql.size();
    }
    if (rest.startsWith(u'"'))
        return after(sql.indexOf(u'"', at + 1), 1);
    if (rest.startsWith(u'$')) {
        static const QRegularExpression tag(QStringLiteral("\\$(?:[A-Za-z_][A-Za-z_0-9]*)?\\$"));
        const QRegularExpressionMatch match =
            tag.match(sql, at, QRegularExpression::NormalMatch, QRegularExpression::AnchorAtOffsetMatchOption);
        if (match.hasMatch())
            return after(sql.indexOf(match.captured(), match.capturedEnd()), match.capturedLength());
    }
    return at;
}

/// The statement without its strings, quoted names and comments, which become one blank each.
QString bareWords(const QString& sql)
{
    QString bare;
    for (qsizetype i = 0; i < sql.size();) {
        const qsizetype next = skipped(sql, i);
        if (next > i) {
            bare.append(u' ');
            i = next;
        } else {
            bare.append(sql[i++].toLower());
        }
    }
    return bare.simplified();
}

struct Refusal
{
    const char* pattern;
    const char* found;
    const char* expected;
};

// Looked for in the whole text, strings included: DO and EXECUTE carry statements in strings.
constexpr std::array refusals = {
    Refusal{
        "\\bpg_(?:terminate|cancel)_backend\\b",
        QT_TRANSLATE_NOOP("ScenarioFile", "a statement that ends sessions by pid"),
        QT_TRANSLATE_NOOP("ScenarioFile", "kill: ACTOR with how: from server; a lesson can only kill what it started")},
    Refusal{"\\bpg_(?:reload_conf|rotate_logfile|promote|switch_wal|wal_replay_pause|log_backend_memory_contexts)\\b",
            QT_TRANSLATE_NOOP("ScenarioFile", "a statement that acts on the whole server"),
            QT_TRANSLATE_NOOP("ScenarioFile", "statements about the lesson's own locks and tables")},
    Refusal{"\\balter\\s+system\\b", QT_TRANSLATE_NOOP("ScenarioFile", "ALTER SYSTEM, which changes the whole server"),
            QT_TRANSLATE_NOOP("ScenarioFile", "settings of an actor, which end with its connection")},
    Refusal{"\\b(?:create|alter|drop)\\s+(?:database|role|user|group|tablespace|subscription|publication|extension|"
            "server|event\\s+trigger)\\b",
            QT_TRANSLATE_NOOP("ScenarioFile", "a statement that changes databases, roles or the like"),
            QT_TRANSLATE_NOOP("ScenarioFile", "tables of the lesson's own, which its reset drops")},
    Refusal{"\\b(?:drop|reassign)\\s+owned\\b",
            QT_TRANSLATE_NOOP("ScenarioFile", "a statement that takes what the lesson did not make"),
            QT_TRANSLATE_NOOP("ScenarioFile", "DROP TABLE IF EXISTS with the name of the lesson's own table")},
    Refusal{"\\b(?:prepare\\s+transaction|(?:commit|rollback)\\s+prepared)\\b(?!\\s*'lockscope[ _]lab)",
            QT_TRANSLATE_NOOP("ScenarioFile", "a prepared transaction that is not called \"lockscope lab ...\""),
            QT_TRANSLATE_NOOP("ScenarioFile", "a name in quotes that begins with \"lockscope lab\": others are not the "
                                              "lesson's to end, and what it leaves must be known as its own")},
    Refusal{"\\bu&[\"']", QT_TRANSLATE_NOOP("ScenarioFile", "text with Unicode escapes (U&), which hides what it says"),
            QT_TRANSLATE_NOOP("ScenarioFile", "the characters themselves")},
    Refusal{"\\b(?:pg_read_file|pg_read_binary_file|pg_ls_dir|lo_import|lo_export|pg_stat_reset\\w*)\\b",
            QT_TRANSLATE_NOOP("ScenarioFile", "a statement that reaches beyond the lesson"),
            QT_TRANSLATE_NOOP("ScenarioFile", "statements about the lesson's own locks and tables")},
};

/// A comment between two words hides nothing.
bool containsPattern(const QString& sql, const char* pattern)
{
    static const QRegularExpression comments(QStringLiteral("--[^\\n]*|/\\*.*?\\*/"),
                                             QRegularExpression::DotMatchesEverythingOption);
    const QRegularExpression expression(QLatin1String(pattern), QRegularExpression::CaseInsensitiveOption);
    QString withoutComments = sql;
    withoutComments.replace(comments, QStringLiteral(" "));
    return expression.match(sql).hasMatch() || expression.match(withoutComments).hasMatch();
}

} // namespace

std::optional<QString> statement(const YamlNode& node, ScenarioFaults& faults)
{
    const std::optional<QString> read = text(node, faults, longestStatement);
    if (!read)
        return std::nullopt;
    QString sql = *read;
    QString bare = bareWords(sql);
    if (bare.endsWith(u';'))
        bare.chop(1);
    if (bare.trimmed().isEmpty()) {
        faults.add(node, describe(node), Text::tr("a statement"));
        return std::nullopt;
    }
    if (bare.contains(u';')) {
        faults.add(node, Text::tr("more than one statement"), Text::tr("one statement in one step"));
        return std::nullopt;
    }
    static const QRegularExpression copy(QStringLiteral("\\A[(\\s]*copy\\b"));
    if (copy.match(bare).hasMatch()) {
        faults.add(node, Text::tr("COPY"), Text::tr("another statement: COPY talks a protocol that lessons do not"));
        return std::nullopt;
    }
    for (const Refusal& refusal : refusals) {
        if (containsPattern(sql, refusal.pattern)) {
            faults.add(node, QCoreApplication::translate("ScenarioFile", refusal.found),
                       QCoreApplication::translate("ScenarioFile", refusal.expected));
            return std::nullopt;
        }
    }
    if (sql.endsWith(u';'))
        sql.chop(1);
    return sql.trimmed();
}

} // namespace lockscope::scenarioreader
