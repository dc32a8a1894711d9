#include "app/laboratory.h"

#include "app/contentiondesk.h"
#include "app/endingsdesk.h"
#include "app/lab/pooler/pgbouncer.h"
#include "app/lessonsdesk.h"
#include "app/podsdesk.h"
#include "app/pooldesk.h"
#include "app/probeflow.h"
#include "app/settings.h"
#include "models/domain/serverinfo.h"
#include "ui/actions.h"
#include "ui/lab/contentionpage.h"
#include "ui/lab/endingspage.h"
#include "ui/lab/labpage.h"
#include "ui/lab/lessonspage.h"
#include "ui/lab/podspage.h"
#include "ui/lab/poolpage.h"
#include "ui/mainwindow.h"
#include "ui/pages.h"

#include <QAction>

namespace lockscope {

/// The pages, which belong to the lab's page, and what works behind them.
class Laboratory::Desks
{
public:
    Desks(QWidget* window, LabConsent& consent)
        : lessonsDesk(*lessons, consent)
        , poolDesk(*pool, consent)
        , podsDesk(*pods, consent)
        , endingsDesk(*endings, consent)
        , contentionDesk(*contention, consent)
        , probe(window)
    {
    }

    LessonsPage* lessons = new LessonsPage;
    PoolPage* pool = new PoolPage;
    PodsPage* pods = new PodsPage;
    EndingsPage* endings = new EndingsPage;
    ContentionPage* contention = new ContentionPage;
    LessonsDesk lessonsDesk;
    PoolDesk poolDesk;
    PodsDesk podsDesk;
    EndingsDesk endingsDesk;
    ContentionDesk contentionDesk;
    ProbeFlow probe;
};

Laboratory::Laboratory(LabPage& page, MainWindow& window, const Actions& actions, Settings& settings, bool readOnly,
                       QObject* parent)
    : QObject(parent)
    , m_page(page)
    , m_window(window)
    , m_settings(settings)
    , m_readOnly(readOnly)
    , m_consent(&window)
    , m_desks(std::make_unique<Desks>(&window, m_consent))
{
    page.add(m_desks->lessons, QStringLiteral("lessons"), tr("Lessons"),
             tr("Lessons that run step by step on a real server, each step expected and observed"), IconName::Lesson);
    page.add(m_desks->pool, QStringLiteral("pool"), tr("Pool"),
             tr("A connection pool and four ways to lock through it, one of them wrong"), IconName::Pool);
    page.add(m_desks->pods, QStringLiteral("pods"), tr("Pods"),
             tr("Processes with pools of their own around one server: who believes what"), IconName::Pods);
    page.add(m_desks->endings, QStringLiteral("endings"), tr("Ways to Die"),
             tr("When the server lets go after a client has ended, in every way it can end"), IconName::Stopwatch);
    page.add(m_desks->contention, QStringLiteral("contention"), tr("Contention"),
             tr("Many clients on few keys: how many get one, how long they wait, how fair it is"),
             IconName::Contention);
    page.show(settings.value(Setting::LabPage).toString());
    connect(&page, &LabPage::pageShown, this, [this](const QString& id) { m_settings.set(Setting::LabPage, id); });
    connect(m_desks->lessons, &LessonsPage::sandboxRequested, this, &Laboratory::sandboxRequested);
    connect(m_desks->pool, &PoolPage::sandboxRequested, this, &Laboratory::sandboxRequested);
    connect(m_desks->pods, &PodsPage::sandboxRequested, this, &Laboratory::sandboxRequested);
    connect(m_desks->endings, &EndingsPage::sandboxRequested, this, &Laboratory::sandboxRequested);
    connect(m_desks->contention, &ContentionPage::sandboxRequested, this, &Laboratory::sandboxRequested);
    actions[ActionId::ProbeEndpoint]->setEnabled(!readOnly);
    connect(actions[ActionId::RunLesson], &QAction::triggered, this, [this] { showLesson({}); });
    connect(actions[ActionId::ProbeEndpoint], &QAction::triggered, this, [this] {
        m_desks->probe.open(m_place ? m_place->conninfo : Conninfo{}, m_place ? m_place->server.title : QString());
    });
    setPlace({});
}

Laboratory::~Laboratory() = default;

void Laboratory::setServer(const Conninfo& conninfo, const QString& title, bool sandbox, const ServerInfo& server,
                           const std::optional<Conninfo>& overTcp)
{
    LabPlace place{.conninfo = conninfo,
                   .server = {.connected = true,
                              .sandbox = sandbox,
                              .title = title.isEmpty() ? server.host : title,
                              .versionNumber = server.versionNumber,
                              .behindPooler = server.behindPooler()},
                   .overTcp = overTcp};
    if (m_readOnly)
        place.server.problem = tr("Lockscope was started with --read-only: it looks and does not act.");
    if (!sandbox)
        place.server.poolerProblem = tr("A private PgBouncer is started in front of the sandbox only.");
    else if (const Result<QString> program = findPgBouncer(); !program)
        place.server.poolerProblem = program.error().what + u' ' + program.error().advice;
    setPlace(place);
}

void Laboratory::leaveServer()
{
    setPlace({});
}

void Laboratory::setPlace(const std::optional<LabPlace>& place)
{
    m_place = place;
    m_consent.setServer(place ? place->server : LabServer{});
    m_desks->lessonsDesk.setPlace(place);
    m_desks->poolDesk.setPlace(place);
    m_desks->podsDesk.setPlace(place);
    m_desks->endingsDesk.setPlace(place);
    m_desks->contentionDesk.setPlace(place);
}

void Laboratory::showLesson(const QString& name)
{
    m_window.pages()->show(&m_page);
    m_page.show(QStringLiteral("lessons"));
    m_desks->lessons->choose(name);
    m_desks->lessons->setFocus();
}

} // namespace lockscope
