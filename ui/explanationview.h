#pragma once

#include "models/domain/cure.h"
#include "models/explanation.h"

#include <QWidget>

namespace lockscope {

/// An explanation with its diagnoses, and the buttons that can do something about it. A button that cannot work is
/// disabled and says why below and in its tooltip, with the GRANT to copy. The words scroll, the buttons stay. GUI
/// thread. Shows and asks; never acts, never looks anything up.
class ExplanationView final : public QWidget
{
    Q_OBJECT

public:
    explicit ExplanationView(QWidget* parent = nullptr);
    ~ExplanationView() override;
    Q_DISABLE_COPY_MOVE(ExplanationView)

    /// offers: about victim, in the order of CureKind; empty: nothing can be done about it (an own lock, nothing
    /// selected). Told again with every poll: scroll position and selected text stay while the victim is the same.
    void setExplanation(const Explanation& explanation, const WaitNodeId& victim, const QList<CureOffer>& offers);
    void clear();
    [[nodiscard]] QString text() const; ///< all of it, for the clipboard

Q_SIGNALS:
    void cureRequested(lockscope::CureKind kind, const lockscope::WaitNodeId& victim);
    /// The lesson: what unlocking somebody else's key answers. Only offered for advisory locks.
    void foreignReleaseRequested(const lockscope::WaitNodeId& holder);
    void sessionRequested(const lockscope::WaitNodeId& id); ///< a session named in a diagnosis was clicked
    void copyRequested(const QString& text);

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    class Parts;
    std::unique_ptr<Parts> m_parts;
};

} // namespace lockscope
