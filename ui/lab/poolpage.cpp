#include "ui/lab/poolpage.h"

#include "models/domain/displaytext.h"
#include "ui/emptystate.h"
#include "ui/lab/codepane.h"
#include "ui/lab/labdrawing.h"
#include "ui/lab/poolcalltable.h"
#include "ui/lab/poolcode.h"
#include "ui/lab/poolcontrols.h"
#include "ui/lab/poolpicture.h"
#include "ui/lab/poolrun.h"
#include "ui/lab/poolstatistics.h"
#include "ui/lab/pooltext.h"
#include "ui/panelscroll.h"
#include "ui/statepill.h"
#include "ui/tonelabel.h"
#include "ui/wordsview.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QPushButton>
#include <QScrollBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>

namespace lockscope {

namespace {

/// From here on the tabs stand beside the picture.
int wideWidth()
{
    return 160 * theme::grid();
}

QTabWidget* makeTabWidget(const QString& objectName)
{
    auto* tabs = new QTabWidget;
    tabs->setObjectName(objectName);
    tabs->setDocumentMode(true);
    tabs->setUsesScrollButtons(true);
    return tabs;
}

} // namespace

PoolPage::PoolPage(QWidget* parent)
    : QWidget(parent)
    , m_stack(new QStackedWidget)
    , m_empty(new EmptyState)
    , m_controls(new PoolControls)
    , m_picture(new PoolPicture)
    , m_answer(new StatePill)
    , m_sentence(new ToneLabel)
    , m_words(new WordsView)
    , m_calls(new PoolCallTable)
    , m_statements(new CodePane(QStringLiteral("poolStatements")))
    , m_code(new CodePane(QStringLiteral("poolCode")))
    , m_statistics(new PoolStatistics)
    , m_tabs(makeTabWidget(QStringLiteral("poolTabs")))
    , m_sideTabs(makeTabWidget(QStringLiteral("poolSideTabs")))
    , m_run(new PoolRun(this))
{
    setObjectName(QStringLiteral("poolPage"));
    m_empty->setObjectName(QStringLiteral("poolEmptyState"));
    m_empty->setPicture(IconName::Connect);
    m_empty->setTitle(tr("A Pool to Try Locks On"));
    m_empty->setText(
        tr("An advisory lock belongs to the connection that took it, and a pool hands out another one each "
           "time. Here a real pool shows what follows, call by call. Connect to a server first; a sandbox "
           "is a private throw-away server on this machine."));
    connect(m_empty->addButton(QStringLiteral("poolSandboxButton"), tr("Start a Sandbox"),
                               tr("Start a private throw-away server and connect to it")),
            &QPushButton::clicked, this, &PoolPage::sandboxRequested);

    m_across = new QSplitter(Qt::Horizontal);
    m_across->setObjectName(QStringLiteral("poolSplitter"));
    auto* controls = new PanelScroll(m_controls, nullptr);
    controls->setObjectName(QStringLiteral("poolControlsScroll"));
    controls->setMinimumWidth(30 * theme::grid());
    m_across->addWidget(controls);
    m_across->addWidget(makeCentre());
    m_across->addWidget(m_sideTabs);
    m_across->setStretchFactor(0, 0);
    m_across->setStretchFactor(1, 1);
    m_across->setStretchFactor(2, 0);
    for (int part = 0; part < m_across->count(); ++part)
        m_across->setCollapsible(part, false);
    m_sideTabs->hide();
    makeTabs();
    m_across->setSizes({32 * theme::grid(), 80 * theme::grid(), 60 * theme::grid()});

    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_across);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);
    connectControls();
    connectRun();
    clearStory();
    refresh();
}

QWidget* PoolPage::makeCentre()
{
    const int grid = theme::grid();
    m_answer->setObjectName(QStringLiteral("poolAnswer"));
    m_sentence->setObjectName(QStringLiteral("poolSentence"));
    m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_words->setObjectName(QStringLiteral("poolWarning"));
    m_words->setAccessibleName(tr("The server's own words"));
    auto* story = new QWidget;
    auto* row = new QHBoxLayout;
    row->setSpacing(grid);
    row->addWidget(m_answer, 0, Qt::AlignTop);
    row->addWidget(m_sentence, 1);
    auto* storyLayout = new QVBoxLayout(story);
    storyLayout->setContentsMargins(grid * 3 / 2, grid, grid * 3 / 2, grid / 2);
    storyLayout->setSpacing(grid / 2);
    storyLayout->addLayout(row);
    storyLayout->addWidget(m_words);
    storyLayout->addStretch(1);

    // As high as two lines and a WARNING, so that the picture above stays where it is.
    story->setMinimumHeight(3 * theme::rowHeight(true) + grid);

    auto* top = new QWidget;
    auto* topLayout = new QVBoxLayout(top);
    topLayout->setContentsMargins(0, 0, 0, 0);
    topLayout->setSpacing(0);
    topLayout->addWidget(m_picture, 1);
    topLayout->addWidget(story);
    m_down = new QSplitter(Qt::Vertical);
    m_down->setObjectName(QStringLiteral("poolDownSplitter"));
    m_down->addWidget(top);
    m_down->addWidget(m_tabs);
    m_down->setStretchFactor(0, 3);
    m_down->setStretchFactor(1, 2);
    m_down->setCollapsible(0, false);
    m_down->setCollapsible(1, false);
    m_down->setSizes({60 * grid, 35 * grid});
    return m_down;
}

