#include "models/domain/probereport.h"
#include "tests/support/suite.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QSet>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

ProbeReport report()
{
    return {.endpoint = QStringLiteral("shop at db1.example:6432, PostgreSQL 15.18"),
            .kind = EndpointKind::TransactionPooling,
            .verdict = QStringLiteral("A pooler in transaction mode."),
            .checks = {{.name = QStringLiteral("exclusion"),
                        .expected = QStringLiteral("client B is refused"),
                        .observed = QStringLiteral("granted to both"),
                        .ok = false,
                        .evidence = {QStringLiteral("A: SELECT 1 -> t, 491")},
                        .elapsed = 1500us},
                       {.name = QStringLiteral("re-entrance"),
                        .expected = QStringLiteral("two unlocks"),
                        .observed = QStringLiteral("two unlocks"),
                        .ok = true,
                        .elapsed = 2ms}},
            .advice = {QStringLiteral("Connect directly.")},
            .leftBehind = {QStringLiteral("key (5, 7), held by backend 491")}};
}

} // namespace

class tst_ProbeReport final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void writesTheShapeThatScriptsRead()
    {
        const QByteArray json = QJsonDocument(report().toJson()).toJson(QJsonDocument::Compact);
        QCOMPARE(json,
                 QByteArray(R"({"advice":["Connect directly."],"checks":[{"elapsedMs":1.5,"evidence":)"
                            R"(["A: SELECT 1 -> t, 491"],"expected":"client B is refused","name":"exclusion",)"
                            R"("observed":"granted to both","ok":false},{"elapsedMs":2,"evidence":[],)"
                            R"("expected":"two unlocks","name":"re-entrance","observed":"two unlocks","ok":true}],)"
                            R"("endpoint":"shop at db1.example:6432, PostgreSQL 15.18","kind":)"
                            R"("transaction-pooling","leftBehind":["key (5, 7), held by backend 491"],)"
                            R"("ok":false,"stopped":false,"verdict":"A pooler in transaction mode."})"));
    }

    void printsForATerminal()
    {
        QCOMPARE(probeText(report()), QStringLiteral("shop at db1.example:6432, PostgreSQL 15.18\n"
                                                     "FAIL exclusion (1.5 ms)\n"
                                                     "        expected: client B is refused\n"
                                                     "        observed: granted to both\n"
                                                     "          A: SELECT 1 -> t, 491\n"
                                                     "ok   re-entrance (2.0 ms)\n"
                                                     "        expected: two unlocks\n"
                                                     "        observed: two unlocks\n"
                                                     "\n"
                                                     "A pooler in transaction mode.\n"
                                                     "LEFT BEHIND: key (5, 7), held by backend 491\n"
                                                     "  - Connect directly.\n"));
    }

    void letsNothingActOnATerminal()
    {
        ProbeReport hostile = report();
        const QString text = QStringLiteral("x\x1b[2J\ny") + QChar(0x202e) + QStringLiteral("%1%2");
        hostile.endpoint = hostile.verdict = text;
        hostile.checks[0].name = hostile.checks[0].expected = hostile.checks[0].observed = text;
        hostile.checks[0].evidence = hostile.advice = hostile.leftBehind = {text};
        const QString printed = probeText(hostile);
        QVERIFY(!printed.contains(QChar(0x1b)) && !printed.contains(QChar(0x202e)));
        QCOMPARE(printed.count(QLatin1Char('\n')), probeText(report()).count(QLatin1Char('\n')));
        QVERIFY(printed.contains(QLatin1String("%1%2")));
    }

    void hasAWordAndATokenForEveryKind()
    {
        QSet<QString> words;
        QSet<QString> tokens;
        for (int kind = 0; kind <= static_cast<int>(EndpointKind::SpeaksProtocolOnly); ++kind) {
            words.insert(word(static_cast<EndpointKind>(kind)));
            tokens.insert(token(static_cast<EndpointKind>(kind)));
        }
        QCOMPARE(words.size(), 6);
        QCOMPARE(tokens.size(), 6);
    }
};

QTEST_GUILESS_MAIN(tst_ProbeReport)
#include "tst_probereport.moc"
