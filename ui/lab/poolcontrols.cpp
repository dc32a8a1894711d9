#include "ui/lab/poolcontrols.h"

#include "models/domain/displaytext.h"
#include "ui/icons.h"
#include "ui/keyedit.h"
#include "ui/lab/keptfont.h"
#include "ui/lab/pooltext.h"
#include "ui/safetext.h"
#include "ui/theme.h"
#include "ui/tightbutton.h"
#include "ui/tonelabel.h"

#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QSpinBox>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <array>

namespace lockscope {

namespace {

constexpr int direct = -1;

enum ResetQuery
{
    DiscardAll,
    DiscardAllAlways,
    NoReset
};

QLabel* heading(const QString& text)
{
    QLabel* label = safetext::label(text);
    keepFont(label, KeptFont::Strong);
    return label;
}

void addRow(QGridLayout* grid, const QString& text, QWidget* field)
{
    QLabel* label = safetext::label(text);
    label->setBuddy(field);
    const int row = grid->rowCount();
    grid->addWidget(label, row, 0);
    grid->addWidget(field, row, 1);
}

ToneLabel* remark(const QString& objectName)
{
    auto* label = new ToneLabel;
    label->setObjectName(objectName);
    label->setMuted();
    label->setWordWrap(true);
    return label;
}

QComboBox* box(const QString& objectName, const QString& name)
{
    auto* combo = new QComboBox;
    combo->setObjectName(objectName);
    combo->setAccessibleName(name);
    combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    combo->setMinimumContentsLength(10);
    combo->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    return combo;
}

} // namespace

PoolControls::PoolControls(QWidget* parent)
    : QWidget(parent)
    , m_size(new QSpinBox)
    , m_order(box(QStringLiteral("poolOrderBox"), tr("Checkout order")))
    , m_form(box(QStringLiteral("poolFormBox"), tr("Form of the lock service")))
    , m_formRemark(remark(QStringLiteral("poolFormRemark")))
    , m_endpoint(box(QStringLiteral("poolEndpointBox"), tr("Endpoint")))
    , m_endpointRemark(remark(QStringLiteral("poolEndpointRemark")))
    , m_serverConnections(new QSpinBox)
    , m_resetQuery(box(QStringLiteral("poolResetQueryBox"), tr("Reset query of PgBouncer")))
    , m_open(new TightButton(tr("Open Pool")))
    , m_close(new TightButton(tr("Close Pool")))
    , m_openRemark(remark(QStringLiteral("poolOpenRemark")))
    , m_key(new KeyEdit(QStringLiteral("pool")))
    , m_requestRemark(remark(QStringLiteral("poolRequestRemark")))
{
    const int grid = theme::grid();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid * 3 / 2, grid * 3 / 2, grid * 3 / 2, grid * 3 / 2);
    layout->setSpacing(grid / 2);
    makePoolPart(layout);
    layout->addSpacing(grid);
    makeRequestPart(layout);
    layout->addStretch(1);
    m_key->setKey(LockKey::bigint(7)); // each page of the lab its own: what one leaves taken must not refuse the others
    refresh();
}

