#pragma once

#include <QLineEdit>
#include <QTimer>

namespace lockscope {

/// The filter over the lock table. Says what was typed once typing rests for a moment; at once on Return and when
/// cleared. Escape clears. GUI thread. Never filters by itself, and never takes more than 1000 characters.
class FilterEdit final : public QLineEdit
{
    Q_OBJECT

public:
    static constexpr int maximumLength = 1000;

    explicit FilterEdit(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(FilterEdit)

    /// Shows a filter that came from elsewhere without saying so.
    void setFilter(const QString& filter);

Q_SIGNALS:
    void filterChanged(const QString& filter);
    /// The person is done here: keys belong to the table again.
    void left();

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    void say();

    QTimer m_rest;
    QString m_said;
};

} // namespace lockscope
