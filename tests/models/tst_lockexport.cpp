#include "models/lockcolumns.h"
#include "models/lockexport.h"
#include "models/lockview.h"
#include "tests/support/locktext.h"
#include "tests/support/suite.h"

#include <QJsonArray>
#include <QJsonDocument>

using namespace lockscope;
using namespace lockscope::test;

namespace {

ServerInfo someServer()
{
    ServerInfo server;
    server.version = QStringLiteral("15.18");
    server.versionNumber = 150018;
    server.database = QStringLiteral("shop");
    server.systemIdentifier = QStringLiteral("7400000000000000001");
    return server;
}

SnapshotPointer keys()
{
    return SnapshotMaker(10.25)
        .held(-1, 1)
        .held(9'223'372'036'854'775'807, 1)
        .held(LockKey::pair(-5, 7), 1)
        .waiting(-1, 2, 4, {1})
        .make();
}

/// A label for key 5 and a name for relation 16384.
LockViewPointer namedView()
{
    KeyDictionary dictionary;
    dictionary.setLabels({{.what = LockKey::bigint(5), .database = {}, .text = QStringLiteral("calendar")}});
    TargetNames names;
    names.names.insert({.databaseOid = shop, .classid = relationCatalog, .objid = 16384},
                       {.name = QStringLiteral("public.orders"), .kind = QStringLiteral("table")});
    LockViewBuilder builder;
    LockViewSpec spec;
    spec.sortColumn = LockColumn::Key;
    (void)builder.respecify(spec);
    builder.setDictionary(std::make_shared<const KeyDictionary>(dictionary));
    builder.setTargetNames(std::make_shared<const TargetNames>(names));
    return builder
        .update(SnapshotMaker(10).allTypes().held(5, 1).held(6, 1).relation(16384, 1).relation(16385, 1).make())
        .view;
}

QStringList fieldsOf(const QString& line)
{
    return line.split(u',');
}

QJsonObject lockAt(const QJsonObject& json, int place)
{
    return json.value(u"locks").toArray().at(place).toObject();
}

QString compact(const QJsonObject& object)
{
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

} // namespace

class LockExportTest final : public Suite
{
    Q_OBJECT

private Q_SLOTS:
    void csvKeepsKeysAsNumbers()
    {
        const QString csv = QString::fromUtf8(locksCsv(*viewOf(keys())));
        const QStringList lines = csv.split(QStringLiteral("\r\n"));
        QCOMPARE(lines.size(), 6);
        QCOMPARE(lines[0],
                 QStringLiteral("key,meaning,database,locktype,mode,state,since_seconds,pid,application_name,user,"
                                "client_addr,backend_state,blocked_by,query"));
        QCOMPARE(lines[2],
                 QStringLiteral("-1,,shop,advisory,ExclusiveLock,waiting,6.25,2,pod,anna,,idle,1,SELECT now()"));
        QVERIFY2(lines[1].startsWith(QStringLiteral("-1,,shop,advisory,ExclusiveLock,held,>= 0.000,1,pod,")),
                 qPrintable(lines[1]));
        QCOMPARE(fieldsOf(lines[3]).first(), QStringLiteral("9223372036854775807"));
        QVERIFY2(lines[4].startsWith(QStringLiteral("\"(-5, 7)\",,shop,")), qPrintable(lines[4]));
        QCOMPARE(lines[5], QString());
    }

    void csvDisarmsFormulas()
    {
        const SnapshotPointer snapshot = SnapshotMaker(1)
                                             .held(5, 1)
                                             .backend(1,
                                                      [](Backend& backend) {
                                                          backend.applicationName =
                                                              QStringLiteral("=cmd|' /C calc'!A0");
                                                          backend.user = QStringLiteral("-2+3");
                                                      })
                                             .make();
        const QString csv = QString::fromUtf8(locksCsv(*viewOf(snapshot)));
        QVERIFY2(csv.contains(QStringLiteral("\"'=cmd|")), qPrintable(csv));
        QVERIFY2(csv.contains(QStringLiteral("\"'-2+3\"")), qPrintable(csv));
    }

