#include "models/domain/keydictionary.h"
#include "models/domain/knownkeys.h"
#include "tests/support/suite.h"

#include <QElapsedTimer>
#include <QFile>
#include <QJsonObject>

using namespace lockscope;

namespace {

constexpr quint32 shop = 5; ///< a database
const QString shopName = QStringLiteral("shop");

QByteArray fileText()
{
    QFile file(QStringLiteral(":/known-keys.json"));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QList<KnownKey> fileEntries()
{
    return readKnownKeys(fileText()).value();
}

LockTarget on(LockKey key)
{
    return LockTarget::advisory(shop, key);
}

LockTarget rawTag(quint32 classid, quint32 objid, quint16 objsubid)
{
    LockTarget target;
    target.type = LockType::Advisory;
    target.databaseOid = shop;
    target.classid = classid;
    target.objid = objid;
    target.objsubid = objsubid;
    return target;
}

/// "prisma-migrate is", "... may be" one per candidate, with the detail in brackets.
QStringList answers(const QList<KnownUse>& uses)
{
    QStringList result;
    for (const KnownUse& use : uses) {
        QString line = use.id == u"label" || use.id == u"label-query" ? use.id + u' ' + use.purpose : use.id;
        line += u' ' + word(use.confidence);
        if (!use.detail.isEmpty())
            line += QStringLiteral(" [%1]").arg(use.detail);
        result.append(line);
    }
    return result;
}

QStringList idsOf(const QList<KnownUse>& uses)
{
    QStringList result;
    for (const KnownUse& use : uses)
        result.append(use.id);
    return result;
}

} // namespace

class TestKeyDictionary : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void findsEveryConstantUnderItsId();
    void findsEverySampleUnderItsId();
    void findsEveryClassIdAndKeySpaceUnderItsId();
    void everyEntryHasASourceAndAShortName();
    void ranksCollisions_data();
    void ranksCollisions();
    void tellsTheTwoKeySpacesApart();
    void computesFormulasForTheDatabaseOfTheRow();
    void saysWhatTheNumbersMean_data();
    void saysWhatTheNumbersMean();
    void knowsKeysRoundedByJavaScript();
    void asksTheServerForItsHashes();
    void believesWhatTheServerHashed();
    void labelsComeFirst();
    void labelsOfOtherDatabasesStayOut();
    void hostileLabelsStayOneLine();
    void fitsACell_data();
    void fitsACell();
    void hasNothingToSayOfOtherLocks();
    void writesJson();
    void looksUpUnknownKeysFast();

private:
    KeyDictionary m_dictionary;
};

void TestKeyDictionary::initTestCase()
{
    m_dictionary = KeyDictionary::builtIn();
}

void TestKeyDictionary::findsEveryConstantUnderItsId()
{
    int checked = 0;
    for (const KnownKey& entry : fileEntries()) {
        const auto* const match = std::get_if<KnownKey::Constant>(&entry.match);
        if (!match)
            continue;
        const QList<KnownUse> uses = m_dictionary.uses(on(match->key), shopName);
        const auto use =
            std::find_if(uses.begin(), uses.end(), [&](const KnownUse& other) { return other.id == entry.id; });
        QVERIFY2(use != uses.end(), qPrintable(entry.id));
        const QString expected = entry.specificity == Specificity::High     ? QStringLiteral("is")
                                 : entry.specificity == Specificity::Medium ? QStringLiteral("probably")
                                                                            : QStringLiteral("may be");
        QVERIFY2(word(use->confidence) == expected, qPrintable(entry.id));
        ++checked;
    }
    QCOMPARE(checked, 176); // 168 constants and 8 pairs
}

