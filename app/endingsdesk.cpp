#include "app/endingsdesk.h"

#include "app/lab/endings/endingtrials.h"
#include "app/lockexporter.h"
#include "models/domain/endingwords.h"
#include "ui/lab/endingspage.h"

namespace lockscope {

EndingsDesk::EndingsDesk(EndingsPage& page, LabConsent& consent, QObject* parent)
    : QObject(parent)
    , m_page(page)
    , m_consent(consent)
{
    connect(&page, &EndingsPage::runRequested, this, &EndingsDesk::run);
    connect(&page, &EndingsPage::stopRequested, this, [this](const QList<EndingKind>& kinds) {
        for (const EndingKind kind : kinds) {
            if (m_trials)
                m_trials->stop(kind);
        }
    });
    connect(&page, &EndingsPage::resetRequested, this, [this] { m_trials ? m_trials->reset() : forget(); });
    connect(&page, &EndingsPage::exportRequested, this, [this](const QString& fileName, const QByteArray& content) {
        if (const Result<void> written = writeFile(fileName, content); !written)
            m_page.setError(written.error());
    });
}

EndingsDesk::~EndingsDesk() = default;

void EndingsDesk::setPlace(const std::optional<LabPlace>& place)
{
    const bool same = place && m_place && place->conninfo == m_place->conninfo && place->overTcp == m_place->overTcp &&
                      place->server.versionNumber == m_place->server.versionNumber &&
                      place->server.poolerProblem == m_place->server.poolerProblem;
    m_place = place;
    if (!same) {
        m_trials.reset();
        forget();
    }
    m_page.setServer(place ? place->server : LabServer{});
}

void EndingsDesk::run(const QList<EndingKind>& kinds, const EndingSettings& settings)
{
    if (!m_place || !m_place->server.problem.isEmpty())
        return;
    QStringList deeds;
    for (const EndingKind kind : kinds)
        deeds.append(deedOf(kind));
    deeds.append(tr("Each client takes a key of its own, drawn by lot, and somebody of ours waits behind it."));
    deeds.append(tr("What is left of a trial is ended by pg_terminate_backend, by pid and start; nothing else is "
                    "touched."));
    const QString what =
        kinds.size() == 1 ? tr("Try \"%1\"").arg(titleOf(kinds.first())) : tr("Try %1 ways to die").arg(kinds.size());
    m_consent.ask(what, deeds, this, [this, kinds, settings] {
        if (!m_place)
            return;
        if (!m_trials) {
            m_trials = std::make_unique<EndingTrials>(m_place->overTcp.value_or(m_place->conninfo), m_place->server);
            connect(m_trials.get(), &EndingTrials::stateChanged, &m_page, &EndingsPage::setEnding);
        }
        for (const EndingKind kind : kinds)
            m_trials->run(kind, settings);
    });
}

void EndingsDesk::forget()
{
    for (const EndingKind kind : allEndingKinds)
        m_page.setEnding({.kind = kind});
}

} // namespace lockscope