void PoolPage::makeTabs()
{
    const int grid = theme::grid();
    for (CodePane* pane : {m_statements, m_code})
        pane->layout()->setContentsMargins(grid, grid, grid, grid);
    m_statements->setText({}, tr("The SQL of the last call, as it was sent."));
    m_code->setSnippets(poolCode());
    m_tabs->addTab(m_calls, tr("Calls"));
    m_tabs->addTab(m_statements, tr("Statements"));
    m_tabs->addTab(m_code, tr("In Your Code"));
    m_tabs->addTab(m_statistics, tr("Statistics"));
}

void PoolPage::arrange()
{
    const bool wide = width() >= wideWidth();
    if (wide == m_wide)
        return;
    m_wide = wide;
    QTabWidget* from = wide ? m_tabs : m_sideTabs;
    QTabWidget* to = wide ? m_sideTabs : m_tabs;
    QWidget* const shown = from->currentWidget();
    for (QWidget* page :
         {static_cast<QWidget*>(m_statements), static_cast<QWidget*>(m_code), static_cast<QWidget*>(m_statistics)}) {
        const QString title = from->tabText(from->indexOf(page));
        from->removeTab(from->indexOf(page));
        to->addTab(page, title);
    }
    if (to->indexOf(shown) >= 0 && shown != m_calls)
        to->setCurrentWidget(shown);
    m_sideTabs->setVisible(wide);
    const int picture = (wide ? 56 : 44) * theme::grid();
    m_down->setSizes({picture, std::max(height() - picture, 20 * theme::grid())});
}

void PoolPage::connectControls()
{
    connect(m_controls, &PoolControls::specChanged, this, [this] {
        if (!m_state || m_state->phase == PoolState::Phase::Closed || m_state->phase == PoolState::Phase::Failed) {
            m_state.reset();
            m_pooler = m_controls->pooler();
        }
        refresh();
    });
    connect(m_controls, &PoolControls::openRequested, this,
            [this] { Q_EMIT openRequested(m_controls->spec(), m_controls->pooler()); });
    connect(m_controls, &PoolControls::closeRequested, this, [this] {
        m_run->stop();
        Q_EMIT closeRequested();
    });
    connect(m_controls, &PoolControls::acquireRequested, this, &PoolPage::acquireNext);
    connect(m_controls, &PoolControls::twoRequested, this, [this] {
        acquireNext();
        acquireNext();
    });
    connect(m_controls, &PoolControls::releaseRequested, this, [this](bool failing) {
        if (const auto key = m_controls->key())
            Q_EMIT releaseRequested(releaser(), *key, failing);
    });
    connect(m_controls, &PoolControls::runRequested, this, [this](int rounds) {
        const auto key = m_controls->key();
        if (!key)
            return;
        const bool follow = rounds <= 10 && labdrawing::motionWanted(this);
        const int first = m_request + 1;
        m_request += rounds;
        m_run->start(rounds, *key, first, follow ? 2 * labdrawing::flight : std::chrono::milliseconds(0));
    });
    connect(m_controls, &PoolControls::stopRunRequested, m_run, &PoolRun::stop);
    connect(m_controls, &PoolControls::unlockEverythingRequested, this, [this] {
        m_teller.forgetKeys();
        m_picture->forgetCalls();
        say(m_pooler ? tr("pg_advisory_unlock_all goes out on every connection. Through PgBouncer nobody knows which "
                          "backends it reaches: see what is left below.")
                     : tr("pg_advisory_unlock_all goes out on every connection: each lets go of all it holds, leaked "
                          "or not."));
        Q_EMIT unlockEverythingRequested();
    });
    connect(m_statistics, &PoolStatistics::measureRequested, this, &PoolPage::measureRequested);
    connect(m_statistics, &PoolStatistics::stopRequested, this, &PoolPage::measureStopRequested);
}

void PoolPage::connectRun()
{
    connect(m_run, &PoolRun::acquire, this, &PoolPage::acquireRequested);
    connect(m_run, &PoolRun::release, this,
            [this](const QString& request, const LockKey& key) { Q_EMIT releaseRequested(request, key, false); });
    const auto tell = [this] {
        m_controls->setRunning(m_run->isRunning(), m_run->done(), m_run->rounds());
        tellNext();
    };
    connect(m_run, &PoolRun::progress, this, tell);
    connect(m_run, &PoolRun::ended, this, tell);
}

void PoolPage::acquireNext()
{
    const auto key = m_controls->key();
    if (!key)
        return;
    ++m_request;
    tellNext();
    Q_EMIT acquireRequested(tr("request %1").arg(m_request), *key);
}

void PoolPage::setServer(const LabServer& server)
{
    if (m_server == server)
        return;
    m_server = server;
    m_controls->setServer(server);
    refresh();
}

