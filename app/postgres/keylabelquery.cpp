#include "app/postgres/keylabelquery.h"

#include "app/postgres/libpqconnection.h"
#include "app/postgres/sqlfile.h"
#include "models/domain/time.h"

#include <QCoreApplication>
#include <QPromise>

#include <libpq-fe.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <thread>

namespace lockscope {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr auto ownStatements = 5s; ///< deadline of what we ask around the query
constexpr auto patience = 2s;      ///< longer than the server's statement_timeout, which should be the one to end it
constexpr milliseconds longestWait = 1s; ///< for a lock: whoever waits for us to name keys is a person

struct Messages
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::KeyLabelQuery)
};

QString columnsWanted()
{
    return Messages::tr("Return two columns, the key as bigint and its name, or three, the two int4 of the key and its "
                        "name: SELECT id, name FROM calendars.");
}

/// The server's error in the words of somebody who wrote a query.
Error explained(Error error, milliseconds timeout)
{
    if (error.kind != ErrorKind::Server)
        return error;
    const auto is = [&error](const char* state) { return error.sqlState == QLatin1StringView(state); };
    if (is("25006")) {
        error.kind = ErrorKind::Usage;
        error.what = Messages::tr("The query wants to change something. Nothing was changed.");
        error.advice = Messages::tr("Write a query that only reads: a label query runs in a read-only transaction.");
    } else if (is("42601") && error.serverWords.contains(QLatin1StringView("multiple commands"))) {
        error.kind = ErrorKind::Usage;
        error.what = Messages::tr("The text holds more than one statement. None of them was run.");
        error.advice = Messages::tr("Leave one SELECT.");
    } else if (is("57014")) {
        error.what = Messages::tr("The query took longer than %1 and was cancelled.").arg(formatDuration(timeout));
        error.advice = Messages::tr("Make it read less, add an index, or raise its timeout.");
    } else if (is("55P03")) {
        error.what = Messages::tr("A table of the query is locked by somebody else, so it was given up.");
        error.advice = Messages::tr("It is tried again with the next run.");
    } else if (is("22021") || is("22P05")) {
        error.what = Messages::tr("The answer holds text that cannot be converted to UTF-8.");
        error.advice = Messages::tr("Leave those rows out, or repair the text in the database.");
    } else if (error.sqlState.startsWith(QLatin1StringView("42")) && !is("42501")) {
        error.kind = ErrorKind::Usage;
        error.what = Messages::tr("The server does not understand the query.");
        error.advice = Messages::tr("Correct it. Names are found as in psql, by the search path of this role.");
    } else if (is("42501")) {
        error.what = Messages::tr("This role may not read what the query asks for.");
        error.advice = Messages::tr("Ask for GRANT SELECT on it, or connect as a role that has it.");
    } else {
        error.what = Messages::tr("The query failed on the server.");
    }
    return error;
}

template <typename Number>
std::optional<Number> numberIn(const QueryAnswer& row, int column)
{
    if (row.isNull(0, column))
        return {};
    const auto digits = row.bytes(0, column);
    Number number{};
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), number);
    if (error != std::errc{} || end != digits.end() || digits.isEmpty())
        return {};
    return number;
}

std::optional<LockKey> keyIn(const QueryAnswer& row)
{
    if (row.columns() == 2) {
        const auto key = numberIn<qint64>(row, 0);
        return key ? std::optional(LockKey::bigint(*key)) : std::nullopt;
    }
    const auto first = numberIn<qint32>(row, 0);
    const auto second = numberIn<qint32>(row, 1);
    return first && second ? std::optional(LockKey::pair(*first, *second)) : std::nullopt;
}

/// The name in a row, cut without half a character at its end.
QString nameIn(const QueryAnswer& row)
{
    const int column = row.columns() - 1;
    // Four bytes make a character at most, and a text may have a gigabyte.
    QString name =
        QString::fromUtf8(row.bytes(0, column).first(std::min(row.bytes(0, column).size(), maximumKeyLabelLength * 4)));
    if (name.size() > maximumKeyLabelLength) {
        name.truncate(maximumKeyLabelLength);
        if (name.back().isHighSurrogate())
            name.chop(1);
    }
    return name;
}

