#include "ui/lab/podscontrols.h"

#include "ui/elidedlabel.h"
#include "ui/icons.h"
#include "ui/lab/keptfont.h"
#include "ui/safetext.h"
#include "ui/theme.h"
#include "ui/tonelabel.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace lockscope {

namespace {

constexpr int mostPods = 8;

QString countsText(const PodAnswerCounts& counts)
{
    QStringList parts;
    const auto add = [&parts](int count, const QString& text) {
        if (count > 0)
            parts.append(text);
    };
    add(counts.accepted, PodsControls::tr("%1 accepted").arg(counts.accepted));
    add(counts.done, PodsControls::tr("%1 done").arg(counts.done));
    add(counts.refused, PodsControls::tr("%1 refused").arg(counts.refused));
    add(counts.exhausted, PodsControls::tr("%1 without a connection").arg(counts.exhausted));
    add(counts.lost, PodsControls::tr("%1 lost").arg(counts.lost));
    add(counts.dropped, PodsControls::tr("%1 not sent").arg(counts.dropped));
    return parts.join(QStringLiteral(" \u00b7 "));
}

} // namespace

PodsControls::PodsControls(QWidget* parent)
    : QWidget(parent)
    , m_key(new QLineEdit(QStringLiteral("8")))
    , m_work(new QDoubleSpinBox)
    , m_retries(new QCheckBox(tr("Retry until it is free")))
    , m_connections(new QSpinBox)
    , m_add(new QPushButton(tr("Add Pod")))
    , m_endAll(new QPushButton(tr("End All")))
    , m_rate(new QDoubleSpinBox)
    , m_keys(new QSpinBox)
    , m_load(new QPushButton)
    , m_clear(new QPushButton(tr("Clear")))
    , m_counts(new ElidedLabel)
    , m_message(new ToneLabel)
{
    build();
    connect(m_key, &QLineEdit::textChanged, this, &PodsControls::checkKey);
    connect(m_add, &QPushButton::clicked, this, &PodsControls::addRequested);
    connect(m_endAll, &QPushButton::clicked, this, &PodsControls::endAllRequested);
    connect(m_retries, &QCheckBox::toggled, this, &PodsControls::retriesToggled);
    connect(m_load, &QPushButton::clicked, this, &PodsControls::switchLoad);
    connect(m_clear, &QPushButton::clicked, this, &PodsControls::clearRequested);
    checkKey();
}

void PodsControls::build()
{
    const auto name = [](QWidget* widget, const QString& objectName, const QString& accessibleName,
                         const QString& toolTip) {
        widget->setObjectName(objectName);
        widget->setAccessibleName(accessibleName);
        safetext::setToolTip(widget, toolTip);
    };
    name(m_key, QStringLiteral("podsKeyEdit"), tr("Key that requests ask for"),
         tr("The advisory key that a request asks for: a whole number, or two with a comma"));
    name(m_work, QStringLiteral("podsWorkSpin"), tr("How long a request works"),
         tr("How long a pod works once it has the lock. No statement runs meanwhile: its session is idle."));
    name(m_retries, QStringLiteral("podsRetriesCheck"), tr("Retry refused requests until the key is free"),
         tr("Asks again after a 409, every 25 to 100 ms, as a waiting job does"));
    name(m_connections, QStringLiteral("podsConnectionsSpin"), tr("Connections of a new pod"),
         tr("How many connections the pool of a new pod has"));
    name(m_add, QStringLiteral("podsAddButton"), tr("Add a pod"), tr("Starts one more process with its own pool"));
    name(m_endAll, QStringLiteral("podsEndAllButton"), tr("End all pods"), tr("Kills every pod and takes it away"));
    name(m_rate, QStringLiteral("podsRateSpin"), tr("Requests per second"),
         tr("Requests that arrive by themselves, spread over the pods in turn"));
    name(m_keys, QStringLiteral("podsKeysSpin"), tr("Number of keys"),
         tr("Each request asks for one of so many keys, counted on from the key above"));
    name(m_load, QStringLiteral("podsLoadButton"), tr("Start or stop the requests"), {});
    name(m_clear, QStringLiteral("podsClearButton"), tr("Clear the log"),
         tr("Empties the log, the writes and the figures. The pods go on."));
    m_counts->setObjectName(QStringLiteral("podsCounts"));
    m_message->setObjectName(QStringLiteral("podsMessage"));
    m_message->setTone(Tone::Error);

    m_key->setMaximumWidth(theme::grid() * 18);
    keepFont(m_key, KeptFont::Monospace);
    m_key->setMaxLength(60);
    m_work->setRange(0, 600);
    m_work->setDecimals(1);
    m_work->setValue(3);
    m_work->setSuffix(tr(" s"));
    m_connections->setRange(1, 8);
    m_connections->setValue(2);
    m_rate->setRange(0.1, 50);
    m_rate->setDecimals(1);
    m_rate->setValue(2);
    m_rate->setSuffix(tr(" per second"));
    m_keys->setRange(1, 8);
    m_add->setIcon(icon(IconName::Plus));
    for (auto* const button : {m_add, m_endAll, m_load, m_clear})
        button->setAutoDefault(false);

    const auto row = [](std::initializer_list<QWidget*> widgets) {
        auto* const layout = new QHBoxLayout;
        layout->setSpacing(theme::grid());
        for (QWidget* const widget : widgets)
            layout->addWidget(widget);
        return layout;
    };
    auto* const first = row({safetext::label(tr("Key")), m_key, safetext::label(tr("Work")), m_work, m_retries});
    first->addStretch(1);
    for (QWidget* const widget :
         std::initializer_list<QWidget*>{safetext::label(tr("Connections")), m_connections, m_add, m_endAll})
        first->addWidget(widget);
    auto* const second = row({safetext::label(tr("Requests")), m_rate, safetext::label(tr("Keys")), m_keys, m_load});
    second->addWidget(m_counts, 1);
    second->addWidget(m_clear);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::grid() / 2);
    layout->addLayout(first);
    layout->addLayout(second);
    layout->addWidget(m_message);
}

