#include "app/postgres/conninfo.h"

#include <QByteArray>
#include <QCoreApplication>
#include <QHash>
#include <QStringList>

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace lockscope {

namespace {

struct Messages
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::Conninfo)
};

/// Left out on purpose: replication (such a connection runs no statements), sslkeylogfile (writes TLS secrets to a
/// file), scram_client_key, scram_server_key and oauth_* (secrets that a profile must not keep).
constexpr std::array allowedKeywords = {
    "application_name",
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "dbname",
    "fallback_application_name",
    "gssdelegation",
    "gssencmode",
    "gsslib",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "load_balance_hosts",
    "max_protocol_version",
    "min_protocol_version",
    "options",
    "passfile",
    "password",
    "port",
    "require_auth",
    "requirepeer",
    "service",
    "servicefile",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslcert",
    "sslcertmode",
    "sslcompression", // ignored by every server since 14, but found in old connection strings
    "sslcrl",
    "sslcrldir",
    "sslkey",
    "sslmode",
    "sslnegotiation",
    "sslpassword",
    "sslrootcert",
    "sslsni",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
};

bool isAllowed(QStringView keyword)
{
    return std::ranges::any_of(allowedKeywords,
                               [keyword](const char* one) { return keyword == QLatin1StringView(one); });
}

bool isSecret(const QString& keyword)
{
    return keyword == QLatin1StringView("password") || keyword == QLatin1StringView("sslpassword");
}

bool breaksLines(const QString& text)
{
    return std::ranges::any_of(
        text, [](QChar c) { return c == QChar::Null || c == QLatin1Char('\n') || c == QLatin1Char('\r'); });
}

bool isUri(const QString& text)
{
    return text.startsWith(QLatin1StringView("postgresql://")) || text.startsWith(QLatin1StringView("postgres://"));
}

/// An unquoted blank in a password makes the rest of it look like a keyword, so such a text is never quoted in an
/// error.
bool mayHoldPassword(const QString& text)
{
    return text.contains(QLatin1StringView("passw"), Qt::CaseInsensitive) ||
           (isUri(text) && text.contains(QLatin1Char('@')));
}

/// The keywords in order, by the rules of libpq's conninfo_parse(); stops where the text breaks them.
QStringList keywordsOf(const QString& text)
{
    QStringList keywords;
    if (isUri(text)) {
        const auto question = text.indexOf(QLatin1Char('?'));
        const auto query = question < 0 ? QString() : text.mid(question + 1);
        for (const auto& part : query.split(QLatin1Char('&'), Qt::SkipEmptyParts))
            keywords.append(part.section(QLatin1Char('='), 0, 0));
        return keywords;
    }
    qsizetype at = 0;
    const auto skipBlanks = [&] {
        while (at < text.size() && text.at(at).isSpace())
            ++at;
    };
    while (true) {
        skipBlanks();
        const auto start = at;
        while (at < text.size() && text.at(at) != QLatin1Char('=') && !text.at(at).isSpace())
            ++at;
        const auto keyword = text.mid(start, at - start);
        skipBlanks();
        if (keyword.isEmpty() || at >= text.size() || text.at(at) != QLatin1Char('='))
            return keywords;
        keywords.append(keyword);
        ++at;
        skipBlanks();
        const bool quoted = at < text.size() && text.at(at) == QLatin1Char('\'');
        if (quoted)
            ++at;
        while (at < text.size()) {
            if (quoted ? text.at(at) == QLatin1Char('\'') : text.at(at).isSpace())
                break;
            at += text.at(at) == QLatin1Char('\\') ? 2 : 1;
        }
        if (quoted)
            ++at;
    }
}

tl::unexpected<Error> unreadable(const QString& text)
{
    const auto form = Messages::tr("Write it as a URI (postgresql://user@host:5432/database) or as key=value pairs "
                                   "(host=db1 dbname=app user=me); put values with blanks in single quotes.");
    if (!mayHoldPassword(text)) {
        for (const auto& keyword : keywordsOf(text)) {
            if (!isAllowed(keyword))
                return usageError(Messages::tr("The connection string has the keyword \"%1\", which is not known here.")
                                      .arg(keyword.left(40)),
                                  form);
        }
    }
    return usageError(Messages::tr("The connection string cannot be read."), form);
}

QString quoted(const QString& value)
{
    QString text;
    text.reserve(value.size() + 2);
    text += QLatin1Char('\'');
    for (const auto c : value) {
        if (c == QLatin1Char('\'') || c == QLatin1Char('\\'))
            text += QLatin1Char('\\');
        text += c;
    }
    return text + QLatin1Char('\'');
}

