#pragma once

#include "models/domain/auditentry.h"

#include <QList>
#include <QString>

namespace lockscope {

/// What was done to others' sessions, one JSON object a line in audit.jsonl: readable by its owner only, appended to
/// and never rewritten; at 5 MB it becomes audit.jsonl.1 in place of the one before. GUI thread; several consoles may
/// append to one file. Never holds a password, never stops an action: a write that fails is an error for the caller to
/// show.
class AuditLog final
{
public:
    static constexpr qint64 rotatedAt = 5 * 1024 * 1024;

    /// In QStandardPaths::AppDataLocation; another directory for tests.
    explicit AuditLog(const QString& directory = {});

    [[nodiscard]] QString fileName() const { return m_fileName; }
    [[nodiscard]] Result<void> append(const AuditEntry& entry) const;
    /// The newest entries, newest first, from the rotated file too where this one has too few. Lines that are no entry
    /// (torn by a crash) are passed over.
    [[nodiscard]] QList<AuditEntry> entries(qsizetype count) const;

private:
    QString m_fileName;
};

} // namespace lockscope
