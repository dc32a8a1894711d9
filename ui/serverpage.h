#pragma once

#include "models/domain/linkstate.h"
#include "models/domain/lockmode.h"
#include "models/domain/serverreport.h"

#include <QWidget>

#include <memory>
#include <optional>

namespace lockscope {

/// What the server is, what this role sees and may do there, how full the lock table is, the settings that decide how
/// long a stuck lock lives, and which modes conflict. GUI thread. Values come down by setters. Never asks the server.
class ServerPage final : public QWidget
{
    Q_OBJECT

public:
    explicit ServerPage(QWidget* parent = nullptr);
    ~ServerPage() override;
    Q_DISABLE_COPY_MOVE(ServerPage)

    /// Empty: not connected, or nothing was read yet.
    void setReport(const std::optional<ServerReport>& report);
    void setTrouble(const std::optional<Error>& error); ///< why it could not be read; what is shown stays
    void setServer(const std::optional<ServerInfo>& server, const QString& title);
    void setLink(const LinkState& link);
    /// Highlights a mode in the conflict matrix; Unknown: none.
    void showMode(LockMode mode);
    [[nodiscard]] QString text() const; ///< everything as plain text, for the clipboard

Q_SIGNALS:
    void refreshRequested();
    void copyRequested(const QString& text);

protected:
    void changeEvent(QEvent* event) override;

private:
    class Parts;
    std::unique_ptr<Parts> m_parts;
};

} // namespace lockscope
