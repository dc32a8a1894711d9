#pragma once

#include "app/labconsent.h"
#include "models/domain/contention.h"

#include <QObject>

#include <memory>
#include <optional>

namespace lockscope {

class ContentionBench;
class ContentionPage;

/// Between the contention page and the run: one at a time, on the server that is watched. GUI thread; waits for nothing
/// but the end of a run that is left. Asks before it runs on anything but the sandbox.
class ContentionDesk final : public QObject
{
    Q_OBJECT

public:
    ContentionDesk(ContentionPage& page, LabConsent& consent, QObject* parent = nullptr);
    ~ContentionDesk() override;
    Q_DISABLE_COPY_MOVE(ContentionDesk)

    void setPlace(const std::optional<LabPlace>& place);

private:
    void start(const ContentionSpec& spec);
    void run(const ContentionSpec& spec);

    ContentionPage& m_page;
    LabConsent& m_consent;
    std::optional<LabPlace> m_place;
    std::unique_ptr<ContentionBench> m_bench;
};

} // namespace lockscope
