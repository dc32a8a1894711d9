#include "app/probeflow.h"

#include "models/domain/displaytext.h"
#include "models/jsontext.h"
#include "ui/probedialog.h"

#include <QClipboard>
#include <QGuiApplication>

namespace lockscope {

namespace {

Result<ConnectionSummary> summarise(const QString& text)
{
    return Conninfo::parse(text).map([](const Conninfo& conninfo) { return conninfo.summary(); });
}

/// Nothing but the password stands between the person and the server; without a SQLSTATE none was given at all.
bool wantsPassword(const Error& error)
{
    return error.kind == ErrorKind::Authentication &&
           (error.sqlState.isEmpty() || error.sqlState == QLatin1String("28P01"));
}

} // namespace

ProbeFlow::ProbeFlow(QWidget* window, QObject* parent)
    : QObject(parent)
    , m_window(window)
{
}

ProbeFlow::~ProbeFlow()
{
    if (m_dialog)
        m_dialog->disconnect(this);
}

void ProbeFlow::open(const Conninfo& current, const QString& title)
{
    if (m_dialog) {
        m_dialog->raise();
        m_dialog->activateWindow();
        return;
    }
    m_current = current;
    m_currentText = current.toTextWithoutSecrets();
    m_dialog = new ProbeDialog(summarise, m_window);
    m_dialog->setAttribute(Qt::WA_DeleteOnClose);
    m_dialog->setEndpoint(m_currentText, title);
    connect(m_dialog, &ProbeDialog::startRequested, this, &ProbeFlow::start);
    connect(m_dialog, &ProbeDialog::stopRequested, this, [this] {
        if (m_probe)
            m_probe->stop();
    });
    connect(m_dialog, &QDialog::finished, this, &ProbeFlow::end);
    connect(m_dialog, &ProbeDialog::copyTextRequested, this,
            [](const ProbeReport& report) { QGuiApplication::clipboard()->setText(probeText(report)); });
    connect(m_dialog, &ProbeDialog::copyJsonRequested, this, [](const ProbeReport& report) {
        QGuiApplication::clipboard()->setText(QString::fromUtf8(jsonForTerminal(report.toJson())));
    });
    m_dialog->open();
}

void ProbeFlow::start(const QString& text, const QString& password)
{
    if (m_probe)
        return;
    auto conninfo = Conninfo::parse(text);
    if (!conninfo) {
        m_dialog->setError(conninfo.error());
        return;
    }
    if (!password.isEmpty())
        conninfo->set(QStringLiteral("password"), password);
    else if (text == m_currentText)
        *conninfo = m_current;
    auto* const probe = new Probe(*conninfo, this);
    take(probe);
    m_dialog->setRunning();
    probe->start();
}

void ProbeFlow::take(Probe* probe)
{
    m_probe = probe;
    connect(probe, &Probe::checkFinished, this, [this, probe](const ProbeCheck& check) {
        if (m_dialog && m_probe == probe)
            m_dialog->addCheck(check);
    });
    connect(probe, &Probe::finished, this, [this, probe](const ProbeReport& report) {
        if (m_dialog && m_probe == probe)
            m_dialog->setReport(report);
        probe->deleteLater();
        if (m_probe == probe)
            m_probe.clear();
    });
    connect(probe, &Probe::failed, this, [this, probe](const Error& error) {
        if (m_dialog && m_probe == probe) {
            m_dialog->setError(error);
            if (wantsPassword(error))
                m_dialog->askForPassword();
        }
        probe->deleteLater();
        if (m_probe == probe)
            m_probe.clear();
    });
}

void ProbeFlow::end()
{
    if (m_probe)
        m_probe->stop();
    m_probe.clear(); // it is this object's child, and goes when it has cleaned up
}

} // namespace lockscope
