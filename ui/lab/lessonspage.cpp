#include "ui/lab/lessonspage.h"

#include "models/domain/displaytext.h"
#include "ui/emptyhint.h"
#include "ui/emptystate.h"
#include "ui/icons.h"
#include "ui/lab/actorsview.h"
#include "ui/lab/keptfont.h"
#include "ui/lab/lessontables.h"
#include "ui/lab/lessonteller.h"
#include "ui/lab/lessonwords.h"
#include "ui/panelscroll.h"
#include "ui/safetext.h"
#include "ui/theme.h"
#include "ui/tonelabel.h"
#include "ui/wordsview.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFrame>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QListWidget>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace lockscope {

namespace {

using Phase = ScenarioRunState::Phase;

constexpr int nameRole = Qt::UserRole;

bool isBusy(const ScenarioRunState& state)
{
    return state.phase == Phase::Preparing || state.phase == Phase::Running || state.phase == Phase::Resetting;
}

} // namespace

class LessonsPage::Parts
{
public:
    explicit Parts(LessonsPage& owner);
    void build();
    void chooseFile();
    void choose(const QString& name, bool say);
    void refreshButtons();
    void refreshWords();
    void plan();
    void fitTop();
    void showStep(int row);
    [[nodiscard]] const ScenarioDocument* document() const;

    LessonsPage& page;
    LabServer server;
    QList<ScenarioDocument> lessons;
    QString chosen;
    ScenarioRunState state;
    ScenarioStepModel steps;
    ScenarioLockModel locks;
    QListWidget* list = new QListWidget;
    QPushButton* openFile = new QPushButton(LessonsPage::tr("Open a File..."));
    WordsView* faults = new WordsView;
    QStackedWidget* stack = new QStackedWidget;
    EmptyState* empty = new EmptyState;
    QBoxLayout* top = new QBoxLayout(QBoxLayout::LeftToRight);
    QHBoxLayout* buttons = new QHBoxLayout;
    QLabel* title = safetext::wrappingLabel();
    ToneLabel* progress = new ToneLabel;
    QSplitter* picture = new QSplitter(Qt::Horizontal);
    QSplitter* splitter = new QSplitter(Qt::Horizontal);
    bool listIsFitted = true;    ///< by us; false when a person moved the handle
    bool pictureIsShared = true; ///< by us; false when a person moved the handle
    QPushButton* step = new QPushButton(LessonsPage::tr("Next Step"));
    QPushButton* play = new QPushButton(LessonsPage::tr("Play"));
    QPushButton* reset = new QPushButton(LessonsPage::tr("Reset"));
    QComboBox* pace = new QComboBox;
    LessonTeller* teller = new LessonTeller;
    ActorsView* actors = new ActorsView;
    QuietTable* lockTable = new QuietTable;
    LessonStepTable* stepTable = new LessonStepTable;
};

LessonsPage::Parts::Parts(LessonsPage& owner)
    : page(owner)
{
}

