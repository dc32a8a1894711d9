#include "ui/lab/poolcalltable.h"

#include "ui/celldelegate.h"
#include "ui/icons.h"
#include "ui/lab/pooltext.h"
#include "ui/theme.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHeaderView>
#include <QMenu>
#include <QPainter>
#include <QScrollBar>

#include <algorithm>
#include <array>

namespace lockscope {

namespace {

class FigureDelegate final : public CellDelegate
{
public:
    using CellDelegate::CellDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override
    {
        CellDelegate::initStyleOption(option, index);
        option->font = theme::monospace();
        option->fontMetrics = QFontMetrics(option->font);
    }
};

class AnswerDelegate final : public CellDelegate
{
public:
    explicit AnswerDelegate(const PoolCallModel& model, QObject* parent)
        : CellDelegate(parent)
        , m_model(model)
    {
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        QStyleOptionViewItem cell = option;
        const auto* table = qobject_cast<const QWidget*>(option.widget);
        (table != nullptr ? table->style() : QApplication::style())
            ->drawPrimitive(QStyle::PE_PanelItemViewItem, &cell, painter, table);
        if (index.row() < m_model.calls().size())
            paintPill(painter, option.rect.adjusted(theme::grid() / 2, 0, -theme::grid() / 2, 0),
                      pooltext::pillOf(m_model.calls().at(index.row()).answer), option.font, option.palette);
    }

private:
    const PoolCallModel& m_model;
};

} // namespace

PoolCallTable::PoolCallTable(QWidget* parent)
    : QuietTable(parent)
    , m_model(new PoolCallModel(this))
{
    setObjectName(QStringLiteral("poolCallTable"));
    setAccessibleName(tr("Calls of the lock service"));
    setModel(m_model);
    for (const int column : {PoolCallModel::NumberColumn, PoolCallModel::SlotColumn, PoolCallModel::PidColumn,
                             PoolCallModel::TimeColumn, PoolCallModel::WarningColumn})
        setItemDelegateForColumn(column, new FigureDelegate(this));
    setItemDelegateForColumn(PoolCallModel::AnswerColumn, new AnswerDelegate(*m_model, this));
    horizontalHeader()->setStretchLastSection(true);
    horizontalHeader()->setMinimumSectionSize(4 * theme::grid());
    layColumns();
}

void PoolCallTable::layColumns()
{
    static constexpr std::array samples{
        "0000", "request 100", "acquire 100", "Slot", "0000000", "refused by the map 000", "Hit 0", "< 0.1 ms"};
    const QFontMetrics metrics(theme::monospace());
    const QFontMetrics words(font());
    for (int column = 0; column < static_cast<int>(samples.size()); ++column) {
        const QString sample = QString::fromLatin1(samples.at(static_cast<std::size_t>(column)));
        const bool figures = column == PoolCallModel::PidColumn || column == PoolCallModel::TimeColumn;
        setColumnWidth(column, (figures ? metrics : words).horizontalAdvance(sample) + 2 * theme::grid());
    }
}

void PoolCallTable::add(const PoolCall& call)
{
    const QScrollBar* bar = verticalScrollBar();
    const bool atEnd = bar->value() >= bar->maximum() - 1;
    m_model->add(call);
    if (atEnd)
        scrollToBottom();
}

void PoolCallTable::copyAsCsv() const
{
    if (!m_model->calls().isEmpty())
        QGuiApplication::clipboard()->setText(m_model->csv());
}

void PoolCallTable::contextMenuEvent(QContextMenuEvent* event)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    auto* copy = menu->addAction(icon(IconName::Copy), tr("Copy All as CSV"), this, &PoolCallTable::copyAsCsv);
    copy->setObjectName(QStringLiteral("poolCallsCopyAction"));
    copy->setEnabled(!m_model->calls().isEmpty());
    menu->popup(event->globalPos());
}

void PoolCallTable::resizeEvent(QResizeEvent* event)
{
    // The slot says as much: hit or miss has to be in sight. The copy has the pid in any case.
    setColumnHidden(PoolCallModel::PidColumn, width() < 84 * theme::grid());
    QuietTable::resizeEvent(event);
}

void PoolCallTable::changeEvent(QEvent* event)
{
    QuietTable::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        layColumns();
}

void PoolCallTable::paintEvent(QPaintEvent* event)
{
    QuietTable::paintEvent(event);
    if (m_model->rowCount() > 0)
        return;
    QPainter painter(viewport());
    painter.setPen(theme::mutedText(palette()));
    const int inset = 2 * theme::grid();
    painter.drawText(viewport()->rect().adjusted(inset, inset, -inset, -inset), Qt::AlignCenter | Qt::TextWordWrap,
                     tr("Each call shows here, with its connection and the server's answer."));
}

} // namespace lockscope
