#include "tests/support/madeupwaits.h"
#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "ui/theme.h"
#include "ui/waitgraphcanvas.h"
#include "ui/waitgraphitems.h"
#include "ui/waitgraphroutes.h"
#include "ui/waitgraphtext.h"
#include "ui/waitgraphview.h"

#include <QApplication>
#include <QFile>
#include <QImage>
#include <QPainterPathStroker>
#include <QProxyStyle>
#include <QRandomGenerator>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QXmlStreamReader>

using namespace lockscope;
using test::MadeUpWaits;

namespace {

const QString hostile = QStringLiteral("<b>x</b>&amp;\u202e\x07");

MadeUpWaits chain()
{
    MadeUpWaits waits;
    waits.session(1234, QStringLiteral("pod-a")).session(1240, QStringLiteral("pod-b"));
    waits.session(1250, QStringLiteral("pod-c"));
    waits.waits(1240, MadeUpWaits::key(5), 12.4, {1234}).waits(1250, MadeUpWaits::key(7), 3, {1240});
    return waits;
}

MadeUpWaits queue(qint32 length)
{
    MadeUpWaits waits;
    for (qint32 pid = 100; pid < 100 + length; ++pid) {
        if (pid == 100)
            waits.waits(pid, MadeUpWaits::key(5), 100'000 - pid, {1});
        else
            waits.waits(pid, MadeUpWaits::key(5), 100'000 - pid, {1}, {pid - 1});
    }
    return waits;
}

const WaitGraphCanvas& canvasOf(const WaitGraphView& view)
{
    return *qobject_cast<const WaitGraphCanvas*>(view.scene());
}

QPoint centerOf(const WaitGraphView& view, qint32 pid)
{
    return view.mapFromScene(canvasOf(view).rectOf(MadeUpWaits::idOf(pid)).center());
}

WaitBoxItem* itemOf(const WaitGraphView& view, qint32 pid)
{
    const auto items = view.scene()->items();
    for (QGraphicsItem* item : items) {
        auto* box = dynamic_cast<WaitBoxItem*>(item);
        if (box != nullptr && box->box().id.kind == WaitBoxKind::Session &&
            box->box().id.session == MadeUpWaits::idOf(pid))
            return box;
    }
    return nullptr;
}

/// The pids whose boxes are not faded, sorted.
QList<qint32> standingOut(const WaitGraphView& view)
{
    QList<qint32> result;
    const auto items = view.scene()->items();
    for (QGraphicsItem* item : items) {
        const auto* box = dynamic_cast<WaitBoxItem*>(item);
        if (box != nullptr && box->box().id.kind == WaitBoxKind::Session && !box->state().faded)
            result.append(box->box().id.session.backend.pid);
    }
    std::sort(result.begin(), result.end());
    return result;
}

QList<qint32> pidsOf(const QSignalSpy& spy)
{
    QList<qint32> result;
    for (const QList<QVariant>& call : spy)
        result.append(call.first().value<WaitNodeId>().backend.pid);
    return result;
}

QString contentOf(const QString& fileName)
{
    QFile file(fileName);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

/// Answers "no animation" as a desktop with reduced motion does, or a fixed duration.
class MotionStyle final : public QProxyStyle
{
public:
    explicit MotionStyle(int duration)
        : m_duration(duration)
    {
    }
    int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                  QStyleHintReturn* data) const override
    {
        return hint == SH_Widget_Animation_Duration ? m_duration : QProxyStyle::styleHint(hint, option, widget, data);
    }

private:
    int m_duration;
};

} // namespace

class TestWaitGraphView : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        qRegisterMetaType<WaitNodeId>();
    }

    void init()
    {
        Suite::init();
        theme::apply(*qApp, ColorScheme::Light, false);
    }

