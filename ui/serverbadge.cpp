#include "ui/serverbadge.h"

#include "models/domain/displaytext.h"
#include "ui/icons.h"
#include "ui/numbertext.h"
#include "ui/safetext.h"

#include <QEvent>
#include <QPainter>
#include <QStyleOptionToolButton>

namespace lockscope {

namespace {

constexpr int titleLimit = 40;
constexpr int roleLimit = 40;

} // namespace

ServerBadge::ServerBadge(QWidget* parent)
    : QAbstractButton(parent)
{
    setObjectName(QStringLiteral("serverBadge"));
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    setAttribute(Qt::WA_Hover);
    setServer(std::nullopt, {});
}

void ServerBadge::setServer(const std::optional<ServerInfo>& server, const QString& title)
{
    m_facts.clear();
    m_connected = server.has_value();
    m_title = cellText(title, titleLimit);
    if (!server) {
        if (m_title.isEmpty())
            m_title = tr("Not connected");
    } else {
        if (m_title.isEmpty())
            m_title = cellText(server->host.isEmpty() ? server->database : server->host, titleLimit);
        m_facts.append({cellText(tr("PG %1").arg(server->version), 24), std::nullopt});
        if (server->isStandby)
            m_facts.append({tr("standby"), Tone::Waiting});
        else
            m_facts.append({tr("primary"), std::nullopt});
        if (server->behindPooler())
            m_facts.append({tr("through a pooler"), Tone::Waiting});
        if (server->tls)
            m_facts.append({tr("TLS"), std::nullopt});
        else if (server->localSocket)
            m_facts.append({tr("local socket"), std::nullopt});
        else
            m_facts.append({tr("not encrypted"), Tone::Waiting});
        m_facts.append({tr("role %1").arg(cellText(server->role, roleLimit)), std::nullopt});
        if (!server->seesAllStats)
            m_facts.append({tr("limited view"), Tone::Waiting});
    }
    const QString description = m_facts.isEmpty() ? m_title : QStringLiteral("%1: %2").arg(m_title, facts());
    setAccessibleName(description);
    setText(QString());
    QString toolTip = description;
    if (server && server->isStandby)
        toolTip +=
            QLatin1Char('\n') + tr("Advisory locks on a standby are local to it: the primary knows nothing of them.");
    if (server && server->behindPooler())
        toolTip +=
            QLatin1Char('\n') +
            tr("A pooler stands in between: it lends this connection server sessions that others use too, so a lock "
               "taken through it may be released on another one, or outlive the client.");
    if (server && !server->tls && !server->localSocket)
        toolTip += QLatin1Char('\n') + tr("What is sent and shown crosses the network in the clear.");
    if (server && !server->seesAllStats)
        toolTip += QLatin1Char('\n') +
                   tr("This role does not see what other roles do. A member of pg_read_all_stats sees all of it.");
    safetext::setToolTip(this, toolTip);
    updateGeometry();
    update();
}

QString ServerBadge::facts() const
{
    QStringList texts;
    for (const Fact& fact : m_facts)
        texts.append(fact.text);
    return texts.join(QStringLiteral(", "));
}

int ServerBadge::contentWidth() const
{
    const int grid = theme::grid();
    const QFontMetrics metrics(font());
    int width = theme::iconSize() + grid + QFontMetrics(theme::strongFont()).horizontalAdvance(m_title);
    for (const Fact& fact : m_facts)
        width += grid + grid / 2 + metrics.horizontalAdvance(fact.text);
    return width;
}

QSize ServerBadge::sizeHint() const
{
    const int grid = theme::grid();
    return {contentWidth() + 3 * grid + theme::iconSize(), theme::rowHeight() + 4};
}

QSize ServerBadge::minimumSizeHint() const
{
    const int grid = theme::grid();
    const int title = QFontMetrics(theme::strongFont()).horizontalAdvance(m_title);
    return {2 * theme::iconSize() + title + 4 * grid, theme::rowHeight() + 4};
}

void ServerBadge::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    QStyleOptionToolButton option;
    option.initFrom(this);
    option.rect = rect();
    option.state.setFlag(QStyle::State_Sunken, isDown());
    option.state.setFlag(QStyle::State_MouseOver, underMouse());
    style()->drawPrimitive(QStyle::PE_PanelButtonTool, &option, &painter, this);

