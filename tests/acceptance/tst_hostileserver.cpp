#include "app/postgres/libpqconnection.h"
#include "models/domain/displaytext.h"
#include "models/lockcolumns.h"
#include "models/waitforestmodel.h"
#include "tests/acceptance/windowdriver.h"
#include "tests/support/hostiletexts.h"
#include "tests/support/shownwidgets.h"
#include "tests/support/suite.h"
#include "tests/support/testserver.h"
#include "tests/ui/offscreen.h"
#include "ui/curedialog.h"
#include "ui/waitspage.h"

#include <QApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QProcess>
#include <QTreeView>

#include <libpq-fe.h>

using namespace lockscope;
using namespace std::chrono_literals;
using test::scalar;

namespace {

constexpr int sessionCount = 40;
constexpr int databaseCount = 5;
constexpr int waiterCount = 10; ///< for keys of prepared transactions

/// What PostgreSQL takes as a name: at most 63 bytes, no NUL, real characters, and not its own prefix.
QStringList names()
{
    QStringList result;
    for (const test::HostileText& hostile : test::hostileTexts()) {
        const QString& text = hostile.text;
        const bool whole = QStringView(text).isValidUtf16();
        if (whole && !text.startsWith(QLatin1String("pg_")) && !text.contains(QChar(u'\0')) &&
            text.toUtf8().size() <= 63)
            result.append(text);
    }
    return result;
}

QByteArray identifier(const QString& name)
{
    return '"' + name.toUtf8().replace('"', "\"\"") + '"';
}

QByteArray literal(const LibpqConnection& session, const QString& text)
{
    const QByteArray bytes = text.toUtf8();
    char* const quoted = PQescapeLiteral(session.handle(), bytes.constData(), static_cast<size_t>(bytes.size()));
    const QByteArray copy(quoted);
    PQfreemem(quoted);
    return copy;
}

/// What a column of the server says for each pid.
QHash<qint32, QString> byPid(LibpqConnection& admin, const QByteArray& column)
{
    QHash<qint32, QString> result;
    const auto answer =
        admin.executeOne("SELECT pid, " + column + " FROM pg_stat_activity WHERE datname IS NOT NULL", 5s);
    for (int row = 0; answer && row < answer->rows(); ++row)
        result.insert(static_cast<qint32>(answer->int64(row, 0)), answer->text(row, 1));
    return result;
}

} // namespace

/// Everything that strangers can name on a real server, named badly: roles, databases, tables, prepared transactions,
/// applications and statements. The command line and the window show all of it, and none of it acts.
class tst_HostileServer final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void namesEveryTableInJson();
    void tellsEverySessionInJson();
    void tellsPreparedTransactionsInJson();
    void printsOneLineForEachLock();
    void showsEverySessionInTheWindow();
    void namesTheVictimInTheDialog();

private:
    [[nodiscard]] QByteArray run(const QStringList& arguments);
    [[nodiscard]] QJsonObject json(const QStringList& arguments)
    {
        return QJsonDocument::fromJson(run(arguments)).object();
    }

    const QStringList m_names = names();
    std::unique_ptr<test::TestServer> m_server;
    std::unique_ptr<LibpqConnection> m_admin;
    std::unique_ptr<LibpqConnection> m_tables; ///< holds them all
    std::vector<std::unique_ptr<LibpqConnection>> m_sessions;
    std::vector<std::unique_ptr<LibpqConnection>> m_waiters;
    QHash<qint32, QString> m_roles;
    QHash<qint32, QString> m_databases;
    QHash<qint32, QString> m_queries;
};

