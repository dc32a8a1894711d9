#include "ui/lockdetails.h"

#include "models/domain/displaytext.h"
#include "models/lockcolumns.h"
#include "ui/elidedlabel.h"
#include "ui/icons.h"
#include "ui/locksentence.h"
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
    auto* const hint = safetext::mutedLabel(tr("Select a lock to see who holds it, who waits, and what it is doing."));
    hint->setObjectName(QStringLiteral("lockDetailsEmpty"));
    m_toRoot = makeBlockerButton(QStringLiteral("goToRootButton"));

    auto* const top = new QHBoxLayout;
    top->addWidget(m_situation, 1);
    top->addWidget(m_toRoot, 0, Qt::AlignTop);
    auto* const page = new QWidget;
    auto* const layout = new QVBoxLayout(page);
    layout->setContentsMargins(grid + grid / 2, grid / 2, grid + grid / 2, grid / 2);
    layout->setSpacing(grid / 2);
    layout->addLayout(top);
    layout->addWidget(m_situationText);
    layout->addWidget(hint);
    layout->addStretch(1);
    return page;
}

void LockDetails::showSituation(const LockView& view, bool current)
{
    const Situation now = situation(view);
    m_situation->setText(current ? now.title : tr("When last read: %1").arg(now.title));
    m_situationText->setText(now.text);
    m_situationText->setVisible(!now.text.isEmpty());
    m_toRoot->setVisible(blockerRow(nullptr, view) != nullptr);
}

QWidget* LockDetails::makeContent()
{
    const int grid = theme::grid();
    m_sentence = safetext::wrappingLabel();
    m_sentence->setObjectName(QStringLiteral("lockSentence"));
    m_sentence->setAccessibleName(tr("What this lock means"));
    m_copy = new QToolButton;
    m_copy->setObjectName(QStringLiteral("copyDetailsButton"));
    m_copy->setIcon(icon(IconName::Copy));
    m_copy->setAccessibleName(tr("Copy the details"));
    m_copy->setAutoRaise(true);
    safetext::setToolTip(m_copy, tr("Copy the sentence, all fields and the query"));
    connect(m_copy, &QToolButton::clicked, this, [this] { Q_EMIT copyRequested(text()); });

    m_toBlocker = makeBlockerButton(QStringLiteral("goToBlockerButton"));

    const std::array<std::pair<QString, const char*>, FieldCount> fields{{
        {tr("Key"), "detailKey"},
        {tr("pg_locks"), "detailKeyColumns"},
        {tr("Database"), "detailDatabase"},
        {tr("Mode"), "detailTypeAndMode"},
        {tr("State"), "detailState"},
        {tr("Since"), "detailSince"},
        {tr("PID"), "detailPid"},
        {tr("Application"), "detailApplication"},
        {tr("User"), "detailUser"},
        {tr("Address"), "detailAddress"},
        {tr("Backend state"), "detailDoing"},
        {tr("Transaction"), "detailTransaction"},
        {tr("Waits on"), "detailWaitsOn"},
        {tr("Blocked by"), "detailBlockedBy"},
    }};
    auto* const pairs = new QGridLayout;
    pairs->setHorizontalSpacing(grid);
    pairs->setVerticalSpacing(0);
    pairs->setContentsMargins(0, 0, 0, 0);
    constexpr int rows = (FieldCount + 2) / 3;
    for (int field = 0; field < FieldCount; ++field) {
        const auto& [name, objectName] = fields[static_cast<std::size_t>(field)];
        auto* const label = safetext::mutedLabel(name);
        label->setWordWrap(false);
        auto* const value = new ElidedLabel;
        value->setObjectName(QString::fromLatin1(objectName));
        value->setAccessibleName(name);
        const int side = field / rows * 2;
        pairs->addWidget(label, field % rows, side);
        pairs->addWidget(value, field % rows, side + 1);
        m_names[static_cast<std::size_t>(field)] = label;
        m_values[static_cast<std::size_t>(field)] = value;
    }
    pairs->setColumnStretch(1, 4);
    pairs->setColumnStretch(3, 4);
    pairs->setColumnStretch(5, 5);
    pairs->setRowStretch(rows, 1);

    m_query = safetext::textView();
    m_query->setObjectName(QStringLiteral("lockQuery"));
    m_query->setAccessibleName(tr("Query"));
    safetext::setToolTip(m_query, lockColumn(LockColumn::Query).toolTip());
    m_query->setPlaceholderText(tr("No statement is known."));

    auto* const top = new QHBoxLayout;
    top->addWidget(m_sentence, 1);
    top->addWidget(m_toBlocker, 0, Qt::AlignTop);
    top->addWidget(m_copy, 0, Qt::AlignTop);
    auto* const body = new QHBoxLayout;
    body->setSpacing(2 * grid);
    body->addLayout(pairs, 7);
    body->addWidget(m_query, 3);
    auto* const content = new QWidget;
    auto* const layout = new QVBoxLayout(content);
    layout->setContentsMargins(grid + grid / 2, grid / 2, grid + grid / 2, grid / 2);
    layout->setSpacing(grid / 2);
    layout->addLayout(top);
    layout->addLayout(body, 1);
    return content;
}

