#include "ui/lab/podsserverbar.h"

#include "models/domain/displaytext.h"
#include "ui/lab/labdrawing.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace lockscope {

namespace {

constexpr int nameCharacters = 40;

} // namespace

PodsServerBar::PodsServerBar(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("podsServerBar"));
    setAccessibleName(tr("PostgreSQL: who holds which key"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    shown();
}

void PodsServerBar::setServerTitle(const QString& title)
{
    m_title = title;
    shown();
}

void PodsServerBar::setHolders(const QList<PodHolder>& holders, bool known, const std::optional<Error>& problem)
{
    if (m_holders == holders && m_known == known && m_problem == problem)
        return;
    m_holders = holders;
    m_known = known;
    m_problem = problem;
    shown();
}

QString PodsServerBar::holderText(const PodHolder& holder)
{
    if (holder.pid == 0)
        return tr("a prepared transaction");
    const QString name =
        holder.pod.isEmpty() ? cellText(holder.applicationName, nameCharacters) : cellText(holder.pod, nameCharacters);
    return name.isEmpty() ? tr("pid %1").arg(holder.pid) : tr("%1, pid %2").arg(name, QString::number(holder.pid));
}

QStringList PodsServerBar::lines() const
{
    if (m_problem)
        return {tr("PostgreSQL could not be asked: %1").arg(cellText(m_problem->what, 200))};
    if (!m_known)
        return {tr("Nobody has asked for a key yet.")};
    QStringList lines;
    for (const PodHolder& holder : m_holders)
        lines.append(tr("key %1: %2").arg(holder.key.toString(), holderText(holder)));
    if (lines.isEmpty())
        lines.append(tr("Nobody holds a key."));
    return lines;
}

void PodsServerBar::shown()
{
    setAccessibleDescription(lines().join(QLatin1Char('\n')));
    update();
}

QSize PodsServerBar::sizeHint() const
{
    const LabLook look = LabLook::current(palette());
    const qreal height =
        labdrawing::serverBarTitleHeight(look) + std::ceil(QFontMetricsF(look.font).height()) + 1.5 * look.grid;
    return {theme::grid() * 60, static_cast<int>(std::ceil(height))};
}

QSize PodsServerBar::minimumSizeHint() const
{
    return {theme::grid() * 30, sizeHint().height()};
}

void PodsServerBar::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const LabLook look = LabLook::current(palette());
    const QString note = m_title.isEmpty() ? QString() : cellText(m_title, 80);
    QRectF room = labdrawing::paintServerBar(&painter, rect(), tr("PostgreSQL"), note, look);
    room.setHeight(std::min(room.height(), std::ceil(QFontMetricsF(look.font).height()) + 4));
    if (m_problem || m_holders.isEmpty()) {
        const QColor color = m_problem ? theme::color(Tone::Error, look.palette) : theme::mutedText(look.palette);
        labdrawing::paintText(&painter, room, lines().constFirst(), look.font, color);
        return;
    }
    const QColor color = look.palette.color(QPalette::Active, QPalette::Text);
    for (qsizetype index = 0; index < m_holders.size(); ++index) {
        const PodHolder& holder = m_holders.at(index);
        const labdrawing::KeyLozenge lozenge{.key = holder.key.toString(),
                                             .tone = holder.pod.isEmpty() ? Tone::Held : Tone::Mine};
        const QString text = holderText(holder);
        const qreal textWidth = std::ceil(QFontMetricsF(look.font).horizontalAdvance(text)) + 1;
        const qreal needed = labdrawing::lozengeSize(lozenge, look).width() + look.grid / 2 + textWidth;
        if (index > 0 && needed > room.width()) {
            labdrawing::paintText(&painter, room, tr("and %1 more").arg(m_holders.size() - index), look.font,
                                  theme::mutedText(look.palette));
            return;
        }
        const QRectF shape = labdrawing::paintLozenge(&painter, room, lozenge, look);
        room.setLeft(shape.right() + look.grid / 2);
        labdrawing::paintText(&painter, room, text, look.font, color);
        room.setLeft(room.left() + textWidth + 2 * look.grid);
    }
}

} // namespace lockscope
