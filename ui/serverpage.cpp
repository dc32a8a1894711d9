#include "ui/serverpage.h"

#include "models/domain/displaytext.h"
#include "ui/conflictmatrix.h"
#include "ui/emptystate.h"
#include "ui/icons.h"
#include "ui/panelscroll.h"
#include "ui/safetext.h"
#include "ui/serverrights.h"
#include "ui/serversettings.h"
#include "ui/tonelabel.h"

#include <QApplication>
#include <QClipboard>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QStackedLayout>
#include <QVBoxLayout>

namespace lockscope {

namespace {

/// What one entry of the lock table takes of shared memory, roughly: a LOCK and a PROCLOCK with their hash elements.
constexpr qint64 bytesOfOneLock = 168 + 80;
constexpr int nearlyFullPercent = 80; ///< as the diagnosis says it

} // namespace

class ServerPage::Parts
{
public:
    explicit Parts(ServerPage* page);

    void showFigures();
    void applyFonts();
    void applyGaugeColor();
    [[nodiscard]] QString useText() const;

    ServerPage* q;
    std::optional<ServerReport> report;
    std::optional<ServerInfo> server;
    LinkState link;

    QStackedLayout* stack;
    EmptyState* empty;
    QLabel* title;
    QList<QLabel*> headings;
    QLabel* facts;
    ToneLabel* trouble;
    QProgressBar* gauge;
    QLabel* use;
    ServerRights* rights;
    ServerSettings* settings;
    ConflictMatrix* matrix;
    QLabel* modeSentence;
    PanelScroll* scroll;
};

ServerPage::Parts::Parts(ServerPage* page)
    : q(page)
    , stack(new QStackedLayout)
    , empty(new EmptyState)
    , title(safetext::label())
    , facts(safetext::mutedLabel())
    , trouble(new ToneLabel)
    , gauge(new QProgressBar)
    , use(safetext::wrappingLabel())
    , rights(new ServerRights)
    , settings(new ServerSettings)
    , matrix(new ConflictMatrix)
    , modeSentence(safetext::mutedLabel())
{
    const int grid = theme::grid();
    empty->setObjectName(QStringLiteral("serverEmptyState"));
    empty->setPicture(IconName::Server);
    title->setObjectName(QStringLiteral("serverTitle"));
    facts->setObjectName(QStringLiteral("serverFacts"));
    trouble->setObjectName(QStringLiteral("serverTrouble"));
    trouble->setWordWrap(true);
    trouble->setTone(Tone::Error);
    trouble->hide();
    gauge->setObjectName(QStringLiteral("lockTableGauge"));
    gauge->setAccessibleName(tr("Lock table in use"));
    gauge->setTextVisible(false);
    gauge->setFixedHeight(grid);
    use->setObjectName(QStringLiteral("lockTableUse"));
    modeSentence->setObjectName(QStringLiteral("modeSentence"));
    modeSentence->setText(matrix->sentence());
    modeSentence->setMinimumHeight(3 * modeSentence->fontMetrics().lineSpacing());
    modeSentence->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    QObject::connect(matrix, &ConflictMatrix::modeChosen, q, [this] { modeSentence->setText(matrix->sentence()); });

    const auto heading = [this](const QString& text) {
        headings.append(safetext::label(text));
        return headings.last();
    };
    auto* const refresh = new QPushButton(icon(IconName::Refresh), tr("Read Again"));
    refresh->setObjectName(QStringLiteral("serverRefreshButton"));
    refresh->setAutoDefault(false);
    safetext::setToolTip(refresh, tr("Ask the server for these figures and settings once more"));
    QObject::connect(refresh, &QPushButton::clicked, q, &ServerPage::refreshRequested);
    auto* const copy = new QPushButton(icon(IconName::Copy), tr("Copy"));
    copy->setObjectName(QStringLiteral("serverCopyButton"));
    copy->setAutoDefault(false);
    safetext::setToolTip(copy, tr("Copy everything on this page as text"));
    QObject::connect(copy, &QPushButton::clicked, q, [this] { Q_EMIT q->copyRequested(q->text()); });
    QObject::connect(rights, &ServerRights::copyRequested, q, &ServerPage::copyRequested);

    auto* const names = new QVBoxLayout;
    names->setSpacing(grid / 4);
    names->addWidget(title);
    names->addWidget(facts);
    auto* const head = new QHBoxLayout;
    head->addLayout(names, 1);
    head->addWidget(refresh, 0, Qt::AlignTop);
    head->addWidget(copy, 0, Qt::AlignTop);

    auto* const left = new QVBoxLayout;
    left->setSpacing(grid);
    left->addWidget(heading(tr("Lock Table")));
    left->addWidget(gauge);
    left->addWidget(use);
    left->addSpacing(2 * grid);
    left->addWidget(heading(tr("What This Role Sees and May Do")));
    left->addWidget(rights);
    left->addStretch(1);
    auto* const right = new QVBoxLayout;
    right->setSpacing(grid);
    right->addWidget(heading(tr("Which Modes Conflict")));
    right->addWidget(matrix);
    right->addWidget(modeSentence);
    right->addStretch(1);
    auto* const columns = new QHBoxLayout;
    columns->setSpacing(5 * grid);
    columns->addLayout(left, 1);
    columns->addLayout(right, 0);

    auto* const content = new QWidget;
    auto* const layout = new QVBoxLayout(content);
    layout->setContentsMargins(2 * grid, 2 * grid, 2 * grid, 2 * grid);
    layout->setSpacing(2 * grid);
    layout->addLayout(head);
    layout->addWidget(trouble);
    layout->addLayout(columns);
    layout->addWidget(heading(tr("Settings That Decide How Long a Lock Lives")));
    layout->addWidget(settings);
    layout->addStretch(1);
    scroll = new PanelScroll(content, nullptr);
    stack->addWidget(empty);
    scroll->setFocusPolicy(Qt::StrongFocus); // so that the keyboard can scroll
    scroll->setAccessibleName(tr("Server"));
    q->setFocusProxy(scroll);
    stack->addWidget(scroll);
}

/// What is known of the room in the table: what it was made for, and what it may still grow into.
QString ServerPage::Parts::useText() const
{
    const LockTableUse& table = report->lockTable;
    if (table.nominal <= 0)
        return tr("%1 entries are taken.").arg(table.used);
    QString text = tr("%1 of %2 entries are taken (%3 %).")
                       .arg(QString::number(table.used), QString::number(table.nominal),
                            QString::number(table.used * 100 / table.nominal));
    const bool full = table.used >= table.nominal;
    if (full && table.spareBytes)
        text +=
            u' ' +
            tr("The table is full and has grown into spare shared memory: %1 kB are left, for about %2 more.")
                .arg(QString::number(*table.spareBytes / 1024), QString::number(*table.spareBytes / bytesOfOneLock));
    else if (full)
        text += u' ' + tr("The table is full and has grown into spare shared memory; how much is left, this role or "
                          "version cannot tell.");
    else if (table.spareBytes)
        text += u' ' + tr("Once they are full, shared memory that nobody has taken yet, %1 kB, holds about %2 more.")
                           .arg(QString::number(*table.spareBytes / 1024),
                                QString::number(*table.spareBytes / bytesOfOneLock));
    else
        text +=
            u' ' + tr("Once they are full the table may grow a little further; how far, this role or version cannot "
                      "tell.");
    text += u' ' + tr("After that no session of the whole cluster gets a new lock, and new logins may fail too.");
    if (table.fastPath > 0)
        text += u' ' + tr("%1 weak table locks need no entry.").arg(table.fastPath);
    return text;
}

void ServerPage::Parts::showFigures()
{
    const ServerReport& now = *report;
    QStringList figures{
        tr("%1 of %2 connections").arg(QString::number(now.backends), QString::number(now.maxConnections)),
        now.preparedTransactions == 1 ? tr("1 prepared transaction")
                                      : tr("%1 prepared transactions").arg(now.preparedTransactions)};
    if (now.oldestXminAge)
        figures.append(tr("oldest snapshot %1 transactions back").arg(*now.oldestXminAge));
    facts->setText(figures.join(tr(", ")));
    const qint64 percent = now.lockTable.nominal > 0 ? now.lockTable.used * 100 / now.lockTable.nominal : 0;
    gauge->setRange(0, 100);
    gauge->setValue(static_cast<int>(std::min<qint64>(percent, 100)));
    applyGaugeColor();
    use->setText(useText());
    rights->setAdvice(rightsAdvice(now));
    settings->setSettings(now.settings, now.server);
}

ServerPage::ServerPage(QWidget* parent)
    : QWidget(parent)
    , m_parts(std::make_unique<Parts>(this))
{
    setObjectName(QStringLiteral("serverPage"));
    setLayout(m_parts->stack);
    m_parts->applyFonts();
    setServer(std::nullopt, {});
}

ServerPage::~ServerPage() = default;

void ServerPage::Parts::applyFonts()
{
    title->setFont(theme::titleFont());
    for (QLabel* const label : std::as_const(headings))
        label->setFont(theme::strongFont());
}

void ServerPage::Parts::applyGaugeColor()
{
    const QPalette base = QApplication::palette();
    QPalette own = base;
    if (gauge->value() >= nearlyFullPercent)
        own.setColor(QPalette::Highlight, theme::color(Tone::Blocker, base));
    gauge->setPalette(own);
}

void ServerPage::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_parts)
        m_parts->applyGaugeColor();
    if (event->type() == QEvent::FontChange && m_parts)
        m_parts->applyFonts();
}