void PoolControls::makePoolPart(QVBoxLayout* layout)
{
    layout->addWidget(heading(tr("Pool")));
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(theme::grid());
    grid->setVerticalSpacing(theme::grid() / 2);
    grid->setColumnStretch(1, 1);

    m_size->setObjectName(QStringLiteral("poolSizeBox"));
    m_size->setAccessibleName(tr("Connections in the pool"));
    m_size->setRange(smallestPool, largestPool);
    m_size->setValue(PoolSpec().size);
    safetext::setToolTip(m_size, tr("%1 to %2 real connections").arg(smallestPool).arg(largestPool));
    addRow(grid, tr("&Size"), m_size);
    for (const auto order :
         {CheckoutOrder::Random, CheckoutOrder::RoundRobin, CheckoutOrder::Fifo, CheckoutOrder::Lifo}) {
        m_order->addItem(pooltext::title(order), static_cast<int>(order));
        m_order->setItemData(m_order->count() - 1, plainTooltip(pooltext::explain(order)), Qt::ToolTipRole);
    }
    addRow(grid, tr("&Checkout"), m_order);
    for (const auto form : {LockServiceForm::Naive, LockServiceForm::Dedicated,
                            LockServiceForm::DedicatedWithoutFinally, LockServiceForm::TransactionLevel})
        m_form->addItem(pooltext::title(form), static_cast<int>(form));
    addRow(grid, tr("Ser&vice"), m_form);
    grid->addWidget(m_formRemark, grid->rowCount(), 0, 1, 2);
    makeEndpointPart(grid);
    layout->addLayout(grid);

    m_open->setObjectName(QStringLiteral("poolOpenButton"));
    m_open->setAccessibleName(tr("Open the pool"));
    m_close->setObjectName(QStringLiteral("poolCloseButton"));
    m_close->setAccessibleName(tr("Close the pool"));
    safetext::setToolTip(m_close, tr("Closes its connections: the server frees all they hold."));
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(theme::grid() / 2);
    buttons->addWidget(m_open, 1);
    buttons->addWidget(m_close, 1);
    layout->addSpacing(theme::grid() / 2);
    layout->addLayout(buttons);
    layout->addWidget(m_openRemark);

    connect(m_size, &QSpinBox::valueChanged, this, &PoolControls::specChanged);
    for (QComboBox* combo : {m_order, m_form, m_endpoint, m_resetQuery}) {
        connect(combo, &QComboBox::currentIndexChanged, this, [this, combo] {
            if (combo == m_form || combo == m_endpoint) // a narrow box cuts the long names
                safetext::setToolTip(combo, combo->currentText());
            refresh();
            Q_EMIT specChanged();
        });
    }
    connect(m_open, &QPushButton::clicked, this, &PoolControls::openRequested);
    connect(m_close, &QPushButton::clicked, this, &PoolControls::closeRequested);
}

void PoolControls::makeEndpointPart(QGridLayout* grid)
{
    m_endpoint->addItem(tr("Direct"), direct);
    m_endpoint->addItem(tr("PgBouncer, session mode"), static_cast<int>(PoolerMode::Session));
    m_endpoint->addItem(tr("PgBouncer, transaction mode"), static_cast<int>(PoolerMode::Transaction));
    m_endpoint->addItem(tr("PgBouncer, statement mode"), static_cast<int>(PoolerMode::Statement));
    safetext::setToolTip(m_endpoint, tr("Straight to the server, or through a private PgBouncer of the lab."));
    addRow(grid, tr("&Endpoint"), m_endpoint);
    grid->addWidget(m_endpointRemark, grid->rowCount(), 0, 1, 2);

    m_serverConnections->setObjectName(QStringLiteral("poolServerConnectionsBox"));
    m_serverConnections->setAccessibleName(tr("Server connections of PgBouncer"));
    m_serverConnections->setRange(smallestPool, largestPool);
    m_serverConnections->setValue(PoolerSpec().poolSize);
    safetext::setToolTip(m_serverConnections, tr("default_pool_size: how many connections PgBouncer has to the server. "
                                                 "In session mode each client keeps one."));
    addRow(grid, tr("Bac&kends"), m_serverConnections);
    m_resetQuery->addItem(tr("DISCARD ALL"), DiscardAll);
    m_resetQuery->addItem(tr("DISCARD ALL, always"), DiscardAllAlways);
    m_resetQuery->addItem(tr("None"), NoReset);
    safetext::setToolTip(m_resetQuery,
                         tr("server_reset_query: what PgBouncer runs before a connection goes to the next "
                            "client. Without server_reset_query_always only in session mode."));
    addRow(grid, tr("Rese&t query"), m_resetQuery);
    for (QWidget* widget : {static_cast<QWidget*>(m_serverConnections), static_cast<QWidget*>(m_resetQuery)}) {
        m_poolerWidgets.append(widget);
        m_poolerWidgets.append(grid->itemAtPosition(grid->rowCount() - (widget == m_resetQuery ? 1 : 2), 0)->widget());
    }
}

QPushButton* PoolControls::makeButton(const QString& objectName, const QString& text, const QString& toolTip)
{
    auto* button = new TightButton(text);
    button->setObjectName(objectName);
    button->setAccessibleName(text);
    safetext::setToolTip(button, toolTip);
    return button;
}

