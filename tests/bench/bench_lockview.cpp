// What the thread of the lock view does with one reading of 100 000 locks, 1 % of them replaced: merged, filtered,
// sorted, and compared with the view before. Prints JSON, asserts nothing.

#include "models/lockview.h"
#include "tests/bench/churn.h"

#include <QList>

using namespace lockscope;
using namespace lockscope::bench;

namespace {

constexpr int locks = 100'000;
constexpr int rounds = 100;

QJsonObject measure(const LockViewSpec& spec, const KeyDictionaryPointer& dictionary = {})
{
    Churn churn(locks);
    LockViewBuilder builder;
    builder.setDictionary(dictionary);
    static_cast<void>(builder.respecify(spec));
    LockViewPointer before = builder.update(churn.next()).view;
    Samples building;
    Samples comparing;
    const auto ids = [](const LockView& view) {
        QList<quint64> result;
        for (const LockRow& row : view.rows)
            result.append(row.rowId);
        return result;
    };
    for (int round = 0; round < rounds; ++round) {
        const SnapshotPointer snapshot = churn.next();
        const LockViewUpdate update = building.measure([&] { return builder.update(snapshot); });
        const QList<quint64> oldIds = ids(*before);
        const QList<quint64> newIds = ids(*update.view);
        static_cast<void>(comparing.measure([&] {
            return diffRows(oldIds, newIds, [&](int oldRow, int newRow) {
                return !(before->rows[oldRow].lock == update.view->rows[newRow].lock);
            });
        }));
        before = update.view;
    }
    return {{QStringLiteral("rows"), before->rows.size()},
            {QStringLiteral("update"), building.json()},
            {QStringLiteral("diffAlone"), comparing.json()}};
}

} // namespace

int main()
{
    LockViewSpec everything;
    everything.rowLimit = 0;
    LockViewSpec byKey = everything;
    byKey.sortColumn = LockColumn::Key;
    byKey.sortOrder = Qt::DescendingOrder;
    LockViewSpec byApplication = everything;
    byApplication.sortColumn = LockColumn::Application;
    LockViewSpec filtered = everything;
    filtered.filter = QStringLiteral("pod-1 role");
    LockViewSpec usual;
    print({{QStringLiteral("benchmark"), QStringLiteral("lockview")},
           {QStringLiteral("locks"), locks},
           {QStringLiteral("churn"), 0.01},
           {QStringLiteral("byAttention"), measure(everything)},
           {QStringLiteral("byAttentionWithMeanings"),
            measure(everything, std::make_shared<const KeyDictionary>(KeyDictionary::builtIn()))},
           {QStringLiteral("byKeyDescending"), measure(byKey)},
           {QStringLiteral("byApplication"), measure(byApplication)},
           {QStringLiteral("filteredByAttention"), measure(filtered)},
           {QStringLiteral("usualLimit"), measure(usual)},
           {QStringLiteral("memory"), memoryJson()}});
    return 0;
}
