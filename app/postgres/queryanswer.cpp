#include "app/postgres/queryanswer.h"

#include <libpq-fe.h>

#include <charconv>

namespace lockscope {

void ResultDeleter::operator()(pg_result* result) const
{
    PQclear(result);
}

int QueryAnswer::rows() const
{
    return PQntuples(m_result.get());
}

int QueryAnswer::columns() const
{
    return PQnfields(m_result.get());
}

QString QueryAnswer::columnName(int column) const
{
    return QString::fromUtf8(PQfname(m_result.get(), column));
}

bool QueryAnswer::isNull(int row, int column) const
{
    return PQgetisnull(m_result.get(), row, column) == 1;
}

QByteArrayView QueryAnswer::bytes(int row, int column) const
{
    return {PQgetvalue(m_result.get(), row, column), PQgetlength(m_result.get(), row, column)};
}

QString QueryAnswer::text(int row, int column) const
{
    return QString::fromUtf8(bytes(row, column));
}

qint64 QueryAnswer::int64(int row, int column) const
{
    const auto digits = bytes(row, column);
    qint64 number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

bool QueryAnswer::boolean(int row, int column) const
{
    return bytes(row, column) == QByteArrayView("t");
}

} // namespace lockscope
