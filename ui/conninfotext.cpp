#include "ui/conninfotext.h"

#include <QByteArray>

#include <algorithm>

namespace lockscope {

namespace {

QString decoded(QStringView text)
{
    return QString::fromUtf8(QByteArray::fromPercentEncoding(text.toUtf8()));
}

QString quoted(const QString& value)
{
    const bool plain = !value.isEmpty() && std::none_of(value.cbegin(), value.cend(), [](QChar character) {
        return character.isSpace() || character == u'\'' || character == u'\\';
    });
    if (plain)
        return value;
    QString result(u'\'');
    for (const QChar character : value) {
        if (character == u'\'' || character == u'\\')
            result += u'\\';
        result += character;
    }
    return result + u'\'';
}

} // namespace

std::optional<ConninfoText> ConninfoText::read(const QString& text)
{
    const QString trimmed = text.trimmed();
    if (trimmed.startsWith(QLatin1String("postgresql://")) || trimmed.startsWith(QLatin1String("postgres://")))
        return readUri(trimmed);
    return readKeyValue(trimmed);
}

std::optional<ConninfoText> ConninfoText::readUri(const QString& text)
{
    ConninfoText result;
    QStringView rest = QStringView(text).sliced(text.indexOf(QLatin1String("://")) + 3);
    QStringView query;
    if (const qsizetype question = rest.indexOf(u'?'); question >= 0) {
        query = rest.sliced(question + 1);
        rest = rest.first(question);
    }
    QStringView database;
    if (const qsizetype slash = rest.indexOf(u'/'); slash >= 0) {
        database = rest.sliced(slash + 1);
        rest = rest.first(slash);
    }
    if (const qsizetype at = rest.lastIndexOf(u'@'); at >= 0) {
        const QStringView login = rest.first(at);
        rest = rest.sliced(at + 1);
        const qsizetype colon = login.indexOf(u':');
        result.set(QStringLiteral("user"), decoded(colon < 0 ? login : login.first(colon)));
        if (colon >= 0)
            result.set(QStringLiteral("password"), decoded(login.sliced(colon + 1)));
    }
    QStringList hosts;
    QStringList ports;
    const QList<QStringView> addresses = rest.split(u',');
    for (const QStringView address : addresses) {
        const qsizetype bracket = address.startsWith(u'[') ? address.indexOf(u']') : -1;
        const qsizetype colon = address.indexOf(u':', std::max<qsizetype>(bracket, 0));
        const QStringView host = colon < 0 ? address : address.first(colon);
        hosts.append(decoded(bracket > 0 ? host.sliced(1, bracket - 1) : host));
        ports.append(colon < 0 ? QString() : decoded(address.sliced(colon + 1)));
    }
    const auto anyFilled = [](const QStringList& list) {
        return std::any_of(list.cbegin(), list.cend(), [](const QString& item) { return !item.isEmpty(); });
    };
    if (anyFilled(hosts))
        result.set(QStringLiteral("host"), hosts.join(u','));
    if (anyFilled(ports))
        result.set(QStringLiteral("port"), ports.join(u','));
    result.set(QStringLiteral("dbname"), decoded(database));
    const QList<QStringView> parameters = query.split(u'&', Qt::SkipEmptyParts);
    for (const QStringView parameter : parameters) {
        const qsizetype equals = parameter.indexOf(u'=');
        if (equals <= 0)
            return std::nullopt;
        result.set(decoded(parameter.first(equals)), decoded(parameter.sliced(equals + 1)));
    }
    return result;
}

std::optional<ConninfoText> ConninfoText::readKeyValue(const QString& text)
{
    ConninfoText result;
    qsizetype at = 0;
    const auto skipSpace = [&] {
        while (at < text.size() && text.at(at).isSpace())
            ++at;
    };
    for (skipSpace(); at < text.size(); skipSpace()) {
        const qsizetype start = at;
        while (at < text.size() && text.at(at) != u'=' && !text.at(at).isSpace())
            ++at;
        const QString keyword = text.sliced(start, at - start);
        skipSpace();
        if (keyword.isEmpty() || at >= text.size() || text.at(at) != u'=')
            return std::nullopt;
        ++at;
        skipSpace();
        const bool isQuoted = at < text.size() && text.at(at) == u'\'';
        if (isQuoted)
            ++at;
        QString value;
        while (at < text.size() && (isQuoted ? text.at(at) != u'\'' : !text.at(at).isSpace())) {
            if (text.at(at) == u'\\' && at + 1 < text.size())
                ++at;
            value += text.at(at++);
        }
        if (isQuoted && at >= text.size())
            return std::nullopt;
        if (isQuoted)
            ++at;
        result.set(keyword, value);
    }
    return result;
}

QString ConninfoText::value(const QString& keyword) const
{
    for (const auto& [name, text] : m_values) {
        if (name == keyword)
            return text;
    }
    return {};
}

void ConninfoText::set(const QString& keyword, const QString& value)
{
    const auto found = std::find_if(m_values.begin(), m_values.end(),
                                    [&keyword](const auto& entry) { return entry.first == keyword; });
    if (value.isEmpty()) {
        if (found != m_values.end())
            m_values.erase(found);
    } else if (found != m_values.end()) {
        found->second = value;
    } else {
        m_values.append({keyword, value});
    }
}

ConninfoText ConninfoText::withoutSecrets() const
{
    ConninfoText result = *this;
    result.set(QStringLiteral("password"), {});
    result.set(QStringLiteral("sslpassword"), {});
    return result;
}

QString ConninfoText::toText() const
{
    QStringList parts;
    for (const auto& [name, value] : m_values)
        parts.append(name + u'=' + quoted(value));
    return parts.join(u' ');
}

} // namespace lockscope
