#include "ui/probedialog.h"

#include "models/domain/displaytext.h"
#include "ui/emptystate.h"
#include "ui/icons.h"
#include "ui/panelscroll.h"
#include "ui/probecheckrow.h"
#include "ui/safetext.h"
#include "ui/statepill.h"
#include "ui/theme.h"
#include "ui/tonelabel.h"
#include "ui/wordsview.h"

#include <QGridLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QVBoxLayout>

namespace lockscope {

namespace {

QPushButton* pushButton(const QString& objectName, const QString& text, const QString& toolTip)
{
    auto* const button = new QPushButton(text);
    button->setObjectName(objectName);
    button->setAccessibleName(text);
    button->setAutoDefault(false);
    safetext::setToolTip(button, toolTip);
    return button;
}

void clear(QVBoxLayout* layout)
{
    while (QLayoutItem* const item = layout->takeAt(0)) {
        delete item->widget();
        delete item;
    }
}

} // namespace

ProbeDialog::ProbeDialog(Parser parser, QWidget* parent)
    : QDialog(parent)
    , m_parser(std::move(parser))
    , m_endpoint(new QLineEdit)
    , m_password(new QLineEdit)
    , m_meaning(new ToneLabel)
    , m_start(pushButton(QStringLiteral("probeStartButton"), tr("Start"), {}))
    , m_copyText(pushButton(QStringLiteral("probeCopyButton"), tr("Copy Report"), tr("Copy all of it as text")))
    , m_copyJson(pushButton(QStringLiteral("probeCopyJsonButton"), tr("Copy as JSON"),
                            tr("Copy it as \"lockscope probe --json\" prints it")))
    , m_pill(new StatePill)
    , m_verdict(safetext::wrappingLabel())
    , m_place(safetext::mutedLabel())
    , m_words(new WordsView)
    , m_empty(new EmptyState)
{
    setObjectName(QStringLiteral("probeDialog"));
    setWindowTitle(tr("Probe an Endpoint"));
    setSizeGripEnabled(true);
    const int grid = theme::grid();
    m_start->setDefault(true);
    auto* const close = pushButton(QStringLiteral("probeCloseButton"), tr("Close"), {});
    connect(m_start, &QPushButton::clicked, this, &ProbeDialog::startOrStop);
    connect(close, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_copyText, &QPushButton::clicked, this, [this] {
        if (m_report)
            Q_EMIT copyTextRequested(*m_report);
    });
    connect(m_copyJson, &QPushButton::clicked, this, [this] {
        if (m_report)
            Q_EMIT copyJsonRequested(*m_report);
    });

    auto* const buttons = new QHBoxLayout;
    buttons->setSpacing(grid);
    buttons->addWidget(m_copyText);
    buttons->addWidget(m_copyJson);
    buttons->addStretch(1);
    buttons->addWidget(m_start);
    buttons->addWidget(close);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * grid, 2 * grid, 2 * grid, 2 * grid);
    layout->setSpacing(2 * grid);
    layout->addWidget(makeForm());
    m_empty->setPicture(IconName::Probe);
    m_empty->setTitle(tr("Do Advisory Locks Work Here?"));
    m_empty->setText(
        tr("Whether this endpoint keeps a client on its session, really excludes, and releases a lock when "
           "its client goes. A server does; a pooler may not."));
    m_results = makeResults();
    layout->addWidget(m_empty, 1);
    layout->addWidget(m_results, 1);
    layout->addLayout(buttons);
    clearResults();
    showResults(false);
    judge();
    resize(96 * grid, 80 * grid);
}

