#pragma once

#include "models/domain/keydictionary.h"

#include <QWidget>

class QLineEdit;
class QPushButton;
class QTableView;

namespace lockscope {

class DatabaseEdit;
class KeyLabelModel;
class ToneLabel;

/// The person's own names of keys: a table to edit in place and a line to add one. GUI thread. Reads and writes no
/// file: import and export are wishes with a file name.
class KeyLabelsTab final : public QWidget
{
    Q_OBJECT

public:
    explicit KeyLabelsTab(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(KeyLabelsTab)

    void setLabels(const QList<KeyLabel>& labels);
    void setDatabases(const QStringList& names);
    /// Puts key and database into the line for a new name, or selects the name that the key has.
    void startLabel(const LockKey& key, const QString& database);
    void say(const QString& sentence, bool isTrouble);

Q_SIGNALS:
    void labelsChanged(const QList<lockscope::KeyLabel>& labels);
    void importRequested(const QString& fileName);
    void exportRequested(const QString& fileName);

private:
    [[nodiscard]] QWidget* makeForm();
    void add();
    void removeSelected();
    void chooseFile(bool toSave);
    void updateButtons();

    KeyLabelModel* m_model;
    QTableView* m_table;
    QLineEdit* m_keys;
    DatabaseEdit* m_database;
    QLineEdit* m_name;
    QPushButton* m_add;
    QPushButton* m_remove;
    QPushButton* m_undo;
    QPushButton* m_import;
    QPushButton* m_export;
    ToneLabel* m_message;
};

} // namespace lockscope
