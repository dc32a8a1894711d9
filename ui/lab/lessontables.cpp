#include "ui/lab/lessontables.h"

#include "models/domain/displaytext.h"
#include "models/scenariostepmodel.h"
#include "ui/icons.h"
#include "ui/statepill.h"
#include "ui/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace lockscope {

namespace {

using State = ScenarioStepModel::State;

class StepDelegate final : public CellDelegate
{
public:
    using CellDelegate::CellDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto state = static_cast<State>(index.siblingAtColumn(0).data(ScenarioStepModel::StateRole).toInt());
        const auto* const table = qobject_cast<const LessonStepTable*>(option.widget);
        QStyleOptionViewItem cell = option;
        const bool current = table != nullptr && table->currentStep() == index.row();
        const bool last = table != nullptr && table->lastStep() == index.row();
        if (state == State::Otherwise)
            painter->fillRect(option.rect, theme::tint(Tone::Error, option.palette, last ? 0.16 : 0.10));
        else if (last || state == State::Running)
            painter->fillRect(option.rect, theme::tint(Tone::Accent, option.palette, 0.12));
        if (current && index.column() == 0) // the next one: a mark at its edge
            painter->fillRect(QRect(option.rect.topLeft(), QSize(theme::grid() / 2, option.rect.height())),
                              theme::color(Tone::Accent, option.palette));
        if (last)
            cell.font.setWeight(QFont::DemiBold);
        if (state == State::Coming && !current)
            cell.palette.setColor(QPalette::Text, theme::mutedText(option.palette));
        if (index.column() == ScenarioStepModel::NumberColumn || index.column() == ScenarioStepModel::TimeColumn)
            cell.font = theme::monospace();
        if (index.column() == ScenarioStepModel::ObservedColumn && state != State::Coming) {
            const int edge = theme::iconSize();
            const QPoint at(option.rect.left() + theme::grid(), option.rect.center().y() - edge / 2);
            const qreal ratio = painter->device()->devicePixelRatioF();
            painter->drawPixmap(at, sign(state, option.palette, edge, ratio));
            cell.rect.setLeft(at.x() + edge - theme::grid() / 2);
        }
        CellDelegate::paint(painter, cell, index);
    }

    /// The delegate paints with the option's own font and palette, which were changed above.
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override
    {
        const QFont font = option->font;
        const QPalette palette = option->palette;
        CellDelegate::initStyleOption(option, index);
        option->font = font;
        option->palette = palette;
    }

private:
    static QPixmap sign(State state, const QPalette& palette, int edge, qreal ratio)
    {
        switch (state) {
        case State::AsExpected:
            return iconPixmap(IconName::Commit, theme::color(Tone::New, palette), edge, ratio);
        case State::Otherwise:
            return iconPixmap(IconName::Error, theme::color(Tone::Error, palette), edge, ratio);
        default:
            return iconPixmap(IconName::Hourglass, theme::color(Tone::Waiting, palette), edge, ratio);
        }
    }
};

} // namespace

QuietTable::QuietTable(QWidget* parent)
    : QTableView(parent)
{
    setItemDelegate(new CellDelegate(this));
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setWordWrap(false);
    setShowGrid(false);
    setTabKeyNavigation(false);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    horizontalHeader()->setMinimumSectionSize(2 * theme::grid());
    applyMetrics();
}

void QuietTable::applyMetrics()
{
    verticalHeader()->setMinimumSectionSize(theme::rowHeight(true));
    verticalHeader()->setDefaultSectionSize(theme::rowHeight());
}

void QuietTable::setColumns(const QList<Column>& columns)
{
    m_columns = columns;
    for (int column = 0; column < static_cast<int>(columns.size()); ++column)
        horizontalHeader()->setSectionResizeMode(column, columns.at(column).sample.isEmpty() ? QHeaderView::Stretch
                                                                                             : QHeaderView::Fixed);
    layColumns();
}

void QuietTable::layColumns()
{
    const QFontMetrics figures(theme::monospace());
    const QFontMetrics titles(horizontalHeader()->font());
    for (int column = 0; column < static_cast<int>(m_columns.size()); ++column) {
        const Column& one = m_columns.at(column);
        setColumnHidden(column, width() < one.hiddenBelow * theme::grid());
        if (one.sample.isEmpty())
            continue;
        const QString title = model()->headerData(column, Qt::Horizontal).toString();
        setColumnWidth(column, std::max(figures.horizontalAdvance(one.sample), titles.horizontalAdvance(title)) +
                                   5 * theme::grid() / 2);
    }
}

void QuietTable::resizeEvent(QResizeEvent* event)
{
    QTableView::resizeEvent(event);
    layColumns();
}

void QuietTable::changeEvent(QEvent* event)
{
    QTableView::changeEvent(event);
    if (event->type() != QEvent::FontChange)
        return;
    applyMetrics();
    layColumns();
}

QString QuietTable::toolTipFor(const QModelIndex& index) const
{
    const QString text = index.data().toString();
    const int room = columnWidth(index.column()) - 2 * theme::grid();
    return fontMetrics().horizontalAdvance(text) > room ? text : QString();
}

