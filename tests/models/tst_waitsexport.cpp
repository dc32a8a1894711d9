#include "models/jsontext.h"
#include "models/lockexport.h"
#include "models/lockview.h"
#include "models/waitsexport.h"
#include "tests/support/locktext.h"
#include "tests/support/suite.h"

#include <QJsonArray>
#include <QJsonDocument>

using namespace lockscope;
using namespace lockscope::test;

namespace {

QString compact(const QJsonValue& value)
{
    const QJsonDocument document = value.isArray() ? QJsonDocument(value.toArray()) : QJsonDocument(value.toObject());
    return QString::fromUtf8(document.toJson(QJsonDocument::Compact));
}

QJsonObject json(const SnapshotMaker& maker)
{
    ServerInfo server;
    server.version = QStringLiteral("15.18");
    server.versionNumber = 150018;
    server.database = QStringLiteral("shop");
    return waitsJson(server, *viewOf(maker.make()));
}

QString shown(const SnapshotMaker& maker)
{
    return waitsText(*viewOf(maker.make()));
}

QJsonObject nodeAt(const QJsonObject& waits, int place)
{
    return waits.value(u"nodes").toArray().at(place).toObject();
}

SnapshotMaker chain()
{
    const LockTarget table = relationTarget(16384);
    return SnapshotMaker(60)
        .allTypes()
        .held(7, 1)
        .held(8, 1)
        .waiting(7, 2, 20, {1})
        .holds(virtualTarget(4, 20), 2)
        .waitsFor(virtualTarget(4, 20), 3, 30, {2}, LockMode::Share)
        .holds(table, 3, LockMode::ShareUpdateExclusive)
        .waitsFor(table, 4, 40, {3}, LockMode::AccessExclusive)
        .waitsFor(table, 5, 50, {4}, LockMode::RowExclusive)
        .backend(2, [](Backend& backend) { backend.state = QStringLiteral("active"); });
}

} // namespace

class WaitsExportTest final : public Suite
{
    Q_OBJECT

private Q_SLOTS:
    void writesNothingThatATerminalWouldObey();
    void jsonHasTheStableShape()
    {
        const QJsonObject waits = json(chain());
        QCOMPARE(waits.keys().join(u' '), QStringLiteral("cycles edges nodes roots server serverTime"));
        QCOMPARE(compact(waits.value(u"server")),
                 QStringLiteral("{\"database\":\"shop\",\"isStandby\":false,\"systemIdentifier\":null,"
                                "\"version\":\"15.18\",\"versionNum\":150018}"));
        QCOMPARE(waits.value(u"serverTime").toString(), QStringLiteral("2026-01-01T00:01:00.000000Z"));
        QCOMPARE(compact(nodeAt(waits, 0)),
                 QStringLiteral(
                     "{\"applicationName\":\"pod\",\"backendStart\":\"2025-12-31T23:43:19.000000Z\","
                     "\"directlyBehind\":1,\"gid\":null,\"holds\":[\"key 7 in shop\"],\"holdsCount\":2,"
                     "\"id\":\"1@2025-12-31T23:43:19.000000Z\",\"kind\":\"backend\",\"longestWaitBehindSeconds\":40,"
                     "\"pid\":1,\"preparedAt\":null,\"query\":\"SELECT now()\",\"state\":\"idle\",\"stuckBehind\":4,"
                     "\"totalWaitBehindSeconds\":100,\"user\":\"anna\",\"waitSeconds\":null,\"waitsFor\":null,"
                     "\"workers\":[]}"));
        QCOMPARE(nodeAt(waits, 1).value(u"waitsFor"), QJsonValue(QStringLiteral("key 7 in shop")));
        QCOMPARE(nodeAt(waits, 1).value(u"waitSeconds"), QJsonValue(40));
        QCOMPARE(compact(waits.value(u"edges").toArray().at(3)),
                 QStringLiteral("{\"blocker\":\"4@2025-12-31T23:43:16.000000Z\",\"held\":\"AccessExclusiveLock\","
                                "\"kind\":\"soft\",\"locktype\":\"relation\",\"requested\":\"RowExclusiveLock\","
                                "\"target\":\"relation 16384 in shop\",\"waiter\":\"5@2025-12-31T23:43:15.000000Z\"}"));
        QCOMPARE(
            compact(waits.value(u"edges").toArray().at(1)),
            QStringLiteral("{\"blocker\":\"2@2025-12-31T23:43:18.000000Z\",\"held\":\"ExclusiveLock\","
                           "\"kind\":\"hard\",\"locktype\":\"virtualxid\",\"requested\":\"ShareLock\","
                           "\"target\":\"virtual transaction 4/20\",\"waiter\":\"3@2025-12-31T23:43:17.000000Z\"}"));
        QCOMPARE(compact(waits.value(u"roots")), QStringLiteral("[\"1@2025-12-31T23:43:19.000000Z\"]"));
        QCOMPARE(compact(waits.value(u"cycles")), QStringLiteral("[]"));
    }