void PoolControls::makeRequestPart(QVBoxLayout* layout)
{
    layout->addWidget(heading(tr("Requests")));
    layout->addWidget(m_key);
    layout->addWidget(m_requestRemark);
    m_acquire = makeButton(QStringLiteral("poolAcquireButton"), tr("Acquire"),
                           tr("A new request asks the lock service for the key: pg_try_advisory_lock."));
    m_release = makeButton(QStringLiteral("poolReleaseButton"), tr("Release"),
                           tr("The request that was granted a key last gives it back: pg_advisory_unlock."));
    m_two = makeButton(QStringLiteral("poolTwoButton"), tr("Two at Once"),
                       tr("Two requests of this process ask for the same key at the same time. A map of keys lets one "
                          "through; without one both are sent."));
    m_releaseFailing = makeButton(QStringLiteral("poolReleaseFailingButton"), tr("Failing Release"),
                                  tr("The unlock fails, as when the network hiccups. Shows what finally is for."));
    m_runTen = makeButton(QStringLiteral("poolRunTenButton"), tr("Run 10"),
                          tr("10 requests one after the other, each an acquire and, if it got the key, a release."));
    m_runHundred =
        makeButton(QStringLiteral("poolRunHundredButton"), tr("Run 100"),
                   tr("100 requests one after the other, each an acquire and, if it got the key, a release."));
    m_stopRun = makeButton(QStringLiteral("poolStopRunButton"), tr("Stop"), tr("No further requests"));
    m_unlockEverything = makeButton(QStringLiteral("poolUnlockEverythingButton"), tr("Unlock Everything"),
                                    tr("pg_advisory_unlock_all on every connection, and an empty map."));
    const std::array<QList<QWidget*>, 4> rows{
        {{m_acquire, m_release}, {m_two, m_releaseFailing}, {m_runTen, m_runHundred, m_stopRun}, {m_unlockEverything}}};
    for (const auto& buttons : rows) {
        auto* row = new QHBoxLayout;
        row->setSpacing(theme::grid() / 2);
        for (QWidget* button : buttons)
            row->addWidget(button, 1);
        layout->addLayout(row);
    }

    connect(m_key, &KeyEdit::keyChanged, this, &PoolControls::refreshRequests);
    connect(m_key, &KeyEdit::submitted, m_acquire, &QPushButton::click);
    connect(m_acquire, &QPushButton::clicked, this, [this] {
        if (const auto value = key())
            m_key->remember(KeyInput(*value));
        Q_EMIT acquireRequested();
    });
    connect(m_two, &QPushButton::clicked, this, &PoolControls::twoRequested);
    connect(m_release, &QPushButton::clicked, this, [this] { Q_EMIT releaseRequested(false); });
    connect(m_releaseFailing, &QPushButton::clicked, this, [this] { Q_EMIT releaseRequested(true); });
    connect(m_runTen, &QPushButton::clicked, this, [this] { Q_EMIT runRequested(10); });
    connect(m_runHundred, &QPushButton::clicked, this, [this] { Q_EMIT runRequested(100); });
    connect(m_stopRun, &QPushButton::clicked, this, &PoolControls::stopRunRequested);
    connect(m_unlockEverything, &QPushButton::clicked, this, &PoolControls::unlockEverythingRequested);
}

void PoolControls::setServer(const LabServer& server)
{
    m_server = server;
    refresh();
}

void PoolControls::setState(const std::optional<PoolState>& state)
{
    m_state = state;
    refresh();
}

void PoolControls::setBusy(bool busy)
{
    m_busy = busy;
    refresh();
}

void PoolControls::setRunning(bool running, int done, int rounds)
{
    m_running = running;
    m_runText =
        running ? tr("%1 of %2 requests are done.").arg(QString::number(done), QString::number(rounds)) : QString();
    refreshRequests();
}

void PoolControls::setNextRequest(int number, const QString& releaser)
{
    m_nextRequest = number;
    m_releaser = releaser;
    refreshRequests();
}

PoolSpec PoolControls::spec() const
{
    PoolSpec spec;
    spec.size = m_size->value();
    spec.order = static_cast<CheckoutOrder>(m_order->currentData().toInt());
    spec.form = static_cast<LockServiceForm>(m_form->currentData().toInt());
    return spec;
}

