#pragma once

#include <QList>
#include <QWidget>

class QGridLayout;

namespace lockscope {

class ToneLabel;

/// Figures with their captions below, side by side, and in two rows where the width is not enough for one. GUI thread.
/// Only shows.
class FigureRow final : public QWidget
{
    Q_OBJECT

public:
    explicit FigureRow(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(FigureRow)

    /// Returns the label of the value. sample: the widest value that is to be expected.
    ToneLabel* add(const QString& objectName, const QString& caption, const QString& sample, const QString& toolTip);

    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Figure
    {
        ToneLabel* value = nullptr;
        ToneLabel* caption = nullptr;
        QString sample;
    };
    [[nodiscard]] int widthOf(const Figure& figure) const;
    void arrange();

    QGridLayout* m_grid;
    QList<Figure> m_figures;
    int m_columns = 0;
};

} // namespace lockscope