QWidget* ProbeDialog::makeForm()
{
    const int grid = theme::grid();
    m_endpoint->setObjectName(QStringLiteral("probeEndpointEdit"));
    m_endpoint->setAccessibleName(tr("Endpoint"));
    m_endpoint->setMaxLength(maximumLength);
    m_endpoint->setFont(theme::monospace());
    m_endpoint->setPlaceholderText(QStringLiteral("postgresql://app@pooler.example:6432/app"));
    safetext::setToolTip(m_endpoint, tr("The connection that an application uses, as psql takes it: a URI, key=value "
                                        "pairs, or service=name.\nEmpty: what the PG* environment variables say."));
    m_password->setObjectName(QStringLiteral("probePasswordEdit"));
    m_password->setAccessibleName(tr("Password"));
    m_password->setMaxLength(1024);
    m_password->setEchoMode(QLineEdit::Password);
    m_password->setPlaceholderText(tr("only where it is needed; never saved"));
    m_meaning->setObjectName(QStringLiteral("probeMeaning"));
    m_meaning->setWordWrap(true);
    connect(m_endpoint, &QLineEdit::textChanged, this, &ProbeDialog::judge);

    auto* const form = new QWidget;
    auto* const table = new QGridLayout(form);
    table->setContentsMargins(0, 0, 0, 0);
    table->setHorizontalSpacing(grid);
    table->setVerticalSpacing(grid);
    table->setColumnStretch(1, 1);
    table->addWidget(safetext::label(tr("Endpoint")), 0, 0);
    table->addWidget(m_endpoint, 0, 1);
    table->addWidget(safetext::label(tr("Password")), 1, 0);
    table->addWidget(m_password, 1, 1);
    table->addWidget(m_meaning, 2, 1);
    return form;
}

QWidget* ProbeDialog::makeResults()
{
    const int grid = theme::grid();
    auto* const results = new QWidget;
    m_verdict->setObjectName(QStringLiteral("probeVerdict"));
    m_verdict->setFont(theme::strongFont());
    m_pill->setObjectName(QStringLiteral("probeVerdictPill"));
    m_place->setObjectName(QStringLiteral("probePlace"));
    m_words->setObjectName(QStringLiteral("probeWords"));
    m_words->setAccessibleName(tr("What the server said"));

    auto* const head = new QGridLayout;
    head->setHorizontalSpacing(grid);
    head->setVerticalSpacing(grid / 2);
    head->setColumnStretch(1, 1);
    head->addWidget(m_pill, 0, 0, Qt::AlignTop);
    head->addWidget(m_verdict, 0, 1);
    head->addWidget(m_place, 1, 1);
    head->addWidget(m_words, 2, 1);

    auto* const content = new QWidget;
    m_advice = new QVBoxLayout;
    m_advice->setSpacing(grid / 2);
    m_checks = new QVBoxLayout;
    m_checks->setSpacing(0);
    auto* const inner = new QVBoxLayout(content);
    inner->setContentsMargins(0, 0, 0, 0);
    inner->setSpacing(grid);
    inner->addLayout(m_advice);
    inner->addLayout(m_checks);
    inner->addStretch(1);
    m_scroll = new PanelScroll(content, results);
    m_scroll->setObjectName(QStringLiteral("probeScroll"));
    m_scroll->setFocusPolicy(Qt::TabFocus); // so that the keyboard can scroll
    m_scroll->setAccessibleName(tr("Checks"));

    auto* const layout = new QVBoxLayout(results);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(grid);
    layout->addLayout(head);
    layout->addWidget(m_scroll, 1);
    return results;
}

void ProbeDialog::setEndpoint(const QString& conninfo, const QString& title)
{
    m_endpoint->setText(conninfo);
    m_endpoint->setCursorPosition(0);
    if (!title.isEmpty())
        safetext::setWindowTitle(this, tr("Probe an Endpoint: %1").arg(cellText(title, 80)));
}

void ProbeDialog::judge()
{
    const Result<ConnectionSummary> summary = m_parser(m_endpoint->text());
    m_valid = summary.has_value();
    if (summary) {
        QString place = cellText(summary->host, 120);
        if (!summary->port.isEmpty() && !summary->host.startsWith(QLatin1Char('/')))
            place += QLatin1Char(':') + cellText(summary->port, 40);
        if (!summary->database.isEmpty())
            place = tr("%1 at %2").arg(cellText(summary->database, 120), place);
        m_meaning->setMuted();
        m_meaning->setText(tr("Start opens a few connections to %1, usually five and never more than 17, takes two "
                              "random advisory keys for a few seconds, and lets go of them again.")
                               .arg(place));
    } else {
        m_meaning->setTone(Tone::Error);
        m_meaning->setText(
            cellText(summary.error().what, 300) +
            (summary.error().advice.isEmpty() ? QString() : QLatin1Char(' ') + cellText(summary.error().advice, 300)));
    }
    updateButtons();
}

