#include "tests/support/hostiletexts.h"
#include "tests/support/shownwidgets.h"
#include "tests/support/suite.h"
#include "tests/ui/offscreen.h"
#include "ui/lab/plotpainter.h"
#include "ui/lab/plotview.h"
#include "ui/theme.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QMenu>
#include <QPainter>
#include <QTest>

#include <cmath>

using namespace lockscope;

namespace {

Plot twoSeries()
{
    Plot plot;
    plot.title = QStringLiteral("Rates");
    plot.x = {.title = QStringLiteral("Pool size"), .wholeNumbers = true};
    plot.y = {.title = QStringLiteral("Right connection"), .unit = QStringLiteral("%"), .most = 1.0};
    plot.series = {{.name = QStringLiteral("expected"),
                    .mark = PlotMark::Reference,
                    .points = {{.x = 1, .y = 1}, {.x = 4, .y = 0.25, .low = 0.2, .high = 0.3}}},
                   {.name = QStringLiteral("measured"),
                    .points = {{.x = 1, .y = 1}, {.x = 4, .y = 0.245, .note = QStringLiteral("245 of 1000")}}}};
    return plot;
}

QString numbers(const QList<double>& values)
{
    QStringList texts;
    for (const double value : values)
        texts.append(QString::number(value));
    return texts.join(QLatin1Char(' '));
}

QString scaleText(const PlotScale& scale)
{
    return QStringLiteral("%1..%2: %3")
        .arg(QString::number(scale.from), QString::number(scale.to), numbers(scale.ticks));
}

bool insideOf(const QRectF& area, const QPointF& place)
{
    return area.adjusted(-0.5, -0.5, 0.5, 0.5).contains(place);
}

} // namespace

/// One small plot: scales with round numbers, values in words, drawn, pointed at and copied.
class TestPlotView : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        test::muteSizeHintsOfOffscreen();
        test::muteFontsAndMenusOfOffscreen();
        theme::apply(*qApp, ColorScheme::Light, false);
    }

    void putsTicksAtRoundNumbers_data();
    void putsTicksAtRoundNumbers();
    void neverHasAnEmptyScale();
    void countsInPowersOfTenWhereAsked();
    void writesValuesWithTheirUnit_data();
    void writesValuesWithTheirUnit();
    void keepsEveryPointInsideItsArea_data();
    void keepsEveryPointInsideItsArea();
    void drawsNothingButWordsWhileEmpty();
    void tellsTheNumbersToAScreenReader();
    void tellsTheValuesUnderTheMouse();
    void stepsThroughTheValuesWithTheKeyboard();
    void copiesItsNumbersAsCsv();
    void givesPointsAtOnePlaceRowsOfTheirOwn();
    void namesTheEndsOfBins();
    void drawsEveryKindInBothSchemes_data();
    void drawsEveryKindInBothSchemes();
    void staysTextWhateverTheNamesAre_data() { test::addHostileRows(); }
    void staysTextWhateverTheNamesAre();
};

void TestPlotView::putsTicksAtRoundNumbers_data()
{
    QTest::addColumn<double>("from");
    QTest::addColumn<double>("to");
    QTest::addColumn<int>("most");
    QTest::addColumn<bool>("whole");
    QTest::addColumn<QString>("scale");
    QTest::newRow("fractions") << 0.0 << 1.0 << 6 << false << QStringLiteral("0..1: 0 0.2 0.4 0.6 0.8 1");
    QTest::newRow("sizes") << 0.0 << 8.0 << 9 << true << QStringLiteral("0..8: 0 1 2 3 4 5 6 7 8");
    QTest::newRow("few whole numbers") << 0.0 << 2.0 << 9 << true << QStringLiteral("0..2: 0 1 2");
    QTest::newRow("larger") << 0.0 << 32.0 << 9 << true << QStringLiteral("0..35: 0 5 10 15 20 25 30 35");
    QTest::newRow("negative") << -3.0 << 7.0 << 4 << false << QStringLiteral("-5..10: -5 0 5 10");
    QTest::newRow("small") << 0.0 << 0.0037 << 5 << false << QStringLiteral("0..0.004: 0 0.001 0.002 0.003 0.004");
    QTest::newRow("upside down") << 10.0 << 0.0 << 3 << false << QStringLiteral("0..10: 0 5 10");
}

void TestPlotView::putsTicksAtRoundNumbers()
{
    QFETCH(const double, from);
    QFETCH(const double, to);
    QFETCH(const int, most);
    QFETCH(const bool, whole);
    QTEST(scaleText(niceScale(from, to, most, whole)), "scale");
}

void TestPlotView::neverHasAnEmptyScale()
{
    for (const double value : {0.0, 1.0, -4.0, 1e9, 1e-9, std::nan("")}) {
        const PlotScale scale = niceScale(value, value, 5, false);
        QVERIFY2(scale.to > scale.from && scale.ticks.size() >= 2, qPrintable(scaleText(scale)));
        QVERIFY(std::isfinite(scale.fraction(scale.from)));
    }
}

