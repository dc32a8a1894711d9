#include "ui/keycalculator.h"

#include "models/domain/displaytext.h"
#include "models/domain/keyformulas.h"
#include "models/domain/keyreadings.h"
#include "ui/databaseedit.h"
#include "ui/icons.h"
#include "ui/safetext.h"
#include "ui/tonelabel.h"

#include <QCompleter>
#include <QGridLayout>
#include <QLineEdit>
#include <QRegularExpression>
#include <QStringListModel>
#include <QVBoxLayout>

#include <algorithm>
#include <chrono>

namespace lockscope {

using namespace std::chrono_literals;

namespace {

constexpr auto typingRests = 300ms;
constexpr int rememberedInputs = 30;
constexpr int shownUses = 12;

/// The text itself where somebody pasted a call: hashtext('calendar'), hashtextextended('calendar', 0).
QString hashedText(const QString& input)
{
    static const QRegularExpression call(
        QStringLiteral(
            R"(^(?:pg_catalog\.)?hashtext(?:extended)?\s*\(\s*'((?:[^']|'')*)'(?:::text)?\s*(?:,\s*0\s*)?\)$)"),
        QRegularExpression::CaseInsensitiveOption | QRegularExpression::DotMatchesEverythingOption);
    const auto match = call.match(input.trimmed());
    return match.hasMatch() ? match.captured(1).replace(QStringLiteral("''"), QStringLiteral("'")) : input;
}

QString formText(KeyForm form)
{
    return form == KeyForm::Bigint ? KeyCalculator::tr("bigint") : KeyCalculator::tr("two int4");
}

QString usesText(const QList<KnownUse>& uses)
{
    QStringList lines;
    for (const auto& use : uses.first(std::min<qsizetype>(uses.size(), shownUses))) {
        QStringList parts{use.project, use.purpose, use.detail};
        parts.removeAll(QString());
        lines.append(word(use.confidence) + QStringLiteral(" ") + parts.join(QStringLiteral(": ")));
        lines.append(QStringLiteral("    ") + use.source);
    }
    if (uses.size() > shownUses)
        lines.append(KeyCalculator::tr("and %n more", nullptr, static_cast<int>(uses.size() - shownUses)));
    return lines.join(QLatin1Char('\n'));
}

} // namespace

KeyCalculator::KeyCalculator(QWidget* parent)
    : QDialog(parent)
    , m_input(new QLineEdit)
    , m_database(new DatabaseEdit)
    , m_message(new ToneLabel)
    , m_readings(new KeyTable)
    , m_formulasTitle(safetext::label())
    , m_formulas(new KeyTable)
    , m_remembered(new QStringListModel(this))
    , m_dictionary(std::make_shared<const KeyDictionary>())
{
    setObjectName(QStringLiteral("keyCalculator"));
    setWindowTitle(tr("Key Calculator"));
    setModal(false);
    m_message->setObjectName(QStringLiteral("calculatorMessage"));
    m_message->setWordWrap(true);
    m_message->setMinimumHeight(2 * QFontMetrics(font()).lineSpacing());
    m_readings->setObjectName(QStringLiteral("readingsTable"));
    m_readings->setAccessibleName(tr("Readings of the input"));
    m_formulasTitle->setObjectName(QStringLiteral("formulasTitle"));
    m_formulasTitle->setFont(theme::strongFont());
    m_formulas->setObjectName(QStringLiteral("formulasTable"));
    m_formulas->setAccessibleName(tr("Keys that programs derive from the name of the database"));

    const int grid = theme::grid();
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * grid, 2 * grid, 2 * grid, 2 * grid);
    layout->setSpacing(grid);
    layout->addWidget(makeTop());
    layout->addWidget(m_message);
    layout->addWidget(m_readings, 5);
    layout->addSpacing(grid);
    layout->addWidget(m_formulasTitle);
    layout->addWidget(m_formulas, 6);
    watch(m_readings);
    watch(m_formulas);

    m_rest.setSingleShot(true);
    m_rest.setInterval(typingRests);
    connect(&m_rest, &QTimer::timeout, this, [this] { askForHashes(hashedText(m_input->text())); });
    connect(m_input, &QLineEdit::textChanged, this, &KeyCalculator::evaluate);
    connect(m_input, &QLineEdit::returnPressed, this, &KeyCalculator::remember);
    connect(m_database, &QLineEdit::textChanged, this, [this] {
        evaluate();
        evaluateFormulas();
    });
    evaluate();
    evaluateFormulas();
    resize(150 * grid, 82 * grid);
}

