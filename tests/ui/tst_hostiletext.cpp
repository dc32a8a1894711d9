#include "models/domain/displaytext.h"
#include "models/lockcolumns.h"
#include "models/lockfilter.h"
#include "models/locktablemodel.h"
#include "tests/support/hostiletexts.h"
#include "tests/support/shownwidgets.h"
#include "tests/support/suite.h"
#include "tests/ui/hostilewidgets.h"
#include "tests/ui/madeuplocks.h"
#include "ui/actions.h"
#include "ui/elidedlabel.h"
#include "ui/headerbar.h"
#include "ui/linkbanner.h"
#include "ui/lockspage.h"
#include "ui/locktableview.h"
#include "ui/mainwindow.h"
#include "ui/safetext.h"
#include "ui/serverbadge.h"

#include <QAction>
#include <QApplication>
#include <QLabel>
#include <QMenu>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTextDocument>
#include <QWindow>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

ServerInfo serverNamed(const QString& payload)
{
    ServerInfo server;
    server.version = payload;
    server.role = payload;
    server.database = payload;
    server.databaseOid = 5;
    server.host = payload;
    server.tls = true;
    server.tlsDescription = payload;
    server.serverEncoding = payload;
    server.systemIdentifier = payload;
    return server;
}

/// The window over one holder and one waiter of whom everything that a server says reads alike.
struct Stage
{
    explicit Stage(const QString& payload)
        : page(new LocksPage(actions, model))
        , window(actions, {.locks = page})
    {
        Backend& backend = locks.add(1234, payload, LockKey::bigint(5));
        backend.query = payload;
        backend.user = payload;
        backend.database = payload;
        backend.state = payload;
        backend.backendType = QStringLiteral("client backend");
        backend.clientAddress = payload;
        backend.waitEventType = payload;
        backend.waitEvent = payload;
        locks.add(1240, payload, LockKey::bigint(5), 3s, {1234}).query = payload;
        link.phase = LinkPhase::Lost;
        link.lastAnswer = std::chrono::steady_clock::now();
        link.error = Error{
            .kind = ErrorKind::Connection, .what = payload, .advice = payload, .serverWords = payload, .sqlState = {}};
        KeyDictionary dictionary;
        dictionary.setQueryLabels(test::MadeUpLocks::database, {{LockKey::bigint(5), payload}});
        builder.setDictionary(std::make_shared<const KeyDictionary>(dictionary));
        window.headerBar()->setRecentProfiles({{payload, payload}});
        window.setServer(serverNamed(payload), payload);
        auto snapshot = std::make_shared<Snapshot>(*locks.snapshot());
        snapshot->databaseNames.insert(test::MadeUpLocks::database, payload);
        page->applyUpdate(builder.update(snapshot));
        window.setLink(link);
        window.setBusyText(payload);
        window.show();
    }

    Actions actions;
    LockTableModel model;
    LockViewBuilder builder;
    test::MadeUpLocks locks;
    LinkState link;
    LocksPage* page;
    MainWindow window;
};

/// The menus of a row and of the server; and the filter they offer finds what it was offered for.
void checkMenus(Stage& stage, const QString& payload)
{
    stage.page->table()->setCurrentIndex(stage.model.index(0, 0));
    const std::unique_ptr<QMenu> menu(stage.page->table()->makeRowMenu());
    QVERIFY(menu);
    const test::ShownWidgets shown(*menu);
    QCOMPARE(shown.troubles(), QString());
    auto* const filterAction = menu->findChild<QAction*>(QStringLiteral("filterApplicationAction"));
    QVERIFY(filterAction != nullptr || cellText(payload).isEmpty() || payload.contains(u'"'));
    if (filterAction != nullptr) {
        QVERIFY(shown.show(cellText(payload, 40)));
        const QSignalSpy chosen(stage.page->table(), &LockTableView::filterChosen);
        filterAction->trigger();
        QCOMPARE(stage.builder.respecify({.filter = chosen.value(0).value(0).toString()}).view->matchingRows, 2);
    }
    QTest::mouseClick(stage.window.findChild<ServerBadge*>(), Qt::LeftButton);
    const test::ShownWidgets header(*stage.window.headerBar());
    QCOMPARE(header.troubles(), QString());
    QVERIFY(header.show(cellText(payload, 256)));
    if (QWidget* const popup = QApplication::activePopupWidget())
        popup->close();
}

} // namespace