void ServerPage::setReport(const std::optional<ServerReport>& report)
{
    m_parts->report = report;
    m_parts->trouble->hide();
    if (report)
        m_parts->showFigures();
    m_parts->stack->setCurrentIndex(report ? 1 : 0);
}

void ServerPage::setTrouble(const std::optional<Error>& error)
{
    m_parts->trouble->setVisible(error.has_value());
    if (!error)
        return;
    m_parts->trouble->setText(tr("Not read again: %1").arg(paragraphText(error->what, 300)));
    if (!m_parts->report)
        m_parts->empty->setText(paragraphText(error->what, 300));
}

void ServerPage::setServer(const std::optional<ServerInfo>& server, const QString& title)
{
    if (!server || !m_parts->server || !server->isSameServer(*m_parts->server))
        setReport(std::nullopt);
    m_parts->server = server;
    if (!server) {
        m_parts->empty->setTitle(tr("No Server"));
        m_parts->empty->setText(tr("Once a server answers, its settings, the room in its lock table and the rights of "
                                   "your role are shown here."));
        return;
    }
    m_parts->empty->setTitle(tr("Reading"));
    m_parts->empty->setText(tr("Waiting for the server's answer."));
    QString kind = server->isStandby ? tr("standby") : tr("primary");
    if (server->behindPooler())
        kind = tr("%1, through a pooler").arg(kind);
    m_parts->title->setText(
        tr("%1: PostgreSQL %2, %3, as %4")
            .arg(cellText(title, 60), cellText(server->version, 40), kind, cellText(server->role, 60)));
}

void ServerPage::setLink(const LinkState& link)
{
    m_parts->link = link;
    m_parts->scroll->setEnabled(true);
    if (link.phase == LinkPhase::Closed)
        setServer(std::nullopt, {});
}

void ServerPage::showMode(LockMode mode)
{
    m_parts->matrix->setMode(mode);
    m_parts->modeSentence->setText(m_parts->matrix->sentence());
    m_parts->scroll->ensureWidgetVisible(m_parts->matrix);
    if (mode != LockMode::Unknown)
        m_parts->matrix->setFocus();
}

QString ServerPage::text() const
{
    if (!m_parts->report)
        return m_parts->empty->text();
    return QStringList{m_parts->title->text(), m_parts->facts->text(), m_parts->use->text(), m_parts->rights->text(),
                       m_parts->settings->text()}
               .join(u'\n') +
           u'\n';
}

} // namespace lockscope
