#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "ui/explanationview.h"
#include "ui/statepill.h"
#include "ui/theme.h"

#include <QApplication>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QToolButton>

using namespace lockscope;

namespace {

WaitNodeId session(qint32 pid)
{
    return {.backend = {.pid = pid, .backendStart = ServerTime(std::chrono::seconds(pid))}};
}

Explanation stuck(const QString& age = QStringLiteral("12.0 s"))
{
    return {.situation = QStringLiteral("1240 (pod-b) has waited %1 for key 5.").arg(age),
            .reason = QStringLiteral("That session is idle."),
            .cost = QStringLiteral("It holds back vacuum."),
            .remedy = QStringLiteral("Its end releases it."),
            .diagnoses = {{.kind = DiagnosisKind::LeakedSessionLock,
                           .title = QStringLiteral("Leaked session lock"),
                           .evidence = QStringLiteral("1234 has been idle for %1.").arg(age),
                           .advice = QStringLiteral("Unlock in a finally block."),
                           .about = session(1234),
                           .certain = true}},
            .holdsAdvisory = false};
}

CureOffer offer(CureKind kind, bool possible, const QString& reason = {}, const QString& grant = {})
{
    return {.kind = kind, .applies = true, .possible = possible, .reason = reason, .grant = grant};
}

QList<CureOffer> bothPossible()
{
    return {offer(CureKind::CancelQuery, true),
            offer(CureKind::TerminateBackend, true),
            {.kind = CureKind::CommitPrepared},
            {.kind = CureKind::RollbackPrepared}};
}

struct Stage
{
    Stage()
    {
        view.resize(520, 300);
        view.show();
    }
    template <typename Widget>
    Widget* child(const char* name) const
    {
        return view.findChild<Widget*>(QString::fromLatin1(name));
    }
    /// The buttons that are shown: "Cancel Query... (off)".
    QStringList buttons() const
    {
        QStringList texts;
        const auto found = view.findChildren<QPushButton*>();
        for (const QPushButton* const button : found) {
            if (button->isVisible())
                texts.append(button->isEnabled() ? button->text() : button->text() + QStringLiteral(" (off)"));
        }
        return texts;
    }
    ExplanationView view;
};

} // namespace

