#include "ui/clientrules.h"

#include <QCoreApplication>

namespace lockscope {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(ClientRules)
};

bool isStatement(ClientAction action)
{
    switch (action) {
    case ClientAction::Hold:
    case ClientAction::Wait:
    case ClientAction::Release:
    case ClientAction::Work:
    case ClientAction::Begin:
    case ClientAction::Commit:
    case ClientAction::Rollback:
        return true;
    default:
        return false;
    }
}

bool needsKey(ClientAction action)
{
    return action == ClientAction::Hold || action == ClientAction::Wait || action == ClientAction::Release;
}

QString whyNotStatement(ClientAction action, const ClientState& client)
{
    switch (client.phase) {
    case ClientPhase::Starting:
        return Text::tr("This client is still starting.");
    case ClientPhase::Waiting:
        return Text::tr("This client waits for a lock and takes no orders until it is granted.");
    case ClientPhase::Working:
        return Text::tr("This client is working and takes no orders until its statement ends.");
    case ClientPhase::Frozen:
        return Text::tr("This client is frozen. Continue it first.");
    case ClientPhase::Idle:
    case ClientPhase::Ended:
        break;
    }
    if (client.transaction == TransactionPhase::None &&
        (action == ClientAction::Commit || action == ClientAction::Rollback))
        return Text::tr("No transaction is open.");
    if (client.transaction == TransactionPhase::Open && action == ClientAction::Begin)
        return Text::tr("A transaction is open already.");
    if (client.transaction == TransactionPhase::Failed && action != ClientAction::Rollback)
        return Text::tr("The transaction has failed: the server accepts nothing but its rollback.");
    return {};
}

QString whyNotEnding(ClientAction action, const ClientState& client)
{
    if (action == ClientAction::Thaw && client.phase != ClientPhase::Frozen)
        return Text::tr("This client is not frozen.");
    if (action == ClientAction::Freeze && client.phase == ClientPhase::Frozen)
        return Text::tr("This client is frozen already.");
    if (action == ClientAction::FromServer && client.backendPid == 0)
        return Text::tr("This client has no backend yet.");
    if (action == ClientAction::Terminate && client.phase == ClientPhase::Frozen)
        return Text::tr("A frozen process does not react to SIGTERM. Continue it first, or kill it.");
    if (action == ClientAction::Quit && client.phase != ClientPhase::Idle)
        return Text::tr("Only an idle client can quit by itself.");
    return {};
}

} // namespace

QString whyNot(ClientAction action, const std::optional<ClientState>& client, bool hasKey,
               const QString& readOnlyReason)
{
    if (!readOnlyReason.isEmpty() && isStatement(action))
        return readOnlyReason;
    if (!client)
        return Text::tr("Select a client, or start one.");
    const bool ended = client->phase == ClientPhase::Ended;
    if (action == ClientAction::Remove)
        return ended ? QString() : Text::tr("This client still runs. End it first.");
    if (ended)
        return Text::tr("This client has ended. Start a new one.");
    if (!isStatement(action))
        return whyNotEnding(action, *client);
    if (const QString reason = whyNotStatement(action, *client); !reason.isEmpty())
        return reason;
    if (needsKey(action) && !hasKey)
        return Text::tr("Enter a key first.");
    return {};
}

} // namespace lockscope
