#pragma once

#include "models/domain/cure.h"
#include "models/domain/linkstate.h"
#include "models/explanation.h"

#include <QSet>

namespace lockscope {

class ExplanationView;
class WaitForestModel;

/// Decides what the explanation below the waits is about: the selected session, for a moment one that has just left,
/// else the worst root. GUI thread, owned by the page. Never selects anything by itself, never acts.
class WaitsExplainer
{
public:
    explicit WaitsExplainer(ExplanationView& words);

    void setServer(const std::optional<ServerInfo>& server) { m_server = server; }
    void setReadOnly(bool readOnly) { m_readOnly = readOnly; }
    void setOwnBackends(const QSet<qint32>& pids) { m_ownBackends = pids; }
    void setLink(LinkPhase phase) { m_link = phase; }
    void select(const WaitNodeId& id);
    [[nodiscard]] const WaitNodeId& selected() const { return m_selected; }
    /// Brings the words up to date. False: the selected session left and has lingered; nothing is selected any more.
    [[nodiscard]] bool show(const WaitForestModel& model);
    /// What can be done about a session; nothing about an own one, which ends and releases in its panel.
    [[nodiscard]] QList<CureOffer> offers(const WaitNodeId& id, const LockView& view) const;

private:
    void present(const WaitNodeId& id, const LockView& view);
    void presentGone(const LockView& view);

    ExplanationView& m_words;
    std::optional<ServerInfo> m_server;
    QSet<qint32> m_ownBackends;
    LinkPhase m_link = LinkPhase::Closed;
    bool m_readOnly = false;
    WaitNodeId m_selected;
    bool m_wasShown = false; ///< the selected one took part, or stood in the forest
    std::optional<ServerTime> m_goneSince;
    Explanation m_last; ///< of the selected one
    QString m_lastName;
};

} // namespace lockscope
