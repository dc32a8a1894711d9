#include "app/lab/pods/podholders.h"

#include "app/lab/labsql.h"

namespace lockscope {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds pauseBetweenLooks{100};
constexpr milliseconds goesOnFor{2000};

} // namespace

PodHolders::PodHolders(const Conninfo& conninfo, QObject* parent)
    : QObject(parent)
    , m_thread(conninfo, QStringLiteral("lockscope lab pods"))
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(pauseBetweenLooks);
    connect(&m_timer, &QTimer::timeout, this, &PodHolders::look);
}

void PodHolders::stir()
{
    m_lookUntil = steady_clock::now() + goesOnFor;
    if (!m_asking && !m_timer.isActive())
        look();
}

void PodHolders::look()
{
    if (m_keys.empty())
        return;
    QList<qint64> highHalves;
    QList<qint64> lowHalves;
    for (const LockKey& key : m_keys) {
        highHalves.append(key.classid());
        lowHalves.append(key.objid());
    }
    m_asking = true;
    m_thread.ask(labStatement(QStringLiteral("pod_holders"), {{":classid", highHalves}, {":objid", lowHalves}}),
                 [this, askedAt = steady_clock::now()](const Result<QueryThread::Rows>& rows) { take(rows, askedAt); });
}

void PodHolders::take(const Result<QueryThread::Rows>& rows, SteadyTime askedAt)
{
    m_asking = false;
    m_problem = rows ? std::nullopt : std::optional(rows.error());
    if (rows) {
        m_askedAt = askedAt;
        m_rows.clear();
        for (const QStringList& columns : *rows) {
            const std::optional<LockKey> key =
                LockKey::fromLockTag(columns.at(2).toUInt(), columns.at(3).toUInt(), columns.at(4).toUShort());
            if (!key || !m_keys.contains(*key))
                continue;
            Row row{.key = *key, .backend = {.pid = columns.at(0).toInt()}, .applicationName = columns.at(5)};
            if (const qint64 start = columns.at(1).toLongLong(); start > 0)
                row.backend.backendStart = ServerTime(std::chrono::microseconds(start));
            m_rows.append(row);
        }
    }
    if (steady_clock::now() < m_lookUntil)
        m_timer.start();
    Q_EMIT looked();
}

} // namespace lockscope