void TestPlotView::countsInPowersOfTenWhereAsked()
{
    QCOMPARE(scaleText(powersOfTen(0.3, 42)), QStringLiteral("0.1..100: 0.1 1 10 100"));
    QCOMPARE(powersOfTen(1, 100).fraction(10), 0.5);
    QCOMPARE(powersOfTen(1, 100).fraction(0), 0.0);
    QVERIFY(powersOfTen(-5, 0).ticks.size() >= 2);
}

void TestPlotView::writesValuesWithTheirUnit_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("unit");
    QTest::addColumn<QString>("text");
    QTest::newRow("rate") << 1.0 / 3 << QStringLiteral("%") << QStringLiteral("33.3 %");
    QTest::newRow("all") << 1.0 << QStringLiteral("%") << QStringLiteral("100 %");
    QTest::newRow("none") << 0.0 << QStringLiteral("%") << QStringLiteral("0 %");
    QTest::newRow("milliseconds") << 0.84 << QStringLiteral("ms") << QStringLiteral("0.84 ms");
    QTest::newRow("many") << 1234.6 << QStringLiteral("ms") << QStringLiteral("1235 ms");
    QTest::newRow("bare") << 2.5 << QString() << QStringLiteral("2.5");
    QTest::newRow("nothing") << std::nan("") << QString() << QStringLiteral("unknown");
}

void TestPlotView::writesValuesWithTheirUnit()
{
    QFETCH(const double, value);
    QFETCH(const QString, unit);
    QTEST(plotValue(value, {.unit = unit}), "text");
}

void TestPlotView::keepsEveryPointInsideItsArea_data()
{
    QTest::addColumn<QSizeF>("size");
    QTest::newRow("usual") << QSizeF(480, 300);
    QTest::newRow("low") << QSizeF(480, 130);
    QTest::newRow("narrow") << QSizeF(200, 300);
}

void TestPlotView::keepsEveryPointInsideItsArea()
{
    QFETCH(const QSizeF, size);
    const LabLook look = LabLook::current(qApp->palette());
    const Plot plot = twoSeries();
    const QRectF rect(QPointF(0, 0), size);
    const PlotPainter painter(plot, rect, look);
    QVERIFY(rect.contains(painter.area()));
    for (const PlotSeries& series : plot.series) {
        for (const PlotPoint& point : series.points) {
            QVERIFY(insideOf(painter.area(), painter.place(point.x, point.y)));
            QVERIFY(insideOf(painter.area(), painter.place(point.x, point.low.value_or(point.y))));
            QVERIFY(insideOf(painter.area(), painter.place(point.x, point.high.value_or(point.y))));
        }
    }
}

void TestPlotView::drawsNothingButWordsWhileEmpty()
{
    PlotView view;
    view.setEmptyText(QStringLiteral("Measure first."));
    QCOMPARE(view.accessibleDescription(), QStringLiteral("Measure first."));
    QVERIFY(view.plot().isEmpty());
    QCOMPARE(view.valuesAt({100, 100}), QString());
    view.resize(400, 300);
    const QImage empty = view.grab().toImage();
    view.setPlot(twoSeries());
    QVERIFY(view.grab().toImage() != empty);
    view.setPlot({});
    QCOMPARE(view.grab().toImage(), empty);
    QCOMPARE(view.accessibleDescription(), QStringLiteral("Measure first."));
}

void TestPlotView::tellsTheNumbersToAScreenReader()
{
    PlotView view;
    view.setPlot(twoSeries());
    QCOMPARE(view.accessibleName(), QStringLiteral("Rates"));
    QCOMPARE(view.accessibleDescription(),
             QStringLiteral("Rates\nexpected: 1: 100 %, 4: 25 %\nmeasured: 1: 100 %, 4: 24.5 %"));
}

void TestPlotView::tellsTheValuesUnderTheMouse()
{
    PlotView view;
    view.resize(480, 300);
    view.setPlot(twoSeries());
    QCOMPARE(view.valuesAt({430, 150}), QStringLiteral("Pool size: 4\nexpected: 25 % (20 % to 30 %)\n"
                                                       "measured: 24.5 %, 245 of 1000"));
    QCOMPARE(view.valuesAt({90, 150}).section(QLatin1Char('\n'), 0, 0), QStringLiteral("Pool size: 1"));
    QCOMPARE(view.valuesAt({2, 2}), QString());
}

void TestPlotView::stepsThroughTheValuesWithTheKeyboard()
{
    PlotView view;
    view.resize(480, 300);
    view.setPlot(twoSeries());
    view.show();
    const auto firstLine = [&view] { return view.accessibleDescription().section(QLatin1Char('\n'), 0, 0); };
    QTest::keyClick(&view, Qt::Key_Right);
    QCOMPARE(firstLine(), QStringLiteral("Pool size: 1"));
    QTest::keyClick(&view, Qt::Key_Right);
    QCOMPARE(firstLine(), QStringLiteral("Pool size: 4"));
    QTest::keyClick(&view, Qt::Key_Right);
    QCOMPARE(firstLine(), QStringLiteral("Pool size: 4"));
    QTest::keyClick(&view, Qt::Key_Left);
    QCOMPARE(firstLine(), QStringLiteral("Pool size: 1"));
}

