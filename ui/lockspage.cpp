#include "ui/lockspage.h"

#include "models/domain/displaytext.h"
#include "models/lockexport.h"
#include "models/locktablemodel.h"
#include "ui/actions.h"
#include "ui/emptystate.h"
#include "ui/explanationview.h"
#include "ui/linkbanner.h"
#include "ui/lockdetails.h"
#include "ui/locksentence.h"
#include "ui/locktableview.h"

#include <QAction>
#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QLineEdit>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace lockscope {

LocksPage::LocksPage(const Actions& actions, LockTableModel& model, QWidget* parent)
    : QWidget(parent)
    , m_actions(actions)
    , m_model(model)
    , m_banner(new LinkBanner)
    , m_stack(new QStackedWidget)
    , m_table(new LockTableView(actions, model))
    , m_details(new LockDetails)
{
    setObjectName(QStringLiteral("locksPage"));
    setFocusProxy(m_table);
    m_stack->setObjectName(QStringLiteral("locksStack"));
    m_tablePage = makeTablePage();
    makeEmptyStates();
    for (QWidget* const page : {m_tablePage, static_cast<QWidget*>(m_notConnected), static_cast<QWidget*>(m_connecting),
                                static_cast<QWidget*>(m_noLocks), static_cast<QWidget*>(m_noMatch)})
        m_stack->addWidget(page);

    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_banner);
    layout->addWidget(m_stack, 1);
    connectActions();
    connectSessions();
    showSuitablePage();
    showDetails();
}

QWidget* LocksPage::makeTablePage()
{
    m_splitter = new QSplitter(Qt::Vertical);
    m_splitter->setObjectName(QStringLiteral("locksSplitter"));
    m_splitter->addWidget(m_table);
    m_splitter->addWidget(m_details);
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setStretchFactor(1, 0);
    m_splitter->setCollapsible(0, false);
    m_splitter->setCollapsible(1, false);
    return m_splitter;
}

void LocksPage::makeEmptyStates()
{
    const auto press = [this](ActionId id) { return [this, id] { m_actions[id]->trigger(); }; };

    m_notConnected = new EmptyState;
    m_notConnected->setObjectName(QStringLiteral("notConnectedState"));
    m_notConnected->setPicture(IconName::Connect);
    m_notConnected->setTitle(tr("Not Connected"));
    m_notConnected->setText(tr("Connect to a PostgreSQL server to see who holds its locks and who waits for them. "
                               "A sandbox is a private throw-away server on this machine, made to try things out."));
    connect(m_notConnected->addButton(QStringLiteral("emptyConnectButton"), tr("Connect..."), tr("Choose a server")),
            &QPushButton::clicked, this, press(ActionId::Connect));
    connect(m_notConnected->addButton(QStringLiteral("emptySandboxButton"), tr("Start a Sandbox"),
                                      tr("Start a private throw-away server and connect to it")),
            &QPushButton::clicked, this, press(ActionId::StartSandbox));

    m_connecting = new EmptyState;
    m_connecting->setObjectName(QStringLiteral("connectingState"));
    m_connecting->setPicture(IconName::Hourglass);
    m_connecting->setTitle(tr("Connecting"));
    connect(m_connecting->addButton(QStringLiteral("emptyCancelButton"), tr("Cancel"), tr("Stop trying to connect")),
            &QPushButton::clicked, this, press(ActionId::Disconnect));

    m_noLocks = new EmptyState;
    m_noLocks->setObjectName(QStringLiteral("noLocksState"));
    m_noLocks->setPicture(IconName::Locks);
    connect(m_noLocks->addButton(QStringLiteral("emptyShowWaitsButton"), tr("Show Waits"),
                                 tr("Who waits for whom, for locks of all types")),
            &QPushButton::clicked, this, press(ActionId::ShowWaits));
    connect(m_noLocks->addButton(QStringLiteral("emptyNewSessionButton"), tr("New Operator Session"),
                                 tr("Open a session of your own to acquire a lock on")),
            &QPushButton::clicked, this, press(ActionId::NewOperatorSession));
    connect(m_noLocks->addButton(QStringLiteral("emptyAllTypesButton"), tr("Show All Lock Types"),
                                 tr("Table, row, transaction and other locks too")),
            &QPushButton::clicked, this, press(ActionId::AllLockTypes));

    m_noMatch = new EmptyState;
    m_noMatch->setObjectName(QStringLiteral("noMatchState"));
    m_noMatch->setPicture(IconName::Search);
    m_noMatch->setTitle(tr("No Lock Matches the Filter"));
    connect(
        m_noMatch->addButton(QStringLiteral("emptyClearFilterButton"), tr("Clear Filter"), tr("Show all locks again")),
        &QPushButton::clicked, this, press(ActionId::ClearFilter));
}

