#include "ui/curedialog.h"

#include "models/domain/displaytext.h"
#include "ui/icons.h"
#include "ui/panelscroll.h"
#include "ui/safetext.h"
#include "ui/theme.h"
#include "ui/tonelabel.h"
#include "ui/wordsview.h"

#include <QCheckBox>
#include <QGridLayout>
#include <QPushButton>
#include <QScreen>
#include <QVBoxLayout>

namespace lockscope {

namespace {

IconName picture(CureKind kind)
{
    switch (kind) {
    case CureKind::CancelQuery:
        return IconName::Cancel;
    case CureKind::TerminateBackend:
        return IconName::Terminate;
    case CureKind::CommitPrepared:
        return IconName::Commit;
    case CureKind::RollbackPrepared:
        return IconName::Rollback;
    }
    return IconName::Terminate;
}

/// Lines that the plan has already cut and stripped; each stays one line of text.
QString lines(const QStringList& list)
{
    QStringList safe;
    for (const QString& line : list)
        safe.append(cellText(line));
    return safe.join(QLatin1Char('\n'));
}

} // namespace

CureDialog::CureDialog(const CurePlan& plan, QWidget* parent)
    : QDialog(parent)
    , m_plan(plan)
    , m_change(new ToneLabel(this))
    , m_known(new QCheckBox(tr("I know what this process is"), this))
    , m_act(new QPushButton(title(plan.request.kind), this))
{
    setObjectName(QStringLiteral("cureDialog"));
    safetext::setWindowTitle(this, question());
    setSizeGripEnabled(true);
    const int grid = theme::grid();

    auto* const scroll = new PanelScroll(makePlanView(), this);
    scroll->setObjectName(QStringLiteral("cureScroll"));
    scroll->setFocusPolicy(Qt::TabFocus); // so that the keyboard can scroll
    scroll->setAccessibleName(tr("What will happen"));

    m_change->setObjectName(QStringLiteral("cureChange"));
    m_change->setWordWrap(true);
    m_change->setTone(Tone::Waiting);
    m_change->hide();
    m_known->setObjectName(QStringLiteral("cureKnown"));
    m_known->setAccessibleName(m_known->text());
    m_known->setVisible(plan.mustBeKnown);

    auto* const copy = new QPushButton(tr("Copy as Text"), this);
    copy->setObjectName(QStringLiteral("cureCopyButton"));
    copy->setAccessibleName(tr("Copy all of this as text"));
    copy->setAutoDefault(false);
    m_act->setObjectName(QStringLiteral("cureActButton"));
    m_act->setAccessibleName(question());
    m_act->setAutoDefault(false);
    m_act->setIcon(icon(picture(plan.request.kind)));
    m_act->setEnabled(!plan.mustBeKnown);
    auto* const leave = new QPushButton(
        // "Cancel" beside "Cancel Query" could be taken for it.
        plan.request.kind == CureKind::CancelQuery ? tr("Keep It Running") : tr("Cancel"), this);
    leave->setObjectName(QStringLiteral("cureCancelButton"));
    leave->setAccessibleName(tr("Leave it as it is"));
    leave->setDefault(true);
    leave->setFocus();
    connect(m_known, &QCheckBox::toggled, m_act, &QPushButton::setEnabled);
    connect(copy, &QPushButton::clicked, this, [this] { Q_EMIT copyRequested(text()); });
    connect(m_act, &QPushButton::clicked, this, &QDialog::accept);
    connect(leave, &QPushButton::clicked, this, &QDialog::reject);

    auto* const buttons = new QHBoxLayout;
    buttons->setSpacing(grid);
    buttons->addWidget(copy);
    buttons->addStretch();
    buttons->addWidget(m_act);
    buttons->addWidget(leave);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid * 2, grid * 2, grid * 2, grid * 2);
    layout->setSpacing(grid * 2);
    layout->addWidget(scroll, 1);
    layout->addWidget(m_change);
    layout->addWidget(m_known);
    layout->addLayout(buttons);

    // As high as the plan is at this width, within what the screen has.
    const int width = grid * 92;
    const int inner = width - 4 * grid;
    const int planHeight = scroll->widget()->layout()->hasHeightForWidth()
                               ? scroll->widget()->layout()->totalHeightForWidth(inner)
                               : scroll->widget()->sizeHint().height();
    const int rest = grid * (plan.mustBeKnown ? 18 : 13);
    resize(width, std::min(planHeight + rest, screen()->availableSize().height() * 8 / 10));
}

