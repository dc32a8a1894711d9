#include "ui/keyedit.h"

#include "ui/icons.h"
#include "ui/safetext.h"
#include "ui/tonelabel.h"

#include <QComboBox>
#include <QCompleter>
#include <QEvent>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QShortcut>
#include <QSignalBlocker>
#include <QStringListModel>
#include <QVBoxLayout>

#include <algorithm>

namespace lockscope {

namespace {

QString childName(const QString& prefix, const QString& name)
{
    if (prefix.isEmpty())
        return name;
    return prefix + name.at(0).toUpper() + name.mid(1);
}

QString fieldText(const KeyInput& key)
{
    if (const auto* text = std::get_if<TextKey>(&key))
        return text->text;
    return std::get<LockKey>(key).toString();
}

/// Web pages and word processors write a typographic minus (U+2212) in front of negative numbers.
QString withAsciiMinus(QString text)
{
    return text.replace(QChar(0x2212), QLatin1Char('-'));
}

} // namespace

KeyEdit::KeyEdit(const QString& namePrefix, QWidget* parent)
    : QWidget(parent)
    , m_field(new QLineEdit(this))
    , m_formBox(new QComboBox(this))
    , m_hashBox(new QComboBox(this))
    , m_message(new ToneLabel(this))
    , m_completions(new QStringListModel(this))
{
    m_field->setObjectName(childName(namePrefix, QStringLiteral("keyEdit")));
    m_field->setAccessibleName(tr("Key"));
    m_field->setFont(theme::monospace());
    m_field->setMaxLength(maximumLength + 1); // one more, to notice that there was more
    useOwnClearButton(m_field);

    m_formBox->setObjectName(childName(namePrefix, QStringLiteral("keyFormBox")));
    m_formBox->setAccessibleName(tr("Form of the key"));
    m_formBox->addItem(tr("bigint"), Bigint);
    m_formBox->addItem(tr("two int4"), Int4Pair);
    m_formBox->addItem(tr("text"), Text);
    safetext::setToolTip(
        m_formBox, tr("PostgreSQL has two separate key spaces: one bigint, or two int4. bigint 42 and (0, 42) are "
                      "different locks. A text is turned into a bigint by the server."));

    m_hashBox->setObjectName(childName(namePrefix, QStringLiteral("hashBox")));
    m_hashBox->setAccessibleName(tr("Hash function for the text"));
    m_hashBox->addItem(QStringLiteral("hashtextextended"), static_cast<int>(TextHash::Hashtextextended));
    m_hashBox->addItem(QStringLiteral("hashtext"), static_cast<int>(TextHash::Hashtext));
    safetext::setToolTip(m_hashBox,
                         tr("The function of the server that turns the text into a number. It must be the one that the "
                            "application uses: the two give different keys for the same text."));

    m_message->setObjectName(childName(namePrefix, QStringLiteral("keyMessage")));
    m_message->setAccessibleName(tr("Remark on the key"));
    safetext::setToolTip(m_message, tr("A key shows in pg_locks as classid, objid and objsubid."));
    m_message->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Minimum);

    auto* completer = new QCompleter(m_completions, this);
    completer->setCaseSensitivity(Qt::CaseSensitive);
    completer->setMaxVisibleItems(8);
    m_field->setCompleter(completer);
    setFocusProxy(m_field);

    auto* row = new QHBoxLayout;
    row->setSpacing(theme::grid() / 2);
    row->addWidget(m_field, 1);
    row->addWidget(m_formBox);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::grid() / 2);
    layout->addLayout(row);
    layout->addWidget(m_hashBox);
    layout->addWidget(m_message);

    connect(m_field, &QLineEdit::textChanged, this, &KeyEdit::evaluate);
    connect(m_hashBox, &QComboBox::currentIndexChanged, this, &KeyEdit::evaluate);
    connect(m_formBox, &QComboBox::currentIndexChanged, this, [this] {
        m_formFollows = false;
        updateForm();
        evaluate();
    });
    connect(m_field, &QLineEdit::returnPressed, this, [this] { submit(&KeyEdit::submitted); });
    for (const auto key : {Qt::Key_Return, Qt::Key_Enter}) {
        auto* shortcut = new QShortcut(QKeySequence(Qt::CTRL | key), m_field);
        shortcut->setContext(Qt::WidgetShortcut);
        connect(shortcut, &QShortcut::activated, this, [this] { submit(&KeyEdit::submittedToWait); });
    }
    updateForm();
    evaluate();
}

void KeyEdit::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        m_field->setFont(theme::monospace()); // follows the size of the interface
}

void KeyEdit::setKey(const KeyInput& key)
{
    {
        const QSignalBlocker formBlocker(m_formBox);
        const QSignalBlocker hashBlocker(m_hashBox);
        const QSignalBlocker fieldBlocker(m_field);
        m_formFollows = false;
        if (const auto* text = std::get_if<TextKey>(&key)) {
            m_formBox->setCurrentIndex(Text);
            m_hashBox->setCurrentIndex(m_hashBox->findData(static_cast<int>(text->hash)));
        } else {
            m_formBox->setCurrentIndex(std::get<LockKey>(key).form() == KeyForm::Bigint ? Bigint : Int4Pair);
        }
        m_field->setText(fieldText(key));
    }
    updateForm();
    evaluate();
}

