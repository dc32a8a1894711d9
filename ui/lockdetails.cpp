#include "ui/lockdetails.h"

#include "models/domain/displaytext.h"
#include "models/explanation.h"
#include "models/lockcolumns.h"
#include "ui/elidedlabel.h"
#include "ui/explanationview.h"
#include "ui/icons.h"
#include "ui/locksentence.h"
#include "ui/panelscroll.h"
#include "ui/safetext.h"

#include <QEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QPlainTextEdit>
#include <QStackedLayout>
#include <QToolButton>
#include <QVBoxLayout>

#include <utility>

namespace lockscope {

namespace {

/// A query is shown up to here; the server itself cuts at track_activity_query_size, 1 kB unless it was raised.
constexpr int queryLimit = 64 * 1024;
constexpr int fieldLimit = 300;

QString orDash(const QString& text)
{
    return text.isEmpty() ? QStringLiteral("\u2013") : text;
}

QString column(LockColumn id, const LockRow& row, const LockView& view)
{
    return lockColumn(id).text(row, view);
}

} // namespace

LockDetails::LockDetails(QWidget* parent)
    : QWidget(parent)
    , m_pages(new QStackedLayout(this))
{
    setObjectName(QStringLiteral("lockDetails"));
    setAccessibleName(tr("Details of the selected lock"));
    m_pages->addWidget(makeSituation());
    m_pages->addWidget(makeContent());
    applyFonts();
}

QToolButton* LockDetails::makeBlockerButton(const QString& objectName)
{
    auto* const button = new QToolButton;
    button->setObjectName(objectName);
    button->setIcon(icon(IconName::Knot));
    button->setText(tr("Go to Blocker"));
    button->setAccessibleName(button->text());
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setAutoRaise(true);
    safetext::setToolTip(button, tr("Select the lock that holds this up (Ctrl+G)"));
    connect(button, &QToolButton::clicked, this, &LockDetails::blockerRequested);
    return button;
}

QWidget* LockDetails::makeSituation()
{
    const int grid = theme::grid();
    m_situation = safetext::label();
    m_situation->setObjectName(QStringLiteral("situationTitle"));
    m_situation->setAccessibleName(tr("Who waits"));
    m_situationText = safetext::wrappingLabel();
    m_situationText->setObjectName(QStringLiteral("situationText"));
    m_situationText->setAccessibleName(tr("The longest wait"));
    m_findings = safetext::wrappingLabel();
    m_findings->setObjectName(QStringLiteral("findings"));
    m_findings->setAccessibleName(tr("What goes wrong"));
    auto* const hint = safetext::mutedLabel(tr("Select a lock to see who holds it, who waits, and what it is doing."));
    hint->setObjectName(QStringLiteral("lockDetailsEmpty"));
    m_toRoot = makeBlockerButton(QStringLiteral("goToRootButton"));
    m_toWaits = new QToolButton;
    m_toWaits->setObjectName(QStringLiteral("showWaitsButton"));
    m_toWaits->setIcon(icon(IconName::Waits));
    m_toWaits->setText(tr("Show Waits"));
    m_toWaits->setAccessibleName(m_toWaits->text());
    m_toWaits->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_toWaits->setAutoRaise(true);
    safetext::setToolTip(m_toWaits, tr("Who waits for whom, for locks of all types (Alt+2)"));
    connect(m_toWaits, &QToolButton::clicked, this, &LockDetails::waitsRequested);

    auto* const top = new QHBoxLayout;
    top->addWidget(m_situation, 1);
    top->addWidget(m_toWaits, 0, Qt::AlignTop);
    top->addWidget(m_toRoot, 0, Qt::AlignTop);
    auto* const page = new QWidget;
    auto* const layout = new QVBoxLayout(page);
    layout->setContentsMargins(grid + grid / 2, grid / 2, grid + grid / 2, grid / 2);
    layout->setSpacing(grid / 2);
    layout->addLayout(top);
    layout->addWidget(m_situationText);
    layout->addWidget(m_findings);
    layout->addWidget(hint);
    layout->addStretch(1);
    return new PanelScroll(page, this);
}

void LockDetails::showSituation(const LockView& view, bool current)
{
    const Situation now = situation(view);
    m_situation->setText(current ? now.title : tr("When last read: %1").arg(now.title));
    m_situationText->setText(now.text);
    m_situationText->setVisible(!now.text.isEmpty());
    const QString findings = findingsText(view);
    m_findings->setText(findings);
    m_findings->setVisible(!findings.isEmpty());
    m_toRoot->setVisible(blockerRow(nullptr, view) != nullptr);
    m_toWaits->setVisible(view.waitingLocks > 0 || view.otherWaits > 0);
}

QWidget* LockDetails::makeContent()
{
    const int grid = theme::grid();
    m_explanation = new ExplanationView;
    connect(m_explanation, &ExplanationView::copyRequested, this, &LockDetails::copyRequested);

    m_copy = new QToolButton;
    m_copy->setObjectName(QStringLiteral("copyDetailsButton"));
    m_copy->setIcon(icon(IconName::Copy));
    m_copy->setAccessibleName(tr("Copy the details"));
    m_copy->setAutoRaise(true);
    safetext::setToolTip(m_copy, tr("Copy the explanation, all fields and the query"));
    connect(m_copy, &QToolButton::clicked, this, [this] { Q_EMIT copyRequested(text()); });
    m_toBlocker = makeBlockerButton(QStringLiteral("goToBlockerButton"));

    auto* const top = new QHBoxLayout;
    top->addStretch(1);
    top->addWidget(m_toBlocker);
    top->addWidget(m_copy);
    auto* const side = new QVBoxLayout;
    side->setSpacing(0);
    side->addLayout(top);
    side->addWidget(new PanelScroll(makeFields(), this), 1);
    auto* const content = new QWidget;
    auto* const layout = new QHBoxLayout(content);
    layout->setContentsMargins(grid + grid / 2, grid / 2, grid + grid / 2, grid / 2);
    layout->setSpacing(2 * grid);
    layout->addWidget(m_explanation, 11);
    layout->addLayout(side, 9);
    return content;
}

QWidget* LockDetails::makeFields()
{
    const std::array<std::pair<QString, const char*>, FieldCount> fields{{
        {tr("Key"), "detailKey"},
        {tr("Means"), "detailMeaning"},
        {tr("Database"), "detailDatabase"},
        {tr("Mode"), "detailTypeAndMode"},
        {tr("State"), "detailState"},
        {tr("Since"), "detailSince"},
        {tr("Wait start"), "detailWaitStart"},
        {tr("Blocked by"), "detailBlockedBy"},
        {tr("PID"), "detailPid"},
        {tr("Application"), "detailApplication"},
        {tr("User"), "detailUser"},
        {tr("Address"), "detailAddress"},
        {tr("Backend state"), "detailDoing"},
        {tr("Transaction"), "detailTransaction"},
        {tr("Waits on"), "detailWaitsOn"},
        {tr("pg_locks"), "detailKeyColumns"},
    }};
    const int grid = theme::grid();
    auto* const content = new QWidget;
    m_grid = new QGridLayout;
    m_grid->setHorizontalSpacing(grid);
    m_grid->setVerticalSpacing(0);
    for (std::size_t field = 0; field < FieldCount; ++field) {
        const auto& [name, objectName] = fields[field];
        m_names[field] = safetext::mutedLabel(name);
        m_names[field]->setWordWrap(false);
        m_values[field] = new ElidedLabel;
        m_values[field]->setObjectName(QString::fromLatin1(objectName));
        m_values[field]->setAccessibleName(name);
    }
    m_query = safetext::textView();
    m_query->setObjectName(QStringLiteral("lockQuery"));
    m_query->setAccessibleName(tr("Query"));
    m_query->setMinimumHeight(6 * grid);
    safetext::setToolTip(m_query, lockColumn(LockColumn::Query).toolTip());
    m_query->setPlaceholderText(tr("No statement is known."));

    auto* const layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, grid / 2, 0);
    layout->setSpacing(grid);
    layout->addLayout(m_grid);
    layout->addWidget(m_query, 1);
    arrangeFields();
    return content;
}

