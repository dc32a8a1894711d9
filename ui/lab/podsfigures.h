#pragma once

#include "models/domain/podslabstate.h"

#include <QWidget>

class QCheckBox;
class QLabel;

namespace lockscope {

class PodWriteModel;
class ToneLabel;

/// How long the hand-over took, large, and what the resource made of the pods' writes. GUI thread. Only shows and asks.
class PodsFigures final : public QWidget
{
    Q_OBJECT

public:
    explicit PodsFigures(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(PodsFigures)

    void setState(const PodsLabState& state);

Q_SIGNALS:
    void fencingToggled(bool fencing);

protected:
    void changeEvent(QEvent* event) override;

private:
    void showHandOver(const std::optional<PodHandOver>& handOver);
    void applyFonts();

    PodWriteModel* m_writes;
    QLabel* m_time;
    ToneLabel* m_words;
    QCheckBox* m_fencing;
};

} // namespace lockscope
