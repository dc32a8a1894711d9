#pragma once

#include <QWidget>

class QAbstractItemView;

namespace lockscope {

class ToneLabel;

/// The designed empty state of a list: a sentence over the view while its model has no rows. GUI thread.
/// Lets the mouse through; never changes the view.
class EmptyHint final : public QWidget
{
    Q_OBJECT

public:
    /// The view must have its model already. text says what belongs here and what to do next.
    EmptyHint(QAbstractItemView* view, const QString& text);
    Q_DISABLE_COPY_MOVE(EmptyHint)

    [[nodiscard]] QString text() const;
    void setText(const QString& text);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void follow();

    QAbstractItemView* m_view;
    ToneLabel* m_label;
};

} // namespace lockscope
