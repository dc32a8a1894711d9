#include "ui/lab/actorsview.h"

#include "models/domain/displaytext.h"

#include <QEvent>
#include <QPainter>

#include <algorithm>

namespace lockscope {

namespace {

constexpr int narrowestBox = 20; ///< in grid units
constexpr int widestBox = 42;
constexpr qsizetype shownConnections = 8;

QString kindWords(ActorKind kind)
{
    switch (kind) {
    case ActorKind::Session:
        return ActorsView::tr("session");
    case ActorKind::Client:
        return ActorsView::tr("process");
    case ActorKind::Pool:
        return ActorsView::tr("pool of an application");
    case ActorKind::Pod:
        return ActorsView::tr("pod, a process with a pool");
    case ActorKind::Pooler:
        return ActorsView::tr("PgBouncer");
    }
    return {};
}

Pill pillOf(const ScenarioActorState& actor)
{
    const bool waits = std::any_of(actor.connections.cbegin(), actor.connections.cend(),
                                   [](const ScenarioConnection& one) { return !one.waits.isEmpty(); });
    const bool holds = std::any_of(actor.connections.cbegin(), actor.connections.cend(),
                                   [](const ScenarioConnection& one) { return !one.holds.isEmpty(); });
    const QString words = cellText(actor.words, 40);
    if (waits)
        return {words, PillShape::Hourglass, Tone::Waiting};
    if (holds)
        return {words, PillShape::Key, Tone::Mine};
    return {words, actor.connections.isEmpty() ? PillShape::Stop : PillShape::Ring,
            actor.connections.isEmpty() ? Tone::Gone : Tone::Held};
}

QList<labdrawing::KeyLozenge> lozengesOf(const ScenarioConnection& connection)
{
    QList<labdrawing::KeyLozenge> lozenges;
    for (const LockKey& key : connection.holds)
        lozenges.append({.key = key.toString(), .word = {}, .tone = Tone::Mine});
    for (const LockKey& key : connection.waits)
        lozenges.append(
            {.key = key.toString(), .word = ActorsView::tr("waits"), .tone = Tone::Waiting, .outlined = true});
    return lozenges;
}

QString keyList(const QList<LockKey>& keys)
{
    QStringList words;
    for (const LockKey& key : keys)
        words.append(key.toString());
    return words.join(QStringLiteral(", "));
}

bool believesAnything(const ScenarioActorState& actor)
{
    return actor.kind == ActorKind::Pod || actor.kind == ActorKind::Pool;
}

QString beliefWords(const ScenarioActorState& actor)
{
    return actor.believes.isEmpty() ? ActorsView::tr("its map: empty")
                                    : ActorsView::tr("its map: %1").arg(keyList(actor.believes));
}

labdrawing::SessionBox boxOf(const ScenarioActorState& actor, const QString& acting)
{
    const bool single = actor.connections.size() == 1 && actor.connections.first().label.isEmpty();
    labdrawing::SessionBox box{.title = actor.name, .pid = {}, .pill = pillOf(actor), .note = {}, .edge = {}};
    if (single && actor.connections.first().backendPid != 0)
        box.pid = ActorsView::tr("pid %1").arg(actor.connections.first().backendPid);
    box.note = believesAnything(actor) ? beliefWords(actor) : kindWords(actor.kind);
    box.faded = actor.connections.isEmpty();
    if (actor.name == acting)
        box.edge = Tone::Accent;
    return box;
}

} // namespace

ActorsView::ActorsView(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("actorsView"));
    setAccessibleName(tr("Actors"));
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void ActorsView::setActors(const QList<ScenarioActorState>& actors)
{
    if (m_actors == actors)
        return;
    m_actors = actors;
    setAccessibleDescription(text());
    updateGeometry();
    update();
}

void ActorsView::setActing(const QString& actor)
{
    if (m_acting == actor)
        return;
    m_acting = actor;
    update();
}

QString ActorsView::text() const
{
    QStringList lines;
    for (const ScenarioActorState& actor : m_actors) {
        QString line =
            tr("%1 (%2): %3").arg(cellText(actor.name, 60), kindWords(actor.kind), cellText(actor.words, 80));
        for (const ScenarioConnection& connection : actor.connections) {
            QStringList facts;
            if (connection.backendPid != 0)
                facts.append(tr("pid %1").arg(connection.backendPid));
            if (!connection.holds.isEmpty())
                facts.append(tr("holds %1").arg(keyList(connection.holds)));
            if (!connection.waits.isEmpty())
                facts.append(tr("waits for %1").arg(keyList(connection.waits)));
            if (!facts.isEmpty())
                line += QStringLiteral("; ") + facts.join(u' ');
        }
        if (believesAnything(actor))
            line += QStringLiteral("; ") + beliefWords(actor);
        lines.append(line);
    }
    return lines.join(u'\n');
}

qreal ActorsView::actorHeight(const ScenarioActorState& actor, const LabLook& look) const
{
    const qreal line = labdrawing::lozengeSize({.key = QStringLiteral("5"), .word = {}}, look).height() + look.grid / 2;
    const qsizetype lines = std::clamp<qsizetype>(actor.connections.size(), 1, shownConnections + 1);
    return labdrawing::sessionBoxHeight(boxOf(actor, m_acting), look) + static_cast<qreal>(lines) * line + look.grid;
}

QList<ActorsView::Place> ActorsView::places(int width, const LabLook& look) const
{
    QList<Place> found;
    if (m_actors.isEmpty())
        return found;
    const qreal gap = look.grid;
    const auto fitting = static_cast<qsizetype>(std::max(1.0, (width - gap) / (narrowestBox * look.grid + gap)));
    const qsizetype columns = std::min(m_actors.size(), fitting);
    const qreal boxWidth =
        std::min(widestBox * look.grid, (width - gap * static_cast<qreal>(columns + 1)) / static_cast<qreal>(columns));
    qreal top = gap;
    for (qsizetype first = 0; first < m_actors.size(); first += columns) {
        const qsizetype last = std::min(first + columns, m_actors.size());
        qreal height = 0;
        for (qsizetype actor = first; actor < last; ++actor)
            height = std::max(height, actorHeight(m_actors.at(actor), look));
        for (qsizetype actor = first; actor < last; ++actor) {
            const qreal left = gap + static_cast<qreal>(actor - first) * (boxWidth + gap);
            found.append({.rect = QRectF(left, top, boxWidth, height), .actor = actor});
        }
        top += height + gap;
    }
    return found;
}

int ActorsView::heightForWidth(int width) const
{
    const LabLook look = LabLook::current(palette());
    const QList<Place> all = places(width, look);
    return all.isEmpty() ? static_cast<int>(look.grid * 8) : qCeil(all.last().rect.bottom() + look.grid);
}

QSize ActorsView::sizeHint() const
{
    const int width = theme::grid() * narrowestBox * 3;
    return {width, heightForWidth(width)};
}

QSize ActorsView::minimumSizeHint() const
{
    return {theme::grid() * (narrowestBox + 2), theme::grid() * 10};
}

void ActorsView::paintActor(QPainter* painter, const QRectF& rect, const ScenarioActorState& actor,
                            const LabLook& look) const
{
    const QRectF inside = labdrawing::paintSessionBox(painter, rect, boxOf(actor, m_acting), look);
    const bool single = actor.connections.size() == 1 && actor.connections.first().label.isEmpty();
    const qreal height =
        labdrawing::lozengeSize({.key = QStringLiteral("5"), .word = {}}, look).height() + look.grid / 2;
    QRectF line(inside.left(), inside.top(), inside.width(), height);
    qsizetype shown = 0;
    for (const ScenarioConnection& connection : actor.connections) {
        if (shown == shownConnections && actor.connections.size() > shownConnections + 1) {
            labdrawing::paintText(painter, line, tr("and %1 more").arg(actor.connections.size() - shown), look.font,
                                  theme::mutedText(look.palette));
            break;
        }
        QRectF keys = line;
        if (!single) {
            const QString label = connection.backendPid == 0
                                      ? tr("%1  %2").arg(connection.label, connection.doing)
                                      : tr("%1  pid %2").arg(connection.label, QString::number(connection.backendPid));
            QRectF words = line;
            words.setWidth(std::min(line.width(), look.grid * 12));
            labdrawing::paintText(painter, words, label, look.monospace, theme::mutedText(look.palette));
            keys.setLeft(words.right() + look.grid / 2);
        }
        const QList<labdrawing::KeyLozenge> lozenges = lozengesOf(connection);
        if (!lozenges.isEmpty()) {
            labdrawing::paintLozenges(painter, keys, lozenges, look);
        } else if (!single && connection.backendPid != 0) {
            labdrawing::paintText(painter, keys, connection.doing, look.font, theme::mutedText(look.palette));
        }
        line.translate(0, height);
        ++shown;
    }
}

void ActorsView::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const LabLook look = LabLook::current(palette());
    const QList<Place> all = places(width(), look);
    for (const Place& place : all)
        paintActor(&painter, place.rect, m_actors.at(place.actor), look);
}

void ActorsView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        updateGeometry();
        update();
    }
}

} // namespace lockscope
