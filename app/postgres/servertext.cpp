#include "app/postgres/servertext.h"

#include "app/postgres/sqlfile.h"

#include <QStringDecoder>

#include <array>
#include <utility>

namespace lockscope {

namespace {

/// PostgreSQL's names (documentation, "Character Set Support") to those that Qt hands to ICU.
constexpr std::array<std::pair<const char*, const char*>, 33> converterNames{{
    {"EUC_CN", "GB2312"},         {"EUC_JIS_2004", "EUC-JP"},   {"EUC_JP", "EUC-JP"},
    {"EUC_KR", "EUC-KR"},         {"EUC_TW", "EUC-TW"},         {"ISO_8859_5", "ISO-8859-5"},
    {"ISO_8859_6", "ISO-8859-6"}, {"ISO_8859_7", "ISO-8859-7"}, {"ISO_8859_8", "ISO-8859-8"},
    {"KOI8R", "KOI8-R"},          {"KOI8U", "KOI8-U"},          {"LATIN1", "ISO-8859-1"},
    {"LATIN10", "ISO-8859-16"},   {"LATIN2", "ISO-8859-2"},     {"LATIN3", "ISO-8859-3"},
    {"LATIN4", "ISO-8859-4"},     {"LATIN5", "ISO-8859-9"},     {"LATIN6", "ISO-8859-10"},
    {"LATIN7", "ISO-8859-13"},    {"LATIN8", "ISO-8859-14"},    {"LATIN9", "ISO-8859-15"},
    {"WIN1250", "windows-1250"},  {"WIN1251", "windows-1251"},  {"WIN1252", "windows-1252"},
    {"WIN1253", "windows-1253"},  {"WIN1254", "windows-1254"},  {"WIN1255", "windows-1255"},
    {"WIN1256", "windows-1256"},  {"WIN1257", "windows-1257"},  {"WIN1258", "windows-1258"},
    {"WIN866", "IBM866"},         {"WIN874", "windows-874"},    {"JOHAB", "JOHAB"},
}};

const char* converterName(const QString& encoding)
{
    for (const auto& [name, converter] : converterNames) {
        if (encoding == QLatin1StringView(name))
            return converter;
    }
    return nullptr;
}

} // namespace

QString serverText(QByteArrayView bytes, const QString& encoding)
{
    if (const char* converter = converterName(encoding)) {
        // A Qt built without ICU knows only a few of these.
        if (QStringDecoder decoder(converter); decoder.isValid())
            return decoder.decode(bytes);
    }
    return QString::fromUtf8(bytes);
}

QString sharedText(QByteArrayView bytes, const QString& encodingHere)
{
    return bytes.isValidUtf8() ? QString::fromUtf8(bytes) : serverText(bytes, encodingHere);
}

QByteArray textAsItIs(const QString& serverEncoding)
{
    if (serverEncoding == QLatin1StringView("UTF8"))
        return {};
    return sqlStatement(QStringLiteral("text_as_it_is")) + ";\n";
}

} // namespace lockscope
