#pragma once

#include <QList>
#include <QString>

#include <optional>
#include <utility>

namespace lockscope {

/// A connection string taken apart just far enough to show its parts in fields and to put them back. A value; pure.
/// Whether the string is valid is for libpq to say; this never decides that and never fills in defaults.
class ConninfoText
{
public:
    /// Reads key=value text or a postgresql:// URI; empty where the text is neither.
    [[nodiscard]] static std::optional<ConninfoText> read(const QString& text);

    [[nodiscard]] QString value(const QString& keyword) const;
    /// Sets or, with an empty value, removes; the order of the others stays.
    void set(const QString& keyword, const QString& value);
    /// Without password and sslpassword: what may be written to disk.
    [[nodiscard]] ConninfoText withoutSecrets() const;
    /// As key=value text, quoted where it must be.
    [[nodiscard]] QString toText() const;

private:
    [[nodiscard]] static std::optional<ConninfoText> readUri(const QString& text);
    [[nodiscard]] static std::optional<ConninfoText> readKeyValue(const QString& text);

    QList<std::pair<QString, QString>> m_values;
};

} // namespace lockscope
