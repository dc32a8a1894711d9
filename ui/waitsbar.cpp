#include "ui/waitsbar.h"

#include "ui/elidedlabel.h"
#include "ui/icons.h"
#include "ui/numbertext.h"
#include "ui/safetext.h"

#include <QButtonGroup>
#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QMenu>
#include <QToolButton>

namespace lockscope {

using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds minimumWaits[] = {0s, 1s, 5s, 30s, 1min, 5min};

QString waitText(std::chrono::milliseconds wait)
{
    if (wait == 0ms)
        return WaitsBar::tr("Any wait");
    return wait >= 1min && wait % 1min == 0ms ? WaitsBar::tr("From %1 min").arg(wait / 1min)
                                              : WaitsBar::tr("From %1").arg(intervalText(wait));
}

QToolButton* toolButton(const QString& objectName, const QString& name, const QString& toolTip)
{
    auto* const button = new QToolButton;
    button->setObjectName(objectName);
    button->setAccessibleName(name);
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::TabFocus);
    safetext::setToolTip(button, toolTip);
    return button;
}

} // namespace

WaitsBar::WaitsBar(QWidget* parent)
    : QWidget(parent)
    , m_summary(new ElidedLabel)
    , m_minimumWait(new QComboBox)
    , m_allSessions(new QCheckBox(tr("&All sessions")))
    , m_hideIdle(new QCheckBox(tr("&Hide idle")))
    , m_export(toolButton(QStringLiteral("waitsExportButton"), tr("Export"),
                          tr("Save the drawing as a picture, or copy the tree as text")))
{
    setObjectName(QStringLiteral("waitsBar"));
    m_summary->setObjectName(QStringLiteral("waitsSummary"));
    m_summary->setAccessibleName(tr("Who waits"));
    m_summary->setFont(theme::strongFont());

    m_minimumWait->setObjectName(QStringLiteral("minimumWaitCombo"));
    m_minimumWait->setAccessibleName(tr("Minimum wait"));
    safetext::setToolTip(m_minimumWait, tr("Leave out who has waited for less, unless somebody who has waited longer "
                                           "is stuck behind"));
    for (const auto wait : minimumWaits) {
        const auto value = static_cast<qlonglong>(wait.count());
        m_minimumWait->addItem(waitText(wait), value);
    }
    m_allSessions->setObjectName(QStringLiteral("allSessionsCheck"));
    m_allSessions->setAccessibleName(tr("All sessions"));
    safetext::setToolTip(m_allSessions, tr("Also list the sessions that wait for nobody and hold up nobody"));
    m_hideIdle->setObjectName(QStringLiteral("hideIdleCheck"));
    m_hideIdle->setAccessibleName(tr("Hide idle"));
    safetext::setToolTip(m_hideIdle,
                         tr("Of all sessions, leave out idle ones; one that holds a lock is never left out"));

    auto* const layout = new QHBoxLayout(this);
    const int grid = theme::grid();
    layout->setContentsMargins(grid + grid / 2, grid / 2, grid / 2, grid / 2);
    layout->setSpacing(grid);
    layout->addWidget(m_summary, 1);
    layout->addWidget(m_minimumWait);
    layout->addWidget(m_allSessions);
    layout->addWidget(m_hideIdle);

    auto* const tools = new QHBoxLayout;
    tools->setSpacing(grid / 4);
    // On the left, so that nothing moves under the mouse when they come and go.
    const auto addZoomButton = [&](const QString& objectName, IconName picture, const QString& name, auto signal) {
        QToolButton* const button = toolButton(objectName, name, name);
        button->setIcon(icon(picture));
        m_zoomButtons.append(button);
        tools->addWidget(button);
        connect(button, &QToolButton::clicked, this, signal);
    };
    addZoomButton(QStringLiteral("zoomOutButton"), IconName::ZoomOut, tr("Zoom out"), &WaitsBar::zoomOutRequested);
    addZoomButton(QStringLiteral("zoomInButton"), IconName::ZoomIn, tr("Zoom in"), &WaitsBar::zoomInRequested);
    addZoomButton(QStringLiteral("zoomFitButton"), IconName::ZoomFit, tr("Show all of the drawing"),
                  &WaitsBar::fitRequested);
    tools->addSpacing(grid / 2);

    auto* const group = new QButtonGroup(this);
    const auto addLayoutButton = [&](WaitsLayout which, const QString& objectName, const QString& text,
                                     const QString& toolTip) {
        QToolButton* const button = toolButton(objectName, text, toolTip);
        button->setText(text);
        button->setCheckable(true);
        group->addButton(button);
        m_layoutButtons.append(button);
        tools->addWidget(button);
        connect(button, &QToolButton::clicked, this, [this, which] { Q_EMIT layoutRequested(which); });
    };
    addLayoutButton(WaitsLayout::Tree, QStringLiteral("showTreeButton"), tr("Tree"),
                    tr("Who waits for whom as a list, one line a session"));
    addLayoutButton(WaitsLayout::Graph, QStringLiteral("showGraphButton"), tr("Graph"),
                    tr("The same as a drawing, with every blocker of every session"));
    addLayoutButton(WaitsLayout::Both, QStringLiteral("showBothButton"), tr("Both"),
                    tr("The list and the drawing together"));
    tools->addSpacing(grid / 2);

    auto* const menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("waitsExportMenu"));
    const auto addAction = [&](const QString& objectName, const QString& text, auto signal) {
        QAction* const action = menu->addAction(text);
        action->setObjectName(objectName);
        connect(action, &QAction::triggered, this, signal);
    };
    addAction(QStringLiteral("exportSvgAction"), tr("Save Drawing as &SVG..."), &WaitsBar::exportSvgRequested);
    addAction(QStringLiteral("exportPngAction"), tr("Save Drawing as &PNG..."), &WaitsBar::exportPngRequested);
    addAction(QStringLiteral("copyTreeAction"), tr("&Copy Tree as Text"), &WaitsBar::copyTreeRequested);
    m_export->setIcon(icon(IconName::Export));
    m_export->setMenu(menu);
    m_export->setPopupMode(QToolButton::InstantPopup);
    tools->addWidget(m_export);
    layout->addLayout(tools);

    connect(m_minimumWait, &QComboBox::activated, this, &WaitsBar::askForOptions);
    connect(m_allSessions, &QCheckBox::clicked, this, &WaitsBar::askForOptions);
    connect(m_hideIdle, &QCheckBox::clicked, this, &WaitsBar::askForOptions);
    setOptions({});
    setShownLayout(WaitsLayout::Tree);
}

