#include "ui/auditdialog.h"

#include "models/domain/displaytext.h"
#include "ui/celldelegate.h"
#include "ui/elidedlabel.h"
#include "ui/emptystate.h"
#include "ui/safetext.h"
#include "ui/theme.h"
#include "ui/wordsview.h"

#include <QHeaderView>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace lockscope {

namespace {

constexpr int cellLimit = 200;

enum Column
{
    Time,
    Action,
    Step,
    Victim,
    Server,
    Role,
    Result,
    Columns_,
};

QString server(const AuditEntry& entry)
{
    QString place = entry.host;
    if (entry.port != 0)
        place += u':' + QString::number(entry.port);
    return entry.database.isEmpty() ? place : place + u'/' + entry.database;
}

QString cell(const AuditEntry& entry, int column)
{
    switch (column) {
    case Time:
        return entry.time.toLocalTime().toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
    case Action:
        return entry.action;
    case Step:
        return entry.step;
    case Victim:
        return victimText(entry);
    case Server:
        return server(entry);
    case Role:
        return entry.role;
    case Column::Result:
        return entry.outcome.isEmpty() ? entry.sentence : entry.outcome;
    default:
        return {};
    }
}

QString details(const AuditEntry& entry)
{
    QStringList lines;
    if (!entry.sentence.isEmpty())
        lines.append(entry.sentence);
    for (const QString& notice : entry.notices)
        lines.append(notice);
    if (entry.pid != 0)
        lines.append(AuditDialog::tr("pid %1 of role %2").arg(QString::number(entry.pid), entry.user));
    if (!entry.query.isEmpty())
        lines.append(AuditDialog::tr("Statement: %1").arg(entry.query));
    if (!entry.systemIdentifier.isEmpty())
        lines.append(AuditDialog::tr("System identifier of the server: %1").arg(entry.systemIdentifier));
    return paragraphText(lines.join(QLatin1Char('\n')));
}

} // namespace

AuditDialog::AuditDialog(const QList<AuditEntry>& newestFirst, const QString& fileName, QWidget* parent)
    : QDialog(parent)
    , m_entries(newestFirst)
    , m_list(new QTreeWidget(this))
    , m_details(new WordsView(this))
{
    setObjectName(QStringLiteral("auditDialog"));
    setWindowTitle(tr("Audit Log"));
    setSizeGripEnabled(true);
    const int grid = theme::grid();

    auto* const path = new ElidedLabel(this);
    path->setObjectName(QStringLiteral("auditFile"));
    path->setText(cellText(fileName));
    path->setAccessibleName(tr("File of the audit log"));
    auto* const copy = new QPushButton(tr("Copy"), this);
    copy->setObjectName(QStringLiteral("auditCopyButton"));
    copy->setAccessibleName(tr("Copy the selected entries, or all"));
    copy->setAutoDefault(false);
    copy->setEnabled(!m_entries.isEmpty());
    auto* const show = new QPushButton(tr("Show File"), this);
    show->setObjectName(QStringLiteral("auditShowButton"));
    show->setAccessibleName(tr("Show the file in its folder"));
    show->setAutoDefault(false);
    show->setEnabled(!m_entries.isEmpty());
    auto* const close = new QPushButton(tr("Close"), this);
    close->setObjectName(QStringLiteral("auditCloseButton"));
    close->setAccessibleName(tr("Close"));
    close->setDefault(true);
    connect(copy, &QPushButton::clicked, this, [this] { Q_EMIT copyRequested(selectedText()); });
    connect(show, &QPushButton::clicked, this, [this, fileName] { Q_EMIT showFileRequested(fileName); });
    connect(close, &QPushButton::clicked, this, &QDialog::reject);

    auto* const buttons = new QHBoxLayout;
    buttons->setSpacing(grid);
    buttons->addWidget(path, 1);
    buttons->addWidget(copy);
    buttons->addWidget(show);
    buttons->addWidget(close);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid * 2, grid * 2, grid * 2, grid * 2);
    layout->setSpacing(grid * 2);
    layout->addWidget(m_entries.isEmpty() ? makeEmpty() : makeList(), 1);
    m_details->setObjectName(QStringLiteral("auditDetails"));
    m_details->setAccessibleName(tr("The selected entry"));
    layout->addWidget(m_details);
    layout->addLayout(buttons);
    resize(grid * 116, grid * 64);
    if (m_entries.isEmpty())
        m_list->hide();
    else
        m_list->setCurrentItem(m_list->topLevelItem(0));
}

QWidget* AuditDialog::makeList()
{
    m_list->setObjectName(QStringLiteral("auditList"));
    m_list->setAccessibleName(tr("Actions, newest first"));
    m_list->setHeaderLabels(
        {tr("Time"), tr("Action"), tr("Step"), tr("Victim"), tr("Server"), tr("Role"), tr("Result")});
    m_list->setRootIsDecorated(false);
    m_list->setItemDelegate(new CellDelegate(m_list));
    m_list->setUniformRowHeights(true);
    m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    for (const AuditEntry& entry : m_entries) {
        auto* const item = new QTreeWidgetItem(m_list);
        for (int column = 0; column < Columns_; ++column)
            item->setText(column, cellText(cell(entry, column), cellLimit));
        item->setFont(Time, theme::monospace());
        item->setSizeHint(Column::Result, QSize(0, theme::rowHeight())); // the last column stretches
    }
    m_list->header()->setSectionResizeMode(QHeaderView::Interactive);
    for (int column = 0; column < Columns_; ++column) {
        m_list->resizeColumnToContents(column);
        m_list->setColumnWidth(column, std::min(m_list->columnWidth(column) + theme::grid(), theme::grid() * 30));
    }
    m_list->header()->setStretchLastSection(true);
    connect(m_list, &QTreeWidget::currentItemChanged, this, &AuditDialog::showDetails);
    return m_list;
}

QWidget* AuditDialog::makeEmpty()
{
    auto* const empty = new EmptyState(this);
    empty->setObjectName(QStringLiteral("auditEmpty"));
    empty->setPicture(IconName::Log);
    empty->setTitle(tr("Nothing Was Done Yet"));
    empty->setText(tr("When you cancel a query, terminate a backend or finish a prepared transaction, it is written "
                      "down here: what was asked, what was confirmed and what came of it."));
    return empty;
}

void AuditDialog::showDetails()
{
    const int row = m_list->indexOfTopLevelItem(m_list->currentItem());
    m_details->setWords(row < 0 ? QString() : details(m_entries.at(row)), std::nullopt);
}

QString AuditDialog::selectedText() const
{
    QStringList lines;
    const bool all = m_list->selectedItems().isEmpty();
    for (int row = 0; row < m_list->topLevelItemCount(); ++row) {
        const auto* const item = m_list->topLevelItem(row);
        if (!all && !item->isSelected())
            continue;
        QStringList cells;
        for (int column = 0; column < Columns_; ++column)
            cells.append(item->text(column));
        lines.append(cells.join(QLatin1Char('\t')));
        const QString more = details(m_entries.at(row));
        if (!more.isEmpty())
            lines.append(QStringLiteral("  ") + QString(more).replace(QLatin1Char('\n'), QLatin1StringView("\n  ")));
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

} // namespace lockscope
