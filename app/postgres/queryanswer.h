#pragma once

#include <QByteArrayView>
#include <QString>

#include <memory>
#include <utility>

struct pg_result;

namespace lockscope {

struct ResultDeleter
{
    void operator()(pg_result* result) const;
};
using ResultPointer = std::unique_ptr<pg_result, ResultDeleter>;

/// One answer of the server in libpq's text format. Column access is by number; text is raw bytes: a server can send
/// bytes that are no UTF-8 (other sessions' query texts do).
class QueryAnswer
{
public:
    explicit QueryAnswer(ResultPointer result)
        : m_result(std::move(result))
    {
    }
    [[nodiscard]] int rows() const;
    [[nodiscard]] int columns() const;
    [[nodiscard]] QString columnName(int column) const; ///< empty where there is no such column
    [[nodiscard]] bool isNull(int row, int column) const;
    /// Valid as long as this object.
    [[nodiscard]] QByteArrayView bytes(int row, int column) const;
    [[nodiscard]] QString text(int row, int column) const; ///< fromUtf8: bad bytes become U+FFFD
    [[nodiscard]] qint64 int64(int row, int column) const; ///< 0 for NULL
    [[nodiscard]] bool boolean(int row, int column) const; ///< false for NULL

private:
    ResultPointer m_result;
};

} // namespace lockscope
