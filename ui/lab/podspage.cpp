#include "ui/lab/podspage.h"

#include "models/podrequestmodel.h"
#include "ui/celldelegate.h"
#include "ui/emptyhint.h"
#include "ui/emptystate.h"
#include "ui/icons.h"
#include "ui/lab/keptfont.h"
#include "ui/lab/lessontables.h"
#include "ui/lab/podscard.h"
#include "ui/lab/podscontrols.h"
#include "ui/lab/podsfigures.h"
#include "ui/lab/podsstage.h"
#include "ui/panelscroll.h"
#include "ui/safetext.h"
#include "ui/theme.h"
#include "ui/tonelabel.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace lockscope {

namespace {

constexpr int firstPods = 3;

/// Keys, tokens and times in tabular figures, a code in its tone.
class RequestDelegate final : public CellDelegate
{
public:
    using CellDelegate::CellDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override
    {
        CellDelegate::initStyleOption(option, index);
        const int column = index.column();
        if (column != PodRequestModel::WordsColumn && column != PodRequestModel::PodColumn)
            option->font = theme::monospace();
        const bool latest = column == PodRequestModel::AnswerColumn || column == PodRequestModel::WordsColumn;
        const int code = index.data(PodRequestModel::CodeRole).toInt();
        if (latest && (code == 500 || code == 502))
            option->palette.setColor(QPalette::Text, theme::color(Tone::Blocker, option->palette));
        else if (latest && (code == 409 || code == 503))
            option->palette.setColor(QPalette::Text, theme::color(Tone::Waiting, option->palette));
    }
};

/// Scrolls sideways where there are more pods than fit, and is as high as they are.
class StageScroll final : public QScrollArea
{
public:
    explicit StageScroll(PodsStage* stage)
    {
        setWidget(stage);
        setWidgetResizable(true);
        setFrameShape(QFrame::NoFrame);
        setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        viewport()->setAutoFillBackground(false);
        stage->setAutoFillBackground(false);
        stage->installEventFilter(this);
    }
    [[nodiscard]] QSize sizeHint() const override
    {
        const bool scrolls = widget()->minimumSizeHint().width() > width();
        const int bar = scrolls ? horizontalScrollBar()->sizeHint().height() : 0;
        return {widget()->sizeHint().width(), widget()->sizeHint().height() + bar};
    }
    [[nodiscard]] QSize minimumSizeHint() const override { return {theme::grid() * 40, sizeHint().height()}; }

protected:
    void resizeEvent(QResizeEvent* event) override
    {
        QScrollArea::resizeEvent(event);
        updateGeometry();
    }
    /// A pod came or went, and is there only once the stage lays itself out.
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (watched == widget() && event->type() == QEvent::LayoutRequest)
            updateGeometry();
        return QScrollArea::eventFilter(watched, event);
    }
};

} // namespace

class PodsPage::Parts
{
public:
    explicit Parts(PodsPage& owner)
        : page(owner)
    {
    }
    void build();
    void connectAll();
    void connectCard(PodsCard* card);
    void refresh();

    PodsPage& page;
    LabServer server;
    PodsLabState state;
    PodRequestModel requests;
    QStackedWidget* stack = new QStackedWidget;
    EmptyState* empty = new EmptyState;
    QPushButton* sandbox = nullptr;
    QPushButton* first = nullptr;
    PodsControls* controls = new PodsControls;
    ToneLabel* problem = new ToneLabel;
    ToneLabel* misbeliefs = new ToneLabel;
    PodsStage* stage = new PodsStage;
    StageScroll* scroll = new StageScroll(stage);
    QuietTable* table = new QuietTable;
    QPushButton* copy = new QPushButton(PodsPage::tr("Copy"));
    PodsFigures* figures = new PodsFigures;
};

