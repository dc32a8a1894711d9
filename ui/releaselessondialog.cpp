#include "ui/releaselessondialog.h"

#include "models/domain/displaytext.h"
#include "ui/icons.h"
#include "ui/safetext.h"
#include "ui/theme.h"
#include "ui/tonelabel.h"
#include "ui/wordsview.h"

#include <QPushButton>
#include <QVBoxLayout>

namespace lockscope {

ReleaseLessonDialog::ReleaseLessonDialog(const QString& key, const QString& holder, const QString& statement,
                                         QWidget* parent)
    : QDialog(parent)
    , m_try(new QPushButton(tr("Try It"), this))
    , m_answer(new ToneLabel(this))
    , m_words(new WordsView(this))
{
    setObjectName(QStringLiteral("releaseLessonDialog"));
    setWindowTitle(tr("Release a Foreign Lock"));
    const int grid = theme::grid();
    const QString shownKey = cellText(key, 200);

    QLabel* const heading =
        safetext::wrappingLabel(tr("Only %1 can release its lock on %2.").arg(cellText(holder, 200), shownKey), this);
    heading->setObjectName(QStringLiteral("lessonHeading"));
    heading->setFont(theme::titleFont());
    QLabel* const explanation = safetext::wrappingLabel(
        tr("An advisory lock belongs to the session that took it. From any other session the same unlock answers "
           "false, with a warning, and changes nothing. That is how locks get stuck behind connection pools: the "
           "lock is taken on one connection and the unlock runs on another.\n\n"
           "What helps is the holder itself, its end, or Terminate Backend.\n\n"
           "\"Try It\" sends this on a connection of its own, which is closed again:"),
        this);
    explanation->setObjectName(QStringLiteral("lessonText"));
    auto* const sent = new WordsView(this);
    sent->setObjectName(QStringLiteral("lessonStatement"));
    sent->setAccessibleName(tr("Statement"));
    sent->setWords(paragraphText(statement), std::nullopt);
    m_answer->setObjectName(QStringLiteral("lessonAnswer"));
    m_answer->setWordWrap(true);
    m_answer->setFont(theme::strongFont());
    m_words->setObjectName(QStringLiteral("lessonWords"));
    m_words->setAccessibleName(tr("What the server said"));

    m_try->setObjectName(QStringLiteral("lessonTryButton"));
    m_try->setAccessibleName(tr("Send the unlock and show the answer"));
    m_try->setAutoDefault(false);
    m_try->setIcon(icon(IconName::Try));
    auto* const close = new QPushButton(tr("Close"), this);
    close->setObjectName(QStringLiteral("lessonCloseButton"));
    close->setAccessibleName(tr("Close"));
    close->setDefault(true);
    close->setFocus();
    connect(m_try, &QPushButton::clicked, this, &ReleaseLessonDialog::tryRequested);
    connect(close, &QPushButton::clicked, this, &QDialog::reject);

    auto* const buttons = new QHBoxLayout;
    buttons->setSpacing(grid);
    buttons->addStretch();
    buttons->addWidget(m_try);
    buttons->addWidget(close);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid * 2, grid * 2, grid * 2, grid * 2);
    layout->setSpacing(grid);
    layout->addWidget(heading);
    layout->addWidget(explanation);
    layout->addWidget(sent);
    layout->addSpacing(grid);
    layout->addWidget(m_answer);
    layout->addWidget(m_words);
    layout->addStretch(1);
    layout->addLayout(buttons);
    resize(grid * 64, grid * 40);
}

void ReleaseLessonDialog::setRunning()
{
    m_try->setEnabled(false);
    m_answer->setMuted();
    m_answer->setText(tr("Asking the server"));
    m_words->setWords({}, std::nullopt);
}

void ReleaseLessonDialog::setAnswer(const ForeignRelease& answer)
{
    m_try->setEnabled(true);
    if (answer.error) {
        m_answer->setTone(Tone::Error);
        m_answer->setText(paragraphText(QStringList{answer.error->what, answer.error->advice}.join(QLatin1Char(' '))));
        m_words->setWords(paragraphText(answer.error->serverWords), std::nullopt);
        return;
    }
    const bool released = answer.answer.value_or(false);
    m_answer->setTone(released ? Tone::Mine : Tone::Blocker);
    m_answer->setText(released ? tr("true: this session held the key itself, and has released it once.")
                               : tr("false: nothing was released."));
    m_words->setWords(answer.notices.isEmpty()
                          ? tr("The server sent no warning: client_min_messages hides it for this role.")
                          : paragraphText(answer.notices.join(QLatin1Char('\n'))),
                      Tone::Waiting);
}

} // namespace lockscope
