#pragma once

#include "models/domain/serverinfo.h"
#include "ui/theme.h"

#include <QAbstractButton>

#include <optional>

namespace lockscope {

/// What the connection is, at a glance: its name, then version, primary or standby, encryption and role. What a person
/// should know before acting stands out: a standby, an unencrypted network link, a pooler in between. A button; its
/// menu belongs to whoever owns it. GUI thread. Shows what the server told, never the wish.
class ServerBadge final : public QAbstractButton
{
    Q_OBJECT

public:
    explicit ServerBadge(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(ServerBadge)

    /// Empty server: not connected, or not yet known.
    void setServer(const std::optional<ServerInfo>& server, const QString& title);
    /// What stands after the name, separated as read: "PG 15.18, primary, TLS, role monitor".
    [[nodiscard]] QString facts() const;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Fact
    {
        QString text;
        std::optional<Tone> tone; ///< only where it needs a look
    };

    [[nodiscard]] int contentWidth() const;

    QString m_title;
    QList<Fact> m_facts;
    bool m_connected = false;
};

/// Every field of a connection as label and value, for the details box; plain sentences.
[[nodiscard]] QString serverDetails(const ServerInfo& server);

} // namespace lockscope