void TestKeyDictionary::findsEverySampleUnderItsId()
{
    int checked = 0;
    for (const KnownKey& entry : fileEntries()) {
        for (const KnownKey::Sample& sample : entry.samples) {
            KeyDictionary dictionary = m_dictionary;
            if (std::holds_alternative<KnownKey::ServerHashed>(entry.match)) {
                QCOMPARE(sample.key.form(), KeyForm::Bigint);
                dictionary.setServerHashes({{.entryId = entry.id, .databaseOid = shop, .key = sample.key}});
            }
            const LockKey key = entry.id == u"moodle-lock-factory" ? LockKey::pair(sample.key.first(), 77) : sample.key;
            const QStringList ids = idsOf(dictionary.uses(on(key), sample.database));
            QVERIFY2(ids.contains(entry.id), qPrintable(entry.id + u' ' + sample.database));
            dictionary.setDatabases({QStringLiteral("other"), sample.database});
            QCOMPARE(idsOf(dictionary.uses(on(key), sample.database)), ids);
            ++checked;
        }
    }
    QCOMPARE(checked, 32); // 16 entries, two databases each
}

void TestKeyDictionary::findsEveryClassIdAndKeySpaceUnderItsId()
{
    int classids = 0;
    int spaces = 0;
    for (const KnownKey& entry : fileEntries()) {
        LockTarget target;
        if (const auto* const match = std::get_if<KnownKey::ClassId>(&entry.match)) {
            target = rawTag(static_cast<quint32>(match->classid), 16999, match->form == KeyForm::Bigint ? 1 : 2);
            ++classids;
        } else if (const auto* const space = std::get_if<KnownKey::ObjSubId>(&entry.match)) {
            target = rawTag(0, 3, space->objsubid);
            ++spaces;
        } else {
            continue;
        }
        const QList<KnownUse> uses = m_dictionary.uses(target, shopName);
        QVERIFY2(idsOf(uses).contains(entry.id), qPrintable(entry.id));
        QVERIFY2(!m_dictionary.meaning(target, shopName).isEmpty(), qPrintable(entry.id));
    }
    QCOMPARE(classids, 32);
    QCOMPARE(spaces, 14);
}

void TestKeyDictionary::everyEntryHasASourceAndAShortName()
{
    QCOMPARE(m_dictionary.size(), 281);
    for (const KnownKey& entry : fileEntries()) {
        QVERIFY2(entry.name.size() <= 30, qPrintable(entry.name));
        QVERIFY2(entry.source.contains(u'/'), qPrintable(entry.id));
    }
}

void TestKeyDictionary::ranksCollisions_data()
{
    QTest::addColumn<LockKey>("key");
    QTest::addColumn<QStringList>("candidates");
    const auto row = [](const char* name, LockKey key, const char* candidates) {
        QTest::newRow(name) << key << QString::fromLatin1(candidates).split(QLatin1String("; "));
    };
    row("bigint 1", LockKey::bigint(1),
        "airflow-migrations may be; graph-node-migrations may be; lily-schema may be; coder-deploymentsetup may be; "
        "spicedb-1 may be; artifacthub-views may be; adonis-lucid-migrations may be; que may be [que_jobs.id 1]");
    row("bigint 5", LockKey::bigint(5),
        "coder-notificationsreportgenerator may be; concourse-db-migration may be; que may be [que_jobs.id 5]");
    row("bigint 1001", LockKey::bigint(1001),
        "n8n-auth-roles-sync may be; bytebase-1001 may be; que may be [que_jobs.id 1001]");
    row("bigint 1856466978", LockKey::bigint(1856466978),
        "remind101-migrate is; claircore-migrations is; orafce-style-dbms-lock may be [row 1856466978 of "
        "dbms_lock.dbms_lock_allocated]; que may be [que_jobs.id 1856466978]");
    row("pair (0, 42)", LockKey::pair(0, 42),
        "pulp-task-scheduling-lock may be; saq-sweep may be [hashtext of the queue name 42]; concourse-0 may be "
        "[resource config id 42]; tooz-postgresql may be [first bytes of the md5 0, 42]");
}

void TestKeyDictionary::ranksCollisions()
{
    QFETCH(LockKey, key);
    QFETCH(QStringList, candidates);
    QCOMPARE(answers(m_dictionary.uses(on(key), shopName)), candidates);
}

