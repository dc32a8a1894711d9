#include "ui/lab/lessonteller.h"

#include "models/domain/displaytext.h"
#include "ui/icons.h"
#include "ui/lab/keptfont.h"
#include "ui/panelscroll.h"
#include "ui/safetext.h"
#include "ui/tonelabel.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QVBoxLayout>

#include <algorithm>

namespace lockscope {

namespace {

using State = ScenarioStepModel::State;

int heightOf(const QLabel* label, const QString& text, int width)
{
    return text.isEmpty() ? 0
                          : QFontMetrics(label->font())
                                .boundingRect(QRect(0, 0, std::max(1, width), 1'000'000),
                                              Qt::TextWordWrap | Qt::AlignLeft | Qt::AlignTop, text)
                                .height();
}

int mostHeightOf(const QLabel* label, const QStringList& texts, int width)
{
    int most = heightOf(label, label->text(), width);
    for (const QString& text : texts)
        most = std::max(most, heightOf(label, text, width));
    return most;
}

} // namespace

LessonTeller::LessonTeller(QWidget* parent)
    : QWidget(parent)
    , m_narration(new ToneLabel)
    , m_resultRow(new QWidget)
    , m_sign(safetext::label())
    , m_words(new ToneLabel)
    , m_note(new ToneLabel)
{
    m_narration->setObjectName(QStringLiteral("lessonNarration"));
    m_narration->setAccessibleName(tr("What happens"));
    m_narration->setTextInteractionFlags(Qt::TextSelectableByMouse);
    keepFont(m_narration, KeptFont::Narration);
    m_words->setObjectName(QStringLiteral("lessonResult"));
    m_words->setAccessibleName(tr("The last step and its result"));
    keepFont(m_words, KeptFont::Title);
    m_note->setObjectName(QStringLiteral("lessonNote"));
    m_note->setAccessibleName(tr("Why it is so"));

    auto* const row = new QHBoxLayout(m_resultRow);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(theme::grid());
    row->addWidget(m_sign, 0, Qt::AlignTop);
    auto* const words = new QVBoxLayout;
    words->setSpacing(0);
    words->addWidget(m_words);
    words->addWidget(m_note);
    row->addLayout(words, 1);
    auto* const content = new QWidget;
    auto* const column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(theme::grid());
    column->addWidget(m_narration);
    column->addWidget(m_resultRow);
    column->addStretch(1);
    m_resultRow->hide();
    m_scroll = new PanelScroll(content, this);
    m_scroll->setMinimumHeight(1);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_scroll);
}

void LessonTeller::setPlanned(const QStringList& narrations, const QStringList& notes)
{
    m_narrations = narrations;
    m_notes = notes;
    fit();
}

void LessonTeller::tell(const QString& narration, std::optional<Tone> tone)
{
    m_narration->setText(cellText(narration.simplified(), 1200));
    if (tone)
        m_narration->setTone(*tone);
    else
        m_narration->setBody();
    fit();
}

void LessonTeller::setResult(const std::optional<Result>& result)
{
    m_result = result;
    m_resultRow->setVisible(result.has_value());
    m_words->setText(result ? cellText(result->words, 600) : QString());
    m_note->setText(result ? cellText(result->note.simplified(), 600) : QString());
    m_note->setVisible(!m_note->text().isEmpty());
    if (result && result->state == State::Otherwise)
        m_words->setTone(Tone::Error);
    else if (result && result->state == State::AsExpected)
        m_words->setBody();
    else
        m_words->setMuted();
    showSign();
    fit();
}

void LessonTeller::setMostHeight(int height)
{
    if (m_most == height)
        return;
    m_most = height;
    fit();
}

void LessonTeller::showSign()
{
    const State state = m_result ? m_result->state : State::Coming;
    const int edge = QFontMetrics(m_words->font()).height();
    const auto [name, tone] = state == State::AsExpected  ? std::pair(IconName::Commit, Tone::New)
                              : state == State::Otherwise ? std::pair(IconName::Error, Tone::Error)
                                                          : std::pair(IconName::Hourglass, Tone::Waiting);
    m_sign->setPixmap(iconPixmap(name, theme::color(tone, palette()), edge, devicePixelRatioF()));
}

void LessonTeller::fit()
{
    const int grid = theme::grid();
    const int width = this->width() - 2 * grid; // a scroll bar may come
    int height = 0;
    if (m_result) {
        const int words = width - QFontMetrics(m_words->font()).height() - grid;
        height = mostHeightOf(m_narration, m_narrations, width) + grid + mostHeightOf(m_words, {}, words) +
                 mostHeightOf(m_note, m_notes, words) + grid / 2;
    } else {
        height = heightOf(m_narration, m_narration->text(), width) + grid / 2;
    }
    height = std::clamp(height, std::min(m_most, 2 * theme::rowHeight()), std::max(m_most, 2 * theme::rowHeight()));
    if (height != minimumHeight() || height != maximumHeight())
        setFixedHeight(height);
}

void LessonTeller::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    fit();
}

void LessonTeller::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() != QEvent::FontChange && event->type() != QEvent::PaletteChange)
        return;
    showSign();
    fit();
}

} // namespace lockscope
