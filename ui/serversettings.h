#pragma once

#include "models/domain/serverreport.h"

#include <QWidget>

class QGridLayout;
class QLabel;

namespace lockscope {

/// Settings with their values and one sentence each on what that means for a stuck lock. GUI thread. Values come from
/// the server: plain text.
class ServerSettings final : public QWidget
{
    Q_OBJECT

public:
    explicit ServerSettings(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(ServerSettings)

    void setSettings(const QList<ServerSetting>& settings, const ServerInfo& server);
    [[nodiscard]] QString text() const;

private:
    struct Line
    {
        QLabel* name;
        QLabel* value;
        QLabel* meaning;
    };
    QGridLayout* m_grid;
    QList<Line> m_lines;
};

} // namespace lockscope
