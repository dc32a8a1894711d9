#include "app/podsdesk.h"

#include "app/lab/pods/podslab.h"
#include "ui/lab/podspage.h"

namespace lockscope {

PodsDesk::PodsDesk(PodsPage& page, LabConsent& consent, QObject* parent)
    : QObject(parent)
    , m_page(page)
    , m_consent(consent)
{
    connectPage();
}

PodsDesk::~PodsDesk() = default;

void PodsDesk::connectPage()
{
    connect(&m_page, &PodsPage::podsRequested, this, &PodsDesk::start);
    connect(&m_page, &PodsPage::endAllRequested, this, &PodsDesk::endAll);
    connect(&m_page, &PodsPage::removeRequested, this,
            [this](const QString& pod) { withLab([&](PodsLab& lab) { lab.removePod(pod); }); });
    connect(&m_page, &PodsPage::restartRequested, this,
            [this](const QString& pod) { withLab([&](PodsLab& lab) { lab.restart(pod); }); });
    connect(&m_page, &PodsPage::syncRequested, this,
            [this](const QString& pod, LockKey key, std::chrono::milliseconds work, int times) {
                withLab([&](PodsLab& lab) {
                    for (int request = 0; request < times; ++request)
                        lab.sync(pod, key, work);
                });
            });
    connect(&m_page, &PodsPage::endRequested, this,
            [this](const QString& pod, ClientEnding ending) { withLab([&](PodsLab& lab) { lab.end(pod, ending); }); });
    connect(&m_page, &PodsPage::freezeRequested, this,
            [this](const QString& pod) { withLab([&](PodsLab& lab) { lab.freeze(pod); }); });
    connect(&m_page, &PodsPage::thawRequested, this,
            [this](const QString& pod) { withLab([&](PodsLab& lab) { lab.thaw(pod); }); });
    connect(&m_page, &PodsPage::loadRequested, this,
            [this](const std::optional<PodLoad>& load) { withLab([&](PodsLab& lab) { lab.setLoad(load); }); });
    connect(&m_page, &PodsPage::fencingToggled, this,
            [this](bool fencing) { withLab([&](PodsLab& lab) { lab.setFencing(fencing); }); });
    connect(&m_page, &PodsPage::retriesToggled, this,
            [this](bool retries) { withLab([&](PodsLab& lab) { lab.setRetries(retries); }); });
    connect(&m_page, &PodsPage::clearRequested, this, [this] { withLab([](PodsLab& lab) { lab.clear(); }); });
}

void PodsDesk::setPlace(const std::optional<LabPlace>& place)
{
    const bool same = m_place && place && m_place->conninfo == place->conninfo;
    m_place = place;
    if (!same)
        endAll();
    m_page.setServer(place ? place->server : LabServer{});
}

void PodsDesk::start(int pods, int connections)
{
    if (!m_place || !m_place->server.problem.isEmpty())
        return;
    // The same question for the first pods and for each one more.
    const QStringList deeds{
        tr("Starts up to 8 processes, each with up to 8 connections of its own."),
        tr("Takes the keys that you name with pg_try_advisory_lock, without ever waiting, and releases them."),
        tr("Kills, stops and terminates only these processes and their sessions."),
        tr("Draws a transaction number (txid_current) with each lock, as its fencing token. Makes no table."),
    };
    m_consent.ask(tr("Start pods"), deeds, this, [this, pods, connections, conninfo = m_place->conninfo] {
        if (!m_place || m_place->conninfo != conninfo)
            return; // another server is watched by now
        if (!m_lab) {
            m_lab = std::make_unique<PodsLab>(conninfo);
            connect(m_lab.get(), &PodsLab::stateChanged, &m_page, &PodsPage::setState);
            connect(m_lab.get(), &PodsLab::asked, &m_page, &PodsPage::showRequest);
            connect(m_lab.get(), &PodsLab::answered, &m_page, &PodsPage::showAnswer);
        }
        for (int pod = 0; pod < pods; ++pod)
            m_lab->addPod(connections);
    });
}

void PodsDesk::endAll()
{
    m_lab.reset();
    m_page.setState({});
}

void PodsDesk::withLab(const std::function<void(PodsLab&)>& act)
{
    if (m_lab)
        act(*m_lab);
}

} // namespace lockscope
