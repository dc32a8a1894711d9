#pragma once

#include "app/lab/pool/pooledlockservice.h"

#include <QTest>

#include <memory>

namespace lockscope::test {

inline constexpr LockKey five = LockKey::bigint(5);
inline constexpr LockKey six = LockKey::bigint(6);
inline constexpr LockKey seven = LockKey::pair(-7, 7);

/// A lock service over a pool that keeps what it said, with calls that wait for their answer. For the thread of the
/// test, whose event loop the waiting calls run.
class RecordedPool final
{
public:
    RecordedPool(const Conninfo& conninfo, PoolSpec spec, const QString& name = QStringLiteral("shop"))
        : m_service(std::make_unique<PooledLockService>(name, conninfo, spec))
    {
        QObject::connect(m_service.get(), &PooledLockService::called, m_service.get(),
                         [this](const PoolCall& call) { calls.append(call); });
        QObject::connect(
            m_service.get(), &PooledLockService::dispatched, m_service.get(),
            [this](const QString& request, PoolAction action, LockKey key, int slot) {
                dispatches.append(
                    QStringLiteral("%1 %2 %3 -> %4").arg(request, word(action), key.toString(), QString::number(slot)));
            });
    }

    [[nodiscard]] bool open()
    {
        m_service->open();
        return QTest::qWaitFor([this] { return state().phase != PoolState::Phase::Opening; }, 20000) &&
               state().phase == PoolState::Phase::Ready;
    }
    PooledLockService* operator->() { return m_service.get(); }
    [[nodiscard]] const PoolState& state() const { return m_service->state(); }
    [[nodiscard]] const PoolSlot& slot(int number) const { return m_service->state().slotList.at(number - 1); }
    void destroy() { m_service.reset(); }

    PoolCall acquire(LockKey key)
    {
        m_service->acquire(nextRequest(), key);
        return answer();
    }
    PoolCall release(LockKey key, bool failing = false)
    {
        m_service->release(nextRequest(), key, failing);
        return answer();
    }
    [[nodiscard]] QString nextRequest() { return QStringLiteral("request %1").arg(++m_asked); }
    /// Of all calls with nextRequest().
    [[nodiscard]] bool areAnswered() const
    {
        return QTest::qWaitFor([this] { return calls.size() == m_asked; }, 20000);
    }

    /// "1 free [5] leaked [5] | 2 checked out by request 1 []", one slot after the other.
    [[nodiscard]] QString text() const
    {
        QStringList slotTexts;
        for (const PoolSlot& each : state().slotList) {
            QString slotText = QString::number(each.number) + u' ' + word(each.phase);
            if (!each.checkedOutBy.isEmpty())
                slotText += QStringLiteral(" by ") + each.checkedOutBy;
            slotText += u' ' + keysText(each.keys);
            if (!each.leaked.isEmpty())
                slotText += QStringLiteral(" leaked ") + keysText(each.leaked);
            slotTexts.append(slotText);
        }
        return slotTexts.join(QStringLiteral(" | "));
    }
    /// "5 -> 1, 6 -> 2".
    [[nodiscard]] QString mapText() const
    {
        QStringList entries;
        for (const auto& [key, number] : state().map)
            entries.append(QStringLiteral("%1 -> %2").arg(key.toString(), QString::number(number)));
        return entries.join(QStringLiteral(", "));
    }

    QList<PoolCall> calls;
    QStringList dispatches;

private:
    static QString keysText(const QList<LockKey>& keys)
    {
        QStringList words;
        for (const LockKey& key : keys)
            words.append(key.toString());
        return u'[' + words.join(u' ') + u']';
    }
    PoolCall answer() { return areAnswered() ? calls.last() : PoolCall{.request = QStringLiteral("not answered")}; }

    std::unique_ptr<PooledLockService> m_service;
    qsizetype m_asked = 0;
};

/// "true at 1, hit": the answer, the slot, and what is known of the backend.
[[nodiscard]] inline QString text(const PoolCall& call)
{
    QString words = QStringLiteral("%1 at %2").arg(word(call.answer), QString::number(call.slot));
    if (call.hit)
        words += *call.hit ? QStringLiteral(", hit") : QStringLiteral(", missed");
    return words;
}

} // namespace lockscope::test
