#pragma once

#include <QDialog>
#include <QStringList>

namespace lockscope {

/// Asked before the lab works on a server that is not the sandbox: which server, and what will be done there. Show it
/// with open(). GUI thread. Never starts anything: accepted() means go on.
class LabConsentDialog final : public QDialog
{
    Q_OBJECT

public:
    /// what: "Run the lesson \"pool-trap\"". deeds: a sentence each.
    LabConsentDialog(const QString& server, const QString& what, const QStringList& deeds, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(LabConsentDialog)
};

} // namespace lockscope
