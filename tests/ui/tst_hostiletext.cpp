#include "models/domain/displaytext.h"
#include "models/lockcolumns.h"
#include "models/locktablemodel.h"
#include "tests/support/suite.h"
#include "tests/ui/madeuplocks.h"
#include "tests/ui/offscreen.h"
#include "ui/actions.h"
#include "ui/connectdialog.h"
#include "ui/elidedlabel.h"
#include "ui/headerbar.h"
#include "ui/linkbanner.h"
#include "ui/lockspage.h"
#include "ui/locktableview.h"
#include "ui/mainwindow.h"
#include "ui/safetext.h"
#include "ui/serverbadge.h"

#include <QApplication>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTextDocument>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

/// What strangers have put into application names, queries, roles and messages of other tools.
const QStringList& payloads()
{
    static const QStringList all{
        QStringLiteral("<b>bold</b>"),
        QStringLiteral("<img src=\"/etc/hostname\">"),
        QStringLiteral("<img src='file:///etc/passwd'>"),
        QStringLiteral("<img src=\"//evil.example/share/x.png\">"),
        QStringLiteral("<a href=\"https://evil.example\">click</a>"),
        QStringLiteral("x<table>hidden"),
        QStringLiteral("<script>alert(1)</script>"),
        QStringLiteral("<style>*{color:white}</style>invisible"),
        QStringLiteral("<qt>taken over</qt>"),
        QStringLiteral("<!DOCTYPE html><h1>big</h1>"),
        QStringLiteral("<font color=white>white</font>"),
        QStringLiteral("<span style=\"display:none\">none</span>"),
        QStringLiteral("&lt;b&gt;entity&lt;/b&gt;"),
        QStringLiteral("&amp; & &&"),
        QStringLiteral("%1 %2 %3 %L1 %n"),
        QStringLiteral("&Release"),
        QStringLiteral("a&b"),
        QStringLiteral("</qt><b>out</b>"),
        QStringLiteral("**bold** _it_ [x](http://evil.example)"),
        QStringLiteral("# heading"),
        QStringLiteral("[*] placeholder"),
        QStringLiteral("'; DROP TABLE locks; --"),
        QStringLiteral("=cmd|'/C calc'!A0"),
        QStringLiteral("line one\nline two"),
        QStringLiteral("tab\there"),
        QStringLiteral("\u001b[31mred\u001b[0m"),
        QStringLiteral("bell\u0007"),
        QStringLiteral("\u202egnp.exe"),
        QStringLiteral("Z\u0351\u0351\u0351\u0351\u0351\u0351algo"),
        QString(5000, u'W'),
    };
    return all;
}

bool hasControl(const QString& text)
{
    return std::any_of(text.cbegin(), text.cend(), [](QChar character) {
        return (character.category() == QChar::Other_Control && character != u'\n' && character != u'\t') ||
               character == QChar(0x202e);
    });
}

/// Every label is plain; every tooltip, read as the rich text that it is, holds no tag of a stranger.
void checkWidgets(const QWidget& root)
{
    QList<const QWidget*> widgets{&root};
    const auto children = root.findChildren<QWidget*>();
    for (const QWidget* const child : children)
        widgets.append(child);
    for (const QWidget* const widget : widgets) {
        if (const auto* const label = qobject_cast<const QLabel*>(widget)) {
            QVERIFY2(label->textFormat() == Qt::PlainText ||
                         (label->text().isEmpty() && !label->pixmap(Qt::ReturnByValue).isNull()) ||
                         label->text().isEmpty(),
                     qPrintable(label->objectName() + u':' + label->text()));
            QVERIFY2(!label->openExternalLinks(), qPrintable(label->objectName()));
            QVERIFY2(!hasControl(label->text()), qPrintable(label->objectName() + u':' + label->text()));
        }
        const QString toolTip = widget->toolTip();
        QVERIFY2(toolTip.isEmpty() || toolTip.startsWith(QStringLiteral("<qt>")),
                 qPrintable(widget->objectName() + toolTip));
        QVERIFY2(!toolTip.contains(QStringLiteral("<img")) && !toolTip.contains(QStringLiteral("<a ")),
                 qPrintable(toolTip));
    }
}

} // namespace

