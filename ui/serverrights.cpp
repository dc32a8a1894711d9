#include "ui/serverrights.h"

#include "models/domain/displaytext.h"
#include "ui/icons.h"
#include "ui/safetext.h"
#include "ui/statepill.h"

#include <QHBoxLayout>
#include <QToolButton>
#include <QVBoxLayout>

namespace lockscope {

namespace {

constexpr int grantCharacters = 200;

} // namespace

ServerRights::ServerRights(QWidget* parent)
    : QWidget(parent)
    , m_lines(new QVBoxLayout(this))
{
    setObjectName(QStringLiteral("serverRights"));
    m_lines->setContentsMargins(0, 0, 0, 0);
    m_lines->setSpacing(theme::grid());
}

QWidget* ServerRights::line(const RightsAdvice& advice)
{
    const int grid = theme::grid();
    auto* const pill = new StatePill;
    pill->setPill(advice.has ? Pill{.word = tr("yes"), .shape = PillShape::Check, .tone = Tone::New}
                             : Pill{.word = tr("no"), .shape = PillShape::Cross, .tone = Tone::Waiting});
    pill->setFixedWidth(7 * grid);
    auto* const words = new QVBoxLayout;
    words->setSpacing(grid / 4);
    words->addWidget(safetext::wrappingLabel(advice.what));
    if (!advice.has && !advice.without.isEmpty())
        words->addWidget(safetext::mutedLabel(advice.without));
    if (!advice.has && !advice.grant.isEmpty()) {
        QLabel* const grant = safetext::wrappingLabel(cellText(advice.grant, grantCharacters));
        grant->setFont(theme::monospace());
        auto* const copy = new QToolButton;
        copy->setObjectName(QStringLiteral("copyGrantButton"));
        copy->setIcon(icon(IconName::Copy));
        copy->setAutoRaise(true);
        copy->setAccessibleName(tr("Copy the GRANT"));
        safetext::setToolTip(copy, tr("Copy this statement; somebody with the right to grant it runs it"));
        connect(copy, &QToolButton::clicked, this, [this, text = advice.grant] { Q_EMIT copyRequested(text); });
        auto* const row = new QHBoxLayout;
        row->setSpacing(grid / 2);
        row->addWidget(grant, 1);
        row->addWidget(copy, 0, Qt::AlignTop);
        words->addLayout(row);
    }
    auto* const whole = new QWidget;
    auto* const layout = new QHBoxLayout(whole);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(grid);
    layout->addWidget(pill, 0, Qt::AlignTop);
    layout->addLayout(words, 1);
    return whole;
}

void ServerRights::setAdvice(const QList<RightsAdvice>& advice)
{
    if (advice == m_advice)
        return; // what a person is about to copy stays under the mouse
    m_advice = advice;
    while (QLayoutItem* const item = m_lines->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const RightsAdvice& one : advice)
        m_lines->addWidget(line(one));
}

QString ServerRights::text() const
{
    QStringList lines;
    for (const RightsAdvice& one : m_advice)
        lines.append(QStringLiteral("%1: %2%3")
                         .arg(one.has ? tr("yes") : tr("no"), one.what,
                              one.has || one.grant.isEmpty()
                                  ? QString()
                                  : QStringLiteral(" - ") + cellText(one.grant, grantCharacters)));
    return lines.join(u'\n');
}

} // namespace lockscope