QWidget* KeyCalculator::makeTop()
{
    m_input->setObjectName(QStringLiteral("calculatorEdit"));
    m_input->setAccessibleName(tr("Key or text"));
    m_input->setFont(theme::monospace());
    m_input->setMaxLength(maximumLength);
    m_input->setClearButtonEnabled(true);
    useOwnClearButton(m_input);
    m_input->setPlaceholderText(tr("for example: 5 or -5, 7 or 0/5/1 or any text"));
    safetext::setToolTip(m_input, tr("A bigint, two int4, classid/objid/objsubid as pg_locks has them, or a text that "
                                     "a program hashes into a key"));
    auto* const completer = new QCompleter(m_remembered, m_input);
    completer->setCompletionMode(QCompleter::PopupCompletion);
    m_input->setCompleter(completer);
    m_database->setObjectName(QStringLiteral("calculatorDatabaseEdit"));
    m_database->setFixedWidth(28 * theme::grid());
    m_database->setPlaceholderText(tr("name of a database"));
    safetext::setToolTip(m_database, tr("Many programs derive their key from the name of the database, and names of "
                                        "your own may be for one database only"));
    auto* const inputLabel = safetext::label(tr("Key or text"));
    auto* const databaseLabel = safetext::label(tr("in database"));

    auto* const top = new QWidget;
    auto* const layout = new QHBoxLayout(top);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::grid());
    layout->addWidget(inputLabel);
    layout->addWidget(m_input, 1);
    layout->addWidget(databaseLabel);
    layout->addWidget(m_database);
    return top;
}

void KeyCalculator::watch(KeyTable* table)
{
    connect(table, &KeyTable::copied, this, [this](const QString& text) {
        remember();
        say(tr("Copied: %1").arg(text));
    });
    connect(table, &KeyTable::findRequested, this, [this](const QString& filter) {
        remember();
        Q_EMIT findRequested(filter);
    });
    connect(table, &KeyTable::keyChosen, this, [this](const LockKey& key) {
        remember();
        Q_EMIT keyChosen(key);
    });
    connect(table, &KeyTable::nameRequested, this, [this](const LockKey& key) {
        remember();
        Q_EMIT nameRequested(key, database());
    });
}

void KeyCalculator::setDictionary(const KeyDictionaryPointer& dictionary)
{
    m_dictionary = dictionary ? dictionary : std::make_shared<const KeyDictionary>();
    evaluate();
    evaluateFormulas();
}

void KeyCalculator::setConnected(const QString& database)
{
    if (database == m_connectedDatabase)
        return;
    m_connectedDatabase = database;
    // What another server made of the text is of no use here.
    m_hashedText.clear();
    m_hashes.clear();
    m_hashError.reset();
    m_asked.clear();
    if (!database.isEmpty() && m_database->text().isEmpty())
        m_database->setText(database);
    evaluate();
}

void KeyCalculator::setDatabases(const QHash<quint32, QString>& databases)
{
    if (databases == m_databases)
        return;
    m_databases = databases;
    QStringList names = databases.values();
    names.sort();
    m_database->setNames(names);
    evaluate();
}

void KeyCalculator::setInput(const QString& input)
{
    m_input->setText(input);
}

QString KeyCalculator::input() const
{
    return m_input->text();
}

QString KeyCalculator::database() const
{
    return m_database->text();
}

KeyTableRow KeyCalculator::row(const QString& how, const LockKey& key, const QString& hint) const
{
    const auto target = LockTarget::advisory(m_databases.key(database(), 0), key);
    return {.form = how.isEmpty() ? formText(key.form()) : how,
            .formHint = hint.isEmpty() ? how : hint,
            .key = key,
            .known = m_dictionary->meaning(target, database()),
            .knownHint = usesText(m_dictionary->uses(target, database()))};
}

void KeyCalculator::evaluate()
{
    const QString text = m_input->text();
    m_rest.stop();
    if (text.trimmed().isEmpty()) {
        say(tr("Type or paste a key in any form, or a text that a program hashes."));
        m_readings->setRows({});
    } else if (text.size() >= maximumLength) {
        // A text without its end has another hash.
        say(tr("This is longer than %1 characters, and its end may be missing.").arg(maximumLength), true);
        m_readings->setRows({});
    } else {
        m_readings->setRows(readsAsNumbers(text) || pastedKey(text) ? readNumbers() : readText(hashedText(text)));
    }
}

