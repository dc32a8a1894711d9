#include "app/lab/scenario/actanswer.h"

#include <QCoreApplication>

#include <algorithm>

namespace lockscope {

namespace {

using Kind = ExpectedAnswer::Kind;

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(lockscope::ActAnswer)
};

bool isServerError(Kind kind)
{
    return kind == Kind::Error || kind == Kind::TimedOut || kind == Kind::Cancelled || kind == Kind::DeadlockVictim;
}

bool kindFits(const ActAnswer& answer, const ExpectedAnswer& expected)
{
    switch (expected.kind) {
    case Kind::Any:
        return true;
    case Kind::Done: // it succeeded, whatever it returned
        return answer.kind == Kind::Done || answer.kind == Kind::True || answer.kind == Kind::False ||
               answer.kind == Kind::Granted;
    case Kind::Granted: // a statement that a lesson writes itself: the function returns void
        return answer.kind == Kind::Granted || answer.kind == Kind::Done;
    case Kind::Error: // some errors end the session as well
        return isServerError(answer.kind) || (answer.kind == Kind::Lost && !expected.sqlState.isEmpty());
    default:
        return answer.kind == expected.kind;
    }
}

/// The server writes a boolean as one letter, people as a word.
QString spelledOut(const QString& value)
{
    return value == u"t" ? QStringLiteral("true") : value == u"f" ? QStringLiteral("false") : value;
}

} // namespace

bool fits(const ActAnswer& answer, const ExpectedAnswer& expected)
{
    const auto warned = [&expected](const QString& notice) { return notice.contains(expected.warning); };
    return kindFits(answer, expected) &&
           (!expected.value || (answer.value && spelledOut(*answer.value) == spelledOut(*expected.value))) &&
           (expected.sqlState.isEmpty() || answer.sqlState == expected.sqlState) &&
           (expected.warning.isEmpty() || std::any_of(answer.notices.cbegin(), answer.notices.cend(), warned)) &&
           (!expected.code || answer.code == expected.code) &&
           (!expected.sameConnection || answer.sameConnection == expected.sameConnection) &&
           (!expected.atLeast || answer.elapsed >= *expected.atLeast) &&
           (!expected.atMost || answer.elapsed <= *expected.atMost);
}

QString describe(const ActAnswer& answer)
{
    QStringList parts;
    if (answer.code)
        parts.append(Words::tr("answer %1").arg(*answer.code));
    else
        parts.append(word(answer.kind));
    if (answer.value && answer.kind == Kind::Done)
        parts.append(Words::tr("value %1").arg(*answer.value));
    if (answer.sameConnection)
        parts.append(*answer.sameConnection ? Words::tr("on the connection that acquired it")
                                            : Words::tr("on another connection"));
    if (!answer.sqlState.isEmpty())
        parts.append(QStringLiteral("SQLSTATE %1").arg(answer.sqlState));
    if (!answer.words.isEmpty())
        parts.append(answer.words);
    return (parts + answer.notices).join(QStringLiteral(", "));
}

ActAnswer answerOf(const Error& error, bool lost)
{
    ActAnswer answer;
    answer.sqlState = error.sqlState;
    answer.words = error.serverWords.isEmpty() ? error.what : error.serverWords.section(u'\n', 0, 0);
    if (lost)
        answer.kind = Kind::Lost;
    else if (error.sqlState == u"55P03")
        answer.kind = Kind::TimedOut;
    else if (error.sqlState == u"57014")
        answer.kind = Kind::Cancelled;
    else if (error.sqlState == u"40P01")
        answer.kind = Kind::DeadlockVictim;
    else
        answer.kind = Kind::Error;
    return answer;
}

ActAnswer answerOf(const Outcome& outcome, ActVerb asked)
{
    ActAnswer answer;
    if (outcome.error)
        answer = answerOf(*outcome.error, outcome.kind == OutcomeKind::Lost);
    switch (outcome.kind) {
    case OutcomeKind::Acquired:
        answer.kind = asked == ActVerb::Lock ? Kind::Granted : Kind::True;
        break;
    case OutcomeKind::HeldElsewhere:
    case OutcomeKind::NotHeld:
        answer.kind = Kind::False;
        break;
    case OutcomeKind::Released:
        answer.kind = Kind::True;
        break;
    case OutcomeKind::TimedOut:
        answer.kind = Kind::TimedOut;
        break;
    case OutcomeKind::Cancelled:
        answer.kind = Kind::Cancelled;
        break;
    case OutcomeKind::DeadlockVictim:
        answer.kind = Kind::DeadlockVictim;
        break;
    case OutcomeKind::Lost:
        answer.kind = Kind::Lost;
        break;
    case OutcomeKind::Done:
        answer.kind = Kind::Done;
        break;
    case OutcomeKind::Failed:
        answer.kind = Kind::Error;
        break;
    }
    answer.notices = outcome.notices;
    answer.elapsed = outcome.elapsed;
    return answer;
}

} // namespace lockscope
