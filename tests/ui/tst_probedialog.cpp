#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "ui/panelscroll.h"
#include "ui/probecheckrow.h"
#include "ui/probedialog.h"
#include "ui/statepill.h"
#include "ui/theme.h"

#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>

using namespace lockscope;
using namespace std::chrono_literals;

namespace {

ProbeDialog::Parser parser()
{
    return [](const QString& text) -> Result<ConnectionSummary> {
        if (text == QLatin1String("nonsense"))
            return usageError(QStringLiteral("This is no connection string."));
        return ConnectionSummary{
            .host = QStringLiteral("db1.example"), .port = QStringLiteral("6432"), .database = QStringLiteral("shop")};
    };
}

ProbeCheck check(const QString& name, bool ok)
{
    return {.name = name,
            .expected = QStringLiteral("each client stays on a backend of its own, from statement to statement"),
            .observed = ok ? QStringLiteral("4 clients, each always on its own: A on 491, B on 492, C on 493, D on 494")
                           : QStringLiteral("granted to both: they met the same backend 491, for which it is one "
                                            "session taking its own lock again"),
            .ok = ok,
            .evidence = {QStringLiteral("A: SELECT pg_try_advisory_lock(5, 7), pg_backend_pid() \u2192 t, 491"),
                         QStringLiteral("B: SELECT pg_try_advisory_lock(5, 7), pg_backend_pid() \u2192 t, 491")},
            .elapsed = 12ms};
}

ProbeReport badReport()
{
    return {.endpoint = QStringLiteral("shop at db1.example:6432, PostgreSQL 15.18"),
            .kind = EndpointKind::TransactionPooling,
            .verdict =
                QStringLiteral("A pooler in transaction mode, not fit for session-level advisory locks: a client "
                               "stays on one server session only inside a transaction."),
            .checks = {check(QStringLiteral("session affinity"), false), check(QStringLiteral("re-entrance"), true)},
            .advice = {QStringLiteral("Connect to the server directly, or through a pool in session mode."),
                       QStringLiteral("Or take transaction-level locks inside one transaction.")}};
}

template <typename T = QPushButton>
T* child(const QWidget& dialog, const char* name)
{
    return dialog.findChild<T*>(QLatin1String(name));
}

QString rows(const ProbeDialog& dialog)
{
    QStringList lines;
    const auto list = dialog.findChildren<ProbeCheckRow*>();
    for (const ProbeCheckRow* const row : list)
        lines.append(child<QLabel>(*row, "probeCheckName")->text() + QLatin1String(": ") +
                     row->findChild<StatePill*>()->word());
    return lines.join(QLatin1String(", "));
}

} // namespace

class tst_ProbeDialog final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        theme::apply(*qApp, ColorScheme::Light, false);
    }

    void saysWhatItWillDoBeforeAnythingIsDone();
    void startsOnlyOnWhatCanBeRead();
    void showsChecksAsTheyArrive();
    void endsWithTheVerdictAndAdvice();
    void unfoldsTheEvidence();
    void stopsOnce();
    void saysWhyItCouldNotRun();
    void forgetsTheRunBefore();
    void keepsHostileTextPlain();
    void namesEveryControl();
    void looksRight();
};

void tst_ProbeDialog::saysWhatItWillDoBeforeAnythingIsDone()
{
    ProbeDialog dialog(parser());
    dialog.setEndpoint(QStringLiteral("host=db1.example"), QStringLiteral("prod-eu"));
    const QString meaning = child<QLabel>(dialog, "probeMeaning")->text();
    for (const char* const word : {"shop at db1.example:6432", "connections", "17", "two random advisory keys"})
        QVERIFY2(meaning.contains(QLatin1String(word)), qPrintable(meaning));
    QCOMPARE(dialog.windowTitle(), QStringLiteral("Probe an Endpoint: prod-eu"));
    QVERIFY(!dialog.isRunning());
    QVERIFY(!child(dialog, "probeCopyButton")->isEnabled());
}

void tst_ProbeDialog::startsOnlyOnWhatCanBeRead()
{
    ProbeDialog dialog(parser());
    const QSignalSpy started(&dialog, &ProbeDialog::startRequested);
    auto* const edit = child<QLineEdit>(dialog, "probeEndpointEdit");
    edit->setText(QStringLiteral("nonsense"));
    QVERIFY(!child(dialog, "probeStartButton")->isEnabled());
    QCOMPARE(child<QLabel>(dialog, "probeMeaning")->text(), QStringLiteral("This is no connection string."));
    edit->setText(QStringLiteral("service=pooler"));
    child<QLineEdit>(dialog, "probePasswordEdit")->setText(QStringLiteral("secret"));
    child(dialog, "probeStartButton")->click();
    QCOMPARE(started.size(), 1);
    QCOMPARE(started.first(), (QVariantList{QStringLiteral("service=pooler"), QStringLiteral("secret")}));
}

