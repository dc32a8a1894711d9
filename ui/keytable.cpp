#include "ui/keytable.h"

#include "models/domain/displaytext.h"
#include "ui/celldelegate.h"
#include "ui/icons.h"
#include "ui/safetext.h"

#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QToolButton>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

namespace lockscope {

namespace {

enum Column
{
    Form,
    Key,
    Buttons,
    Known,
    Halves,
    LockTag,
    Hex,
    ColumnCount
};

bool isNumber(int column)
{
    return column == Key || column >= Halves;
}

QString hexadecimal(const LockKey& key)
{
    const auto half = [](quint32 number) { return QStringLiteral("%1").arg(number, 8, 16, QLatin1Char('0')); };
    if (key.form() == KeyForm::Int4Pair)
        return QStringLiteral("0x%1 0x%2").arg(half(key.classid()), half(key.objid()));
    return QStringLiteral("0x%1%2").arg(half(key.classid()), half(key.objid()));
}

QString filterFor(const LockKey& key)
{
    return key.form() == KeyForm::Bigint ? QStringLiteral("key:") + key.toString() : key.toString();
}

} // namespace

KeyTable::KeyTable(QWidget* parent)
    : QTableWidget(parent)
{
    setColumnCount(ColumnCount);
    setHorizontalHeaderLabels(
        {tr("Form"), tr("Key"), QString(), tr("Known For"), tr("Halves"), tr("classid/objid/objsubid"), tr("Hex")});
    const std::array<QString, ColumnCount> hints{
        tr("How the input is read, or which function makes the key of it"),
        tr("As SQL takes it: a bigint, or two int4"),
        QString(),
        tr("What is known to take this key; the tooltip of a cell says all candidates and where that is known from"),
        tr("The upper and the lower 32 bits, signed: what a pair would be. The pair is another lock."),
        tr("The columns of pg_locks"),
        tr("All 64 bits"),
    };
    for (int column = 0; column < ColumnCount; ++column)
        horizontalHeaderItem(column)->setToolTip(plainTooltip(hints.at(static_cast<std::size_t>(column))));
    for (int column = 0; column < ColumnCount; ++column)
        horizontalHeaderItem(column)->setTextAlignment((isNumber(column) ? Qt::AlignRight : Qt::AlignLeft) |
                                                       Qt::AlignVCenter);
    setItemDelegate(new CellDelegate(this));
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setTabKeyNavigation(false);
    setShowGrid(false);
    setWordWrap(false);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    verticalHeader()->setVisible(false);
    verticalHeader()->setMinimumSectionSize(theme::rowHeight());
    auto* const header = horizontalHeader();
    header->setHighlightSections(false);
    header->setStretchLastSection(false);
    header->setSectionResizeMode(QHeaderView::ResizeToContents);
    header->setSectionResizeMode(Known, QHeaderView::Interactive);
    setColumnWidth(Known, 32 * theme::grid());
    header->setMinimumSectionSize(4 * theme::grid());
    applyLook();
}

void KeyTable::setRows(const QList<KeyTableRow>& rows)
{
    if (rows == m_rows)
        return;
    // A row that stays the same keeps its buttons, so that the focus stays where it is while answers come.
    const auto before = std::exchange(m_rows, rows);
    setRowCount(static_cast<int>(rows.size()));
    for (int row = 0; row < rowCount(); ++row) {
        if (before.value(row) != m_rows.at(row) || item(row, Form) == nullptr)
            fillRow(row);
    }
    updateGeometry();
}

void KeyTable::fillRow(int row)
{
    const KeyTableRow& shown = m_rows.at(row);
    const LockKey& key = shown.key;
    const std::array<QString, ColumnCount> texts{
        cellText(shown.form, 80),
        key.toString(),
        QString(),
        cellText(shown.known, 300),
        QStringLiteral("%1, %2").arg(QString::number(key.first()), QString::number(key.second())),
        QStringLiteral("%1/%2/%3")
            .arg(QString::number(key.classid()), QString::number(key.objid()), QString::number(key.objsubid())),
        hexadecimal(key),
    };
    for (int column = 0; column < ColumnCount; ++column) {
        auto* const cell = new QTableWidgetItem(texts.at(static_cast<std::size_t>(column)));
        if (isNumber(column)) {
            cell->setFont(theme::monospace());
            cell->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
        }
        if (column == Form)
            cell->setToolTip(plainTooltip(shown.formHint));
        else if (column == Known)
            cell->setToolTip(plainTooltip(shown.knownHint));
        setItem(row, column, cell);
    }
    setRowHeight(row, theme::rowHeight());
    setCellWidget(row, Buttons, makeButtons(key));
}

QWidget* KeyTable::makeButtons(const LockKey& key)
{
    auto* const box = new QWidget;
    auto* const layout = new QHBoxLayout(box);
    layout->setContentsMargins(theme::grid() / 2, 0, theme::grid() / 2, 0);
    layout->setSpacing(0);
    const auto add = [&](const char* objectName, IconName picture, const QString& text, const QString& hint,
                         std::function<void()> act) {
        auto* const button = new QToolButton;
        button->setObjectName(QString::fromLatin1(objectName));
        button->setIcon(icon(picture));
        button->setAutoRaise(true);
        button->setAccessibleName(tr("%1 %2", "Copy Key 5").arg(text, key.toString()));
        safetext::setToolTip(button, hint);
        connect(button, &QToolButton::clicked, this, std::move(act));
        layout->addWidget(button);
    };
    add("copyKeyButton", IconName::Copy, tr("Copy Key"), tr("Copy the key"), [this, key] { copy(key.toString()); });
    add("copyStatementButton", IconName::Document, tr("Copy Statement"), tr("Copy the statement that takes this lock"),
        [this, key] { copy(QStringLiteral("SELECT pg_advisory_lock(%1);").arg(key.toSqlArguments())); });
    add("findKeyButton", IconName::Search, tr("Find in the Table"), tr("Find in the table of locks"),
        [this, key] { Q_EMIT findRequested(filterFor(key)); });
    add("useKeyButton", key.form() == KeyForm::Bigint ? IconName::SingleKey : IconName::PairKey, tr("Use in the Panel"),
        tr("Use in the panel of operator sessions"), [this, key] { Q_EMIT keyChosen(key); });
    add("nameKeyButton", IconName::Rename, tr("Name This Key"), tr("Give this key a name of your own"),
        [this, key] { Q_EMIT nameRequested(key); });
    return box;
}

void KeyTable::copy(const QString& text)
{
    QGuiApplication::clipboard()->setText(text);
    Q_EMIT copied(text);
}

QSize KeyTable::sizeHint() const
{
    const int rows = std::max(1, rowCount());
    return {110 * theme::grid(), horizontalHeader()->sizeHint().height() + rows * theme::rowHeight() + 4};
}

void KeyTable::applyLook()
{
    for (int row = 0; row < rowCount(); ++row)
        fillRow(row);
}

void KeyTable::changeEvent(QEvent* event)
{
    QTableWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        applyLook();
}

} // namespace lockscope