void LocksPage::connectActions()
{
    connect(m_banner, &LinkBanner::reconnectRequested, this, &LocksPage::reconnectRequested);
    connect(m_banner, &LinkBanner::changeConnectionRequested, this,
            [this] { m_actions[ActionId::Connect]->trigger(); });
    connect(m_banner, &LinkBanner::resumeRequested, this, [this] { m_actions[ActionId::Pause]->trigger(); });
    connect(m_table, &LockTableView::pauseToggleRequested, this, [this] { m_actions[ActionId::Pause]->trigger(); });
    connect(m_table, &LockTableView::currentRowChanged, this, &LocksPage::showCurrentRow);
    connect(m_table, &LockTableView::rowActivated, this, &LocksPage::lockActivated);
    connect(m_table, &LockTableView::columnStateChanged, this, &LocksPage::columnStateChanged);
    connect(m_table, &LockTableView::filterChosen, this, [this](const QString& filter) {
        Q_EMIT filterChosen(filter);
        requestFilter(filter);
    });
    connect(m_actions[ActionId::GoToBlocker], &QAction::triggered, this, &LocksPage::goToBlocker);
    connect(m_details, &LockDetails::blockerRequested, this, &LocksPage::goToBlocker);
    connect(m_details, &LockDetails::waitsRequested, m_actions[ActionId::ShowWaits], &QAction::trigger);
    connect(m_details, &LockDetails::copyRequested, this, &LocksPage::copy);
    connect(&m_model, &LockTableModel::sortRequested, this, [this](LockColumn column, Qt::SortOrder order) {
        LockViewSpec wanted = m_spec;
        wanted.sortColumn = column;
        wanted.sortOrder = order;
        Q_EMIT specRequested(wanted);
    });
    connect(m_actions[ActionId::CopyRow], &QAction::triggered, this, [this] {
        if (const QList<LockRow> rows = m_table->selectedRows(); !rows.isEmpty())
            copy(rowsAsTsv(rows, *m_model.view()));
    });
    connect(m_actions[ActionId::CopyCell], &QAction::triggered, this, [this] { copy(m_table->currentCellText()); });
    connect(m_actions[ActionId::CopyAsSql], &QAction::triggered, this, [this] {
        if (const LockRow* const row = m_table->currentRow())
            copy(lockQuery(row->lock));
    });
    connect(m_actions[ActionId::ClearFilter], &QAction::triggered, this, [this] {
        Q_EMIT filterCleared();
        requestFilter({});
    });
    connect(m_actions[ActionId::CompactRows], &QAction::toggled, m_table, &LockTableView::setCompact);
    connect(m_actions[ActionId::ShowDetails], &QAction::toggled, this, [this](bool shown) {
        m_details->setVisible(shown);
        showDetails();
    });
    m_details->setVisible(m_actions[ActionId::ShowDetails]->isChecked());
    connect(m_actions[ActionId::ExportCsv], &QAction::triggered, this, [this] { chooseExportFile(ExportFormat::Csv); });
    connect(m_actions[ActionId::ExportJson], &QAction::triggered, this,
            [this] { chooseExportFile(ExportFormat::Json); });
}

void LocksPage::connectSessions()
{
    const auto current = [this]() -> std::optional<LockRow> {
        const LockRow* const row = m_table->currentRow();
        return row != nullptr ? std::optional(*row) : std::nullopt;
    };
    connect(m_table, &LockTableView::cureRequested, this, [this, current](CureKind kind) {
        if (const auto row = current())
            Q_EMIT cureRequested(kind, sessionOf(*row));
    });
    connect(m_table, &LockTableView::labelRequested, this, &LocksPage::labelRequested);
    connect(m_table, &LockTableView::modeRequested, this, &LocksPage::modeRequested);
    connect(m_table, &LockTableView::waitsRequested, this,
            [this](const LockRow& row) { Q_EMIT sessionActivated(sessionOf(row)); });
    ExplanationView* const explanation = m_details->explanation();
    connect(explanation, &ExplanationView::cureRequested, this, &LocksPage::cureRequested);
    connect(explanation, &ExplanationView::foreignReleaseRequested, this, [this, current] {
        if (const auto row = current())
            Q_EMIT foreignReleaseRequested(*row);
    });
    connect(explanation, &ExplanationView::sessionRequested, this, [this](const WaitNodeId& id) {
        selectSession(id);
        Q_EMIT sessionSelected(id);
    });
}

