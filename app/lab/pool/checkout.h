#pragma once

#include "models/domain/poolstate.h"

#include <QList>
#include <QRandomGenerator>

#include <optional>

namespace lockscope {

/// Which free connection of a pool is handed out next. A value; knows numbers only, never a connection.
class Checkout
{
public:
    explicit Checkout(CheckoutOrder order, std::optional<quint32> seed = {});

    /// All connections of a new pool are free: 1 to size. Every order but Random hands out number 1 first.
    void fill(int size);
    void giveBack(int number); ///< it is free from now on
    void remove(int number);   ///< it was lost while it was free; harmless when it was not
    [[nodiscard]] std::optional<int> take();
    [[nodiscard]] qsizetype freeCount() const { return m_free.size(); }

private:
    [[nodiscard]] qsizetype nextPlace();

    CheckoutOrder m_order;
    QRandomGenerator m_random;
    QList<int> m_free; ///< the one that has been free the longest first
    int m_lastTaken = 0;
};

} // namespace lockscope