    void jsonIsWholeWhateverTheFilterSays()
    {
        LockViewBuilder builder;
        LockViewSpec spec;
        spec.filter = QStringLiteral("nothing like this");
        spec.rowLimit = 1;
        (void)builder.respecify(spec);
        const LockViewPointer view = builder.update(chain().make()).view;
        QCOMPARE(view->rows.size(), 0);
        QCOMPARE(waitsJson({}, *view).value(u"nodes").toArray().size(), 5);
        QCOMPARE(waitsText(*view), shown(chain()));
    }

    void jsonOfNothingHasEmptyLists()
    {
        const QJsonObject waits = json(SnapshotMaker(1).held(5, 1));
        for (const auto name : {u"nodes", u"edges", u"roots", u"cycles"})
            QCOMPARE(compact(waits.value(QStringView(name))), QStringLiteral("[]"));
        QCOMPARE(waitsJson({}, LockView()).value(u"serverTime"), QJsonValue());
        QCOMPARE(compact(waitsJson({}, LockView()).value(u"nodes")), QStringLiteral("[]"));
    }

    void jsonNamesPreparedTransactions()
    {
        constexpr quint64 none = 0xffffffffULL << 32;
        const QJsonObject waits = json(SnapshotMaker(20)
                                           .prepared(5, none | 751)
                                           .preparedTransaction(none | 751, QStringLiteral("pay-17"))
                                           .prepared(5, none | 752)
                                           .waiting(5, 2, 8, {0})
                                           .waiting(6, 3, 8, {0}));
        QCOMPARE(compact(waits.value(u"roots")),
                 QStringLiteral("[\"prepared:unknown\",\"prepared:pay-17\",\"prepared:-1/752\"]"));
        const QJsonObject known = nodeAt(waits, 1);
        QCOMPARE(known.value(u"id").toString(), QStringLiteral("prepared:pay-17"));
        QCOMPARE(known.value(u"kind").toString(), QStringLiteral("prepared"));
        QCOMPARE(known.value(u"gid").toString(), QStringLiteral("pay-17"));
        QCOMPARE(known.value(u"preparedAt").toString(), QStringLiteral("2025-12-31T23:00:00.000000Z"));
        QCOMPARE(known.value(u"user").toString(), QStringLiteral("anna"));
        for (const auto name : {u"pid", u"backendStart", u"applicationName", u"state", u"query", u"waitsFor"})
            QVERIFY2(known.contains(QStringView(name)) && known.value(QStringView(name)).isNull(),
                     qPrintable(QString::fromUtf16(name)));
        QCOMPARE(nodeAt(waits, 0).value(u"kind").toString(), QStringLiteral("unknown"));
    }

