#pragma once

#include "models/domain/lockmode.h"

#include <QWidget>

namespace lockscope {

/// The table of conflicting lock modes: who has to wait for whom. A mode under the mouse, or chosen by click or arrow
/// keys, is put in words below. GUI thread. PostgreSQL's own table; asks nobody.
class ConflictMatrix final : public QWidget
{
    Q_OBJECT

public:
    explicit ConflictMatrix(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(ConflictMatrix)

    void setMode(LockMode mode); ///< Unknown: none is chosen
    [[nodiscard]] LockMode mode() const { return m_mode; }
    /// What the chosen mode waits for and who takes it; how to read the table when none is chosen.
    [[nodiscard]] QString sentence() const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void modeChosen(lockscope::LockMode mode);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void choose(LockMode mode);
    [[nodiscard]] int namesWidth() const;
    [[nodiscard]] int cell() const;
    [[nodiscard]] QRect cellRect(int row, int column) const;
    [[nodiscard]] LockMode modeAt(const QPoint& position) const;

    LockMode m_mode = LockMode::Unknown;
    LockMode m_hovered = LockMode::Unknown;
};

} // namespace lockscope
