#pragma once

#include "app/postgres/conninfo.h"
#include "models/domain/result.h"

#include <QJsonObject>
#include <QList>
#include <QObject>
#include <QString>

#include <chrono>
#include <memory>

namespace lockscope {

/// One checked step of a lesson.
struct ScenarioStep
{
    int step = 0;
    QString actor;
    QString action;
    QString expected;
    QString observed;
    bool ok = false;
    std::chrono::microseconds elapsed{0};
    friend bool operator==(const ScenarioStep&, const ScenarioStep&) = default;
};

struct ScenarioReport
{
    QString scenario;
    QString title;
    QString server; ///< "PostgreSQL 15.18"
    bool ok = false;
    QList<ScenarioStep> steps;
    /// The stable shape of `lockscope scenario run --json`.
    [[nodiscard]] QJsonObject toJson() const;
};

struct ScenarioDescription
{
    QString name;
    QString title;
};
[[nodiscard]] QList<ScenarioDescription> scenarios();

/// Runs one scenario on the server of conninfo with simulated clients of its own; needs an event loop on this thread.
/// Everything it started is gone when finished() comes, whatever happened.
class ScenarioRun final : public QObject
{
    Q_OBJECT

public:
    ScenarioRun(QString name, Conninfo conninfo, QObject* parent = nullptr);
    ~ScenarioRun() override;
    Q_DISABLE_COPY_MOVE(ScenarioRun)
    void start();

Q_SIGNALS:
    void stepFinished(const lockscope::ScenarioStep& step);
    void finished(const lockscope::ScenarioReport& report);
    void failed(const lockscope::Error& error); ///< could not run at all: no connection, unknown name

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace lockscope