/// As many columns as are readable, filled from top to bottom.
void LockDetails::arrangeFields()
{
    const int columns = width() >= 130 * theme::grid() ? 2 : 1;
    if (columns == m_fieldColumns)
        return;
    m_fieldColumns = columns;
    const int rows = (FieldCount + columns - 1) / columns;
    for (int field = 0; field < FieldCount; ++field) {
        const auto at = static_cast<std::size_t>(field);
        m_grid->removeWidget(m_names[at]);
        m_grid->removeWidget(m_values[at]);
        m_grid->addWidget(m_names[at], field % rows, field / rows * 2);
        m_grid->addWidget(m_values[at], field % rows, field / rows * 2 + 1);
    }
    m_grid->setColumnStretch(1, 1);
    m_grid->setColumnStretch(3, columns == 2 ? 1 : 0);
    applyFonts();
}

void LockDetails::show(Field field, const QString& text)
{
    ElidedLabel* const value = m_values[static_cast<std::size_t>(field)];
    value->setText(orDash(cellText(text, fieldLimit)));
    safetext::setToolTip(value, text);
}

void LockDetails::setRow(const LockRow* row, const LockView& view, const QList<CureOffer>& offers, bool current)
{
    if (row == nullptr) {
        m_rowId = 0;
        m_explanation->clear();
        showSituation(view, current);
        m_pages->setCurrentIndex(0);
        return;
    }
    m_rowId = row->rowId;
    const WaitNodeId session = view.snapshot ? nodeOf(row->lock, *view.snapshot) : WaitNodeId{};
    m_explanation->setExplanation(explainLock(*row, view, m_server), session,
                                  row->isGone() ? QList<CureOffer>() : offers);
    m_toBlocker->setVisible(row->isWaiting() && blockerRow(row, view) != nullptr);
    showLockFields(*row, view);
    showBackendFields(*row, view);
    showQuery(row->backend.get());
    m_pages->setCurrentIndex(1);
}