void tst_HostileServer::initTestCase()
{
    test::muteSizeHintsOfOffscreen();
    test::muteFontsAndMenusOfOffscreen();
    m_server =
        std::make_unique<test::TestServer>(QStringLiteral("max_prepared_transactions = 400\nmax_connections = 150\n"));
    QVERIFY2(m_server->problem().isEmpty(), qPrintable(m_server->problem()));
    QVERIFY2(m_names.size() >= 200, qPrintable(QString::number(m_names.size())));
    m_admin = m_server->session();
    m_tables = m_server->session(QStringLiteral("holder of all tables"));

    QByteArray make;
    QByteArray lock = "BEGIN;";
    for (const QString& name : m_names) {
        make += "CREATE TABLE " + identifier(name) + " ();";
        make += "CREATE ROLE " + identifier(name) + " LOGIN PASSWORD 'x';";
        lock += "LOCK TABLE " + identifier(name) + ";";
    }
    VERIFY_RESULT(m_admin->execute(make, 60s));
    VERIFY_RESULT(m_tables->execute(lock, 30s));

    int key = 1000;
    for (const QString& name : m_names) {
        VERIFY_RESULT(m_admin->execute("BEGIN; SELECT pg_advisory_xact_lock(" + QByteArray::number(key++) +
                                           "); PREPARE TRANSACTION " + literal(*m_admin, name),
                                       10s));
    }
    QStringList databases;
    for (int number = 0; number < databaseCount; ++number) {
        const QString& name = m_names[number * 41 + 3];
        databases.append(name);
        VERIFY_RESULT(m_admin->executeOne("CREATE DATABASE " + identifier(name), 30s));
    }
    for (int number = 0; number < sessionCount; ++number) {
        const QString& name = m_names[number * static_cast<int>(m_names.size()) / sessionCount];
        const QString& database = databases[number % databaseCount];
        auto session = std::make_unique<LibpqConnection>();
        VERIFY_RESULT(session->open(m_server->conninfo()
                                        .with(QStringLiteral("user"), name)
                                        .with(QStringLiteral("password"), QStringLiteral("x"))
                                        .with(QStringLiteral("dbname"), database)
                                        .with(QStringLiteral("application_name"), name),
                                    5s));
        const QByteArray statement =
            "SELECT pg_advisory_lock(" + QByteArray::number(5000 + number) + "), " + literal(*session, name);
        VERIFY_RESULT(session->executeOne(statement, 5s));
        m_roles.insert(session->claimedPid(), name);
        m_databases.insert(session->claimedPid(), database);
        m_queries.insert(session->claimedPid(), QString::fromUtf8(statement));
        m_sessions.push_back(std::move(session));
    }
    for (int number = 0; number < waiterCount; ++number) {
        auto waiter = m_server->session(m_names[number * 19]);
        const QByteArray wanted = QByteArray::number(1000 + number * 19);
        QVERIFY(PQsendQuery(waiter->handle(), ("SELECT pg_advisory_lock(" + wanted + ")").constData()) == 1);
        m_waiters.push_back(std::move(waiter));
    }
    QTRY_COMPARE(scalar(*m_admin, "SELECT count(*) FROM pg_locks WHERE NOT granted"), QString::number(waiterCount));
}

void tst_HostileServer::cleanupTestCase()
{
    m_waiters.clear();
    m_sessions.clear();
    m_tables.reset();
    m_admin.reset();
    m_server.reset();
}

