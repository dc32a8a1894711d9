#include "app/lab/pool/checkout.h"

#include <algorithm>

namespace lockscope {

Checkout::Checkout(CheckoutOrder order, std::optional<quint32> seed)
    : m_order(order)
    , m_random(seed ? QRandomGenerator(*seed) : QRandomGenerator(QRandomGenerator::securelySeeded()))
{
}

void Checkout::fill(int size)
{
    m_free.clear();
    for (int number = 1; number <= size; ++number)
        m_free.append(number);
    if (m_order == CheckoutOrder::Lifo) // as if the first had been returned last
        std::ranges::reverse(m_free);
    m_lastTaken = 0;
}

void Checkout::giveBack(int number)
{
    if (!m_free.contains(number))
        m_free.append(number);
}

void Checkout::remove(int number)
{
    m_free.removeAll(number);
}

std::optional<int> Checkout::take()
{
    if (m_free.isEmpty())
        return {};
    m_lastTaken = m_free.takeAt(nextPlace());
    return m_lastTaken;
}

qsizetype Checkout::nextPlace()
{
    switch (m_order) {
    case CheckoutOrder::Random: {
        // Sorted, so that the same seed picks the same connections, in whatever order they came back.
        QList<int> sorted = m_free;
        std::ranges::sort(sorted);
        return m_free.indexOf(sorted.at(m_random.bounded(static_cast<int>(sorted.size()))));
    }
    case CheckoutOrder::RoundRobin: {
        // The next number that is free, after the highest the lowest again.
        const auto distance = [this](int number) {
            return number > m_lastTaken ? number - m_lastTaken : number - m_lastTaken + 2 * largestPool;
        };
        return std::ranges::min_element(m_free, {}, distance) - m_free.begin();
    }
    case CheckoutOrder::Fifo:
        return 0;
    case CheckoutOrder::Lifo:
        return m_free.size() - 1;
    }
    Q_UNREACHABLE();
}

} // namespace lockscope