void KeyEdit::setRecentKeys(const QList<KeyInput>& keys)
{
    m_recent = keys.mid(0, maximumRecentKeys);
    updateCompletions();
}

void KeyEdit::remember(const KeyInput& key)
{
    m_recent.removeAll(key);
    m_recent.prepend(key);
    if (m_recent.size() > maximumRecentKeys)
        m_recent.resize(maximumRecentKeys);
    updateCompletions();
    Q_EMIT recentKeysChanged();
}

void KeyEdit::evaluate()
{
    const std::optional<KeyInput> before = m_key;
    const QString text = m_field->text();
    m_key.reset();
    m_problem.clear();
    if (text.size() > maximumLength) {
        m_problem = tr("This is longer than %1 characters. Nothing is sent.").arg(maximumLength);
    } else if (!text.isEmpty()) {
        const auto result = read(text);
        if (result)
            m_key = *result;
        else
            m_problem = result.error().what;
    }
    showMessage();
    if (m_key != before)
        Q_EMIT keyChanged();
}

Result<KeyInput> KeyEdit::read(const QString& text)
{
    if (m_formBox->currentIndex() == Text) {
        // Controls cannot be seen in the field, and another text is another lock.
        if (std::any_of(text.cbegin(), text.cend(), [](QChar character) {
                return character.category() == QChar::Other_Control || character == QChar::LineSeparator ||
                       character == QChar::ParagraphSeparator;
            }))
            return usageError(
                tr("The text holds a line break or another control character, which cannot be seen here."));
        return KeyInput(TextKey{.text = text, .hash = static_cast<TextHash>(m_hashBox->currentData().toInt())});
    }
    const QString number = withAsciiMinus(text);
    if (m_formFollows && !number.contains(QLatin1Char(',')))
        followForm(Bigint);
    const bool wantsBigint = m_formBox->currentIndex() == Bigint;
    if (wantsBigint && number.contains(QLatin1Char(','))) {
        if (const auto pair = LockKey::parse(number, KeyForm::Int4Pair)) {
            followForm(Int4Pair);
            return KeyInput(*pair);
        }
    }
    const auto key = LockKey::parse(number, wantsBigint ? KeyForm::Bigint : KeyForm::Int4Pair);
    if (!key)
        return failure(key.error());
    return KeyInput(*key);
}

void KeyEdit::followForm(Form form)
{
    const QSignalBlocker blocker(m_formBox);
    m_formFollows = form == Int4Pair;
    m_formBox->setCurrentIndex(form);
    updateForm();
}

void KeyEdit::showMessage()
{
    if (!m_problem.isEmpty()) {
        m_message->setTone(Tone::Error);
        m_message->setText(m_problem);
        return;
    }
    m_message->setMuted();
    if (!m_key) {
        static const std::array examples{QT_TR_NOOP("A whole number, such as 5 or -1."),
                                         QT_TR_NOOP("Two whole numbers, such as -5, 7."),
                                         QT_TR_NOOP("Any text, such as calendar. The server turns it into a number.")};
        m_message->setText(tr(examples.at(static_cast<std::size_t>(m_formBox->currentIndex()))));
        return;
    }
    if (const auto* key = std::get_if<LockKey>(&*m_key)) {
        m_message->setText(
            tr("classid %1, objid %2, objsubid %3", "columns of pg_locks")
                .arg(QString::number(key->classid()), QString::number(key->objid()), QString::number(key->objsubid())));
        return;
    }
    const QString& text = std::get<TextKey>(*m_key).text;
    if (text.front().isSpace() || text.back().isSpace()) {
        m_message->setTone(Tone::Waiting);
        m_message->setText(tr("The text begins or ends with a space, which counts."));
        return;
    }
    m_message->setText(tr("The server turns this text into a bigint."));
}

void KeyEdit::updateForm()
{
    const int form = m_formBox->currentIndex();
    m_hashBox->setVisible(form == Text);
    m_field->setPlaceholderText(form == Text ? tr("Key: any text") : form == Bigint ? tr("Key") : tr("Key, key"));
    updateCompletions();
}

void KeyEdit::updateCompletions()
{
    QStringList texts;
    for (const KeyInput& key : std::as_const(m_recent)) {
        const auto* number = std::get_if<LockKey>(&key);
        const int form = number == nullptr ? Text : number->form() == KeyForm::Bigint ? Bigint : Int4Pair;
        if (form == m_formBox->currentIndex())
            texts.append(fieldText(key));
    }
    m_completions->setStringList(texts);
}

void KeyEdit::submit(void (KeyEdit::*signal)())
{
    if (m_key)
        Q_EMIT(this->*signal)();
}

} // namespace lockscope
