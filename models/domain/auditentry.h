#pragma once

#include "models/domain/cure.h"

#include <QByteArray>
#include <QDateTime>

#include <optional>

namespace lockscope {

/// One step of one action against a session or prepared transaction of somebody else, as the audit log keeps it.
/// Text from the server is hostile, and free of passwords. Times are UTC; start and preparedAt are microseconds since
/// 1970, as text, because JSON numbers lose digits.
struct AuditEntry
{
    QDateTime time = {};
    QString action = {}; ///< auditWord(CureKind), or "release foreign lock"
    QString step = {};   ///< "requested", "confirmed", "given up", "refused", "outcome"
    QString host = {};
    int port = 0;
    QString database = {};
    QString systemIdentifier = {};
    QString role = {};
    qint32 pid = 0;
    QString start = {};
    QString application = {};
    QString user = {};
    QString gid = {};
    QString transaction = {};
    QString query = {};
    QString outcome = {};  ///< auditWord(CureResult)
    QString sentence = {}; ///< what came of it, in words
    QStringList notices = {};
    friend bool operator==(const AuditEntry&, const AuditEntry&) = default;
};

/// One line of the audit log, with its line break. Passwords in query, sentence and notices are masked here too.
[[nodiscard]] QByteArray auditLine(const AuditEntry& entry);
/// Nothing for a line that is no entry: torn, or of another program.
[[nodiscard]] std::optional<AuditEntry> auditEntry(const QByteArray& line);

/// "1234 pod-a" or "'gid'": hostile text.
[[nodiscard]] QString victimText(const AuditEntry& entry);

} // namespace lockscope
