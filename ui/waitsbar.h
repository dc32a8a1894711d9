#pragma once

#include "models/waitforestmodel.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QToolButton;

namespace lockscope {

class ElidedLabel;

/// What the page of waits shows its graph as.
enum class WaitsLayout : quint8
{
    Tree,
    Graph,
    Both
};

/// The slim bar above the waits: the situation in a sentence, what is shown of it, and how. GUI thread. Shows what it
/// is given and says what a person wants; applies nothing itself.
class WaitsBar final : public QWidget
{
    Q_OBJECT

public:
    explicit WaitsBar(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(WaitsBar)

    void setSummary(const QString& summary);
    void setOptions(const WaitForestOptions& options);
    void setShownLayout(WaitsLayout layout);
    [[nodiscard]] WaitsLayout shownLayout() const { return m_layout; }
    /// Whether there is anything to zoom, export or copy.
    void setHasContent(bool hasContent);

Q_SIGNALS:
    void optionsRequested(const lockscope::WaitForestOptions& options);
    void layoutRequested(lockscope::WaitsLayout layout);
    void zoomInRequested();
    void zoomOutRequested();
    void fitRequested();
    void exportSvgRequested();
    void exportPngRequested();
    void copyTreeRequested();

protected:
    void changeEvent(QEvent* event) override;

private:
    void askForOptions();
    void updateTools();

    WaitForestOptions m_options;
    WaitsLayout m_layout = WaitsLayout::Tree;
    bool m_hasContent = false;
    ElidedLabel* m_summary;
    QComboBox* m_minimumWait;
    QCheckBox* m_allSessions;
    QCheckBox* m_hideIdle;
    QList<QToolButton*> m_layoutButtons;
    QList<QToolButton*> m_zoomButtons;
    QToolButton* m_export;
};

} // namespace lockscope
