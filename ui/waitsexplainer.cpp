#include "ui/waitsexplainer.h"

#include "models/explanationfacts.h"
#include "models/lockview.h"
#include "models/waitforestmodel.h"
#include "ui/explanationview.h"

#include <QCoreApplication>

namespace lockscope {

namespace {

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(WaitsExplainer)
};

bool takesPart(const WaitNodeId& id, const LockView& view)
{
    return view.waits && view.waits->node(id) != nullptr;
}

bool isListed(const WaitNodeId& id, const LockView& view)
{
    if (!view.snapshot)
        return false;
    if (id.isPrepared())
        return view.snapshot->prepared.contains(id.virtualTransaction);
    const BackendPointer backend = view.snapshot->backends.value(id.backend.pid);
    return backend && backend->id == id.backend;
}

} // namespace

WaitsExplainer::WaitsExplainer(ExplanationView& words)
    : m_words(words)
{
}

void WaitsExplainer::select(const WaitNodeId& id)
{
    if (id == m_selected)
        return;
    m_selected = id;
    m_wasShown = false;
    m_goneSince.reset();
}

bool WaitsExplainer::show(const WaitForestModel& model)
{
    const LockView& view = *model.view();
    bool kept = true;
    if (!m_selected.isNull()) {
        if (takesPart(m_selected, view) || model.indexOf(m_selected).isValid()) {
            m_wasShown = true;
            m_goneSince.reset();
            present(m_selected, view);
            return true;
        }
        if (m_wasShown && !view.empty) {
            if (!m_goneSince)
                m_goneSince = view.takenAt;
            if (view.takenAt - *m_goneSince < LockViewBuilder::lingering) {
                presentGone(view);
                return true;
            }
        }
        if (m_wasShown) {
            select({});
            kept = false;
        } else if (isListed(m_selected, view)) {
            present(m_selected, view);
            return true;
        }
    }
    const WaitForestRow* const worst = model.rowAt(model.index(0, 0));
    if (worst != nullptr && worst->node != nullptr)
        present(worst->id, view);
    else
        m_words.clear();
    return kept;
}

void WaitsExplainer::present(const WaitNodeId& id, const LockView& view)
{
    const Explanation explanation = explainSession(id, view, m_server);
    if (id == m_selected) {
        m_last = explanation;
        m_lastName = nodeName(id, view);
    }
    m_words.setExplanation(explanation, id, offers(id, view));
}

void WaitsExplainer::presentGone(const LockView& view)
{
    Explanation explanation;
    explanation.situation = (isListed(m_selected, view) ? Text::tr("%1 waits for nobody any more and holds up nobody.")
                                                        : Text::tr("%1 is gone."))
                                .arg(sentenceStart(m_lastName));
    if (!m_last.situation.isEmpty())
        explanation.reason = Text::tr("When last seen: %1").arg(m_last.situation);
    m_words.setExplanation(explanation, m_selected, {});
}

QList<CureOffer> WaitsExplainer::offers(const WaitNodeId& id, const LockView& view) const
{
    if (!m_server || !view.snapshot || (id.backend.pid != 0 && m_ownBackends.contains(id.backend.pid)))
        return {};
    QList<CureOffer> result = cureOffers(id, *view.snapshot, *m_server, m_readOnly);
    if (m_link == LinkPhase::Live || m_link == LinkPhase::Stale)
        return result;
    for (CureOffer& offer : result) {
        if (offer.possible) {
            offer.possible = false;
            offer.reason = Text::tr("There is no connection to the server.");
        }
    }
    return result;
}

} // namespace lockscope
