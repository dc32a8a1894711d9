#pragma once

#include "app/labconsent.h"
#include "models/domain/clientstate.h"

#include <QObject>

#include <functional>
#include <memory>
#include <optional>

namespace lockscope {

class PodsLab;
class PodsPage;

/// Between the page of the pods and the pods. GUI thread; waits for nothing. Asks before it starts any on a server that
/// is not the sandbox.
class PodsDesk final : public QObject
{
    Q_OBJECT

public:
    PodsDesk(PodsPage& page, LabConsent& consent, QObject* parent = nullptr);
    ~PodsDesk() override; ///< ends every pod
    Q_DISABLE_COPY_MOVE(PodsDesk)

    /// Ends what ran elsewhere.
    void setPlace(const std::optional<LabPlace>& place);

private:
    void start(int pods, int connections);
    void endAll();
    void connectPage();
    void withLab(const std::function<void(PodsLab&)>& act);

    PodsPage& m_page;
    LabConsent& m_consent;
    std::optional<LabPlace> m_place;
    std::unique_ptr<PodsLab> m_lab;
};

} // namespace lockscope