void TestKeyDictionary::tellsTheTwoKeySpacesApart()
{
    QVERIFY(
        idsOf(m_dictionary.uses(on(LockKey::bigint(42)), shopName)).contains(QStringLiteral("immich-backupdatabase")));
    QVERIFY(!idsOf(m_dictionary.uses(on(LockKey::bigint(42)), shopName))
                 .contains(QStringLiteral("pulp-task-scheduling-lock")));
    QVERIFY(!idsOf(m_dictionary.uses(on(LockKey::pair(0, 42)), shopName))
                 .contains(QStringLiteral("immich-backupdatabase")));
    // A negative int4 that was sent as one bigint has class id 4294967295 and is no pair.
    QCOMPARE(answers(m_dictionary.uses(on(LockKey::bigint(-1010065801)), shopName)),
             {QStringLiteral("walg-backup is")});
    QCOMPARE(answers(m_dictionary.uses(on(LockKey::pair(-1, -1010065801)), shopName)), QStringList());
}

void TestKeyDictionary::computesFormulasForTheDatabaseOfTheRow()
{
    const LockTarget rails = on(LockKey::bigint(6939591962871035475));
    QCOMPARE(answers(m_dictionary.uses(rails, QStringLiteral("app"))),
             {QStringLiteral("rails-active-record-migrations is [for database app]")});
    QCOMPARE(answers(m_dictionary.uses(rails, QStringLiteral("app_production"))), QStringList());
    QCOMPARE(answers(m_dictionary.uses(rails, {})), QStringList()); // a database whose name is not known
    // 32 bits hit by chance now and then.
    QVERIFY(answers(m_dictionary.uses(on(LockKey::bigint(620236277)), QStringLiteral("app")))
                .contains(QStringLiteral("grafana-migrator probably [for database app]")));
    QCOMPARE(m_dictionary.meaning(on(LockKey::bigint(3469795979745788610)), QStringLiteral("app")),
             QStringLiteral("sqlx migrations or Lakekeeper"));
}

void TestKeyDictionary::saysWhatTheNumbersMean_data()
{
    QTest::addColumn<LockTarget>("target");
    QTest::addColumn<QString>("answer");
    const auto row = [](const LockTarget& target, const char* answer) {
        QTest::newRow(answer) << target << QString::fromLatin1(answer);
    };
    row(rawTag(16185446, 16384U ^ 0x80000000U, 2), "pg-repack probably [table OID 16384]");
    row(rawTag(16185446, 3000000000U ^ 0x80000000U, 2), "pg-repack probably [table OID 3000000000]");
    row(rawTag(1259, 3000000000U, 2), "pgcompacttable may be [table OID 3000000000]");
    row(rawTag(1346851661, (16384U << 8) | 1, 1), "paradedb-merge probably [index OID 16384, slot 1]");
    row(rawTag(1346852417, 16384, 1), "paradedb-vacuum probably [index OID 16384]");
    row(rawTag(1759441536, 815, 2), "rihanna probably [job id 815]");
    row(on(LockKey::bigint(77777)), "que may be [que_jobs.id 77777]");
    row(rawTag(0, 102008, 5), "citus-shard probably [shard id 102008]");
    row(rawTag(1, 102008, 5), "citus-shard probably [shard id 4295069304]");
    row(rawTag(0, 0, 9), "citus-operations probably [transaction recovery]");
    row(rawTag(0, 9, 9), "citus-operations probably [9]");
    row(rawTag(2, 4000000000U, 8), "citus-colocated-shards-metadata probably [shard interval 2, colocation id "
                                   "4000000000]");
    row(on(LockKey::pair(2, 1441783593)), "graph-node-write may be [deployment id 1441783593]");
    row(on(LockKey::bigint(77431708279161 - 7)), "flyway-other-table probably [Java hashCode of schema and table -7]");
    row(on(LockKey::bigint(1000000000007)), "hatchet-ids may be [parent strategy id 7]");
    row(on(LockKey::pair(1234567890, 0)), "with-advisory-lock-gem may be [crc32 of the name 1234567890]");
    row(rawTag(0xd5bf6c8fU, 0xffffffffU, 2), "");
}

