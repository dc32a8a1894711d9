#pragma once

#include "ui/lab/lessontables.h"
#include "ui/lab/poolcallmodel.h"

namespace lockscope {

/// The calls of a pool as a table: answers as pills, the last call in sight, copied as CSV from its menu. GUI thread.
/// Only shows.
class PoolCallTable final : public QuietTable
{
    Q_OBJECT

public:
    explicit PoolCallTable(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(PoolCallTable)

    void add(const PoolCall& call);
    void clear() { m_model->clear(); }
    void copyAsCsv() const;
    [[nodiscard]] const QList<PoolCall>& calls() const { return m_model->calls(); }

protected:
    void contextMenuEvent(QContextMenuEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void layColumns();

    PoolCallModel* m_model;
};

} // namespace lockscope
