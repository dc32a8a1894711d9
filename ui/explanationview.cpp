#include "ui/explanationview.h"

#include "models/domain/displaytext.h"
#include "ui/icons.h"
#include "ui/panelscroll.h"
#include "ui/safetext.h"
#include "ui/statepill.h"
#include "ui/theme.h"
#include "ui/tightbutton.h"

#include <QApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QScrollBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace lockscope {

namespace {

constexpr int textLimit = 4000;
constexpr std::size_t cureCount = 4;
/// From this many grid units on, paragraph and diagnoses stand side by side.
constexpr int besideFrom = 100;

/// Ages in a text change with every poll. What a person has selected in it stays selected, and while the mouse is
/// selecting nothing moves.
void setSteadyText(QLabel* label, const QString& text)
{
    const QString shown = paragraphText(text, textLimit);
    label->setVisible(!shown.isEmpty());
    if (label->text() == shown)
        return;
    if (QApplication::mouseButtons().testFlag(Qt::LeftButton) && label->underMouse() && label->hasSelectedText())
        return;
    const int start = label->selectionStart();
    const auto length = static_cast<int>(label->selectedText().size());
    label->setText(shown);
    if (start >= 0 && start + length <= shown.size())
        label->setSelection(start, length);
}

QLabel* named(QLabel* label, const char* objectName, const QString& accessibleName)
{
    label->setObjectName(QString::fromLatin1(objectName));
    label->setAccessibleName(accessibleName);
    label->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    // A wrapping label would ask for the width of its longest word times some golden ratio.
    // Nor is its height at that width the least that it needs.
    label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    return label;
}

/// A button that reads as text until the mouse is over it.
QToolButton* quietButton(const char* objectName, const QString& text)
{
    auto* const button = new QToolButton;
    button->setObjectName(QString::fromLatin1(objectName));
    button->setAccessibleName(text);
    button->setText(text);
    button->setAutoRaise(true);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setFocusPolicy(Qt::TabFocus);
    return button;
}

const char* buttonName(CureKind kind)
{
    switch (kind) {
    case CureKind::CancelQuery:
        return "cancelQueryButton";
    case CureKind::TerminateBackend:
        return "terminateBackendButton";
    case CureKind::CommitPrepared:
        return "commitPreparedButton";
    case CureKind::RollbackPrepared:
        return "rollbackPreparedButton";
    }
    return "";
}

} // namespace

class ExplanationView::Parts
{
public:
    /// One diagnosis: a pill with its title, what was seen, what to do.
    struct Card
    {
        QWidget* widget = nullptr;
        StatePill* pill = nullptr;
        QToolButton* who = nullptr;
        QLabel* evidence = nullptr;
        QLabel* advice = nullptr;
        WaitNodeId about = {};
    };

    explicit Parts(ExplanationView& view);

    [[nodiscard]] QWidget* makeWords();
    [[nodiscard]] QWidget* makeButtons();
    void makeCard();
    void showDiagnoses(const QList<Diagnosis>& diagnoses);
    void showOffers(const QList<CureOffer>& offers);
    void arrangeWords();
    void arrangeButtons();
    void applyFonts();
    void applyColors();

    ExplanationView& view;
    Explanation explanation = {};
    WaitNodeId victim = {};
    QString grant = {};

    PanelScroll* scroll = nullptr;
    QLabel* situation = nullptr;
    QLabel* text = nullptr;
    QBoxLayout* columns = nullptr; ///< the paragraph and the diagnoses
    QVBoxLayout* cardLayout = nullptr;
    std::vector<std::unique_ptr<Card>> cards = {};

    QWidget* footer = nullptr;
    QHBoxLayout* buttonRow = nullptr;
    QHBoxLayout* reasonRow = nullptr;
    QLabel* whom = nullptr;
    std::array<TightButton*, cureCount> cures{};
    QToolButton* tryRelease = nullptr;
    QLabel* reason = nullptr;
    QToolButton* copyGrant = nullptr;
};

