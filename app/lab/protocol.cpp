#include "app/lab/protocol.h"

#include "app/lab/linebuffer.h"
#include "app/lab/protocolvalues.h"

#include <QJsonDocument>

#include <algorithm>
#include <limits>

namespace lockscope::protocol {

namespace {

constexpr qint64 longestWork = 24LL * 60 * 60 * 1000;
constexpr qint64 largest = std::numeric_limits<qint64>::max();
constexpr qint64 mostConnections = 32;
constexpr qsizetype applicationNameLength = 63;

template <typename... Functions>
struct Overloaded : Functions...
{
    using Functions::operator()...;
};
template <typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

constexpr QStringView typeField = u"type";

QJsonObject typed(const QString& type, QJsonObject object = {})
{
    object.insert(typeField.toString(), type);
    return object;
}

QByteArray toLine(const QJsonObject& object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
}

tl::unexpected<Error> malformed(const QString& problem)
{
    return failure(
        {.kind = ErrorKind::Internal,
         .what = QStringLiteral("The console and a simulated client did not understand each other: %1.").arg(problem),
         .advice = QStringLiteral("Check that lockscope and lockscope-client are of the same version.")});
}

QJsonObject parametersToJson(const Conninfo& conninfo)
{
    QJsonObject object;
    for (const auto& [keyword, value] : conninfo.parameters())
        object.insert(keyword, value);
    return object;
}

/// Through the parser of connection strings, so that only keywords on its whitelist come through.
Conninfo readParameters(FieldReader& fields)
{
    const FieldReader parameters = fields.object(u"parameters");
    QString text;
    for (auto field = parameters.fields().begin(); field != parameters.fields().end(); ++field) {
        QString value = field.value().toString();
        value.replace(u'\\', QStringLiteral("\\\\")).replace(u'\'', QStringLiteral("\\'"));
        const QString keyword = field.key();
        const bool word = !keyword.isEmpty() && std::all_of(keyword.begin(), keyword.end(), [](QChar character) {
            return (character >= u'a' && character <= u'z') || character == u'_';
        });
        if (!word || !field.value().isString()) {
            fields.complain(u"parameters", QStringLiteral("holds something that is not a connection parameter"));
            return {};
        }
        text += keyword + QStringLiteral("='") + value + QStringLiteral("' ");
    }
    if (text.isEmpty())
        return {};
    const Result<Conninfo> parsed = Conninfo::parse(text);
    if (!parsed) {
        fields.complain(u"parameters", QStringLiteral("holds a connection parameter that is not allowed"));
        return {};
    }
    Conninfo conninfo; // in the order of the line, not in libpq's
    for (const QString& keyword : parameters.fields().keys())
        conninfo.set(keyword, parsed->value(keyword));
    return conninfo;
}

template <typename Value>
Result<Value> checked(const FieldReader& fields, Value value)
{
    if (!fields.problem().isEmpty())
        return malformed(fields.problem());
    return value;
}

Result<FieldReader> readObject(const QByteArray& line)
{
    if (line.size() > LineBuffer::maximumLength)
        return malformed(QStringLiteral("a line is too long"));
    QJsonParseError parseError{};
    const QJsonDocument document = QJsonDocument::fromJson(line, &parseError);
    if (parseError.error != QJsonParseError::NoError || !document.isObject())
        return malformed(QStringLiteral("a line is not a JSON object"));
    return FieldReader(document.object());
}

KeyInput readKeyField(FieldReader& fields)
{
    FieldReader key = fields.object(u"key");
    KeyInput input = readKeyInput(key);
    fields.adopt(key);
    return input;
}

Error readErrorField(FieldReader& fields)
{
    FieldReader part = fields.object(u"error");
    Error error = readError(part);
    fields.adopt(part);
    return error;
}

Status readStatus(FieldReader& fields)
{
    Status status;
    status.phase = readPhase(fields, u"phase");
    if (status.phase == ClientPhase::Frozen)
        fields.complain(u"phase", QStringLiteral("is not one that a client can tell"));
    status.doing = fields.text(u"doing");
    status.transaction = readTransaction(fields, u"transaction");
    const QJsonArray ledger = fields.array(u"ledger");
    for (const QJsonValue& value : ledger) {
        FieldReader entry(value.toObject());
        status.ledger.append(readLedgerEntry(entry));
        fields.adopt(entry);
    }
    return status;
}

QJsonObject statusToJson(const Status& status)
{
    QJsonArray ledger;
    for (const LedgerEntry& entry : status.ledger)
        ledger.append(toJson(entry));
    return {{QStringLiteral("phase"), phaseWord(status.phase)},
            {QStringLiteral("doing"), status.doing},
            {QStringLiteral("transaction"), transactionWord(status.transaction)},
            {QStringLiteral("ledger"), ledger}};
}

QJsonObject podStatusToJson(const PodStatus& status)
{
    QJsonArray connections;
    for (const PodConnection& connection : status.connections)
        connections.append(toJson(connection));
    QJsonArray map;
    for (const LockKey& key : status.map)
        map.append(toJson(key));
    return {{QStringLiteral("connections"), connections}, {QStringLiteral("map"), map}};
}

PodStatus readPodStatus(FieldReader& fields)
{
    PodStatus status;
    const QJsonArray connections = fields.array(u"connections");
    for (const QJsonValue& value : connections) {
        FieldReader connection(value.toObject());
        status.connections.append(readPodConnection(connection));
        fields.adopt(connection);
    }
    const QJsonArray map = fields.array(u"map");
    for (const QJsonValue& value : map) {
        FieldReader key(value.toObject());
        status.map.append(readLockKey(key));
        fields.adopt(key);
    }
    return status;
}

qint64 microsecondsOf(SteadyTime moment)
{
    return std::chrono::duration_cast<std::chrono::microseconds>(moment.time_since_epoch()).count();
}

LockKey readPlainKeyField(FieldReader& fields)
{
    FieldReader key = fields.object(u"key");
    const LockKey read = readLockKey(key);
    fields.adopt(key);
    return read;
}

} // namespace

QByteArray encode(const Command& command)
{
    return toLine(std::visit(
        Overloaded{
            [](const Connect& connect) {
                return typed(QStringLiteral("connect"),
                             {{QStringLiteral("name"), connect.name},
                              {QStringLiteral("parameters"), parametersToJson(connect.conninfo)},
                              {QStringLiteral("environmentPassword"), connect.environmentPassword}});
            },
            [](const Acquire& acquire) {
                return typed(QStringLiteral("acquire"), {{QStringLiteral("key"), toJson(acquire.key)},
                                                         {QStringLiteral("request"), toJson(acquire.request)}});
            },
            [](const Release& release) {
                return typed(QStringLiteral("release"), {{QStringLiteral("key"), toJson(release.key)},
                                                         {QStringLiteral("share"), shareWord(release.share)}});
            },
            [](const ReleaseAll&) { return typed(QStringLiteral("releaseAll")); },
            [](const Work& work) {
                return typed(QStringLiteral("work"), {{QStringLiteral("durationMs"), qint64{work.duration.count()}}});
            },
            [](const Begin&) { return typed(QStringLiteral("begin")); },
            [](const Commit&) { return typed(QStringLiteral("commit")); },
            [](const Rollback&) { return typed(QStringLiteral("rollback")); },
            [](const Quit&) { return typed(QStringLiteral("quit")); },
            [](const OpenPod& pod) {
                return typed(QStringLiteral("openPod"),
                             {{QStringLiteral("name"), pod.name},
                              {QStringLiteral("parameters"), parametersToJson(pod.conninfo)},
                              {QStringLiteral("environmentPassword"), pod.environmentPassword},
                              {QStringLiteral("connections"), pod.connections}});
            },
            [](const Sync& sync) {
                return typed(QStringLiteral("sync"), {{QStringLiteral("request"), static_cast<qint64>(sync.request)},
                                                      {QStringLiteral("key"), toJson(sync.key)},
                                                      {QStringLiteral("workMs"), qint64{sync.work.count()}}});
            },
        },
        command));
}

QByteArray encode(const Event& event)
{
    const QByteArray line = toLine(std::visit(
        Overloaded{
            [](const Connected& connected) {
                return typed(
                    QStringLiteral("connected"),
                    {{QStringLiteral("backendPid"), connected.backendPid},
                     {QStringLiteral("backendStartUs"), qint64{connected.backendStart.time_since_epoch().count()}}});
            },
            [](const StatementRecord& record) { return typed(QStringLiteral("statement"), toJson(record)); },
            [](const Outcome& outcome) { return typed(QStringLiteral("outcome"), toJson(outcome)); },
            [](const Status& status) { return typed(QStringLiteral("status"), statusToJson(status)); },
            [](const Ended& ended) {
                return typed(QStringLiteral("ended"), {{QStringLiteral("error"), toJson(ended.error)}});
            },
            [](const Complaint& complaint) {
                return typed(QStringLiteral("complaint"), {{QStringLiteral("error"), toJson(complaint.error)}});
            },
            [](const PodStatus& status) { return typed(QStringLiteral("podStatus"), podStatusToJson(status)); },
            [](const PodAnswer& answer) { return typed(QStringLiteral("podAnswer"), toJson(answer)); },
            [](const Wrote& wrote) {
                return typed(QStringLiteral("wrote"), {{QStringLiteral("key"), toJson(wrote.key)},
                                                       {QStringLiteral("token"), wrote.token},
                                                       {QStringLiteral("sentAtUs"), microsecondsOf(wrote.sentAt)}});
            },
        },
        event));
    if (line.size() <= LineBuffer::maximumLength)
        return line;
    return encode(Event(Complaint{
        {.kind = ErrorKind::Internal, .what = QStringLiteral("The client holds too many locks to list them.")}}));
}

Result<Command> decodeCommand(const QByteArray& line)
{
    Result<FieldReader> object = readObject(line);
    if (!object)
        return failure(std::move(object.error()));
    FieldReader& fields = *object;
    const QString type = fields.text(typeField);
    if (type == u"connect") {
        Connect connect;
        connect.name = fields.text(u"name");
        connect.conninfo = readParameters(fields);
        connect.environmentPassword = fields.text(u"environmentPassword");
        return checked<Command>(fields, connect);
    }
    if (type == u"acquire") {
        Acquire acquire;
        acquire.key = readKeyField(fields);
        FieldReader request = fields.object(u"request");
        acquire.request = readLockRequest(request);
        fields.adopt(request);
        return checked<Command>(fields, acquire);
    }
    if (type == u"release") {
        Release release;
        release.key = readKeyField(fields);
        release.share = readShare(fields, u"share");
        return checked<Command>(fields, release);
    }
    if (type == u"releaseAll")
        return checked<Command>(fields, ReleaseAll{});
    if (type == u"work") {
        const Work work{std::chrono::milliseconds(fields.integer(u"durationMs", 0, longestWork))};
        return checked<Command>(fields, work);
    }
    if (type == u"begin")
        return checked<Command>(fields, Begin{});
    if (type == u"commit")
        return checked<Command>(fields, Commit{});
    if (type == u"rollback")
        return checked<Command>(fields, Rollback{});
    if (type == u"quit")
        return checked<Command>(fields, Quit{});
    if (type == u"openPod") {
        OpenPod pod;
        pod.name = fields.text(u"name");
        pod.conninfo = readParameters(fields);
        pod.environmentPassword = fields.text(u"environmentPassword");
        pod.connections = static_cast<int>(fields.integer(u"connections", 1, mostConnections));
        return checked<Command>(fields, pod);
    }
    if (type == u"sync") {
        Sync sync;
        sync.request = static_cast<quint64>(fields.integer(u"request", 0, largest));
        sync.key = readPlainKeyField(fields);
        sync.work = std::chrono::milliseconds(fields.integer(u"workMs", 0, longestWork));
        return checked<Command>(fields, sync);
    }
    return malformed(QStringLiteral("a command is unknown"));
}

Result<Event> decodeEvent(const QByteArray& line)
{
    Result<FieldReader> object = readObject(line);
    if (!object)
        return failure(std::move(object.error()));
    FieldReader& fields = *object;
    const QString type = fields.text(typeField);
    if (type == u"connected") {
        Connected connected;
        connected.backendPid =
            static_cast<qint32>(fields.integer(u"backendPid", 1, std::numeric_limits<qint32>::max()));
        connected.backendStart = ServerTime(
            std::chrono::microseconds(fields.integer(u"backendStartUs", 0, std::numeric_limits<qint64>::max())));
        return checked<Event>(fields, connected);
    }
    if (type == u"statement") {
        StatementRecord record = readStatementRecord(fields);
        return checked<Event>(fields, std::move(record));
    }
    if (type == u"outcome") {
        Outcome outcome = readOutcome(fields);
        return checked<Event>(fields, std::move(outcome));
    }
    if (type == u"status") {
        Status status = readStatus(fields);
        return checked<Event>(fields, std::move(status));
    }
    if (type == u"ended") {
        Ended ended{readErrorField(fields)};
        return checked<Event>(fields, std::move(ended));
    }
    if (type == u"complaint") {
        Complaint complaint{readErrorField(fields)};
        return checked<Event>(fields, std::move(complaint));
    }
    if (type == u"podStatus") {
        PodStatus status = readPodStatus(fields);
        return checked<Event>(fields, std::move(status));
    }
    if (type == u"podAnswer") {
        PodAnswer answer = readPodAnswer(fields);
        return checked<Event>(fields, std::move(answer));
    }
    if (type == u"wrote") {
        Wrote wrote;
        wrote.key = readPlainKeyField(fields);
        wrote.token = fields.integer(u"token", 0, largest);
        wrote.sentAt = SteadyTime(std::chrono::microseconds(fields.integer(u"sentAtUs", 0, largest / 1000)));
        return checked<Event>(fields, wrote);
    }
    return malformed(QStringLiteral("an event is unknown"));
}

QString clientApplicationName(const QString& name)
{
    const QString tail = QStringLiteral(" (lockscope client)");
    // The server replaces what is not printable ASCII (by '?', from 16 on by four characters each), so it is done here,
    // where one character stays one byte.
    QString shown;
    for (const QChar character : name)
        shown += character.unicode() >= 0x20 && character.unicode() < 0x7f ? character : QChar(u'?');
    return shown.left(applicationNameLength - tail.size()) + tail;
}

} // namespace lockscope::protocol