class Query
{
public:
    Query(LibpqConnection& connection, const QByteArray& sql, milliseconds timeout)
        : m_connection(connection)
        , m_sql(sql)
        , m_timeout(timeout)
    {
    }

    Result<KeyLabelAnswer> run()
    {
        const auto started = std::chrono::steady_clock::now();
        if (auto ready = prepare(); !ready)
            return failure(std::move(ready.error()));
        auto shape = m_connection.describeStatement(m_sql, m_timeout + patience);
        if (!shape)
            return failure(explained(std::move(shape.error()), m_timeout));
        if (auto judged = judge(*shape); !judged)
            return failure(std::move(judged.error()));
        auto read = m_connection.streamStatement(m_sql, m_timeout + patience,
                                                 [this](const QueryAnswer& row) { return take(row); });
        if (!read)
            return failure(explained(std::move(read.error()), m_timeout));
        // Also ends what was cancelled because there was enough. The connection ends next, and with it whatever locks
        // the query took.
        if (m_connection.isOpen())
            std::ignore = m_connection.execute("ROLLBACK", ownStatements);
        if (m_answer.labels.isEmpty() && m_strange > 0)
            return usageError(Messages::tr("No row of the answer has a number as its key."), columnsWanted());
        m_answer.elapsed =
            std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started);
        return std::move(m_answer);
    }

private:
    Result<void> prepare()
    {
        const auto settings = [this](qint32 claimed) {
            return sqlStatement(QStringLiteral("label_query_settings"))
                .replace(":claimed", QByteArray::number(claimed))
                .replace(":timeout", QByteArray::number(qint64{m_timeout.count()}))
                .replace(":waiting", QByteArray::number(qint64{std::min(m_timeout, longestWait).count()}));
        };
        const auto session = m_connection.executeOne(settings(m_connection.claimedPid()), ownStatements);
        if (!session)
            return failure(session.error());
        const auto begun = m_connection.execute("BEGIN TRANSACTION READ ONLY", ownStatements);
        if (!begun)
            return failure(begun.error());
        const auto local = m_connection.executeOne(settings(0), ownStatements);
        if (!local)
            return failure(local.error());
        m_answer.databaseOid = static_cast<quint32>(local->int64(0, local->columns() - 1));
        return {};
    }

    static Result<void> judge(const QueryAnswer& shape)
    {
        if (shape.columns() == 2 || shape.columns() == 3)
            return {};
        if (shape.columns() == 0)
            return usageError(Messages::tr("The statement returns no rows, so it was not run."), columnsWanted());
        return usageError(Messages::tr("The query returns %n column(s), so it was not run.", nullptr, shape.columns()),
                          columnsWanted());
    }

    bool take(const QueryAnswer& row)
    {
        if (m_answer.rows == maximumKeyLabels) {
            m_answer.truncated = true;
            return false;
        }
        ++m_answer.rows;
        const auto key = keyIn(row);
        const auto name = key ? nameIn(row) : QString();
        if (key && !name.isEmpty()) {
            m_answer.labels.insert(*key, name);
            return true;
        }
        ++m_answer.unreadable;
        const bool anyNull = row.isNull(0, 0) || (row.columns() == 3 && row.isNull(0, 1));
        if (!key && !anyNull)
            ++m_strange;
        return true;
    }

    LibpqConnection& m_connection;
    const QByteArray m_sql;
    const milliseconds m_timeout;
    KeyLabelAnswer m_answer;
    qint64 m_strange = 0; ///< rows whose key is there but is no number
};

Result<KeyLabelAnswer> ask(const Conninfo& conninfo, const QByteArray& sql, milliseconds timeout)
{
    const auto complete =
        withDefaults(conninfo.with(QStringLiteral("application_name"), {}), QStringLiteral("lockscope label query"));
    LibpqConnection connection;
    if (auto opened = connection.open(complete, openTimeout(complete)); !opened)
        return failure(std::move(opened.error()));
    return Query(connection, sql, timeout).run();
}

