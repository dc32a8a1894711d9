#pragma once

#include "models/domain/keydictionary.h"

#include <QAbstractTableModel>

#include <optional>

namespace lockscope {

/// The person's own names of keys, to be edited in place: keys, database, name. GUI thread. What is wrong is refused
/// with a sentence; one step can be undone. Never stores anything: says what changed.
class KeyLabelModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        Keys,
        Database,
        Name,
        ColumnCount
    };

    explicit KeyLabelModel(QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(KeyLabelModel)

    /// From outside. What the model has already changes nothing, also not what can be undone.
    void setLabels(const QList<KeyLabel>& labels);
    [[nodiscard]] const QList<KeyLabel>& labels() const { return m_labels; }
    /// The row of the new label, or why it is none: nothing readable, or there is one for the same keys and database.
    [[nodiscard]] Result<int> add(const QString& keys, const QString& database, const QString& name);
    void remove(const QList<int>& rows);
    /// "Remove 2 names"; empty when there is nothing to take back.
    [[nodiscard]] QString undoText() const { return m_undoText; }
    void undo();

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

Q_SIGNALS:
    void labelsChanged(const QList<lockscope::KeyLabel>& labels); ///< by the person
    void undoChanged();
    void refused(const QString& sentence); ///< an edit that was not taken

private:
    [[nodiscard]] Result<KeyLabel> read(const QString& keys, const QString& database, const QString& name,
                                        int exceptRow) const;
    void replaceAll(const QList<KeyLabel>& labels);
    void changed(const QList<KeyLabel>& before, const QString& undoText);

    QList<KeyLabel> m_labels;
    QList<KeyLabel> m_before;
    QString m_undoText;
};

} // namespace lockscope