void LockDetails::showLockFields(const LockRow& row, const LockView& view)
{
    const LockTarget& target = row.lock.target;
    show(Key, column(LockColumn::Key, row, view));
    safetext::setToolTip(m_values[Key], lockToolTip(LockColumn::Key, row, view));
    QString meaning = row.meaning;
    if (!meaning.isEmpty() && view.dictionary) {
        const QList<KnownUse> uses = view.dictionary->uses(target, view.databaseNames.value(target.databaseOid));
        if (!uses.isEmpty() && !uses.first().source.isEmpty())
            meaning = tr("%1; source: %2").arg(meaning, uses.first().source);
    }
    show(Meaning, meaning);
    safetext::setToolTip(m_values[Meaning], lockToolTip(LockColumn::Meaning, row, view));
    show(KeyColumns, target.type == LockType::Advisory
                         ? QStringLiteral("advisory %1/%2/%3")
                               .arg(QString::number(target.classid), QString::number(target.objid),
                                    QString::number(target.objsubid))
                         : tr("%1 %2").arg(column(LockColumn::Type, row, view), describe(target)));
    if (target.type == LockType::Advisory)
        safetext::setToolTip(m_values[KeyColumns], tr("locktype and classid/objid/objsubid, as pg_locks shows them"));
    show(Database, column(LockColumn::Database, row, view));
    show(TypeAndMode, column(LockColumn::Mode, row, view));
    show(State, row.isGone() ? tr("gone") : row.lock.granted ? tr("held") : tr("waiting"));
    show(Since, column(LockColumn::Since, row, view));
    // pg_locks.waitstart came with 14.
    constexpr int withWaitStart = 140'000;
    if (m_server && m_server->versionNumber > 0 && m_server->versionNumber < withWaitStart)
        show(WaitStart, tr("not in PostgreSQL %1").arg(m_server->versionNumber / 10'000));
    else if (row.lock.granted)
        show(WaitStart, {});
    else
        show(WaitStart, row.lock.waitStart ? tr("%1 ago").arg(formatAge(view.takenAt - *row.lock.waitStart))
                                           : tr("not told by the server"));
    show(BlockedBy, column(LockColumn::Blockers, row, view));
}

void LockDetails::showBackendFields(const LockRow& row, const LockView& view)
{
    const Backend* const backend = row.backend.get();
    const auto since = [&view](const std::optional<ServerTime>& time) {
        return time ? tr("for %1").arg(formatAge(view.takenAt - *time)) : QString();
    };
    show(Pid, column(LockColumn::Pid, row, view));
    show(Application, column(LockColumn::Application, row, view));
    show(User, column(LockColumn::User, row, view));
    show(Address, column(LockColumn::Address, row, view));
    QStringList doing{column(LockColumn::BackendState, row, view)};
    if (backend != nullptr && backend->stateChange && !backend->restricted)
        doing.append(since(backend->stateChange));
    show(Doing, doing.join(QLatin1Char(' ')));
    show(Transaction, backend == nullptr || backend->restricted ? tr("unknown")
                      : backend->transactionStart               ? tr("open %1").arg(since(backend->transactionStart))
                                                                : tr("none open"));
    show(WaitsOn, backend != nullptr && !backend->waitEventType.isEmpty()
                      ? QStringLiteral("%1: %2").arg(backend->waitEventType, backend->waitEvent)
                      : QString());
}

void LockDetails::showQuery(const Backend* backend)
{
    // Setting the same text again would lose what the person has selected in it.
    const QString query = backend == nullptr    ? QString()
                          : backend->restricted ? tr("Not visible to this role. A role with pg_read_all_stats sees it.")
                                                : paragraphText(backend->query, queryLimit);
    if (query != m_shownQuery) {
        m_shownQuery = query;
        m_query->setPlainText(query);
    }
}

QString LockDetails::text() const
{
    if (m_rowId == 0)
        return {};
    QStringList lines{m_explanation->text(), QString()};
    for (std::size_t field = 0; field < FieldCount; ++field)
        lines.append(QStringLiteral("%1: %2").arg(m_names[field]->text(), m_values[field]->text()));
    if (!m_shownQuery.isEmpty())
        lines << QString() << m_shownQuery;
    return lines.join(QLatin1Char('\n'));
}

QSize LockDetails::sizeHint() const
{
    return {QWidget::sizeHint().width(), 13 * QFontMetrics(font()).lineSpacing() + 2 * theme::grid()};
}

void LockDetails::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrangeFields();
}

void LockDetails::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange && m_query != nullptr)
        applyFonts();
}

void LockDetails::applyFonts()
{
    m_situation->setFont(theme::strongFont());
    const QFont monospace = theme::monospace();
    for (const Field field : {Key, Since, WaitStart, Pid, BlockedBy, KeyColumns})
        m_values[static_cast<std::size_t>(field)]->setFont(monospace);
    m_query->setFont(monospace);
    // Labels in a page that was not shown yet keep the height of the font before, which clips the legs of letters.
    const int line = std::max(QFontMetrics(font()).height(), QFontMetrics(monospace).height());
    const int rows = (FieldCount + m_fieldColumns - 1) / std::max(m_fieldColumns, 1);
    for (int row = 0; row < m_grid->rowCount(); ++row)
        m_grid->setRowMinimumHeight(row, row < rows ? line : 0);
    // Some lines and the buttons below them: less would tell nothing.
    setMinimumHeight(7 * QFontMetrics(font()).lineSpacing() + 2 * theme::grid());
}

} // namespace lockscope