std::optional<PoolerSpec> PoolControls::pooler() const
{
    if (m_endpoint->currentData().toInt() == direct)
        return {};
    PoolerSpec pooler;
    pooler.mode = static_cast<PoolerMode>(m_endpoint->currentData().toInt());
    pooler.poolSize = m_serverConnections->value();
    const int reset = m_resetQuery->currentData().toInt();
    if (reset == NoReset)
        pooler.resetQuery.clear();
    pooler.resetAlways = reset == DiscardAllAlways;
    return pooler;
}

std::optional<LockKey> PoolControls::key() const
{
    const auto input = m_key->key();
    if (!input || !std::holds_alternative<LockKey>(*input))
        return {};
    return std::get<LockKey>(*input);
}

void PoolControls::refresh()
{
    using Phase = PoolState::Phase;
    const bool open = m_state && (m_state->phase == Phase::Opening || m_state->phase == Phase::Ready);
    const bool editable = !open && !m_busy;
    for (QWidget* widget : {static_cast<QWidget*>(m_size), static_cast<QWidget*>(m_order),
                            static_cast<QWidget*>(m_form), static_cast<QWidget*>(m_endpoint)})
        widget->setEnabled(editable);
    m_formRemark->setText(pooltext::explain(spec().form));
    refreshEndpoint();
    for (QWidget* widget : std::as_const(m_poolerWidgets)) {
        widget->setVisible(pooler().has_value());
        widget->setEnabled(editable || qobject_cast<QLabel*>(widget) != nullptr);
    }

    const bool poolerMissing = pooler() && !m_server.poolerProblem.isEmpty();
    m_open->setEnabled(editable && m_server.connected && m_server.problem.isEmpty() && !poolerMissing);
    m_close->setEnabled(open || m_busy);
    m_openRemark->setText(!editable ? QString() : paragraphText(m_server.problem, 1000));
    m_openRemark->setTone(Tone::Waiting);
    m_openRemark->setVisible(!m_openRemark->text().isEmpty());
    refreshRequests();
}

void PoolControls::refreshEndpoint()
{
    auto* items = qobject_cast<QStandardItemModel*>(m_endpoint->model());
    const bool possible = m_server.poolerProblem.isEmpty();
    for (int row = 1; items != nullptr && row < items->rowCount(); ++row)
        items->item(row)->setEnabled(possible);
    if (!possible && m_endpoint->currentIndex() > 0 && m_endpoint->isEnabled())
        m_endpoint->setCurrentIndex(0);
    m_endpointRemark->setText(m_server.connected && !possible
                                  ? tr("PgBouncer: %1").arg(paragraphText(m_server.poolerProblem, 500))
                              : m_server.behindPooler ? tr("This server is reached through a pooler already.")
                                                      : QString());
    m_endpointRemark->setVisible(!m_endpointRemark->text().isEmpty());
}

void PoolControls::refreshRequests()
{
    if (m_unlockEverything == nullptr)
        return;
    const bool ready = m_state && m_state->phase == PoolState::Phase::Ready;
    const bool usable = ready && !m_running && key().has_value();
    for (QPushButton* button : {m_acquire, m_release, m_two, m_releaseFailing, m_runTen, m_runHundred})
        button->setEnabled(usable);
    m_runTen->setVisible(!m_running);
    m_runHundred->setVisible(!m_running);
    m_stopRun->setVisible(m_running);
    m_unlockEverything->setEnabled(ready && !m_running);
    QString words;
    if (m_running)
        words = m_runText;
    else if (!ready)
        words = tr("Open the pool, then its application can ask for locks.");
    else if (m_key->key() && !key())
        words = tr("The lock service of the lab takes numbers: choose bigint or two int4.");
    else if (key())
        words = m_releaser.isEmpty() ? tr("Next: request %1").arg(m_nextRequest)
                                     : tr("Next: request %1; releases are by %2")
                                           .arg(QString::number(m_nextRequest), cellText(m_releaser, 60));
    m_requestRemark->setText(words);
    // As high as two lines, whatever it says: the buttons below stay under the hand that presses them.
    m_requestRemark->setMinimumHeight(2 * m_requestRemark->fontMetrics().lineSpacing());
}

} // namespace lockscope
