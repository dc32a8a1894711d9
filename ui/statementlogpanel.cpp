#include "ui/statementlogpanel.h"

#include "models/domain/displaytext.h"
#include "models/statementlogmodel.h"
#include "ui/emptyhint.h"
#include "ui/filteredit.h"
#include "ui/safetext.h"
#include "ui/statementdelegate.h"
#include "ui/theme.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace lockscope {

StatementLogPanel::StatementLogPanel(StatementLogModel* model, QWidget* parent)
    : QWidget(parent)
    , m_model(model)
    , m_proxy(new QSortFilterProxyModel(this))
    , m_table(new QTableView(this))
    , m_filter(new FilterEdit(this))
    , m_housekeeping(new QCheckBox(tr("Housekeeping"), this))
    , m_copy(new QPushButton(tr("Copy"), this))
    , m_export(new QPushButton(tr("Export..."), this))
    , m_clear(new QPushButton(tr("Clear"), this))
{
    setObjectName(QStringLiteral("statementLogPanel"));
    setAccessibleName(tr("Statement log"));
    m_proxy->setFilterKeyColumn(-1);
    m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_proxy->setSourceModel(m_model);
    buildTable();
    buildTools();

    // The window takes these into the title bar of the dock; alone, the panel shows them above its table.
    auto* toolBar = new QWidget(this);
    toolBar->setObjectName(QStringLiteral("dockTools"));
    auto* tools = new QHBoxLayout(toolBar);
    tools->setContentsMargins(0, 0, 0, 0);
    tools->setSpacing(theme::grid() / 2);
    tools->addWidget(m_filter, 1);
    tools->addWidget(m_housekeeping);
    tools->addWidget(m_copy);
    tools->addWidget(m_export);
    tools->addWidget(m_clear);
    auto* layout = new QVBoxLayout(this);
    const int gap = theme::grid() / 2;
    layout->setContentsMargins(theme::grid(), gap, theme::grid(), gap);
    layout->setSpacing(gap);
    layout->addWidget(toolBar);
    layout->addWidget(m_table, 1);

    setShowHousekeeping(false);
    applyMetrics();
    refresh();
}

StatementLogPanel::~StatementLogPanel()
{
    // The table goes first, and unheard: QWidget's destructor hides the children when this panel is only half there,
    // while their scroll bars still signal and their viewports still get events.
    m_table->removeEventFilter(this);
    m_table->viewport()->removeEventFilter(this);
    delete m_table;
}

void StatementLogPanel::buildTable()
{
    m_table->setObjectName(QStringLiteral("statementTable"));
    m_table->setAccessibleName(tr("Statements as they were sent"));
    m_table->setModel(m_proxy);
    m_table->setItemDelegate(new StatementDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setWordWrap(false);
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false);
    m_table->setVerticalScrollMode(QAbstractItemView::ScrollPerItem);
    m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(false);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    // Ctrl+C belongs to the table while it has the focus, whatever the window's menu does with it.
    m_table->installEventFilter(this);
    m_table->viewport()->installEventFilter(this);
    new EmptyHint(m_table, tr("Each statement that your sessions and clients send appears here, with the answer of "
                              "the server."));

    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &StatementLogPanel::refresh);
    const QScrollBar* bar = m_table->verticalScrollBar();
    connect(bar, &QScrollBar::valueChanged, this, [this, bar](int value) { m_atTail = value >= bar->maximum(); });
    // The range grows after rows came: asking the position then would always say "not at the end".
    connect(bar, &QScrollBar::rangeChanged, this, &StatementLogPanel::followTail);
    for (auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(m_proxy, signal, this, &StatementLogPanel::refresh);
    // Notices are rare: until there is one, its room is the SQL's.
    connect(m_proxy, &QAbstractItemModel::rowsInserted, this, [this](const QModelIndex&, int first, int last) {
        for (int row = first; row <= last && !m_anyNotices; ++row)
            m_anyNotices = !m_proxy->index(row, StatementLogModel::NoticesColumn).data().toString().isEmpty();
        stretchSql();
    });
    connect(m_proxy, &QAbstractItemModel::modelReset, this, &StatementLogPanel::refresh);
}

void StatementLogPanel::buildTools()
{
    m_filter->setObjectName(QStringLiteral("statementFilter"));
    m_filter->setAccessibleName(tr("Filter the statement log"));
    m_filter->setPlaceholderText(tr("Filter: session, SQL, answer"));
    connect(m_filter, &FilterEdit::filterChanged, m_proxy, &QSortFilterProxyModel::setFilterFixedString);
    connect(m_filter, &FilterEdit::left, this, [this] { m_table->setFocus(); });

    m_housekeeping->setObjectName(QStringLiteral("housekeepingCheck"));
    m_housekeeping->setAccessibleName(tr("Show housekeeping statements"));
    safetext::setToolTip(m_housekeeping, tr("Also shows what the console sends for itself: settings of a new session, "
                                            "looking up a holder, comparing locks with the server."));
    connect(m_housekeeping, &QCheckBox::toggled, this, [this](bool on) {
        m_model->setShowHousekeeping(on);
        refresh();
        Q_EMIT housekeepingShown(on);
    });

    m_copy->setObjectName(QStringLiteral("copyStatementsButton"));
    m_export->setObjectName(QStringLiteral("exportStatementsButton"));
    m_clear->setObjectName(QStringLiteral("clearStatementsButton"));
    for (auto* button : {m_copy, m_export, m_clear}) {
        button->setAccessibleName(button->text());
        button->setAutoDefault(false);
    }
    safetext::setToolTip(m_clear, tr("Empties the log. Sessions and locks stay as they are."));
    safetext::setToolTip(m_export, tr("Writes the log to a file."));
    connect(m_copy, &QPushButton::clicked, this, &StatementLogPanel::copy);
    connect(m_clear, &QPushButton::clicked, this, &StatementLogPanel::clearRequested);
    auto* menu = new QMenu(m_export);
    menu->setObjectName(QStringLiteral("exportStatementsMenu"));
    const auto add = [this, menu](const QString& name, const QString& text, StatementLogFormat format) {
        auto* action = menu->addAction(text, this, [this, format] { Q_EMIT exportRequested(format); });
        action->setObjectName(name);
    };
    add(QStringLiteral("exportStatementsCsv"), tr("As CSV..."), StatementLogFormat::Csv);
    add(QStringLiteral("exportStatementsText"), tr("As Text..."), StatementLogFormat::Text);
    m_export->setMenu(menu);
}