void PodsPage::Parts::build()
{
    const int grid = theme::grid();
    empty->setObjectName(QStringLiteral("podsEmpty"));
    empty->setPicture(IconName::Pods);
    sandbox = empty->addButton(QStringLiteral("podsSandboxButton"), PodsPage::tr("Start a Sandbox"),
                               PodsPage::tr("Start a private throw-away server and connect to it"));
    first = empty->addButton(QStringLiteral("podsStartButton"), PodsPage::tr("Start Three Pods"),
                             PodsPage::tr("Starts three processes, each with a pool of two connections"));

    problem->setObjectName(QStringLiteral("podsProblem"));
    problem->setWordWrap(true);
    problem->setMuted();
    misbeliefs->setObjectName(QStringLiteral("podsMisbeliefs"));
    misbeliefs->setAccessibleName(PodsPage::tr("Where pods and server differ"));
    misbeliefs->setWordWrap(true);
    keepFont(misbeliefs, KeptFont::Strong);

    table->setObjectName(QStringLiteral("podsRequestTable"));
    table->setAccessibleName(PodsPage::tr("Requests and their answers"));
    table->setModel(&requests);
    table->setItemDelegate(new RequestDelegate(table));
    table->setColumns({{.sample = QStringLiteral("00:00:00"), .hiddenBelow = 76},
                       {.sample = QStringLiteral("pod-a")},
                       {.sample = QStringLiteral("00")},
                       {.sample = QStringLiteral("202, 200")},
                       {},
                       {.sample = QStringLiteral("0000"), .hiddenBelow = 68},
                       {.sample = QStringLiteral("000 ms")}});
    new EmptyHint(table, PodsPage::tr("Press Sync on a pod: its request and the answer appear here."));
    connect(table->verticalScrollBar(), &QScrollBar::rangeChanged, table, &QAbstractItemView::scrollToBottom);
    copy->setObjectName(QStringLiteral("podsCopyButton"));
    copy->setAccessibleName(PodsPage::tr("Copy the requests"));
    copy->setToolTip(PodsPage::tr("Copies all requests with their answers, a line each"));
    copy->setAutoDefault(false);

    auto* const log = new QWidget;
    auto* const title = safetext::label(PodsPage::tr("Requests"));
    keepFont(title, KeptFont::Strong);
    auto* const logHead = new QHBoxLayout;
    logHead->addWidget(title);
    logHead->addStretch(1);
    logHead->addWidget(copy);
    auto* const logLayout = new QVBoxLayout(log);
    logLayout->setContentsMargins(0, 0, 0, 0);
    logLayout->setSpacing(grid / 2);
    logLayout->addLayout(logHead);
    logLayout->addWidget(table, 1);

    auto* const lower = new QSplitter(Qt::Horizontal);
    lower->setObjectName(QStringLiteral("podsSplitter"));
    lower->addWidget(log);
    lower->addWidget(figures);
    lower->setSizes({60 * grid, 40 * grid});
    lower->setStretchFactor(0, 3);
    lower->setStretchFactor(1, 2);
    lower->setMinimumHeight(15 * grid);
    lower->setHandleWidth(2 * grid);
    lower->setChildrenCollapsible(false);

    auto* const body = new QWidget;
    auto* const layout = new QVBoxLayout(body);
    layout->setContentsMargins(2 * grid, grid, 2 * grid, grid / 2);
    layout->setSpacing(grid / 2);
    layout->addWidget(controls);
    layout->addWidget(problem);
    layout->addWidget(misbeliefs);
    layout->addWidget(scroll);
    layout->addWidget(lower, 1);
    stack->addWidget(new PanelScroll(body, stack));
    stack->addWidget(empty);
    auto* const whole = new QVBoxLayout(&page);
    whole->setContentsMargins(0, 0, 0, 0);
    whole->addWidget(stack);
}

void PodsPage::Parts::connectAll()
{
    connect(sandbox, &QPushButton::clicked, &page, &PodsPage::sandboxRequested);
    connect(first, &QPushButton::clicked, &page,
            [this] { Q_EMIT page.podsRequested(firstPods, controls->connections()); });
    connect(controls, &PodsControls::addRequested, &page,
            [this] { Q_EMIT page.podsRequested(1, controls->connections()); });
    connect(controls, &PodsControls::endAllRequested, &page, &PodsPage::endAllRequested);
    connect(controls, &PodsControls::loadRequested, &page, &PodsPage::loadRequested);
    connect(controls, &PodsControls::retriesToggled, &page, &PodsPage::retriesToggled);
    connect(controls, &PodsControls::clearRequested, &page, &PodsPage::clearRequested);
    connect(controls, &PodsControls::keyChanged, &page, [this] { refresh(); });
    connect(figures, &PodsFigures::fencingToggled, &page, &PodsPage::fencingToggled);
    connect(stage, &PodsStage::cardAdded, &page, [this](PodsCard* card) { connectCard(card); });
    connect(copy, &QPushButton::clicked, &page, [this] { QApplication::clipboard()->setText(requests.toText()); });
}