QByteArray questionRow(LibpqConnection& connection, qsizetype number, const KeyDictionary::HashQuestion& question)
{
    const QByteArray utf8 = question.text.toUtf8();
    const std::unique_ptr<char, decltype(&PQfreemem)> literal(
        PQescapeLiteral(connection.handle(), utf8.constData(), static_cast<std::size_t>(utf8.size())), &PQfreemem);
    if (!literal)
        return {};
    return '(' + QByteArray::number(number) + ", " + literal.get() + "::pg_catalog.text, " +
           (question.extended ? "true" : "false") + ", '" + QByteArray::number(question.seed) + "'::pg_catalog.int8)";
}

Result<QList<ServerHash>> askBatch(LibpqConnection& connection, quint32 databaseOid,
                                   const QList<KeyDictionary::HashQuestion>& questions, milliseconds deadline)
{
    QByteArrayList rows;
    for (qsizetype number = 0; number < questions.size(); ++number) {
        // libpq would take what is before a NUL for the text, which is another text.
        if (questions.at(number).text.contains(QChar::Null))
            continue;
        if (const auto row = questionRow(connection, number, questions.at(number)); !row.isEmpty())
            rows.append(row);
    }
    QList<ServerHash> hashes;
    if (rows.isEmpty())
        return hashes;
    const auto statement = sqlStatement(QStringLiteral("hash_texts")).replace(":questions", rows.join(", "));
    const auto answer = connection.executeOne(statement, deadline);
    if (!answer)
        return failure(answer.error());
    for (int row = 0; row < answer->rows(); ++row) {
        const auto number = answer->int64(row, 0);
        if (number < 0 || number >= questions.size())
            continue;
        const auto& question = questions.at(number);
        hashes.append({.entryId = question.entryId,
                       .databaseOid = databaseOid,
                       .key = LockKey::bigint(answer->int64(row, 1)),
                       .detail = question.text});
    }
    return hashes;
}

} // namespace

QFuture<Result<KeyLabelAnswer>> askKeyLabels(const Conninfo& conninfo, const QString& sql, milliseconds timeout)
{
    if (sql.trimmed().isEmpty() || sql.contains(QChar::Null))
        return QtFuture::makeReadyFuture(Result<KeyLabelAnswer>(
            sql.contains(QChar::Null)
                ? usageError(Messages::tr("The query holds a NUL character, which no statement can have."))
                : usageError(Messages::tr("There is no query."), columnsWanted())));
    QPromise<Result<KeyLabelAnswer>> promise;
    auto future = promise.future();
    promise.start();
    // No thread of Qt's pool: a server that does not answer would hold up everybody else's work there, and the end of
    // the program, which waits for the pool.
    std::thread([promise = std::move(promise), conninfo, statement = sql.toUtf8(), timeout]() mutable {
        promise.addResult(ask(conninfo, statement, std::max(timeout, 1ms)));
        promise.finish();
    }).detach();
    return future;
}

Result<QList<ServerHash>> askServerHashes(LibpqConnection& connection, quint32 databaseOid,
                                          const QList<KeyDictionary::HashQuestion>& questions, milliseconds deadline)
{
    if (!connection.isOpen())
        return connection.execute("SELECT 1", deadline).map([](const auto&) { return QList<ServerHash>(); });
    const auto until = std::chrono::steady_clock::now() + deadline;
    auto hashes = askBatch(connection, databaseOid, questions, deadline);
    // One text with characters that the encoding of the database lacks fails all: then they are asked one by one.
    if (hashes || !hashes.error().sqlState.startsWith(QLatin1StringView("22")))
        return hashes;
    QList<ServerHash> kept;
    for (const auto& question : questions) {
        const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
        const auto one = askBatch(connection, databaseOid, {question}, std::max(left, 1ms));
        if (one)
            kept.append(*one);
        else if (!one.error().sqlState.startsWith(QLatin1StringView("22")))
            return failure(one.error());
    }
    return kept;
}

} // namespace lockscope