ExplanationView::Parts::Parts(ExplanationView& owner)
    : view(owner)
{
    scroll = new PanelScroll(makeWords(), &view);
    scroll->setObjectName(QStringLiteral("explanationScroll"));
    scroll->setMinimumHeight(6 * theme::grid()); // two lines: whoever has no more room scrolls
    footer = makeButtons();
    auto* const layout = new QVBoxLayout(&view);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::grid() / 2);
    layout->addWidget(scroll, 1);
    layout->addWidget(footer);
    footer->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    applyFonts();
    applyColors();
}

QWidget* ExplanationView::Parts::makeWords()
{
    situation = named(safetext::wrappingLabel(), "explanationSituation", ExplanationView::tr("Situation"));
    text = named(safetext::wrappingLabel(), "explanationText", ExplanationView::tr("Explanation"));
    cardLayout = new QVBoxLayout;
    cardLayout->setSpacing(theme::grid());
    columns = new QBoxLayout(QBoxLayout::TopToBottom);
    columns->setSpacing(theme::grid() / 2);
    columns->addWidget(text, 1, Qt::AlignTop);
    columns->addLayout(cardLayout, 1);
    auto* const content = new QWidget;
    auto* const layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, theme::grid() / 2, 0);
    layout->setSpacing(theme::grid() / 2);
    layout->addWidget(situation);
    layout->addLayout(columns);
    layout->addStretch(1);
    return content;
}

QWidget* ExplanationView::Parts::makeButtons()
{
    buttonRow = new QHBoxLayout;
    buttonRow->setSpacing(theme::grid());
    whom = safetext::mutedLabel();
    whom->setWordWrap(false);
    whom->setAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    whom->setObjectName(QStringLiteral("cureVictim"));
    whom->setAccessibleName(ExplanationView::tr("The session that the buttons act on"));
    buttonRow->addWidget(whom);
    for (std::size_t at = 0; at < cureCount; ++at) {
        const auto kind = static_cast<CureKind>(at);
        auto* const button = new TightButton(ExplanationView::tr("%1...").arg(lockscope::title(kind)));
        button->setObjectName(QString::fromLatin1(buttonName(kind)));
        button->hide();
        QObject::connect(button, &QPushButton::clicked, &view,
                         [this, kind] { Q_EMIT view.cureRequested(kind, victim); });
        buttonRow->addWidget(button);
        cures[at] = button;
    }
    tryRelease = quietButton("tryReleaseButton", ExplanationView::tr("Try to Release It..."));
    safetext::setToolTip(tryRelease, ExplanationView::tr("See what the server answers when somebody else unlocks this "
                                                         "key: it stays locked"));
    tryRelease->hide();
    QObject::connect(tryRelease, &QToolButton::clicked, &view, [this] { Q_EMIT view.foreignReleaseRequested(victim); });
    buttonRow->addStretch(1);

    reason = named(safetext::mutedLabel(), "cureReason", ExplanationView::tr("Why a button cannot work"));
    copyGrant = quietButton("copyGrantButton", ExplanationView::tr("Copy GRANT"));
    copyGrant->setIcon(icon(IconName::Copy));
    QObject::connect(copyGrant, &QToolButton::clicked, &view, [this] { Q_EMIT view.copyRequested(grant); });
    reasonRow = new QHBoxLayout;
    reasonRow->setSpacing(theme::grid());
    reasonRow->addWidget(reason, 1);
    reasonRow->addWidget(copyGrant, 0, Qt::AlignTop);
    reason->hide();
    copyGrant->hide();

    auto* const box = new QWidget;
    auto* const layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::grid() / 2);
    layout->addLayout(reasonRow); // above, so that it moves no button when it comes and goes
    layout->addLayout(buttonRow);
    buttonRow->addWidget(tryRelease);
    return box;
}

