#pragma once

#include "app/lab/labsession.h"

#include <QStringList>
#include <QTimer>

#include <functional>
#include <memory>

namespace lockscope {

/// What a lesson needs to know of a server before it runs there.
struct LessonServer
{
    QString version = {}; ///< "15.18"
    int versionNumber = 0;
    bool standby = false;
    int preparedTransactions = 0; ///< max_prepared_transactions
    QString database = {};
    bool behindPooler = false;
};

/// The lesson's own session: asks what server this is and runs the statements that make and remove what a lesson needs.
/// GUI thread, never waits. A statement that takes more than half a minute is cancelled.
class SetupSession final : public QObject
{
    Q_OBJECT

public:
    explicit SetupSession(const Conninfo& conninfo, QObject* parent = nullptr);
    ~SetupSession() override;
    Q_DISABLE_COPY_MOVE(SetupSession)

    /// Connects first. Not answered once this object is gone, as the others.
    void inquire(std::function<void(const Result<LessonServer>&)> answered);
    /// Before the first of the statements below: what they do must end with this console, also where it is killed.
    void bound(int versionNumber, std::function<void(const Result<void>&)> done);
    /// One after another, to the first that fails.
    void prepare(const QStringList& statements, std::function<void(const Result<void>&)> done);
    /// All of them; the error is that of the first that failed. What is not there need not be removed.
    void remove(const QStringList& statements, std::function<void(const Result<void>&)> done);

private:
    void run(QStringList statements, bool removes, Result<void> soFar, std::function<void(const Result<void>&)> done);

    LabSession m_session;
    QTimer m_deadline;
};

} // namespace lockscope