void TestKeyDictionary::saysWhatTheNumbersMean()
{
    QFETCH(LockTarget, target);
    QFETCH(QString, answer);
    QCOMPARE(answers(m_dictionary.uses(target, shopName)).value(0), answer);
}

void TestKeyDictionary::knowsKeysRoundedByJavaScript()
{
    // Kysely's key, had somebody passed it as a JavaScript number.
    QCOMPARE(answers(m_dictionary.uses(on(LockKey::bigint(3853314791062309000)), shopName)),
             {QStringLiteral("kysely-migrator may be [3853314791062309107 rounded by JavaScript]")});
    QCOMPARE(answers(m_dictionary.uses(on(LockKey::bigint(3853314791062308864)), shopName)),
             {QStringLiteral("kysely-migrator may be [3853314791062309107 rounded by JavaScript]")});
    QCOMPARE(answers(m_dictionary.uses(on(LockKey::bigint(3853314791062309107)), shopName)),
             {QStringLiteral("kysely-migrator is")});
    QCOMPARE(m_dictionary.meaning(on(LockKey::bigint(3853314791062309000)), shopName), QStringLiteral("may be Kysely"));
}

void TestKeyDictionary::asksTheServerForItsHashes()
{
    const QString name = QStringLiteral("it's {database}");
    const QList<KeyDictionary::HashQuestion> questions = m_dictionary.hashQuestions(name);
    QStringList texts;
    for (const auto& question : questions) {
        texts += QStringLiteral("%1 %2 %3 %4")
                     .arg(question.entryId, question.text, question.extended ? QStringLiteral("extended") : QString(),
                          QString::number(question.seed));
    }
    QCOMPARE(texts, (QStringList{QStringLiteral("prisma-next-migrations prisma_next.contract.marker:public:app  0"),
                                 QStringLiteral("ozone-stats it's {database}:public extended 7239401"),
                                 QStringLiteral("ozone-matview it's {database}:public extended 7239402")}));
}

void TestKeyDictionary::believesWhatTheServerHashed()
{
    KeyDictionary dictionary = m_dictionary;
    dictionary.setServerHashes(
        {{QStringLiteral("ozone-stats"), shop, LockKey::bigint(-689260678252187523), QStringLiteral("app:public")},
         {QStringLiteral("prisma-next-migrations"), shop, LockKey::bigint(-4711), QStringLiteral("x")},
         {QStringLiteral("no-such-entry"), shop, LockKey::bigint(-4712), QString()},
         {QStringLiteral("kysely-migrator"), shop, LockKey::bigint(-4713), QString()}});
    QCOMPARE(answers(dictionary.uses(on(LockKey::bigint(-689260678252187523)), shopName)),
             {QStringLiteral("ozone-stats is [hash of \"app:public\"]")});
    QCOMPARE(answers(dictionary.uses(on(LockKey::bigint(-4711)), shopName)),
             {QStringLiteral("prisma-next-migrations probably [hash of \"x\"]")});
    QCOMPARE(answers(dictionary.uses(on(LockKey::bigint(-4712)), shopName)), QStringList());
    QCOMPARE(answers(dictionary.uses(on(LockKey::bigint(-4713)), shopName)), QStringList());
    QCOMPARE(answers(dictionary.uses(LockTarget::advisory(shop + 1, LockKey::bigint(-4711)), shopName)), QStringList());
    QCOMPARE(answers(m_dictionary.uses(on(LockKey::bigint(-4711)), shopName)), QStringList()); // the copy is apart
}

