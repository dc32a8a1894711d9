#include "ui/icons.h"

#include <QAction>
#include <QApplication>
#include <QFile>
#include <QIconEngine>
#include <QLineEdit>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

#include <array>

namespace lockscope {

namespace {

constexpr std::array<const char*, static_cast<std::size_t>(IconName::End_)> fileNames{
    "about",     "alltypes",    "application", "begin",   "cancel",       "chevrondown", "chevronright", "client",
    "close",     "columns",     "commit",      "connect", "contention",   "copy",        "darkscheme",   "disconnect",
    "document",  "error",       "export",      "filter",  "float",        "freeze",      "help",         "hide",
    "hourglass", "information", "keyboard",    "kill",    "knot",         "lab",         "lesson",       "lightscheme",
    "lock",      "locks",       "log",         "minedot", "notencrypted", "pairkey",     "pause",        "plus",
    "pods",      "pool",        "probe",       "quit",    "refresh",      "release",     "releaseall",   "rename",
    "reset",     "resume",      "rollback",    "sandbox", "save",         "search",      "server",       "session",
    "settings",  "shield",      "singlekey",   "socket",  "standby",      "stopwatch",   "terminate",    "thaw",
    "training",  "trash",       "try",         "waits",   "warning",      "zoomfit",     "zoomin",       "zoomout"};

/// Paints an SVG in the palette's colours. The file's own colour is only a stencil.
class StencilIconEngine final : public QIconEngine
{
public:
    StencilIconEngine(IconName name, std::optional<Tone> tone)
        : m_name(name)
        , m_tone(tone)
    {
    }

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State state) override
    {
        const qreal ratio = painter->device() != nullptr ? painter->device()->devicePixelRatio() : 1.0;
        painter->drawPixmap(rect, scaledPixmap(rect.size() * ratio, mode, state, ratio));
    }

    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override
    {
        return scaledPixmap(size, mode, state, 1.0);
    }

    QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State state, qreal scale) override
    {
        Q_UNUSED(state)
        const int edge = std::min(size.width(), size.height());
        QPixmap square = iconPixmap(m_name, colorFor(mode), qRound(edge / scale), scale);
        if (size.width() == size.height())
            return square;
        QPixmap framed(size);
        framed.setDevicePixelRatio(scale);
        framed.fill(Qt::transparent);
        QPainter painter(&framed);
        painter.drawPixmap(QPointF((size.width() - edge) / 2.0 / scale, (size.height() - edge) / 2.0 / scale), square);
        return framed;
    }

    QIconEngine* clone() const override { return new StencilIconEngine(*this); }
    QString key() const override { return QStringLiteral("lockscope"); }
    bool isNull() override { return false; }

private:
    [[nodiscard]] QColor colorFor(QIcon::Mode mode) const
    {
        const QPalette palette = QApplication::palette();
        if (mode == QIcon::Disabled)
            return palette.color(QPalette::Disabled, QPalette::ButtonText);
        if (mode == QIcon::Selected)
            return palette.color(QPalette::HighlightedText);
        return m_tone ? theme::color(*m_tone, palette) : theme::color(Tone::Held, palette);
    }

    IconName m_name;
    std::optional<Tone> m_tone;
};

} // namespace

QString fileName(IconName name)
{
    Q_ASSERT(name != IconName::End_);
    return QString::fromLatin1(fileNames[static_cast<std::size_t>(name)]);
}

QIcon icon(IconName name, std::optional<Tone> tone)
{
    return QIcon(new StencilIconEngine(name, tone));
}

void useOwnClearButton(QLineEdit* field)
{
    field->setClearButtonEnabled(true);
    // QLineEdit keeps the action to itself; its name has been the same since Qt 5.2.
    if (auto* const clear = field->findChild<QAction*>(QStringLiteral("_q_qlineeditclearaction")))
        clear->setIcon(icon(IconName::Close));
}

QPixmap iconPixmap(IconName name, const QColor& color, int size, qreal devicePixelRatio)
{
    const int pixels = std::max(1, qRound(size * devicePixelRatio));
    const QString key =
        QStringLiteral("lockscope/%1/%2/%3").arg(fileName(name), color.name(QColor::HexArgb)).arg(pixels);
    QPixmap pixmap;
    if (!QPixmapCache::find(key, &pixmap)) {
        pixmap = QPixmap(pixels, pixels);
        pixmap.fill(Qt::transparent);
        QSvgRenderer renderer(QStringLiteral(":/icons/%1.svg").arg(fileName(name)));
        QPainter painter(&pixmap);
        painter.setRenderHint(QPainter::Antialiasing);
        renderer.render(&painter);
        painter.setCompositionMode(QPainter::CompositionMode_SourceIn);
        painter.fillRect(pixmap.rect(), color);
        painter.end();
        QPixmapCache::insert(key, pixmap);
    }
    pixmap.setDevicePixelRatio(devicePixelRatio);
    return pixmap;
}

} // namespace lockscope