std::optional<LockKey> PodsControls::key() const
{
    const KeyForm form = m_key->text().contains(QLatin1Char(',')) ? KeyForm::Int4Pair : KeyForm::Bigint;
    const Result<LockKey> key = LockKey::parse(m_key->text(), form);
    return key ? std::optional(*key) : std::nullopt;
}

std::chrono::milliseconds PodsControls::work() const
{
    return std::chrono::milliseconds(static_cast<int>(m_work->value() * 1000));
}

int PodsControls::connections() const
{
    return m_connections->value();
}

void PodsControls::checkKey()
{
    const KeyForm form = m_key->text().contains(QLatin1Char(',')) ? KeyForm::Int4Pair : KeyForm::Bigint;
    const Result<LockKey> key = LockKey::parse(m_key->text(), form);
    m_message->setText(key ? QString() : key.error().what);
    m_message->setVisible(!key);
    refresh();
    Q_EMIT keyChanged();
}

void PodsControls::switchLoad()
{
    if (m_state.load) {
        Q_EMIT loadRequested({});
        return;
    }
    if (const std::optional<LockKey> first = key())
        Q_EMIT loadRequested(
            PodLoad{.requestsPerSecond = m_rate->value(), .keys = m_keys->value(), .firstKey = *first, .work = work()});
}

void PodsControls::setState(const PodsLabState& state)
{
    m_state = state;
    if (m_retries->isChecked() != state.retries) {
        const QSignalBlocker blocker(m_retries);
        m_retries->setChecked(state.retries);
    }
    refresh();
}

void PodsControls::setProblem(const QString& problem)
{
    m_problem = problem;
    refresh();
}

void PodsControls::refresh()
{
    const bool allowed = m_problem.isEmpty();
    const bool loaded = m_state.load.has_value();
    m_add->setEnabled(allowed && m_state.pods.size() < mostPods);
    m_endAll->setEnabled(!m_state.pods.isEmpty());
    m_load->setEnabled(loaded || (allowed && key() && !m_state.pods.isEmpty()));
    m_load->setText(loaded ? tr("Stop Requests") : tr("Start Requests"));
    m_load->setIcon(icon(loaded ? IconName::Pause : IconName::Resume));
    m_rate->setEnabled(!loaded);
    m_keys->setEnabled(!loaded);
    m_clear->setEnabled(!m_state.requests.isEmpty() || !m_state.writes.isEmpty() || m_state.handOver);
    m_counts->setText(countsText(m_state.counts));
}

} // namespace lockscope
