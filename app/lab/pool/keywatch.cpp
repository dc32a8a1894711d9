#include "app/lab/pool/keywatch.h"

#include "app/lab/labsql.h"

#include <algorithm>
#include <utility>

namespace lockscope {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr auto soon = 2ms;   ///< gathers what changes at once
constexpr auto apart = 20ms; ///< two looks, while calls come one after another
constexpr auto tick = 300ms;
/// Then the server is given up until the next change.
constexpr int mostFailures = 3;

QByteArray keysStatement(const QList<qint32>& backendPids)
{
    QList<qint64> numbers(backendPids.begin(), backendPids.end());
    return labStatement(QStringLiteral("pool_keys"), {{":watched", numbers}});
}

} // namespace

KeyWatch::KeyWatch(Conninfo conninfo, const QString& applicationName, QObject* parent)
    : QObject(parent)
    , m_queries(std::move(conninfo), applicationName)
{
    m_soon.setSingleShot(true);
    m_tick.setSingleShot(true);
    m_tick.setInterval(tick);
    connect(&m_soon, &QTimer::timeout, this, &KeyWatch::ask);
    connect(&m_tick, &QTimer::timeout, this, &KeyWatch::ask);
}

void KeyWatch::look(const QList<qint32>& backendPids)
{
    m_backendPids = backendPids;
    m_wanted = true;
    if (!m_asked && !m_soon.isActive())
        askSoon();
}

void KeyWatch::lookAgain()
{
    look(m_backendPids);
}

void KeyWatch::askSoon()
{
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(m_askedAt + apart - steady_clock::now());
    m_soon.start(std::max<std::chrono::milliseconds>(left, soon));
}

void KeyWatch::ask()
{
    if (std::exchange(m_asked, true))
        return;
    m_wanted = false;
    m_askedAt = steady_clock::now();
    m_soon.stop();
    m_tick.stop();
    Q_EMIT asking();
    m_queries.ask(keysStatement(m_backendPids), [this](const Result<QueryThread::Rows>& rows) { receive(rows); });
}

void KeyWatch::receive(const Result<QueryThread::Rows>& rows)
{
    m_asked = false;
    bool settled = false;
    if (rows) {
        Keys keys;
        for (const QStringList& row : *rows) {
            const auto key = LockKey::fromLockTag(row.value(1).toUInt(), row.value(2).toUInt(),
                                                  static_cast<quint16>(row.value(3).toUInt()));
            QList<LockKey>& held = keys[row.value(0).toInt()];
            if (key && !held.contains(*key)) // shared and exclusive are two rows
                held.append(*key);
        }
        settled = keys == m_last;
        m_last = keys;
        m_failures = 0;
        Q_EMIT seen(keys);
    } else {
        settled = ++m_failures >= mostFailures;
        Q_EMIT failed(rows.error());
    }
    if (m_wanted)
        askSoon();
    else if (!settled)
        m_tick.start();
}

} // namespace lockscope
