#pragma once

#include "models/domain/podslabstate.h"

#include <QWidget>

#include <optional>

class QCheckBox;
class QDoubleSpinBox;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace lockscope {

class ElidedLabel;
class ToneLabel;

/// What requests ask for, how many arrive by themselves, and more pods. GUI thread. Only asks.
class PodsControls final : public QWidget
{
    Q_OBJECT

public:
    explicit PodsControls(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(PodsControls)

    /// Empty while the field holds no key.
    [[nodiscard]] std::optional<LockKey> key() const;
    [[nodiscard]] std::chrono::milliseconds work() const;
    [[nodiscard]] int connections() const;
    void setState(const PodsLabState& state);
    void setProblem(const QString& problem);

Q_SIGNALS:
    void keyChanged();
    void addRequested();
    void endAllRequested();
    void retriesToggled(bool retries);
    void loadRequested(const std::optional<lockscope::PodLoad>& load);
    void clearRequested();

private:
    void build();
    void checkKey();
    void switchLoad();
    void refresh();

    QLineEdit* m_key;
    QDoubleSpinBox* m_work;
    QCheckBox* m_retries;
    QSpinBox* m_connections;
    QPushButton* m_add;
    QPushButton* m_endAll;
    QDoubleSpinBox* m_rate;
    QSpinBox* m_keys;
    QPushButton* m_load;
    QPushButton* m_clear;
    ElidedLabel* m_counts;
    ToneLabel* m_message;
    PodsLabState m_state;
    QString m_problem;
};

} // namespace lockscope
