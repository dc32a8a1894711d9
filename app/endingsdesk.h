#pragma once

#include "app/labconsent.h"
#include "models/domain/endingtrial.h"

#include <QObject>

#include <memory>
#include <optional>

namespace lockscope {

class EndingsPage;
class EndingTrials;

/// Carries the wishes of the page with every way to die to the trials, once they are allowed, and their states back.
/// GUI thread. Ends everything when the place changes and when it goes.
class EndingsDesk final : public QObject
{
    Q_OBJECT

public:
    EndingsDesk(EndingsPage& page, LabConsent& consent, QObject* parent = nullptr);
    ~EndingsDesk() override;
    Q_DISABLE_COPY_MOVE(EndingsDesk)

    /// Ends everything that ran on the old place.
    void setPlace(const std::optional<LabPlace>& place);

private:
    void run(const QList<EndingKind>& kinds, const EndingSettings& settings);
    void forget();

    EndingsPage& m_page;
    LabConsent& m_consent;
    std::optional<LabPlace> m_place;
    std::unique_ptr<EndingTrials> m_trials;
};

} // namespace lockscope
