#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "ui/auditdialog.h"
#include "ui/emptystate.h"
#include "ui/theme.h"

#include <QApplication>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTreeWidget>

using namespace lockscope;

namespace {

AuditEntry entry(const QString& step, const QString& outcome = {}, const QString& sentence = {})
{
    AuditEntry entry;
    entry.time = QDateTime(QDate(2026, 3, 4), QTime(5, 6, 7));
    entry.action = QStringLiteral("terminate backend");
    entry.step = step;
    entry.host = QStringLiteral("db1");
    entry.port = 5432;
    entry.database = QStringLiteral("shop");
    entry.role = QStringLiteral("monitor");
    entry.pid = 1234;
    entry.application = QStringLiteral("pod-a");
    entry.user = QStringLiteral("app");
    entry.query = QStringLiteral("SELECT 1");
    entry.outcome = outcome;
    entry.sentence = sentence;
    return entry;
}

QString row(const QTreeWidget& list, int row)
{
    QStringList cells;
    for (int column = 0; column < list.columnCount(); ++column)
        cells.append(list.topLevelItem(row)->text(column));
    return cells.join(QStringLiteral(" | "));
}

} // namespace

class tst_AuditDialog final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        theme::apply(*qApp, ColorScheme::Light, false);
    }

    void listsWhatItIsGiven()
    {
        AuditDialog dialog(
            {entry(QStringLiteral("outcome"), QStringLiteral("done"), QStringLiteral("1234 is gone after 12 ms.")),
             entry(QStringLiteral("confirmed"))},
            QStringLiteral("/home/anna/audit.jsonl"));
        dialog.open();
        const auto* const list = dialog.findChild<QTreeWidget*>();
        QCOMPARE(list->topLevelItemCount(), 2);
        QCOMPARE(row(*list, 0), QStringLiteral("2026-03-04 05:06:07 | terminate backend | outcome | 1234 pod-a | "
                                               "db1:5432/shop | monitor | done"));
        QCOMPARE(row(*list, 1), QStringLiteral("2026-03-04 05:06:07 | terminate backend | confirmed | 1234 pod-a | "
                                               "db1:5432/shop | monitor | "));
    }

    void showsAllOfTheSelectedEntry()
    {
        AuditEntry first = entry(QStringLiteral("outcome"), QStringLiteral("refused"), QStringLiteral("No."));
        first.notices = {QStringLiteral("WARNING: a")};
        AuditDialog dialog({first, entry(QStringLiteral("confirmed"))}, QStringLiteral("audit.jsonl"));
        dialog.open();
        const auto* const details = dialog.findChild<QPlainTextEdit*>(QStringLiteral("auditDetails"));
        QCOMPARE(details->toPlainText(), QStringLiteral("No.\nWARNING: a\npid 1234 of role app\nStatement: SELECT 1"));
        auto* const list = dialog.findChild<QTreeWidget*>();
        list->setCurrentItem(list->topLevelItem(1));
        QCOMPARE(details->toPlainText(), QStringLiteral("pid 1234 of role app\nStatement: SELECT 1"));
    }

    void copiesTheSelectionOrAll()
    {
        AuditDialog dialog(
            {entry(QStringLiteral("outcome"), QStringLiteral("done")), entry(QStringLiteral("confirmed"))},
            QStringLiteral("audit.jsonl"));
        QSignalSpy copied(&dialog, &AuditDialog::copyRequested);
        auto* const button = dialog.findChild<QPushButton*>(QStringLiteral("auditCopyButton"));
        auto* const list = dialog.findChild<QTreeWidget*>();
        button->click();
        QCOMPARE(copied.takeLast().first().toString().count(QStringLiteral("terminate backend")), 1);
        list->clearSelection();
        button->click();
        const QString all = copied.last().first().toString();
        QCOMPARE(all.count(QStringLiteral("terminate backend")), 2);
        QVERIFY2(all.contains(QStringLiteral("\toutcome\t1234 pod-a\t")), qPrintable(all));
    }

    void asksToShowTheFile()
    {
        AuditDialog dialog({entry(QStringLiteral("confirmed"))}, QStringLiteral("/a/audit.jsonl"));
        const QSignalSpy asked(&dialog, &AuditDialog::showFileRequested);
        dialog.findChild<QPushButton*>(QStringLiteral("auditShowButton"))->click();
        QCOMPARE(asked.size(), 1);
        QCOMPARE(asked.first().first().toString(), QStringLiteral("/a/audit.jsonl"));
    }

    void saysWhatBelongsHereWhenItIsEmpty()
    {
        AuditDialog dialog({}, QStringLiteral("/a/audit.jsonl"));
        dialog.open();
        QCOMPARE(dialog.findChild<EmptyState*>()->title(), QStringLiteral("Nothing Was Done Yet"));
        QVERIFY(!dialog.findChild<QPushButton*>(QStringLiteral("auditCopyButton"))->isEnabled());
        QVERIFY(!dialog.findChild<QPushButton*>(QStringLiteral("auditShowButton"))->isEnabled());
    }

    void keepsHostileTextInItsCell()
    {
        AuditEntry hostile = entry(QStringLiteral("outcome"));
        hostile.application = QStringLiteral("<b>%1</b>\n\u202ex");
        hostile.outcome = hostile.role = hostile.database = hostile.sentence = hostile.application;
        AuditDialog dialog({hostile}, QStringLiteral("/a"));
        dialog.open();
        const auto* const item = dialog.findChild<QTreeWidget*>()->topLevelItem(0);
        for (int column = 0; column < 7; ++column) {
            QVERIFY(!item->text(column).contains(QLatin1Char('\n')));
            QVERIFY(!item->text(column).contains(QChar(0x202e)));
        }
        QVERIFY(item->text(3).startsWith(QStringLiteral("1234 <b>%1</b>")));
    }
};

QTEST_MAIN(tst_AuditDialog)
#include "tst_auditdialog.moc"