void ProbeDialog::startOrStop()
{
    if (!m_running) {
        if (m_valid)
            Q_EMIT startRequested(m_endpoint->text(), m_password->text());
        return;
    }
    m_stopping = true;
    m_verdict->setText(tr("Stopping and cleaning up"));
    updateButtons();
    Q_EMIT stopRequested();
}

void ProbeDialog::clearResults()
{
    clear(m_checks);
    clear(m_advice);
    m_report.reset();
    m_pill->hide();
    m_place->hide();
    m_words->setWords({}, std::nullopt);
}

void ProbeDialog::showResults(bool shown)
{
    m_results->setVisible(shown);
    m_empty->setVisible(!shown);
}

void ProbeDialog::setRunning()
{
    clearResults();
    showResults(true);
    m_running = true;
    m_stopping = false;
    m_verdict->setText(tr("Asking the endpoint"));
    updateButtons();
}

void ProbeDialog::addCheck(const ProbeCheck& check)
{
    auto* const row = new ProbeCheckRow(check);
    m_checks->addWidget(row);
    row->show();
}

void ProbeDialog::stopRunning()
{
    m_running = false;
    m_stopping = false;
    updateButtons();
}

void ProbeDialog::setReport(const ProbeReport& report)
{
    m_report = report;
    showResults(true);
    m_pill->setPill(report.ok        ? Pill{.word = tr("fit"), .shape = PillShape::Check, .tone = Tone::New}
                    : report.stopped ? Pill{.word = tr("stopped"), .shape = PillShape::Stop, .tone = Tone::Waiting}
                    : report.kind == EndpointKind::Unknown
                        ? Pill{.word = tr("unknown"), .shape = PillShape::Question, .tone = Tone::Waiting}
                        : Pill{.word = tr("not fit"), .shape = PillShape::Cross, .tone = Tone::Blocker});
    m_pill->show();
    m_verdict->setText(cellText(report.verdict, 1000));
    m_place->setText(cellText(report.endpoint, 300));
    m_place->show();
    showAdvice(report.leftBehind, report.advice);
    m_scroll->verticalScrollBar()->setValue(0);
    stopRunning();
}

void ProbeDialog::showAdvice(const QStringList& leftBehind, const QStringList& advice)
{
    for (const QString& left : leftBehind) {
        auto* const label = new ToneLabel;
        label->setObjectName(QStringLiteral("probeLeftBehind"));
        label->setWordWrap(true);
        label->setTone(Tone::Blocker);
        label->setText(tr("Left behind: %1").arg(cellText(left, 600)));
        m_advice->addWidget(label);
    }
    if (advice.isEmpty())
        return;
    QLabel* const title = safetext::label(tr("What to change"));
    title->setFont(theme::strongFont());
    m_advice->addWidget(title);
    for (const QString& sentence : advice) {
        QLabel* const label = safetext::wrappingLabel(QStringLiteral("\u2022  ") + cellText(sentence, 1000));
        label->setObjectName(QStringLiteral("probeAdvice"));
        m_advice->addWidget(label);
    }
}

void ProbeDialog::setError(const Error& error)
{
    clearResults();
    showResults(true);
    m_pill->setPill({.word = tr("not probed"), .shape = PillShape::Warning, .tone = Tone::Error});
    m_pill->show();
    m_verdict->setText(cellText(error.what, 500) +
                       (error.advice.isEmpty() ? QString() : QLatin1Char(' ') + cellText(error.advice, 500)));
    m_words->setWords(paragraphText(error.serverWords), std::nullopt);
    stopRunning();
}

void ProbeDialog::askForPassword()
{
    m_password->selectAll();
    m_password->setFocus();
}

void ProbeDialog::updateButtons()
{
    m_endpoint->setEnabled(!m_running);
    m_password->setEnabled(!m_running);
    m_start->setText(m_running ? tr("Stop") : tr("Start"));
    m_start->setAccessibleName(m_running ? tr("Stop the probe and clean up") : tr("Start the probe"));
    m_start->setEnabled(m_running ? !m_stopping : m_valid);
    m_copyText->setEnabled(m_report && !m_running);
    m_copyJson->setEnabled(m_report && !m_running);
}

} // namespace lockscope
