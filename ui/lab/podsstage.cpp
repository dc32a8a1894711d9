#include "ui/lab/podsstage.h"

#include "ui/lab/podscard.h"
#include "ui/lab/podsserverbar.h"
#include "ui/theme.h"

#include <QVBoxLayout>

#include <algorithm>

namespace lockscope {

PodsStage::PodsStage(QWidget* parent)
    : QWidget(parent)
    , m_row(new QHBoxLayout)
    , m_bar(new PodsServerBar)
{
    setObjectName(QStringLiteral("podsStage"));
    m_row->setSpacing(theme::grid() * 2);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0); // the lines of the pods end at the bar
    layout->addLayout(m_row);
    layout->addWidget(m_bar);
    layout->addStretch(1);
}

void PodsStage::setServerTitle(const QString& title)
{
    m_bar->setServerTitle(title);
}

void PodsStage::setState(const PodsLabState& state, bool canAsk, const QString& problem)
{
    const auto isThere = [&](const QString& name) {
        return std::any_of(state.pods.cbegin(), state.pods.cend(),
                           [&](const PodState& pod) { return pod.name == name; });
    };
    for (auto card = m_cards.begin(); card != m_cards.end();) {
        if (isThere(card.key())) {
            ++card;
            continue;
        }
        (*card)->hide();
        (*card)->deleteLater(); // it may be its own button that asked
        m_row->removeWidget(*card);
        card = m_cards.erase(card);
    }
    qsizetype rows = 1;
    for (const PodState& pod : state.pods)
        rows = std::max(rows, pod.connections.size());
    for (qsizetype place = 0; place < state.pods.size(); ++place) {
        const PodState& pod = state.pods.at(place);
        PodsCard*& card = m_cards[pod.name];
        if (card == nullptr) {
            card = new PodsCard(pod.name, this);
            m_row->insertWidget(static_cast<int>(place), card, 1);
            Q_EMIT cardAdded(card);
        }
        QList<LockKey> holds;
        for (const PodHolder& holder : state.holders) {
            if (holder.pod == pod.name)
                holds.append(holder.key);
        }
        QList<LockKey> doubted;
        for (const PodMisbelief& misbelief : state.misbeliefs) {
            if (misbelief.pod == pod.name)
                doubted.append(misbelief.key);
        }
        card->picture()->setRows(rows);
        card->picture()->setPod(pod, holds, doubted);
        if (state.requests.isEmpty())
            card->picture()->forgetAnswers();
        card->setPod(pod, canAsk, problem);
    }
    m_bar->setHolders(state.holders, state.holdersKnown, state.problem);
}

void PodsStage::showRequest(const PodRequest& request)
{
    if (PodsCard* const card = m_cards.value(request.pod))
        card->picture()->showRequest(request);
}

void PodsStage::showAnswer(const PodAnswer& answer)
{
    if (PodsCard* const card = m_cards.value(answer.pod))
        card->picture()->showAnswer(answer);
}

} // namespace lockscope
