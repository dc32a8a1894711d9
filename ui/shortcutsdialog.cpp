#include "ui/shortcutsdialog.h"

#include "ui/actions.h"
#include "ui/safetext.h"
#include "ui/theme.h"

#include <QAction>
#include <QDialogButtonBox>
#include <QGridLayout>
#include <QScrollArea>
#include <QVBoxLayout>

#include <utility>

namespace lockscope {

ShortcutsDialog::ShortcutsDialog(const Actions& actions, QWidget* parent)
    : QDialog(parent)
{
    setObjectName(QStringLiteral("shortcutsDialog"));
    setWindowTitle(tr("Keyboard Shortcuts"));
    const int grid = theme::grid();

    QList<std::pair<QString, QString>> lines;
    const QList<QAction*> all = actions.all();
    for (const QAction* const action : all) {
        QStringList keys;
        const QList<QKeySequence> sequences = action->shortcuts();
        for (const QKeySequence& sequence : sequences)
            keys.append(sequence.toString(QKeySequence::NativeText));
        if (!keys.isEmpty())
            lines.append({keys.join(tr(" or ")), action->iconText()});
    }
    lines.append({tr("Space"), tr("Pause or resume (in the table)")});
    lines.append({tr("Home, End"), tr("First and last lock (in the table)")});
    lines.append({tr("Return"), tr("Use the key of the selected lock (in the table)")});
    lines.append({tr("Del"), tr("Cancel the query of the selected session")});
    lines.append({tr("Shift+Del"), tr("Terminate the selected session")});
    lines.append({tr("Escape"), tr("Clear the filter (in the filter)")});

    auto* const sheet = new QWidget;
    auto* const table = new QGridLayout(sheet);
    table->setHorizontalSpacing(2 * grid);
    table->setVerticalSpacing(grid / 2);
    const int half = static_cast<int>((lines.size() + 1) / 2);
    for (int line = 0; line < lines.size(); ++line) {
        auto* const keys = safetext::label(lines.at(line).first);
        keys->setFont(theme::monospace());
        auto* const meaning = safetext::label(lines.at(line).second);
        const int side = line / half * 3;
        table->addWidget(keys, line % half, side);
        table->addWidget(meaning, line % half, side + 1);
    }
    table->setColumnMinimumWidth(2, 3 * grid);
    table->setRowStretch(half, 1);

    auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * grid, 2 * grid, 2 * grid, 2 * grid);
    layout->setSpacing(2 * grid);
    layout->addWidget(sheet);
    layout->addWidget(buttons);
}

} // namespace lockscope
