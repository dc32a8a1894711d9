// Makes the pictures of the documentation from the real window on a sandbox: docs/make-screenshots.sh runs it.
// usage: screenshots FOLDER

#include "tests/acceptance/windowdriver.h"
#include "tests/support/testserver.h"
#include "ui/connectdialog.h"
#include "ui/theme.h"

#include <QApplication>
#include <QDialog>
#include <QDir>
#include <QDockWidget>
#include <QTest>
#include <QTextStream>
#include <QTreeView>

#include <libpq-fe.h>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

void require(bool ok, const QString& what)
{
    if (ok)
        return;
    QTextStream(stderr) << "screenshots: " << what << '\n';
    std::exit(1);
}

void step(const QString& problem)
{
    require(problem.isEmpty(), problem);
}

/// A server as a busy team has it: a migration, a report, workers, and a calendar sync that others wait for.
struct Scene
{
    explicit Scene(const test::TestServer& server)
        : m_server(server)
    {
        run(QStringLiteral("migrate"), "SELECT pg_advisory_lock(72707369)");
        run(QStringLiteral("report-cron"), "SELECT pg_advisory_lock_shared(2001, 14)");
        run(QStringLiteral("billing-1"), "SELECT pg_advisory_lock(-8525285245963000605)");
        run(QStringLiteral("billing-2"), "BEGIN");
        run(QStringLiteral("billing-2"), "SELECT pg_advisory_xact_lock(3001, -7)");
        for (int i = 1; i <= 6; ++i)
            run(QStringLiteral("worker-%1").arg(i), "SELECT pg_advisory_lock(4100, " + QByteArray::number(i) + ")");
    }

    /// A pod that forgot to release a key, a worker that waits for it with a table locked, requests behind that; an
    /// index that waits for an old transaction; a prepared transaction nobody finished.
    void getStuck()
    {
        run(QStringLiteral("admin"), "CREATE TABLE orders (id int PRIMARY KEY, state text);"
                                     "CREATE TABLE invoices (id int PRIMARY KEY, total int);"
                                     "INSERT INTO orders SELECT i FROM generate_series(1, 9) AS i;"
                                     "INSERT INTO invoices SELECT i FROM generate_series(1, 9) AS i");
        run(QStringLiteral("pod-c"), "SELECT pg_advisory_lock(7241865325823964)");
        run(QStringLiteral("pod-c"), "SELECT 'migration 42 done'");
        run(QStringLiteral("migrate-2"), "BEGIN; LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE");
        wait(QStringLiteral("migrate-2"), "SELECT pg_advisory_lock(7241865325823964)");
        for (int i = 1; i <= 3; ++i)
            wait(QStringLiteral("web-%1").arg(i),
                 "UPDATE orders SET state = 'paid' WHERE id = " + QByteArray::number(i));
        run(QStringLiteral("report-cron"), "BEGIN; SELECT count(*) FROM invoices");
        run(QStringLiteral("payment"),
            "BEGIN; UPDATE invoices SET total = 1 WHERE id = 7; PREPARE TRANSACTION 'pay-17'");
        wait(QStringLiteral("reindex"), "CREATE INDEX CONCURRENTLY ON invoices (total)");
        wait(QStringLiteral("web-4"), "UPDATE invoices SET total = 2 WHERE id = 7");
        QTest::qWait(1200);
        run(QStringLiteral("pod-d"), "SELECT pg_advisory_unlock(7241865325823964)");
    }

    void wait(const QString& name, const QByteArray& sql)
    {
        LibpqConnection& session = open(name);
        require(PQsendQuery(session.handle(), sql.constData()) == 1, name);
    }

private:
    LibpqConnection& open(const QString& name)
    {
        auto& session = m_sessions[name];
        if (!session)
            session = m_server.session(name);
        return *session;
    }

    void run(const QString& name, const QByteArray& sql) { require(open(name).execute(sql, 5s).has_value(), name); }

    const test::TestServer& m_server;
    std::map<QString, std::unique_ptr<LibpqConnection>> m_sessions;
};

void save(QWidget& widget, const QString& folder, const QString& name)
{
    QTest::qWait(400); // fading marks and the caret come to rest
    require(widget.grab().save(QDir(folder).filePath(name + QStringLiteral(".png"))), name);
}

