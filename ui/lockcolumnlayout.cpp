#include "ui/lockcolumnlayout.h"

#include <QHeaderView>
#include <QStandardItemModel>

#include <algorithm>
#include <array>

namespace lockscope {

namespace {

constexpr char mark[] = "columns 2";
constexpr qsizetype mostBytes = 64 * 1024;

/// The columns of the first version, in the order of its sections. It kept the state of the header view behind one
/// letter: were the widths chosen too?
constexpr std::array<LockColumn, 13> firstColumns{
    LockColumn::Key,          LockColumn::Database, LockColumn::Type,        LockColumn::Mode, LockColumn::State,
    LockColumn::Since,        LockColumn::Pid,      LockColumn::Application, LockColumn::User, LockColumn::Address,
    LockColumn::BackendState, LockColumn::Blockers, LockColumn::Query,
};
constexpr char firstWidths = 'w';
constexpr char firstOnlyColumns = 'c';

std::optional<LockColumnLayout> readFirst(const QByteArray& bytes)
{
    if (!bytes.startsWith(firstWidths) && !bytes.startsWith(firstOnlyColumns))
        return std::nullopt;
    const QStandardItemModel model(0, static_cast<int>(firstColumns.size()));
    QHeaderView header(Qt::Horizontal);
    header.setModel(const_cast<QStandardItemModel*>(&model));
    if (!header.restoreState(bytes.sliced(1)) || header.count() != static_cast<int>(firstColumns.size()))
        return std::nullopt;
    LockColumnLayout layout{.widthsChosen = bytes.startsWith(firstWidths), .columns = {}};
    for (int visual = 0; visual < header.count(); ++visual) {
        const int section = header.logicalIndex(visual);
        layout.columns.append({firstColumns[static_cast<std::size_t>(section)], !header.isSectionHidden(section),
                               header.sectionSize(section)});
    }
    return layout;
}

std::optional<LockColumnLayout> readSecond(const QByteArray& bytes)
{
    QList<QByteArray> parts = bytes.split('|');
    if (parts.size() < 2 || parts.takeFirst() != mark)
        return std::nullopt;
    LockColumnLayout layout{.widthsChosen = parts.takeFirst() == "widths", .columns = {}};
    for (const QByteArray& part : std::as_const(parts)) {
        const QList<QByteArray> fields = part.split(',');
        if (fields.size() != 3)
            return std::nullopt;
        const auto columns = lockColumns();
        const auto column = std::find_if(columns.begin(), columns.end(),
                                         [&](const LockColumnInfo& info) { return fields[0] == info.id; });
        if (column != columns.end()) // else one of a later version
            layout.columns.append({column->column, fields[1] == "shown", std::clamp(fields[2].toInt(), 0, 10'000)});
    }
    return layout;
}

} // namespace

QByteArray LockColumnLayout::toBytes() const
{
    QByteArray bytes = QByteArray(mark) + '|' + (widthsChosen ? "widths" : "columns");
    for (const Column& column : columns)
        bytes += QByteArray("|") + lockColumn(column.column).id + ',' + (column.shown ? "shown" : "hidden") + ',' +
                 QByteArray::number(column.width);
    return bytes;
}

std::optional<LockColumnLayout> LockColumnLayout::fromBytes(const QByteArray& bytes,
                                                            const QList<LockColumn>& defaultOrder)
{
    if (bytes.isEmpty() || bytes.size() > mostBytes)
        return std::nullopt;
    std::optional<LockColumnLayout> layout = bytes.startsWith(mark) ? readSecond(bytes) : readFirst(bytes);
    if (!layout)
        return std::nullopt;
    QList<Column>& columns = layout->columns;
    const auto find = [&columns](LockColumn wanted) {
        return std::find_if(columns.begin(), columns.end(),
                            [wanted](const Column& column) { return column.column == wanted; });
    };
    if (std::none_of(columns.cbegin(), columns.cend(), [](const Column& column) { return column.shown; }))
        return std::nullopt;
    for (qsizetype at = 0; at < columns.size(); ++at) {
        for (qsizetype later = columns.size() - 1; later > at; --later) {
            if (columns[later].column == columns[at].column)
                columns.removeAt(later);
        }
    }
    for (qsizetype at = 0; at < defaultOrder.size(); ++at) {
        if (find(defaultOrder[at]) != columns.end())
            continue;
        const auto before = at == 0 ? columns.end() : find(defaultOrder[at - 1]);
        const auto place = at == 0 ? columns.begin() : before == columns.end() ? before : before + 1;
        columns.insert(place, {defaultOrder[at], lockColumn(defaultOrder[at]).visibleByDefault, 0});
    }
    return layout;
}

} // namespace lockscope
