#include "models/domain/displaytext.h"
#include "models/explanation.h"
#include "models/lockview.h"
#include "models/waitforestmodel.h"
#include "tests/support/hostiletexts.h"
#include "tests/support/locktext.h"
#include "tests/support/shownwidgets.h"
#include "tests/support/suite.h"
#include "tests/ui/hostilewidgets.h"
#include "ui/actions.h"
#include "ui/explanationview.h"
#include "ui/waitforestview.h"
#include "ui/waitgraphitems.h"
#include "ui/waitgraphtext.h"
#include "ui/waitgraphview.h"
#include "ui/waitspage.h"

#include <QFile>
#include <QGraphicsScene>
#include <QLabel>
#include <QMenu>
#include <QTemporaryDir>
#include <QXmlStreamReader>

using namespace lockscope;
using test::SnapshotMaker;

namespace {

/// A holder, its queue across three kinds of locks, and a prepared transaction: all of one name.
LockViewPointer viewWith(const QString& payload)
{
    SnapshotMaker maker(60);
    maker.allTypes().held(5, 1).waiting(5, 2, 20, {1}).waiting(5, 3, 30, {1, 2});
    maker.holds(test::relationTarget(16384), 2, LockMode::AccessExclusive);
    maker.waitsFor(test::relationTarget(16384), 4, 40, {2}, LockMode::AccessShare);
    maker.holds(test::keyTarget(7), 0, LockMode::Exclusive, 9).preparedTransaction(9, payload);
    maker.waitsFor(test::keyTarget(7), 5, 50, {0});
    for (const qint32 pid : {1, 2, 3, 4, 5}) {
        maker.backend(pid, [payload](Backend& backend) {
            backend.applicationName = payload;
            backend.user = payload;
            backend.database = payload;
            backend.clientAddress = payload;
            backend.state = payload;
            backend.query = payload;
            backend.backendType = QStringLiteral("client backend");
            backend.waitEventType = payload;
            backend.waitEvent = payload;
        });
    }
    maker.backend(1, [payload](Backend& backend) { backend.backendType = payload; });
    maker.then([payload](Snapshot& snapshot) {
        snapshot.databaseNames.insert(test::shop, payload);
        for (PreparedTransaction& prepared : snapshot.prepared)
            prepared.owner = payload;
    });
    KeyDictionary dictionary;
    dictionary.setQueryLabels(test::shop, {{LockKey::bigint(5), payload}, {LockKey::bigint(7), payload}});
    TargetNames names;
    names.names.insert({.databaseOid = test::shop, .classid = relationCatalog, .objid = 16384},
                       {.name = payload, .kind = QStringLiteral("table"), .note = payload});
    LockViewBuilder builder;
    builder.setDictionary(std::make_shared<const KeyDictionary>(dictionary));
    builder.setTargetNames(std::make_shared<const TargetNames>(names));
    return builder.update(maker.make()).view;
}

ServerInfo serverNamed(const QString& payload)
{
    ServerInfo server;
    server.version = payload;
    server.versionNumber = 150018;
    server.role = payload; // in the GRANT that would help
    server.database = payload;
    server.host = payload;
    return server;
}

/// Without the mark of a cut, and without blanks at the ends, which painters drop.
QString beginning(const QString& payload, int characters)
{
    const QString cut = cellText(payload, characters);
    return (cut.endsWith(QChar(0x2026)) ? cut.chopped(1) : cut).trimmed();
}

struct Svg
{
    QString problem = {};
    QString text = {}; ///< of all text elements
    QStringList elements = {};
};

Svg readSvg(const QString& fileName)
{
    QFile file(fileName);
    if (!file.open(QIODevice::ReadOnly))
        return {.problem = file.errorString()};
    Svg svg;
    QXmlStreamReader reader(&file);
    bool inText = false;
    while (!reader.atEnd()) {
        reader.readNext();
        if (reader.isStartElement()) {
            const QString name = reader.name().toString();
            if (!svg.elements.contains(name))
                svg.elements.append(name);
            inText = name == QLatin1String("text");
        } else if (reader.isEndElement()) {
            inText = false;
        } else if (reader.isCharacters() && inText) {
            svg.text += reader.text();
        }
    }
    svg.problem = reader.hasError() ? reader.errorString() : QString();
    std::sort(svg.elements.begin(), svg.elements.end());
    return svg;
}

/// Letters, numbers and signs of the one are in the other, as often as there; painters reorder text that runs from
/// right to left.
QString missingFrom(const QString& painted, const QString& wanted)
{
    QString missing;
    QList<uint> rest = test::visiblePart(painted).toUcs4();
    const QList<uint> codes = test::visiblePart(wanted).toUcs4();
    for (const char32_t code : codes) {
        if (!rest.removeOne(code))
            missing += QString::fromUcs4(&code, 1);
    }
    return missing;
}

} // namespace

