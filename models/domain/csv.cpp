#include "models/domain/csv.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace lockscope {

namespace {

/// OWASP's list for CSV injection; spreadsheets in East Asian locales read the full-width forms as well.
bool startsFormula(QStringView text)
{
    constexpr QStringView dangerous(u"=+-@\t\r\n\0\uFF1D\uFF0B\uFF0D\uFF20", 12);
    return !text.isEmpty() && dangerous.contains(text.front());
}

bool needsQuotes(QStringView text)
{
    if (text.isEmpty())
        return false;
    constexpr QStringView special(u",\"\r\n");
    // Readers differ in whether they keep blanks at the ends of a bare field.
    if (text.front().isSpace() || text.back().isSpace())
        return true;
    return std::any_of(text.begin(), text.end(), [=](QChar character) { return special.contains(character); });
}

} // namespace

CsvCell CsvCell::real(double number)
{
    CsvCell cell = empty();
    if (std::isfinite(number))
        cell.m_text = QString::number(number, 'g', QLocale::FloatingPointShortest);
    cell.m_isNumber = true;
    return cell;
}

CsvCell CsvCell::boolean(bool value)
{
    return CsvCell(value ? QStringLiteral("true") : QStringLiteral("false"));
}

QString CsvCell::encoded() const
{
    if (m_isNumber)
        return m_text;
    QString text = m_text;
    const bool formula = startsFormula(text);
    if (formula)
        text.prepend(u'\'');
    if (!formula && !needsQuotes(text))
        return text;
    return u'"' + text.replace(u'"', QStringLiteral("\"\"")) + u'"';
}

void CsvWriter::addRow(const QList<CsvCell>& cells)
{
    for (qsizetype column = 0; column < cells.size(); ++column) {
        if (column > 0)
            m_text += u',';
        m_text += cells.at(column).encoded();
    }
    m_text += QStringLiteral("\r\n");
}

} // namespace lockscope
