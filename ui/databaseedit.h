#pragma once

#include <QLineEdit>

class QStringListModel;

namespace lockscope {

/// The name of a database: typed, or chosen from the known ones. GUI thread. Any name is taken; whether there is such a
/// database is for the server to say.
class DatabaseEdit final : public QLineEdit
{
    Q_OBJECT

public:
    explicit DatabaseEdit(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(DatabaseEdit)

    void setNames(const QStringList& names);
    [[nodiscard]] QStringList names() const;

private:
    void showAll();

    QStringListModel* m_names;
    QAction* m_choose;
};

} // namespace lockscope