    void saysWhatTheBoxesMean()
    {
        MadeUpWaits waits = chain();
        waits.prepared(-1, QStringLiteral("pay-17")).waits(1300, MadeUpWaits::key(9), 3, {-1});
        const LockViewPointer view = waits.view();
        WaitLayout layout;
        const WaitDrawing drawing = layout.update(*view->waits, {});
        const auto textOf = [&](qint32 pid) {
            const WaitBoxText text = waitBoxText(drawing.boxes[drawing.indexOf(MadeUpWaits::idOf(pid))], *view, false);
            return QStringLiteral("%1 | %2 | %3 | %4").arg(text.name, text.aside, text.pill.word, text.detail);
        };
        QCOMPARE(textOf(1234), QStringLiteral("1234 (pod-a) | 2 behind | blocking | idle for 3 m 00 s"));
        QCOMPARE(textOf(1240), QStringLiteral("1240 (pod-b) | 12.4 s | waiting | idle for 3 m 00 s"));
        QVERIFY(textOf(-1).contains(QStringLiteral("pay-17")));
        QVERIFY(textOf(-1).endsWith(QStringLiteral("| 1 behind | blocking | prepared 3 h 00 m ago")));
        QCOMPARE(waitGraphSummary(*view),
                 QStringLiteral("3 sessions wait. 2 root blockers; most behind 1234 (pod-a): 2."));
    }

    void isBlankWithoutWaits()
    {
        WaitGraphView view;
        view.resize(400, 300);
        view.setView(chain().view());
        QVERIFY(!canvasOf(view).drawing().isEmpty());
        view.setView(MadeUpWaits().view());
        QVERIFY(canvasOf(view).drawing().isEmpty());
        view.setView(nullptr);
        const QImage image = view.grab().toImage();
        for (int y = 0; y < image.height(); y += 7) {
            for (int x = 0; x < image.width(); x += 7)
                QCOMPARE(image.pixelColor(x, y), view.palette().color(QPalette::Base));
        }
    }

    void tellsTheSummaryToThoseWhoCannotSee()
    {
        WaitGraphView view;
        view.setView(chain().view());
        QCOMPARE(view.accessibleName(), QStringLiteral("Wait graph"));
        QCOMPARE(view.accessibleDescription(),
                 QStringLiteral("2 sessions wait. Root blocker: 1234 (pod-a), 2 behind it."));
    }

    void keepsBoxesWhereTheyAreOnScreen()
    {
        WaitGraphView view;
        view.resize(900, 500);
        view.show();
        view.setView(chain().view());
        const QPoint before = centerOf(view, 1240);
        MadeUpWaits more = chain();
        more.waits(1234, MadeUpWaits::key(11), 1, {77}).waits(1260, MadeUpWaits::key(5), 1, {1234}, {1240});
        view.setView(more.view());
        QCOMPARE(centerOf(view, 1240), before);
        QVERIFY(centerOf(view, 77).x() < centerOf(view, 1234).x());
    }

    void linesNeverCrossABox()
    {
        QRandomGenerator random(3);
        const WaitGraphLook look = WaitGraphLook::current(qApp->palette());
        for (int run = 0; run < 30; ++run) {
            WaitLayout layout;
            for (int step = 0; step < 4; ++step) {
                MadeUpWaits waits;
                for (qint32 pid = 2; pid < 25; ++pid) {
                    if (random.bounded(3) > 0)
                        waits.waits(pid, MadeUpWaits::key(random.bounded(12)), pid, {random.bounded(1, pid)},
                                    {random.bounded(1, 25)});
                }
                const WaitDrawing drawing = layout.update(*waits.graph(), {});
                QPainterPathStroker pen; // a path alone counts as the area that it encloses
                for (const WaitStroke& stroke : waitStrokes(drawing, look)) {
                    const QPainterPath line = pen.createStroke(stroke.path);
                    for (const WaitBox& box : drawing.boxes)
                        QVERIFY(!line.intersects(look.rect(box).adjusted(1, 1, -1, -1)));
                }
            }
        }
    }