void LessonsPage::Parts::build()
{
    const int grid = theme::grid();
    list->setObjectName(QStringLiteral("lessonList"));
    list->setAccessibleName(LessonsPage::tr("Lessons"));
    list->setFrameShape(QFrame::NoFrame);
    list->setUniformItemSizes(true);
    list->setTextElideMode(Qt::ElideRight);
    list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list->setItemDelegate(new LessonListDelegate(list));
    openFile->setObjectName(QStringLiteral("openLessonButton"));
    openFile->setAccessibleName(LessonsPage::tr("Open a lesson of your own"));
    openFile->setToolTip(LessonsPage::tr("A YAML file in the format that docs/scenario-format.md describes"));
    faults->setObjectName(QStringLiteral("lessonFaults"));
    faults->setAccessibleName(LessonsPage::tr("What is wrong with the file"));

    auto* const left = new QWidget;
    auto* const leftLayout = new QVBoxLayout(left);
    leftLayout->setContentsMargins(0, grid, 0, grid);
    leftLayout->setSpacing(grid);
    leftLayout->addWidget(list, 1);
    auto* const openRow = new QHBoxLayout;
    openRow->setContentsMargins(grid, 0, grid, 0);
    openRow->addWidget(openFile, 1);
    leftLayout->addLayout(openRow);

    title->setObjectName(QStringLiteral("lessonTitle"));
    keepFont(title, KeptFont::Title);
    progress->setObjectName(QStringLiteral("lessonProgress"));
    progress->setWordWrap(false);
    step->setObjectName(QStringLiteral("lessonStepButton"));
    step->setAccessibleName(LessonsPage::tr("Do the next step"));
    step->setToolTip(LessonsPage::tr("Do one step and wait (F10)"));
    // Not the button's own shortcut, which is lost whenever its text changes.
    auto* const stepKey = new QShortcut(QKeySequence(Qt::Key_F10), &page);
    stepKey->setAutoRepeat(false);
    QObject::connect(stepKey, &QShortcut::activated, step, &QPushButton::click);
    step->setIcon(icon(IconName::Resume));
    play->setObjectName(QStringLiteral("lessonPlayButton"));
    reset->setObjectName(QStringLiteral("lessonResetButton"));
    reset->setAccessibleName(LessonsPage::tr("Remove everything and start over"));
    reset->setToolTip(LessonsPage::tr("Ends every session and process of this lesson and removes what it made"));
    reset->setIcon(icon(IconName::Reset));
    pace->setObjectName(QStringLiteral("lessonPaceBox"));
    pace->setAccessibleName(LessonsPage::tr("Pace of playing"));
    pace->setToolTip(LessonsPage::tr("Read along: each step stands as long as it takes to be read aloud"));
    pace->addItem(LessonsPage::tr("Read along"), static_cast<int>(LessonPace::ReadAlong));
    pace->addItem(LessonsPage::tr("At once"), static_cast<int>(LessonPace::AtOnce));
    buttons->setSpacing(grid);
    buttons->addWidget(progress, 0, Qt::AlignVCenter);
    for (QWidget* const control : {static_cast<QWidget*>(step), static_cast<QWidget*>(play),
                                   static_cast<QWidget*>(pace), static_cast<QWidget*>(reset)})
        buttons->addWidget(control);
    top->setSpacing(grid);
    top->addWidget(title, 1);
    top->addLayout(buttons);
    teller->setObjectName(QStringLiteral("lessonTeller"));

    lockTable->setObjectName(QStringLiteral("lessonLockTable"));
    lockTable->setAccessibleName(LessonsPage::tr("Locks of the lesson as the server shows them"));
    lockTable->setModel(&locks);
    lockTable->setColumns({{.sample = QStringLiteral("(-5, 7)")},
                           {},
                           {.sample = QStringLiteral("0000000"), .hiddenBelow = 48},
                           {.sample = QStringLiteral("ExclusiveLock"), .hiddenBelow = 36},
                           {.sample = QStringLiteral("waiting")}});
    new EmptyHint(lockTable, LessonsPage::tr("The locks of this lesson appear here, as pg_locks shows them."));
    stepTable->setModel(&steps);
    QObject::connect(&steps, &QAbstractItemModel::modelReset, stepTable, &LessonStepTable::shareWidth);

    picture->setObjectName(QStringLiteral("lessonPicture"));
    picture->addWidget(new PanelScroll(actors, picture));
    picture->addWidget(lockTable);
    picture->setChildrenCollapsible(false);
    QObject::connect(picture, &QSplitter::splitterMoved, &page, [this] { pictureIsShared = false; });
    auto* const body = new QSplitter(Qt::Vertical);
    body->setObjectName(QStringLiteral("lessonBody"));
    body->addWidget(picture);
    body->addWidget(stepTable);
    body->setStretchFactor(0, 2);
    body->setStretchFactor(1, 3);
    body->setSizes({grid * 36, grid * 44});
    body->setChildrenCollapsible(false);

    auto* const lesson = new QWidget;
    auto* const lessonLayout = new QVBoxLayout(lesson);
    lessonLayout->setContentsMargins(grid * 2, grid, grid, 0);
    lessonLayout->setSpacing(grid);
    lessonLayout->addWidget(faults);
    lessonLayout->addLayout(top);
    lessonLayout->addWidget(teller);
    lessonLayout->addWidget(body, 1);

    empty->setObjectName(QStringLiteral("lessonsEmpty"));
    empty->setPicture(IconName::Lesson);
    empty->setTitle(LessonsPage::tr("Lessons need a server"));
    empty->setText(LessonsPage::tr("A lesson runs on real connections and processes. Start the sandbox, a private "
                                   "throw-away server, or connect to a server of yours."));
    QPushButton* const start =
        empty->addButton(QStringLiteral("lessonsSandboxButton"), LessonsPage::tr("Start a Sandbox"),
                         LessonsPage::tr("Start a private throw-away server and connect to it"));
    QObject::connect(start, &QPushButton::clicked, &page, &LessonsPage::sandboxRequested);
    stack->addWidget(lesson);
    stack->addWidget(empty);

    splitter->setObjectName(QStringLiteral("lessonsSplitter"));
    splitter->addWidget(left);
    splitter->addWidget(stack);
    splitter->setStretchFactor(0, 0);
    splitter->setStretchFactor(1, 1);
    splitter->setChildrenCollapsible(false);
    splitter->setSizes({grid * 26, grid * 94});
    QObject::connect(splitter, &QSplitter::splitterMoved, &page, [this] { listIsFitted = false; });
    auto* const layout = new QVBoxLayout(&page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(splitter);
    page.setFocusProxy(list);

    QObject::connect(list, &QListWidget::currentItemChanged, &page, [this](const QListWidgetItem* item) {
        if (item != nullptr)
            choose(item->data(nameRole).toString(), true);
    });
    QObject::connect(openFile, &QPushButton::clicked, &page, [this] { chooseFile(); });
    QObject::connect(step, &QPushButton::clicked, &page, &LessonsPage::stepRequested);
    QObject::connect(reset, &QPushButton::clicked, &page, &LessonsPage::resetRequested);
    QObject::connect(stepTable->selectionModel(), &QItemSelectionModel::currentRowChanged, &page,
                     [this](const QModelIndex& index) {
                         if (index.isValid() && !state.playing)
                             showStep(index.row());
                     });
    QObject::connect(play, &QPushButton::clicked, &page, [this] {
        if (state.playing)
            Q_EMIT page.pauseRequested();
        else
            Q_EMIT page.playRequested(static_cast<LessonPace>(pace->currentData().toInt()));
    });
}

void LessonsPage::Parts::chooseFile()
{
    auto* const dialog = new QFileDialog(&page, LessonsPage::tr("Open a Lesson"));
    dialog->setObjectName(QStringLiteral("openLessonDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilter(LessonsPage::tr("Lessons (*.yaml *.yml)"));
    QObject::connect(dialog, &QFileDialog::fileSelected, &page, &LessonsPage::openFileRequested);
    dialog->open();
}

const ScenarioDocument* LessonsPage::Parts::document() const
{
    const auto found = std::find_if(lessons.cbegin(), lessons.cend(),
                                    [this](const ScenarioDocument& one) { return one.name == chosen; });
    return found == lessons.cend() ? nullptr : &*found;
}

void LessonsPage::Parts::choose(const QString& name, bool say)
{
    if (name == chosen)
        return;
    chosen = name;
    state = {};
    page.setFaults({}, {}); // of another file
    plan();
    page.setState({});
    stepTable->scrollToTop();
    if (say)
        Q_EMIT page.lessonChosen(name);
}

/// The steps of the chosen lesson, and room for all that it will say.
void LessonsPage::Parts::plan()
{
    const ScenarioDocument* const lesson = document();
    if (lesson == nullptr)
        return;
    steps.setDocument(*lesson);
    QStringList narrations;
    QStringList notes;
    for (const ScenarioStepDocument& one : lesson->steps) {
        if (const auto* const say = std::get_if<SayStep>(&one.what))
            narrations.append(say->text.simplified());
        notes.append(one.note.simplified());
    }
    teller->setPlanned(narrations, notes);
}

/// Title and buttons share a line where both fit.
void LessonsPage::Parts::fitTop()
{
    const int wanted =
        QFontMetrics(title->font()).horizontalAdvance(title->text()) + buttons->sizeHint().width() + 4 * theme::grid();
    const bool beside = wanted <= stack->width() - 3 * theme::grid();
    top->setDirection(beside ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    buttons->setAlignment(progress, beside ? Qt::AlignVCenter : Qt::AlignVCenter | Qt::AlignLeft);
    buttons->setStretch(0, beside ? 0 : 1);
    // Before the first step there is no picture yet that needs the room.
    teller->setMostHeight(page.height() * (state.phase == Phase::Idle ? 5 : 4) / 10);
    if (!pictureIsShared)
        return;
    // Two actors side by side come before the columns of the lock table that say least.
    const int grid = theme::grid();
    const int room = stack->width() - 3 * grid;
    const int lockWidth = std::clamp(room - 46 * grid, 28 * grid, 56 * grid);
    picture->setSizes({room - lockWidth, lockWidth});
}

/// What a step did, large; what was done last stays while it has not been done.
void LessonsPage::Parts::showStep(int row)
{
    using State = ScenarioStepModel::State;
    if (row < 0 || row >= steps.rowCount()) {
        teller->setResult(std::nullopt);
        return;
    }
    const State now = lessonwords::stateOf(steps, row);
    if (now == State::Coming)
        return;
    const QString note = steps.index(row, 0).data(ScenarioStepModel::NoteRole).toString();
    teller->setResult(LessonTeller::Result{
        .state = now, .words = lessonwords::told(steps, row), .note = now == State::AsExpected ? note : QString()});
}

void LessonsPage::Parts::refreshButtons()
{
    const bool may = server.connected && server.problem.isEmpty() && document() != nullptr;
    const bool over = state.phase == Phase::Finished || state.phase == Phase::Failed;
    step->setEnabled(may && !isBusy(state) && !state.playing);
    step->setText(state.phase == Phase::Idle || over ? LessonsPage::tr("First Step") : LessonsPage::tr("Next Step"));
    play->setEnabled(may && state.phase != Phase::Resetting);
    pace->setEnabled(may && !state.playing);
    play->setText(state.playing ? LessonsPage::tr("Pause")
                  : over        ? LessonsPage::tr("Play Again")
                                : LessonsPage::tr("Play"));
    play->setAccessibleName(state.playing ? LessonsPage::tr("Pause after this step")
                                          : LessonsPage::tr("Run the lesson to its end"));
    play->setIcon(icon(state.playing ? IconName::Pause : IconName::Resume));
    reset->setEnabled(may && state.phase != Phase::Idle && state.phase != Phase::Resetting);
    for (QPushButton* const button : {step, play})
        safetext::setToolTip(button, server.problem.isEmpty()
                                         ? button == step ? LessonsPage::tr("Do one step and wait (F10)") : QString()
                                         : server.problem);
}

void LessonsPage::Parts::refreshWords()
{
    const ScenarioDocument* const lesson = document();
    title->setText(lesson == nullptr ? QString() : cellText(lesson->title, 120));
    progress->setText(lessonwords::progress(state, steps));
    const bool ended = state.phase == Phase::Finished || state.phase == Phase::Failed;
    if (ended)
        progress->setTone(lessonwords::allAsExpected(state) ? Tone::New : Tone::Error);
    else
        progress->setMuted();
    QString words;
    if (state.error)
        words = state.error->advice.isEmpty() ? state.error->what : state.error->what + u' ' + state.error->advice;
    else if (!state.narration.isEmpty())
        words = state.narration;
    else if (lesson != nullptr)
        words = lesson->about;
    teller->tell(words, state.error ? std::optional(Tone::Error) : std::nullopt);
    fitTop();
}

LessonsPage::LessonsPage(QWidget* parent)
    : QWidget(parent)
    , m_parts(std::make_unique<Parts>(*this))
{
    setObjectName(QStringLiteral("lessonsPage"));
    setAccessibleName(tr("Lessons"));
    m_parts->build();
    refresh();
}

LessonsPage::~LessonsPage() = default;

void LessonsPage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    if (m_parts->listIsFitted) {
        const int listWidth = std::clamp(width() / 5, 26 * theme::grid(), 40 * theme::grid());
        m_parts->splitter->setSizes({listWidth, width() - listWidth});
    }
    m_parts->fitTop();
}

void LessonsPage::refresh()
{
    m_parts->stack->setCurrentIndex(m_parts->server.connected ? 0 : 1);
    m_parts->refreshWords();
    m_parts->refreshButtons();
}

void LessonsPage::setServer(const LabServer& server)
{
    m_parts->server = server;
    refresh();
}

void LessonsPage::setLessons(const QList<ScenarioDocument>& lessons)
{
    const QSignalBlocker quiet(m_parts->list);
    m_parts->lessons = lessons;
    m_parts->list->clear();
    for (qsizetype number = 0; number < lessons.size(); ++number) {
        const ScenarioDocument& lesson = lessons.at(number);
        auto* const item = new QListWidgetItem(
            QStringLiteral("%1. %2").arg(QString::number(number + 1), cellText(lesson.title, 100)), m_parts->list);
        item->setData(nameRole, lesson.name);
        item->setToolTip(plainTooltip(lesson.title + u'\n' + lesson.about.simplified(), 600));
        item->setIcon(icon(IconName::Lesson));
        if (lesson.name == m_parts->chosen)
            m_parts->list->setCurrentItem(item);
    }
    if (m_parts->document() == nullptr && !lessons.isEmpty()) {
        m_parts->list->setCurrentRow(0);
        m_parts->choose(lessons.first().name, true);
    } else if (m_parts->document() != nullptr) {
        m_parts->plan(); // it may have been read anew
        m_parts->steps.setState(m_parts->state);
    }
    refresh();
}

void LessonsPage::choose(const QString& name)
{
    for (int row = 0; row < m_parts->list->count(); ++row) {
        if (m_parts->list->item(row)->data(nameRole).toString() == name)
            m_parts->list->setCurrentRow(row);
    }
}

QString LessonsPage::chosen() const
{
    return m_parts->chosen;
}

void LessonsPage::setState(const ScenarioRunState& state)
{
    m_parts->state = state;
    m_parts->steps.setState(state);
    m_parts->locks.setLocks(state.locks);
    m_parts->actors->setActors(state.actors);
    const int row = m_parts->steps.currentRow();
    const int last = lessonwords::lastStep(m_parts->steps);
    m_parts->stepTable->setCurrentStep(row, last);
    refresh();
    const bool runs = row >= 0 && lessonwords::stateOf(m_parts->steps, row) == ScenarioStepModel::State::Running;
    m_parts->showStep(runs ? row : last);
    // Framed is who did what is told, not who comes next.
    const QModelIndex actor = m_parts->steps.index(runs ? row : last, ScenarioStepModel::ActorColumn);
    m_parts->actors->setActing(actor.isValid() ? actor.data().toString() : QString());
}

void LessonsPage::setResult(const QString& name, LessonResult result)
{
    for (int row = 0; row < m_parts->list->count(); ++row) {
        QListWidgetItem* const item = m_parts->list->item(row);
        if (item->data(nameRole).toString() != name)
            continue;
        switch (result) {
        case LessonResult::NotRun:
            item->setIcon(icon(IconName::Lesson));
            break;
        case LessonResult::AsExpected:
            item->setIcon(icon(IconName::Commit, Tone::New));
            break;
        case LessonResult::Otherwise:
            item->setIcon(icon(IconName::Error, Tone::Error));
            break;
        }
    }
}

void LessonsPage::setFaults(const QString& file, const QString& faults)
{
    m_parts->faults->setWords(faults.isEmpty() ? QString() : tr("%1 cannot be run:").arg(file) + u'\n' + faults,
                              Tone::Error);
}

} // namespace lockscope
