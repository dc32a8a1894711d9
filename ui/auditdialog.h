#pragma once

#include "models/domain/auditentry.h"

#include <QDialog>
#include <QList>

class QTreeWidget;

namespace lockscope {

class WordsView;

/// What was done to others' sessions, newest first, with all that is known of the selected entry below. GUI thread.
/// Shows what it is given; never reads or changes the file.
class AuditDialog final : public QDialog
{
    Q_OBJECT

public:
    AuditDialog(const QList<AuditEntry>& newestFirst, const QString& fileName, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(AuditDialog)

Q_SIGNALS:
    void copyRequested(const QString& text); ///< the selected entries, or all when none is selected
    void showFileRequested(const QString& fileName);

private:
    [[nodiscard]] QWidget* makeList();
    [[nodiscard]] QWidget* makeEmpty();
    void showDetails();
    [[nodiscard]] QString selectedText() const;

    const QList<AuditEntry> m_entries;
    QTreeWidget* m_list;
    WordsView* m_details;
};

} // namespace lockscope
