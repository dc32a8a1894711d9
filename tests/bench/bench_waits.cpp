// What one reading costs the GUI thread while somebody works on a jam: 100 000 locks, 2 000 sessions in the queue of
// one key, 1 % of both replaced each second. The feed makes the views as in the console; the table is always brought up
// to date, the page of waits is shown as its tree, its drawing, both, or not at all. "update" is what the slots do,
// "paint" what follows in the event loop, "gap" the whole time the loop did not come round. Prints JSON, asserts
// nothing.

#include "app/lockviewfeed.h"
#include "models/domain/keydictionary.h"
#include "models/locktablemodel.h"
#include "tests/bench/churn.h"
#include "ui/actions.h"
#include "ui/lockspage.h"
#include "ui/locktableview.h"
#include "ui/theme.h"
#include "ui/waitsbar.h"
#include "ui/waitspage.h"

#include <QApplication>
#include <QEventLoop>
#include <QStackedWidget>

using namespace lockscope;
using namespace lockscope::bench;

namespace {

constexpr int locks = 100'000;
constexpr int queue = 2000;
constexpr int rounds = 100;

struct Scene
{
    const char* name;
    bool waitsShown = false;
    WaitsLayout layout = WaitsLayout::Tree;
    bool rowSelected = false;
    qint64 rowLimit = 0;
    bool allSessions = false;
    int queued = queue;
};

ServerInfo serverInfo()
{
    ServerInfo server;
    server.version = QStringLiteral("15.20");
    server.versionNumber = 150020;
    server.database = QStringLiteral("shop");
    server.role = QStringLiteral("watcher");
    server.isSuperuser = true;
    server.seesAllStats = true;
    server.signalsBackends = true;
    server.lockCapacity = 200'000;
    return server;
}

class Window
{
public:
    explicit Window(const Scene& scene)
        : m_churn(locks, scene.queued)
        , m_locksPage(m_actions, m_model)
        , m_waitsPage(m_actions)
    {
        m_pages.addWidget(&m_locksPage);
        m_pages.addWidget(&m_waitsPage);
        m_pages.resize(1440, 900);
        LinkState link;
        link.phase = LinkPhase::Live;
        m_locksPage.setServer(serverInfo());
        m_locksPage.setLink(link);
        m_waitsPage.setServer(serverInfo());
        m_waitsPage.setLink(link);
        m_waitsPage.setOptions({.allSessions = scene.allSessions});
        if (scene.waitsShown)
            m_pages.setCurrentWidget(&m_waitsPage);
        Q_EMIT m_waitsPage.findChild<WaitsBar*>()->layoutRequested(scene.layout);
        m_pages.show();
        LockViewSpec spec;
        spec.rowLimit = scene.rowLimit;
        m_feed.setDictionary(std::make_shared<const KeyDictionary>(KeyDictionary::builtIn()));
        m_feed.respecify(spec);
        QObject::connect(&m_feed, &LockViewFeed::updated, &m_loop, [this](const LockViewUpdate& update) {
            m_updates.append(update);
            m_loop.quit();
        });
        read();
        if (scene.rowSelected)
            m_locksPage.selectSession({.backend = Churn::holder()});
        if (scene.waitsShown)
            m_waitsPage.selectSession({.backend = Churn::holder()});
        read();
    }
    ~Window()
    {
        m_pages.removeWidget(&m_locksPage);
        m_pages.removeWidget(&m_waitsPage);
        m_locksPage.setParent(nullptr);
        m_waitsPage.setParent(nullptr);
    }

    QJsonObject measure()
    {
        for (int round = 0; round < rounds; ++round)
            read();
        return {{QStringLiteral("feed"), m_feeding.json()},   {QStringLiteral("table"), m_table.json()},
                {QStringLiteral("waits"), m_waits.json()},    {QStringLiteral("update"), m_update.json()},
                {QStringLiteral("paint"), m_paint.json()},    {QStringLiteral("gap"), m_gap.json()},
                {QStringLiteral("rows"), m_model.rowCount()}, {QStringLiteral("memory"), memoryJson()}};
    }

private:
    void read()
    {
        const SnapshotPointer snapshot = m_churn.next();
        m_feeding.measure([&] {
            m_feed.offer(snapshot);
            m_loop.exec();
            return 0;
        });
        m_gap.measure([&] {
            m_update.measure([&] {
                const QList<LockViewUpdate> updates = std::exchange(m_updates, {});
                for (const LockViewUpdate& update : updates) {
                    m_table.measure([&] {
                        m_locksPage.applyUpdate(update);
                        return 0;
                    });
                    m_waits.measure([&] {
                        m_waitsPage.setView(update.view);
                        return 0;
                    });
                }
                return 0;
            });
            m_paint.measure([&] {
                QCoreApplication::processEvents();
                return 0;
            });
            return 0;
        });
    }

    Churn m_churn;
    Actions m_actions;
    LockTableModel m_model;
    QStackedWidget m_pages;
    LocksPage m_locksPage;
    WaitsPage m_waitsPage;
    LockViewFeed m_feed;
    QEventLoop m_loop;
    QList<LockViewUpdate> m_updates;
    Samples m_feeding;
    Samples m_table;
    Samples m_waits;
    Samples m_update;
    Samples m_paint;
    Samples m_gap;
};

} // namespace

int main(int argumentCount, char** arguments)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argumentCount, arguments);
    theme::apply(application, ColorScheme::Light, false);
    const QList<Scene> scenes{
        {.name = "tableAlone"},
        {.name = "tableAloneUsualLimit", .rowLimit = 20'000},
        {.name = "tableAloneNoQueue", .queued = 0},
        {.name = "rowSelected", .rowSelected = true},
        {.name = "rowSelectedNoQueue", .rowSelected = true, .queued = 0},
        {.name = "waitsTree", .waitsShown = true},
        {.name = "waitsTreeAllSessions", .waitsShown = true, .allSessions = true},
        {.name = "waitsDrawing", .waitsShown = true, .layout = WaitsLayout::Graph},
        {.name = "waitsBoth", .waitsShown = true, .layout = WaitsLayout::Both},
    };
    const QStringList wanted = QCoreApplication::arguments().mid(1);
    QJsonObject result{{QStringLiteral("benchmark"), QStringLiteral("waits")},
                       {QStringLiteral("locks"), locks},
                       {QStringLiteral("queue"), queue},
                       {QStringLiteral("churn"), 0.01}};
    for (const Scene& scene : scenes) {
        const QString name = QString::fromLatin1(scene.name);
        if (wanted.isEmpty() || wanted.contains(name))
            result.insert(name, std::make_unique<Window>(scene)->measure());
    }
    print(result);
    return 0;
}