    const int grid = theme::grid();
    const int icon = theme::iconSize();
    const QRect area = rect().adjusted(grid, 0, -grid, 0);
    const QColor quiet = theme::mutedText(palette());
    const QColor strong = palette().color(QPalette::WindowText);
    const int iconTop = (height() - icon) / 2;
    painter.drawPixmap(area.left(), iconTop,
                       iconPixmap(IconName::Server, m_connected ? theme::color(Tone::Accent, palette()) : quiet, icon,
                                  devicePixelRatioF()));
    const int chevron = icon * 3 / 4;
    const int right = area.right() - chevron;
    painter.drawPixmap(right + 1, (height() - chevron) / 2,
                       iconPixmap(IconName::ChevronDown, quiet, chevron, devicePixelRatioF()));

    int x = area.left() + icon + grid;
    const auto draw = [&](const QString& text, const QFont& face, const QColor& color) {
        painter.setFont(face);
        painter.setPen(color);
        const QFontMetrics metrics(face);
        const int space = right - grid / 2 - x;
        const QString shown = metrics.elidedText(text, Qt::ElideRight, space);
        painter.drawText(QRect(x, 0, space, height()), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, shown);
        x += metrics.horizontalAdvance(shown);
        return shown == text;
    };
    if (!draw(m_title, theme::strongFont(), strong))
        return;
    for (const Fact& fact : std::as_const(m_facts)) {
        x += grid + grid / 2;
        if (x + 3 * grid > right || !draw(fact.text, font(), fact.tone ? theme::color(*fact.tone, palette()) : quiet))
            return;
    }
}

void ServerBadge::enterEvent(QEnterEvent* event)
{
    QAbstractButton::enterEvent(event);
    update();
}

void ServerBadge::leaveEvent(QEvent* event)
{
    QAbstractButton::leaveEvent(event);
    update();
}

void ServerBadge::changeEvent(QEvent* event)
{
    QAbstractButton::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        updateGeometry();
}

QString serverDetails(const ServerInfo& server)
{
    const auto tr = [](const char* text) { return ServerBadge::tr(text); };
    QStringList lines;
    const auto add = [&lines](const QString& label, const QString& value) {
        if (!value.isEmpty())
            lines.append(QStringLiteral("%1: %2").arg(label, cellText(value, 300)));
    };
    add(tr("Version"), QStringLiteral("PostgreSQL %1").arg(server.version));
    add(tr("Kind"), server.isStandby ? tr("standby: advisory locks are local to it") : tr("primary"));
    add(server.localSocket ? tr("Socket directory") : tr("Host"), server.host);
    if (server.port > 0)
        add(tr("Port"), QString::number(server.port));
    add(tr("Database"), server.databaseOid == 0
                            ? server.database
                            : QStringLiteral("%1 (oid %2)").arg(server.database, QString::number(server.databaseOid)));
    add(tr("Role"), server.isSuperuser ? tr("%1 (superuser)").arg(server.role) : server.role);
    add(tr("Sees what other roles do"), server.seesAllStats ? tr("yes") : tr("no; a member of pg_read_all_stats does"));
    add(tr("Encryption"), server.tls           ? (server.tlsDescription.isEmpty() ? tr("TLS") : server.tlsDescription)
                          : server.localSocket ? tr("none needed: local socket")
                                               : tr("none: this connection can be read on the network"));
    add(tr("Server process"), QString::number(server.backendPid));
    if (server.behindPooler())
        add(tr("Pooler"), server.claimedPid != 0 && server.claimedPid != server.backendPid
                              ? tr("yes: it gave pid %1 for this connection").arg(server.claimedPid)
                              : tr("yes: the server process is older than this connection"));
    add(tr("Encoding"), server.serverEncoding);
    add(tr("System identifier"), server.systemIdentifier);
    if (server.lockCapacity > 0)
        add(tr("Lock table"), tr("made for about %1 locks").arg(groupedNumber(server.lockCapacity)));
    return lines.join(QLatin1Char('\n'));
}

} // namespace lockscope
