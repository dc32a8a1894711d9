#include "ui/namestarter.h"

#include "ui/safetext.h"
#include "ui/tonelabel.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>

#include <algorithm>

namespace lockscope {

namespace {

constexpr int maximumNameLength = 40;

} // namespace

QString nameProblem(const QString& name)
{
    if (name.trimmed().isEmpty())
        return NameStarter::tr("A name is needed.");
    if (name.trimmed().size() > maximumNameLength)
        return NameStarter::tr("A name has at most %1 characters.").arg(maximumNameLength);
    const auto isControl = [](QChar character) {
        return character.category() == QChar::Other_Control || character.category() == QChar::Other_Format ||
               character == QChar::LineSeparator || character == QChar::ParagraphSeparator;
    };
    if (std::any_of(name.cbegin(), name.cend(), isControl))
        return NameStarter::tr("A name has no control characters or line breaks.");
    return {};
}

NameStarter::NameStarter(const Words& words, QWidget* parent)
    : QWidget(parent)
    , m_words(words)
    , m_edit(new QLineEdit(this))
    , m_button(new QPushButton(words.button, this))
    , m_row(new QHBoxLayout)
    , m_message(new ToneLabel(this))
{
    m_edit->setObjectName(words.editName);
    m_edit->setAccessibleName(words.label);
    m_edit->setMaxLength(maximumNameLength * 4); // enough to see that it is too long
    m_edit->setMinimumWidth(11 * theme::grid()); // a usual name; the panel decides how much more
    m_button->setObjectName(words.buttonName);
    m_button->setAccessibleName(words.button);
    m_button->setAutoDefault(false);
    m_message->setObjectName(words.editName + QStringLiteral("Message"));
    m_message->setTone(Tone::Error);
    m_message->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Minimum);

    m_row->setSpacing(theme::grid() / 2);
    m_row->addWidget(m_edit, 1);
    m_row->addWidget(m_button);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::grid() / 2);
    layout->addLayout(m_row);
    layout->addWidget(m_message);

    connect(m_edit, &QLineEdit::textChanged, this, &NameStarter::refresh);
    connect(m_edit, &QLineEdit::returnPressed, this, &NameStarter::start);
    connect(m_button, &QPushButton::clicked, this, &NameStarter::start);
    suggest();
    refresh();
}

void NameStarter::setTaken(const QStringList& names)
{
    if (m_taken == names)
        return;
    m_taken = names;
    if (m_edit->text() == m_suggestion)
        suggest();
}

void NameStarter::addTool(QWidget* tool)
{
    m_row->addWidget(tool);
}

void NameStarter::setReason(const QString& reason)
{
    m_reason = reason;
    refresh();
}

void NameStarter::suggest()
{
    Q_ASSERT(!m_words.suggested.isEmpty());
    m_suggestion.clear();
    for (int round = 1; m_suggestion.isEmpty(); ++round) {
        for (const QString& name : std::as_const(m_words.suggested)) {
            const QString candidate = round == 1 ? name : name + QString::number(round);
            if (m_taken.contains(candidate))
                continue;
            m_suggestion = candidate;
            break;
        }
    }
    m_edit->setText(m_suggestion);
}

void NameStarter::refresh()
{
    const QString problem = nameProblem(m_edit->text());
    const QString why = m_reason.isEmpty() ? problem : m_reason;
    m_message->setText(problem);
    m_message->setVisible(!problem.isEmpty());
    m_button->setEnabled(why.isEmpty());
    safetext::setToolTip(m_button, why.isEmpty() ? m_words.buttonTip : why);
}

void NameStarter::start()
{
    if (!m_button->isEnabled())
        return;
    const QString name = m_edit->text().trimmed();
    m_suggestion = m_edit->text(); // used up: the next free name takes its place
    Q_EMIT startRequested(name);
}

} // namespace lockscope