void ExplanationView::Parts::makeCard()
{
    auto card = std::make_unique<Card>();
    card->widget = new QWidget;
    card->widget->setObjectName(QStringLiteral("diagnosis"));
    card->pill = new StatePill;
    card->pill->setObjectName(QStringLiteral("diagnosisTitle"));
    card->who = quietButton("diagnosisSession", ExplanationView::tr("Show This Session"));
    card->evidence = named(safetext::wrappingLabel(), "diagnosisEvidence", ExplanationView::tr("What was seen"));
    card->advice = named(safetext::mutedLabel(), "diagnosisAdvice", ExplanationView::tr("What to do about it"));
    Card* const shown = card.get();
    QObject::connect(card->who, &QToolButton::clicked, &view,
                     [this, shown] { Q_EMIT view.sessionRequested(shown->about); });

    auto* const top = new QHBoxLayout;
    top->setSpacing(theme::grid());
    top->addWidget(card->pill);
    top->addWidget(card->who);
    top->addStretch(1);
    auto* const layout = new QVBoxLayout(card->widget);
    layout->setContentsMargins(0, theme::grid() / 2, 0, 0);
    layout->setSpacing(theme::grid() / 4);
    layout->addLayout(top);
    layout->addWidget(card->evidence);
    layout->addWidget(card->advice);
    cardLayout->addWidget(card->widget);
    cards.push_back(std::move(card));
    applyColors();
}

void ExplanationView::Parts::showDiagnoses(const QList<Diagnosis>& diagnoses)
{
    while (cards.size() < static_cast<std::size_t>(diagnoses.size()))
        makeCard();
    for (std::size_t at = 0; at < cards.size(); ++at) {
        Card& card = *cards[at];
        const bool shown = at < static_cast<std::size_t>(diagnoses.size());
        card.widget->setVisible(shown);
        if (!shown)
            continue;
        const Diagnosis& diagnosis = diagnoses[static_cast<qsizetype>(at)];
        card.pill->setPill(diagnosis.certain ? Pill{diagnosis.title, PillShape::Warning, Tone::Blocker}
                                             : Pill{diagnosis.title, PillShape::Question, Tone::Waiting});
        card.widget->setAccessibleName(diagnosis.title);
        setSteadyText(card.evidence, diagnosis.evidence);
        setSteadyText(card.advice, diagnosis.advice);
        card.about = diagnosis.about;
        const bool other = !diagnosis.about.isNull() && diagnosis.about != victim;
        card.who->setVisible(other);
        if (other)
            card.who->setText(diagnosis.about.isPrepared()
                                  ? ExplanationView::tr("Show It")
                                  : ExplanationView::tr("Show %1").arg(diagnosis.about.backend.pid));
    }
}

void ExplanationView::Parts::showOffers(const QList<CureOffer>& offers)
{
    const CureOffer* telling = nullptr;
    bool any = false;
    for (std::size_t at = 0; at < cureCount; ++at) {
        const auto kind = static_cast<CureKind>(at);
        const auto offer = std::find_if(offers.cbegin(), offers.cend(),
                                        [kind](const CureOffer& candidate) { return candidate.kind == kind; });
        const bool applies = offer != offers.cend() && offer->applies;
        TightButton* const button = cures[at];
        button->setVisible(applies);
        if (!applies)
            continue;
        any = true;
        const QString title = ExplanationView::tr("%1...").arg(lockscope::title(kind));
        if (button->text() != title)
            safetext::setText(button, title);
        button->setAccessibleName(title);
        button->setEnabled(offer->possible);
        safetext::setToolTip(button, offer->grant.isEmpty() ? offer->reason : offer->reason + u'\n' + offer->grant);
        // A right that is missing can be given; that there is no query now is the lesser news.
        if (!offer->possible && (telling == nullptr || (telling->grant.isEmpty() && !offer->grant.isEmpty())))
            telling = &*offer;
    }
    grant = telling != nullptr ? telling->grant : QString();
    setSteadyText(reason, telling == nullptr ? QString()
                          : grant.isEmpty()  ? telling->reason
                                             : telling->reason + u' ' + grant);
    copyGrant->setVisible(!grant.isEmpty());
    safetext::setToolTip(copyGrant, grant);
    tryRelease->setVisible(!offers.isEmpty() && explanation.holdsAdvisory);
    whom->setVisible(any);
    whom->setText(victim.isPrepared() ? ExplanationView::tr("Prepared")
                                      : ExplanationView::tr("PID %1").arg(victim.backend.pid));
    footer->setVisible(any || !tryRelease->isHidden());
    arrangeButtons();
}

