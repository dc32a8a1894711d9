#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <optional>

namespace lockscope {

/// Cuts a stream of bytes into lines, and keeps a peer that never ends its line from filling the memory.
/// A value on one thread; reads nothing itself.
class LineBuffer
{
public:
    /// Longer lines are dropped and reported once, when they end.
    static constexpr qsizetype maximumLength = 4 * 1024 * 1024;

    struct Line
    {
        QByteArray text; ///< without the newline; empty when oversized
        bool oversized = false;
        friend bool operator==(const Line&, const Line&) = default;
    };

    void append(QByteArrayView bytes);
    /// The next complete line, if there is one.
    [[nodiscard]] std::optional<Line> takeLine();

private:
    QByteArray m_bytes;
    qsizetype m_searched = 0; ///< bytes known to hold no newline
    bool m_dropping = false;  ///< inside an oversized line
};

} // namespace lockscope
