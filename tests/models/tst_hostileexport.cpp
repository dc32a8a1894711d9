#include "models/cureplan.h"
#include "models/domain/auditentry.h"
#include "models/domain/displaytext.h"
#include "models/domain/redaction.h"
#include "models/explanation.h"
#include "models/lockexport.h"
#include "models/lockfilter.h"
#include "models/lockview.h"
#include "models/statementlogmodel.h"
#include "models/waitforestmodel.h"
#include "models/waitsexport.h"
#include "tests/support/hostiletexts.h"
#include "tests/support/locktext.h"
#include "tests/support/suite.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QSet>

using namespace lockscope;
using namespace lockscope::test;

namespace {

/// A reader of RFC 4180 that takes nothing for granted: bytes in, records of fields out.
QList<QStringList> readCsv(const QByteArray& bytes)
{
    const QString text = QString::fromUtf8(bytes);
    QList<QStringList> records{{QString()}};
    bool quoted = false;
    for (qsizetype at = 0; at < text.size(); ++at) {
        const QChar character = text[at];
        QString& field = records.last().last();
        if (quoted && character == u'"' && at + 1 < text.size() && text[at + 1] == u'"') {
            field += text[++at];
        } else if (character == u'"') {
            quoted = !quoted;
        } else if (!quoted && character == u',') {
            records.last().append(QString());
        } else if (!quoted && character == u'\r' && at + 1 < text.size() && text[at + 1] == u'\n') {
            ++at;
            records.append(QStringList{QString()});
        } else {
            field += character;
        }
    }
    if (records.last() == QStringList{QString()})
        records.removeLast();
    return records;
}

constexpr int longestLabel = 300;

/// What a file in UTF-8 can hold of a text: halves of surrogate pairs are no characters.
QString written(const QString& text)
{
    return QString::fromUtf8(text.toUtf8());
}

/// What a spreadsheet reads of a cell that was protected from being run.
QString unprotected(const QString& field, const QString& payload)
{
    return field == u'\'' + written(payload) ? field.mid(1) : field;
}

ServerInfo serverNamed(const QString& text)
{
    ServerInfo server;
    server.version = text;
    server.versionNumber = 150018;
    server.database = text;
    server.role = text;
    server.systemIdentifier = text;
    return server;
}

/// Everything a server can put text into says the same: a holder, a waiter, a prepared transaction, a named table.
SnapshotMaker stuck(const QString& payload)
{
    const auto fill = [payload](Backend& backend) {
        backend.applicationName = payload;
        backend.user = payload;
        backend.database = payload;
        backend.clientAddress = payload;
        backend.state = payload;
        backend.query = payload;
        backend.waitEvent = payload;
        backend.waitEventType = payload;
    };
    SnapshotMaker maker(60);
    maker.allTypes().held(5, 1).waiting(5, 2, 20, {1}).waiting(5, 3, 30, {1, 2});
    maker.holds(relationTarget(16384), 2, LockMode::AccessExclusive);
    maker.waitsFor(relationTarget(16384), 4, 40, {2}, LockMode::AccessShare);
    maker.holds(keyTarget(7), 0, LockMode::Exclusive, 9).preparedTransaction(9, payload);
    maker.waitsFor(keyTarget(7), 5, 50, {0});
    for (const qint32 pid : {1, 2, 3, 4, 5})
        maker.backend(pid, fill);
    maker.then([payload](Snapshot& snapshot) {
        snapshot.databaseNames.insert(shop, payload);
        for (PreparedTransaction& prepared : snapshot.prepared)
            prepared.owner = payload;
    });
    return maker;
}

LockViewPointer viewWith(const QString& payload)
{
    KeyDictionary dictionary;
    dictionary.setLabels({{.what = LockKey::bigint(5), .database = {}, .text = payload}});
    dictionary.setQueryLabels(shop, {{LockKey::bigint(7), payload}});
    TargetNames names;
    names.names.insert({.databaseOid = shop, .classid = relationCatalog, .objid = 16384},
                       {.name = payload, .kind = QStringLiteral("table"), .note = payload});
    LockViewBuilder builder;
    builder.setDictionary(std::make_shared<const KeyDictionary>(dictionary));
    builder.setTargetNames(std::make_shared<const TargetNames>(names));
    return builder.update(stuck(payload).make()).view;
}

QJsonObject rereadJson(const QJsonObject& object)
{
    return QJsonDocument::fromJson(QJsonDocument(object).toJson()).object();
}

} // namespace