/// Who waits for whom, as a tree, as a drawing, as a file and in words.
class TestHostileWaits : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::prepareForHostileTexts();
        m_page = std::make_unique<WaitsPage>(m_actions);
        m_page->resize(1200, 800);
        LinkState link;
        link.phase = LinkPhase::Live;
        m_page->setLink(link);
        m_page->show();
        m_drawing = std::make_unique<WaitGraphView>();
        m_drawing->show();
        QVERIFY(m_directory.isValid());
    }

    void staysTextOnThePage_data() { test::addHostileRows(); }
    void staysTextOnThePage();
    void staysTextInTheDrawing_data() { test::addHostileRows(); }
    void staysTextInTheDrawing();
    void staysTextInAnExplanation_data() { test::addHostileRows(); }
    void staysTextInAnExplanation();

private:
    const Actions m_actions;
    std::unique_ptr<WaitsPage> m_page;
    std::unique_ptr<WaitGraphView> m_drawing;
    QTemporaryDir m_directory;
};

void TestHostileWaits::staysTextOnThePage()
{
    QFETCH(const QString, payload);
    const LockViewPointer view = viewWith(payload);
    m_page->setServer(serverNamed(payload));
    m_page->setView(view);
    auto* const forest = m_page->findChild<WaitForestView*>();
    const auto* const model = qobject_cast<WaitForestModel*>(forest->model());
    int sessions = 0;
    for (const WaitNode& node : view->waits->nodes) {
        m_page->selectSession(node.id);
        const QModelIndex index = model->indexOf(node.id);
        QVERIFY(index.isValid());
        ++sessions;
        const QString name = index.data().toString();
        QVERIFY2(name.contains(beginning(payload, 110)), qPrintable(name));
        if (!node.id.isPrepared())
            QVERIFY(index.siblingAtColumn(WaitForestModel::Query).data().toString().contains(beginning(payload, 500)) ||
                    payload.contains(QLatin1String("secret")) || payload.contains(QLatin1String("pw@")));
        QVERIFY(m_page->findChild<QLabel*>(QStringLiteral("explanationSituation"))
                    ->text()
                    .contains(beginning(payload, 40)));
        const std::unique_ptr<QMenu> menu(m_page->makeMenu(node.id));
        QCOMPARE(test::ShownWidgets(*menu).troubles(), QString());
    }
    QCOMPARE(sessions, 6);
    const test::ShownWidgets shown(*m_page);
    QCOMPARE(shown.troubles(), QString());
    QVERIFY(!m_page->grab().isNull());
    const QString tree = forest->treeText();
    for (const QString& line : tree.split(u'\n'))
        QCOMPARE(test::unsafeCharacter(QString(line).remove(u'\t'), false), QString());
}

void TestHostileWaits::staysTextInTheDrawing()
{
    QFETCH(const QString, payload);
    const LockViewPointer view = viewWith(payload);
    m_drawing->setView(view);
    QString painted;
    int boxes = 0;
    const auto items = m_drawing->scene()->items();
    for (const QGraphicsItem* const item : items) {
        const auto* const box = dynamic_cast<const WaitBoxItem*>(item);
        if (box == nullptr)
            continue;
        ++boxes;
        const WaitBoxText& text = box->text();
        for (const QString& words : {text.name, text.aside, text.detail, text.pill.word})
            QCOMPARE(test::unsafeCharacter(words, false), QString());
        const bool isTarget = box->box().id.kind == WaitBoxKind::Target;
        QVERIFY2((isTarget ? text.name + text.detail : text.name).contains(beginning(payload, 38)),
                 qPrintable(text.name + u'|' + text.detail));
        QCOMPARE(test::unsafeCharacter(plainTooltip(waitBoxFacts(box->box(), *view)), true), QString());
    }
    QCOMPARE(boxes, 9); // six sessions, three things they wait for

    const QString fileName = m_directory.filePath(QStringLiteral("waits.svg"));
    const auto exported = m_drawing->exportTo(fileName);
    QVERIFY(exported.has_value());
    const Svg svg = readSvg(fileName);
    QCOMPARE(svg.problem, QString());
    QCOMPARE(svg.elements.join(u' '), QStringLiteral("circle defs desc g path polyline rect svg text title"));
    // What fits into a box: the beginning of the name.
    QCOMPARE(missingFrom(svg.text, beginning(payload, 6)), QString());
}

void TestHostileWaits::staysTextInAnExplanation()
{
    QFETCH(const QString, payload);
    const LockViewPointer view = viewWith(payload);
    const ServerInfo server = serverNamed(payload);
    ExplanationView words;
    for (const LockRow& row : view->rows) {
        const Explanation explanation = explainLock(row, *view, server);
        const WaitNodeId id = nodeOf(row.lock, *view->snapshot);
        words.setExplanation(explanation, id, cureOffers(id, *view->snapshot, server, false));
        QCOMPARE(test::ShownWidgets(words).troubles(), QString());
        QCOMPARE(test::unsafeCharacter(explanation.text(), true), QString());
        QVERIFY2(explanation.situation.contains(beginning(payload, 40)), qPrintable(explanation.situation));
    }
    const QList<Diagnosis> diagnoses = diagnosesOf(*view, server);
    for (const Diagnosis& diagnosis : diagnoses) {
        for (const QString& text : {diagnosis.title, diagnosis.evidence, diagnosis.advice})
            QCOMPARE(test::unsafeCharacter(text, false), QString());
    }
}

QTEST_MAIN(TestHostileWaits)
#include "tst_hostilewaits.moc"
