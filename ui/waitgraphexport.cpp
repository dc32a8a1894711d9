#include "ui/waitgraphexport.h"

#include "ui/theme.h"
#include "ui/waitgraphitems.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QDateTime>
#include <QFontMetricsF>
#include <QImage>
#include <QPainter>
#include <QSaveFile>
#include <QSvgGenerator>

#include <algorithm>
#include <cmath>

namespace lockscope {

namespace {

constexpr int largestPicture = 16'384; ///< pixels of a PNG's edge: what other programs open

QString text(const char* source)
{
    return QCoreApplication::translate("WaitGraph", source);
}

/// Everything on one sheet: margin, title, drawing, legend.
class Sheet
{
public:
    Sheet(const WaitDrawing& drawing, const LockView& view, const QSet<qint32>& ownBackends, WaitGraphLook look)
        : m_drawing(drawing)
        , m_view(view)
        , m_ownBackends(ownBackends)
        , m_look(std::move(look))
        , m_strokes(waitStrokes(drawing, m_look))
    {
        for (const WaitBox& box : drawing.boxes) {
            m_content |= m_look.rect(box);
            m_cycle = m_cycle || box.cycle;
        }
        for (const WaitStroke& stroke : std::as_const(m_strokes))
            m_content |= stroke.path.boundingRect().adjusted(-2, -2, 2, 2);
        const auto seconds = std::chrono::floor<std::chrono::milliseconds>(view.takenAt.time_since_epoch());
        const QDateTime time = QDateTime::fromMSecsSinceEpoch(seconds.count(), Qt::UTC);
        m_title = text("Who waits for whom");
        m_subtitle = text("Server time %1 UTC. %2")
                         .arg(time.toString(QStringLiteral("yyyy-MM-dd HH:mm:ss")), waitGraphSummary(view));
        m_titleHeight = std::ceil(QFontMetricsF(theme::titleFont()).height());
        m_lineHeight = std::ceil(QFontMetricsF(m_look.font).height());
        const QSizeF legend = paintWaitLegend(nullptr, {}, m_cycle, m_look);
        const qreal words = QFontMetricsF(m_look.font).horizontalAdvance(m_subtitle);
        m_top = margin() + m_titleHeight + m_lineHeight + margin();
        m_size = {std::ceil(std::max({m_content.width(), legend.width(), words}) + 2 * margin()),
                  std::ceil(m_top + m_content.height() + margin() + legend.height() + margin() / 2)};
    }

    [[nodiscard]] QSizeF size() const { return m_size; }
    [[nodiscard]] QString title() const { return m_title; }

    void paint(QPainter* painter) const
    {
        painter->setRenderHint(QPainter::Antialiasing);
        painter->fillRect(QRectF(QPointF(), m_size), m_look.ground());
        QRectF line(margin(), margin(), m_size.width() - 2 * margin(), m_titleHeight);
        painter->setFont(theme::titleFont());
        painter->setPen(m_look.palette.color(QPalette::Active, QPalette::Text));
        painter->drawText(line, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, m_title);
        line = QRectF(margin(), line.bottom(), line.width(), m_lineHeight);
        painter->setFont(m_look.font);
        painter->setPen(theme::mutedText(m_look.palette));
        painter->drawText(line, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, m_subtitle);

        painter->save();
        painter->translate(margin() - m_content.left(), m_top - m_content.top());
        for (const WaitStroke& stroke : m_strokes)
            paintWaitStroke(painter, stroke, false, m_look);
        for (const WaitBox& box : m_drawing.boxes) {
            const bool mine = box.node >= 0 && m_ownBackends.contains(box.id.session.backend.pid);
            painter->save();
            const QRectF rect = m_look.rect(box);
            painter->translate(rect.topLeft());
            paintWaitBox(painter, QRectF(QPointF(), rect.size()), box, waitBoxText(box, m_view, mine), {}, m_look);
            painter->restore();
        }
        painter->restore();
        paintWaitLegend(painter, {margin() - m_look.grid, m_top + m_content.height() + margin()}, m_cycle, m_look);
    }

private:
    [[nodiscard]] qreal margin() const { return 3 * m_look.grid; }

    const WaitDrawing& m_drawing;
    const LockView& m_view;
    const QSet<qint32>& m_ownBackends;
    WaitGraphLook m_look;
    QList<WaitStroke> m_strokes;
    QRectF m_content;
    QString m_title;
    QString m_subtitle;
    qreal m_titleHeight = 0;
    qreal m_lineHeight = 0;
    qreal m_top = 0;
    QSizeF m_size;
    bool m_cycle = false;
};

Result<QByteArray> svgOf(const Sheet& sheet)
{
    QByteArray content;
    QBuffer buffer(&content);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    // Points of fonts become pixels by this; the sheet was measured at the screen's.
    generator.setResolution(QImage(1, 1, QImage::Format_ARGB32_Premultiplied).logicalDpiX());
    generator.setSize(sheet.size().toSize());
    generator.setViewBox(QRectF(QPointF(), sheet.size()));
    generator.setTitle(sheet.title());
    QPainter painter;
    if (!painter.begin(&generator)) {
        return failure({.kind = ErrorKind::Internal,
                        .what = text("The drawing could not be written as SVG."),
                        .advice = text("Export it as PNG.")});
    }
    sheet.paint(&painter);
    painter.end();
    return content;
}

Result<QByteArray> pngOf(const Sheet& sheet)
{
    const qreal scale = std::min(2.0, largestPicture / std::max(sheet.size().width(), sheet.size().height()));
    QImage image((sheet.size() * scale).toSize().expandedTo({1, 1}), QImage::Format_RGB32);
    QByteArray content;
    QBuffer buffer(&content);
    if (!image.isNull()) {
        QPainter painter(&image);
        painter.scale(scale, scale);
        sheet.paint(&painter);
    }
    if (!buffer.open(QIODevice::WriteOnly) || !image.save(&buffer, "PNG")) {
        return failure({.kind = ErrorKind::Internal,
                        .what = text("The drawing is too large for a PNG in this machine's memory."),
                        .advice = text("Export it as SVG.")});
    }
    return content;
}

} // namespace

Result<void> exportWaitGraph(const WaitDrawing& drawing, const LockView& view, const QSet<qint32>& ownBackends,
                             const QPalette& palette, const QString& fileName)
{
    const bool svg = fileName.endsWith(QLatin1String(".svg"), Qt::CaseInsensitive);
    if (!svg && !fileName.endsWith(QLatin1String(".png"), Qt::CaseInsensitive)) {
        return usageError(text("The drawing was not written: the name of the file must end in .svg or .png."),
                          text("Choose a name with one of these endings."));
    }
    if (drawing.isEmpty() || !view.waits) {
        return usageError(text("There is nothing to draw: nobody waits."),
                          text("Export the drawing while somebody waits."));
    }
    const Sheet sheet(drawing, view, ownBackends, WaitGraphLook::light(palette));
    const Result<QByteArray> content = svg ? svgOf(sheet) : pngOf(sheet);
    if (!content)
        return tl::unexpected(content.error());
    QSaveFile file(fileName);
    if (!file.open(QIODevice::WriteOnly) || file.write(*content) != content->size() || !file.commit()) {
        return failure({.kind = ErrorKind::Internal,
                        .what = text("The drawing could not be written: %1").arg(file.errorString()),
                        .advice = text("Choose a folder that you may write to, with enough space left.")});
    }
    return {};
}

} // namespace lockscope
