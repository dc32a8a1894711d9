#include "ui/theme.h"

#include "ui/quietstyle.h"

#include <QApplication>
#include <QFontDatabase>
#include <QFontInfo>
#include <QFontMetrics>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>

namespace lockscope::theme {

namespace {

struct Token
{
    QRgb light;
    QRgb dark;
};

/// The one token table. Each is at least 4.5:1 on base, alternate base, window, selection and its own pill.
constexpr std::array<Token, static_cast<std::size_t>(Tone::End_)> tokens{{
    {0xff4b5563, 0xffa7aeb9}, // Held
    {0xff974605, 0xfff5a524}, // Waiting
    {0xffb3161b, 0xfffb8585}, // Blocker
    {0xff1d4ed8, 0xff79b2fb}, // Mine
    {0xff04684b, 0xff34d399}, // New
    {0xff5b6471, 0xff9aa2ae}, // Gone
    {0xff5b6471, 0xff9aa2ae}, // Stale
    {0xffb3161b, 0xfffb8585}, // Error
    {0xff1d4ed8, 0xff79b2fb}, // Accent
}};

struct SchemeColors
{
    QRgb window;
    QRgb base;
    QRgb alternateBase;
    QRgb button;
    QRgb text;
    QRgb muted;
    QRgb disabled;
    QRgb hairline;
    QRgb accent; ///< filled areas, white text on it
    QRgb toolTip;
    QRgb shadow;
};

constexpr SchemeColors lightColors{.window = 0xfff3f4f6,
                                   .base = 0xffffffff,
                                   .alternateBase = 0xfff8f9fb,
                                   .button = 0xfffcfcfd,
                                   .text = 0xff1b222c,
                                   .muted = 0xff5b6471,
                                   .disabled = 0xff9aa2ae,
                                   .hairline = 0xffd9dde3,
                                   .accent = 0xff2563eb,
                                   .toolTip = 0xffffffff,
                                   .shadow = 0xff9aa2ae};
constexpr SchemeColors darkColors{.window = 0xff1e2228,
                                  .base = 0xff15181d,
                                  .alternateBase = 0xff191c22,
                                  .button = 0xff2a2f37,
                                  .text = 0xffe4e7eb,
                                  .muted = 0xff9aa2ae,
                                  .disabled = 0xff626b78,
                                  .hairline = 0xff343a44,
                                  .accent = 0xff2563eb,
                                  .toolTip = 0xff2a2f37,
                                  .shadow = 0xff000000};

const SchemeColors& colorsOf(const QPalette& palette)
{
    return isDark(palette) ? darkColors : lightColors;
}

QColor mix(const QColor& over, const QColor& under, double strength)
{
    const auto blend = [strength](int a, int b) { return qRound(a * strength + b * (1.0 - strength)); };
    return QColor(blend(over.red(), under.red()), blend(over.green(), under.green()), blend(over.blue(), under.blue()));
}

QPalette paletteOf(const SchemeColors& colors)
{
    QPalette palette;
    const auto set = [&palette](std::initializer_list<QPalette::ColorRole> roles, const QColor& value) {
        for (const auto role : roles)
            palette.setColor(QPalette::All, role, value);
    };
    const QColor button(colors.button);
    set({QPalette::Window}, QColor(colors.window));
    set({QPalette::Base}, QColor(colors.base));
    set({QPalette::AlternateBase}, QColor(colors.alternateBase));
    set({QPalette::Button}, button);
    set({QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::ToolTipText}, QColor(colors.text));
    set({QPalette::PlaceholderText}, QColor(colors.muted));
    set({QPalette::ToolTipBase}, QColor(colors.toolTip));
    set({QPalette::Highlight}, QColor(colors.accent));
    set({QPalette::HighlightedText, QPalette::BrightText}, QColor(Qt::white));
    const auto& accent = tokens[static_cast<std::size_t>(Tone::Accent)];
    set({QPalette::Link, QPalette::LinkVisited}, QColor(&colors == &darkColors ? accent.dark : accent.light));
    set({QPalette::Light}, button.lighter(108));
    set({QPalette::Midlight}, QColor(colors.hairline));
    set({QPalette::Mid}, QColor(colors.hairline));
    set({QPalette::Dark}, mix(QColor(colors.muted), QColor(colors.hairline), 0.4));
    set({QPalette::Shadow}, QColor(colors.shadow));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText})
        palette.setColor(QPalette::Disabled, role, QColor(colors.disabled));
    palette.setColor(QPalette::Disabled, QPalette::Highlight, QColor(colors.hairline));
    return palette;
}