void PodsPage::Parts::connectCard(PodsCard* card)
{
    connect(card, &PodsCard::syncRequested, &page, [this](const QString& pod, int times) {
        if (const std::optional<LockKey> key = controls->key())
            Q_EMIT page.syncRequested(pod, *key, controls->work(), times);
    });
    connect(card, &PodsCard::endRequested, &page, &PodsPage::endRequested);
    connect(card, &PodsCard::freezeRequested, &page, &PodsPage::freezeRequested);
    connect(card, &PodsCard::thawRequested, &page, &PodsPage::thawRequested);
    connect(card, &PodsCard::restartRequested, &page, &PodsPage::restartRequested);
    connect(card, &PodsCard::removeRequested, &page, &PodsPage::removeRequested);
}

void PodsPage::Parts::refresh()
{
    const bool any = !state.pods.isEmpty();
    if (!server.connected) {
        empty->setTitle(PodsPage::tr("Pods need a server"));
        empty->setText(
            PodsPage::tr("Each pod is a real process with connections of its own. Start the sandbox, a private "
                         "throw-away server, or connect to a server of yours."));
    } else {
        empty->setTitle(PodsPage::tr("No pods yet"));
        empty->setText(
            server.problem.isEmpty()
                ? PodsPage::tr("A pod is a process with a pool of connections and a map of the keys it believes "
                               "it holds. PostgreSQL alone knows who does. Start three and make two of them "
                               "want the same key.")
                : server.problem);
    }
    sandbox->setVisible(!server.connected);
    first->setVisible(server.connected);
    first->setEnabled(server.problem.isEmpty());
    stack->setCurrentWidget(server.connected && any ? stack->widget(0) : empty);

    problem->setText(server.problem);
    problem->setVisible(!server.problem.isEmpty());
    QStringList sentences;
    for (const PodMisbelief& misbelief : std::as_const(state.misbeliefs))
        sentences.append(describe(misbelief));
    // The line is always there, so that nothing moves when there is something to say.
    const bool anyBelief =
        std::any_of(state.pods.cbegin(), state.pods.cend(), [](const PodState& pod) { return !pod.map.isEmpty(); });
    if (!sentences.isEmpty())
        misbeliefs->setTone(Tone::Blocker);
    else
        misbeliefs->setMuted();
    misbeliefs->setText(!sentences.isEmpty() ? sentences.join(QLatin1Char(' '))
                        : anyBelief          ? PodsPage::tr("What the pods believe is what the server says.")
                                             : PodsPage::tr("No pod believes that it holds a key."));

    controls->setProblem(server.problem);
    stage->setServerTitle(server.title);
    stage->setState(state, controls->key().has_value(), server.problem);
    copy->setEnabled(!state.requests.isEmpty());
}

PodsPage::PodsPage(QWidget* parent)
    : QWidget(parent)
    , m_parts(std::make_unique<Parts>(*this))
{
    setObjectName(QStringLiteral("podsPage"));
    setAccessibleName(tr("Pods"));
    m_parts->build();
    m_parts->connectAll();
    m_parts->refresh();
}

PodsPage::~PodsPage()
{
    // The views go first: they read the models of the parts.
    delete m_parts->stack;
}

void PodsPage::setServer(const LabServer& server)
{
    m_parts->server = server;
    m_parts->refresh();
}

void PodsPage::setState(const PodsLabState& state)
{
    m_parts->state = state;
    m_parts->requests.setRequests(state.requests);
    m_parts->controls->setState(state);
    m_parts->figures->setState(state);
    m_parts->refresh();
}

void PodsPage::showRequest(const PodRequest& request)
{
    m_parts->stage->showRequest(request);
}

void PodsPage::showAnswer(const PodAnswer& answer)
{
    m_parts->stage->showAnswer(answer);
}

} // namespace lockscope
