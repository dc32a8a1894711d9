#pragma once

#include <QList>

#include <chrono>
#include <span>
#include <vector>

namespace lockscope {

/// A directed graph of numbers: each vertex points to those it waits for. A value; the arithmetic under the wait graph,
/// which knows nothing of locks. Pure functions, any thread.
struct Arrows
{
    std::vector<qint32> to = {};
    std::vector<size_t> begin = {0}; ///< of vertex v: to[begin[v]] up to to[begin[v + 1]]

    /// All that was appended to `to` since the last call belongs to the next vertex.
    void closeVertex() { begin.push_back(to.size()); }
    [[nodiscard]] qint32 count() const { return static_cast<qint32>(begin.size()) - 1; }
    [[nodiscard]] std::span<const qint32> of(qint32 vertex) const
    {
        const auto from = begin[static_cast<size_t>(vertex)];
        return {to.data() + from, begin[static_cast<size_t>(vertex) + 1] - from};
    }
};

/// Without the arrows that a longer way implies: who can be reached stays the same. Arrows of a ring are kept.
/// Bits: vertices squared / 8 bytes while it runs.
[[nodiscard]] Arrows withoutImplied(const Arrows& arrows);

/// Which vertices reach each other: a number for each, lower for those that are waited for (no arrow leads to a higher
/// one).
[[nodiscard]] std::vector<qint32> componentsOf(const Arrows& arrows);

/// Components of more than one vertex, each from its lowest vertex on in the direction of its arrows.
[[nodiscard]] QList<QList<qint32>> ringsOf(const Arrows& arrows, const std::vector<qint32>& components);

/// All other vertices from which one can be reached.
struct Behind
{
    qint32 count = 0;
    std::chrono::microseconds longest{0};
    std::chrono::microseconds total{0};
};
[[nodiscard]] std::vector<Behind> behindEach(const Arrows& arrows, const std::vector<qint32>& components,
                                             const std::vector<std::chrono::microseconds>& waits);

} // namespace lockscope
