#include "app/lab/protocolvalues.h"

#include <array>
#include <limits>

namespace lockscope::protocol {

namespace {

constexpr qsizetype longestText = 4096;
constexpr qsizetype mostNotices = 20;
constexpr qint64 largest = std::numeric_limits<qint64>::max();
constexpr qint64 largestInt = std::numeric_limits<qint32>::max();

/// Texts of the server can be megabytes; a line of the protocol must not be.
QString cut(const QString& text)
{
    return text.size() <= longestText ? text : text.left(longestText) + QChar(0x2026);
}

QJsonArray cut(const QStringList& texts)
{
    QJsonArray result;
    for (const QString& text : texts.first(qMin(texts.size(), mostNotices)))
        result.append(cut(text));
    return result;
}

/// A word of the protocol for each value of an enumeration. The words are the protocol's own: what people read may
/// change, these may not.
template <typename Enum>
struct Word
{
    Enum value;
    const char16_t* word;
};

template <typename Enum, size_t count>
QString wordOf(const std::array<Word<Enum>, count>& words, Enum value)
{
    for (const Word<Enum>& candidate : words) {
        if (candidate.value == value)
            return QString::fromUtf16(candidate.word);
    }
    return {};
}

template <typename Enum, size_t count>
Enum readWord(FieldReader& fields, QStringView field, const std::array<Word<Enum>, count>& words)
{
    const QString text = fields.text(field);
    for (const Word<Enum>& candidate : words) {
        if (text == QStringView(candidate.word))
            return candidate.value;
    }
    fields.complain(field, QStringLiteral("is not one of the known words"));
    return words.front().value;
}

constexpr std::array shares{Word<LockShare>{LockShare::Exclusive, u"exclusive"},
                            Word<LockShare>{LockShare::Shared, u"shared"}};
constexpr std::array levels{Word<LockLevel>{LockLevel::Session, u"session"},
                            Word<LockLevel>{LockLevel::Transaction, u"transaction"}};
constexpr std::array policies{Word<WaitPolicy>{WaitPolicy::Try, u"try"}, Word<WaitPolicy>{WaitPolicy::Block, u"block"},
                              Word<WaitPolicy>{WaitPolicy::Timeout, u"timeout"}};
constexpr std::array hashes{Word<TextHash>{TextHash::Hashtext, u"hashtext"},
                            Word<TextHash>{TextHash::Hashtextextended, u"hashtextextended"}};
constexpr std::array forms{Word<KeyForm>{KeyForm::Bigint, u"bigint"}, Word<KeyForm>{KeyForm::Int4Pair, u"int4pair"}};
constexpr std::array holdStates{
    Word<HoldState>{HoldState::Held, u"held"}, Word<HoldState>{HoldState::Waiting, u"waiting"},
    Word<HoldState>{HoldState::Released, u"released"}, Word<HoldState>{HoldState::Lost, u"lost"},
    Word<HoldState>{HoldState::Unknown, u"unknown"}};
constexpr std::array errorKinds{
    Word<ErrorKind>{ErrorKind::Usage, u"usage"}, Word<ErrorKind>{ErrorKind::Connection, u"connection"},
    Word<ErrorKind>{ErrorKind::Authentication, u"authentication"}, Word<ErrorKind>{ErrorKind::Server, u"server"},
    Word<ErrorKind>{ErrorKind::Internal, u"internal"}};
constexpr std::array outcomeKinds{Word<OutcomeKind>{OutcomeKind::Acquired, u"acquired"},
                                  Word<OutcomeKind>{OutcomeKind::HeldElsewhere, u"heldElsewhere"},
                                  Word<OutcomeKind>{OutcomeKind::Released, u"released"},
                                  Word<OutcomeKind>{OutcomeKind::NotHeld, u"notHeld"},
                                  Word<OutcomeKind>{OutcomeKind::TimedOut, u"timedOut"},
                                  Word<OutcomeKind>{OutcomeKind::Cancelled, u"cancelled"},
                                  Word<OutcomeKind>{OutcomeKind::DeadlockVictim, u"deadlockVictim"},
                                  Word<OutcomeKind>{OutcomeKind::Lost, u"lost"},
                                  Word<OutcomeKind>{OutcomeKind::Done, u"done"},
                                  Word<OutcomeKind>{OutcomeKind::Failed, u"failed"}};
constexpr std::array phases{
    Word<ClientPhase>{ClientPhase::Starting, u"starting"}, Word<ClientPhase>{ClientPhase::Idle, u"idle"},
    Word<ClientPhase>{ClientPhase::Waiting, u"waiting"},   Word<ClientPhase>{ClientPhase::Working, u"working"},
    Word<ClientPhase>{ClientPhase::Frozen, u"frozen"},     Word<ClientPhase>{ClientPhase::Ended, u"ended"}};
constexpr std::array transactions{Word<TransactionPhase>{TransactionPhase::None, u"none"},
                                  Word<TransactionPhase>{TransactionPhase::Open, u"open"},
                                  Word<TransactionPhase>{TransactionPhase::Failed, u"failed"}};

QStringList readNotices(FieldReader& fields)
{
    QStringList result;
    const QJsonArray notices = fields.array(u"notices");
    for (const QJsonValue& notice : notices) {
        if (notice.isString())
            result.append(notice.toString());
        else
            fields.complain(u"notices", QStringLiteral("holds something that is not a text"));
    }
    return result;
}

} // namespace

QJsonValue FieldReader::value(QStringView field, QJsonValue::Type type)
{
    const QJsonValue result = m_object.value(field);
    if (result.type() == type)
        return result;
    complain(field, result.isUndefined() ? QStringLiteral("is missing") : QStringLiteral("has the wrong type"));
    return QJsonValue(type);
}

QString FieldReader::text(QStringView field)
{
    return value(field, QJsonValue::String).toString();
}

qint64 FieldReader::integer(QStringView field, qint64 minimum, qint64 maximum)
{
    const QJsonValue number = value(field, QJsonValue::Double);
    // A fraction and a number too large for an integer both answer with the default.
    const qint64 result = number.toInteger(minimum);
    if (result < minimum || result > maximum || number.toInteger(0) != number.toInteger(1)) {
        complain(field, QStringLiteral("is not a whole number in its range"));
        return minimum;
    }
    return result;
}

bool FieldReader::boolean(QStringView field)
{
    return value(field, QJsonValue::Bool).toBool();
}

QJsonArray FieldReader::array(QStringView field)
{
    return value(field, QJsonValue::Array).toArray();
}

FieldReader FieldReader::object(QStringView field)
{
    return FieldReader(value(field, QJsonValue::Object).toObject());
}

void FieldReader::complain(QStringView field, const QString& problem)
{
    if (m_problem.isEmpty())
        m_problem = QStringLiteral("\"%1\" %2").arg(field, problem);
}

void FieldReader::adopt(const FieldReader& part)
{
    if (m_problem.isEmpty())
        m_problem = part.problem();
}

QJsonObject toJson(const LockKey& key)
{
    // As text: a JSON number cannot carry every bigint through every reader.
    return {{QStringLiteral("form"), wordOf(forms, key.form())}, {QStringLiteral("key"), key.toString()}};
}

QJsonObject toJson(const KeyInput& key)
{
    if (const auto* text = std::get_if<TextKey>(&key))
        return {{QStringLiteral("text"), text->text}, {QStringLiteral("hash"), wordOf(hashes, text->hash)}};
    return toJson(std::get<LockKey>(key));
}

QJsonObject toJson(const LockRequest& request)
{
    return {{QStringLiteral("share"), wordOf(shares, request.share)},
            {QStringLiteral("level"), wordOf(levels, request.level)},
            {QStringLiteral("wait"), wordOf(policies, request.wait)},
            {QStringLiteral("lockTimeoutMs"), qint64{request.lockTimeout.count()}}};
}

QJsonObject toJson(const LedgerEntry& entry)
{
    return {{QStringLiteral("key"), toJson(entry.key)},
            {QStringLiteral("share"), wordOf(shares, entry.share)},
            {QStringLiteral("sessionCount"), entry.sessionCount},
            {QStringLiteral("transactionCount"), entry.transactionCount},
            {QStringLiteral("state"), wordOf(holdStates, entry.state)},
            {QStringLiteral("seenOnServer"), entry.seenOnServer}};
}

QJsonObject toJson(const Error& error)
{
    return {{QStringLiteral("kind"), wordOf(errorKinds, error.kind)},
            {QStringLiteral("what"), cut(error.what)},
            {QStringLiteral("advice"), cut(error.advice)},
            {QStringLiteral("serverWords"), cut(error.serverWords)},
            {QStringLiteral("sqlState"), cut(error.sqlState)}};
}

QJsonObject toJson(const Outcome& outcome)
{
    QJsonObject result{{QStringLiteral("kind"), wordOf(outcomeKinds, outcome.kind)},
                       {QStringLiteral("action"), cut(outcome.action)},
                       {QStringLiteral("notices"), cut(outcome.notices)},
                       {QStringLiteral("elapsedUs"), qint64{outcome.elapsed.count()}}};
    if (outcome.key)
        result.insert(QStringLiteral("key"), toJson(*outcome.key));
    if (outcome.error)
        result.insert(QStringLiteral("error"), toJson(*outcome.error));
    QJsonArray holders;
    for (const HolderNote& holder : outcome.holders) {
        holders.append(QJsonObject{{QStringLiteral("pid"), holder.pid},
                                   {QStringLiteral("applicationName"), cut(holder.applicationName)},
                                   {QStringLiteral("mode"), serverName(holder.mode)}});
    }
    result.insert(QStringLiteral("holders"), holders);
    return result;
}

QJsonObject toJson(const StatementRecord& record)
{
    const auto sent = std::chrono::duration_cast<std::chrono::microseconds>(record.sentAt.time_since_epoch());
    return {{QStringLiteral("sentAtUs"), qint64{sent.count()}},
            {QStringLiteral("session"), cut(record.session)},
            {QStringLiteral("backendPid"), record.backendPid},
            {QStringLiteral("sql"), cut(record.sql)},
            {QStringLiteral("result"), cut(record.result)},
            {QStringLiteral("notices"), cut(record.notices)},
            {QStringLiteral("durationUs"), qint64{record.duration.count()}},
            {QStringLiteral("failed"), record.failed},
            {QStringLiteral("housekeeping"), record.housekeeping}};
}

QJsonObject toJson(const PodConnection& connection)
{
    const qint64 start = connection.backendStart ? qint64{connection.backendStart->time_since_epoch().count()} : 0;
    QJsonObject result{{QStringLiteral("backendPid"), connection.backendPid},
                       {QStringLiteral("backendStartUs"), start},
                       {QStringLiteral("doing"), cut(connection.doing)}};
    if (connection.key)
        result.insert(QStringLiteral("key"), toJson(*connection.key));
    return result;
}

QJsonObject toJson(const PodAnswer& answer)
{
    return {{QStringLiteral("request"), static_cast<qint64>(answer.request)},
            {QStringLiteral("pod"), cut(answer.pod)},
            {QStringLiteral("key"), toJson(answer.key)},
            {QStringLiteral("code"), answer.code},
            {QStringLiteral("words"), cut(answer.words)},
            {QStringLiteral("refusedByMap"), answer.refusedByMap},
            {QStringLiteral("token"), answer.token.value_or(0)},
            {QStringLiteral("elapsedUs"), qint64{answer.elapsed.count()}}};
}

LockKey readLockKey(FieldReader& fields)
{
    const KeyForm form = readWord(fields, u"form", forms);
    const Result<LockKey> key = LockKey::parse(fields.text(u"key"), form);
    if (!key) {
        fields.complain(u"key", QStringLiteral("is not an advisory key"));
        return {};
    }
    return *key;
}

KeyInput readKeyInput(FieldReader& fields)
{
    if (!fields.has(u"text"))
        return readLockKey(fields);
    return TextKey{.text = fields.text(u"text"), .hash = readWord(fields, u"hash", hashes)};
}

LockRequest readLockRequest(FieldReader& fields)
{
    LockRequest request;
    request.share = readWord(fields, u"share", shares);
    request.level = readWord(fields, u"level", levels);
    request.wait = readWord(fields, u"wait", policies);
    request.lockTimeout = std::chrono::milliseconds(fields.integer(u"lockTimeoutMs", 0, largestInt));
    return request;
}

LedgerEntry readLedgerEntry(FieldReader& fields)
{
    LedgerEntry entry;
    FieldReader key = fields.object(u"key");
    entry.key = readLockKey(key);
    fields.adopt(key);
    entry.share = readWord(fields, u"share", shares);
    entry.sessionCount = static_cast<int>(fields.integer(u"sessionCount", 0, largestInt));
    entry.transactionCount = static_cast<int>(fields.integer(u"transactionCount", 0, largestInt));
    entry.state = readWord(fields, u"state", holdStates);
    entry.seenOnServer = fields.boolean(u"seenOnServer");
    return entry;
}

Error readError(FieldReader& fields)
{
    Error error;
    error.kind = readWord(fields, u"kind", errorKinds);
    error.what = fields.text(u"what");
    error.advice = fields.text(u"advice");
    error.serverWords = fields.text(u"serverWords");
    error.sqlState = fields.text(u"sqlState");
    return error;
}

Outcome readOutcome(FieldReader& fields)
{
    Outcome outcome;
    outcome.kind = readWord(fields, u"kind", outcomeKinds);
    outcome.action = fields.text(u"action");
    outcome.notices = readNotices(fields);
    outcome.elapsed = std::chrono::microseconds(fields.integer(u"elapsedUs", 0, largest));
    if (fields.has(u"key")) {
        FieldReader key = fields.object(u"key");
        outcome.key = readLockKey(key);
        fields.adopt(key);
    }
    if (fields.has(u"error")) {
        FieldReader error = fields.object(u"error");
        outcome.error = readError(error);
        fields.adopt(error);
    }
    const QJsonArray holders = fields.array(u"holders");
    for (const QJsonValue& value : holders) {
        FieldReader holder(value.toObject());
        HolderNote note;
        note.pid = static_cast<qint32>(holder.integer(u"pid", 0, largestInt));
        note.applicationName = holder.text(u"applicationName");
        note.mode = lockModeFromServer(holder.text(u"mode"));
        fields.adopt(holder);
        outcome.holders.append(note);
    }
    return outcome;
}

StatementRecord readStatementRecord(FieldReader& fields)
{
    StatementRecord record;
    record.sentAt =
        std::chrono::system_clock::time_point(std::chrono::duration_cast<std::chrono::system_clock::duration>(
            std::chrono::microseconds(fields.integer(u"sentAtUs", 0, largest / 1000))));
    record.session = fields.text(u"session");
    record.backendPid = static_cast<qint32>(fields.integer(u"backendPid", 0, largestInt));
    record.sql = fields.text(u"sql");
    record.result = fields.text(u"result");
    record.notices = readNotices(fields);
    record.duration = std::chrono::microseconds(fields.integer(u"durationUs", 0, largest));
    record.failed = fields.boolean(u"failed");
    record.housekeeping = fields.boolean(u"housekeeping");
    return record;
}

QString shareWord(LockShare share)
{
    return wordOf(shares, share);
}

LockShare readShare(FieldReader& fields, QStringView field)
{
    return readWord(fields, field, shares);
}

QString phaseWord(ClientPhase phase)
{
    return wordOf(phases, phase);
}

ClientPhase readPhase(FieldReader& fields, QStringView field)
{
    return readWord(fields, field, phases);
}

QString transactionWord(TransactionPhase phase)
{
    return wordOf(transactions, phase);
}

TransactionPhase readTransaction(FieldReader& fields, QStringView field)
{
    return readWord(fields, field, transactions);
}

PodConnection readPodConnection(FieldReader& fields)
{
    PodConnection connection;
    connection.backendPid = static_cast<qint32>(fields.integer(u"backendPid", 0, largestInt));
    if (const qint64 start = fields.integer(u"backendStartUs", 0, largest); start > 0)
        connection.backendStart = ServerTime(std::chrono::microseconds(start));
    connection.doing = fields.text(u"doing");
    if (fields.has(u"key")) {
        FieldReader key = fields.object(u"key");
        connection.key = readLockKey(key);
        fields.adopt(key);
    }
    return connection;
}

PodAnswer readPodAnswer(FieldReader& fields)
{
    PodAnswer answer;
    answer.request = static_cast<quint64>(fields.integer(u"request", 0, largest));
    answer.pod = fields.text(u"pod");
    FieldReader key = fields.object(u"key");
    answer.key = readLockKey(key);
    fields.adopt(key);
    answer.code = static_cast<int>(fields.integer(u"code", 200, 599));
    answer.words = fields.text(u"words");
    answer.refusedByMap = fields.boolean(u"refusedByMap");
    if (const qint64 token = fields.integer(u"token", 0, largest); token > 0)
        answer.token = token;
    answer.elapsed = std::chrono::microseconds(fields.integer(u"elapsedUs", 0, largest));
    return answer;
}

} // namespace lockscope::protocol