void tst_ProbeDialog::showsChecksAsTheyArrive()
{
    ProbeDialog dialog(parser());
    dialog.setRunning();
    QVERIFY(!child<QLineEdit>(dialog, "probeEndpointEdit")->isEnabled());
    dialog.addCheck(check(QStringLiteral("session affinity"), true));
    QCOMPARE(rows(dialog), QStringLiteral("Session affinity: ok"));
    dialog.addCheck(check(QStringLiteral("exclusion"), false));
    QCOMPARE(rows(dialog), QStringLiteral("Session affinity: ok, Exclusion: not ok"));
}

void tst_ProbeDialog::endsWithTheVerdictAndAdvice()
{
    ProbeDialog dialog(parser());
    const QSignalSpy text(&dialog, &ProbeDialog::copyTextRequested);
    const QSignalSpy json(&dialog, &ProbeDialog::copyJsonRequested);
    dialog.setRunning();
    ProbeReport report = badReport();
    report.leftBehind = {QStringLiteral("key (5, 7), held by backend 491")};
    dialog.setReport(report);
    QVERIFY(!dialog.isRunning());
    QCOMPARE(child<QLabel>(dialog, "probeVerdict")->text(), report.verdict);
    QCOMPARE(child<StatePill>(dialog, "probeVerdictPill")->word(), QStringLiteral("not fit"));
    QCOMPARE(child<QLabel>(dialog, "probePlace")->text(), report.endpoint);
    QCOMPARE(dialog.findChildren<QLabel*>(QStringLiteral("probeAdvice")).size(), 2);
    QVERIFY(child<QLabel>(dialog, "probeLeftBehind")->text().contains(QLatin1String("backend 491")));
    child(dialog, "probeCopyButton")->click();
    child(dialog, "probeCopyJsonButton")->click();
    QCOMPARE(text.size(), 1);
    QCOMPARE(json.size(), 1);
    QCOMPARE(text.first().first().value<ProbeReport>(), report);
}

void tst_ProbeDialog::unfoldsTheEvidence()
{
    ProbeDialog dialog(parser());
    dialog.setRunning();
    dialog.addCheck(check(QStringLiteral("exclusion"), false));
    dialog.show();
    const auto* const row = dialog.findChild<ProbeCheckRow*>();
    auto* const evidence = child<QPlainTextEdit>(*row, "probeEvidence");
    QVERIFY(!evidence->isVisible());
    QTest::mouseClick(child<QToolButton>(*row, "probeEvidenceButton"), Qt::LeftButton);
    QVERIFY(row->isUnfolded() && evidence->isVisible());
    QVERIFY(evidence->toPlainText().contains(QLatin1String("t, 491")));
    QVERIFY(child<QLabel>(*row, "probeExpected")->text().startsWith(QLatin1String("Expected: ")));
    QTest::mouseClick(child<QLabel>(*row, "probeCheckName"), Qt::LeftButton);
    QVERIFY(!evidence->isVisible());
}

void tst_ProbeDialog::stopsOnce()
{
    ProbeDialog dialog(parser());
    const QSignalSpy stopped(&dialog, &ProbeDialog::stopRequested);
    dialog.setRunning();
    auto* const button = child(dialog, "probeStartButton");
    QCOMPARE(button->text(), QStringLiteral("Stop"));
    button->click();
    QVERIFY(!button->isEnabled());
    QCOMPARE(stopped.size(), 1);
    dialog.setReport({.stopped = true, .verdict = QStringLiteral("The probe was stopped before it was done.")});
    QCOMPARE(child<StatePill>(dialog, "probeVerdictPill")->word(), QStringLiteral("stopped"));
    QCOMPARE(button->text(), QStringLiteral("Start"));
    QVERIFY(button->isEnabled());
}

void tst_ProbeDialog::saysWhyItCouldNotRun()
{
    ProbeDialog dialog(parser());
    dialog.setRunning();
    dialog.setError({.kind = ErrorKind::Authentication,
                     .what = QStringLiteral("The server refused the password."),
                     .advice = QStringLiteral("Check it."),
                     .serverWords = QStringLiteral("FATAL: password authentication failed")});
    QVERIFY(!dialog.isRunning());
    QCOMPARE(child<QLabel>(dialog, "probeVerdict")->text(),
             QStringLiteral("The server refused the password. Check it."));
    QCOMPARE(child<QPlainTextEdit>(dialog, "probeWords")->toPlainText(),
             QStringLiteral("FATAL: password authentication failed"));
    QVERIFY(!child(dialog, "probeCopyButton")->isEnabled());
}