bool isPlain(const QString& value)
{
    return !value.isEmpty() && std::ranges::all_of(value, [](QChar c) {
        return (c.unicode() < 128 && c.isLetterOrNumber()) || QStringView(u"_-.,:/@+").contains(c);
    });
}

struct OptionsDeleter
{
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using OptionsPointer = std::unique_ptr<PQconninfoOption, OptionsDeleter>;

struct ConnectionDeleter
{
    void operator()(PGconn* connection) const { PQfinish(connection); }
};

/// libpq fills in environment, service file and built-in defaults only on the way to a connection. An impossible
/// target_session_attrs makes it stop after that step, before it touches the network; a password given keeps it away
/// from the passfile, which would earn a second warning on stderr when its permissions are wrong.
QHash<QString, QString> resolve(const Conninfo& conninfo)
{
    const auto stopped = conninfo.with(QStringLiteral("password"), QStringLiteral("unused"))
                             .with(QStringLiteral("target_session_attrs"), QStringLiteral("none of these"));
    QList<QByteArray> texts;
    for (const auto& [keyword, value] : stopped.parameters())
        texts << keyword.toUtf8() << value.toUtf8();
    std::vector<const char*> keywords;
    std::vector<const char*> values;
    for (qsizetype i = 0; i < texts.size(); i += 2) {
        keywords.push_back(texts.at(i).constData());
        values.push_back(texts.at(i + 1).constData());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);

    QHash<QString, QString> resolved;
    const std::unique_ptr<PGconn, ConnectionDeleter> connection(
        PQconnectStartParams(keywords.data(), values.data(), 0));
    const OptionsPointer options(connection ? PQconninfo(connection.get()) : nullptr);
    for (const auto* option = options.get(); option && option->keyword; ++option) {
        if (option->val)
            resolved.insert(QString::fromUtf8(option->keyword), QString::fromUtf8(option->val));
    }
    for (const auto& keyword : {QStringLiteral("password"), QStringLiteral("target_session_attrs")})
        resolved.remove(keyword);
    // What conninfo says itself also holds when the service does not exist and libpq gave up early.
    for (const auto& [keyword, value] : conninfo.parameters())
        resolved.insert(keyword, value);
    return resolved;
}

QString builtInDefault(const char* keyword)
{
    const OptionsPointer options(PQconndefaults());
    for (const auto* option = options.get(); option && option->keyword; ++option) {
        if (qstrcmp(option->keyword, keyword) == 0)
            return QString::fromUtf8(option->compiled);
    }
    return {};
}

} // namespace

Result<Conninfo> Conninfo::parse(const QString& text)
{
    if (breaksLines(text))
        return usageError(Messages::tr("The connection string contains a line break or a NUL character."),
                          Messages::tr("Write it on one line."));
    const auto trimmed = text.trimmed();
    if (trimmed.isEmpty())
        return Conninfo();

    char* libpqWords = nullptr;
    const OptionsPointer options(PQconninfoParse(trimmed.toUtf8().constData(), &libpqWords));
    PQfreemem(libpqWords); // quotes pieces of the text, so it is never shown
    if (!options) {
        for (const auto& keyword : keywordsOf(trimmed)) {
            if (!isAllowed(keyword))
                break;
            const OptionsPointer known(PQconndefaults());
            const auto* option = known.get();
            while (option && option->keyword && keyword != QLatin1StringView(option->keyword))
                ++option;
            if (option && !option->keyword)
                return usageError(Messages::tr("The installed libpq (%1) does not know the keyword \"%2\".")
                                      .arg(QString::number(PQlibVersion() / 10000), keyword),
                                  Messages::tr("Remove it from the connection string, or install a newer libpq."));
        }
        return unreadable(trimmed);
    }

    Conninfo conninfo;
    for (const auto* option = options.get(); option->keyword; ++option) {
        if (!option->val || !*option->val)
            continue;
        const auto keyword = QString::fromUtf8(option->keyword);
        const auto value = QString::fromUtf8(option->val);
        if (!isAllowed(keyword))
            return usageError(
                Messages::tr("The connection string has the keyword \"%1\", which is not allowed here.").arg(keyword),
                Messages::tr("Remove it from the connection string."));
        if (breaksLines(value))
            return usageError(Messages::tr("The value of \"%1\" contains a line break.").arg(keyword),
                              Messages::tr("Remove it from the connection string."));
        conninfo.set(keyword, value);
    }
    return conninfo;
}

QString Conninfo::value(const QString& keyword) const
{
    const auto found = std::ranges::find(m_parameters, keyword, &std::pair<QString, QString>::first);
    return found == m_parameters.end() ? QString() : found->second;
}

