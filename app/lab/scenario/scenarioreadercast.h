#pragma once

#include "app/lab/scenario/scenarioreadermap.h"
#include "models/domain/scenariodocument.h"

#include <optional>

namespace lockscope::scenarioreader {

/// The actors of a lesson while its steps are read: who is connected, frozen or gone, and whose answer is still
/// awaited. A lesson is a straight line, so all of this is known without a server.
class Cast final
{
public:
    struct Member
    {
        ScenarioActor actor;
        bool connected = true;
        bool frozen = false;
        std::optional<ActVerb> underWay = {}; ///< an act that has not answered yet, or a pod's last sync
    };

    Cast(const QList<ScenarioActor>& actors, ScenarioFaults& faults);

    /// The actor that a text names; null after a fault, whose words may be given with %1 for the text.
    [[nodiscard]] Member* find(const YamlNode& node, const QString& otherwise = {});
    /// "nobody", a name, or a list of names; "prepared" is allowed where alsoPrepared says so.
    [[nodiscard]] std::optional<QStringList> names(const YamlNode& node, bool alsoPrepared);

    /// A fault at the act when it is not this actor's turn: not connected, frozen, or busy.
    void checkTurn(const Member& member, ActVerb verb, const YamlNode& where);
    /// After an act: stays is true when it goes on in the background.
    static void acted(Member& member, ActVerb verb, bool stays);
    static void killed(Member& member, KillStep::How how);

private:
    [[nodiscard]] QStringList words() const;

    QList<Member> m_members;
    ScenarioFaults& m_faults;
};

} // namespace lockscope::scenarioreader