    void jsonDoesNotTellWhatTheRoleMayNotSee()
    {
        const QJsonObject waits = json(SnapshotMaker(20)
                                           .held(5, 1)
                                           .backend(1,
                                                    [](Backend& backend) {
                                                        backend.id.backendStart.reset();
                                                        backend.backendType.clear();
                                                        backend.restricted = true;
                                                        backend.state.clear();
                                                        backend.query = QStringLiteral("<insufficient privilege>");
                                                    })
                                           .waiting(5, 2, std::nullopt, {1}));
        const QJsonObject holder = nodeAt(waits, 0);
        QCOMPARE(holder.value(u"id").toString(), QStringLiteral("1"));
        QCOMPARE(holder.value(u"kind").toString(), QStringLiteral("backend"));
        for (const auto name : {u"backendStart", u"state", u"query"})
            QVERIFY2(holder.value(QStringView(name)).isNull(), qPrintable(QString::fromUtf16(name)));
        QCOMPARE(nodeAt(waits, 1).value(u"waitSeconds"), QJsonValue());
    }

    void jsonMarksCycles()
    {
        const QJsonObject waits =
            json(SnapshotMaker(20).held(5, 1).held(6, 2).waiting(6, 1, 10, {2}).waiting(5, 2, 11, {1}));
        QCOMPARE(compact(waits.value(u"cycles")),
                 QStringLiteral("[[\"1@2025-12-31T23:43:19.000000Z\",\"2@2025-12-31T23:43:18.000000Z\"]]"));
        QCOMPARE(compact(waits.value(u"roots")), QStringLiteral("[]"));
    }

    void namesAreUsedWhereTheyAreKnown()
    {
        LockViewBuilder builder;
        TargetNames names;
        names.names.insert({.databaseOid = shop, .classid = relationCatalog, .objid = 16384},
                           {.name = QStringLiteral("public.orders"), .kind = QStringLiteral("table")});
        builder.setTargetNames(std::make_shared<const TargetNames>(names));
        (void)builder.update(chain().make());
        const LockViewPointer view = builder.refresh().view;
        QCOMPARE(nodeAt(waitsJson({}, *view), 2).value(u"holds").toArray().at(0).toString(),
                 QStringLiteral("public.orders in shop"));
        QVERIFY2(waitsText(*view).contains(QStringLiteral("for public.orders in shop (Access Exclusive), held by 3")),
                 qPrintable(waitsText(*view)));
    }

    void textIsAForestWithItsRootsFirst()
    {
        QCOMPARE(shown(chain()),
                 QStringLiteral("1 (pod), idle, holds key 7 in shop (Exclusive): 4 stuck behind, longest 40.0 s, "
                                "together 1 m 40 s\n"
                                "  2 (pod), active, waits 40.0 s for key 7 in shop (Exclusive), held by 1, "
                                "holds virtual transaction 4/20 (Exclusive): 3 stuck behind, longest 30.0 s, "
                                "together 1 m 00 s\n"
                                "    3 (pod), idle, waits 30.0 s for virtual transaction 4/20 (Share), held by 2, "
                                "holds relation 16384 in shop (Share Update Exclusive): 2 stuck behind, "
                                "longest 20.0 s, together 30.0 s\n"
                                "      4 (pod), idle, waits 20.0 s for relation 16384 in shop (Access Exclusive), "
                                "held by 3: 1 stuck behind, for 10.0 s\n"
                                "        5 (pod), idle, waits 10.0 s for relation 16384 in shop (Row Exclusive), "
                                "queued behind 4\n"
                                "\n"
                                "4 sessions wait, 1 root blocker\n"));
    }

    void textMarksDeadlocks()
    {
        QCOMPARE(shown(SnapshotMaker(20).held(5, 1).held(6, 2).waiting(6, 1, 10, {2}).waiting(5, 2, 11, {1})),
                 QStringLiteral("deadlock: 1 (pod), idle, waits 10.0 s for key 6 in shop (Exclusive), held by 2, "
                                "holds key 5 in shop (Exclusive): 1 stuck behind, for 9.0 s\n"
                                "deadlock: 2 (pod), idle, waits 9.0 s for key 5 in shop (Exclusive), held by 1, "
                                "holds key 6 in shop (Exclusive): 1 stuck behind, for 10.0 s\n"
                                "\n"
                                "2 sessions wait, 0 root blockers, 1 deadlock\n"));
    }

