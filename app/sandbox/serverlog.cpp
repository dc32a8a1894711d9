#include "app/sandbox/serverlog.h"

#include <QFile>

namespace lockscope {

namespace {

constexpr qint64 kept = qint64{64} * 1024;
constexpr qint64 limit = qint64{4} * 1024 * 1024;

} // namespace

qint64 ServerLog::size() const
{
    return QFile(m_path).size();
}

QByteArray ServerLog::tail(qint64 from) const
{
    QFile file(m_path);
    if (m_path.isEmpty() || !file.open(QIODevice::ReadOnly))
        return {};
    file.seek(qMax(qMin(from, file.size()), file.size() - kept));
    return file.read(kept);
}

void ServerLog::trim() const
{
    if (size() <= limit)
        return;
    const QByteArray end = tail();
    // The server writes with O_APPEND, so it goes on at whatever is the end then.
    QFile file(m_path);
    if (file.open(QIODevice::WriteOnly | QIODevice::Append) && file.resize(0))
        file.write(end);
}

QString ServerLog::lastLines(const QByteArray& text, qsizetype count)
{
    const QStringList lines = QString::fromUtf8(text).trimmed().split(QLatin1Char('\n'));
    return lines.mid(qMax<qsizetype>(0, lines.size() - count)).join(QLatin1Char('\n'));
}

} // namespace lockscope
