#include "models/domain/waitreach.h"

#include <algorithm>
#include <bit>

namespace lockscope {

namespace {

using Word = quint64;
constexpr size_t wordBits = 64;

size_t at(qint32 vertex)
{
    return static_cast<size_t>(vertex);
}

/// Calls leave(vertex) for each vertex after all it points to, rings aside. A stack of its own: a queue of ten
/// thousand waiters would be as many calls deep.
template <typename Leave>
void visitAfterTargets(const Arrows& arrows, Leave leave)
{
    std::vector<bool> seen(at(arrows.count()));
    std::vector<std::pair<qint32, size_t>> path;
    for (qint32 start = 0; start < arrows.count(); ++start) {
        if (seen[at(start)])
            continue;
        seen[at(start)] = true;
        path.emplace_back(start, 0);
        while (!path.empty()) {
            auto& [vertex, next] = path.back();
            const std::span<const qint32> targets = arrows.of(vertex);
            while (next < targets.size() && seen[at(targets[next])])
                ++next;
            if (next == targets.size()) {
                leave(vertex);
                path.pop_back();
                continue;
            }
            const qint32 target = targets[next++];
            seen[at(target)] = true;
            path.emplace_back(target, 0);
        }
    }
}

/// Tarjan's algorithm without recursion.
class ComponentSearch
{
public:
    explicit ComponentSearch(const Arrows& arrows)
        : m_arrows(arrows)
        , m_entered(at(arrows.count()), -1)
        , m_lowest(at(arrows.count()), -1)
        , m_component(at(arrows.count()), -1)
    {
    }

    std::vector<qint32> run()
    {
        for (qint32 start = 0; start < m_arrows.count(); ++start) {
            if (m_entered[at(start)] < 0)
                follow(start);
        }
        return std::move(m_component);
    }

private:
    void enter(qint32 vertex)
    {
        m_entered[at(vertex)] = m_lowest[at(vertex)] = m_clock++;
        m_open.push_back(vertex);
        m_path.emplace_back(vertex, 0);
    }

    void follow(qint32 start)
    {
        enter(start);
        while (!m_path.empty()) {
            auto& [vertex, next] = m_path.back();
            const std::span<const qint32> targets = m_arrows.of(vertex);
            if (next < targets.size()) {
                const qint32 target = targets[next++];
                if (m_entered[at(target)] < 0)
                    enter(target);
                else if (m_component[at(target)] < 0)
                    m_lowest[at(vertex)] = std::min(m_lowest[at(vertex)], m_entered[at(target)]);
                continue;
            }
            const qint32 done = vertex;
            m_path.pop_back();
            if (!m_path.empty()) {
                const qint32 parent = m_path.back().first;
                m_lowest[at(parent)] = std::min(m_lowest[at(parent)], m_lowest[at(done)]);
            }
            if (m_lowest[at(done)] == m_entered[at(done)])
                close(done);
        }
    }

    void close(qint32 vertex)
    {
        for (;;) {
            const qint32 member = m_open.back();
            m_open.pop_back();
            m_component[at(member)] = m_components;
            if (member == vertex)
                break;
        }
        ++m_components;
    }

