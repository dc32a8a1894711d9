#pragma once

#include <QByteArray>
#include <QString>

namespace lockscope {

/// The log of a sandbox's server: a file that the server appends to and that is kept short. A file and not a pipe,
/// because a full pipe stops the server while nobody reads. Reads on demand, any one thread; never throws or complains
/// when the file is not there.
class ServerLog final
{
public:
    ServerLog() = default;
    explicit ServerLog(QString path)
        : m_path(std::move(path))
    {
    }

    [[nodiscard]] QString path() const { return m_path; }
    [[nodiscard]] qint64 size() const;
    /// The last 64 KB, but nothing before `from` bytes.
    [[nodiscard]] QByteArray tail(qint64 from = 0) const;
    /// Cuts a file of more than 4 MB to its tail. The server goes on behind it; a line written at this very moment is
    /// lost.
    void trim() const;

    /// The last lines of a text, without empty ones at its end.
    [[nodiscard]] static QString lastLines(const QByteArray& text, qsizetype count = 8);

private:
    QString m_path;
};

} // namespace lockscope
