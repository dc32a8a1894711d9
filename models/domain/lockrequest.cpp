#include "models/domain/lockrequest.h"

#include <QCoreApplication>

namespace lockscope {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(LockRequest)
};

bool hasLoneSurrogate(QStringView text)
{
    for (qsizetype position = 0; position < text.size(); ++position) {
        if (!text[position].isSurrogate())
            continue;
        const bool pair =
            text[position].isHighSurrogate() && position + 1 < text.size() && text[position + 1].isLowSurrogate();
        if (!pair)
            return true;
        ++position;
    }
    return false;
}

QString call(const QString& function, LockKey key)
{
    return QStringLiteral("SELECT pg_catalog.") + function + u'(' + key.toSqlArguments() + u')';
}

} // namespace

QString acquireStatement(LockKey key, const LockRequest& request)
{
    QString function = QStringLiteral("pg_");
    if (request.wait == WaitPolicy::Try)
        function += QStringLiteral("try_");
    function += QStringLiteral("advisory_");
    if (request.level == LockLevel::Transaction)
        function += QStringLiteral("xact_");
    function += QStringLiteral("lock");
    if (request.share == LockShare::Shared)
        function += QStringLiteral("_shared");
    return call(function, key);
}

QString releaseStatement(LockKey key, LockShare share)
{
    return call(share == LockShare::Shared ? QStringLiteral("pg_advisory_unlock_shared")
                                           : QStringLiteral("pg_advisory_unlock"),
                key);
}

Result<QString> hashStatement(const TextKey& key)
{
    if (key.text.contains(QChar(u'\0'))) {
        return usageError(Text::tr("The text contains a NUL character, which PostgreSQL cannot store in a text."),
                          Text::tr("Remove it from the text."));
    }
    // It would travel as a question mark or U+FFFD, and the hash would be that of another text.
    if (hasLoneSurrogate(key.text)) {
        return usageError(Text::tr("The text contains half of a character, which cannot be sent to the server."),
                          Text::tr("Type the text again instead of pasting it."));
    }
    const QString literal = u'\'' + QString(key.text).replace(u'\'', QStringLiteral("''")) + u'\'';
    if (key.hash == TextHash::Hashtext)
        return QStringLiteral("SELECT pg_catalog.hashtext(") + literal + QStringLiteral(")::bigint");
    return QStringLiteral("SELECT pg_catalog.hashtextextended(") + literal + QStringLiteral(", 0)");
}

} // namespace lockscope