    void tsvHasOneLinePerRowAndOneCellPerColumn()
    {
        const LockViewPointer view =
            viewOf(SnapshotMaker(1)
                       .held(-5, 1)
                       .held(6, 1)
                       .backend(1, [](Backend& backend) { backend.applicationName = QStringLiteral("a\tb"); })
                       .make());
        const QString tsv = rowsAsTsv({view->rows.first()}, *view);
        const QStringList lines = tsv.split(u'\n');
        QCOMPARE(lines.size(), 3);
        QCOMPARE(lines[0].split(u'\t').size(), lockColumnCount);
        QCOMPARE(lines[1].split(u'\t').size(), lockColumnCount);
        QCOMPARE(lines[1].split(u'\t').first(), QStringLiteral("-5"));
        QVERIFY(lines[1].contains(QStringLiteral("a b")));
        QCOMPARE(rowsAsCsv({view->rows.last()}, *view).split(QStringLiteral("\r\n")).at(1).section(u',', 0, 0),
                 QStringLiteral("6"));
    }

    void jsonHasTheStableShape()
    {
        const QJsonObject json = locksJson(someServer(), keys());
        QCOMPARE(compact(json.value(u"server").toObject()),
                 QStringLiteral("{\"database\":\"shop\",\"isStandby\":false,\"systemIdentifier\":"
                                "\"7400000000000000001\",\"version\":\"15.18\",\"versionNum\":150018}"));
        QCOMPARE(json.value(u"serverTime").toString(), QStringLiteral("2026-01-01T00:00:10.250000Z"));
        QCOMPARE(json.value(u"pollMs").toDouble(), 3.0);
        QCOMPARE(json.value(u"total").toInt(), 4);
        QCOMPARE(json.keys().size(), 5);
        QCOMPARE(compact(lockAt(json, 1)),
                 QStringLiteral(
                     "{\"applicationName\":\"pod\",\"backendStart\":\"2025-12-31T23:43:18.000000Z\","
                     "\"blockedBy\":[1],\"classid\":4294967295,\"clientAddr\":null,\"database\":\"shop\","
                     "\"databaseOid\":5,\"form\":\"bigint\",\"granted\":false,\"key\":\"-1\",\"key1\":null,"
                     "\"key2\":null,\"known\":[],\"locktype\":\"advisory\",\"mode\":\"ExclusiveLock\","
                     "\"objid\":4294967295,\"objsubid\":1,\"pid\":2,\"query\":\"SELECT now()\","
                     "\"relation\":null,\"state\":\"idle\",\"target\":\"-1\",\"user\":\"anna\",\"waitSeconds\":6.25}"));
        QCOMPARE(lockAt(json, 2).value(u"key"), QJsonValue(QStringLiteral("9223372036854775807")));
        const QJsonObject pair = lockAt(json, 3);
        QCOMPARE(pair.value(u"key"), QJsonValue(QStringLiteral("(-5, 7)")));
        QCOMPARE(pair.value(u"form"), QJsonValue(QStringLiteral("int4pair")));
        QCOMPARE(pair.value(u"key1"), QJsonValue(-5));
        QCOMPARE(pair.value(u"key2"), QJsonValue(7));
        QCOMPARE(pair.value(u"waitSeconds"), QJsonValue());
    }

    void jsonSaysNullForWhatIsNotKnown()
    {
        const QJsonObject json =
            locksJson(someServer(), SnapshotMaker(10)
                                        .allTypes()
                                        .relation(1259, 3)
                                        .prepared(7, 42)
                                        .backend(3, [](Backend& backend) { backend.restricted = true; })
                                        .make());
        const QJsonObject prepared = lockAt(json, 0);
        QCOMPARE(prepared.value(u"key"), QJsonValue(QStringLiteral("7")));
        for (const auto name : {u"pid", u"backendStart", u"applicationName", u"user", u"state", u"query"})
            QVERIFY2(prepared.contains(QStringView(name)) && prepared.value(QStringView(name)).isNull(),
                     qPrintable(QString::fromUtf16(name)));
        const QJsonObject relation = lockAt(json, 1);
        QCOMPARE(relation.value(u"relation"), QJsonValue(1259));
        for (const auto name :
             {u"key", u"form", u"key1", u"key2", u"classid", u"objid", u"objsubid", u"state", u"query"})
            QVERIFY2(relation.contains(QStringView(name)) && relation.value(QStringView(name)).isNull(),
                     qPrintable(QString::fromUtf16(name)));
    }