void TestKeyDictionary::labelsComeFirst()
{
    KeyDictionary dictionary = m_dictionary;
    dictionary.setLabels({{.what = KeyLabel::Range{0, 100}, .text = QStringLiteral("wide")},
                          {.what = KeyLabel::Range{4, 6}, .text = QStringLiteral("narrow")},
                          {.what = KeyLabel::ClassId{7}, .text = QStringLiteral("orders")},
                          {.what = LockKey::bigint(5), .text = QStringLiteral("Google calendar, ACME")},
                          {.what = LockKey::bigint(5), .database = shopName, .text = QStringLiteral("in the shop")}});
    dictionary.setQueryLabels(shop, {{LockKey::bigint(5), QStringLiteral("asked")}});
    QCOMPARE(answers(dictionary.uses(on(LockKey::bigint(5)), shopName)).first(6),
             (QStringList{QStringLiteral("label in the shop is"), QStringLiteral("label Google calendar, ACME is"),
                          QStringLiteral("label narrow is"), QStringLiteral("label wide is"),
                          QStringLiteral("label-query asked is"),
                          QStringLiteral("coder-notificationsreportgenerator may be")}));
    QCOMPARE(dictionary.meaning(on(LockKey::bigint(5)), QStringLiteral("depot")),
             QStringLiteral("Google calendar, ACME"));
    QCOMPARE(dictionary.meaning(on(LockKey::bigint(50)), shopName), QStringLiteral("wide"));
    QCOMPARE(dictionary.meaning(on(LockKey::pair(7, 12)), shopName), QStringLiteral("orders"));
    QVERIFY(!answers(dictionary.uses(on(LockKey::pair(0, 5)), shopName)).first().startsWith(QLatin1String("label")));
    dictionary.setLabels({});
    QCOMPARE(dictionary.meaning(on(LockKey::bigint(5)), shopName), QStringLiteral("asked"));
    dictionary.setQueryLabels(shop, {});
    QCOMPARE(dictionary.meaning(on(LockKey::bigint(5)), shopName), QStringLiteral("may be Coder or Concourse"));
}

void TestKeyDictionary::labelsOfOtherDatabasesStayOut()
{
    KeyDictionary dictionary;
    dictionary.setLabels(
        {{.what = LockKey::bigint(5), .database = QStringLiteral("depot"), .text = QStringLiteral("other")}});
    dictionary.setQueryLabels(shop + 1, {{LockKey::bigint(5), QStringLiteral("other")}});
    QCOMPARE(dictionary.meaning(on(LockKey::bigint(5)), shopName), QString());
    QCOMPARE(dictionary.meaning(on(LockKey::bigint(5)), {}), QString());
    QCOMPARE(dictionary.meaning(on(LockKey::bigint(5)), QStringLiteral("depot")), QStringLiteral("other"));
}

