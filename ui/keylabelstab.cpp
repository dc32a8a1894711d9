#include "ui/keylabelstab.h"

#include "models/domain/displaytext.h"
#include "models/domain/keylabelscope.h"
#include "models/keylabelmodel.h"
#include "ui/celldelegate.h"
#include "ui/databaseedit.h"
#include "ui/safetext.h"
#include "ui/tonelabel.h"

#include <QFileDialog>
#include <QGridLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>

#include <algorithm>

namespace lockscope {

namespace {

QPushButton* pushButton(const char* objectName, const QString& text, const QString& toolTip)
{
    auto* const button = new QPushButton(text);
    button->setObjectName(QString::fromLatin1(objectName));
    button->setAccessibleName(text);
    button->setAutoDefault(false);
    safetext::setToolTip(button, toolTip);
    return button;
}

/// Keys in the face for numbers, which the model cannot know of.
class LabelDelegate final : public CellDelegate
{
public:
    using CellDelegate::CellDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override
    {
        CellDelegate::initStyleOption(option, index);
        if (index.column() == KeyLabelModel::Keys)
            option->font = theme::monospace();
    }
};

QString sentence(const Error& error)
{
    return error.advice.isEmpty() ? error.what : error.what + QLatin1Char(' ') + error.advice;
}

} // namespace

KeyLabelsTab::KeyLabelsTab(QWidget* parent)
    : QWidget(parent)
    , m_model(new KeyLabelModel(this))
    , m_table(new QTableView)
    , m_keys(new QLineEdit)
    , m_database(new DatabaseEdit)
    , m_name(new QLineEdit)
    , m_add(pushButton("addLabelButton", tr("Add"), tr("Keep this name (Return)")))
    , m_remove(pushButton("removeLabelsButton", tr("Remove"), tr("Remove the selected names")))
    , m_undo(pushButton("undoLabelsButton", tr("Undo"), {}))
    , m_import(pushButton("importLabelsButton", tr("Import..."), tr("Add the names of a JSON file")))
    , m_export(pushButton("exportLabelsButton", tr("Export..."), tr("Write all names to a JSON file, to share them")))
    , m_message(new ToneLabel)
{
    m_table->setObjectName(QStringLiteral("labelsTable"));
    m_table->setAccessibleName(tr("Names of your own"));
    m_table->setModel(m_model);
    m_table->setItemDelegate(new LabelDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed);
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false);
    m_table->setWordWrap(false);
    m_table->verticalHeader()->setVisible(false);
    m_table->verticalHeader()->setMinimumSectionSize(theme::rowHeight());
    m_table->verticalHeader()->setDefaultSectionSize(theme::rowHeight());
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->setColumnWidth(KeyLabelModel::Keys, 28 * theme::grid());
    m_table->setColumnWidth(KeyLabelModel::Database, 20 * theme::grid());
    m_message->setObjectName(QStringLiteral("labelsMessage"));
    m_message->setWordWrap(true);
    m_message->setMinimumHeight(2 * QFontMetrics(font()).lineSpacing());

    auto* const buttons = new QHBoxLayout;
    buttons->setSpacing(theme::grid());
    buttons->addWidget(m_remove);
    buttons->addWidget(m_undo);
    buttons->addStretch(1);
    buttons->addWidget(m_import);
    buttons->addWidget(m_export);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(theme::grid(), 2 * theme::grid(), theme::grid(), theme::grid());
    layout->setSpacing(theme::grid());
    layout->addWidget(makeForm());
    layout->addWidget(m_message);
    layout->addWidget(m_table, 1);
    layout->addLayout(buttons);
    say({}, false);

    connect(m_model, &KeyLabelModel::labelsChanged, this, &KeyLabelsTab::labelsChanged);
    connect(m_model, &KeyLabelModel::undoChanged, this, &KeyLabelsTab::updateButtons);
    connect(m_model, &KeyLabelModel::refused, this, [this](const QString& text) { say(text, true); });
    connect(m_model, &KeyLabelModel::rowsInserted, this, &KeyLabelsTab::updateButtons);
    connect(m_model, &KeyLabelModel::rowsRemoved, this, &KeyLabelsTab::updateButtons);
    connect(m_model, &KeyLabelModel::modelReset, this, &KeyLabelsTab::updateButtons);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &KeyLabelsTab::updateButtons);
    connect(m_add, &QPushButton::clicked, this, &KeyLabelsTab::add);
    connect(m_remove, &QPushButton::clicked, this, &KeyLabelsTab::removeSelected);
    connect(m_undo, &QPushButton::clicked, this, [this] {
        m_model->undo();
        say({}, false);
    });
    connect(m_import, &QPushButton::clicked, this, [this] { chooseFile(false); });
    connect(m_export, &QPushButton::clicked, this, [this] { chooseFile(true); });
    for (QLineEdit* const edit : {m_keys, static_cast<QLineEdit*>(m_database), m_name}) {
        connect(edit, &QLineEdit::textEdited, this, [this] { say({}, false); });
        connect(edit, &QLineEdit::returnPressed, this, &KeyLabelsTab::add);
    }
    updateButtons();
}