    void selectionFollowsTheId()
    {
        WaitGraphView view;
        view.resize(900, 500);
        view.setView(chain().view());
        QSignalSpy selected(&view, &WaitGraphView::sessionSelected);
        view.selectSession(MadeUpWaits::idOf(1240));
        QCOMPARE(view.selectedSession(), MadeUpWaits::idOf(1240));
        QVERIFY(itemOf(view, 1240)->state().selected);
        QCOMPARE(selected.count(), 0); // who sets it knows it

        MadeUpWaits without;
        without.waits(1250, MadeUpWaits::key(7), 3, {1300});
        view.setView(without.view());
        QVERIFY(view.selectedSession().isNull());
        view.setView(chain().view());
        QCOMPARE(view.selectedSession(), MadeUpWaits::idOf(1240));

        // The same pid again, another backend.
        WaitNodeId other = MadeUpWaits::idOf(1240);
        other.backend.backendStart = MadeUpWaits::start;
        view.selectSession(other);
        QVERIFY(view.selectedSession().isNull());
    }

    void keepsTheChainOfTheSelectedInFullColour()
    {
        WaitGraphView view;
        MadeUpWaits waits = chain();
        waits.waits(1260, MadeUpWaits::key(5), 1, {1234}).waits(20, MadeUpWaits::key(8), 1, {10});
        view.setView(waits.view());
        QCOMPARE(standingOut(view), (QList<qint32>{10, 20, 1234, 1240, 1250, 1260}));
        view.selectSession(MadeUpWaits::idOf(1250));
        QCOMPARE(standingOut(view), (QList<qint32>{1234, 1240, 1250}));
        view.selectSession(MadeUpWaits::idOf(1234));
        QCOMPARE(standingOut(view), (QList<qint32>{1234, 1240, 1250, 1260}));
        view.selectSession({});
        QCOMPARE(standingOut(view).size(), 6);
    }

    void showsTheSelectedOneOfALongQueue()
    {
        WaitGraphView view;
        view.resize(900, 500);
        view.setView(queue(2000).view());
        QVERIFY(itemOf(view, 123) == nullptr);
        view.selectSession(MadeUpWaits::idOf(1900));
        QVERIFY(itemOf(view, 1900) != nullptr);
        QVERIFY(itemOf(view, 1900)->state().selected);
        QVERIFY(view.viewport()->rect().contains(centerOf(view, 1900)));
        view.setView(queue(2000).view());
        QCOMPARE(view.selectedSession(), MadeUpWaits::idOf(1900));
    }