    void textTellsWhatIsNotKnown()
    {
        QCOMPARE(shown(SnapshotMaker(20).waiting(5, 2, std::nullopt, {77})),
                 QStringLiteral("pid 77: 1 stuck behind\n"
                                "  2 (pod), idle, waits at least 0.0 s for key 5 in shop (Exclusive), blocked by 77, "
                                "the server does not show why\n"
                                "\n"
                                "1 session waits, 1 root blocker\n"));
    }

    void textNamesPreparedTransactions()
    {
        QCOMPARE(shown(SnapshotMaker(20)
                           .prepared(5, 42)
                           .preparedTransaction(42, QStringLiteral("pay-17"))
                           .waiting(5, 2, 8, {0})
                           .waiting(6, 3, 9, {0})),
                 QStringLiteral("prepared transaction 'pay-17', holds key 5 in shop (Exclusive): 1 stuck behind, "
                                "for 12.0 s\n"
                                "  2 (pod), idle, waits 12.0 s for key 5 in shop (Exclusive), held by prepared "
                                "transaction 'pay-17'\n"
                                "a prepared transaction that is not listed: 1 stuck behind, for 11.0 s\n"
                                "  3 (pod), idle, waits 11.0 s for key 6 in shop (Exclusive), blocked by a prepared "
                                "transaction that is not listed, the server does not show why\n"
                                "\n"
                                "2 sessions wait, 2 root blockers\n"));
    }

    void textCutsLongLists()
    {
        SnapshotMaker maker(20);
        for (qint32 pid = 1; pid <= 9; ++pid)
            maker.held(5, pid, LockMode::Share);
        maker.waiting(5, 20, 10, {1, 2, 3, 4, 5, 6, 7, 8, 9});
        QVERIFY2(shown(maker).contains(QStringLiteral("held by 1, 2, 3, 6 more\n")), qPrintable(shown(maker)));
    }

    void textIsFriendlyWhenNobodyWaits()
    {
        QCOMPARE(shown(SnapshotMaker(1).held(5, 1)), QStringLiteral("Nobody waits for a lock.\n"));
        QCOMPARE(waitsText(LockView()), QStringLiteral("The server was not read yet.\n"));
    }

    void textHoldsNoTerminalCommands()
    {
        constexpr quint64 transaction = 42;
        const QString hostile = QStringLiteral("\x1b]0;owned\x07\r\nx\u202e%1");
        const QString text = shown(SnapshotMaker(20)
                                       .held(5, 1)
                                       .prepared(6, transaction)
                                       .preparedTransaction(transaction, hostile)
                                       .backend(1,
                                                [&](Backend& backend) {
                                                    backend.applicationName = hostile;
                                                    backend.state = hostile;
                                                })
                                       .waiting(5, 2, 8, {1})
                                       .waiting(6, 3, 8, {0})
                                       .then([&](Snapshot& snapshot) { snapshot.databaseNames[shop] = hostile; }));
        for (const QChar character : text)
            QVERIFY2(character.isPrint() || character == u'\n', qPrintable(text));
        QCOMPARE(text.count(u'\n'), 6);
        QVERIFY2(text.contains(QStringLiteral("owned")), qPrintable(text));
    }

    void longChainsAreWritten()
    {
        SnapshotMaker maker(20'000);
        constexpr int length = 3000;
        maker.held(1, 1);
        for (qint32 pid = 2; pid <= length; ++pid)
            maker.held(pid, pid).waiting(pid - 1, pid, pid, {pid - 1});
        QVERIFY(shown(maker).endsWith(QStringLiteral("\n2999 sessions wait, 1 root blocker\n")));
    }
};

void WaitsExportTest::writesNothingThatATerminalWouldObey()
{
    const QString hostile = QStringLiteral("a\u001b[2J\u009b31m\u202eb\u200f\u00e9 \"c\\");
    const QByteArray written = jsonForTerminal({{QStringLiteral("query"), hostile}});
    QVERIFY2(written.contains("\\u001b[2J\\u009b31m\\u202eb\\u200f\u00e9"), written.constData());
    QCOMPARE(QJsonDocument::fromJson(written).object().value(u"query").toString(), hostile);
}

QTEST_GUILESS_MAIN(WaitsExportTest)

#include "tst_waitsexport.moc"
