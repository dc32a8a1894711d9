#pragma once

#include <QDialog>

namespace lockscope {

class Actions;

/// Every shortcut on one page, read from the action table. GUI thread. Changes nothing.
class ShortcutsDialog final : public QDialog
{
    Q_OBJECT

public:
    explicit ShortcutsDialog(const Actions& actions, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(ShortcutsDialog)
};

} // namespace lockscope