class TestExplanationView : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        theme::apply(*qApp, ColorScheme::Light, false);
    }

    void showsTheParagraphAndEachDiagnosis()
    {
        Stage stage;
        stage.view.setExplanation(stuck(), session(1240), bothPossible());
        QCOMPARE(stage.child<QLabel>("explanationSituation")->text(),
                 QStringLiteral("1240 (pod-b) has waited 12.0 s for key 5."));
        QCOMPARE(stage.child<QLabel>("explanationText")->text(),
                 QStringLiteral("That session is idle. Its end releases it. It holds back vacuum."));
        QCOMPARE(stage.child<StatePill>("diagnosisTitle")->word(), QStringLiteral("Leaked session lock"));
        QCOMPARE(stage.child<QLabel>("diagnosisEvidence")->text(), QStringLiteral("1234 has been idle for 12.0 s."));
        QCOMPARE(stage.child<QLabel>("diagnosisAdvice")->text(), QStringLiteral("Unlock in a finally block."));
        QCOMPARE(stage.view.text(),
                 QStringLiteral("1240 (pod-b) has waited 12.0 s for key 5. That session is idle. Its end releases it. "
                                "It holds back vacuum.\nLeaked session lock: 1234 has been idle for 12.0 s. Unlock in "
                                "a finally block."));
    }

    void diagnosesStandBesideTheParagraphWhereThereIsRoom()
    {
        Stage stage;
        stage.view.setExplanation(stuck(), session(1240), bothPossible());
        const auto place = [&stage](const char* name) {
            return stage.child<QLabel>(name)->mapTo(&stage.view, QPoint());
        };
        QTRY_VERIFY(place("diagnosisEvidence").y() > place("explanationText").y());
        QCOMPARE(place("diagnosisEvidence").x(), place("explanationText").x());
        stage.view.resize(1100, 300);
        QTRY_VERIFY(place("diagnosisEvidence").x() > 500);
        QVERIFY(place("explanationText").x() < 100);
        stage.view.resize(520, 300);
        QTRY_COMPARE(place("diagnosisEvidence").x(), place("explanationText").x());
    }

    void offersOnlyWhatAppliesAndNamesTheVictim()
    {
        Stage stage;
        QVERIFY(stage.buttons().isEmpty());
        stage.view.setExplanation(stuck(), session(1240), bothPossible());
        QCOMPARE(stage.buttons(), (QStringList{QStringLiteral("%1...").arg(title(CureKind::CancelQuery)),
                                               QStringLiteral("%1...").arg(title(CureKind::TerminateBackend))}));
        QCOMPARE(stage.child<QLabel>("cureVictim")->text(), QStringLiteral("PID 1240"));
        QSignalSpy spy(&stage.view, &ExplanationView::cureRequested);
        stage.child<QPushButton>("terminateBackendButton")->click();
        QCOMPARE(spy.size(), 1);
        QCOMPARE(spy.first().at(0).value<CureKind>(), CureKind::TerminateBackend);
        QCOMPARE(spy.first().at(1).value<WaitNodeId>(), session(1240));
        const WaitNodeId prepared{.backend = {}, .virtualTransaction = 7};
        stage.view.setExplanation(stuck(), prepared,
                                  {{.kind = CureKind::CancelQuery},
                                   {.kind = CureKind::TerminateBackend},
                                   offer(CureKind::CommitPrepared, true),
                                   offer(CureKind::RollbackPrepared, true)});
        QCOMPARE(stage.buttons(), (QStringList{QStringLiteral("%1...").arg(title(CureKind::CommitPrepared)),
                                               QStringLiteral("%1...").arg(title(CureKind::RollbackPrepared))}));
        stage.view.clear();
        QVERIFY(stage.buttons().isEmpty());
        QVERIFY(stage.view.text().isEmpty());
    }

    void whatCannotWorkSaysWhyAndHowToChangeIt()
    {
        Stage stage;
        const QString grant = QStringLiteral("GRANT pg_signal_backend TO \"monitor\";");
        stage.view.setExplanation(
            stuck(), session(1240),
            {offer(CureKind::CancelQuery, false, QStringLiteral("It is idle: there is no query to cancel.")),
             offer(CureKind::TerminateBackend, false, QStringLiteral("This role may not end it."), grant)});
        QCOMPARE(stage.buttons(), (QStringList{QStringLiteral("%1... (off)").arg(title(CureKind::CancelQuery)),
                                               QStringLiteral("%1... (off)").arg(title(CureKind::TerminateBackend))}));
        QCOMPARE(stage.child<QLabel>("cureReason")->text(), QStringLiteral("This role may not end it. ") + grant);
        QVERIFY(stage.child<QPushButton>("cancelQueryButton")->toolTip().contains(QStringLiteral("no query to")));
        QSignalSpy spy(&stage.view, &ExplanationView::copyRequested);
        stage.child<QToolButton>("copyGrantButton")->click();
        QCOMPARE(spy.value(0).value(0).toString(), grant);
        stage.view.setExplanation(stuck(), session(1240), bothPossible());
        QVERIFY(!stage.child<QLabel>("cureReason")->isVisible());
        QVERIFY(!stage.child<QToolButton>("copyGrantButton")->isVisible());
    }

    void theLessonIsOfferedForAdvisoryLocksOfOthersOnly()
    {
        Stage stage;
        auto* const lesson = stage.child<QToolButton>("tryReleaseButton");
        Explanation told = stuck();
        stage.view.setExplanation(told, session(1234), bothPossible());
        QVERIFY(!lesson->isVisible());
        told.holdsAdvisory = true;
        stage.view.setExplanation(told, session(1234), {});
        QVERIFY(!lesson->isVisible());
        stage.view.setExplanation(told, session(1234), bothPossible());
        QVERIFY(lesson->isVisible());
        QSignalSpy spy(&stage.view, &ExplanationView::foreignReleaseRequested);
        lesson->click();
        QCOMPARE(spy.value(0).value(0).value<WaitNodeId>(), session(1234));
        stage.view.resize(260, 300);
        QVERIFY(lesson->isVisible());
        QVERIFY(lesson->geometry().right() < stage.view.width());
        QVERIFY(lesson->y() > stage.child<QPushButton>("cancelQueryButton")->y());
    }

    void aSessionOfADiagnosisCanBeShownUnlessItIsTheVictim()
    {
        Stage stage;
        stage.view.setExplanation(stuck(), session(1240), {});
        auto* const who = stage.child<QToolButton>("diagnosisSession");
        QVERIFY(who->isVisible());
        QSignalSpy spy(&stage.view, &ExplanationView::sessionRequested);
        who->click();
        QCOMPARE(spy.value(0).value(0).value<WaitNodeId>(), session(1234));
        stage.view.setExplanation(stuck(), session(1234), {});
        QVERIFY(!who->isVisible());
    }

    void aPollKeepsScrollAndSelectedTextAndMakesNoWidgets()
    {
        Stage stage;
        stage.view.setFixedSize(360, 140); // a window manager may answer late, and with another size
        Explanation told = stuck();
        told.diagnoses.append(told.diagnoses.first());
        stage.view.setExplanation(told, session(1240), bothPossible());
        QCoreApplication::processEvents();
        auto* const bar = stage.child<QScrollArea>("explanationScroll")->verticalScrollBar();
        QVERIFY(QTest::qWaitForWindowExposed(&stage.view));
        QTRY_COMPARE(stage.view.size(), QSize(360, 140));
        // While a window comes up, its labels wrap anew a few times.
        QTRY_VERIFY((bar->setValue(20), QTest::qWait(100), bar->maximum() > 40 && bar->value() == 20));
        auto* const text = stage.child<QLabel>("explanationText");
        text->setSelection(0, 12);
        const auto widgets = stage.view.findChildren<QWidget*>().size();
        for (int poll = 0; poll < 5; ++poll) {
            Explanation next = stuck(QStringLiteral("%1.0 s").arg(13 + poll));
            next.reason = QStringLiteral("That session is idle for %1.").arg(poll);
            next.diagnoses.append(next.diagnoses.first());
            stage.view.setExplanation(next, session(1240), bothPossible());
            QCoreApplication::processEvents();
        }
        QCOMPARE(bar->value(), 20);
        QCOMPARE(text->selectedText(), QStringLiteral("That session"));
        QCOMPARE(stage.view.findChildren<QWidget*>().size(), widgets);
        stage.view.setExplanation(stuck(), session(7), bothPossible());
        QCOMPARE(bar->value(), 0);
    }

    void hostileTextStaysTextAndSmallWidthsAreEnough()
    {
        Stage stage;
        const QString payload = QStringLiteral("<b>%1 %2</b> & <img src=x>");
        Explanation told = stuck();
        told.situation = payload;
        told.diagnoses.first().evidence = payload.repeated(500);
        stage.view.setExplanation(
            told, session(1240),
            {offer(CureKind::CancelQuery, false, payload), offer(CureKind::TerminateBackend, false, payload, payload)});
        QCOMPARE(stage.child<QLabel>("explanationSituation")->text(), payload);
        const auto labels = stage.view.findChildren<QLabel*>();
        for (const QLabel* const label : labels) {
            QCOMPARE(label->textFormat(), Qt::PlainText);
            QVERIFY(label->text().size() <= 4001);
        }
        const auto buttons = stage.view.findChildren<QAbstractButton*>();
        for (const QAbstractButton* const button : buttons)
            QVERIFY2(!button->toolTip().contains(QStringLiteral("<img")), qPrintable(button->toolTip()));
        QVERIFY2(stage.view.minimumSizeHint().width() <= 340,
                 qPrintable(QString::number(stage.view.minimumSizeHint().width())));
        QVERIFY(stage.view.minimumSizeHint().height() <= 170);
    }
};

QTEST_MAIN(TestExplanationView)

#include "tst_explanationview.moc"
