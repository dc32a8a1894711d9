// What one update of the lock table costs the GUI thread: 100 000 rows in a shown QTableView, 1 % replaced each time.
// "apply" is LockTableModel::apply() with everything the view does in its slots; "paint" is what follows when control
// returns to the event loop, and "repaintWithoutUpdate" what painting the same rows costs anyway. Prints JSON, asserts
// nothing.

#include "models/lockcolumns.h"
#include "models/locktablemodel.h"
#include "tests/bench/churn.h"

#include <QApplication>
#include <QHeaderView>
#include <QTableView>

using namespace lockscope;
using namespace lockscope::bench;

namespace {

constexpr int locks = 100'000;
constexpr int rounds = 200;

QJsonObject measure(const LockViewSpec& spec)
{
    Churn churn(locks);
    LockViewBuilder builder;
    LockTableModel model;
    QTableView view;
    view.verticalHeader()->hide();
    view.verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    view.verticalHeader()->setDefaultSectionSize(26);
    view.setSelectionBehavior(QAbstractItemView::SelectRows);
    view.setWordWrap(false);
    view.setModel(&model);
    view.resize(1280, 720);
    view.show();
    model.apply(builder.respecify(spec));
    model.apply(builder.update(churn.next()));
    view.scrollTo(model.index(model.rowCount() / 2, 0));
    view.selectRow(model.rowCount() / 2);
    QCoreApplication::processEvents();

    Samples applying;
    Samples painting;
    Samples repainting;
    // As the feed of the console does: the view before is freed elsewhere.
    LockViewPointer shown = model.view();
    QJsonObject kinds;
    for (int round = 0; round < rounds; ++round) {
        const LockViewUpdate update = builder.update(churn.next());
        const QString kind =
            update.script.kind == EditScript::Kind::Layout ? QStringLiteral("layout") : QStringLiteral("ranges");
        kinds.insert(kind, kinds.value(kind).toInt() + 1);
        applying.measure([&] {
            model.apply(update);
            return 0;
        });
        painting.measure([&] {
            QCoreApplication::processEvents();
            return 0;
        });
        repainting.measure([&] {
            view.viewport()->repaint();
            return 0;
        });
        shown = update.view;
    }
    return {{QStringLiteral("rows"), model.rowCount()}, {QStringLiteral("apply"), applying.json()},
            {QStringLiteral("paint"), painting.json()}, {QStringLiteral("repaintWithoutUpdate"), repainting.json()},
            {QStringLiteral("scripts"), kinds},         {QStringLiteral("memory"), memoryJson()}};
}

} // namespace

int main(int argumentCount, char** arguments)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication application(argumentCount, arguments);
    LockViewSpec everything;
    everything.rowLimit = 0;
    LockViewSpec byKey = everything;
    byKey.sortColumn = LockColumn::Key;
    LockViewSpec filtered = everything;
    filtered.filter = QStringLiteral("role");
    LockViewSpec usual;
    print({{QStringLiteral("benchmark"), QStringLiteral("lockmodel")},
           {QStringLiteral("locks"), locks},
           {QStringLiteral("churn"), 0.01},
           {QStringLiteral("byAttention"), measure(everything)},
           {QStringLiteral("byKey"), measure(byKey)},
           {QStringLiteral("filteredByAttention"), measure(filtered)},
           {QStringLiteral("usualLimit"), measure(usual)}});
    return 0;
}