QWidget* CureDialog::makePlanView()
{
    auto* const view = new QWidget;
    const int grid = theme::grid();
    auto* const table = new QGridLayout(view);
    table->setContentsMargins(0, 0, 0, 0);
    table->setHorizontalSpacing(grid * 2);
    table->setVerticalSpacing(grid * 2);
    table->setColumnStretch(1, 1);

    QLabel* const heading = safetext::wrappingLabel(question(), view);
    heading->setObjectName(QStringLiteral("cureQuestion"));
    heading->setFont(theme::titleFont());
    table->addWidget(heading, 0, 0, 1, 2);

    int row = 1;
    const auto parts = sections();
    for (const Section& section : parts) {
        QLabel* const name = safetext::mutedLabel(section.title, view);
        name->setWordWrap(false);
        name->setTextInteractionFlags(Qt::NoTextInteraction);
        table->addWidget(name, row, 0, Qt::AlignLeft | Qt::AlignTop);
        if (section.objectName == QLatin1String("cureQuery")) {
            auto* const words = new WordsView(view);
            words->setWords(section.text, std::nullopt);
            words->setObjectName(section.objectName);
            words->setAccessibleName(section.title);
            table->addWidget(words, row, 1, Qt::AlignTop);
        } else {
            QLabel* const content = safetext::wrappingLabel(section.text, view);
            content->setObjectName(section.objectName);
            content->setAlignment(Qt::AlignLeft | Qt::AlignTop);
            content->setMinimumWidth(grid * 30);
            table->addWidget(content, row, 1);
        }
        ++row;
    }
    table->setRowStretch(row, 1);
    return view;
}

QString CureDialog::question() const
{
    const QString name = cellText(m_plan.name, 200);
    switch (m_plan.request.kind) {
    case CureKind::CancelQuery:
        return tr("Cancel the query of %1?").arg(name);
    case CureKind::TerminateBackend:
        return tr("Terminate %1?").arg(name);
    case CureKind::CommitPrepared:
        return tr("Commit prepared transaction %1?").arg(name);
    case CureKind::RollbackPrepared:
        return tr("Roll back prepared transaction %1?").arg(name);
    }
    return {};
}

QList<CureDialog::Section> CureDialog::sections() const
{
    QList<Section> list;
    list.append({tr("Victim"), lines({m_plan.victim}), QStringLiteral("cureVictim")});
    if (!m_plan.state.isEmpty())
        list.append({tr("State"), lines({m_plan.state}), QStringLiteral("cureState")});
    if (!m_plan.query.isEmpty())
        list.append({m_plan.state.startsWith(QLatin1String("active")) ? tr("Statement") : tr("Last Statement"),
                     paragraphText(m_plan.query), QStringLiteral("cureQuery")});
    // Before the lists, which may be long: what speaks against it must be seen without scrolling.
    if (!m_plan.warnings.isEmpty())
        list.append({tr("Note"), lines(m_plan.warnings), QStringLiteral("cureWarnings")});
    const bool cancels = m_plan.request.kind == CureKind::CancelQuery;
    list.append({cancels ? tr("Gives Up") : tr("Releases"),
                 m_plan.releases.isEmpty() ? tr("No lock that this console has seen.") : lines(m_plan.releases),
                 QStringLiteral("cureReleases")});
    list.append({tr("Then Free"),
                 m_plan.unblocks.isEmpty() ? tr("Nobody: no session waits for it alone.") : lines(m_plan.unblocks),
                 QStringLiteral("cureUnblocks")});
    if (!m_plan.stillStuck.isEmpty())
        list.append({tr("Still Stuck"), lines(m_plan.stillStuck), QStringLiteral("cureStillStuck")});
    return list;
}

void CureDialog::setStillThere(bool stillThere)
{
    const bool appears = !stillThere && m_change->isHidden();
    if (!stillThere)
        m_change->setText(isAboutBackend(m_plan.request.kind)
                              ? tr("%1 has ended meanwhile, or holds no lock any more. Only the session shown here "
                                   "can be hit; if it is gone, nothing is sent.")
                                    .arg(cellText(m_plan.name, 200))
                              : tr("%1 has been finished meanwhile. Only the transaction shown here can be hit; if it "
                                   "is gone, nothing is sent.")
                                    .arg(cellText(m_plan.name, 200)));
    m_change->setVisible(!stillThere);
    if (appears) // room of its own, so that it takes none from the plan
        resize(width(), height() + m_change->heightForWidth(width() - 4 * theme::grid()) + layout()->spacing());
}

QString CureDialog::text() const
{
    QStringList paragraphs{question()};
    const auto parts = sections();
    for (const Section& section : parts)
        paragraphs.append(section.title + QLatin1StringView(":\n  ") +
                          QString(section.text).replace(QLatin1Char('\n'), QLatin1StringView("\n  ")));
    if (!m_change->isHidden())
        paragraphs.append(m_change->text());
    return paragraphs.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

} // namespace lockscope
