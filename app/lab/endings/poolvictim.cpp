#include "app/lab/endings/poolvictim.h"

#include "app/lab/pool/pooledlockservice.h"
#include "app/postgres/poolconnection.h"

namespace lockscope {

namespace {

const QString& poolName()
{
    static const QString name = word(EndingKind::ReturnedToPool);
    return name;
}

} // namespace

PoolVictim::PoolVictim(const Conninfo& conninfo, std::shared_ptr<ReleaseWatch> watch, QObject* parent)
    : Victim(std::move(watch), parent)
    , m_pool(std::make_unique<PooledLockService>(poolName(), conninfo,
                                                 PoolSpec{.size = 1, .form = LockServiceForm::Naive}))
{
    connect(m_pool.get(), &PooledLockService::stateChanged, this, [this](const PoolState& state) {
        if (state.phase == PoolState::Phase::Failed) {
            Q_EMIT failed(state.error.value_or(Error{.what = tr("The pool could not be opened.")}));
        } else if (state.phase == PoolState::Phase::Ready && !m_asked) {
            m_asked = true;
            m_pool->acquire(QStringLiteral("request 1"), m_key);
        }
    });
    connect(m_pool.get(), &PooledLockService::called, this, [this](const PoolCall& call) {
        if (call.answer != PoolAnswer::True) {
            Q_EMIT failed(call.error.value_or(Error{
                .kind = ErrorKind::Server, .what = tr("The pool's call was answered: %1.").arg(word(call.answer))}));
            return;
        }
        m_backend = {call.backendPid, std::nullopt};
        Q_EMIT connected({.backend = m_backend});
        Q_EMIT holds();
    });
}

PoolVictim::~PoolVictim() = default;

void PoolVictim::take(LockKey key, WaitPolicy /*wait*/)
{
    m_key = key;
    m_pool->open();
}

void PoolVictim::runStatement(std::chrono::milliseconds /*length*/) {}

/// The naive service has given the connection back already, with the key on it: all there is to do is to look.
void PoolVictim::end()
{
    watchWhile(m_backend, m_key, []() -> Result<SteadyTime> { return std::chrono::steady_clock::now(); });
}

QString PoolVictim::applicationName() const
{
    return poolApplicationName(poolName(), 1);
}

QString PoolVictim::deed() const
{
    return tr("The connection went back to its pool, open and idle; nobody unlocked.");
}

} // namespace lockscope
