#pragma once

#include <QStringList>

struct pg_result;

namespace lockscope {

/// What the server said by the way, in order; bounded, because a server can send notices without end.
/// Filled by libpq's notice receiver, on the thread of the connection; never prints.
class NoticeList
{
public:
    void add(const pg_result* notice); ///< as "WARNING: text"
    /// All since the last call; where some were not kept, the last line counts them.
    [[nodiscard]] QStringList take();

private:
    QStringList m_lines;
    qint64 m_dropped = 0;
};

} // namespace lockscope