void PoolPage::setState(const PoolState& state)
{
    const auto before = m_state ? std::optional(m_state->phase) : std::nullopt;
    m_state = state;
    using Phase = PoolState::Phase;
    if (before != state.phase) {
        if (state.phase == Phase::Opening) {
            clearStory();
            m_teller.reset(m_pooler);
        } else if (state.phase == Phase::Ready) {
            say(state.spec.size == 1
                    ? tr("The pool is open. With one connection every call gets the right one, so nothing can go wrong "
                         "here: a pool of one hides the bug.")
                    : tr("The pool is open. Acquire a key, then release it, and see which connection each call gets."));
        } else if (state.phase == Phase::Closed) {
            m_run->stop();
            m_picture->forgetCalls(); // an answer must not hang on a connection that is gone
            say(tr("The pool is closed. With its sessions the server frees all that they held."));
        } else if (state.error) {
            m_run->stop();
            setError(*state.error);
        }
    }
    refresh();
}

void PoolPage::setPooler(const std::optional<PoolerSpec>& pooler)
{
    m_pooler = pooler;
    m_teller.reset(pooler);
    m_picture->setPooler(pooler);
}

void PoolPage::setBusy(bool busy)
{
    m_controls->setBusy(busy);
}

void PoolPage::callDispatched(const QString& /*request*/, PoolAction action, LockKey key, int slot)
{
    m_picture->callDispatched(action, key, slot);
}

void PoolPage::addCall(const PoolCall& call)
{
    m_calls->add(call);
    m_picture->callAnswered(call);
    m_statements->setText(call.statements.join(QLatin1Char('\n')), tr("Nothing was sent for the last call."));
    m_sentence->setBody();
    m_sentence->setText(paragraphText(m_teller.tell(call, m_state.value_or(PoolState())), 1000));
    m_answer->setPill(pooltext::pillOf(call.answer));
    m_answer->show();
    QStringList words = call.notices;
    if (call.error)
        words.append(call.error->serverWords.isEmpty() ? call.error->what : call.error->serverWords);
    m_words->setWords(paragraphText(words.join(QLatin1Char('\n'))), Tone::Waiting);
    if (call.action == PoolAction::Acquire && call.answer == PoolAnswer::True) {
        m_holder = call.request;
        tellNext();
    }
    m_run->answered(call);
}

QString PoolPage::releaser() const
{
    return m_holder.isEmpty() ? tr("request %1").arg(std::max(1, m_request)) : m_holder;
}

void PoolPage::tellNext()
{
    m_controls->setNextRequest(m_request + 1, m_request > 0 ? releaser() : QString());
}

void PoolPage::setHitRates(const QList<HitRate>& rates)
{
    m_statistics->setHitRates(rates);
}

void PoolPage::setMeasuring(bool measuring)
{
    m_measuring = measuring;
    m_statistics->setMeasuring(measuring);
}

void PoolPage::setError(const Error& error)
{
    say(paragraphText(error.advice.isEmpty() ? error.what : error.what + QLatin1Char(' ') + error.advice, 2000));
    m_sentence->setTone(Tone::Error);
    m_words->setWords(paragraphText(error.serverWords), {});
}

void PoolPage::say(const QString& sentence)
{
    m_answer->hide();
    m_sentence->setBody();
    m_sentence->setText(sentence);
    m_words->setWords({}, {});
}

void PoolPage::clearStory()
{
    m_run->stop();
    m_request = 0;
    m_holder.clear();
    tellNext();
    m_calls->clear();
    m_picture->forgetCalls();
    m_statements->setText({}, tr("The SQL of the last call, as it was sent."));
    say(tr("A lock belongs to the connection that took it. Open a pool and see which connection each call gets."));
}

void PoolPage::reset()
{
    m_state.reset();
    setPooler({});
    clearStory();
    setMeasuring(false);
    setHitRates({});
    setBusy(false);
    refresh();
}

void PoolPage::refresh()
{
    m_stack->setCurrentWidget(m_server.connected ? static_cast<QWidget*>(m_across) : m_empty);
    m_controls->setState(m_state);
    m_picture->setPlannedSpec(m_controls->spec());
    m_picture->setPooler(m_pooler);
    m_picture->setState(m_state);
    refreshStatistics();
}

void PoolPage::refreshStatistics()
{
    m_statistics->setOrder(m_controls->spec().order);
    m_statistics->setProblem(!m_server.problem.isEmpty() ? m_server.problem
                             : m_server.behindPooler
                                 ? tr("This server is reached through a pooler, which changes the connection between "
                                      "calls by itself: there is nothing to compare 1/N with.")
                                 : QString());
}

void PoolPage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
}

void PoolPage::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() != QEvent::FontChange)
        return;
    arrange();
    // The panel scrolls up and down only: a larger font must widen it. The children hear of the font in their own time.
    QTimer::singleShot(0, this, [this] {
        auto* const panel = findChild<PanelScroll*>(QStringLiteral("poolControlsScroll"));
        panel->setMinimumWidth(std::max(30 * theme::grid(), m_controls->minimumSizeHint().width() +
                                                                panel->verticalScrollBar()->sizeHint().width()));
    });
}

} // namespace lockscope