void tst_ProbeDialog::forgetsTheRunBefore()
{
    ProbeDialog dialog(parser());
    dialog.setRunning();
    dialog.addCheck(check(QStringLiteral("exclusion"), false));
    dialog.setReport(badReport());
    dialog.setRunning();
    QCOMPARE(rows(dialog), QString());
    QVERIFY(dialog.findChildren<QLabel*>(QStringLiteral("probeAdvice")).isEmpty());
    QVERIFY(!child(dialog, "probeCopyButton")->isEnabled());
}

void tst_ProbeDialog::keepsHostileTextPlain()
{
    ProbeDialog dialog(parser());
    dialog.setRunning();
    ProbeCheck hostile = check(QStringLiteral("exclusion"), false);
    hostile.observed = QStringLiteral("<b>x</b>\x1b[31m") + QChar(0x202e) + QString(100'000, QLatin1Char('y'));
    hostile.evidence = {hostile.observed};
    dialog.addCheck(hostile);
    ProbeReport report = badReport();
    report.endpoint = report.verdict = hostile.observed;
    report.advice = report.leftBehind = {hostile.observed};
    dialog.setReport(report);
    const auto labels = dialog.findChildren<QLabel*>();
    for (const QLabel* const label : labels) {
        QCOMPARE(label->textFormat(), Qt::PlainText);
        QVERIFY2(!label->text().contains(QChar(0x1b)) && !label->text().contains(QChar(0x202e)),
                 qPrintable(label->objectName()));
        QVERIFY(label->text().size() < 1500);
    }
    QVERIFY(child<QPlainTextEdit>(dialog, "probeEvidence")->toPlainText().size() <= 1000);
}

void tst_ProbeDialog::namesEveryControl()
{
    ProbeDialog dialog(parser());
    dialog.setRunning();
    dialog.addCheck(check(QStringLiteral("exclusion"), true));
    const auto buttons = dialog.findChildren<QAbstractButton*>();
    for (const QAbstractButton* const button : buttons) {
        if (button->objectName().startsWith(QLatin1String("qt_")))
            continue;
        QVERIFY2(!button->objectName().isEmpty() && !button->accessibleName().isEmpty(), qPrintable(button->text()));
    }
    const auto edits = dialog.findChildren<QLineEdit*>();
    for (const QLineEdit* const edit : edits)
        QVERIFY(!edit->objectName().isEmpty() && !edit->accessibleName().isEmpty());
}

void tst_ProbeDialog::looksRight()
{
    const QString folder = qEnvironmentVariable("LOCKSCOPE_PICTURES");
    for (const ColorScheme scheme : {ColorScheme::Light, ColorScheme::Dark}) {
        theme::apply(*qApp, scheme, false);
        ProbeDialog dialog(parser());
        dialog.setEndpoint(QStringLiteral("host=db1.example port=6432 dbname=shop user=app"),
                           QStringLiteral("prod-eu"));
        dialog.show();
        const QString name = scheme == ColorScheme::Light ? QStringLiteral("light") : QStringLiteral("dark");
        const auto picture = [&](const QString& what) {
            const QPixmap pixmap = dialog.grab();
            QVERIFY(!pixmap.isNull());
            if (!folder.isEmpty())
                QVERIFY(pixmap.save(QStringLiteral("%1/probe-%2-%3.png").arg(folder, name, what)));
        };
        picture(QStringLiteral("start"));
        dialog.setRunning();
        const QStringList names{QStringLiteral("session affinity"), QStringLiteral("affinity in a transaction"),
                                QStringLiteral("exclusion"),        QStringLiteral("foreign unlock"),
                                QStringLiteral("own unlock"),       QStringLiteral("re-entrance"),
                                QStringLiteral("bigint and pair"),  QStringLiteral("transaction-level lock")};
        for (qsizetype i = 0; i < names.size(); ++i)
            dialog.addCheck(check(names.at(i), i % 3 != 0));
        QApplication::processEvents();
        picture(QStringLiteral("running"));
        dialog.setReport(badReport());
        dialog.findChildren<ProbeCheckRow*>().first()->setUnfolded(true);
        QApplication::processEvents();
        picture(QStringLiteral("done"));
        // Nothing is wider than its place: the panel scrolls only up and down.
        const auto* const scroll = dialog.findChild<PanelScroll*>();
        QVERIFY(scroll->widget()->width() <= scroll->viewport()->width());
        // Rows keep the height that their words need.
        const auto list = dialog.findChildren<ProbeCheckRow*>();
        for (const ProbeCheckRow* const row : list) {
            const auto* const observed = child<QLabel>(*row, "probeObserved");
            QVERIFY2(observed->height() >= observed->heightForWidth(observed->width()), qPrintable(observed->text()));
        }
    }
    theme::apply(*qApp, ColorScheme::Light, false);
}

QTEST_MAIN(tst_ProbeDialog)
#include "tst_probedialog.moc"
