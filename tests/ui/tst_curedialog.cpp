#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "ui/curedialog.h"
#include "ui/releaselessondialog.h"
#include "ui/theme.h"

#include <QApplication>
#include <QCheckBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>

using namespace lockscope;

namespace {

CurePlan plan(CureKind kind = CureKind::TerminateBackend)
{
    CurePlan plan;
    plan.request.kind = kind;
    plan.request.backend = {.pid = 1234, .backendStart = ServerTime(std::chrono::microseconds(5))};
    plan.name = QStringLiteral("1234 (pod-a)");
    plan.victim = QStringLiteral("1234 pod-a, app in shop, from 10.0.0.7");
    plan.state = QStringLiteral("idle for 3 m 12 s");
    plan.query = QStringLiteral("SELECT pg_advisory_lock(5)");
    plan.releases = {QStringLiteral("Exclusive on key 5 in shop (calendar sync)"),
                     QStringLiteral("Access Share on public.orders in shop")};
    plan.unblocks = {QStringLiteral("1240 pod-b, waiting 12.4 s for key 5 in shop (calendar sync)")};
    plan.stillStuck = {QStringLiteral("1250 pod-c, waiting 4.0 s for key 5 in shop: behind 1240 pod-b")};
    plan.warnings = {QStringLiteral("Its transaction of 3 m 12 s is rolled back.")};
    return plan;
}

template <typename T = QPushButton>
T* child(const QWidget& dialog, const char* name)
{
    return dialog.findChild<T*>(QLatin1String(name));
}

} // namespace

