#include "ui/lab/podsfigures.h"

#include "models/domain/displaytext.h"
#include "models/podwritemodel.h"
#include "ui/celldelegate.h"
#include "ui/emptyhint.h"
#include "ui/lab/keptfont.h"
#include "ui/lab/lessontables.h"
#include "ui/safetext.h"
#include "ui/theme.h"
#include "ui/tonelabel.h"

#include <QCheckBox>
#include <QEvent>
#include <QHeaderView>
#include <QScrollBar>
#include <QVBoxLayout>

namespace lockscope {

namespace {

/// Harm in the blocker's tone, a refusal in the tone of what worked as it should.
class WriteDelegate final : public CellDelegate
{
public:
    using CellDelegate::CellDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override
    {
        CellDelegate::initStyleOption(option, index);
        if (index.column() == PodWriteModel::KeyColumn || index.column() == PodWriteModel::TokenColumn)
            option->font = theme::monospace();
        if (index.column() != PodWriteModel::VerdictColumn)
            return;
        if (index.data(PodWriteModel::DamageRole).toBool())
            option->palette.setColor(QPalette::Text, theme::color(Tone::Blocker, option->palette));
        else if (index.data(PodWriteModel::RefusedRole).toBool())
            option->palette.setColor(QPalette::Text, theme::color(Tone::New, option->palette));
    }
};

QString endingWords(const PodHandOver& handOver)
{
    const QString pod = cellText(handOver.from, 40);
    switch (handOver.ending) {
    case ClientEnding::Kill:
        return PodsFigures::tr("%1 killed").arg(pod);
    case ClientEnding::FromServer:
        return PodsFigures::tr("session of %1 terminated").arg(pod);
    default:
        return PodsFigures::tr("%1 ended").arg(pod);
    }
}

} // namespace

PodsFigures::PodsFigures(QWidget* parent)
    : QWidget(parent)
    , m_writes(new PodWriteModel(this))
    , m_time(safetext::label())
    , m_words(new ToneLabel)
    , m_fencing(new QCheckBox(tr("Fencing")))
{
    m_time->setObjectName(QStringLiteral("podsHandOverTime"));
    m_words->setObjectName(QStringLiteral("podsHandOverWords"));
    m_words->setWordWrap(true);
    m_words->setMuted();
    m_fencing->setObjectName(QStringLiteral("podsFencingCheck"));
    m_fencing->setAccessibleName(tr("The resource refuses writes with an older token"));
    safetext::setToolTip(m_fencing, tr("Each acquisition brings a number that grows. With fencing the resource refuses "
                                       "a write whose number is lower than one that it has seen."));
    auto* const table = new QuietTable;
    table->setObjectName(QStringLiteral("podsWriteTable"));
    table->setAccessibleName(tr("Writes to what the lock protects"));
    table->setModel(m_writes);
    table->setItemDelegate(new WriteDelegate(table));
    table->setColumns({{.sample = QStringLiteral("pod-a")},
                       {.sample = QStringLiteral("00")},
                       {.sample = QStringLiteral("0000")},
                       {}});
    table->setMinimumHeight(theme::grid() * 7);
    new EmptyHint(table, tr("What pods write to the resource appears here, with the token of their lock."));
    connect(table->verticalScrollBar(), &QScrollBar::rangeChanged, table, &QAbstractItemView::scrollToBottom);

    auto* const title = safetext::label(tr("The Resource"));
    keepFont(title, KeptFont::Strong);
    auto* const head = new QHBoxLayout;
    head->addWidget(title);
    head->addStretch(1);
    head->addWidget(m_fencing);
    auto* const handOver = new QHBoxLayout;
    handOver->setSpacing(theme::grid());
    handOver->addWidget(m_time);
    handOver->addWidget(m_words, 1);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::grid() / 2);
    layout->addLayout(handOver);
    layout->addLayout(head);
    layout->addWidget(table, 1);
    connect(m_fencing, &QCheckBox::toggled, this, &PodsFigures::fencingToggled);
    applyFonts();
    showHandOver({});
}

void PodsFigures::setState(const PodsLabState& state)
{
    m_writes->setWrites(state.writes);
    showHandOver(state.handOver);
    if (m_fencing->isChecked() != state.fencing) {
        const QSignalBlocker blocker(m_fencing);
        m_fencing->setChecked(state.fencing);
    }
}

void PodsFigures::showHandOver(const std::optional<PodHandOver>& handOver)
{
    if (!handOver) {
        m_time->setText(QStringLiteral("\u2013"));
        m_words->setText(tr("Hand-over: crash a pod that holds a key, and another one that asks gets it."));
        return;
    }
    const QString key = handOver->key.toString();
    const QString free = handOver->keyFree
                             ? tr("Free on the server after %1, looked every %2.")
                                   .arg(formatDuration(*handOver->keyFree), formatDuration(handOver->grain))
                             : tr("Not free on the server yet.");
    if (handOver->accepted) {
        m_time->setText(formatDuration(*handOver->accepted));
        m_words->setText(
            tr("until %1 had key %2, %3. %4").arg(cellText(handOver->to, 40), key, endingWords(*handOver), free));
    } else {
        m_time->setText(handOver->keyFree ? formatDuration(*handOver->keyFree) : QStringLiteral("\u2026"));
        m_words->setText(
            handOver->keyFree
                ? tr("until key %1 was free, %2. Nobody has got it since.").arg(key, endingWords(*handOver))
                : tr("Key %1, %2. %3").arg(key, endingWords(*handOver), free));
    }
}

void PodsFigures::applyFonts()
{
    QFont large = theme::titleFont();
    large.setPointSizeF(large.pointSizeF() * 1.6);
    m_time->setFont(large);
}

void PodsFigures::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        applyFonts();
}

} // namespace lockscope