void StatementLogPanel::setShowHousekeeping(bool show)
{
    m_housekeeping->setChecked(show);
    m_model->setShowHousekeeping(show);
}

QString StatementLogPanel::selectedAsSql() const
{
    QModelIndexList rows = m_table->selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.row() < b.row(); });
    QString text;
    for (const QModelIndex& index : std::as_const(rows)) {
        const StatementRecord record = m_model->recordAt(m_proxy->mapToSource(index).row());
        const auto cell = [&index](int column) { return index.siblingAtColumn(column).data().toString(); };
        // One line each and stripped: whatever the server or a name says must not get out of its comment.
        QStringList comment{cell(StatementLogModel::TimeColumn), cell(StatementLogModel::SessionColumn),
                            cell(StatementLogModel::BackendColumn), QStringLiteral("->"),
                            cell(StatementLogModel::ResultColumn)};
        for (const QString& notice : record.notices)
            comment.append(cellText(notice));
        comment.removeAll(QString());
        text += QStringLiteral("-- ") + comment.join(QLatin1Char(' ')) + QLatin1Char('\n') + record.sql.trimmed();
        text += record.sql.trimmed().endsWith(QLatin1Char(';')) ? QStringLiteral("\n") : QStringLiteral(";\n");
    }
    return text;
}

bool StatementLogPanel::eventFilter(QObject* watched, QEvent* event)
{
    const bool isKey = event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyPress;
    if (watched == m_table && isKey && static_cast<QKeyEvent*>(event)->matches(QKeySequence::Copy)) {
        event->accept();
        if (event->type() == QEvent::KeyPress)
            copy();
        return true;
    }
    if (watched == m_table->viewport() && event->type() == QEvent::Resize)
        stretchSql();
    return QWidget::eventFilter(watched, event);
}

void StatementLogPanel::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        applyMetrics();
}

void StatementLogPanel::applyMetrics()
{
    m_table->verticalHeader()->setMinimumSectionSize(theme::rowHeight(true));
    m_table->verticalHeader()->setDefaultSectionSize(theme::rowHeight(true));
    const QFontMetrics mono(theme::monospace());
    const auto width = [&mono](int characters) {
        return mono.horizontalAdvance(QLatin1Char('0')) * characters + theme::grid() * 2;
    };
    auto* header = m_table->horizontalHeader();
    header->resizeSection(StatementLogModel::TimeColumn, width(12));
    header->resizeSection(StatementLogModel::SessionColumn, width(9));
    header->resizeSection(StatementLogModel::BackendColumn, width(7));
    header->resizeSection(StatementLogModel::ResultColumn, width(10));
    header->resizeSection(StatementLogModel::DurationColumn, width(8));
    stretchSql();
}

void StatementLogPanel::stretchSql()
{
    // QHeaderView's own stretching would squeeze the SQL to nothing before it lets the table scroll.
    auto* header = m_table->horizontalHeader();
    const int others = header->length() - header->sectionSize(StatementLogModel::SqlColumn) -
                       header->sectionSize(StatementLogModel::NoticesColumn);
    const int character = QFontMetrics(theme::monospace()).horizontalAdvance(QLatin1Char('0'));
    const int room = m_table->viewport()->width() - others;
    const int title = 10 * character;
    const int notices = m_anyNotices ? std::max(character * 18, room * 2 / 5) : title;
    header->resizeSection(StatementLogModel::NoticesColumn, notices);
    header->resizeSection(StatementLogModel::SqlColumn, std::max(character * 28, room - notices));
}

void StatementLogPanel::followTail()
{
    if (m_atTail)
        m_table->scrollToBottom();
}

void StatementLogPanel::copy()
{
    if (const QString text = selectedAsSql(); !text.isEmpty())
        QApplication::clipboard()->setText(text);
}

void StatementLogPanel::refresh()
{
    const bool any = m_table->selectionModel()->hasSelection();
    m_copy->setEnabled(any);
    safetext::setToolTip(m_copy, any ? tr("Copies the selected statements as SQL, with the answers as comments.")
                                     : tr("Select the statements to copy first."));
    if (m_model->rowCount() == 0)
        m_anyNotices = false;
    m_export->setEnabled(m_model->rowCount() > 0);
    m_clear->setEnabled(m_model->rowCount() > 0);
}

} // namespace lockscope