QList<KeyTableRow> KeyCalculator::readNumbers()
{
    const auto readings = keyReadings(m_input->text());
    if (!readings) {
        const Error& error = readings.error();
        say(error.advice.isEmpty() ? error.what : error.what + QLatin1Char(' ') + error.advice, true);
        return {};
    }
    QList<KeyTableRow> rows;
    for (const auto& reading : *readings)
        rows.append(row(reading.how, reading.key));
    say(tr("The same 64 bits make two keys that never conflict: as one bigint and as two int4."));
    const LockKey first = readings->first().key;
    if (first.form() == KeyForm::Bigint) {
        if (const auto rounded = roundedByJavaScript(first.value()))
            rows.append(row(tr("as JavaScript rounds it"), LockKey::bigint(*rounded),
                            tr("JavaScript keeps numbers as doubles: beyond 2^53 it writes this one instead")));
    }
    return rows;
}

QList<KeyTableRow> KeyCalculator::readText(const QString& text)
{
    QList<KeyTableRow> rows;
    const bool isHashed = m_hashedText == text;
    for (const auto& hash : isHashed ? m_hashes : QList<ServerHash>()) {
        const bool isExtended = hash.entryId == QLatin1StringView("hashtextextended");
        rows.append(row(isExtended ? QStringLiteral("hashtextextended, seed 0") : QStringLiteral("hashtext"), hash.key,
                        isExtended
                            ? tr("hashtextextended(text, 0): 64 bits, computed by the connected server")
                            : tr("hashtext(text): an int4, which becomes a bigint of the same value; computed by "
                                 "the connected server")));
    }
    // The formulas stand in the table below, for a name that is one of a database.
    const auto isFormula = [&text](const LockKey& key) {
        return std::any_of(keyFormulas.begin(), keyFormulas.end(),
                           [&](KeyFormula formula) { return formulaKey(formula, text) == key; });
    };
    const QString quoted = QStringLiteral("('%1')").arg(cellText(text, 60));
    const auto readings = textReadings(text);
    for (const auto& reading : readings) {
        if (isFormula(reading.key))
            continue;
        auto read = row(reading.how, reading.key);
        read.form.replace(quoted, tr("(text)")); // which stands above; the tooltip has it
        rows.append(read);
    }

    if (m_connectedDatabase.isEmpty()) {
        say(tr("hashtext and hashtextextended belong to the server: connect to have it hash this text."));
    } else if (isHashed && m_hashError) {
        say(m_hashError->advice.isEmpty() ? m_hashError->what
                                          : m_hashError->what + QLatin1Char(' ') + m_hashError->advice,
            true);
    } else if (isHashed) {
        say(tr("The connected server hashed this text, as database %1 has its bytes.")
                .arg(cellText(m_connectedDatabase, 64)));
    } else {
        say(tr("The server is asked what it makes of this text."));
        m_rest.start();
    }
    return rows;
}

void KeyCalculator::askForHashes(const QString& text)
{
    if (m_connectedDatabase.isEmpty() || m_asked == text)
        return;
    m_asked = text;
    Q_EMIT hashRequested(text);
}

void KeyCalculator::setHashes(const QString& text, const QList<ServerHash>& hashes)
{
    if (text != m_asked)
        return;
    m_asked.clear();
    m_hashedText = text;
    m_hashes = hashes;
    m_hashError.reset();
    evaluate();
}

void KeyCalculator::setHashError(const QString& text, const Error& error)
{
    if (text != m_asked)
        return;
    m_asked.clear();
    m_hashedText = text;
    m_hashes.clear();
    m_hashError = error;
    evaluate();
}

void KeyCalculator::evaluateFormulas()
{
    const QString name = database();
    m_formulasTitle->setText(
        name.isEmpty() ? tr("Keys that programs derive from the name of the database: choose one above")
                       : tr("Keys that programs derive from the name of database %1").arg(cellText(name, 64)));
    QList<KeyTableRow> rows;
    if (!name.isEmpty()) {
        for (const auto formula : keyFormulas)
            rows.append(row(id(formula), formulaKey(formula, name),
                            givesClassIdOnly(formula) ? tr("Only the first half follows from the name")
                                                      : tr("As the program computes it")));
    }
    m_formulas->setRows(rows);
}

void KeyCalculator::say(const QString& message, bool isTrouble)
{
    if (isTrouble)
        m_message->setTone(Tone::Error);
    else
        m_message->setMuted();
    m_message->setText(message);
}

void KeyCalculator::remember()
{
    const QString text = m_input->text();
    if (text.trimmed().isEmpty())
        return;
    QStringList inputs = m_remembered->stringList();
    inputs.removeAll(text);
    inputs.prepend(text);
    m_remembered->setStringList(inputs.mid(0, rememberedInputs));
}

} // namespace lockscope
