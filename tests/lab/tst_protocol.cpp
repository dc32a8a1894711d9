#include "app/lab/linebuffer.h"
#include "app/lab/protocol.h"
#include "tests/support/suite.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <limits>

using namespace lockscope;
using namespace lockscope::protocol;
using namespace std::chrono_literals;

namespace {

Conninfo conninfoWith(const QList<std::pair<QString, QString>>& parameters)
{
    Conninfo conninfo;
    for (const auto& [keyword, value] : parameters)
        conninfo.set(keyword, value);
    return conninfo;
}

QList<Command> allCommands()
{
    return {
        // Keywords in the order in which a JSON object keeps them.
        Connect{QStringLiteral("pod-a"),
                conninfoWith({{QStringLiteral("dbname"), QStringLiteral("it's \\ \"a\" b")},
                              {QStringLiteral("host"), QStringLiteral("/tmp/so cket")},
                              {QStringLiteral("options"), QStringLiteral("-c lock_timeout=5s")},
                              {QStringLiteral("password"), QStringLiteral("p ' \\ = ü %1 \u202e")},
                              {QStringLiteral("port"), QStringLiteral("5433")}}),
                QStringLiteral("from the environment")},
        Connect{},
        Acquire{LockKey::bigint(std::numeric_limits<qint64>::min()), {}},
        Acquire{LockKey::bigint(std::numeric_limits<qint64>::max()),
                {LockShare::Shared, LockLevel::Transaction, WaitPolicy::Timeout, 250ms}},
        Acquire{LockKey::pair(-5, 2147483647), {LockShare::Exclusive, LockLevel::Session, WaitPolicy::Block, 5000ms}},
        Acquire{TextKey{QStringLiteral("calendar ' \\ \n \u0001"), TextHash::Hashtext}, {}},
        Release{LockKey::pair(-2147483647 - 1, -1), LockShare::Shared},
        Release{TextKey{QStringLiteral("x"), TextHash::Hashtextextended}, LockShare::Exclusive},
        ReleaseAll{},
        Work{1500ms},
        Begin{},
        Commit{},
        Rollback{},
        Quit{},
        OpenPod{QStringLiteral("pod-a"),
                conninfoWith({{QStringLiteral("host"), QStringLiteral("/tmp")},
                              {QStringLiteral("password"), QStringLiteral("p ' \\ = %1")}}),
                QStringLiteral("from the environment"), 32},
        Sync{9'223'372'036'854'775'807U, LockKey::pair(-5, 7), 24h},
    };
}

Error someError(ErrorKind kind)
{
    return {.kind = kind,
            .what = QStringLiteral("The session ended."),
            .advice = QStringLiteral("Start \"again\"."),
            .serverWords = QStringLiteral("FATAL: terminating connection\nDETAIL: <b>x</b>"),
            .sqlState = QStringLiteral("57P01")};
}

QList<Event> allEvents()
{
    StatementRecord record;
    record.sentAt = std::chrono::system_clock::time_point(1'763'810'000'123'456us);
    record.session = QStringLiteral("pod-a");
    record.backendPid = 1234;
    record.sql = QStringLiteral("SELECT pg_catalog.pg_advisory_unlock(7)");
    record.result = QStringLiteral("false");
    record.notices = QStringList{QStringLiteral("WARNING: you don't own a lock of type ExclusiveLock")};
    record.duration = 812us;
    record.failed = true;
    record.housekeeping = true;

    Outcome outcome;
    outcome.kind = OutcomeKind::HeldElsewhere;
    outcome.action = QStringLiteral("try 5 exclusive");
    outcome.key = LockKey::pair(1, -2);
    outcome.holders = {{99, QStringLiteral("<i>app</i>"), LockMode::Share}, {0, QString(), LockMode::Exclusive}};
    outcome.notices = record.notices;
    outcome.error = someError(ErrorKind::Server);
    outcome.elapsed = 3h;

    QList<Event> events{Connected{1234, ServerTime(1'763'810'000'123'456us)},
                        record,
                        outcome,
                        Status{ClientPhase::Waiting,
                               QStringLiteral("lock 5"),
                               TransactionPhase::Failed,
                               {{LockKey::bigint(-1), LockShare::Exclusive, 3, 0, HoldState::Held, true},
                                {LockKey::pair(0, 42), LockShare::Shared, 0, 1, HoldState::Waiting, false}}},
                        Status{},
                        Ended{someError(ErrorKind::Authentication)},
                        Complaint{someError(ErrorKind::Internal)}};
    events.append(PodStatus{});
    events.append(PodStatus{{{1234, ServerTime(1us), LockKey::pair(-1, 1), QStringLiteral("syncs (-1, 1)")},
                             {0, std::nullopt, std::nullopt, QStringLiteral("lost")}},
                            {LockKey::bigint(std::numeric_limits<qint64>::min()), LockKey::pair(-1, 1)}});
    for (const std::optional<qint64> token : {std::optional<qint64>(), std::optional<qint64>(1'234'567'890'123)}) {
        events.append(PodAnswer{.request = 7,
                                .pod = QStringLiteral("pod-a"),
                                .key = LockKey::bigint(5),
                                .code = token ? 202 : 409,
                                .words = QStringLiteral("held by another session"),
                                .refusedByMap = !token,
                                .token = token,
                                .elapsed = 812us});
        events.append(Wrote{LockKey::bigint(5), token.value_or(0), SteadyTime(1'234us)});
    }
    for (const OutcomeKind kind : {OutcomeKind::Acquired, OutcomeKind::Released, OutcomeKind::NotHeld,
                                   OutcomeKind::TimedOut, OutcomeKind::Cancelled, OutcomeKind::DeadlockVictim,
                                   OutcomeKind::Lost, OutcomeKind::Done, OutcomeKind::Failed})
        events.append(Outcome{.kind = kind});
    for (const HoldState state : {HoldState::Released, HoldState::Lost, HoldState::Unknown}) {
        events.append(
            Status{ClientPhase::Ended, {}, TransactionPhase::Open, {{LockKey::bigint(1), {}, 0, 0, state, false}}});
    }
    for (const ClientPhase phase : {ClientPhase::Starting, ClientPhase::Working})
        events.append(Status{phase, {}, {}, {}});
    for (const ErrorKind kind : {ErrorKind::Usage, ErrorKind::Connection})
        events.append(Ended{someError(kind)});
    return events;
}

QByteArray withoutNewline(QByteArray line)
{
    line.chop(1);
    return line;
}

} // namespace

class ProtocolTest final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void everyCommandSurvivesTheWay()
    {
        for (const Command& command : allCommands()) {
            const QByteArray line = encode(command);
            QVERIFY(line.endsWith('\n'));
            QCOMPARE(line.count('\n'), 1);
            const Result<Command> read = decodeCommand(withoutNewline(line));
            VERIFY_RESULT(read);
            QVERIFY2(*read == command, line.constData());
        }
    }

    void everyEventSurvivesTheWay()
    {
        for (const Event& event : allEvents()) {
            const QByteArray line = encode(event);
            QVERIFY(line.endsWith('\n'));
            QCOMPARE(line.count('\n'), 1);
            const Result<Event> read = decodeEvent(withoutNewline(line));
            VERIFY_RESULT(read);
            QVERIFY2(*read == event, line.constData());
        }
    }

    /// Any one field gone or of another type is an error and nothing else.
    void damagedFieldsAreErrors()
    {
        const auto damaged = [](const QByteArray& line, const auto& decode) {
            const QJsonObject whole = QJsonDocument::fromJson(line).object();
            int accepted = 0;
            for (const QString& field : whole.keys()) {
                QJsonObject without = whole;
                without.remove(field);
                QJsonObject mistyped = whole;
                mistyped.insert(field, QJsonValue::Null);
                for (const QJsonObject& object : {without, mistyped})
                    accepted += decode(QJsonDocument(object).toJson(QJsonDocument::Compact)) ? 1 : 0;
            }
            return accepted;
        };
        for (const Command& command : allCommands())
            QCOMPARE(damaged(encode(command), decodeCommand), 0);
        for (const Event& event : allEvents()) {
            // An outcome may have no key and no error, so leaving those out is no damage.
            const auto* outcome = std::get_if<Outcome>(&event);
            const int optional = outcome ? (outcome->key ? 1 : 0) + (outcome->error ? 1 : 0) : 0;
            QCOMPARE(damaged(encode(event), decodeEvent), optional);
        }
    }

    void malformedLinesAreErrors_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("not JSON") << QByteArray("SELECT secret");
        QTest::newRow("cut off") << QByteArray("{\"type\":\"connect\",\"name\":\"secret");
        QTest::newRow("array") << QByteArray("[\"secret\"]");
        QTest::newRow("unknown type") << QByteArray("{\"type\":\"secret\"}");
        QTest::newRow("NUL") << QByteArray("{\"type\":\"quit\"}\0secret", 22);
        QTest::newRow("key beyond bigint") << QByteArray("{\"type\":\"release\",\"share\":\"shared\",\"key\":{\"form\":"
                                                         "\"bigint\",\"key\":\"9223372036854775808\"}}");
        QTest::newRow("key is SQL") << QByteArray("{\"type\":\"release\",\"share\":\"shared\",\"key\":{\"form\":"
                                                  "\"bigint\",\"key\":\"1); DROP TABLE secret\"}}");
        QTest::newRow("unknown share") << QByteArray(
            "{\"type\":\"release\",\"share\":\"secret\",\"key\":{\"form\":\"bigint\",\"key\":\"1\"}}");
        QTest::newRow("endless work") << QByteArray("{\"type\":\"work\",\"durationMs\":86400001}");
        QTest::newRow("negative work") << QByteArray("{\"type\":\"work\",\"durationMs\":-1}");
        QTest::newRow("half a millisecond") << QByteArray("{\"type\":\"work\",\"durationMs\":0.5}");
        QTest::newRow("number beyond every integer") << QByteArray("{\"type\":\"work\",\"durationMs\":1e300}");
        QTest::newRow("foreign keyword") << QByteArray("{\"type\":\"connect\",\"name\":\"a\",\"environmentPassword\":"
                                                       "\"\",\"parameters\":{\"replication\":\"secret\"}}");
        QTest::newRow("keyword with a value inside")
            << QByteArray("{\"type\":\"connect\",\"name\":\"a\",\"environmentPassword\":\"\",\"parameters\":{\"host="
                          "secret port\":\"1\"}}");
        QTest::newRow("line break in a value")
            << QByteArray("{\"type\":\"connect\",\"name\":\"a\",\"environmentPassword\":\"\",\"parameters\":{\"host\":"
                          "\"secret\\n\"}}");
        QTest::newRow("pod without connections")
            << QByteArray("{\"type\":\"openPod\",\"name\":\"a\",\"environmentPassword\":\"\",\"connections\":0,"
                          "\"parameters\":{}}");
        QTest::newRow("pod with too many connections")
            << QByteArray("{\"type\":\"openPod\",\"name\":\"a\",\"environmentPassword\":\"\",\"connections\":33,"
                          "\"parameters\":{}}");
        QTest::newRow("sync of a text") << QByteArray(
            "{\"type\":\"sync\",\"request\":1,\"workMs\":1,\"key\":{\"text\":\"secret\",\"hash\":\"hashtext\"}}");
        QTest::newRow("answer of an unknown kind") << QByteArray(
            "{\"type\":\"podAnswer\",\"request\":1,\"pod\":\"a\",\"key\":{\"form\":\"bigint\",\"key\":"
            "\"1\"},\"code\":20,\"words\":\"secret\",\"refusedByMap\":false,\"token\":0,\"elapsedUs\":0}");
        QTest::newRow("token below zero")
            << QByteArray("{\"type\":\"wrote\",\"key\":{\"form\":\"bigint\",\"key\":\"1\"},\"token\":-1}");
        QTest::newRow("too deep") << QByteArray(100000, '[');
    }
    void malformedLinesAreErrors()
    {
        QFETCH(QByteArray, line);
        const Result<Command> command = decodeCommand(line);
        const Result<Event> event = decodeEvent(line);
        QVERIFY(!command);
        QVERIFY(!event);
        // The line may have held a password.
        QVERIFY(!command.error().what.contains(QStringLiteral("secret")));
        QVERIFY(!event.error().what.contains(QStringLiteral("secret")));
        QVERIFY(command.error().kind == ErrorKind::Internal);
    }

    void aClientCannotSayThatItIsFrozen()
    {
        QVERIFY(!decodeEvent(withoutNewline(encode(Event(Status{ClientPhase::Frozen, {}, {}, {}})))));
    }

    void longTextsOfTheServerAreCut()
    {
        Outcome outcome;
        outcome.error = Error{.kind = ErrorKind::Server,
                              .what = {},
                              .advice = {},
                              .serverWords = QString(3'000'000, QChar(1)),
                              .sqlState = {}};
        outcome.notices = QStringList(100000, QStringLiteral("notice"));
        const QByteArray line = encode(Event(outcome));
        QVERIFY(line.size() < LineBuffer::maximumLength);
        const Result<Event> read = decodeEvent(withoutNewline(line));
        VERIFY_RESULT(read);
        QCOMPARE(std::get<Outcome>(*read).notices.size(), 20);
        QCOMPARE(std::get<Outcome>(*read).error->serverWords.size(), 4097);
    }

    void tooManyLocksBecomeAComplaint()
    {
        Status status;
        for (int key = 0; key < 60000; ++key)
            status.ledger.append({.key = LockKey::bigint(key)});
        const QByteArray line = encode(Event(status));
        QVERIFY(line.size() < 1000);
        const Result<Event> read = decodeEvent(withoutNewline(line));
        VERIFY_RESULT(read);
        QVERIFY(std::holds_alternative<Complaint>(*read));
    }

    void linesComeTogetherFromPieces()
    {
        LineBuffer buffer;
        QStringList lines;
        for (const char* piece : {"ab", "c\nde", "f", "\n\ng", "h\n"}) {
            buffer.append(QByteArrayView(piece));
            while (const auto line = buffer.takeLine())
                lines.append(QString::fromUtf8(line->text));
        }
        QCOMPARE(lines.join(QLatin1Char('|')), QStringLiteral("abc|def||gh"));
    }

    void anOversizedLineIsReportedOnceAndSkipped()
    {
        LineBuffer buffer;
        const QByteArray piece(1024 * 1024, 'x');
        for (int megabyte = 0; megabyte < 10; ++megabyte) {
            buffer.append(piece);
            QVERIFY(!buffer.takeLine());
        }
        buffer.append(QByteArrayView("end\nnext\n"));
        const auto oversized = buffer.takeLine();
        QVERIFY(oversized && oversized->oversized && oversized->text.isEmpty());
        const auto next = buffer.takeLine();
        QVERIFY(next && !next->oversized);
        QCOMPARE(next->text, QByteArray("next"));
        QVERIFY(!buffer.takeLine());
    }

    void applicationNameKeepsBothNames_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("expected");
        QTest::newRow("plain") << QStringLiteral("pod-a") << QStringLiteral("pod-a (lockscope client)");
        QTest::newRow("not ASCII") << QStringLiteral("pöd\n") << QStringLiteral("p?d? (lockscope client)");
        QTest::newRow("long") << QString(100, QLatin1Char('n'))
                              << QString(44, QLatin1Char('n')) + QStringLiteral(" (lockscope client)");
    }
    void applicationNameKeepsBothNames()
    {
        QFETCH(QString, name);
        QTEST(clientApplicationName(name), "expected");
        QVERIFY(clientApplicationName(name).toUtf8().size() <= 63);
    }
};

QTEST_GUILESS_MAIN(ProtocolTest)
#include "tst_protocol.moc"