void TestPlotView::copiesItsNumbersAsCsv()
{
    PlotView view;
    view.setPlot(twoSeries());
    const QString expected = QStringLiteral("Pool size,expected,\"expected, low\",\"expected, high\",measured\r\n"
                                            "1,1,,,1\r\n"
                                            "4,0.25,0.2,0.3,0.245\r\n");
    QTest::keyClick(&view, Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QApplication::clipboard()->text(), expected);

    QApplication::clipboard()->clear();
    QContextMenuEvent event(QContextMenuEvent::Mouse, {5, 5}, view.mapToGlobal(QPoint(5, 5)));
    QApplication::sendEvent(&view, &event);
    auto* const copy = view.findChild<QAction*>(QStringLiteral("plotCopyAction"));
    QVERIFY(copy != nullptr && copy->isEnabled());
    copy->trigger();
    QCOMPARE(QApplication::clipboard()->text(), expected);
    delete view.findChild<QMenu*>();
}

void TestPlotView::givesPointsAtOnePlaceRowsOfTheirOwn()
{
    Plot plot;
    plot.x.title = QStringLiteral("x");
    plot.series = {{.name = QStringLiteral("a"), .points = {{.x = 1, .y = 2}, {.x = 1, .y = 3}}},
                   {.name = QStringLiteral("b"), .points = {{.x = 1, .y = 4}}}};
    QCOMPARE(plot.toCsv(), QStringLiteral("x,a,b\r\n1,2,4\r\n1,3,\r\n"));
}

void TestPlotView::namesTheEndsOfBins()
{
    Plot plot;
    plot.x = {.title = QStringLiteral("Wait"), .unit = QStringLiteral("ms")};
    plot.y = {.title = QStringLiteral("Waits"), .wholeNumbers = true};
    plot.series = {{.name = QStringLiteral("try"),
                    .mark = PlotMark::Histogram,
                    .points = {{.x = 0, .y = 7, .upTo = 10}, {.x = 10, .y = 2, .upTo = 20}}}};
    QCOMPARE(plot.toCsv(), QStringLiteral("Wait (ms),\"Wait (ms), up to\",try\r\n0,10,7\r\n10,20,2\r\n"));
    PlotView view;
    view.resize(480, 300);
    view.setPlot(plot);
    QCOMPARE(view.valuesAt({350, 200}), QStringLiteral("Wait: 10 ms to 20 ms\ntry: 2"));
}

void TestPlotView::drawsEveryKindInBothSchemes_data()
{
    QTest::addColumn<bool>("dark");
    QTest::addColumn<bool>("logarithmic");
    QTest::newRow("light") << false << false;
    QTest::newRow("dark") << true << false;
    QTest::newRow("light, powers of ten") << false << true;
}

void TestPlotView::drawsEveryKindInBothSchemes()
{
    QFETCH(const bool, dark);
    QFETCH(const bool, logarithmic);
    theme::apply(*qApp, dark ? ColorScheme::Dark : ColorScheme::Light, false);
    PlotView view;
    view.resize(480, 300);
    for (const auto mark :
         {PlotMark::Points, PlotMark::Line, PlotMark::Reference, PlotMark::Bars, PlotMark::Histogram}) {
        Plot plot;
        plot.y.logarithmic = logarithmic;
        for (const auto shape :
             {PlotShape::Disc, PlotShape::Square, PlotShape::Diamond, PlotShape::Triangle, PlotShape::Ring})
            plot.series.append({.name = QStringLiteral("one"),
                                .mark = mark,
                                .points = {{.x = 1, .y = 5, .upTo = 2}, {.x = 2, .y = 9, .upTo = 3}},
                                .tone = Tone::Error,
                                .shape = shape});
        view.setPlot(plot);
        const QImage image = view.grab().toImage();
        // Histograms overlap and lines are thin: near enough is its tone, nothing else here is red.
        const int hue = theme::color(Tone::Error, view.palette()).hsvHue();
        bool found = false;
        for (int y = 0; y < image.height() && !found; ++y) {
            for (int x = 0; x < image.width() && !found; ++x) {
                const QColor pixel = image.pixelColor(x, y);
                found = pixel.hsvSaturation() > 60 && (std::abs(pixel.hsvHue() - hue) + 20) % 360 < 40;
            }
        }
        QVERIFY2(found, "nothing in the tone of the series");
    }
    theme::apply(*qApp, ColorScheme::Light, false);
}

void TestPlotView::staysTextWhateverTheNamesAre()
{
    QFETCH(const QString, payload);
    Plot plot = twoSeries();
    plot.title = payload;
    plot.x.categories = {payload, payload, payload, payload, payload};
    plot.series[1].name = payload;
    plot.series[1].points[1].note = payload;
    PlotView view;
    view.resize(480, 300);
    view.setPlot(plot);
    view.show();
    view.grab();
    const test::ShownWidgets shown(view);
    QCOMPARE(shown.troubles(), QString());
}

QTEST_MAIN(TestPlotView)
#include "tst_plotview.moc"
