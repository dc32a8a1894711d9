#include "models/domain/endingtrial.h"

#include "models/domain/csv.h"
#include "models/domain/endingwords.h"

#include <QCoreApplication>

#include <algorithm>

namespace lockscope {

namespace {

using namespace std::chrono_literals;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

class Text
{
    Q_DECLARE_TR_FUNCTIONS(EndingTrial)
};

/// The server needs a few milliseconds for any of these; the rest is for a machine that is busy.
constexpr microseconds atOnce = 200ms;
/// A statement began somewhat before it was seen to run.
constexpr microseconds earlyBy = 150ms;
constexpr microseconds lateBy = 600ms;
/// Kernel timers fire late, never early; the last packet may be a little older than it was seen to be.
constexpr microseconds kernelLateBy = 1200ms;
/// Linux, tcp_retries2 = 15: "a hypothetical timeout of 924.6 seconds" (its own documentation, ip-sysctl).
constexpr seconds resending{924};

microseconds notNegative(microseconds time)
{
    return std::max(time, microseconds(0));
}

ExpectedRelease around(ReleaseRule rule, microseconds time, microseconds late, const QString& text)
{
    return {.rule = rule, .earliest = notNegative(time - earlyBy), .latest = notNegative(time) + late, .text = text};
}

ExpectedRelease whenStatementEnds(const EndingConditions& conditions)
{
    const microseconds left = notNegative(conditions.settings.statementLength - conditions.statementAge);
    return around(ReleaseRule::AtStatementEnd, left, lateBy,
                  Text::tr("when the statement ends: about %1").arg(formatAge(left)));
}

/// The backend checks every interval from the beginning of its statement on.
ExpectedRelease atNextCheck(const EndingConditions& conditions)
{
    const milliseconds interval = conditions.settings.checkInterval;
    if (runsWhenEnded(conditions.kind)) {
        if (interval >= conditions.settings.statementLength)
            return whenStatementEnds(conditions);
        const microseconds left = notNegative(conditions.settings.statementLength - conditions.statementAge);
        if (left < interval)
            return {.rule = ReleaseRule::AtNextCheck,
                    .earliest = 0us,
                    .latest = left + atOnce,
                    .text =
                        Text::tr("at the next check, or when the statement ends: up to %1").arg(formatDuration(left))};
    }
    return {.rule = ReleaseRule::AtNextCheck,
            .earliest = 0us,
            .latest = interval + atOnce,
            .text = Text::tr("at the next check: up to %1").arg(formatDuration(interval))};
}

/// When Linux gives up a peer that is silent on a quiet connection (tcp_keepalive_timer): after the last of `count`
/// probes; with a user timeout, at the first probe that is due after it, and the count does not matter.
microseconds keepalivesGiveUp(const LinkTimeouts& link)
{
    if (link.userTimeout == 0ms)
        return link.keepalivesIdle + link.keepalivesInterval * link.keepalivesCount;
    microseconds tick = link.keepalivesIdle + link.keepalivesInterval;
    while (tick < link.userTimeout)
        tick += link.keepalivesInterval;
    return tick;
}

ExpectedRelease afterQuietCut(const EndingConditions& conditions)
{
    const LinkTimeouts link = withKernelDefaults(conditions.link.value_or(conditions.settings.link));
    // A probe that was answered before the cut starts the count again.
    const microseconds quietFor = conditions.quietFor % microseconds(link.keepalivesIdle);
    const microseconds time = notNegative(keepalivesGiveUp(link) - quietFor);
    if (link.userTimeout != 0ms)
        return around(ReleaseRule::AfterUserTimeout, time, kernelLateBy,
                      Text::tr("at the first probe after tcp_user_timeout: about %1").arg(formatAge(time)));
    return around(ReleaseRule::AfterKeepalives, time, kernelLateBy,
                  Text::tr("after the last keepalive probe: about %1").arg(formatAge(time)));
}

ExpectedRelease afterBusyCut(const EndingConditions& conditions)
{
    const LinkTimeouts link = conditions.link.value_or(conditions.settings.link);
    const microseconds left = notNegative(conditions.settings.statementLength - conditions.statementAge);
    if (link.userTimeout == 0ms)
        return {.rule = ReleaseRule::AfterResending,
                .earliest = left + resending,
                .latest = left + 2 * resending,
                .text = Text::tr("when the kernel gives up resending: after 15 m or more")};
    const microseconds time = left + link.userTimeout;
    return around(ReleaseRule::AfterUserTimeout, time, kernelLateBy,
                  Text::tr("tcp_user_timeout after the statement: about %1").arg(formatAge(time)));
}

CsvCell number(std::optional<microseconds> time)
{
    return time ? CsvCell::real(static_cast<double>(time->count()) / 1000) : CsvCell::empty();
}

} // namespace

QString word(EndingKind kind)
{
    switch (kind) {
    case EndingKind::KilledIdle:
        return QStringLiteral("killed-idle");
    case EndingKind::SaidGoodbye:
        return QStringLiteral("said-goodbye");
    case EndingKind::ExitedWithoutUnlock:
        return QStringLiteral("exited-without-unlock");
    case EndingKind::TerminatedFromServer:
        return QStringLiteral("terminated-from-server");
    case EndingKind::KilledRunning:
        return QStringLiteral("killed-running");
    case EndingKind::KilledRunningChecked:
        return QStringLiteral("killed-running-checked");
    case EndingKind::KilledWaiting:
        return QStringLiteral("killed-waiting");
    case EndingKind::KilledWaitingChecked:
        return QStringLiteral("killed-waiting-checked");
    case EndingKind::Frozen:
        return QStringLiteral("frozen");
    case EndingKind::ReturnedToPool:
        return QStringLiteral("returned-to-pool");
    case EndingKind::KilledBehindPooler:
        return QStringLiteral("killed-behind-pooler");
    case EndingKind::CableCutQuiet:
        return QStringLiteral("cable-cut-quiet");
    case EndingKind::CableCutBusy:
        return QStringLiteral("cable-cut-busy");
    }
    return {};
}

bool waitsWhenEnded(EndingKind kind)
{
    return kind == EndingKind::KilledWaiting || kind == EndingKind::KilledWaitingChecked;
}

bool runsWhenEnded(EndingKind kind)
{
    return kind == EndingKind::KilledRunning || kind == EndingKind::KilledRunningChecked ||
           kind == EndingKind::CableCutBusy;
}

bool isChecked(EndingKind kind)
{
    return kind == EndingKind::KilledRunningChecked || kind == EndingKind::KilledWaitingChecked;
}

bool isCableCut(EndingKind kind)
{
    return kind == EndingKind::CableCutQuiet || kind == EndingKind::CableCutBusy;
}

LinkTimeouts withKernelDefaults(const LinkTimeouts& timeouts)
{
    LinkTimeouts filled = timeouts;
    if (filled.keepalivesIdle <= 0s)
        filled.keepalivesIdle = 7200s;
    if (filled.keepalivesInterval <= 0s)
        filled.keepalivesInterval = 75s;
    if (filled.keepalivesCount <= 0)
        filled.keepalivesCount = 9;
    return filled;
}

EndingSettings bounded(EndingSettings settings)
{
    settings.statementLength = std::clamp<milliseconds>(settings.statementLength, 500ms, 60s);
    settings.checkInterval = std::clamp<milliseconds>(settings.checkInterval, 0ms, 60s);
    settings.link.keepalivesIdle = std::clamp<seconds>(settings.link.keepalivesIdle, 0s, 60s);
    settings.link.keepalivesInterval = std::clamp<seconds>(settings.link.keepalivesInterval, 0s, 30s);
    settings.link.keepalivesCount = std::clamp(settings.link.keepalivesCount, 0, 10);
    settings.link.userTimeout = std::clamp<milliseconds>(settings.link.userTimeout, 0ms, 60s);
    settings.watchTime = std::clamp<milliseconds>(settings.watchTime, 500ms, 60s);
    return settings;
}

ExpectedRelease expectedRelease(const EndingConditions& conditions)
{
    const bool checked = isChecked(conditions.kind);
    if (checked && conditions.serverVersion != 0 && conditions.serverVersion < connectionChecksSince)
        return {.rule = ReleaseRule::NotPossible,
                .text = Text::tr("client_connection_check_interval came with PostgreSQL 14")};
    const bool checks = checked && conditions.settings.checkInterval > 0ms;
    switch (conditions.kind) {
    case EndingKind::KilledIdle:
    case EndingKind::SaidGoodbye:
    case EndingKind::ExitedWithoutUnlock:
    case EndingKind::TerminatedFromServer:
        return {.rule = ReleaseRule::AtOnce,
                .earliest = 0us,
                .latest = atOnce,
                .text = Text::tr("at once: under %1").arg(formatDuration(atOnce))};
    case EndingKind::KilledRunning:
    case EndingKind::KilledRunningChecked:
        return checks ? atNextCheck(conditions) : whenStatementEnds(conditions);
    case EndingKind::KilledWaiting:
    case EndingKind::KilledWaitingChecked:
        if (checks)
            return atNextCheck(conditions);
        return {.rule = ReleaseRule::AtItsTurn, .text = Text::tr("not before it is its turn")};
    case EndingKind::Frozen:
    case EndingKind::ReturnedToPool:
        return {.rule = ReleaseRule::Never, .text = Text::tr("not before somebody ends the backend")};
    case EndingKind::KilledBehindPooler:
        return {.rule = ReleaseRule::Never, .text = Text::tr("not before the pooler closes its connection")};
    case EndingKind::CableCutQuiet:
        return afterQuietCut(conditions);
    case EndingKind::CableCutBusy:
        return afterBusyCut(conditions);
    }
    return {};
}

QString shortText(const ExpectedRelease& expected)
{
    switch (expected.rule) {
    case ReleaseRule::AtOnce:
        return Text::tr("under %1").arg(formatDuration(expected.latest.value_or(atOnce)));
    case ReleaseRule::AtNextCheck:
        return Text::tr("up to %1").arg(formatDuration(expected.latest.value_or(atOnce) - atOnce));
    case ReleaseRule::AtStatementEnd:
        return Text::tr("about %1").arg(formatAge(expected.latest.value_or(lateBy) - lateBy));
    case ReleaseRule::AfterKeepalives:
    case ReleaseRule::AfterUserTimeout:
        return Text::tr("about %1").arg(formatAge(expected.latest.value_or(kernelLateBy) - kernelLateBy));
    case ReleaseRule::AfterResending:
        return Text::tr("over 15 m");
    case ReleaseRule::AtItsTurn:
        return Text::tr("at its turn");
    case ReleaseRule::Never:
        return Text::tr("never");
    case ReleaseRule::NotPossible:
        return Text::tr("not here");
    }
    return {};
}

microseconds watchingTime(const ExpectedRelease& expected, const EndingSettings& settings)
{
    /// Longer than the settings of the lab can make it: nobody would sit through it.
    constexpr microseconds longest = 10min;
    if (!expected.latest || *expected.latest > longest)
        return settings.watchTime;
    // Some more than the latest moment: being late is a result as well.
    return std::max<microseconds>(settings.watchTime, *expected.latest + 2s);
}

EndingVerdict verdictOf(const ExpectedRelease& expected, std::optional<microseconds> measured, microseconds watched)
{
    if (!measured)
        return expected.latest && *expected.latest < watched ? EndingVerdict::Later : EndingVerdict::AsExpected;
    if (!expected.earliest || *measured < *expected.earliest)
        return EndingVerdict::Earlier;
    return expected.latest && *measured > *expected.latest ? EndingVerdict::Later : EndingVerdict::AsExpected;
}

microseconds differenceOf(const ExpectedRelease& expected, std::optional<microseconds> measured, microseconds watched)
{
    switch (verdictOf(expected, measured, watched)) {
    case EndingVerdict::Earlier:
        return expected.earliest ? *expected.earliest - *measured : 0us;
    case EndingVerdict::Later:
        return measured.value_or(watched) - *expected.latest;
    case EndingVerdict::AsExpected:
    case EndingVerdict::None:
        break;
    }
    return 0us;
}

QString word(EndingPhase phase)
{
    switch (phase) {
    case EndingPhase::Idle:
        return Text::tr("not tried");
    case EndingPhase::Starting:
        return Text::tr("starting");
    case EndingPhase::Holding:
        return Text::tr("holding");
    case EndingPhase::Running:
        return Text::tr("running");
    case EndingPhase::Cleaning:
        return Text::tr("cleaning up");
    case EndingPhase::Done:
        return Text::tr("done");
    case EndingPhase::Explained:
        return Text::tr("explained");
    case EndingPhase::Failed:
        return Text::tr("failed");
    case EndingPhase::Stopped:
        return Text::tr("stopped");
    }
    return {};
}

bool isUnderWay(EndingPhase phase)
{
    return phase == EndingPhase::Starting || phase == EndingPhase::Holding || phase == EndingPhase::Running ||
           phase == EndingPhase::Cleaning;
}

QString measuredText(const EndingState& state)
{
    if (state.released)
        return formatDuration(*state.released);
    if (state.watched > 0us)
        return waitsWhenEnded(state.kind) ? Text::tr("still queued after %1").arg(formatAge(state.watched))
                                          : Text::tr("still held after %1").arg(formatAge(state.watched));
    return state.phase == EndingPhase::Done ? Text::tr("not seen") : QString();
}

QString shortMeasuredText(const EndingState& state)
{
    if (!state.released && state.watched > 0us)
        return QStringLiteral("> ") + formatAge(state.watched);
    return measuredText(state);
}

QString verdictText(const EndingState& state)
{
    if (state.verdict == EndingVerdict::None)
        return word(state.phase);
    if (state.verdict == EndingVerdict::AsExpected)
        return Text::tr("as expected");
    const microseconds difference = differenceOf(state.expected, state.released, state.watched);
    if (state.verdict == EndingVerdict::Earlier)
        return difference > 0us ? Text::tr("%1 too early").arg(formatDuration(difference)) : Text::tr("too early");
    return Text::tr("%1 too late").arg(formatDuration(difference));
}

QString endingsAsCsv(const QList<EndingState>& states)
{
    CsvWriter writer;
    const auto name = [](const char* text) { return CsvCell(QString::fromLatin1(text)); };
    writer.addRow({name("way"), name("title"), name("phase"), name("expected"), name("expectedFromMs"),
                   name("expectedToMs"), name("releasedMs"), name("backendGoneMs"), name("nextGrantedMs"),
                   name("stillHeldAfterMs"), name("grainMs"), name("verdict"), name("key"), name("backendPid")});
    for (const EndingState& state : states) {
        const bool watched = !state.released && state.watched > 0us;
        writer.addRow({word(state.kind), titleOf(state.kind), word(state.phase), state.expected.text,
                       number(state.expected.earliest), number(state.expected.latest), number(state.released),
                       number(state.backendGone), number(state.nextGranted),
                       watched ? number(state.watched) : CsvCell::empty(),
                       state.grain > 0us ? number(state.grain) : CsvCell::empty(), verdictText(state),
                       state.backendPid == 0 ? QString() : state.key.toString(),
                       state.backendPid == 0 ? CsvCell::empty() : CsvCell(state.backendPid)});
    }
    return writer.text();
}

QString endingsAsText(const QList<EndingState>& states)
{
    QStringList lines{
        QStringList{Text::tr("Way"), Text::tr("Expected"), Text::tr("Measured"), Text::tr("Verdict")}.join(
            QLatin1Char('\t'))};
    for (const EndingState& state : states)
        lines.append(
            QStringList{titleOf(state.kind), state.expected.text, measuredText(state), verdictText(state)}.join(
                QLatin1Char('\t')));
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

} // namespace lockscope