void LockDetails::setRow(const LockRow* row, const LockView& view, bool current)
{
    if (row == nullptr) {
        m_rowId = 0;
        showSituation(view, current);
        m_pages->setCurrentIndex(0);
        return;
    }
    m_rowId = row->rowId;
    m_sentence->setText(lockSentence(*row, view));
    m_toBlocker->setVisible(row->isWaiting() && blockerRow(row, view) != nullptr);

    const Backend* const backend = row->backend.get();
    const auto since = [&view](const std::optional<ServerTime>& time) {
        return time ? tr("for %1").arg(formatAge(view.takenAt - *time)) : QString();
    };
    const auto show = [this](Field field, const QString& text) {
        m_values[static_cast<std::size_t>(field)]->setText(orDash(cellText(text, fieldLimit)));
        safetext::setToolTip(m_values[static_cast<std::size_t>(field)], text);
    };
    const LockTarget& target = row->lock.target;
    show(Key, column(LockColumn::Key, *row, view));
    show(KeyColumns, target.type == LockType::Advisory
                         ? QStringLiteral("advisory %1/%2/%3")
                               .arg(QString::number(target.classid), QString::number(target.objid),
                                    QString::number(target.objsubid))
                         : column(LockColumn::Type, *row, view));
    if (target.type == LockType::Advisory)
        safetext::setToolTip(m_values[KeyColumns], tr("locktype and classid/objid/objsubid, as pg_locks shows them"));
    show(Database, column(LockColumn::Database, *row, view));
    show(TypeAndMode, column(LockColumn::Mode, *row, view));
    show(State, row->isGone() ? tr("gone") : row->lock.granted ? tr("held") : tr("waiting"));
    show(Since, column(LockColumn::Since, *row, view));
    show(Pid, column(LockColumn::Pid, *row, view));
    show(Application, column(LockColumn::Application, *row, view));
    show(User, column(LockColumn::User, *row, view));
    show(Address, column(LockColumn::Address, *row, view));
    QStringList doing{column(LockColumn::BackendState, *row, view)};
    if (backend != nullptr && backend->stateChange && !backend->restricted)
        doing.append(since(backend->stateChange));
    show(Doing, doing.join(QLatin1Char(' ')));
    show(Transaction,
         backend != nullptr && !backend->restricted
             ? (backend->transactionStart ? tr("open %1").arg(since(backend->transactionStart)) : tr("none open"))
             : tr("unknown"));
    show(WaitsOn, backend != nullptr && !backend->waitEventType.isEmpty()
                      ? QStringLiteral("%1: %2").arg(backend->waitEventType, backend->waitEvent)
                      : QString());
    show(BlockedBy, column(LockColumn::Blockers, *row, view));

    // Setting the same text again would lose what the person has selected in it.
    const QString query = backend == nullptr    ? QString()
                          : backend->restricted ? tr("Not visible to this role. A role with pg_read_all_stats sees it.")
                                                : paragraphText(backend->query, queryLimit);
    if (query != m_shownQuery) {
        m_shownQuery = query;
        m_query->setPlainText(query);
    }
    m_pages->setCurrentIndex(1);
}

QString LockDetails::text() const
{
    if (m_rowId == 0)
        return {};
    QStringList lines{m_sentence->text(), QString()};
    for (std::size_t field = 0; field < FieldCount; ++field)
        lines.append(QStringLiteral("%1: %2").arg(m_names[field]->text(), m_values[field]->text()));
    if (!m_shownQuery.isEmpty())
        lines << QString() << m_shownQuery;
    return lines.join(QLatin1Char('\n'));
}

void LockDetails::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    // In a narrow place the fields matter more: the query can be shown as a column and is copied in any case.
    m_query->setVisible(width() >= 80 * theme::grid());
}

void LockDetails::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange && m_query != nullptr)
        applyFonts();
}

void LockDetails::applyFonts()
{
    m_sentence->setFont(theme::strongFont());
    m_situation->setFont(theme::strongFont());
    const QFont monospace = theme::monospace();
    for (const Field field : {Key, Since, Pid, BlockedBy, KeyColumns})
        m_values[static_cast<std::size_t>(field)]->setFont(monospace);
    m_query->setFont(monospace);
    // A sentence of two lines and all fields: less would cut the last of them.
    setMinimumHeight(7 * QFontMetrics(font()).lineSpacing() + 2 * theme::grid());
}

} // namespace lockscope