void WaitsBar::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        m_summary->setFont(theme::strongFont());
}

void WaitsBar::setSummary(const QString& summary)
{
    m_summary->setText(summary);
    safetext::setToolTip(m_summary, summary);
}

void WaitsBar::setOptions(const WaitForestOptions& options)
{
    m_options = options;
    const auto value = static_cast<qlonglong>(options.minimumWait.count());
    int position = m_minimumWait->findData(value);
    if (position < 0) {
        // From the settings of another version, or of a person's hand.
        position = 0;
        while (position < m_minimumWait->count() && m_minimumWait->itemData(position).toLongLong() < value)
            ++position;
        m_minimumWait->insertItem(position, waitText(options.minimumWait), value);
    }
    m_minimumWait->setCurrentIndex(position);
    m_allSessions->setChecked(options.allSessions);
    m_hideIdle->setChecked(options.hideIdle);
    m_hideIdle->setVisible(options.allSessions); // says nothing without them, and the sentence needs the place
}

void WaitsBar::setShownLayout(WaitsLayout layout)
{
    m_layout = layout;
    m_layoutButtons[static_cast<qsizetype>(layout)]->setChecked(true);
    updateTools();
}

void WaitsBar::setHasContent(bool hasContent)
{
    m_hasContent = hasContent;
    updateTools();
}

void WaitsBar::updateTools()
{
    for (QToolButton* const button : std::as_const(m_zoomButtons)) {
        button->setVisible(m_layout != WaitsLayout::Tree);
        button->setEnabled(m_hasContent);
    }
    m_export->setEnabled(m_hasContent);
}

void WaitsBar::askForOptions()
{
    WaitForestOptions wanted = m_options;
    wanted.minimumWait = std::chrono::milliseconds(m_minimumWait->currentData().toLongLong());
    wanted.allSessions = m_allSessions->isChecked();
    wanted.hideIdle = m_hideIdle->isChecked();
    setOptions(m_options); // what is in force; whoever owns the options says when they change
    if (wanted != m_options)
        Q_EMIT optionsRequested(wanted);
}

} // namespace lockscope
