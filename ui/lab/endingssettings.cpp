#include "ui/lab/endingssettings.h"

#include "ui/safetext.h"
#include "ui/theme.h"

#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSpinBox>

namespace lockscope {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

milliseconds fromSeconds(double value)
{
    return milliseconds(static_cast<qint64>(std::lround(value * 1000)));
}

double inSeconds(milliseconds time)
{
    return static_cast<double>(time.count()) / 1000;
}

} // namespace

EndingsSettings::EndingsSettings(QWidget* parent)
    : QWidget(parent)
    , m_statement(new QDoubleSpinBox(this))
    , m_check(new QSpinBox(this))
    , m_idle(new QSpinBox(this))
    , m_interval(new QSpinBox(this))
    , m_count(new QSpinBox(this))
    , m_userTimeout(new QDoubleSpinBox(this))
    , m_watch(new QDoubleSpinBox(this))
{
    auto* const grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(theme::grid());
    grid->setVerticalSpacing(theme::grid() / 4);
    int column = 0;
    const auto add = [&](QAbstractSpinBox* field, const char* name, const QString& title, const QString& toolTip) {
        auto* const label = safetext::label(title, this);
        label->setBuddy(field);
        safetext::setToolTip(label, toolTip);
        safetext::setToolTip(field, toolTip);
        field->setObjectName(QString::fromLatin1(name));
        field->setAccessibleName(title);
        field->setAccessibleDescription(toolTip);
        field->setKeyboardTracking(false);
        grid->addWidget(label, 0, column);
        grid->addWidget(field, 1, column);
        field->setMaximumWidth(16 * theme::grid());
        grid->setColumnStretch(column++, 8);
    };
    for (QDoubleSpinBox* const field : {m_statement, m_userTimeout, m_watch}) {
        field->setDecimals(1);
        field->setSuffix(tr(" s", "seconds"));
        field->setSingleStep(0.5);
        connect(field, &QDoubleSpinBox::valueChanged, this, [this] { Q_EMIT changed(settings()); });
    }
    for (QSpinBox* const field : {m_check, m_idle, m_interval, m_count})
        connect(field, &QSpinBox::valueChanged, this, [this] { Q_EMIT changed(settings()); });
    m_statement->setRange(0.5, 60);
    m_userTimeout->setRange(0, 60);
    m_userTimeout->setSpecialValueText(tr("off"));
    m_watch->setRange(0.5, 60);
    m_check->setRange(0, 60000);
    m_check->setSingleStep(100);
    m_check->setSuffix(tr(" ms", "milliseconds"));
    m_check->setSpecialValueText(tr("off"));
    m_idle->setRange(0, 60);
    m_idle->setSuffix(tr(" s", "seconds"));
    m_idle->setSpecialValueText(tr("system"));
    m_interval->setRange(0, 30);
    m_interval->setSuffix(tr(" s", "seconds"));
    m_interval->setSpecialValueText(tr("system"));
    m_count->setRange(0, 10);
    m_count->setSpecialValueText(tr("system"));

    add(m_statement, "statementLengthSpin", tr("Statement"), tr("How long the running statement takes: pg_sleep."));
    add(m_check, "checkIntervalSpin", tr("Connection check"),
        tr("client_connection_check_interval of the checked clients: how often the server asks its kernel, while a "
           "statement runs or waits, whether the client has closed its end. From PostgreSQL 14 on."));
    add(m_idle, "keepalivesIdleSpin", tr("Keepalive after"),
        tr("tcp_keepalives_idle of the client's session: how long the link must be quiet before the server's kernel "
           "asks. System: what the server's kernel has, usually 2 hours."));
    add(m_interval, "keepalivesIntervalSpin", tr("Probe every"),
        tr("tcp_keepalives_interval of the client's session: time between two probes. System: usually 75 s."));
    add(m_count, "keepalivesCountSpin", tr("Probes"),
        tr("tcp_keepalives_count of the client's session: how many probes may stay without an answer. System: usually "
           "9."));
    add(m_userTimeout, "userTimeoutSpin", tr("User timeout"),
        tr("tcp_user_timeout of the client's session: how long an answer, or a probe, may stay without an "
           "acknowledgement. It acts where keepalives do not: while an answer is on its way."));
    add(m_watch, "watchTimeSpin", tr("Watch for"),
        tr("How long a lock is watched that is not expected to be released by itself. Afterwards its backend is "
           "ended."));
    grid->setColumnStretch(column, 1); // wide windows get air, not wide fields
    setSettings({});
}

EndingSettings EndingsSettings::settings() const
{
    return {.statementLength = fromSeconds(m_statement->value()),
            .checkInterval = milliseconds(m_check->value()),
            .link = {.keepalivesIdle = seconds(m_idle->value()),
                     .keepalivesInterval = seconds(m_interval->value()),
                     .keepalivesCount = m_count->value(),
                     .userTimeout = fromSeconds(m_userTimeout->value())},
            .watchTime = fromSeconds(m_watch->value())};
}

void EndingsSettings::setSettings(const EndingSettings& settings)
{
    const EndingSettings wanted = bounded(settings);
    {
        const QSignalBlocker blocker(this);
        m_statement->setValue(inSeconds(wanted.statementLength));
        m_check->setValue(static_cast<int>(wanted.checkInterval.count()));
        m_idle->setValue(static_cast<int>(wanted.link.keepalivesIdle.count()));
        m_interval->setValue(static_cast<int>(wanted.link.keepalivesInterval.count()));
        m_count->setValue(wanted.link.keepalivesCount);
        m_userTimeout->setValue(inSeconds(wanted.link.userTimeout));
        m_watch->setValue(inSeconds(wanted.watchTime));
    }
    Q_EMIT changed(this->settings());
}

void EndingsSettings::setServerVersion(int versionNumber)
{
    m_check->setEnabled(versionNumber == 0 || versionNumber >= 140000);
}

} // namespace lockscope