/// Lines of a readable length: the diagnoses stand beside the paragraph where there is room for both.
void ExplanationView::Parts::arrangeWords()
{
    const bool beside = !explanation.diagnoses.isEmpty() && view.contentsRect().width() >= besideFrom * theme::grid();
    columns->setDirection(beside ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    columns->setSpacing(beside ? 4 * theme::grid() : theme::grid() / 2);
}

/// Where the row is too narrow for all of them the lesson goes down, beside the reason.
void ExplanationView::Parts::arrangeButtons()
{
    int least = whom->sizeHint().width();
    for (const TightButton* const button : cures) {
        if (!button->isHidden())
            least += button->minimumSizeHint().width() + theme::grid();
    }
    // The row itself asks for no width: it would keep the view as wide as the row with the lesson in it.
    const QMargins margins = view.contentsMargins();
    view.setMinimumWidth(least + margins.left() + margins.right());
    const int needed = least + tryRelease->sizeHint().width() + theme::grid();
    const bool down = !tryRelease->isHidden() && needed > view.contentsRect().width();
    QHBoxLayout* const wanted = down ? reasonRow : buttonRow;
    if (wanted->indexOf(tryRelease) < 0) {
        (down ? buttonRow : reasonRow)->removeWidget(tryRelease);
        wanted->addWidget(tryRelease, 0, Qt::AlignTop);
    }
}

/// Quiet buttons read as links.
void ExplanationView::Parts::applyColors()
{
    const QPalette base = QApplication::palette();
    const auto color = [&base](QToolButton* button) {
        QPalette own = button->palette();
        own.setColor(QPalette::ButtonText, theme::color(Tone::Accent, base));
        button->setPalette(own);
    };
    color(tryRelease);
    color(copyGrant);
    for (const auto& card : cards)
        color(card->who);
}

void ExplanationView::Parts::applyFonts()
{
    situation->setFont(theme::strongFont());
}

ExplanationView::ExplanationView(QWidget* parent)
    : QWidget(parent)
    , m_parts(std::make_unique<Parts>(*this))
{
    setObjectName(QStringLiteral("explanationView"));
    setAccessibleName(tr("Explanation"));
    clear();
}

ExplanationView::~ExplanationView() = default;

void ExplanationView::setExplanation(const Explanation& explanation, const WaitNodeId& victim,
                                     const QList<CureOffer>& offers)
{
    const bool another = victim != m_parts->victim;
    m_parts->explanation = explanation;
    m_parts->victim = victim;
    QStringList sentences{explanation.reason, explanation.remedy, explanation.cost};
    sentences.removeAll(QString());
    setSteadyText(m_parts->situation, explanation.situation);
    setSteadyText(m_parts->text, sentences.join(u' '));
    m_parts->showDiagnoses(explanation.diagnoses);
    m_parts->arrangeWords();
    m_parts->showOffers(offers);
    if (another)
        m_parts->scroll->verticalScrollBar()->setValue(0);
}

void ExplanationView::clear()
{
    setExplanation({}, {}, {});
}

QString ExplanationView::text() const
{
    return m_parts->explanation.text();
}

void ExplanationView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange && m_parts)
        m_parts->applyFonts();
    if (event->type() == QEvent::PaletteChange && m_parts)
        m_parts->applyColors();
}

void ExplanationView::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    m_parts->arrangeWords();
    m_parts->arrangeButtons();
}

} // namespace lockscope