    const Arrows& m_arrows;
    std::vector<qint32> m_entered;
    std::vector<qint32> m_lowest;
    std::vector<qint32> m_component;
    std::vector<qint32> m_open;
    std::vector<std::pair<qint32, size_t>> m_path;
    qint32 m_clock = 0;
    qint32 m_components = 0;
};

} // namespace

Arrows withoutImplied(const Arrows& arrows)
{
    const size_t count = at(arrows.count());
    std::vector<qint32> order;
    order.reserve(count);
    std::vector<size_t> rank(count);
    visitAfterTargets(arrows, [&](qint32 vertex) {
        rank[at(vertex)] = order.size();
        order.push_back(vertex);
    });

    // Bits by rank: what a vertex points to has a lower rank, so the highest bit left is what stands directly ahead.
    const size_t words = (count + wordBits - 1) / wordBits;
    std::vector<Word> reached(count * words);
    std::vector<Word> candidates(words);
    std::vector<std::vector<qint32>> kept(count);
    for (size_t own = 0; own < count; ++own) {
        const qint32 vertex = order[own];
        Word* const reachedHere = reached.data() + own * words;
        for (const qint32 target : arrows.of(vertex)) {
            if (rank[at(target)] < own)
                candidates[rank[at(target)] / wordBits] |= Word(1) << (rank[at(target)] % wordBits);
            else
                kept[at(vertex)].push_back(target); // closes a ring
        }
        for (size_t word = own / wordBits + 1; word-- > 0;) {
            while (candidates[word] != 0) {
                const size_t next =
                    word * wordBits + wordBits - 1 - static_cast<size_t>(std::countl_zero(candidates[word]));
                kept[at(vertex)].push_back(order[next]);
                candidates[word] &= ~(Word(1) << (next % wordBits));
                reachedHere[word] |= Word(1) << (next % wordBits);
                const Word* const reachedThere = reached.data() + next * words;
                for (size_t each = 0; each <= word; ++each) {
                    candidates[each] &= ~reachedThere[each];
                    reachedHere[each] |= reachedThere[each];
                }
            }
        }
    }

    Arrows result;
    result.begin.reserve(count + 1);
    for (const std::vector<qint32>& targets : kept) {
        result.to.insert(result.to.end(), targets.begin(), targets.end());
        result.closeVertex();
    }
    return result;
}

std::vector<qint32> componentsOf(const Arrows& arrows)
{
    return ComponentSearch(arrows).run();
}

QList<QList<qint32>> ringsOf(const Arrows& arrows, const std::vector<qint32>& components)
{
    std::vector<qint32> sizes(components.size());
    for (const qint32 component : components)
        ++sizes[at(component)];
    QList<QList<qint32>> rings;
    std::vector<bool> seen(components.size());
    std::vector<qint32> open;
    for (qint32 start = 0; start < arrows.count(); ++start) {
        if (seen[at(start)] || sizes[at(components[at(start)])] < 2)
            continue;
        QList<qint32> ring;
        open.assign(1, start);
        while (!open.empty()) {
            const qint32 vertex = open.back();
            open.pop_back();
            if (seen[at(vertex)])
                continue;
            seen[at(vertex)] = true;
            ring.append(vertex);
            const std::span<const qint32> targets = arrows.of(vertex);
            for (auto target = targets.rbegin(); target != targets.rend(); ++target) {
                if (components[at(*target)] == components[at(start)])
                    open.push_back(*target);
            }
        }
        rings.append(ring);
    }
    return rings;
}

std::vector<Behind> behindEach(const Arrows& arrows, const std::vector<qint32>& components,
                               const std::vector<std::chrono::microseconds>& waits)
{
    const size_t count = at(arrows.count());
    const size_t componentCount =
        components.empty() ? 0 : at(*std::max_element(components.begin(), components.end())) + 1;
    std::vector<qint32> byComponent(count); // those that wait first
    for (size_t vertex = 0; vertex < count; ++vertex)
        byComponent[vertex] = static_cast<qint32>(vertex);
    std::stable_sort(byComponent.begin(), byComponent.end(),
                     [&](qint32 a, qint32 b) { return components[at(a)] > components[at(b)]; });

    // In slices, so that fifty thousand waiters cost time and not gigabytes.
    constexpr size_t sliceWords = 64;
    constexpr size_t slice = sliceWords * wordBits;
    std::vector<Behind> behind(count);
    std::vector<Word> reaching(componentCount * sliceWords);
    for (size_t first = 0; first < count; first += slice) {
        const size_t last = std::min(first + slice, count);
        const size_t words = (last - first + wordBits - 1) / wordBits;
        std::fill(reaching.begin(), reaching.end(), Word(0));
        for (size_t vertex = first; vertex < last; ++vertex) {
            const size_t bit = vertex - first;
            reaching[at(components[vertex]) * sliceWords + bit / wordBits] |= Word(1) << (bit % wordBits);
        }
        for (const qint32 vertex : byComponent) {
            const Word* const own = reaching.data() + at(components[at(vertex)]) * sliceWords;
            for (const qint32 target : arrows.of(vertex)) {
                if (components[at(target)] == components[at(vertex)])
                    continue;
                Word* const there = reaching.data() + at(components[at(target)]) * sliceWords;
                for (size_t word = 0; word < words; ++word)
                    there[word] |= own[word];
            }
        }
        for (size_t vertex = 0; vertex < count; ++vertex) {
            const Word* const own = reaching.data() + at(components[vertex]) * sliceWords;
            Behind& result = behind[vertex];
            for (size_t word = 0; word < words; ++word) {
                for (Word left = own[word]; left != 0; left &= left - 1) {
                    const size_t other = first + word * wordBits + static_cast<size_t>(std::countr_zero(left));
                    if (other == vertex)
                        continue;
                    ++result.count;
                    result.longest = std::max(result.longest, waits[other]);
                    result.total += waits[other];
                }
            }
        }
    }
    return behind;
}

} // namespace lockscope