/// The corpus itself, and everything that is written down for others: files, pipes, terminals, the audit log.
class TestHostileExport : public Suite
{
    Q_OBJECT

private Q_SLOTS:
    void hasManyTextsOfManyKinds();
    void cellTextHidesNothingAndLosesNothing_data() { addHostileRows(); }
    void cellTextHidesNothingAndLosesNothing();
    void neverCutsACharacterInHalf_data() { addHostileRows(); }
    void neverCutsACharacterInHalf();
    void masksPasswordsWhereverTheTextWasCut();
    void csvComesBackAsItWas_data() { addHostileRows(); }
    void csvComesBackAsItWas();
    void tsvKeepsItsColumns_data() { addHostileRows(); }
    void tsvKeepsItsColumns();
    void jsonComesBackAsItWas_data() { addHostileRows(); }
    void jsonComesBackAsItWas();
    void sendsNoCommandToATerminal_data() { addHostileRows(); }
    void sendsNoCommandToATerminal();
    void keepsTheStatementLogReadable_data() { addHostileRows(); }
    void keepsTheStatementLogReadable();
    void auditLinesComeBackAsTheyWere_data() { addHostileRows(); }
    void auditLinesComeBackAsTheyWere();
    void keepsEveryRowWhenManySessionsLookAlike();
};

void TestHostileExport::hasManyTextsOfManyKinds()
{
    QSet<QString> families;
    QSet<QString> texts;
    for (const HostileText& hostile : hostileTexts()) {
        families.insert(hostile.family);
        texts.insert(hostile.text);
        QVERIFY(!hostile.text.isEmpty());
    }
    QVERIFY2(texts.size() >= 200, qPrintable(QString::number(texts.size())));
    QCOMPARE(texts.size(), hostileTexts().size());
    QVERIFY2(families.size() >= 15, qPrintable(QString::number(families.size())));
}

void TestHostileExport::cellTextHidesNothingAndLosesNothing()
{
    QFETCH(const QString, payload);
    constexpr int plenty = 100'000;
    const QString cell = cellText(payload, plenty);
    const QString paragraph = paragraphText(payload, plenty);
    QCOMPARE(unsafeCharacter(cell, false), QString());
    QCOMPARE(unsafeCharacter(paragraph, true), QString());
    QCOMPARE(visiblePart(cell), visiblePart(payload));
    QCOMPARE(visiblePart(paragraph), visiblePart(payload));
    QCOMPARE(inOneLine(paragraph), cell);
    QCOMPARE(cellText(cell, plenty), cell); // shown twice is shown the same
    QCOMPARE(escapedMnemonic(payload, plenty).replace(QStringLiteral("&&"), QStringLiteral("&")), cell);
}