void Conninfo::set(const QString& keyword, const QString& value)
{
    Q_ASSERT_X(isAllowed(keyword), "Conninfo::set", qPrintable(keyword));
    const auto found = std::ranges::find(m_parameters, keyword, &std::pair<QString, QString>::first);
    if (found == m_parameters.end()) {
        if (!value.isEmpty())
            m_parameters.append({keyword, value});
    } else if (value.isEmpty()) {
        m_parameters.erase(found);
    } else {
        found->second = value;
    }
}

Conninfo Conninfo::with(const QString& keyword, const QString& value) const
{
    auto copy = *this;
    copy.set(keyword, value);
    return copy;
}

QString Conninfo::toTextWithoutSecrets() const
{
    QStringList parts;
    for (const auto& [keyword, value] : m_parameters) {
        if (!isSecret(keyword))
            parts.append(keyword + QLatin1Char('=') + (isPlain(value) ? value : quoted(value)));
    }
    return parts.join(QLatin1Char(' '));
}

Result<QString> Conninfo::toConnectOptions() const
{
    static const QStringList setApart = {QStringLiteral("host"), QStringLiteral("dbname"), QStringLiteral("user"),
                                         QStringLiteral("password")};
    QStringList parts;
    for (const auto& [keyword, value] : m_parameters) {
        if (setApart.contains(keyword) || (keyword == QLatin1StringView("port") && !value.contains(QLatin1Char(','))))
            continue;
        if (value.contains(QLatin1Char(';')) || value.contains(QChar::Null))
            return usageError(
                Messages::tr("The value of \"%1\" contains a semicolon, which an operator session cannot use.")
                    .arg(keyword),
                Messages::tr("Remove the semicolon, or put the value into a service file."));
        parts.append(keyword + QLatin1Char('=') + quoted(value));
    }
    return parts.join(QLatin1Char(' '));
}

QString Conninfo::resolvedValue(const QString& keyword) const
{
    return isSecret(keyword) ? value(keyword) : resolve(*this).value(keyword);
}

ConnectionSummary Conninfo::summary() const
{
    const auto resolved = resolve(*this);
    const auto spaced = [](QString list) { return list.replace(QLatin1Char(','), QLatin1StringView(", ")); };
    auto host = resolved.value(QStringLiteral("host"));
    if (host.isEmpty())
        host = resolved.value(QStringLiteral("hostaddr"));
    return {
        .host = host.isEmpty() ? Messages::tr("local socket") : spaced(host),
        .port = spaced(resolved.value(QStringLiteral("port"))),
        .database = resolved.value(QStringLiteral("dbname")),
        .user = resolved.value(QStringLiteral("user")),
        .service = resolved.value(QStringLiteral("service"), qEnvironmentVariable("PGSERVICE")),
        .sslMode = resolved.value(QStringLiteral("sslmode")),
        .hasPassword = !value(QStringLiteral("password")).isEmpty(),
    };
}

Conninfo withDefaults(const Conninfo& conninfo, const QString& applicationName, const ConnectionLimits& limits)
{
    const auto resolved = resolve(conninfo);
    auto filled = conninfo;
    const auto fill = [&](const QString& keyword, qint64 value) {
        if (resolved.value(keyword).isEmpty())
            filled.set(keyword, QString::number(value));
    };
    if (conninfo.value(QStringLiteral("application_name")).isEmpty())
        filled.set(QStringLiteral("application_name"), applicationName);
    filled.set(QStringLiteral("client_encoding"), QStringLiteral("UTF8"));
    fill(QStringLiteral("connect_timeout"), limits.connectTimeout.count());
    fill(QStringLiteral("tcp_user_timeout"), limits.tcpUserTimeout.count());
    fill(QStringLiteral("keepalives_idle"), limits.keepalivesIdle.count());
    fill(QStringLiteral("keepalives_interval"), limits.keepalivesInterval.count());
    fill(QStringLiteral("keepalives_count"), limits.keepalivesCount);
    const auto gssencmode = QStringLiteral("gssencmode");
    if (conninfo.value(gssencmode).isEmpty() && !qEnvironmentVariableIsSet("PGGSSENCMODE") &&
        resolved.value(gssencmode) == builtInDefault("gssencmode"))
        filled.set(gssencmode, QStringLiteral("disable"));
    return filled;
}

std::chrono::milliseconds openTimeout(const Conninfo& conninfo, const ConnectionLimits& limits)
{
    bool isNumber = false;
    const auto given = conninfo.resolvedValue(QStringLiteral("connect_timeout")).toInt(&isNumber);
    if (!isNumber)
        return limits.connectTimeout;
    if (given <= 0)
        return std::chrono::hours(1);
    return std::chrono::seconds(std::max(given, 2));
}

} // namespace lockscope
