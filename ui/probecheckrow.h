#pragma once

#include "models/domain/probereport.h"

#include <QWidget>

class QLabel;
class QToolButton;

namespace lockscope {

class StatePill;
class WordsView;

/// One question of a probe: whether it went as it should by shape and word, what was seen, and on request what was
/// expected and which statements got which answers. GUI thread. Everything in it is plain text.
class ProbeCheckRow final : public QWidget
{
    Q_OBJECT

public:
    explicit ProbeCheckRow(const ProbeCheck& check, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(ProbeCheckRow)

    [[nodiscard]] bool isUnfolded() const;
    void setUnfolded(bool unfolded);

protected:
    void mousePressEvent(QMouseEvent* event) override;

private:
    QToolButton* m_fold;
    QWidget* m_details;
};

} // namespace lockscope