void TestHostileExport::neverCutsACharacterInHalf()
{
    QFETCH(const QString, payload);
    const QString whole = cellText(payload, 100'000);
    for (int limit = 1; limit < 130; ++limit) {
        const QString cut = cellText(payload, limit);
        QVERIFY(cut.size() <= limit);
        QCOMPARE(unsafeCharacter(cut, false), QString());
        if (payload.size() <= limit)
            QCOMPARE(cut, whole);
        else if (limit < 2 || payload[limit - 2] != u'\r') // before its line feed it is a line break of its own
            QVERIFY2(whole.startsWith(QStringView(cut).chopped(1)), qPrintable(cut)); // all but the ellipsis
        const QString first = firstCharacters(payload, limit);
        QVERIFY(first.size() <= limit && first.size() >= std::min<qsizetype>(limit - 1, payload.size()));
        QVERIFY(payload.startsWith(first));
    }
}

/// A regular expression matches nothing in text with half of a surrogate pair.
void TestHostileExport::masksPasswordsWhereverTheTextWasCut()
{
    const QString lock = QString::fromUcs4(U"\U0001F512");
    const QString statement = QStringLiteral("ALTER ROLE x PASSWORD 'hush' /* ");
    QVERIFY(!withoutPasswords(statement + lock.first(1)).contains(QLatin1String("hush")));
    QVERIFY(!withoutPasswords(lock.last(1) + statement).contains(QLatin1String("hush")));
    for (const QString& shift : {QString(), QStringLiteral("x")}) {
        const QString query = statement + shift + lock.repeated(12'000);
        const auto view = viewOf(SnapshotMaker(60)
                                     .held(5, 1)
                                     .waiting(5, 2, 20, {1})
                                     .backend(1, [&query](Backend& backend) { backend.query = query; })
                                     .make());
        WaitForestModel forest;
        forest.apply(view);
        const QString cell = forest.index(0, WaitForestModel::Query).data().toString();
        const QString plan =
            planCure(CureKind::TerminateBackend, forest.rowAt(forest.index(0, 0))->id, *view, {}).query;
        const QString told = explainLock(view->rows.first(), *view, {}).text();
        QVERIFY(cell.contains(QLatin1String("***")) && plan.contains(QLatin1String("***")));
        for (const QString& text : {cell, plan, told}) {
            QVERIFY2(!text.contains(QLatin1String("hush")), qPrintable(text.left(200)));
            QVERIFY(!text.contains(QChar(QChar::ReplacementCharacter)) && QStringView(text).isValidUtf16());
        }
        StatementLogModel log;
        log.append({{.session = QStringLiteral("alice"), .sql = query, .result = query, .notices = {query}}});
        QVERIFY(!log.toText().contains(QLatin1String("hush")));
        QVERIFY(!QString::fromUtf8(log.toCsv()).contains(QLatin1String("hush")));
        QCOMPARE(unsafeCharacter(log.recordAt(0).sql, true), QString());
        QVERIFY(!log.recordAt(0).sql.contains(QChar(QChar::ReplacementCharacter)));
    }
}

void TestHostileExport::csvComesBackAsItWas()
{
    QFETCH(const QString, payload);
    const LockViewPointer view = viewWith(payload);
    const QList<QStringList> records = readCsv(locksCsv(*view));
    QCOMPARE(records.size(), view->rows.size() + 1);
    const QStringList& header = records.first();
    QSet<QString> columns;
    for (const QStringList& record : records.mid(1)) {
        QCOMPARE(record.size(), header.size());
        for (qsizetype column = 0; column < record.size(); ++column) {
            QVERIFY2(!QStringLiteral("=+@\t\r\n").contains(record[column].left(1)) || record[column].isEmpty(),
                     qPrintable(record[column]));
            if (unprotected(record[column], payload) == written(payload))
                columns.insert(header[column]);
        }
    }
    for (const char* column : {"application_name", "user", "client_addr", "backend_state", "query", "database"})
        QVERIFY2(columns.contains(QLatin1String(column)), column);
}

void TestHostileExport::tsvKeepsItsColumns()
{
    QFETCH(const QString, payload);
    const LockViewPointer view = viewWith(payload);
    const QString tsv = rowsAsTsv(view->rows, *view);
    qsizetype tabs = 0;
    qsizetype records = 0;
    bool quoted = false;
    const qsizetype columns = tsv.first(tsv.indexOf(u'\n')).count(u'\t') + 1;
    for (const QChar character : tsv) {
        if (character == u'"')
            quoted = !quoted;
        else if (character == u'\t')
            ++tabs;
        else if (character == u'\n' && !quoted)
            ++records;
    }
    QCOMPARE(records, view->rows.size() + 1);
    QCOMPARE(tabs, records * (columns - 1));
}

void TestHostileExport::jsonComesBackAsItWas()
{
    QFETCH(const QString, payload);
    const LockViewPointer view = viewWith(payload);
    const QJsonObject locks = rereadJson(locksJson(serverNamed(payload), *view));
    QCOMPARE(locks.value(u"locks").toArray().size(), view->rows.size());
    QCOMPARE(written(locks.value(u"server").toObject().value(u"database").toString()), written(payload));
    QSet<QString> known;
    QSet<QString> targets;
    int applications = 0;
    const QJsonArray rows = locks.value(u"locks").toArray();
    for (const QJsonValue& value : rows) {
        const QJsonObject row = value.toObject();
        QCOMPARE(written(row.value(u"database").toString()), written(payload));
        targets.insert(written(row.value(u"target").toString()));
        for (const QJsonValue& use : row.value(u"known").toArray())
            known.insert(written(use.toObject().value(u"purpose").toString()));
        if (row.value(u"pid").isNull())
            continue;
        for (const char16_t* name : {u"applicationName", u"user", u"clientAddr", u"state", u"query"})
            QCOMPARE(written(row.value(QStringView(name)).toString()), written(payload));
        ++applications;
    }
    QVERIFY(applications >= 6);
    // Labels are cleaned where they come in.
    QVERIFY2(known.contains(cellText(payload, longestLabel)), qPrintable(QStringList(known.values()).join(u'|')));
    QVERIFY(targets.contains(written(payload)));

    const QJsonObject waits = rereadJson(waitsJson(serverNamed(payload), *view));
    const QJsonArray nodes = waits.value(u"nodes").toArray();
    QCOMPARE(nodes.size(), 6);
    QSet<QString> ids;
    for (const QJsonValue& value : nodes) {
        const QJsonObject node = value.toObject();
        ids.insert(node.value(u"id").toString());
        QCOMPARE(written(node.value(u"user").toString()), written(payload));
        if (node.value(u"kind").toString() == QLatin1String("prepared"))
            QCOMPARE(written(node.value(u"gid").toString()), written(payload));
        else
            QCOMPARE(written(node.value(u"query").toString()), written(payload));
    }
    QCOMPARE(ids.size(), 6);
    for (const QJsonValue& value : waits.value(u"edges").toArray()) {
        QVERIFY(ids.contains(value.toObject().value(u"waiter").toString()));
        QVERIFY(ids.contains(value.toObject().value(u"blocker").toString()));
    }
}

void TestHostileExport::sendsNoCommandToATerminal()
{
    QFETCH(const QString, payload);
    const LockViewPointer view = viewWith(payload);
    const QString locks = locksText(*view);
    const QString waits = waitsText(*view);
    for (const QString& text : {locks, waits}) {
        const QStringList lines = text.split(u'\n');
        for (const QString& line : lines)
            QCOMPARE(unsafeCharacter(line, false), QString());
    }
    // A title, the rows, a line that counts; and what stands behind the last line break.
    QCOMPARE(locks.count(u'\n'), view->rows.size() + 2);
    const QString shown = cellText(payload, 30).trimmed();
    const QString name = shown.endsWith(QChar(0x2026)) ? shown.chopped(1) : shown;
    QVERIFY2(locks.contains(name), qPrintable(locks));
    QVERIFY2(waits.contains(name), qPrintable(waits));
    for (const char* pid : {"1", "2", "3", "4", "5"})
        QVERIFY2(waits.contains(QLatin1String(pid)), qPrintable(waits));
}

void TestHostileExport::keepsTheStatementLogReadable()
{
    QFETCH(const QString, payload);
    StatementLogModel log;
    log.append({{.session = payload, .backendPid = 7, .sql = payload, .result = payload, .notices = {payload, payload}},
                {.session = QStringLiteral("next"), .sql = QStringLiteral("SELECT 1")}});
    for (int column = 0; column < log.columnCount(); ++column)
        QCOMPARE(unsafeCharacter(log.index(0, column).data().toString(), false), QString());
    QCOMPARE(readCsv(log.toCsv()).size(), 3);
    const QString text = log.toText();
    QCOMPARE(text.count(u'\n'), 2);
    for (const QString& line : text.split(u'\n'))
        QCOMPARE(unsafeCharacter(line, false), QString());
    const QString kept = cellText(withoutPasswords(payload), 100);
    QVERIFY(text.contains(kept.endsWith(QChar(0x2026)) ? kept.chopped(1) : kept));
}

void TestHostileExport::auditLinesComeBackAsTheyWere()
{
    QFETCH(const QString, payload);
    AuditEntry entry;
    entry.time = QDateTime(QDate(2026, 11, 22), QTime(10, 2, 11), Qt::UTC);
    entry.action = QStringLiteral("terminate backend");
    entry.step = QStringLiteral("outcome");
    const QString kept = written(withoutPasswords(payload));
    for (QString* const field : {&entry.host, &entry.database, &entry.role, &entry.application, &entry.user, &entry.gid,
                                 &entry.query, &entry.sentence})
        *field = kept;
    entry.notices = {kept, kept};
    const QByteArray line = auditLine(entry);
    QCOMPARE(line.count('\n'), 1);
    QVERIFY(line.endsWith('\n'));
    const std::optional<AuditEntry> reread = auditEntry(line);
    QVERIFY(reread);
    QCOMPARE(reread->query, entry.query);
    QVERIFY(*reread == entry);
}

/// Rows are told apart by pid, start and target, never by what strangers wrote.
void TestHostileExport::keepsEveryRowWhenManySessionsLookAlike()
{
    SnapshotMaker maker(60);
    qint32 pid = 1;
    for (const HostileText& hostile : hostileTexts()) {
        for (int twin = 0; twin < 2; ++twin) {
            maker.held(1000 + pid, pid);
            maker.backend(pid++, [&hostile](Backend& backend) {
                backend.applicationName = hostile.text;
                backend.user = hostile.text;
                backend.query = hostile.text;
            });
        }
    }
    LockViewBuilder builder;
    (void)builder.respecify({.filter = {}, .sortColumn = LockColumn::Application, .rowLimit = 0});
    const LockViewPointer view = builder.update(maker.make()).view;
    QCOMPARE(view->rows.size(), 2 * hostileTexts().size());
    QCOMPARE(readCsv(locksCsv(*view)).size(), view->rows.size() + 1);
    QCOMPARE(locksJson({}, *view).value(u"locks").toArray().size(), view->rows.size());
    for (const LockColumn column : {LockColumn::User, LockColumn::Query}) {
        const auto sorted = builder.respecify({.filter = {}, .sortColumn = column, .rowLimit = 0}).view;
        QCOMPARE(sorted->shownLocks, 2 * hostileTexts().size());
    }
}

QTEST_GUILESS_MAIN(TestHostileExport)
#include "tst_hostileexport.moc"