/// The window with the lock table: whatever the server says stays text, and all of it is there to be read.
class TestHostileText : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { test::prepareForHostileTexts(); }

    void staysTextInTheWholeWindow_data() { test::addHostileRows(); }
    void staysTextInTheWholeWindow();
    void staysTextWhereThereIsNoTable_data() { test::addHostileRows(); }
    void staysTextWhereThereIsNoTable();
    void staysTextInToolTips_data() { test::addHostileRows(); }
    void staysTextInToolTips();
    void staysTextInMessageBoxes_data() { test::addHostileRows(); }
    void staysTextInMessageBoxes();
    void paintsTheSameWordsAtEveryWidth();
    void anAmpersandIsNotAShortcut();
    void showsAQueryOfTwoMegabytes();
};

void TestHostileText::staysTextInTheWholeWindow()
{
    QFETCH(const QString, payload);
    Stage stage(payload);
    const MainWindow& window = stage.window;
    for (int row = 0; row < stage.model.rowCount(); ++row) {
        stage.page->table()->setCurrentIndex(stage.model.index(row, 0));
        const test::ShownWidgets shown(window);
        QCOMPARE(shown.troubles(), QString());
        const QString name = cellText(payload, 300);
        QCOMPARE(window.findChild<ElidedLabel*>(QStringLiteral("detailApplication"))->text(),
                 name.isEmpty() ? QStringLiteral("\u2013") : name);
        QVERIFY(
            window.findChild<QLabel*>(QStringLiteral("explanationSituation"))->text().contains(cellText(payload, 60)));
        QCOMPARE(window.findChild<QPlainTextEdit*>(QStringLiteral("lockQuery"))->toPlainText(),
                 paragraphText(payload, 64 * 1024).replace(QChar(QChar::Nbsp), u' ')); // as Qt gives it back
    }
    QCOMPARE(stage.model.rowCount(), 2);
    for (const LockColumn column : {LockColumn::Application, LockColumn::Query, LockColumn::Database})
        QCOMPARE(stage.model.index(0, static_cast<int>(column)).data().toString(), cellText(payload));
    for (const LockColumn column : {LockColumn::User, LockColumn::Address, LockColumn::BackendState}) {
        QVERIFY(stage.model.index(0, static_cast<int>(column)).data().toString().contains(cellText(payload)) ||
                stage.model.index(1, static_cast<int>(column)).data().toString().contains(cellText(payload)));
    }
    QCOMPARE(window.findChild<QLabel*>(QStringLiteral("linkBannerText"))->text(), cellText(payload, 500));
    QCOMPARE(window.findChild<QLabel*>(QStringLiteral("linkBannerWords"))->text(), paragraphText(payload, 500));
    QVERIFY(window.findChild<ServerBadge*>()->facts().contains(cellText(payload, 20)) || payload.size() > 20);
    // What the window manager is told; Qt replaces [*].
    QCOMPARE(window.windowHandle()->title(), cellText(payload, 80).isEmpty()
                                                 ? QStringLiteral("Lockscope")
                                                 : cellText(payload, 80) + QStringLiteral(" - Lockscope"));
    QVERIFY(!stage.window.grab().isNull());
    checkMenus(stage, payload);
    stage.page->table()->setCurrentIndex({}); // a summary of all in place of the details
    QCOMPARE(test::ShownWidgets(stage.window).troubles(), QString());
}

/// The places that stand in for a table.
void TestHostileText::staysTextWhereThereIsNoTable()
{
    QFETCH(const QString, payload);
    const Actions actions;
    LockTableModel model;
    LocksPage page(actions, model);
    page.setServerTitle(payload);
    LinkState link;
    link.phase = LinkPhase::Connecting;
    page.setLink(link);
    const test::ShownWidgets connecting(page);
    QCOMPARE(connecting.troubles(), QString());
    QVERIFY(connecting.show(cellText(payload, 80)));
    LockViewBuilder builder;
    test::MadeUpLocks locks;
    locks.add(1, payload, LockKey::bigint(5));
    page.applyUpdate(builder.update(locks.snapshot()));
    page.setSpec({.filter = payload});
    page.applyUpdate(builder.respecify({.filter = QStringLiteral("pid:999999")}));
    const test::ShownWidgets unmatched(page);
    QCOMPARE(unmatched.troubles(), QString());
    QVERIFY(unmatched.show(cellText(payload, 60)));
}

