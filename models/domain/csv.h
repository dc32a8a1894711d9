#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

#include <concepts>

namespace lockscope {

/// One value of a table. Text may come from anywhere; a number is a number and stays one.
class CsvCell final
{
public:
    CsvCell(const QString& text)
        : m_text(text)
    {
    }
    template <std::integral Number>
    requires(!std::same_as<Number, bool> && !std::same_as<Number, char> && !std::same_as<Number, char16_t>)
        CsvCell(Number number)
        : m_text(QString::number(number))
        , m_isNumber(true)
    {
    }
    /// Shortest decimal form that reads back as the same value; empty for NaN and infinities, which no CSV reader
    /// knows.
    [[nodiscard]] static CsvCell real(double number);
    /// "true" or "false".
    [[nodiscard]] static CsvCell boolean(bool value);
    [[nodiscard]] static CsvCell empty() { return CsvCell(QString()); }

    [[nodiscard]] QString encoded() const;

private:
    QString m_text;
    bool m_isNumber = false;
};

/// Writes RFC 4180: commas, CR LF, quotes doubled. A text that a spreadsheet would run as a formula (it begins with
/// = + - @ TAB CR LF NUL or a full-width form of those) gets an apostrophe first; a number never does, so key -5 stays
/// -5. A value for any one thread; knows nothing of files.
class CsvWriter final
{
public:
    void addRow(const QList<CsvCell>& cells);
    [[nodiscard]] const QString& text() const { return m_text; }
    /// Without byte order mark, as RFC 4180 readers and command line tools expect.
    [[nodiscard]] QByteArray toUtf8() const { return m_text.toUtf8(); }

private:
    QString m_text;
};

} // namespace lockscope
