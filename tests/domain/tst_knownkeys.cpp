#include "models/domain/keydetail.h"
#include "models/domain/keydictionary.h"
#include "models/domain/knownkeys.h"
#include "tests/support/suite.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <functional>

using namespace lockscope;

namespace {

/// One entry that is right, for tests that then spoil it.
QByteArray oneEntry(const std::function<void(QJsonObject& entry, QJsonObject& match)>& change)
{
    QJsonObject match{{QStringLiteral("kind"), QStringLiteral("constant")}, {QStringLiteral("key"), 5}};
    QJsonObject entry{{QStringLiteral("id"), QStringLiteral("thing")},
                      {QStringLiteral("project"), QStringLiteral("Thing")},
                      {QStringLiteral("purpose"), QStringLiteral("Works")},
                      {QStringLiteral("scope"), QStringLiteral("session")},
                      {QStringLiteral("mode"), QStringLiteral("exclusive")},
                      {QStringLiteral("form"), QStringLiteral("bigint")},
                      {QStringLiteral("notes"), QString()},
                      {QStringLiteral("specificity"), QStringLiteral("high")},
                      {QStringLiteral("source"), QJsonObject{{QStringLiteral("repo"), QStringLiteral("a/b")},
                                                             {QStringLiteral("path"), QStringLiteral("c")}}}};
    change(entry, match);
    if (!entry.contains(QStringLiteral("match")))
        entry.insert(QStringLiteral("match"), match);
    return QJsonDocument(QJsonArray{entry}).toJson();
}

} // namespace

class TestKnownKeys : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void keepsBigNumbersExact();
    void readsNothingIntoWhatItFills();
    void refusesMalformedLists_data();
    void refusesMalformedLists();
};

void TestKnownKeys::keepsBigNumbersExact()
{
    const auto entries = readKnownKeys(oneEntry([](QJsonObject&, QJsonObject& match) {
        match[QStringLiteral("key")] = qint64(9007199254740993); // 2^53 + 1, which no double holds
    }));
    VERIFY_RESULT(entries);
    QCOMPARE(std::get<KnownKey::Constant>(entries->first().match).key, LockKey::bigint(9007199254740993));
    QCOMPARE(entries->first().name, QStringLiteral("Thing")); // the project, for want of a shorter one
}

void TestKnownKeys::readsNothingIntoWhatItFills()
{
    KnownKey entry;
    entry.detail = QStringLiteral("{database} {key} {objid} {");
    QCOMPARE(keyDetail(entry, LockTarget::advisory(5, LockKey::pair(-1, -2)), QStringLiteral("{key}%1")),
             QStringLiteral("{key}%1 -2 -2 {"));
    QCOMPARE(unknownPlaceholder(entry.detail), QString());
    QCOMPARE(unknownPlaceholder(QStringLiteral("{objid} {nothing} {else}")), QStringLiteral("{nothing}"));
}

void TestKnownKeys::refusesMalformedLists_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QString>("problem");
    const auto row = [](const char* problem, const QByteArray& json) {
        QTest::newRow(problem) << json << QString::fromUtf8(problem);
    };
    const auto entry = [&row](const char* problem, const char* field, const QJsonValue& value) {
        row(problem, oneEntry([&](QJsonObject& object, QJsonObject&) { object[QLatin1String(field)] = value; }));
    };
    const auto match = [&row](const char* problem, const char* field, const QJsonValue& value) {
        row(problem, oneEntry([&](QJsonObject&, QJsonObject& object) { object[QLatin1String(field)] = value; }));
    };
    row("unterminated array, at byte 1", "[");
    row("it is no list", "{}");
    row("entry number 1: it is no object", "[5]");
    entry("entry number 1: \"id\" is no text", "id", 5);
    entry("entry thing: \"purpose\" is empty", "purpose", QString());
    entry("entry thing: \"purpose\" is no text", "purpose", QJsonValue::Null);
    entry("entry thing: \"specificity\" is \"huge\", which has no meaning here", "specificity", QStringLiteral("huge"));
    entry("entry thing: \"form\" does not suit the kind of match", "form", QStringLiteral("int4pair"));
    entry("entry thing: \"surprise\" is no field that is known here", "surprise", 1);
    entry("entry thing: \"source\" is no object", "source", QStringLiteral("somewhere"));
    entry("entry thing: \"detail\" has the unknown placeholder {oid}", "detail", QStringLiteral("{key} {oid}"));
    entry("entry thing: \"values\" has something that is no number with a name", "values",
          QJsonObject{{QStringLiteral("one"), QStringLiteral("x")}});
    entry("entry thing: \"match\" is no object", "match", 5);
    match("entry thing: \"match.kind\" is \"magic\", which has no meaning here", "kind", QStringLiteral("magic"));
    match("entry thing: \"match.key\" is no whole number of 64 bits", "key", 1.5);
    match("entry thing: \"match.key\" is no whole number of 64 bits", "key", QStringLiteral("5"));
    match("entry thing: \"match.objid\" is no field that is known here", "objid", 5);
    row("entry thing: \"match.last\" is out of range", oneEntry([](QJsonObject&, QJsonObject& object) {
            object = {{QStringLiteral("kind"), QStringLiteral("range")},
                      {QStringLiteral("first"), 5},
                      {QStringLiteral("last"), 4},
                      {QStringLiteral("formula"), QStringLiteral("x")}};
        }));
    row("entry thing: \"match.classid\" is out of range", oneEntry([](QJsonObject& whole, QJsonObject& object) {
            whole[QStringLiteral("form")] = QStringLiteral("int4pair");
            object = {{QStringLiteral("kind"), QStringLiteral("constant-pair")},
                      {QStringLiteral("classid"), qint64(4294967295)},
                      {QStringLiteral("objid"), 0}};
        }));
    row("entry thing: \"match.function\" names no formula of this program",
        oneEntry([](QJsonObject&, QJsonObject& object) {
            object = {{QStringLiteral("kind"), QStringLiteral("database-formula")},
                      {QStringLiteral("function"), QStringLiteral("abacus")},
                      {QStringLiteral("formula"), QStringLiteral("x")},
                      {QStringLiteral("samples"), QJsonArray()}};
        }));
    QJsonArray twice = QJsonDocument::fromJson(oneEntry([](QJsonObject&, QJsonObject&) {})).array();
    twice.append(twice.first());
    row("entry thing: \"id\" was there before", QJsonDocument(twice).toJson());
}

void TestKnownKeys::refusesMalformedLists()
{
    QFETCH(QByteArray, json);
    QFETCH(QString, problem);
    const Result<QList<KnownKey>> entries = readKnownKeys(json);
    QVERIFY(!entries);
    QCOMPARE(entries.error().what, QStringLiteral("The list of known keys cannot be read: %1.").arg(problem));
    QVERIFY(readKnownKeys(oneEntry([](QJsonObject&, QJsonObject&) {}))); // what was spoilt is right otherwise
    QVERIFY(!KeyDictionary::fromJson(json));
}

QTEST_GUILESS_MAIN(TestKnownKeys)
#include "tst_knownkeys.moc"
