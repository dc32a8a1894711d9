#include "tests/support/suite.h"
#include "ui/icons.h"
#include "ui/theme.h"

#include <QApplication>
#include <QFontInfo>
#include <QPainter>

#include <cmath>

using namespace lockscope;

namespace {

double luminance(const QColor& color)
{
    const auto channel = [](double value) {
        return value <= 0.03928 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * channel(color.redF()) + 0.7152 * channel(color.greenF()) + 0.0722 * channel(color.blueF());
}

double contrast(const QColor& a, const QColor& b)
{
    const double first = luminance(a);
    const double second = luminance(b);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

QString report(const QString& what, double value)
{
    return QStringLiteral("%1: %2:1").arg(what, QString::number(value, 'f', 2));
}

QColor inkOf(const QImage& image)
{
    QColor ink;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            if (qAlpha(image.pixel(x, y)) == 255)
                ink = image.pixelColor(x, y);
        }
    }
    return ink;
}

} // namespace

class TestTheme : public test::Suite
{
    Q_OBJECT

private Q_SLOTS:
    void everyToneIsLegibleOnEveryGround_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::addColumn<int>("tone");
        for (const bool dark : {false, true}) {
            for (int tone = 0; tone < static_cast<int>(Tone::End_); ++tone)
                QTest::addRow("%s, tone %d", dark ? "dark" : "light", tone) << dark << tone;
        }
    }

    void everyToneIsLegibleOnEveryGround()
    {
        QFETCH(bool, dark);
        QFETCH(int, tone);
        theme::apply(*qApp, dark ? ColorScheme::Dark : ColorScheme::Light, false);
        const QPalette palette = QApplication::palette();
        const auto id = static_cast<Tone>(tone);
        const QColor color = theme::color(id, palette);
        const std::pair<const char*, QColor> grounds[] = {
            {"base", palette.color(QPalette::Base)},      {"alternate base", palette.color(QPalette::AlternateBase)},
            {"window", palette.color(QPalette::Window)},  {"selection", theme::selection(palette)},
            {"pill", theme::pillBackground(id, palette)}, {"tint", theme::tint(id, palette)}};
        for (const auto& [name, ground] : grounds) {
            const double ratio = contrast(color, ground);
            QVERIFY2(ratio >= 4.5, qPrintable(report(QString::fromLatin1(name), ratio)));
        }
    }

    void textAndSecondaryTextAreLegible()
    {
        for (const auto scheme : {ColorScheme::Light, ColorScheme::Dark}) {
            theme::apply(*qApp, scheme, false);
            const QPalette palette = QApplication::palette();
            for (const auto ground : {QPalette::Base, QPalette::AlternateBase, QPalette::Window, QPalette::Button}) {
                for (const QColor& ink : {theme::mutedText(palette), palette.color(QPalette::Text)}) {
                    const double ratio = contrast(ink, palette.color(ground));
                    QVERIFY2(ratio >= 4.5, qPrintable(report(QString::number(ground), ratio)));
                }
            }
            QVERIFY(contrast(theme::mutedText(palette), theme::selection(palette)) >= 4.5);
            QVERIFY(contrast(palette.color(QPalette::HighlightedText), palette.color(QPalette::Highlight)) >= 4.5);
        }
    }

    void switchesWithoutARestartAndBack()
    {
        theme::apply(*qApp, ColorScheme::Dark, false);
        QVERIFY(theme::isDark(QApplication::palette()));
        theme::apply(*qApp, ColorScheme::Light, false);
        QVERIFY(!theme::isDark(QApplication::palette()));
    }

    void followsTheDesktopAlsoAfterAnotherSchemeWasForced()
    {
        QApplication::setPalette(QPalette());
        const bool desktopIsDark = theme::isDark(QApplication::palette());
        theme::apply(*qApp, desktopIsDark ? ColorScheme::Light : ColorScheme::Dark, false);
        QCOMPARE(theme::isDark(QApplication::palette()), !desktopIsDark);
        theme::apply(*qApp, ColorScheme::FollowSystem, false);
        QCOMPARE(theme::isDark(QApplication::palette()), desktopIsDark);
    }

    void trainingModeIsHalfAsLargeAgainAndDoesNotAddUp()
    {
        theme::apply(*qApp, ColorScheme::Light, false);
        const double usual = QApplication::font().pointSizeF();
        const int row = theme::rowHeight();
        const int gridUnit = theme::grid();
        theme::apply(*qApp, ColorScheme::Light, true);
        theme::apply(*qApp, ColorScheme::Light, true);
        QCOMPARE(QApplication::font().pointSizeF(), usual * 1.5);
        QVERIFY(theme::rowHeight() > row);
        QVERIFY(theme::grid() > gridUnit);
        QCOMPARE(theme::monospace().pointSizeF(), usual * 1.5);
        theme::apply(*qApp, ColorScheme::Light, false);
        QCOMPARE(QApplication::font().pointSizeF(), usual);
        QCOMPARE(theme::rowHeight(), row);
        QVERIFY(theme::rowHeight(true) < theme::rowHeight());
    }

    void figuresAreTabular()
    {
        const QFontMetrics metrics(theme::monospace());
        for (char digit = '0'; digit <= '9'; ++digit)
            QCOMPARE(metrics.horizontalAdvance(QLatin1Char(digit)), metrics.horizontalAdvance(u'0'));
    }

    void everyIconIsDrawnInTheColourOfTheScheme()
    {
        for (int name = 0; name < static_cast<int>(IconName::End_); ++name) {
            const QIcon picture = icon(static_cast<IconName>(name));
            const QString file = fileName(static_cast<IconName>(name));
            theme::apply(*qApp, ColorScheme::Light, false);
            const QColor light = inkOf(picture.pixmap(32).toImage());
            QVERIFY2(light.isValid(), qPrintable(file));
            theme::apply(*qApp, ColorScheme::Dark, false);
            const QColor dark = inkOf(picture.pixmap(32).toImage());
            QVERIFY2(luminance(dark) > luminance(light), qPrintable(file));
            const QColor disabled = inkOf(picture.pixmap(32, QIcon::Disabled).toImage());
            QVERIFY2(luminance(disabled) < luminance(dark), qPrintable(file));
        }
    }

    void anIconWithAToneKeepsIt()
    {
        theme::apply(*qApp, ColorScheme::Light, false);
        const QImage image = icon(IconName::MineDot, Tone::Mine).pixmap(32).toImage();
        QCOMPARE(image.pixelColor(16, 16), theme::color(Tone::Mine, QApplication::palette()));
    }
};

QTEST_MAIN(TestTheme)
#include "tst_theme.moc"