void showScene(test::WindowDriver& driver, Scene& scene)
{
    step(driver.click(QStringLiteral("startClientButton")));
    step(driver.type(QStringLiteral("clientKeyEdit"), QStringLiteral("5")));
    step(driver.click(QStringLiteral("holdButton")));
    require(
        QTest::qWaitFor([&] { return driver.text(QStringLiteral("clientOutcomePill")) == QLatin1String("acquired"); }),
        QStringLiteral("pod-a"));
    step(driver.click(QStringLiteral("startClientButton")));
    require(
        QTest::qWaitFor([&] { return driver.select(QStringLiteral("clientTree"), QStringLiteral("pod-b")).isEmpty(); }),
        QStringLiteral("pod-b"));
    step(driver.click(QStringLiteral("waitButton")));
    scene.wait(QStringLiteral("calendar-sync"), "SELECT pg_advisory_lock(5) /* calendar sync of integration 5 */");

    step(driver.click(QStringLiteral("newSessionButton")));
    for (const QString& key : {QStringLiteral("7"), QStringLiteral("7")}) {
        step(driver.type(QStringLiteral("keyEdit"), key));
        step(driver.click(QStringLiteral("tryButton")));
        require(
            QTest::qWaitFor([&] { return driver.text(QStringLiteral("outcomePill")) == QLatin1String("acquired"); }),
            QStringLiteral("alice"));
    }
    step(driver.click(QStringLiteral("newSessionButton")));
    require(
        QTest::qWaitFor([&] { return driver.select(QStringLiteral("sessionTree"), QStringLiteral("bob")).isEmpty(); }),
        QStringLiteral("bob"));
    step(driver.click(QStringLiteral("releaseButton")));
    require(QTest::qWaitFor([&] { return driver.text(QStringLiteral("outcomePill")) == QLatin1String("not held"); }),
            QStringLiteral("bob's release"));
    require(QTest::qWaitFor([&] { return driver.locks().size() == 14; }, 10'000), QStringLiteral("the table"));
    QTest::qWait(5000); // waits grow long enough to be seen
    driver.view(QStringLiteral("lockTable"))
        ->setCurrentIndex(driver.view(QStringLiteral("lockTable"))->model()->index(0, 0));
}

} // namespace

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    require(argc == 2, QStringLiteral("name the folder for the pictures"));
    const QString folder = QString::fromLocal8Bit(argv[1]);
    const test::TestServer server(QStringLiteral("max_prepared_transactions = 5\n"));
    require(server.problem().isEmpty(), server.problem());
    Scene scene(server);

    test::WindowDriver driver(CommandLine{.conninfo = test::connectionText(server.conninfo())});
    require(QTest::qWaitFor([&] { return driver.isEnabled(QStringLiteral("startClientButton")); }, 10'000),
            QStringLiteral("not connected"));
    driver.window().resize(1440, 900);
    showScene(driver, scene);

    step(driver.trigger(QStringLiteral("actionSchemeLight")));
    save(driver.window(), folder, QStringLiteral("locks-light"));
    step(driver.trigger(QStringLiteral("actionSchemeDark")));
    save(driver.window(), folder, QStringLiteral("locks-dark"));
    step(driver.trigger(QStringLiteral("actionSchemeLight")));

    step(driver.select(QStringLiteral("clientTree"), QStringLiteral("pod-a")));
    step(driver.click(QStringLiteral("killButton")));
    QTest::qWait(1500);
    save(driver.window(), folder, QStringLiteral("client-killed"));

    scene.getStuck();
    step(driver.trigger(QStringLiteral("actionShowWaits")));
    auto* const forest = driver.window().findChild<QTreeView*>(QStringLiteral("waitForest"));
    require(QTest::qWaitFor([&] { return forest->model()->rowCount() >= 2; }, 10'000), QStringLiteral("the waits"));
    for (QDockWidget* const dock : driver.window().findChildren<QDockWidget*>())
        dock->hide();
    step(driver.click(QStringLiteral("showBothButton")));
    QTest::qWait(12'000); // waits grow long enough to be seen
    save(driver.window(), folder, QStringLiteral("waits-light"));
    step(driver.trigger(QStringLiteral("actionSchemeDark")));
    save(driver.window(), folder, QStringLiteral("waits-dark"));
    step(driver.trigger(QStringLiteral("actionSchemeLight")));

    step(driver.click(QStringLiteral("terminateBackendButton")));
    require(
        QTest::qWaitFor([&] { return driver.window().findChild<QDialog*>(QStringLiteral("cureDialog")) != nullptr; }),
        QStringLiteral("the confirmation"));
    QTest::qWait(500);
    auto* const confirmation = driver.window().findChild<QDialog*>(QStringLiteral("cureDialog"));
    save(*confirmation, folder, QStringLiteral("terminate"));
    confirmation->reject();

    step(driver.trigger(QStringLiteral("actionShowServer")));
    require(
        QTest::qWaitFor([&] { return driver.text(QStringLiteral("lockTableUse")).contains(QLatin1String("taken")); }),
        QStringLiteral("the server page"));
    save(driver.window(), folder, QStringLiteral("server"));
}