void LocksPage::applyUpdate(const LockViewUpdate& update)
{
    m_model.apply(update);
    if (m_model.view()->empty)
        m_table->forgetWidths();
    showSuitablePage();
    m_table->fitColumns();
    showDetails();
    Q_EMIT viewShown(m_model.view(), !m_spec.filter.isEmpty());
}

void LocksPage::setLink(const LinkState& link)
{
    m_link = link;
    const bool showsRows = m_model.rowCount() > 0;
    const bool fresh = link.phase == LinkPhase::Live || link.phase == LinkPhase::Closed;
    if (fresh) {
        m_model.setStale(std::nullopt);
    } else {
        const auto age =
            link.lastAnswer ? std::chrono::steady_clock::now() - *link.lastAnswer : std::chrono::seconds(0);
        m_model.setStale(std::chrono::duration_cast<std::chrono::milliseconds>(age));
    }
    m_banner->setLink(link, showsRows);
    showDetails();
    showSuitablePage();
}

void LocksPage::setServerTitle(const QString& title)
{
    m_serverTitle = cellText(title, 80);
    showSuitablePage();
}

void LocksPage::setScope(LockScope scope)
{
    m_scope = scope;
    m_table->forgetWidths();
    showSuitablePage();
}

void LocksPage::setServer(const std::optional<ServerInfo>& server)
{
    m_server = server;
    m_details->setServer(server);
    showDetails();
}

void LocksPage::setReadOnly(bool readOnly)
{
    m_readOnly = readOnly;
    showDetails();
}

WaitNodeId LocksPage::sessionOf(const LockRow& row) const
{
    const LockView& view = *m_model.view();
    return view.snapshot ? nodeOf(row.lock, *view.snapshot) : WaitNodeId{};
}

/// Own sessions have their panels, where releasing is more than ending.
QList<CureOffer> LocksPage::offersFor(const LockRow& row) const
{
    const LockView& view = *m_model.view();
    const bool own = m_model.index(m_table->currentIndex().row(), 0).data(LockTableModel::MineRole).toBool();
    if (own || row.isGone() || !view.snapshot || !m_server)
        return {};
    return cureOffers(sessionOf(row), *view.snapshot, *m_server, m_readOnly);
}

void LocksPage::selectSession(const WaitNodeId& id)
{
    const LockRow* const current = m_table->currentRow();
    if (current != nullptr && sessionOf(*current) == id)
        return;
    const QScopedValueRollback<bool> selecting(m_selectingSession, true);
    const LockRow* best = nullptr;
    const auto worth = [](const LockRow& row) {
        return row.isBlocker() ? 3 : row.isWaiting() ? 2 : row.isGone() ? 0 : 1;
    };
    for (const LockRow& row : m_model.view()->rows) {
        if (!id.isNull() && sessionOf(row) == id && (best == nullptr || worth(row) > worth(*best)))
            best = &row;
    }
    if (best != nullptr)
        m_table->selectRow(best->rowId, false);
    else
        m_table->setCurrentIndex({});
}

void LocksPage::showCurrentRow()
{
    showDetails();
    const LockRow* const row = m_table->currentRow();
    if (row != nullptr && !m_selectingSession)
        Q_EMIT sessionSelected(sessionOf(*row));
}

void LocksPage::setSpec(const LockViewSpec& spec)
{
    m_spec = spec;
    m_table->setSort(spec.sortColumn, spec.sortOrder);
    showSuitablePage();
}

void LocksPage::requestFilter(const QString& filter)
{
    LockViewSpec wanted = m_spec;
    wanted.filter = filter;
    if (wanted != m_spec)
        Q_EMIT specRequested(wanted);
}

QByteArray LocksPage::columnState() const
{
    return m_table->columnState();
}

void LocksPage::restoreColumnState(const QByteArray& state)
{
    m_table->restoreColumnState(state);
}

QByteArray LocksPage::splitterState() const
{
    return m_splitter->saveState();
}

void LocksPage::restoreSplitterState(const QByteArray& state)
{
    if (!state.isEmpty())
        m_splitter->restoreState(state);
}

