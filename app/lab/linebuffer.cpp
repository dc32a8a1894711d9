#include "app/lab/linebuffer.h"

namespace lockscope {

void LineBuffer::append(QByteArrayView bytes)
{
    m_bytes.append(bytes.data(), bytes.size());
    if (m_bytes.size() > maximumLength && m_bytes.indexOf('\n', m_searched) < 0) {
        m_bytes.clear();
        m_searched = 0;
        m_dropping = true;
    }
}

std::optional<LineBuffer::Line> LineBuffer::takeLine()
{
    const qsizetype end = m_bytes.indexOf('\n', m_searched);
    if (end < 0) {
        m_searched = m_bytes.size();
        return std::nullopt;
    }
    Line line;
    line.oversized = m_dropping || end > maximumLength;
    if (!line.oversized)
        line.text = m_bytes.left(end);
    m_bytes.remove(0, end + 1);
    m_searched = 0;
    m_dropping = false;
    return line;
}

} // namespace lockscope
