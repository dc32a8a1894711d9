#pragma once

#include "models/domain/endingtrial.h"
#include "models/domain/labserver.h"

#include <QWidget>

#include <memory>

namespace lockscope {

/// Every way to die: one row each on one time axis, expected against measured, with a button to try it; settings above,
/// the selected way explained beside or below. GUI thread. Values come down by setters, wishes go up by signals; ends
/// nothing itself.
class EndingsPage final : public QWidget
{
    Q_OBJECT

public:
    explicit EndingsPage(QWidget* parent = nullptr);
    ~EndingsPage() override;
    Q_DISABLE_COPY_MOVE(EndingsPage)

    void setServer(const LabServer& server);
    void setEnding(const EndingState& state);
    /// What went wrong outside of a trial: a file that could not be written.
    void setError(const Error& error);
    [[nodiscard]] EndingSettings settings() const;
    void setSettings(const EndingSettings& settings);
    void select(EndingKind kind);
    [[nodiscard]] EndingKind selected() const;

Q_SIGNALS:
    void runRequested(const QList<lockscope::EndingKind>& kinds, const lockscope::EndingSettings& settings);
    void stopRequested(const QList<lockscope::EndingKind>& kinds);
    void resetRequested();
    void exportRequested(const QString& fileName, const QByteArray& content);
    void sandboxRequested(); ///< from the page that is shown while nothing is connected

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    class Parts;
    std::unique_ptr<Parts> m_parts;
};

} // namespace lockscope