QByteArray tst_HostileServer::run(const QStringList& arguments)
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    const Conninfo conninfo = m_server->conninfo();
    for (const auto& [variable, keyword] :
         {std::pair("PGHOST", "host"), std::pair("PGPORT", "port"), std::pair("PGUSER", "user"),
          std::pair("PGPASSWORD", "password"), std::pair("PGDATABASE", "dbname")})
        environment.insert(QLatin1String(variable), conninfo.value(QLatin1String(keyword)));
    process.setProcessEnvironment(environment);
    process.start(QStringLiteral(LOCKSCOPE_PROGRAM), arguments);
    if (!process.waitForFinished(60'000) || process.exitCode() != 0)
        qWarning() << arguments << process.exitCode() << process.readAllStandardError(); // fails the test
    return process.readAllStandardOutput();
}

void tst_HostileServer::namesEveryTableInJson()
{
    const QJsonObject all = json({QStringLiteral("locks"), QStringLiteral("--all"), QStringLiteral("--json")});
    QSet<QString> targets;
    const QJsonArray locks = all.value(u"locks").toArray();
    for (const QJsonValue& value : locks)
        targets.insert(value.toObject().value(u"target").toString());
    QStringList lost;
    for (const QString& name : m_names) {
        const QString wanted = scalar(*m_admin, "SELECT 'public.' || quote_ident(" + literal(*m_admin, name) + ")");
        if (!targets.contains(wanted))
            lost.append(wanted);
    }
    QCOMPARE(lost, QStringList());
}

void tst_HostileServer::tellsEverySessionInJson()
{
    const QJsonArray locks = json({QStringLiteral("locks"), QStringLiteral("--json")}).value(u"locks").toArray();
    // A server before 14 has '?' for what is not ASCII in an application's name, later ones escape it.
    const QHash<qint32, QString> applications = byPid(*m_admin, "application_name");
    int told = 0;
    for (const QJsonValue& value : locks) {
        const QJsonObject lock = value.toObject();
        const auto pid = static_cast<qint32>(lock.value(u"pid").toInt());
        if (!m_roles.contains(pid))
            continue;
        ++told;
        QCOMPARE(lock.value(u"user").toString(), m_roles.value(pid));
        QCOMPARE(lock.value(u"database").toString(), m_databases.value(pid));
        QCOMPARE(lock.value(u"query").toString(), m_queries.value(pid));
        QCOMPARE(lock.value(u"applicationName").toString(), applications.value(pid));
    }
    QCOMPARE(told, sessionCount);
    QCOMPARE(locks.size(), sessionCount + m_names.size() + waiterCount);
}

void tst_HostileServer::tellsPreparedTransactionsInJson()
{
    const QJsonObject waits = json({QStringLiteral("waits"), QStringLiteral("--json")});
    QSet<QString> gids;
    const QJsonArray nodes = waits.value(u"nodes").toArray();
    for (const QJsonValue& node : nodes) {
        if (node.toObject().value(u"kind").toString() == QLatin1String("prepared"))
            gids.insert(node.toObject().value(u"gid").toString());
    }
    QSet<QString> wanted;
    for (int number = 0; number < waiterCount; ++number)
        wanted.insert(m_names[number * 19]);
    QCOMPARE(gids, wanted);
    QCOMPARE(waits.value(u"edges").toArray().size(), waiterCount);
    QCOMPARE(waits.value(u"roots").toArray().size(), waiterCount);
}

void tst_HostileServer::printsOneLineForEachLock()
{
    const QString locks = QString::fromUtf8(run({QStringLiteral("locks")}));
    const QString waits = QString::fromUtf8(run({QStringLiteral("waits")}));
    for (const QString& text : {locks, waits}) {
        for (const QString& line : text.split(u'\n'))
            QCOMPARE(test::unsafeCharacter(line, false), QString());
    }
    QCOMPARE(locks.count(u'\n'), sessionCount + m_names.size() + waiterCount + 2);
    QCOMPARE(waits.count(u'\n'), 2 * waiterCount + 2);
    for (int number = 0; number < waiterCount; ++number) {
        const QString gid = QStringLiteral("prepared transaction '%1'").arg(cellText(m_names[number * 19], 60));
        QVERIFY2(waits.contains(gid, Qt::CaseInsensitive), qPrintable(gid + u'\n' + waits));
    }
    // Records of a file: the fields stay in their columns whatever they hold.
    const QByteArray csv = run({QStringLiteral("locks"), QStringLiteral("--csv")});
    qsizetype records = 0;
    bool quoted = false;
    for (qsizetype at = 0; at + 1 < csv.size(); ++at) {
        quoted = quoted != (csv[at] == '"');
        records += !quoted && csv[at] == '\r' && csv[at + 1] == '\n' ? 1 : 0;
    }
    QCOMPARE(records, sessionCount + m_names.size() + waiterCount + 1);
}

void tst_HostileServer::showsEverySessionInTheWindow()
{
    test::WindowDriver driver(CommandLine{.conninfo = test::connectionText(m_server->conninfo())});
    const qsizetype rows = sessionCount + m_names.size() + waiterCount;
    QTRY_COMPARE_WITH_TIMEOUT(driver.view(QStringLiteral("lockTable"))->model()->rowCount(), rows, 15'000);
    const QAbstractItemModel& model = *driver.view(QStringLiteral("lockTable"))->model();
    const QHash<qint32, QString> applications = byPid(*m_admin, "application_name");
    int told = 0;
    for (int row = 0; row < rows; ++row) {
        const auto cell = [&](LockColumn column) {
            return model.index(row, static_cast<int>(column)).data().toString();
        };
        const qint32 pid = cell(LockColumn::Pid).toInt();
        if (!m_roles.contains(pid))
            continue;
        ++told;
        QCOMPARE(cell(LockColumn::User), cellText(m_roles.value(pid)));
        QCOMPARE(cell(LockColumn::Database), cellText(m_databases.value(pid)));
        QCOMPARE(cell(LockColumn::Application), cellText(applications.value(pid)));
        QCOMPARE(cell(LockColumn::Query), cellText(m_queries.value(pid)));
    }
    QCOMPARE(told, sessionCount);
    driver.view(QStringLiteral("lockTable"))->setCurrentIndex(model.index(0, 0));
    QCOMPARE(driver.trigger(QStringLiteral("actionShowWaits")), QString());
    const test::ShownWidgets shown(driver.window());
    QCOMPARE(shown.troubles(), QString());
    for (int number = 0; number < waiterCount; ++number)
        QVERIFY2(shown.show(cellText(m_names[number * 19], 60)), qPrintable(m_names[number * 19]));
    QVERIFY(!driver.window().grab().isNull());
}

void tst_HostileServer::namesTheVictimInTheDialog()
{
    test::WindowDriver driver(CommandLine{.conninfo = test::connectionText(m_server->conninfo())});
    QCOMPARE(driver.trigger(QStringLiteral("actionShowWaits")), QString());
    auto* const page = driver.window().findChild<WaitsPage*>();
    const auto* const forest = page->findChild<QTreeView*>();
    const auto* const model = qobject_cast<WaitForestModel*>(forest->model());
    QTRY_COMPARE_WITH_TIMEOUT(model->rowCount(), waiterCount, 15'000);
    for (int row = 0; row < waiterCount; ++row) {
        const QModelIndex index = model->index(row, 0);
        const auto id = index.data(WaitForestModel::NodeIdRole).value<WaitNodeId>();
        QVERIFY(id.isPrepared());
        const QString gid = model->view()->snapshot->prepared.value(id.virtualTransaction).gid;
        QVERIFY(m_names.contains(gid));
        Q_EMIT page->cureRequested(CureKind::RollbackPrepared, id);
        CureDialog* dialog = nullptr;
        QTRY_VERIFY((dialog = driver.window().findChild<CureDialog*>()) != nullptr && dialog->isVisible());
        QCOMPARE(test::ShownWidgets(*dialog).troubles(), QString());
        QVERIFY(dialog->windowTitle()
                    .remove(QStringLiteral("[*][*]"))
                    .contains(cellText(gid, 60).remove(QStringLiteral("[*]"))));
        QVERIFY(dialog->findChild<QLabel*>(QStringLiteral("cureQuestion"))->text().contains(cellText(gid, 60)));
        dialog->reject();
        QTRY_VERIFY(driver.window().findChild<CureDialog*>() == nullptr);
    }
}

QTEST_MAIN(tst_HostileServer)
#include "tst_hostileserver.moc"