QWidget* KeyLabelsTab::makeForm()
{
    m_keys->setObjectName(QStringLiteral("labelKeysEdit"));
    m_keys->setAccessibleName(tr("Keys"));
    m_keys->setFont(theme::monospace());
    m_keys->setMaxLength(100);
    m_keys->setPlaceholderText(tr("for example: 5"));
    safetext::setToolTip(
        m_keys, tr("A key (5), a pair (-5, 7), a range (100 to 200), or all pairs with one first half (7, *)"));
    m_database->setObjectName(QStringLiteral("labelDatabaseEdit"));
    m_database->setPlaceholderText(tr("any database"));
    safetext::setToolTip(m_database, tr("One key in two databases is two locks. Empty: in any of them"));
    m_name->setObjectName(QStringLiteral("labelNameEdit"));
    m_name->setAccessibleName(tr("Name"));
    m_name->setMaxLength(static_cast<int>(maximumLabelLength));
    m_name->setPlaceholderText(tr("for example: Google calendar, ACME"));

    auto* const form = new QWidget;
    auto* const layout = new QGridLayout(form);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setHorizontalSpacing(theme::grid());
    layout->setVerticalSpacing(theme::grid() / 2);
    int column = 0;
    for (const auto& [title, field] :
         {std::pair<QString, QWidget*>{tr("Keys"), m_keys}, {tr("Database"), m_database}, {tr("Name"), m_name}}) {
        layout->addWidget(safetext::mutedLabel(title), 0, column);
        layout->addWidget(field, 1, column++);
    }
    layout->addWidget(m_add, 1, column);
    layout->setColumnStretch(0, 2);
    layout->setColumnStretch(1, 2);
    layout->setColumnStretch(2, 5);
    return form;
}

void KeyLabelsTab::setLabels(const QList<KeyLabel>& labels)
{
    m_model->setLabels(labels);
}

void KeyLabelsTab::setDatabases(const QStringList& names)
{
    m_database->setNames(names);
}

void KeyLabelsTab::startLabel(const LockKey& key, const QString& database)
{
    const auto& labels = m_model->labels();
    const auto has = [&](const QString& where) {
        return std::find_if(labels.cbegin(), labels.cend(), [&](const KeyLabel& label) {
            return label.what == KeyLabelScope(key) && label.database == where;
        });
    };
    auto found = has(database);
    if (found == labels.cend())
        found = has({});
    if (found != labels.cend()) {
        const auto index = m_model->index(static_cast<int>(found - labels.cbegin()), KeyLabelModel::Name);
        m_table->setCurrentIndex(index);
        m_table->scrollTo(index);
        m_table->setFocus();
        say(tr("This key has a name. Press F2 or double click to change it."), false);
        return;
    }
    m_keys->setText(key.toString());
    m_database->setText(database);
    m_name->clear();
    m_name->setFocus();
    say(tr("Type what this key stands for."), false);
}

void KeyLabelsTab::add()
{
    const auto row = m_model->add(m_keys->text(), m_database->text().trimmed(), m_name->text());
    if (!row) {
        say(sentence(row.error()), true);
        (parseKeyLabelScope(m_keys->text()) ? m_name : m_keys)->setFocus();
        return;
    }
    m_table->setCurrentIndex(m_model->index(*row, KeyLabelModel::Name));
    m_table->scrollTo(m_table->currentIndex());
    m_keys->clear();
    m_name->clear();
    m_keys->setFocus();
    say({}, false);
}

void KeyLabelsTab::removeSelected()
{
    QList<int> rows;
    const auto selected = m_table->selectionModel()->selectedRows();
    for (const auto& index : selected)
        rows.append(index.row());
    m_model->remove(rows);
    say({}, false);
}

void KeyLabelsTab::chooseFile(bool toSave)
{
    auto* const chooser = new QFileDialog(this, toSave ? tr("Export Names of Keys") : tr("Import Names of Keys"));
    chooser->setAttribute(Qt::WA_DeleteOnClose);
    chooser->setAcceptMode(toSave ? QFileDialog::AcceptSave : QFileDialog::AcceptOpen);
    chooser->setFileMode(toSave ? QFileDialog::AnyFile : QFileDialog::ExistingFile);
    chooser->setNameFilter(tr("Names of keys (*.json)"));
    chooser->setDefaultSuffix(QStringLiteral("json"));
    if (toSave)
        chooser->selectFile(QStringLiteral("key-names.json"));
    connect(chooser, &QFileDialog::fileSelected, this,
            toSave ? &KeyLabelsTab::exportRequested : &KeyLabelsTab::importRequested);
    chooser->open();
}

void KeyLabelsTab::say(const QString& sentenceToSay, bool isTrouble)
{
    if (isTrouble)
        m_message->setTone(Tone::Error);
    else
        m_message->setMuted();
    m_message->setText(
        sentenceToSay.isEmpty()
            ? tr("Your own names come before everything else that is known of a key. Double click one to "
                 "change it.")
            : paragraphText(sentenceToSay));
}

void KeyLabelsTab::updateButtons()
{
    m_remove->setEnabled(m_table->selectionModel()->hasSelection());
    m_undo->setEnabled(!m_model->undoText().isEmpty());
    safetext::setToolTip(m_undo, m_model->undoText().isEmpty() ? tr("There is nothing to take back")
                                                               : tr("Take back: %1").arg(m_model->undoText()));
    m_export->setEnabled(m_model->rowCount() > 0);
}

} // namespace lockscope
