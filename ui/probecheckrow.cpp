#include "ui/probecheckrow.h"

#include "models/domain/displaytext.h"
#include "models/domain/time.h"
#include "ui/icons.h"
#include "ui/safetext.h"
#include "ui/statepill.h"
#include "ui/theme.h"

#include <QGridLayout>
#include <QLabel>
#include <QMouseEvent>
#include <QPlainTextEdit>
#include <QToolButton>

#include <algorithm>

namespace lockscope {

namespace {

constexpr int linesShown = 8;

/// "Session affinity": names are fixed words, in lower case.
QString capitalised(const QString& name)
{
    return name.left(1).toUpper() + name.mid(1);
}

} // namespace

ProbeCheckRow::ProbeCheckRow(const ProbeCheck& check, QWidget* parent)
    : QWidget(parent)
    , m_fold(new QToolButton(this))
    , m_details(new QWidget(this))
{
    setObjectName(QStringLiteral("probeCheckRow"));
    const int grid = theme::grid();
    const QString name = cellText(capitalised(check.name), 100);
    const QString word = check.ok ? tr("ok") : tr("not ok");
    setAccessibleName(tr("%1: %2, %3").arg(name, word, cellText(check.observed, 300)));

    m_fold->setObjectName(QStringLiteral("probeEvidenceButton"));
    m_fold->setAccessibleName(tr("Evidence for %1").arg(name));
    m_fold->setAutoRaise(true);
    m_fold->setCheckable(true);
    m_fold->setIcon(icon(IconName::ChevronRight));
    m_fold->setIconSize({theme::iconSize(), theme::iconSize()});
    safetext::setToolTip(m_fold, tr("Show the statements and what was answered"));
    auto* const pill = new StatePill(this);
    pill->setPill({.word = word,
                   .shape = check.ok ? PillShape::Check : PillShape::Cross,
                   .tone = check.ok ? Tone::New : Tone::Blocker});
    QLabel* const title = safetext::label(name, this);
    title->setFont(theme::strongFont());
    title->setObjectName(QStringLiteral("probeCheckName"));
    QLabel* const elapsed = safetext::mutedLabel(formatDuration(check.elapsed), this);
    elapsed->setWordWrap(false);
    elapsed->setTextInteractionFlags(Qt::NoTextInteraction);
    QLabel* const observed = safetext::wrappingLabel(cellText(check.observed, 600), this);
    observed->setObjectName(QStringLiteral("probeObserved"));

    auto* const evidence = safetext::textView(m_details);
    evidence->setObjectName(QStringLiteral("probeEvidence"));
    evidence->setAccessibleName(tr("Statements and answers"));
    evidence->setFrameShape(QFrame::NoFrame);
    QStringList lines;
    for (const QString& line : check.evidence)
        lines.append(cellText(line, 1000));
    evidence->setPlainText(lines.join(QLatin1Char('\n')));
    const auto shown = std::clamp(static_cast<int>(lines.size()), 1, linesShown);
    evidence->setFixedHeight(shown * QFontMetrics(theme::monospace()).lineSpacing() + 3 * grid);
    QLabel* const expected = safetext::mutedLabel(tr("Expected: %1").arg(cellText(check.expected, 600)), m_details);
    expected->setObjectName(QStringLiteral("probeExpected"));
    auto* const detailsLayout = new QVBoxLayout(m_details);
    detailsLayout->setContentsMargins(0, 0, 0, grid);
    detailsLayout->setSpacing(grid / 2);
    detailsLayout->addWidget(expected);
    if (!lines.isEmpty())
        detailsLayout->addWidget(evidence);
    else
        evidence->hide();
    m_details->hide();

    auto* const table = new QGridLayout(this);
    table->setContentsMargins(0, grid / 2, grid, grid / 2);
    table->setHorizontalSpacing(grid);
    table->setVerticalSpacing(0);
    table->setColumnStretch(2, 1);
    table->setColumnMinimumWidth(1, pillSize({.word = tr("not ok"), .shape = PillShape::Cross}, font()).width());
    table->addWidget(m_fold, 0, 0);
    table->addWidget(pill, 0, 1);
    table->addWidget(title, 0, 2);
    table->addWidget(elapsed, 0, 3, Qt::AlignVCenter);
    table->addWidget(observed, 1, 2, 1, 2);
    table->addWidget(m_details, 2, 2, 1, 2);
    connect(m_fold, &QToolButton::toggled, this, [this](bool on) {
        m_details->setVisible(on);
        m_fold->setIcon(icon(on ? IconName::ChevronDown : IconName::ChevronRight));
    });
}

bool ProbeCheckRow::isUnfolded() const
{
    return m_fold->isChecked();
}

void ProbeCheckRow::setUnfolded(bool unfolded)
{
    m_fold->setChecked(unfolded);
}

void ProbeCheckRow::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        m_fold->toggle();
    QWidget::mousePressEvent(event);
}

} // namespace lockscope