void TestKeyDictionary::hostileLabelsStayOneLine()
{
    KeyDictionary dictionary;
    const QString hostile = QStringLiteral("<b>%1 %2</b>\n\u202etxt.exe\x1b[31m") + QString(100'000, u'x');
    dictionary.setLabels({{.what = LockKey::bigint(1), .text = hostile}});
    dictionary.setQueryLabels(shop, {{LockKey::bigint(2), hostile}});
    for (const qint64 key : {1, 2}) {
        const QString meaning = dictionary.meaning(on(LockKey::bigint(key)), shopName);
        QVERIFY(meaning.startsWith(QLatin1String("<b>%1 %2</b>")));
        QVERIFY(meaning.size() <= 300);
        for (const QChar character : meaning)
            QVERIFY(character.category() != QChar::Other_Control && character.category() != QChar::Other_Format);
        QCOMPARE(dictionary.uses(on(LockKey::bigint(key)), shopName).first().purpose, meaning);
    }
    // The name of a database stands in details.
    const QString database = QStringLiteral("{key} %1\n");
    const LockKey rails = formulaKey(KeyFormula::Rails, database);
    QCOMPARE(m_dictionary.uses(on(rails), database).first().detail, QStringLiteral("for database {key} %1\u2424"));
}

void TestKeyDictionary::fitsACell_data()
{
    QTest::addColumn<LockTarget>("target");
    QTest::addColumn<QString>("meaning");
    const auto row = [](const LockTarget& target, const char* meaning) {
        QTest::newRow(meaning) << target << QString::fromLatin1(meaning);
    };
    row(on(LockKey::bigint(72707369)), "Prisma Migrate");
    row(on(LockKey::bigint(1)), "may be Apache Airflow (or 6 others)");
    row(on(LockKey::bigint(1856466978)), "remind101/migrate or Clair");
    row(on(LockKey::bigint(1337)), "may be Immich: Library");
    row(on(LockKey::bigint(110100)), "probably NetBox: job-schedules");
    row(rawTag(16185446, 16384U ^ 0x80000000U, 2), "probably pg_repack, table OID 16384");
    row(rawTag(0, 102008, 5), "probably Citus, shard id 102008");
    row(rawTag(0, 7, 10), "probably Citus or pg_auto_failover");
    row(on(LockKey::bigint(77431708279161)), "probably Flyway");
    row(on(LockKey::bigint(123456789)), ""); // no more than ranges that many keys fall into
    row(on(LockKey::bigint(std::numeric_limits<qint64>::min())), "");
}

void TestKeyDictionary::fitsACell()
{
    QFETCH(LockTarget, target);
    QFETCH(QString, meaning);
    QCOMPARE(m_dictionary.meaning(target, shopName), meaning);
    QVERIFY(meaning.size() <= 40);
}

void TestKeyDictionary::hasNothingToSayOfOtherLocks()
{
    LockTarget relation = rawTag(0, 72707369, 1);
    relation.type = LockType::Relation;
    QCOMPARE(m_dictionary.uses(relation, shopName).size(), 0);
    QCOMPARE(m_dictionary.meaning(relation, shopName), QString());
    QCOMPARE(KeyDictionary().uses(on(LockKey::bigint(1)), shopName).size(), 0);
    QCOMPARE(KeyDictionary().size(), 0);
}

void TestKeyDictionary::writesJson()
{
    const QJsonArray json = knownJson(m_dictionary.uses(on(LockKey::bigint(72707369)), shopName));
    const QJsonObject first = json.at(0).toObject();
    QCOMPARE(first.value(QStringLiteral("id")).toString(), QStringLiteral("prisma-migrate"));
    QCOMPARE(first.value(QStringLiteral("project")).toString(), QStringLiteral("Prisma Migrate (schema engine)"));
    QCOMPARE(first.value(QStringLiteral("confidence")).toString(), QStringLiteral("is"));
    QVERIFY(first.value(QStringLiteral("source")).toString().startsWith(QLatin1String("prisma/prisma-engines ")));
}

void TestKeyDictionary::looksUpUnknownKeysFast()
{
    constexpr int lookUps = 100'000;
    const auto measure = [](const KeyDictionary& dictionary, qint64 first, const char* what) {
        QElapsedTimer timer;
        timer.start();
        qsizetype known = 0;
        for (int key = 0; key < lookUps; ++key)
            known += dictionary.meaning(on(LockKey::bigint(first + key)), shopName).size();
        qInfo("%d look-ups of unknown %s: %lld us", lookUps, what, static_cast<long long>(timer.nsecsElapsed() / 1000));
        return known;
    };
    KeyDictionary prepared = m_dictionary;
    prepared.setDatabases({shopName});
    QCOMPARE(measure(prepared, 500'000'000, "small keys"), 0);
    QCOMPARE(measure(prepared, 5'000'000'000'000'000'000, "64-bit keys"), 0);
    QCOMPARE(measure(m_dictionary, 500'000'000, "small keys, database not prepared"), 0);
    QCOMPARE(measure(m_dictionary, 5'000'000'000'000'000'000, "64-bit keys, database not prepared"), 0);
}

QTEST_GUILESS_MAIN(TestKeyDictionary)
#include "tst_keydictionary.moc"