void LocksPage::showSuitablePage()
{
    const LockView& view = *m_model.view();
    QWidget* page = m_tablePage;
    if (view.empty && m_link.phase == LinkPhase::Closed) {
        page = m_notConnected;
    } else if (view.empty) {
        page = m_connecting;
        const bool trying = m_link.phase == LinkPhase::Connecting || m_link.phase == LinkPhase::Live;
        m_connecting->setTitle(trying ? tr("Connecting") : tr("No Connection"));
        if (!trying)
            m_connecting->setText(tr("The locks appear here once the server answers."));
        else if (m_serverTitle.isEmpty())
            m_connecting->setText(tr("Waiting for the server's first answer."));
        else
            m_connecting->setText(tr("Waiting for the first answer of %1.").arg(m_serverTitle));
    } else if (view.rows.isEmpty() && !m_spec.filter.isEmpty() && view.totalLocks > 0) {
        page = m_noMatch;
        m_noMatch->setText(view.totalLocks == 1
                               ? tr("1 lock is there; the filter \"%1\" hides it.").arg(cellText(m_spec.filter, 60))
                               : tr("%1 locks are there; the filter \"%2\" hides them all.")
                                     .arg(QString::number(view.totalLocks), cellText(m_spec.filter, 60)));
    } else if (view.rows.isEmpty()) {
        page = m_noLocks;
        const bool advisoryOnly = m_scope == LockScope::AdvisoryOnly;
        m_noLocks->setTitle(advisoryOnly ? tr("No Advisory Locks") : tr("No Locks"));
        m_noLocks->setText(advisoryOnly ? tr("Nobody holds or waits for an advisory lock on this server. "
                                             "A new one appears here with the next reading.")
                                        : tr("Nobody holds or waits for a lock on this server."));
        if (view.otherWaits > 0)
            m_noLocks->setText(view.otherWaits == 1
                                   ? tr("Nobody holds or waits for an advisory lock on this server, but 1 session "
                                        "waits for a lock of another type.")
                                   : tr("Nobody holds or waits for an advisory lock on this server, but %1 sessions "
                                        "wait for locks of other types.")
                                         .arg(view.otherWaits));
        if (auto* const showWaits = m_noLocks->findChild<QPushButton*>(QStringLiteral("emptyShowWaitsButton")))
            showWaits->setVisible(view.otherWaits > 0);
        if (auto* const allTypes = m_noLocks->findChild<QPushButton*>(QStringLiteral("emptyAllTypesButton")))
            allTypes->setVisible(advisoryOnly);
    }
    if (m_stack->currentWidget() != page)
        m_stack->setCurrentWidget(page);
    if (page == m_tablePage && !m_introduced && m_table->isVisible()) {
        // Else the arrow keys of a person who has just connected would change whatever comes first in the window.
        m_introduced = true;
        if (!qobject_cast<QLineEdit*>(window()->focusWidget()))
            m_table->setFocus();
    }
}

void LocksPage::showDetails()
{
    const LockRow* const row = m_table->currentRow();
    const QList<CureOffer> offers = row != nullptr ? offersFor(*row) : QList<CureOffer>();
    m_table->setCureOffers(offers);
    // The window's own: the application has none in the moment after a dialog closed.
    const auto hasFocus = [this] {
        const QWidget* const focused = window()->focusWidget();
        return focused != nullptr && m_details->isAncestorOf(focused) && focused->isVisible() && focused->isEnabled();
    };
    const bool focused = hasFocus();
    if (!m_details->isHidden())
        m_details->setRow(row, *m_model.view(), offers, !m_model.staleAge().has_value());
    // A button that is gone hands focus back to the table, not to whatever comes next in turn.
    if (focused && !hasFocus())
        m_table->setFocus();
    for (const auto id : {ActionId::CopyRow, ActionId::CopyCell, ActionId::CopyAsSql})
        m_actions[id]->setEnabled(row != nullptr);
    m_actions[ActionId::GoToBlocker]->setEnabled(blockerRow(row, *m_model.view()) != nullptr);
}

void LocksPage::goToBlocker()
{
    if (const LockRow* const blocker = blockerRow(m_table->currentRow(), *m_model.view()))
        m_table->selectRow(blocker->rowId);
}

void LocksPage::copy(const QString& text) const
{
    if (!text.isEmpty())
        QGuiApplication::clipboard()->setText(text);
}

void LocksPage::chooseExportFile(ExportFormat format)
{
    const bool csv = format == ExportFormat::Csv;
    auto* const dialog = new QFileDialog(this, csv ? tr("Export Locks as CSV") : tr("Export Locks as JSON"));
    dialog->setObjectName(QStringLiteral("exportDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(csv ? QStringLiteral("csv") : QStringLiteral("json"));
    dialog->setNameFilter(csv ? tr("Comma-separated values (*.csv)") : tr("JSON (*.json)"));
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, format](const QString& fileName) { Q_EMIT exportRequested(fileName, format); });
    dialog->open();
}

} // namespace lockscope