    void clicksSelectAndDoubleClicksActivate()
    {
        WaitGraphView view;
        view.resize(1200, 500);
        view.show();
        view.setView(chain().view());
        QSignalSpy selected(&view, &WaitGraphView::sessionSelected);
        QSignalSpy activated(&view, &WaitGraphView::sessionActivated);
        QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, centerOf(view, 1240));
        QTest::mouseDClick(view.viewport(), Qt::LeftButton, {}, centerOf(view, 1234));
        QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, QPoint(600, 400));
        QCOMPARE(pidsOf(activated), QList<qint32>{1234});
        QCOMPARE(pidsOf(selected).first(), 1240);
        QCOMPARE(pidsOf(selected).last(), 0);
        QVERIFY(view.selectedSession().isNull());
    }

    void keysWalkAlongTheLines()
    {
        WaitGraphView view;
        view.resize(1200, 500);
        MadeUpWaits waits = chain();
        waits.waits(1260, MadeUpWaits::key(5), 1, {1234}, {1240});
        view.setView(waits.view());
        QSignalSpy selected(&view, &WaitGraphView::sessionSelected);
        QSignalSpy activated(&view, &WaitGraphView::sessionActivated);
        for (const auto key : {Qt::Key_Right, Qt::Key_Right, Qt::Key_Down, Qt::Key_Up, Qt::Key_Right, Qt::Key_Right,
                               Qt::Key_Left, Qt::Key_Left, Qt::Key_Return, Qt::Key_Escape, Qt::Key_Escape})
            QTest::keyClick(&view, key);
        QCOMPARE(pidsOf(selected), (QList<qint32>{1234, 1240, 1260, 1240, 1250, 1240, 1234, 0}));
        QCOMPARE(pidsOf(activated), QList<qint32>{1234});
    }

    void zoomsAroundTheMouseAndFitsAll()
    {
        WaitGraphView view;
        view.resize(1200, 500);
        view.show();
        view.setView(chain().view());
        QCOMPARE(view.zoom(), 1.0);
        QTest::keyClick(&view, Qt::Key_Plus);
        QCOMPARE(view.zoom(), 1.25);
        QTest::keyClick(&view, Qt::Key_Minus);
        QTest::keyClick(&view, Qt::Key_Minus);
        QCOMPARE(view.zoom(), 0.8);
        view.setZoom(1000);
        QCOMPARE(view.zoom(), WaitGraphView::largestZoom);
        QTest::keyClick(&view, Qt::Key_Home);
        QCOMPARE(view.zoom(), 1.0);
        QVERIFY(view.viewport()->rect().contains(centerOf(view, 1234)));
        QVERIFY(view.viewport()->rect().contains(centerOf(view, 1250)));
    }

    void staysReadableWhenADrawingIsLargerThanTheView()
    {
        WaitGraphView view;
        view.resize(500, 300);
        view.setView(queue(40).view());
        QVERIFY(view.zoom() >= 0.55);
        QVERIFY(view.viewport()->rect().contains(centerOf(view, 1)));
        QVERIFY(view.viewport()->rect().contains(centerOf(view, 100)));
    }

    void asksForTheMenuOfTheBoxUnderTheMouse()
    {
        WaitGraphView view;
        view.resize(1200, 500);
        view.setView(chain().view());
        QSignalSpy menus(&view, &WaitGraphView::contextMenuRequested);
        const QPoint position = centerOf(view, 1240);
        QContextMenuEvent event(QContextMenuEvent::Mouse, position, view.viewport()->mapToGlobal(position));
        QApplication::sendEvent(view.viewport(), &event);
        QCOMPARE(pidsOf(menus), QList<qint32>{1240});
        QCOMPARE(view.selectedSession(), MadeUpWaits::idOf(1240));
    }

    void followsThePalette()
    {
        WaitGraphView view;
        view.resize(1200, 500);
        view.show();
        view.setView(chain().view());
        const auto ground = [&view] { return view.grab().toImage().pixelColor(view.width() - 3, view.height() / 2); };
        QCOMPARE(ground(), view.palette().color(QPalette::Base));
        const QImage light = view.grab().toImage();
        theme::apply(*qApp, ColorScheme::Dark, false);
        QTRY_VERIFY(theme::isDark(view.palette())); // palettes arrive as events
        QCOMPARE(ground(), view.palette().color(QPalette::Base));
        QVERIFY(ground().lightness() < 60);
        QVERIFY(view.grab().toImage() != light);
    }

    void growsInTrainingMode()
    {
        WaitGraphView view;
        view.resize(1200, 500);
        view.setView(chain().view());
        const QSizeF before = canvasOf(view).rectOf(MadeUpWaits::idOf(1234)).size();
        theme::apply(*qApp, ColorScheme::Light, true);
        const auto size = [&view] { return canvasOf(view).rectOf(MadeUpWaits::idOf(1234)).size(); };
        QTRY_VERIFY(size().height() > 1.3 * before.height());
        QVERIFY(size().width() > 1.3 * before.width());
    }

    void fadesOnlyWhereMotionIsWanted()
    {
        MotionStyle still(0);
        MotionStyle moving(200);
        WaitGraphView view;
        view.resize(600, 300);
        view.setStyle(&still);
        view.show();
        view.setView(chain().view());
        QCOMPARE(itemOf(view, 1240)->opacity(), 1.0);
        view.setStyle(&moving);
        MadeUpWaits more = chain();
        more.waits(1260, MadeUpWaits::key(5), 1, {1234});
        view.setView(more.view());
        QCOMPARE(itemOf(view, 1240)->opacity(), 1.0);
        QVERIFY(itemOf(view, 1260)->opacity() < 1.0);
        QTRY_COMPARE(itemOf(view, 1260)->opacity(), 1.0);
        view.setView(chain().view());
        QVERIFY(itemOf(view, 1260) != nullptr); // on its way out
        QTRY_VERIFY(itemOf(view, 1260) == nullptr);
        view.setStyle(nullptr);
    }

    void exportsSvgThatParsesAndHoldsTheNames()
    {
        MadeUpWaits waits = chain();
        waits.session(1300, hostile).waits(1300, MadeUpWaits::key(5), 1, {1234});
        waits.session(1301, QStringLiteral("%1 %2 &amp;")).waits(1301, MadeUpWaits::key(5), 1, {1234});
        waits.session(1302, QStringLiteral("</text><script>")).waits(1302, MadeUpWaits::key(5), 1, {1234});
        WaitGraphView view;
        view.resize(200, 100); // most of it out of sight
        view.setView(waits.view());
        const QTemporaryDir folder;
        const QString fileName = folder.filePath(QStringLiteral("waits.SVG"));
        VERIFY_RESULT(view.exportTo(fileName));

        QXmlStreamReader reader(contentOf(fileName));
        QStringList elements;
        QString words;
        while (!reader.atEnd()) {
            if (reader.readNext() == QXmlStreamReader::StartElement)
                elements.append(reader.name().toString());
            else if (reader.isCharacters())
                words += reader.text();
        }
        QVERIFY2(!reader.hasError(), qPrintable(reader.errorString()));
        QVERIFY(!elements.contains(QStringLiteral("script")));
        QVERIFY(!elements.contains(QStringLiteral("b")));
        QVERIFY(!elements.contains(QStringLiteral("image")));
        for (const auto& part : {QStringLiteral("1234 (pod-a)"), QStringLiteral("1250 (pod-c)"),
                                 QStringLiteral("Who waits for whom"), QStringLiteral("2023-11-14 22:13:20 UTC"),
                                 QStringLiteral("ahead in the queue"), QStringLiteral("1300 (<b>x</b>&amp;"),
                                 QStringLiteral("1302 (</text><script>)"), QStringLiteral("1301 (%1 %2 &amp;)")})
            QVERIFY2(words.contains(part), qPrintable(part + QStringLiteral(" in ") + words));
    }

    void exportsAPictureOfEverythingOnALightGround()
    {
        theme::apply(*qApp, ColorScheme::Dark, false);
        WaitGraphView view;
        view.resize(200, 100);
        view.setView(queue(30).view());
        const QTemporaryDir folder;
        const QString fileName = folder.filePath(QStringLiteral("waits.png"));
        VERIFY_RESULT(view.exportTo(fileName));
        const QImage image(fileName);
        QVERIFY(image.height() > 2 * canvasOf(view).bounds().height());
        QVERIFY(image.width() > 2 * canvasOf(view).bounds().width());
        QCOMPARE(image.pixelColor(2, 2), QColor(Qt::white));
    }

    void saysWhatToDoWhenAFileCannotBeWritten()
    {
        WaitGraphView view;
        const auto nothing = view.exportTo(QStringLiteral("/nowhere/at/all.svg"));
        QVERIFY(!nothing);
        QCOMPARE(nothing.error().what, QStringLiteral("There is nothing to draw: nobody waits."));
        view.setView(chain().view());
        const auto folder = view.exportTo(QStringLiteral("/nowhere/at/all.svg"));
        QVERIFY(!folder);
        QVERIFY(folder.error().what.startsWith(QStringLiteral("The drawing could not be written: ")));
        QVERIFY(!folder.error().advice.isEmpty());
        const auto ending = view.exportTo(QStringLiteral("/tmp/waits.gif"));
        QVERIFY(!ending);
        QCOMPARE(ending.error().kind, ErrorKind::Usage);
    }
};

QTEST_MAIN(TestWaitGraphView)
#include "tst_waitgraphview.moc"
