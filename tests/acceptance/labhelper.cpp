#include "app/platform/platform.h"
#include "app/pooldesk.h"
#include "tests/acceptance/labscenes.h"
#include "tests/ui/offscreen.h"
#include "ui/lab/poolpage.h"

#include <QApplication>
#include <QTest>
#include <QTextStream>

/// A console that tst_labfaults kills: brings about the scene that is named on its command line, on the server in
/// LABHELPER_CONNINFO, says "ready" and goes on until it is killed.

namespace {

using namespace lockscope;

QString beginPooler(PoolPage& page, PoolDesk& desk, LabConsent& consent, const QString& conninfo)
{
    const auto parsed = Conninfo::parse(conninfo);
    if (!parsed)
        return parsed.error().what;
    const LabServer server{.connected = true, .sandbox = true, .versionNumber = 150000};
    consent.setServer(server);
    desk.setPlace(LabPlace{*parsed, server});
    page.show();
    return test::openPool(page, true);
}

} // namespace

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    QTextStream out(stdout);
    lockscope::test::muteSizeHintsOfOffscreen();
    platform::speakEnglishInternally();
    QApplication::setQuitOnLastWindowClosed(false);
    const QString conninfo = qEnvironmentVariable("LABHELPER_CONNINFO");
    const auto scene = test::labSceneFrom(QApplication::arguments().value(1));
    if (!scene || conninfo.isEmpty()) {
        out << "usage: LABHELPER_CONNINFO=... labhelper SCENE" << Qt::endl;
        return 2;
    }
    QString trouble;
    std::unique_ptr<test::WindowDriver> window;
    PoolPage page;
    LabConsent consent(&page);
    PoolDesk desk(page, consent);
    if (*scene == test::LabScene::Pooler) { // in front of the sandbox only; here the server must outlive the console
        trouble = beginPooler(page, desk, consent, conninfo);
    } else {
        window = std::make_unique<test::WindowDriver>(CommandLine{.conninfo = conninfo});
        trouble = QTest::qWaitFor([&] { return window->isEnabled(QStringLiteral("newSessionButton")); }, 10'000)
                      ? test::begin(*window, *scene)
                      : QStringLiteral("not connected");
    }
    out << (trouble.isEmpty() ? QStringLiteral("ready") : trouble) << Qt::endl;
    return trouble.isEmpty() ? QApplication::exec() : 1;
}
