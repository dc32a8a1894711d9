#include "ui/labconsentdialog.h"

#include "models/domain/displaytext.h"
#include "ui/panelscroll.h"
#include "ui/safetext.h"
#include "ui/theme.h"

#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace lockscope {

namespace {

constexpr int longestDeed = 5000; ///< with the longest statement of a lesson: nothing of it may be hidden

} // namespace

LabConsentDialog::LabConsentDialog(const QString& server, const QString& what, const QStringList& deeds,
                                   QWidget* parent)
    : QDialog(parent)
{
    setObjectName(QStringLiteral("labConsentDialog"));
    setWindowTitle(tr("This Is Not the Sandbox"));
    const int grid = theme::grid();
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid * 2, grid * 2, grid * 2, grid * 2);
    layout->setSpacing(grid * 2);

    QLabel* const title = safetext::wrappingLabel(
        tr("%1 on %2?").arg(cellText(what, 200), server.isEmpty() ? tr("this server") : cellText(server, 80)), this);
    title->setObjectName(QStringLiteral("labConsentTitle"));
    title->setFont(theme::titleFont());
    layout->addWidget(title);
    layout->addWidget(safetext::wrappingLabel(tr("On that server it:"), this));
    auto* const deedList = new QWidget(this);
    auto* const list = new QVBoxLayout(deedList);
    list->setContentsMargins(0, 0, 0, 0);
    list->setSpacing(grid / 2);
    for (const QString& deed : deeds)
        list->addWidget(safetext::wrappingLabel(QStringLiteral("\u2022  ") + cellText(deed, longestDeed), deedList));
    list->addStretch(1);
    auto* const scroll = new PanelScroll(deedList, this);
    scroll->setObjectName(QStringLiteral("labConsentDeeds"));
    scroll->setAccessibleName(tr("What it does on that server"));
    layout->addWidget(scroll, 1);
    layout->addWidget(safetext::mutedLabel(
        tr("It ends and removes what it made. Other sessions are not touched, but whoever asks for the same keys "
           "meanwhile has to wait. The sandbox is there for trying things out."),
        this));

    auto* const go = new QPushButton(tr("Go On"), this);
    go->setObjectName(QStringLiteral("labConsentGo"));
    go->setAccessibleName(tr("Go on, on this server"));
    go->setAutoDefault(false);
    auto* const leave = new QPushButton(tr("Cancel"), this);
    leave->setObjectName(QStringLiteral("labConsentCancel"));
    leave->setAccessibleName(tr("Do nothing on this server"));
    leave->setDefault(true);
    leave->setFocus();
    connect(go, &QPushButton::clicked, this, &QDialog::accept);
    connect(leave, &QPushButton::clicked, this, &QDialog::reject);
    auto* const buttons = new QHBoxLayout;
    buttons->setSpacing(grid);
    buttons->addStretch();
    buttons->addWidget(go);
    buttons->addWidget(leave);
    layout->addLayout(buttons);
    setMinimumWidth(grid * 60);
    resize(grid * 72, std::min(grid * 70, sizeHint().height() + deedList->heightForWidth(grid * 66)));
}

} // namespace lockscope
