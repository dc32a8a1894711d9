#include "ui/waitgraphlook.h"

#include "ui/quietpaint.h"
#include "ui/theme.h"

#include <QApplication>
#include <QFontMetricsF>

#include <cmath>

namespace lockscope {

namespace {

qint32 layerOf(qint32 column)
{
    return column >= 0 ? column / 2 : (column - 1) / 2;
}

} // namespace

WaitGraphLook WaitGraphLook::current(const QPalette& palette)
{
    WaitGraphLook look;
    look.palette = palette;
    look.font = QApplication::font();
    look.strongFont = theme::strongFont();
    look.grid = theme::grid();
    const qreal line = QFontMetricsF(look.font).height();
    look.boxSize = {26 * look.grid, std::ceil(3 * (line + 2) + 2 * look.grid)};
    look.targetSize = {17 * look.grid, std::ceil(2 * line + look.grid)};
    look.gapBefore = 3 * look.grid;
    look.gapBehind = 4 * look.grid;
    look.rowGap = 2 * look.grid;
    return look;
}

WaitGraphLook WaitGraphLook::light(const QPalette& palette)
{
    if (!theme::isDark(palette))
        return current(palette);
    QPalette light;
    light.setColor(QPalette::Window, Qt::white); // what the theme tells light from dark by
    const QColor ground = theme::tint(Tone::Held, light, 0);
    const QColor text = quietpaint::blend(Qt::black, theme::color(Tone::Held, light), 0.6);
    for (const auto role : {QPalette::Window, QPalette::Base})
        light.setColor(role, ground);
    for (const auto role : {QPalette::WindowText, QPalette::Text})
        light.setColor(role, text);
    light.setColor(QPalette::Dark, quietpaint::blend(theme::mutedText(light), theme::hairline(light), 0.4));
    return current(light);
}

QRectF WaitGraphLook::cell(const WaitPlace& place) const
{
    const qreal pitch = boxSize.width() + gapBefore + targetSize.width() + gapBehind;
    const bool target = place.column % 2 != 0;
    const qreal left = layerOf(place.column) * pitch + (target ? boxSize.width() + gapBefore : 0);
    return {left, place.row * (boxSize.height() + rowGap), (target ? targetSize : boxSize).width(), boxSize.height()};
}

QRectF WaitGraphLook::rect(const WaitBox& box) const
{
    QRectF rect = cell(box.place);
    if (box.id.kind == WaitBoxKind::Target) {
        const qreal margin = (rect.height() - targetSize.height()) / 2;
        rect.adjust(0, margin, 0, -margin);
    }
    return rect;
}

qreal WaitGraphLook::gapLeft(qint32 column) const
{
    return cell({column - 1, 0}).right();
}

qreal WaitGraphLook::gapRight(qint32 column) const
{
    return cell({column, 0}).left();
}

qreal WaitGraphLook::channel(qint32 row) const
{
    return cell({0, row}).bottom() + rowGap / 2;
}

QColor WaitGraphLook::ground() const
{
    return palette.color(QPalette::Active, QPalette::Base);
}

QColor WaitGraphLook::line(bool cycle) const
{
    return theme::color(stale ? Tone::Stale : cycle ? Tone::Error : Tone::Held, palette);
}

} // namespace lockscope
