#pragma once

#include "models/domain/endingtrial.h"

#include <QAbstractTableModel>

namespace lockscope {

/// The ways to die as rows, in their fixed order: what is expected with the settings at hand, and what was measured.
/// GUI thread. A way that was tried keeps the expectation it was tried with.
class EndingsModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        Way,
        Lane, ///< painted: expected and measured on the one axis
        Expected,
        Measured,
        Verdict,
        Run, ///< the row's button
        ColumnCount
    };

    explicit EndingsModel(QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(EndingsModel)

    void setState(const EndingState& state);
    /// For ways that were not tried yet.
    void setPlan(const EndingSettings& settings, int serverVersion);
    /// The running stopwatches moved on.
    void tick();
    [[nodiscard]] const EndingState& state(int row) const { return m_states.at(row); }
    [[nodiscard]] const QList<EndingState>& states() const { return m_states; }
    [[nodiscard]] bool isBusy() const;
    /// How long the lock of a row has been held since its client ended, by now; empty before that.
    [[nodiscard]] std::optional<std::chrono::microseconds> elapsed(int row) const;
    /// The end of the common axis: everything that is expected or measured fits, unless it is minutes away.
    [[nodiscard]] std::chrono::microseconds axisEnd() const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QList<EndingState> m_states;
    EndingSettings m_plan;
    int m_serverVersion = 0;
};

} // namespace lockscope
