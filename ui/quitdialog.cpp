#include "ui/quitdialog.h"

#include "models/domain/displaytext.h"
#include "ui/celldelegate.h"
#include "ui/ledgerrow.h"
#include "ui/safetext.h"
#include "ui/statepill.h"
#include "ui/theme.h"

#include <QHeaderView>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace lockscope {

namespace {

constexpr int nameCharacters = 64;

bool matters(const LedgerEntry& entry)
{
    return entry.state == HoldState::Held || entry.state == HoldState::Waiting || entry.state == HoldState::Unknown;
}

bool anyMatters(const QList<LedgerEntry>& ledger)
{
    return std::any_of(ledger.cbegin(), ledger.cend(), matters);
}

} // namespace

bool QuitDialog::isNeeded(const QList<SessionState>& sessions, const QList<ClientState>& clients)
{
    return std::any_of(sessions.cbegin(), sessions.cend(),
                       [](const auto& state) { return anyMatters(state.ledger); }) ||
           std::any_of(clients.cbegin(), clients.cend(), [](const auto& state) { return anyMatters(state.ledger); });
}

QuitDialog::QuitDialog(const QList<SessionState>& sessions, const QList<ClientState>& clients, QWidget* parent)
    : QDialog(parent)
    , m_list(new QTreeWidget(this))
{
    setObjectName(QStringLiteral("quitDialog"));
    setWindowTitle(tr("Quit Lockscope"));
    m_list->setObjectName(QStringLiteral("heldLocksList"));
    m_list->setAccessibleName(tr("Locks that quitting gives up"));
    m_list->setHeaderLabels({tr("Session"), tr("PID"), tr("Key"), tr("Mode"), tr("State")});
    for (const int column : {1, 2})
        m_list->headerItem()->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
    m_list->setRootIsDecorated(false);
    m_list->setItemDelegate(new CellDelegate(m_list));
    m_list->setUniformRowHeights(true);
    m_list->setSelectionMode(QAbstractItemView::NoSelection);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->header()->setStretchLastSection(false);
    m_list->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_list->header()->setSectionResizeMode(3, QHeaderView::Stretch);

    for (const SessionState& state : sessions)
        addRows(state.name, state.backendPid, state.ledger);
    for (const ClientState& state : clients)
        addRows(state.name, state.backendPid, state.ledger);

    QLabel* text = safetext::wrappingLabel(question(), this);
    text->setObjectName(QStringLiteral("quitText"));
    auto* quit = new QPushButton(tr("Quit"), this);
    quit->setObjectName(QStringLiteral("quitButton"));
    quit->setAccessibleName(tr("Quit and give up these locks"));
    quit->setAutoDefault(false);
    auto* stay = new QPushButton(tr("Stay"), this);
    stay->setObjectName(QStringLiteral("stayButton"));
    stay->setAccessibleName(tr("Stay and keep these locks"));
    stay->setDefault(true);
    stay->setFocus();
    connect(quit, &QPushButton::clicked, this, &QDialog::accept);
    connect(stay, &QPushButton::clicked, this, &QDialog::reject);

    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(theme::grid());
    buttons->addStretch();
    buttons->addWidget(quit);
    buttons->addWidget(stay);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(theme::grid() * 2, theme::grid() * 2, theme::grid() * 2, theme::grid() * 2);
    layout->setSpacing(theme::grid() * 2);
    layout->addWidget(text);
    layout->addWidget(m_list, 1);
    layout->addLayout(buttons);
    const int rows = std::clamp(m_list->topLevelItemCount() + 2, 5, 14);
    resize(theme::grid() * 88, rows * theme::rowHeight() + theme::grid() * 18);
}

void QuitDialog::addRows(const QString& name, qint32 backendPid, const QList<LedgerEntry>& ledger)
{
    for (const LedgerEntry& entry : ledger) {
        if (!matters(entry))
            continue;
        ++(entry.state == HoldState::Unknown ? m_unknown : m_held);
        auto* item = new QTreeWidgetItem(m_list);
        item->setText(0, cellText(name, nameCharacters));
        item->setText(1, backendPid == 0 ? QString() : QString::number(backendPid));
        item->setText(2, entry.key.toString());
        item->setText(3, countsSentence(entry));
        item->setText(4, word(entry.state));
        item->setForeground(4, theme::color(pillOf(entry.state).tone, palette()));
        for (const int column : {1, 2}) {
            item->setFont(column, theme::monospace());
            item->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
        }
        item->setSizeHint(0, QSize(0, theme::rowHeight()));
    }
}

QString QuitDialog::question() const
{
    QStringList sentences;
    if (m_held == 1)
        sentences.append(tr("One lock of your sessions and clients is held or waited for."));
    else if (m_held > 1)
        sentences.append(tr("%1 locks of your sessions and clients are held or waited for.").arg(m_held));
    if (m_held > 0)
        sentences.append(tr("Quitting ends these sessions, and the server frees the locks then."));
    if (m_unknown > 0)
        sentences.append(tr("Where the state is unknown, the connection broke: the server may keep the lock until it "
                            "notices that."));
    return sentences.join(QLatin1Char(' '));
}

} // namespace lockscope
