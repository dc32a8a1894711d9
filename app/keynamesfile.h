#pragma once

#include "models/domain/keynamesdocument.h"

namespace lockscope {

/// key-names.json beside the settings: read whole or not at all, written whole or not at all, for this user's eyes only
/// (0600). Several consoles may have it open: what another one wrote meanwhile is kept, see save(). GUI thread; the
/// file is small. Never writes over a file that it could not read.
class KeyNamesFile
{
public:
    explicit KeyNamesFile(const QString& path)
        : m_path(path)
    {
    }

    /// A file that is not there is an empty document.
    [[nodiscard]] Result<KeyNamesDocument> read() const;
    /// Brings into the file what makes `wanted` out of `known`, and returns what it holds then.
    [[nodiscard]] Result<KeyNamesDocument> save(const KeyNamesDocument& known, const KeyNamesDocument& wanted) const;
    [[nodiscard]] const QString& path() const { return m_path; }

private:
    [[nodiscard]] Result<void> write(const QByteArray& content) const;

    QString m_path;
};

} // namespace lockscope