class tst_CureDialog final : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        theme::apply(*qApp, ColorScheme::Light, false);
    }

    void asksByNameOfTheAct_data()
    {
        QTest::addColumn<CureKind>("kind");
        QTest::addColumn<QString>("question");
        QTest::addColumn<QString>("button");
        QTest::newRow("cancel") << CureKind::CancelQuery << QStringLiteral("Cancel the query of 1234 (pod-a)?")
                                << QStringLiteral("Cancel Query");
        QTest::newRow("terminate") << CureKind::TerminateBackend << QStringLiteral("Terminate 1234 (pod-a)?")
                                   << QStringLiteral("Terminate Backend");
        QTest::newRow("commit") << CureKind::CommitPrepared
                                << QStringLiteral("Commit prepared transaction 1234 (pod-a)?")
                                << QStringLiteral("Commit Prepared");
        QTest::newRow("rollback") << CureKind::RollbackPrepared
                                  << QStringLiteral("Roll back prepared transaction 1234 (pod-a)?")
                                  << QStringLiteral("Roll Back Prepared");
    }
    void asksByNameOfTheAct()
    {
        QFETCH(const CureKind, kind);
        QFETCH(const QString, question);
        QFETCH(const QString, button);
        const CureDialog dialog(plan(kind));
        QCOMPARE(dialog.windowTitle(), question);
        QCOMPARE(child<QLabel>(dialog, "cureQuestion")->text(), question);
        QCOMPARE(child<>(dialog, "cureActButton")->text(), button);
        QCOMPARE(child<>(dialog, "cureCancelButton")->text(),
                 kind == CureKind::CancelQuery ? QStringLiteral("Keep It Running") : QStringLiteral("Cancel"));
    }

    void saysAllOfIt()
    {
        const CureDialog dialog(plan());
        QCOMPARE(dialog.text(),
                 QStringLiteral("Terminate 1234 (pod-a)?\n"
                                "Victim:\n  1234 pod-a, app in shop, from 10.0.0.7\n"
                                "State:\n  idle for 3 m 12 s\n"
                                "Last Statement:\n  SELECT pg_advisory_lock(5)\n"
                                "Note:\n  Its transaction of 3 m 12 s is rolled back.\n"
                                "Releases:\n  Exclusive on key 5 in shop (calendar sync)\n"
                                "  Access Share on public.orders in shop\n"
                                "Then Free:\n  1240 pod-b, waiting 12.4 s for key 5 in shop (calendar sync)\n"
                                "Still Stuck:\n  1250 pod-c, waiting 4.0 s for key 5 in shop: behind 1240 pod-b\n"));
        QCOMPARE(child<QLabel>(dialog, "cureUnblocks")->text(), plan().unblocks.join(QStringLiteral("\n")));
    }

    void saysWhatIsNotThere()
    {
        CurePlan empty;
        empty.request.kind = CureKind::TerminateBackend;
        empty.name = QStringLiteral("1234");
        const CureDialog dialog(empty);
        QCOMPARE(child<QLabel>(dialog, "cureReleases")->text(), QStringLiteral("No lock that this console has seen."));
        QCOMPARE(child<QLabel>(dialog, "cureUnblocks")->text(),
                 QStringLiteral("Nobody: no session waits for it alone."));
        QVERIFY(!child<QLabel>(dialog, "cureStillStuck"));
    }

    void returnAndEscapeLeaveItAsItIs()
    {
        for (const auto key : {Qt::Key_Return, Qt::Key_Escape}) {
            CureDialog dialog(plan());
            dialog.open();
            QVERIFY(QTest::qWaitForWindowActive(&dialog));
            const QSignalSpy accepted(&dialog, &QDialog::accepted);
            const QSignalSpy rejected(&dialog, &QDialog::rejected);
            QTest::keyClick(&dialog, key);
            QCOMPARE(accepted.size(), 0);
            QCOMPARE(rejected.size(), 1);
        }
    }

    void actsByItsButton()
    {
        CureDialog dialog(plan());
        dialog.open();
        const QSignalSpy accepted(&dialog, &QDialog::accepted);
        QTest::mouseClick(child<>(dialog, "cureActButton"), Qt::LeftButton);
        QCOMPARE(accepted.size(), 1);
    }

    void aSuperusersSessionMustBeKnown()
    {
        CurePlan superuser = plan();
        superuser.mustBeKnown = true;
        CureDialog dialog(superuser);
        dialog.open();
        const QSignalSpy accepted(&dialog, &QDialog::accepted);
        auto* const known = child<QCheckBox>(dialog, "cureKnown");
        QVERIFY(known->isVisible());
        QVERIFY(!child<>(dialog, "cureActButton")->isEnabled());
        known->click();
        QVERIFY(child<>(dialog, "cureActButton")->isEnabled());
        known->click();
        QVERIFY(!child<>(dialog, "cureActButton")->isEnabled());
        QCOMPARE(accepted.size(), 0);
        CureDialog usual(plan());
        usual.open();
        QVERIFY(!child<QCheckBox>(usual, "cureKnown")->isVisible());
    }

    void tellsWhenTheVictimLeftAndKeepsThePlan()
    {
        CureDialog dialog(plan());
        dialog.open();
        const QString before = dialog.text();
        auto* const change = child<QLabel>(dialog, "cureChange");
        QVERIFY(!change->isVisible());
        dialog.setStillThere(false);
        QVERIFY(change->isVisible());
        QVERIFY(change->text().startsWith(QStringLiteral("1234 (pod-a) has ended meanwhile, or holds no lock")));
        QCOMPARE(dialog.text(), before + change->text() + QLatin1Char('\n'));
        QVERIFY(child<>(dialog, "cureActButton")->isEnabled());
        dialog.setStillThere(true);
        QVERIFY(!change->isVisible());
        QCOMPARE(dialog.text(), before);
        QVERIFY(dialog.plan() == plan());
    }

    void copiesAsText()
    {
        CureDialog dialog(plan());
        const QSignalSpy copied(&dialog, &CureDialog::copyRequested);
        child<>(dialog, "cureCopyButton")->click();
        QCOMPARE(copied.size(), 1);
        QCOMPARE(copied.first().first().toString(), dialog.text());
    }

    void scrollsWhenItIsTooMuch()
    {
        CurePlan much = plan();
        for (int line = 0; line < 20; ++line) {
            much.releases.append(QStringLiteral("Exclusive on key %1 in shop").arg(line));
            much.unblocks.append(QStringLiteral("%1 pod, waiting 1.0 s for key 5").arg(line));
        }
        CureDialog dialog(much);
        dialog.open();
        dialog.resize(dialog.width(), 300);
        auto* const bar = child<QScrollArea>(dialog, "cureScroll")->verticalScrollBar();
        QTRY_VERIFY(bar->maximum() > 0);
        QVERIFY(child<>(dialog, "cureActButton")->visibleRegion().boundingRect().height() > 0);
    }

    void showsHostileTextLiterally_data()
    {
        QTest::addColumn<QString>("payload");
        for (const char* payload : {"<b>bold</b>", "<img src='file:///etc/passwd'>", "&amp; &Release %1 %2 %n",
                                    "</qt><h1>x", "a\nb\r\tc", "\x1b[31mred\a", "'; DROP TABLE x; --"})
            QTest::newRow(payload) << QString::fromUtf8(payload);
        QTest::newRow("bidi") << QStringLiteral("\u202egnp.exe");
        QTest::newRow("long") << QString(5000, u'W');
    }
    void showsHostileTextLiterally()
    {
        QFETCH(const QString, payload);
        CurePlan hostile;
        hostile.request.kind = CureKind::TerminateBackend;
        hostile.name = hostile.victim = hostile.state = hostile.query = payload;
        hostile.releases = hostile.unblocks = hostile.stillStuck = hostile.warnings = {payload};
        CureDialog dialog(hostile);
        dialog.setStillThere(false);
        dialog.open();
        ReleaseLessonDialog lesson(payload, payload, payload);
        lesson.setAnswer({.statement = payload, .answer = false, .notices = {payload}});
        lesson.open();
        for (const QWidget* shown : {static_cast<QWidget*>(&dialog), static_cast<QWidget*>(&lesson)}) {
            for (const auto* label : shown->findChildren<QLabel*>()) {
                QCOMPARE(label->textFormat(), Qt::PlainText);
                for (const QChar character : label->text())
                    QVERIFY2((character.category() != QChar::Other_Control || character == u'\n') &&
                                 character != QChar(0x202e),
                             qPrintable(label->text()));
            }
        }
        if (payload.startsWith(u'<'))
            QVERIFY(child<QLabel>(dialog, "cureVictim")->text() == payload);
    }

    void theLessonShowsTheAnswerWordForWord()
    {
        ReleaseLessonDialog dialog(QStringLiteral("key 5 in shop"), QStringLiteral("1234 (pod-a)"),
                                   QStringLiteral("SELECT pg_catalog.pg_advisory_unlock(5)"));
        dialog.open();
        QCOMPARE(child<QLabel>(dialog, "lessonHeading")->text(),
                 QStringLiteral("Only 1234 (pod-a) can release its lock on key 5 in shop."));
        const QSignalSpy tried(&dialog, &ReleaseLessonDialog::tryRequested);
        child<>(dialog, "lessonTryButton")->click();
        QCOMPARE(tried.size(), 1);
        dialog.setRunning();
        QVERIFY(!child<>(dialog, "lessonTryButton")->isEnabled());
        dialog.setAnswer({.statement = {},
                          .answer = false,
                          .notices = {QStringLiteral("WARNING: you don't own a lock of type ExclusiveLock")}});
        QVERIFY(child<>(dialog, "lessonTryButton")->isEnabled());
        QCOMPARE(child<QLabel>(dialog, "lessonAnswer")->text(), QStringLiteral("false: nothing was released."));
        QCOMPARE(child<QPlainTextEdit>(dialog, "lessonWords")->toPlainText(),
                 QStringLiteral("WARNING: you don't own a lock of type ExclusiveLock"));
        dialog.setAnswer({.error = Error{.what = QStringLiteral("No."), .advice = QStringLiteral("Wait.")}});
        QCOMPARE(child<QLabel>(dialog, "lessonAnswer")->text(), QStringLiteral("No. Wait."));
    }

    void everyControlHasAName()
    {
        const CureDialog dialog(plan());
        const ReleaseLessonDialog lesson({}, {}, QStringLiteral("SELECT 1"));
        for (const QWidget* shown : {static_cast<const QWidget*>(&dialog), static_cast<const QWidget*>(&lesson)}) {
            for (const auto* button : shown->findChildren<QAbstractButton*>()) {
                QVERIFY2(!button->objectName().isEmpty(), qPrintable(button->text()));
                QVERIFY2(!button->accessibleName().isEmpty(), qPrintable(button->objectName()));
            }
        }
    }
};

QTEST_MAIN(tst_CureDialog)
#include "tst_curedialog.moc"
