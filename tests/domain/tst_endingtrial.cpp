#include "models/domain/endingtrial.h"
#include "models/domain/endingwords.h"
#include "tests/support/suite.h"

#include <QSet>

using namespace lockscope;
using namespace std::chrono_literals;
using std::chrono::microseconds;

namespace {

constexpr int version15 = 150018;

QString milliseconds(const std::optional<microseconds>& time)
{
    return time ? QString::number(time->count() / 1000) : QStringLiteral("-");
}

/// "150..2600 when the statement ends: about 2.0 s"
QString described(const EndingConditions& conditions)
{
    const ExpectedRelease expected = expectedRelease(conditions);
    return QStringLiteral("%1..%2 %3")
        .arg(milliseconds(expected.earliest), milliseconds(expected.latest), expected.text);
}

} // namespace

class EndingTrialTest final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void expectsWhatTheServerDoes_data()
    {
        QTest::addColumn<EndingConditions>("conditions");
        QTest::addColumn<QString>("expected");
        const auto add = [](const char* name, const EndingConditions& conditions, const char* expected) {
            QTest::newRow(name) << conditions << QString::fromLatin1(expected);
        };
        using Kind = EndingKind;
        for (const Kind kind :
             {Kind::KilledIdle, Kind::SaidGoodbye, Kind::ExitedWithoutUnlock, Kind::TerminatedFromServer})
            add(qPrintable(word(kind)), {.kind = kind}, "0..200 at once: under 200 ms");
        add("statement", {.kind = Kind::KilledRunning}, "1850..2600 when the statement ends: about 2.0 s");
        add("statement has run for a while", {.kind = Kind::KilledRunning, .statementAge = 1500ms},
            "350..1100 when the statement ends: about 0.5 s");
        add("statement is nearly over", {.kind = Kind::KilledRunning, .statementAge = 2500ms},
            "0..600 when the statement ends: about 0.0 s");
        add("check", {.kind = Kind::KilledRunningChecked, .serverVersion = version15},
            "0..700 at the next check: up to 500 ms");
        add("statement ends before the check",
            {.kind = Kind::KilledRunningChecked, .settings = {.checkInterval = 5s}, .serverVersion = version15},
            "1850..2600 when the statement ends: about 2.0 s");
        // A check every 1.5 s from its beginning on: the next one after 0.9 s, but nobody knows to the millisecond.
        add("check or statement, whichever is first",
            {.kind = Kind::KilledRunningChecked,
             .settings = {.checkInterval = 1500ms},
             .serverVersion = version15,
             .statementAge = 600ms},
            "0..1600 at the next check, or when the statement ends: up to 1.4 s");
        add("check is off",
            {.kind = Kind::KilledRunningChecked, .settings = {.checkInterval = 0ms}, .serverVersion = version15},
            "1850..2600 when the statement ends: about 2.0 s");
        add("check before 14", {.kind = Kind::KilledRunningChecked, .serverVersion = 130011},
            "-..- client_connection_check_interval came with PostgreSQL 14");
        add("ghost", {.kind = Kind::KilledWaiting}, "-..- not before it is its turn");
        add("ghost, checked", {.kind = Kind::KilledWaitingChecked, .serverVersion = version15},
            "0..700 at the next check: up to 500 ms");
        add("ghost, check is off",
            {.kind = Kind::KilledWaitingChecked, .settings = {.checkInterval = 0ms}, .serverVersion = version15},
            "-..- not before it is its turn");
        add("frozen", {.kind = Kind::Frozen}, "-..- not before somebody ends the backend");
        add("pool", {.kind = Kind::ReturnedToPool}, "-..- not before somebody ends the backend");
        add("pooler", {.kind = Kind::KilledBehindPooler}, "-..- not before the pooler closes its connection");
        // idle + interval x count
        add("keepalives 2/1/3", {.kind = Kind::CableCutQuiet},
            "4850..6200 after the last keepalive probe: about 5.0 s");
        add("keepalives, quiet for a while", {.kind = Kind::CableCutQuiet, .quietFor = 400ms},
            "4450..5800 after the last keepalive probe: about 4.6 s");
        add("keepalives, quiet for so long that a probe was answered",
            {.kind = Kind::CableCutQuiet, .quietFor = 2400ms},
            "4450..5800 after the last keepalive probe: about 4.6 s");
        add("keepalives of the kernel", {.kind = Kind::CableCutQuiet, .settings = {.link = {0s, 0s, 0, 0ms}}},
            "7874850..7876200 after the last keepalive probe: about 2 h 11 m");
        add("what the backend told counts", {.kind = Kind::CableCutQuiet, .link = LinkTimeouts{10s, 5s, 2, 0ms}},
            "19850..21200 after the last keepalive probe: about 20.0 s");
        // The first probe that is due after it; the count does not matter, and one probe there must be.
        add("user timeout 4 s, quiet", {.kind = Kind::CableCutQuiet, .settings = {.link = {2s, 1s, 9, 4s}}},
            "3850..5200 at the first probe after tcp_user_timeout: about 4.0 s");
        add("user timeout 1 s, quiet", {.kind = Kind::CableCutQuiet, .settings = {.link = {2s, 5s, 9, 1s}}},
            "6850..8200 at the first probe after tcp_user_timeout: about 7.0 s");
        add("busy", {.kind = Kind::CableCutBusy},
            "926000..1850000 when the kernel gives up resending: after 15 m or more");
        add("busy, user timeout 3 s", {.kind = Kind::CableCutBusy, .settings = {.link = {2s, 1s, 3, 3s}}},
            "4850..6200 tcp_user_timeout after the statement: about 5.0 s");
    }
    void expectsWhatTheServerDoes()
    {
        QFETCH(const EndingConditions, conditions);
        QFETCH(const QString, expected);
        QCOMPARE(described(conditions), expected);
    }

    void judges_data()
    {
        QTest::addColumn<EndingKind>("kind");
        QTest::addColumn<qint64>("measured"); // ms, -1: still held
        QTest::addColumn<qint64>("watched");
        QTest::addColumn<QString>("verdict");
        QTest::newRow("in the range") << EndingKind::KilledIdle << qint64(12) << qint64(0)
                                      << QStringLiteral("as expected");
        QTest::newRow("at its end") << EndingKind::KilledIdle << qint64(200) << qint64(0)
                                    << QStringLiteral("as expected");
        QTest::newRow("late") << EndingKind::KilledIdle << qint64(450) << qint64(0)
                              << QStringLiteral("250 ms too late");
        QTest::newRow("not at all") << EndingKind::KilledIdle << qint64(-1) << qint64(3200)
                                    << QStringLiteral("3.0 s too late");
        QTest::newRow("early") << EndingKind::KilledRunning << qint64(850) << qint64(0)
                               << QStringLiteral("1.0 s too early");
        QTest::newRow("held for ever") << EndingKind::Frozen << qint64(-1) << qint64(3000)
                                       << QStringLiteral("as expected");
        QTest::newRow("let go for once") << EndingKind::Frozen << qint64(40) << qint64(0)
                                         << QStringLiteral("too early");
        QTest::newRow("held until after the watch")
            << EndingKind::CableCutBusy << qint64(-1) << qint64(3000) << QStringLiteral("as expected");
    }
    void judges()
    {
        QFETCH(const EndingKind, kind);
        QFETCH(const qint64, measured);
        QFETCH(const qint64, watched);
        EndingState state{.kind = kind, .phase = EndingPhase::Done};
        state.expected = expectedRelease({.kind = kind});
        if (measured >= 0)
            state.released = measured * 1ms;
        state.watched = watched * 1ms;
        state.verdict = verdictOf(state.expected, state.released, state.watched);
        QTEST(verdictText(state), "verdict");
    }

    void watchesLongEnoughToBeSure()
    {
        const EndingSettings settings{.watchTime = 3s};
        QVERIFY(watchingTime(expectedRelease({.kind = EndingKind::Frozen}), settings) == 3s);
        QVERIFY(watchingTime(expectedRelease({.kind = EndingKind::KilledIdle}), settings) == 3s);
        QVERIFY(watchingTime(expectedRelease({.kind = EndingKind::CableCutQuiet}), settings) == 8200ms);
        QVERIFY(watchingTime(expectedRelease({.kind = EndingKind::CableCutBusy}), settings) == 3s);
    }

    void settingsStayWithinBounds()
    {
        const EndingSettings least = bounded({0ms, -1ms, {-1s, -1s, -1, -1ms}, 0ms});
        QVERIFY(least == (EndingSettings{500ms, 0ms, {0s, 0s, 0, 0ms}, 500ms}));
        const EndingSettings most = bounded({1h, 1h, {1h, 1h, 99, 1h}, 1h});
        QVERIFY(most == (EndingSettings{60s, 60s, {60s, 30s, 10, 60s}, 60s}));
    }

    void everyWayHasItsWords()
    {
        QSet<QString> words;
        for (const EndingKind kind : allEndingKinds) {
            words.insert(word(kind));
            words.insert(titleOf(kind));
            for (const QString& sentence : {deedOf(kind), whyOf(kind), whatShortens(kind)})
                QVERIFY2(sentence.endsWith(QLatin1Char('.')), qPrintable(word(kind) + QLatin1Char(' ') + sentence));
            words.insert(deedOf(kind));
        }
        QCOMPARE(words.size(), static_cast<qsizetype>(3 * allEndingKinds.size()));
    }

    void statementsCarryTheSettings()
    {
        const EndingSettings settings{.checkInterval = 250ms, .link = {7s, 3s, 4, 9s}};
        QVERIFY(statementsOf(EndingKind::KilledWaiting, settings)
                    .contains(QStringLiteral("SET client_connection_check_interval = '250ms';")));
        const QString keepalives = statementsOf(EndingKind::CableCutQuiet, settings);
        for (const char* const line : {"SET tcp_keepalives_idle = 7;", "SET tcp_keepalives_interval = 3;",
                                       "SET tcp_keepalives_count = 4;", "SET tcp_user_timeout = '9000ms';"})
            QVERIFY2(keepalives.contains(QString::fromLatin1(line)), line);
    }
};

QTEST_GUILESS_MAIN(EndingTrialTest)
#include "tst_endingtrial.moc"
