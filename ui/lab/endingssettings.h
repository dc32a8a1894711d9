#pragma once

#include "models/domain/endingtrial.h"

#include <QWidget>

class QDoubleSpinBox;
class QSpinBox;

namespace lockscope {

/// What can be set and tried again, as a row of fields. GUI thread. Never tries anything.
class EndingsSettings final : public QWidget
{
    Q_OBJECT

public:
    explicit EndingsSettings(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(EndingsSettings)

    [[nodiscard]] EndingSettings settings() const;
    void setSettings(const EndingSettings& settings);
    /// Before PostgreSQL 14 there is no client_connection_check_interval.
    void setServerVersion(int versionNumber);

Q_SIGNALS:
    void changed(const lockscope::EndingSettings& settings);

private:
    QDoubleSpinBox* m_statement;
    QSpinBox* m_check;
    QSpinBox* m_idle;
    QSpinBox* m_interval;
    QSpinBox* m_count;
    QDoubleSpinBox* m_userTimeout;
    QDoubleSpinBox* m_watch;
};

} // namespace lockscope
