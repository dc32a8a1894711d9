#pragma once

#include "ui/lab/podspicture.h"

#include <QWidget>

class QGridLayout;

namespace lockscope {

class TightButton;

/// One pod with the buttons that act on it, above its picture. GUI thread. Only asks; what a button does is its
/// owner's.
class PodsCard final : public QWidget
{
    Q_OBJECT

public:
    explicit PodsCard(const QString& name, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(PodsCard)

    [[nodiscard]] const QString& name() const { return m_name; }
    [[nodiscard]] PodsPicture* picture() const { return m_picture; }
    /// canAsk: there is a key to ask for. problem: why nothing may be started here.
    void setPod(const PodState& pod, bool canAsk, const QString& problem);

Q_SIGNALS:
    void syncRequested(const QString& name, int times);
    void endRequested(const QString& name, lockscope::ClientEnding ending);
    void freezeRequested(const QString& name);
    void thawRequested(const QString& name);
    void restartRequested(const QString& name);
    void removeRequested(const QString& name);

private:
    TightButton* add(const QString& objectName, const QString& text, const QString& accessibleName,
                     const QString& toolTip);

    QString m_name;
    PodPhase m_phase = PodPhase::Starting;
    TightButton* m_sync;
    TightButton* m_twice;
    TightButton* m_restart;
    TightButton* m_crash;
    TightButton* m_freeze;
    TightButton* m_terminate;
    TightButton* m_remove;
    PodsPicture* m_picture;
};

} // namespace lockscope