    void meaningsAndCandidatesAreExported()
    {
        const LockViewPointer view = namedView();
        const QStringList lines = QString::fromUtf8(locksCsv(*view)).split(QStringLiteral("\r\n"));
        QCOMPARE(fieldsOf(lines[1]).mid(0, 3).join(u','), QStringLiteral("5,calendar,shop"));
        QCOMPARE(fieldsOf(lines[2]).mid(0, 3).join(u','), QStringLiteral("6,,shop"));
        const QJsonObject json = locksJson(someServer(), *view);
        QCOMPARE(compact(QJsonObject{{QStringLiteral("known"), lockAt(json, 0).value(u"known")}}),
                 compact(QJsonObject{{QStringLiteral("known"),
                                      knownJson(view->dictionary->uses(keyTarget(5), QStringLiteral("shop")))}}));
        QCOMPARE(lockAt(json, 0).value(u"known").toArray().first().toObject().value(u"purpose"),
                 QJsonValue(QStringLiteral("calendar")));
        QCOMPARE(lockAt(json, 1).value(u"known").toArray().size(), 0);
        QVERIFY2(locksText(*view).contains(QStringLiteral("calendar")), qPrintable(locksText(*view)));
    }

    void targetIsNamedBesideItsNumbers()
    {
        const QJsonObject json = locksJson(someServer(), *namedView());
        QCOMPARE(lockAt(json, 0).value(u"target"), QJsonValue(QStringLiteral("5")));
        QCOMPARE(lockAt(json, 2).value(u"target"), QJsonValue(QStringLiteral("public.orders")));
        QCOMPARE(lockAt(json, 2).value(u"relation"), QJsonValue(16384));
        QCOMPARE(lockAt(json, 3).value(u"target"), QJsonValue(QStringLiteral("relation 16385")));
    }

    void goneRowsAreNotExported()
    {
        LockViewBuilder builder;
        (void)builder.update(SnapshotMaker(1).held(5, 1).held(6, 1).make());
        const LockViewPointer view = builder.update(SnapshotMaker(2).held(6, 1).make()).view;
        QCOMPARE(view->rows.size(), 2);
        QCOMPARE(locksJson(someServer(), *view).value(u"locks").toArray().size(), 1);
        QCOMPARE(locksCsv(*view).count('\n'), 2);
        QVERIFY(!locksText(*view).contains(QStringLiteral("gone")));
    }

    void exportsAreNotLimited()
    {
        SnapshotMaker maker(1);
        for (int key = 0; key < 20'100; ++key)
            maker.held(key, 1);
        QCOMPARE(viewOf(maker.make())->rows.size(), 20'100);
    }

    void textIsAligned()
    {
        const QStringList lines = locksText(*viewOf(keys())).split(u'\n');
        QCOMPARE(lines.size(), 7);
        QCOMPARE(lines[0].indexOf(QStringLiteral("Database")), lines[1].indexOf(QStringLiteral("shop")));
        QCOMPARE(lines[0].indexOf(QStringLiteral("Database")), lines[4].indexOf(QStringLiteral("shop")));
        QVERIFY(lines[3].startsWith(QStringLiteral("9223372036854775807  shop")));
        QVERIFY(lines[1].startsWith(QStringLiteral("                 -1  shop")));
        QCOMPARE(lines[5], QStringLiteral("4 locks, 1 waiting"));
        QCOMPARE(locksText(*viewOf(SnapshotMaker(1).make())), QStringLiteral("0 locks, 0 waiting\n"));
    }

    void textHoldsNoTerminalCommands()
    {
        const QString text = locksText(*viewOf(
            SnapshotMaker(1)
                .held(5, 1)
                .backend(1, [](Backend& backend) { backend.applicationName = QStringLiteral("\x1b]0;owned\x07\r\nx"); })
                .make()));
        QVERIFY(!text.contains(QChar(0x1b)) && !text.contains(QChar(7)) && !text.contains(u'\r'));
        QCOMPARE(text.count(u'\n'), 3);
    }
};

QTEST_GUILESS_MAIN(LockExportTest)

#include "tst_lockexport.moc"
