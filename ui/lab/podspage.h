#pragma once

#include "models/domain/labserver.h"
#include "models/domain/podslabstate.h"

#include <QWidget>

#include <memory>

namespace lockscope {

/// Pods around PostgreSQL: what each believes in its own map, and what the server says; requests and their answers, the
/// resource they write to, and how long a hand-over takes. GUI thread. Values come down by setters, wishes go up by
/// signals; never starts or ends anything.
class PodsPage final : public QWidget
{
    Q_OBJECT

public:
    explicit PodsPage(QWidget* parent = nullptr);
    ~PodsPage() override;
    Q_DISABLE_COPY_MOVE(PodsPage)

    void setServer(const LabServer& server);
    void setState(const PodsLabState& state);
    /// A request was sent, an answer came: the picture shows it fly.
    void showRequest(const PodRequest& request);
    void showAnswer(const PodAnswer& answer);

Q_SIGNALS:
    /// The first ones, or one more.
    void podsRequested(int pods, int connections);
    void removeRequested(const QString& pod);
    void endAllRequested();
    void restartRequested(const QString& pod);
    void syncRequested(const QString& pod, lockscope::LockKey key, std::chrono::milliseconds work, int times);
    void endRequested(const QString& pod, lockscope::ClientEnding ending);
    void freezeRequested(const QString& pod);
    void thawRequested(const QString& pod);
    void loadRequested(const std::optional<lockscope::PodLoad>& load);
    void fencingToggled(bool fencing);
    void retriesToggled(bool retries);
    void clearRequested();
    void sandboxRequested(); ///< from the empty state

private:
    class Parts;
    std::unique_ptr<Parts> m_parts;
};

} // namespace lockscope
