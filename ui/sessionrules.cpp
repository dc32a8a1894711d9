#include "ui/sessionrules.h"

#include "models/domain/displaytext.h"

#include <QCoreApplication>

namespace lockscope {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(SessionRules)
};

bool isLeaving(SessionAction action)
{
    return action == SessionAction::Cancel || action == SessionAction::Disconnect || action == SessionAction::Remove;
}

bool needsKey(SessionAction action)
{
    return action == SessionAction::Try || action == SessionAction::Lock || action == SessionAction::LockWithTimeout ||
           action == SessionAction::Release;
}

QString whyNotLeaving(SessionAction action, const SessionState& session)
{
    const bool live = session.phase == SessionPhase::Connecting || session.phase == SessionPhase::Idle ||
                      session.phase == SessionPhase::Busy;
    if (action == SessionAction::Cancel && session.phase != SessionPhase::Busy)
        return Text::tr("Nothing runs in this session, so there is nothing to cancel.");
    if (action == SessionAction::Disconnect && !live)
        return Text::tr("This session is not connected any more.");
    if (action == SessionAction::Remove && live)
        return Text::tr("This session is still connected. Disconnect it first.");
    return {};
}

QString whyNotInPhase(const SessionState& session)
{
    switch (session.phase) {
    case SessionPhase::Connecting:
        return Text::tr("This session is still connecting.");
    case SessionPhase::Idle:
        return {};
    case SessionPhase::Busy:
        return Text::tr("This session is busy with \"%1\". Cancel that or wait for its end.")
            .arg(cellText(session.doing, 120));
    case SessionPhase::Lost:
        return Text::tr("This session was lost. Start a new one.");
    case SessionPhase::Closed:
        return Text::tr("This session is closed. Start a new one.");
    case SessionPhase::Failed:
        return Text::tr("This session could not connect. Start a new one.");
    }
    return {};
}

QString whyNotInTransaction(SessionAction action, TransactionPhase transaction)
{
    switch (transaction) {
    case TransactionPhase::None:
        if (action == SessionAction::Commit || action == SessionAction::Rollback)
            return Text::tr("No transaction is open.");
        return {};
    case TransactionPhase::Open:
        if (action == SessionAction::Begin)
            return Text::tr("A transaction is open already.");
        return {};
    case TransactionPhase::Failed:
        if (action != SessionAction::Rollback)
            return Text::tr("The transaction has failed: the server accepts nothing but its rollback.");
        return {};
    }
    return {};
}

} // namespace

QString whyNot(SessionAction action, const std::optional<SessionState>& session, bool hasKey,
               const QString& readOnlyReason)
{
    if (!readOnlyReason.isEmpty() && !isLeaving(action))
        return readOnlyReason;
    if (!session)
        return Text::tr("Select a session, or start one.");
    if (isLeaving(action))
        return whyNotLeaving(action, *session);
    if (const QString reason = whyNotInPhase(*session); !reason.isEmpty())
        return reason;
    if (const QString reason = whyNotInTransaction(action, session->transaction); !reason.isEmpty())
        return reason;
    if (needsKey(action) && !hasKey)
        return Text::tr("Enter a key first.");
    return {};
}

} // namespace lockscope