/// The desktop's interface face. Where no desktop chose one, Qt falls back to fontconfig's generic alias; when that is
/// the last resort of fontconfig too, a better face that is installed is taken.
QFont interfaceFont()
{
    QFont font = QFontDatabase::systemFont(QFontDatabase::GeneralFont);
    if (font.family().startsWith(QLatin1String("Sans")) && QFontInfo(font).family() == QLatin1String("DejaVu Sans")) {
        for (const auto& family : {QStringLiteral("Inter"), QStringLiteral("Noto Sans"), QStringLiteral("Cantarell")}) {
            if (QFontDatabase::hasFamily(family)) {
                font.setFamily(family);
                break;
            }
        }
    }
    // 10 pt is the smallest at which a dense table stays legible at arm's length.
    if (font.pointSizeF() > 0)
        font.setPointSizeF(std::max(font.pointSizeF(), 10.0));
    return font;
}

int textHeight()
{
    return QFontMetrics(QApplication::font()).height();
}

} // namespace

void apply(QApplication& application, ColorScheme scheme, bool training)
{
    if (qobject_cast<QuietStyle*>(application.style()) == nullptr)
        application.setStyle(new QuietStyle);
    bool dark = scheme == ColorScheme::Dark;
    if (scheme == ColorScheme::FollowSystem) {
        // A palette without any role set gives the application back to the desktop's palette. Qt 6.4 has no question
        // for light or dark, so the lightness of the desktop's window colour answers it.
        application.setPalette(QPalette());
        dark = isDark(application.palette());
    }
    application.setPalette(paletteOf(dark ? darkColors : lightColors));

    QFont font = interfaceFont();
    if (training) {
        if (font.pointSizeF() > 0)
            font.setPointSizeF(font.pointSizeF() * 1.5);
        else
            font.setPixelSize(font.pixelSize() * 3 / 2);
    }
    application.setFont(font);
}

bool isDark(const QPalette& palette)
{
    return palette.color(QPalette::Active, QPalette::Window).lightness() < 128;
}

QColor color(Tone tone, const QPalette& palette)
{
    Q_ASSERT(tone != Tone::End_);
    const Token& token = tokens[static_cast<std::size_t>(tone)];
    return QColor(isDark(palette) ? token.dark : token.light);
}

QColor mutedText(const QPalette& palette)
{
    return QColor(colorsOf(palette).muted);
}

QColor hairline(const QPalette& palette)
{
    return QColor(colorsOf(palette).hairline);
}

QColor pillBackground(Tone tone, const QPalette& palette)
{
    return mix(color(tone, palette), QColor(colorsOf(palette).base), 0.12);
}

QColor tint(Tone tone, const QPalette& palette, double strength)
{
    return mix(color(tone, palette), QColor(colorsOf(palette).base), strength);
}

QColor selection(const QPalette& palette)
{
    const SchemeColors& colors = colorsOf(palette);
    return mix(QColor(colors.accent), QColor(colors.base), isDark(palette) ? 0.24 : 0.12);
}

QFont titleFont()
{
    QFont font = QApplication::font();
    if (font.pointSizeF() > 0)
        font.setPointSizeF(font.pointSizeF() * 1.3);
    else
        font.setPixelSize(font.pixelSize() * 13 / 10);
    font.setWeight(QFont::DemiBold);
    return font;
}

QFont strongFont()
{
    QFont font = QApplication::font();
    font.setWeight(QFont::DemiBold);
    return font;
}

QFont monospace()
{
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    const QFont interface = QApplication::font();
    if (interface.pointSizeF() > 0)
        font.setPointSizeF(interface.pointSizeF());
    else
        font.setPixelSize(interface.pixelSize());
    font.setStyleHint(QFont::Monospace);
    font.setFixedPitch(true);
    return font;
}

int grid()
{
    return std::max(8, textHeight() / 2);
}

int rowHeight(bool compact)
{
    return compact ? std::max(22, textHeight() * 13 / 10) : std::max(26, textHeight() * 8 / 5);
}

int iconSize()
{
    return std::max(16, textHeight());
}

} // namespace lockscope::theme