void TestHostileText::staysTextInToolTips()
{
    QFETCH(const QString, payload);
    QLabel label;
    safetext::setToolTip(&label, payload);
    QTextDocument document;
    document.setHtml(label.toolTip());
    QString expected = paragraphText(payload, 4 * 1024).simplified();
    expected.replace(QChar(0x202f), u' ');
    QCOMPARE(document.toPlainText().simplified(), expected);
}

void TestHostileText::staysTextInMessageBoxes()
{
    QFETCH(const QString, payload);
    const Error error{
        .kind = ErrorKind::Server, .what = payload, .advice = payload, .serverWords = payload, .sqlState = {}};
    const std::unique_ptr<QMessageBox> box(safetext::errorBox(nullptr, payload, error));
    box->setAttribute(Qt::WA_DeleteOnClose, false);
    box->show();
    const test::ShownWidgets shown(*box);
    QCOMPARE(shown.troubles(), QString());
    QCOMPARE(box->text(), paragraphText(payload, 4000));
    QCOMPARE(box->informativeText(), paragraphText(payload, 4000));
    QCOMPARE(box->detailedText(), paragraphText(payload).replace(QChar(QChar::Nbsp), u' ')); // as Qt gives it back
    QCOMPARE(box->windowHandle()->title(), cellText(payload, 200));

    const QString details = serverDetails(serverNamed(payload));
    QCOMPARE(test::unsafeCharacter(details, true), QString());
    // One line a field, whatever its value has in it.
    for (const char* label : {"Database", "Role", "Host", "Encryption", "Encoding", "System identifier"})
        QVERIFY2(details.contains(QRegularExpression(QStringLiteral("(^|\n)%1: ").arg(QLatin1String(label)))), label);
    QVERIFY(details.contains(QStringLiteral("Database: ") + cellText(payload + QStringLiteral(" (oid 5)"), 300)));
}

/// Cells that are too narrow are cut; painting a half character would show a box that is not in the text.
void TestHostileText::paintsTheSameWordsAtEveryWidth()
{
    Stage stage(QStringLiteral("x") + QString::fromUcs4(U"\U0001F512").repeated(2000));
    const auto query = static_cast<int>(LockColumn::Query);
    for (int width = 40; width < 120; ++width) {
        stage.page->table()->setColumnWidth(query, width);
        QVERIFY(!stage.page->table()->grab().isNull());
    }
}

void TestHostileText::anAmpersandIsNotAShortcut()
{
    for (const test::HostileText& hostile : test::hostileTexts()) {
        QPushButton button;
        safetext::setText(&button, hostile.text);
        QVERIFY(button.shortcut().isEmpty());
        QVERIFY(test::ShownWidgets(button).show(cellText(hostile.text, 256)));
        QAction action;
        safetext::setText(&action, hostile.text);
        QVERIFY(!action.text().contains(u'\t'));
    }
}

void TestHostileText::showsAQueryOfTwoMegabytes()
{
    for (const QString& part : {QStringLiteral("<b>\u202e"), QString::fromUcs4(U"\U0001F512"),
                                QStringLiteral("Z\u0351"), QStringLiteral("\n"), QStringLiteral("\u001b[2J")}) {
        const QString query = part.repeated(2 * 1024 * 1024 / part.size());
        Stage stage(query);
        stage.page->table()->setCurrentIndex(stage.model.index(0, 0));
        const test::ShownWidgets shown(stage.window);
        QCOMPARE(shown.troubles(), QString());
        QCOMPARE(stage.window.findChild<QPlainTextEdit*>(QStringLiteral("lockQuery"))->toPlainText(),
                 paragraphText(query, 64 * 1024));
        for (const QString& text : shown.texts())
            QVERIFY(text.size() <= 70'000);
        QVERIFY(!stage.window.grab().isNull());
    }
}

QTEST_MAIN(TestHostileText)
#include "tst_hostiletext.moc"
