#include "ui/knownkeystab.h"

#include "models/domain/displaytext.h"
#include "ui/celldelegate.h"
#include "ui/icons.h"
#include "ui/safetext.h"
#include "ui/tonelabel.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QTableWidget>

#include <algorithm>
#include <array>

namespace lockscope {

namespace {

enum Column
{
    Program,
    Keys,
    Purpose,
    Certainty,
    ColumnCount
};

struct KeysText
{
    QString operator()(const KnownKey::Constant& one) const { return one.key.toString(); }
    QString operator()(const KnownKey::ClassId& one) const
    {
        return one.form == KeyForm::Int4Pair ? QStringLiteral("(%1, *)").arg(one.classid)
                                             : KnownKeysTab::tr("upper half %1").arg(one.classid);
    }
    QString operator()(const KnownKey::ObjSubId& one) const { return QStringLiteral("objsubid %1").arg(one.objsubid); }
    QString operator()(const KnownKey::Formula&) const { return KnownKeysTab::tr("from the database's name"); }
    QString operator()(const KnownKey::ServerHashed& one) const
    {
        return (one.extended ? QStringLiteral("hashtextextended('%1')") : QStringLiteral("hashtext('%1')"))
            .arg(one.text);
    }
    QString operator()(const KnownKey::Range& one) const
    {
        return KnownKeysTab::tr("%1 to %2").arg(one.first.toString(), one.last.toString());
    }
    QString operator()(const KnownKey::AsciiName&) const { return KnownKeysTab::tr("spells a name"); }
    QString operator()(const KnownKey::HashOfName&) const { return KnownKeysTab::tr("hash of a name"); }
};

QString certainty(Specificity specificity)
{
    switch (specificity) {
    case Specificity::High:
        return KnownKeysTab::tr("high");
    case Specificity::Medium:
        return KnownKeysTab::tr("medium");
    case Specificity::Low:
        return KnownKeysTab::tr("low");
    case Specificity::None:
        break;
    }
    return KnownKeysTab::tr("cannot be told");
}

} // namespace

KnownKeysTab::KnownKeysTab(QWidget* parent)
    : QWidget(parent)
    , m_search(new QLineEdit)
    , m_count(new ToneLabel)
    , m_table(new QTableWidget)
    , m_source(safetext::mutedLabel())
    , m_notes(safetext::wrappingLabel())
{
    m_search->setObjectName(QStringLiteral("knownKeysSearch"));
    m_search->setAccessibleName(tr("Search"));
    m_search->setPlaceholderText(tr("program, key, purpose or note"));
    m_search->setClearButtonEnabled(true);
    m_search->setMaxLength(200);
    useOwnClearButton(m_search);
    m_count->setObjectName(QStringLiteral("knownKeysCount"));
    m_count->setMuted();
    m_table->setObjectName(QStringLiteral("knownKeysTable"));
    m_table->setAccessibleName(tr("Well-known keys"));
    m_table->setColumnCount(ColumnCount);
    m_table->setHorizontalHeaderLabels({tr("Program"), tr("Keys"), tr("What It Protects"), tr("Certainty")});
    m_table->horizontalHeaderItem(Certainty)->setToolTip(
        plainTooltip(tr("How much a match says. Low: a small or guessable number, which others take too.")));
    m_table->horizontalHeaderItem(Keys)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    for (const int column : {int(Program), int(Purpose), int(Certainty)})
        m_table->horizontalHeaderItem(column)->setTextAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->setItemDelegate(new CellDelegate(m_table));
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->setVisible(false);
    m_table->verticalHeader()->setMinimumSectionSize(theme::rowHeight(true));
    m_table->verticalHeader()->setDefaultSectionSize(theme::rowHeight(true));
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setSectionResizeMode(Purpose, QHeaderView::Stretch);
    m_table->setColumnWidth(Program, 34 * theme::grid());
    m_table->setColumnWidth(Keys, 30 * theme::grid());
    m_table->setColumnWidth(Certainty, 15 * theme::grid());
    m_source->setObjectName(QStringLiteral("knownKeySource"));
    m_source->setAccessibleName(tr("Source"));
    m_notes->setObjectName(QStringLiteral("knownKeyNotes"));
    m_notes->setAccessibleName(tr("Notes"));
    // Room for the usual note, so that the table does not move with the selection.
    m_notes->setMinimumHeight(4 * QFontMetrics(font()).lineSpacing());
    m_notes->setAlignment(Qt::AlignTop | Qt::AlignLeft);

    auto* const top = new QHBoxLayout;
    top->setSpacing(theme::grid());
    top->addWidget(m_search, 1);
    top->addWidget(m_count);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(theme::grid(), 2 * theme::grid(), theme::grid(), theme::grid());
    layout->setSpacing(theme::grid());
    layout->addLayout(top);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_notes);
    layout->addWidget(m_source);

    connect(m_search, &QLineEdit::textChanged, this, &KnownKeysTab::search);
    connect(m_table, &QTableWidget::itemSelectionChanged, this, &KnownKeysTab::showDetails);
    showDetails();
}

void KnownKeysTab::setKeys(const QList<KnownKey>& keys)
{
    m_keys = keys;
    m_table->setSortingEnabled(false);
    m_table->setRowCount(static_cast<int>(keys.size()));
    for (int row = 0; row < keys.size(); ++row) {
        const KnownKey& key = keys.at(row);
        const std::array<QString, ColumnCount> texts{key.project, std::visit(KeysText{}, key.match), key.purpose,
                                                     certainty(key.specificity)};
        for (int column = 0; column < ColumnCount; ++column) {
            const QString& text = texts.at(static_cast<std::size_t>(column));
            auto* const cell = new QTableWidgetItem(cellText(text, 300));
            cell->setToolTip(plainTooltip(text));
            if (column == Program)
                cell->setData(Qt::UserRole, row);
            if (column == Keys) {
                cell->setFont(theme::monospace());
                cell->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            }
            m_table->setItem(row, column, cell);
        }
    }
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(Program, Qt::AscendingOrder);
    search(m_search->text());
}

void KnownKeysTab::search(const QString& text)
{
    const QStringList words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    int shown = 0;
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const KnownKey& key = m_keys.at(m_table->item(row, Program)->data(Qt::UserRole).toInt());
        const QString all =
            QStringList{key.id, key.project, key.purpose, m_table->item(row, Keys)->text(), key.notes, key.source}.join(
                QLatin1Char('\n'));
        const bool matches = std::all_of(words.cbegin(), words.cend(),
                                         [&all](const QString& one) { return all.contains(one, Qt::CaseInsensitive); });
        m_table->setRowHidden(row, !matches);
        shown += matches ? 1 : 0;
    }
    m_count->setText(words.isEmpty()
                         ? tr("%n entries", nullptr, shown)
                         : tr("%1 of %2 entries").arg(QString::number(shown), QString::number(m_table->rowCount())));
}

void KnownKeysTab::showDetails()
{
    const auto* const cell = m_table->currentRow() < 0 ? nullptr : m_table->item(m_table->currentRow(), Program);
    if (cell == nullptr || m_table->selectedItems().isEmpty()) {
        m_notes->setText(tr("Select an entry to read what is known about it."));
        m_source->setText({});
        return;
    }
    const KnownKey& key = m_keys.at(cell->data(Qt::UserRole).toInt());
    m_notes->setText(paragraphText(key.purpose + (key.notes.isEmpty() ? QString() : QStringLiteral(". ") + key.notes)));
    m_source->setText(tr("Read in %1").arg(cellText(key.source, 300)));
}

} // namespace lockscope
