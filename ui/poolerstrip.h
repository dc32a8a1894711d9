#pragma once

#include <QFrame>

class QLabel;

namespace lockscope {

/// Stands in the lock panel as long as the selected session goes through a connection pooler, and says in one sentence
/// what that means for its locks. GUI thread. Cannot be dismissed: what it warns of does not end while the session
/// lives.
class PoolerStrip final : public QFrame
{
    Q_OBJECT

public:
    explicit PoolerStrip(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(PoolerStrip)

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void refresh();

    QLabel* m_picture;
    QLabel* m_title;
};

} // namespace lockscope
