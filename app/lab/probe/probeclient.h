#pragma once

#include "app/lab/probe/probestop.h"
#include "app/postgres/conninfo.h"
#include "app/postgres/libpqconnection.h"

#include <QStringList>

#include <future>
#include <optional>

namespace lockscope {

/// What came back for one statement of a probe.
struct ProbeAnswer
{
    std::optional<Error> error;
    bool unanswered = false; ///< nothing came in the time that was given: the connection is closed now
    QList<QStringList> rows;
    QStringList notices;

    [[nodiscard]] QString cell(qsizetype column) const { return rows.value(0).value(column); }
    [[nodiscard]] bool isTrue() const { return !error && cell(0) == QLatin1StringView("t"); }
    [[nodiscard]] bool isFalse() const { return !error && cell(0) == QLatin1StringView("f"); }
    /// The last column of the first row as a process id.
    [[nodiscard]] std::optional<qint32> pid() const;
    [[nodiscard]] QString words() const; ///< the error in one line; empty without one
};

/// One client connection of a probe: statements one at a time, each on a thread of its own, so that the probe can do
/// something else while a pooler lets this client wait. Belongs to the probe's thread. Sends nothing but what it is
/// told: no setting, no prepared statement.
class ProbeClient
{
public:
    /// evidence gets a line for each statement. It and stop outlive the client.
    ProbeClient(QString name, Conninfo conninfo, ProbeStop& stop, QStringList& evidence);
    ~ProbeClient();
    Q_DISABLE_COPY_MOVE(ProbeClient)

    [[nodiscard]] Result<void> open(std::chrono::milliseconds limit);
    [[nodiscard]] bool isOpen() const { return m_connection.isOpen(); }
    /// With a goodbye to the server, as a program that ends.
    void close();
    /// Without one, as the kernel does for a program that was killed.
    void drop();

    /// Sends a statement and does not wait. shown: what the evidence has instead of a long statement.
    void begin(const QByteArray& statement, const QString& shown = {});
    [[nodiscard]] bool isBusy() const { return m_running.valid(); }
    /// Waits so long for the answer of begin(); empty when there is none yet.
    [[nodiscard]] std::optional<ProbeAnswer> within(std::chrono::milliseconds patience);
    /// The same, and gives the connection up when there is none.
    ProbeAnswer finish(std::chrono::milliseconds limit);
    ProbeAnswer ask(const QByteArray& statement, std::chrono::milliseconds limit, const QString& shown = {});

    [[nodiscard]] const QString& name() const { return m_name; }
    [[nodiscard]] qint32 claimedPid() const { return m_connection.claimedPid(); }

private:
    [[nodiscard]] ProbeAnswer run(const QByteArray& statement);
    void note(const ProbeAnswer& answer);

    const QString m_name;
    const Conninfo m_conninfo;
    ProbeStop& m_stop;
    QStringList& m_evidence;
    platform::WakeUp m_wakeUp;
    LibpqConnection m_connection{&m_wakeUp};
    QString m_shown;
    std::future<ProbeAnswer> m_running;
};

} // namespace lockscope