class TestHostileText : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        theme::apply(*qApp, ColorScheme::Light, false);
    }

    void thereAreThirtyPayloads() { QCOMPARE(payloads().size(), 30); }

    void staysTextInTheWholeWindow_data()
    {
        QTest::addColumn<QString>("payload");
        for (int index = 0; index < payloads().size(); ++index)
            QTest::addRow("payload %d", index) << payloads().at(index);
    }

    void staysTextInTheWholeWindow()
    {
        QFETCH(QString, payload);
        Actions actions;
        LockTableModel model;
        LockViewBuilder builder;
        auto* const page = new LocksPage(actions, model);
        MainWindowParts parts;
        parts.locks = page;
        MainWindow window(actions, parts);
        test::MadeUpLocks locks;
        Backend& backend = locks.add(1234, payload, LockKey::bigint(5));
        backend.query = payload;
        backend.user = payload;
        backend.state = payload;
        backend.clientAddress = payload;
        backend.waitEventType = payload;
        locks.add(1240, payload, LockKey::bigint(5), 3s, {1234});
        ServerInfo server;
        server.version = payload;
        server.role = payload;
        server.database = payload;
        server.host = payload;
        server.tlsDescription = payload;
        LinkState link;
        link.phase = LinkPhase::Lost;
        link.lastAnswer = std::chrono::steady_clock::now();
        link.error = Error{
            .kind = ErrorKind::Connection, .what = payload, .advice = payload, .serverWords = payload, .sqlState = {}};
        window.headerBar()->setRecentProfiles({{payload, payload}});
        window.setServer(server, payload);
        page->applyUpdate(builder.update(locks.snapshot()));
        window.setLink(link);
        window.setBusyText(payload);
        window.show();

        for (int row = 0; row < model.rowCount(); ++row) {
            page->table()->setCurrentIndex(model.index(row, 0));
            checkWidgets(window);
            QCOMPARE(window.findChild<ElidedLabel*>(QStringLiteral("detailApplication"))->text(),
                     cellText(payload, 300));
            QVERIFY(window.findChild<QLabel*>(QStringLiteral("explanationSituation"))
                        ->text()
                        .contains(cellText(payload, 60)));
        }
        QCOMPARE(window.findChild<QLabel*>(QStringLiteral("linkBannerText"))->text(), cellText(payload, 500));
        QCOMPARE(window.findChild<QLabel*>(QStringLiteral("linkBannerWords"))->text(), paragraphText(payload, 500));
        page->table()->setCurrentIndex(model.index(model.rowCount() - 1, 0));
        const QString query = window.findChild<QPlainTextEdit*>(QStringLiteral("lockQuery"))->toPlainText();
        QVERIFY2(query == paragraphText(payload, 64 * 1024) || query.startsWith(QStringLiteral("SELECT")),
                 qPrintable(query));
        QVERIFY(!window.grab().isNull());
    }

    void staysTextInToolTipsOfCells_data() { staysTextInTheWholeWindow_data(); }

    void staysTextInToolTipsOfCells()
    {
        QFETCH(QString, payload);
        QLabel label;
        safetext::setToolTip(&label, payload);
        QTextDocument document;
        document.setHtml(label.toolTip());
        const QString read = document.toPlainText().simplified();
        QString expected = paragraphText(payload, 4 * 1024).simplified();
        expected.replace(QChar(0x202f), u' ');
        QCOMPARE(read, expected);
    }

    void staysTextInDialogsAndMessageBoxes_data() { staysTextInTheWholeWindow_data(); }

    void staysTextInDialogsAndMessageBoxes()
    {
        QFETCH(QString, payload);
        const Error error{
            .kind = ErrorKind::Server, .what = payload, .advice = payload, .serverWords = payload, .sqlState = {}};
        QMessageBox* const box = safetext::errorBox(nullptr, QStringLiteral("Title"), error);
        checkWidgets(*box);
        delete box;

        ConnectDialog dialog(
            [&payload](const QString&) -> Result<ConnectionSummary> { return usageError(payload, payload); });
        dialog.setProfiles({{payload, payload}});
        dialog.setRecent({{payload, payload}});
        dialog.setConninfo(payload);
        dialog.setError(error);
        dialog.show();
        checkWidgets(dialog);
        QCOMPARE(dialog.findChild<QLabel*>(QStringLiteral("conninfoVerdict"))->text(),
                 cellText(payload, 300) + u' ' + cellText(payload, 300));
    }

    void anAmpersandIsNotAShortcut()
    {
        QPushButton button;
        safetext::setText(&button, QStringLiteral("a&b"));
        QCOMPARE(button.text(), QStringLiteral("a&&b"));
        QVERIFY(button.shortcut().isEmpty());
    }
};

QTEST_MAIN(TestHostileText)
#include "tst_hostiletext.moc"
