#include "app/contentiondesk.h"

#include "app/lab/contention/contentionbench.h"
#include "app/lockexporter.h"
#include "ui/lab/contentionpage.h"

namespace lockscope {

ContentionDesk::ContentionDesk(ContentionPage& page, LabConsent& consent, QObject* parent)
    : QObject(parent)
    , m_page(page)
    , m_consent(consent)
{
    connect(&page, &ContentionPage::startRequested, this, &ContentionDesk::start);
    connect(&page, &ContentionPage::stopRequested, this, [this] {
        if (m_bench)
            m_bench->stop();
    });
    connect(&page, &ContentionPage::exportRequested, this, [this](const QString& fileName, const QByteArray& content) {
        if (const Result<void> written = writeFile(fileName, content); !written)
            m_page.setError(written.error());
    });
}

ContentionDesk::~ContentionDesk() = default;

void ContentionDesk::setPlace(const std::optional<LabPlace>& place)
{
    const bool same = m_place && place && m_place->conninfo == place->conninfo;
    m_place = place;
    m_page.setServer(place ? place->server : LabServer{});
    if (same)
        return;
    m_bench.reset();
    m_page.setRunning(false);
}

void ContentionDesk::start(const ContentionSpec& spec)
{
    if (!m_place || !m_place->server.problem.isEmpty())
        return;
    m_consent.ask(
        tr("Run a contention bench"),
        {tr("Opens %1 connections.").arg(spec.clients + 1),
         tr("Takes and releases %n advisory key(s) of its own, as fast as it can, for %1 s.", nullptr, spec.keys)
             .arg(spec.duration.count()),
         tr("Keeps the server busy meanwhile.")},
        this, [this, spec] { run(spec); });
}

void ContentionDesk::run(const ContentionSpec& spec)
{
    if (!m_place || m_bench)
        return;
    m_bench = std::make_unique<ContentionBench>(m_place->conninfo, spec);
    connect(m_bench.get(), &ContentionBench::progress, &m_page, &ContentionPage::setReport);
    const auto over = [this] {
        m_page.setRunning(false);
        m_bench.release()->deleteLater(); // it is the sender
    };
    connect(m_bench.get(), &ContentionBench::finished, this, [this, over](const ContentionReport& report) {
        m_page.setReport(report);
        over();
    });
    connect(m_bench.get(), &ContentionBench::failed, this, [this, over](const Error& error) {
        m_page.setError(error);
        over();
    });
    m_page.setRunning(true);
    m_bench->start();
}

} // namespace lockscope
