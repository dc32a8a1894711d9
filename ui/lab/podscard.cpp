#include "ui/lab/podscard.h"

#include "ui/icons.h"
#include "ui/safetext.h"
#include "ui/tightbutton.h"

#include <QVBoxLayout>

namespace lockscope {

PodsCard::PodsCard(const QString& name, QWidget* parent)
    : QWidget(parent)
    , m_name(name)
    , m_sync(add(QStringLiteral("Sync"), tr("Sync"), tr("Ask %1 to sync").arg(name),
                 tr("Sends this pod one request for the key")))
    , m_twice(add(QStringLiteral("Twice"), tr("Two at Once"), tr("Ask %1 twice at once").arg(name),
                  tr("Sends this pod two requests for the key at the same time: its own map lets one through")))
    , m_restart(add(QStringLiteral("Restart"), tr("Restart"), tr("Restart %1").arg(name),
                    tr("Starts a new process under this name; an old one is killed")))
    , m_crash(add(QStringLiteral("Crash"), tr("Crash"), tr("Crash %1").arg(name),
                  tr("Kills the process (SIGKILL): no goodbye, no unlock")))
    , m_freeze(add(QStringLiteral("Freeze"), tr("Freeze"), tr("Freeze %1").arg(name), {}))
    , m_terminate(add(QStringLiteral("Terminate"), tr("End Session"), tr("Terminate the session of %1").arg(name),
                      tr("Terminates its session from the server (pg_terminate_backend): the pod is not told")))
    , m_remove(add(QStringLiteral("Remove"), {}, tr("Remove %1").arg(name), tr("Ends this pod and takes it away")))
    , m_picture(new PodsPicture)
{
    setObjectName(name + QStringLiteral("Card"));
    m_remove->setIcon(icon(IconName::Close));
    const int gap = theme::grid() / 2;
    auto* const above = new QHBoxLayout;
    auto* const below = new QHBoxLayout;
    for (auto* const button : {m_sync, m_twice, m_restart})
        above->addWidget(button);
    above->addStretch(1);
    above->addWidget(m_remove);
    for (auto* const button : {m_crash, m_freeze, m_terminate})
        below->addWidget(button);
    below->addStretch(1);
    for (auto* const row : {above, below})
        row->setSpacing(gap);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(gap);
    layout->addLayout(above);
    layout->addLayout(below);
    layout->addWidget(m_picture);

    connect(m_sync, &QPushButton::clicked, this, [this] { Q_EMIT syncRequested(m_name, 1); });
    connect(m_twice, &QPushButton::clicked, this, [this] { Q_EMIT syncRequested(m_name, 2); });
    connect(m_restart, &QPushButton::clicked, this, [this] { Q_EMIT restartRequested(m_name); });
    connect(m_crash, &QPushButton::clicked, this, [this] { Q_EMIT endRequested(m_name, ClientEnding::Kill); });
    connect(m_terminate, &QPushButton::clicked, this,
            [this] { Q_EMIT endRequested(m_name, ClientEnding::FromServer); });
    connect(m_remove, &QPushButton::clicked, this, [this] { Q_EMIT removeRequested(m_name); });
    connect(m_freeze, &QPushButton::clicked, this, [this] {
        if (m_phase == PodPhase::Frozen)
            Q_EMIT thawRequested(m_name);
        else
            Q_EMIT freezeRequested(m_name);
    });
}

TightButton* PodsCard::add(const QString& objectName, const QString& text, const QString& accessibleName,
                           const QString& toolTip)
{
    auto* const button = new TightButton(text, this);
    button->setObjectName(m_name + objectName + QStringLiteral("Button"));
    button->setAccessibleName(accessibleName);
    safetext::setToolTip(button, toolTip);
    return button;
}

void PodsCard::setPod(const PodState& pod, bool canAsk, const QString& problem)
{
    m_phase = pod.phase;
    const bool lives = pod.phase != PodPhase::Ended;
    const bool allowed = problem.isEmpty();
    const bool up = pod.phase == PodPhase::Running || pod.phase == PodPhase::Frozen;
    m_sync->setEnabled(up && canAsk && allowed);
    m_twice->setEnabled(up && canAsk && allowed);
    m_restart->setEnabled(allowed);
    m_crash->setEnabled(lives);
    m_freeze->setEnabled(up);
    m_terminate->setEnabled(up && allowed);
    const bool frozen = pod.phase == PodPhase::Frozen;
    m_freeze->setText(frozen ? tr("Thaw") : tr("Freeze"));
    m_freeze->setAccessibleName(frozen ? tr("Thaw %1").arg(m_name) : tr("Freeze %1").arg(m_name));
    safetext::setToolTip(m_freeze, frozen
                                       ? tr("Lets the process go on (SIGCONT)")
                                       : tr("Stops the process (SIGSTOP): it does nothing, and keeps what it holds"));
}

} // namespace lockscope