bool QuietTable::viewportEvent(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QTableView::viewportEvent(event);
    const auto* const help = static_cast<QHelpEvent*>(event);
    const QModelIndex index = indexAt(help->pos());
    const QString text = index.isValid() ? toolTipFor(index) : QString();
    if (text.isEmpty())
        QToolTip::hideText();
    else
        QToolTip::showText(help->globalPos(), plainTooltip(text), viewport(), visualRect(index));
    return true;
}

void QuietTable::keyPressEvent(QKeyEvent* event)
{
    if (!event->matches(QKeySequence::Copy)) {
        QTableView::keyPressEvent(event);
        return;
    }
    QString text;
    QModelIndexList rows = selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end());
    for (const QModelIndex& row : std::as_const(rows)) {
        QStringList cells;
        for (int column = 0; column < model()->columnCount(); ++column)
            cells.append(row.siblingAtColumn(column).data().toString());
        text += cells.join(u'\t') + u'\n';
    }
    if (!text.isEmpty())
        QApplication::clipboard()->setText(text);
}

void LessonListDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const int edge = theme::iconSize();
    QStyleOptionViewItem whole = option;
    const QStyle* const style = option.widget != nullptr ? option.widget->style() : QApplication::style();
    style->drawPrimitive(QStyle::PE_PanelItemViewItem, &whole, painter, option.widget);
    const QRect sign(option.rect.left() + theme::grid(), option.rect.center().y() - edge / 2, edge, edge);
    index.data(Qt::DecorationRole).value<QIcon>().paint(painter, sign);
    QStyleOptionViewItem words = option;
    words.rect.setLeft(sign.right());
    CellDelegate::paint(painter, words, index);
}

QSize LessonListDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    return {CellDelegate::sizeHint(option, index).width() + theme::iconSize(), theme::rowHeight()};
}

LessonStepTable::LessonStepTable(QWidget* parent)
    : QuietTable(parent)
{
    setObjectName(QStringLiteral("lessonStepTable"));
    setAccessibleName(tr("Steps of the lesson, expected and observed"));
    setItemDelegate(new StepDelegate(this));
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

void LessonStepTable::setCurrentStep(int row, int last)
{
    if (m_current == row && m_last == last)
        return;
    m_current = row;
    m_last = last;
    shareWidth();
    viewport()->update();
    for (const int seen : {row, last}) {
        if (seen >= 0)
            scrollTo(model()->index(seen, 0), QAbstractItemView::EnsureVisible);
    }
}

void LessonStepTable::shareWidth()
{
    if (model() == nullptr)
        return;
    const int grid = theme::grid();
    const int number = 5 * grid;
    // Of all rows, not only of those in sight: columns stay where they are while a lesson scrolls.
    const QFontMetrics metrics(theme::strongFont());
    const auto widest = [this, &metrics, grid](int column) {
        int width = metrics.horizontalAdvance(model()->headerData(column, Qt::Horizontal).toString());
        for (int row = 0; row < model()->rowCount(); ++row)
            width = std::max(width, metrics.horizontalAdvance(model()->index(row, column).data().toString()));
        return width + 3 * grid;
    };
    const int actor = std::min(widest(ScenarioStepModel::ActorColumn), std::max(8 * grid, viewport()->width() / 5));
    const int time = QFontMetrics(theme::monospace()).horizontalAdvance(QStringLiteral("00.00 s")) + 2 * grid;
    const int words = std::max(30 * grid, viewport()->width() - number - actor - time);
    // What each would like: the observed words are mostly the expected ones, with a sign before them.
    const int action = widest(ScenarioStepModel::ActionColumn);
    const int expected = widest(ScenarioStepModel::ExpectedColumn);
    const int observed = std::max(expected, widest(ScenarioStepModel::ObservedColumn)) + 2 * grid;
    // Who needs less than an even share leaves the rest to the others.
    const int actionWidth = std::min(action, std::max(words / 3, words - expected - observed));
    const int rest = words - actionWidth;
    const int expectedWidth = std::min(expected, std::max(rest * 9 / 20, rest - observed));
    setColumnWidth(ScenarioStepModel::NumberColumn, number);
    setColumnWidth(ScenarioStepModel::ActorColumn, actor);
    setColumnWidth(ScenarioStepModel::ActionColumn, actionWidth);
    setColumnWidth(ScenarioStepModel::ExpectedColumn, expectedWidth);
    setColumnWidth(ScenarioStepModel::ObservedColumn, words - actionWidth - expectedWidth);
    setColumnWidth(ScenarioStepModel::TimeColumn, time);
}

void LessonStepTable::resizeEvent(QResizeEvent* event)
{
    QuietTable::resizeEvent(event);
    shareWidth();
}

QString LessonStepTable::toolTipFor(const QModelIndex& index) const
{
    QStringList lines;
    if (const QString cut = QuietTable::toolTipFor(index); !cut.isEmpty())
        lines.append(cut);
    if (const QString note = index.data(ScenarioStepModel::NoteRole).toString(); !note.isEmpty())
        lines.append(note);
    return lines.join(u'\n');
}

} // namespace lockscope
