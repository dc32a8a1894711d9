#include "ui/lockcolumnwidths.h"

#include "ui/theme.h"

#include <QFontMetrics>

#include <algorithm>

namespace lockscope {

namespace {

/// Characters that a query needs to tell anything.
constexpr int queryCharacters = 26;
/// What changes with every poll gets its place from the beginning.
QString widestUsual(LockColumn column)
{
    switch (column) {
    case LockColumn::Since:
        return QStringLiteral(">= 59 m 59 s");
    case LockColumn::Pid:
        return QStringLiteral("000000");
    case LockColumn::Key:
        return QStringLiteral("00000");
    default:
        return {};
    }
}

int averageWidth(const QFont& font)
{
    return QFontMetrics(font).averageCharWidth();
}

template <typename Array>
auto& at(Array& array, LockColumn column)
{
    return array[static_cast<std::size_t>(column)];
}

/// How much the shown columns are wider than the table.
int missing(const LockColumnWidths::Pixels& pixels, const LockColumnWidths::Columns& shown, int width)
{
    int sum = -width;
    for (std::size_t column = 0; column < pixels.size(); ++column) {
        if (shown[column])
            sum += pixels[column];
    }
    return sum;
}

} // namespace

/// A column that gives way where room is short, with what it can do with and what is the least, in average characters.
struct LockColumnWidths::Squeeze
{
    LockColumn column;
    int comfortable;
    int least;
};

constexpr std::array<LockColumnWidths::Squeeze, 7> LockColumnWidths::squeezes{{{LockColumn::Meaning, 14, 10},
                                                                               {LockColumn::Key, 30, 13},
                                                                               {LockColumn::Application, 15, 12},
                                                                               {LockColumn::User, 12, 8},
                                                                               {LockColumn::BackendState, 16, 9},
                                                                               {LockColumn::Database, 12, 8},
                                                                               {LockColumn::Blockers, 14, 9}}};

void LockColumnWidths::forget()
{
    m_needed.fill(0);
    m_urgentKey = 0;
}

bool LockColumnWidths::isEmpty() const
{
    return at(m_needed, LockColumn::Key) == 0;
}

bool LockColumnWidths::begin(const LockColumnInfo& column, bool sorted, const QFont& font)
{
    const int padding = 2 * theme::grid();
    int smallest = QFontMetrics(font).horizontalAdvance(column.title()) + padding + 2;
    if (sorted)
        smallest += padding; // for the arrow
    if (const QString usual = widestUsual(column.column); !usual.isEmpty()) {
        const int glyph = column.column == LockColumn::Key ? 2 * padding : 0;
        smallest = std::max(smallest, QFontMetrics(theme::monospace()).horizontalAdvance(usual) + padding + glyph);
    }
    int& needed = at(m_needed, column.column);
    needed = std::max(needed, smallest);
    m_column = column.column;
    // One outlandish name must not push the other columns off the screen.
    m_most = std::max(needed, column.widthHint * averageWidth(font) * 3 / 2);
    return column.column != LockColumn::Query && (needed < m_most || column.column == LockColumn::Key);
}

void LockColumnWidths::learn(int width, bool urgent)
{
    const int wanted = std::min(m_most, width);
    at(m_needed, m_column) = std::max(at(m_needed, m_column), wanted);
    if (m_column == LockColumn::Key && urgent)
        m_urgentKey = std::max(m_urgentKey, wanted);
}

int LockColumnWidths::floorOf(const Squeeze& squeeze, bool comfortable, const QFont& font) const
{
    int least = (comfortable ? squeeze.comfortable : squeeze.least) * averageWidth(font) + 2 * theme::grid();
    if (squeeze.column == LockColumn::Key)
        least = std::max(least, m_urgentKey);
    return std::min(at(m_needed, squeeze.column), least);
}

LockColumnWidths::Pixels LockColumnWidths::wanted(const QFont& font) const
{
    Pixels pixels = m_needed;
    const int character = QFontMetrics(theme::monospace()).averageCharWidth();
    at(pixels, LockColumn::Query) = queryCharacters * character + 2 * theme::grid();
    for (int& width : pixels)
        width = std::max(width, averageWidth(font));
    return pixels;
}

LockColumnWidths::Columns LockColumnWidths::chooseColumns(Columns shown, int width, const QFont& font) const
{
    const Pixels pixels = wanted(font);
    const auto fits = [&](bool comfortable) {
        int spare = -missing(pixels, shown, width);
        for (const Squeeze& squeeze : squeezes) {
            if (at(shown, squeeze.column))
                spare += at(pixels, squeeze.column) - floorOf(squeeze, comfortable, font);
        }
        return spare >= 0;
    };
    // The details below the table tell what is left out here. The last three go only where all would not fit otherwise.
    constexpr std::array leftOut{LockColumn::Query, LockColumn::User, LockColumn::BackendState, LockColumn::Database,
                                 LockColumn::Meaning};
    for (const LockColumn column : leftOut)
        at(shown, column) = true;
    for (const LockColumn column : leftOut) {
        const bool lightly = column == LockColumn::Query || column == LockColumn::User;
        if (!fits(lightly))
            at(shown, column) = false;
    }
    return shown;
}

LockColumnWidths::Pixels LockColumnWidths::distribute(const Columns& shown, int width, const QFont& font) const
{
    Pixels pixels = wanted(font);
    for (const bool comfortable : {true, false}) {
        for (const Squeeze& squeeze : squeezes) {
            const int over = missing(pixels, shown, width);
            if (over > 0 && at(shown, squeeze.column))
                at(pixels, squeeze.column) =
                    std::max(floorOf(squeeze, comfortable, font), at(pixels, squeeze.column) - over);
        }
    }
    return pixels;
}

} // namespace lockscope
