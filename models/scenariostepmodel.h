#pragma once

#include "models/domain/scenariodocument.h"
#include "models/domain/scenariostate.h"
#include "models/domain/scenariowords.h"

#include <QAbstractTableModel>

namespace lockscope {

/// The steps of one lesson, those to come and those that were checked, in one table. For the thread of its views.
/// Rows stand from the beginning and fill as the lesson goes; `say` is no row, because it is told elsewhere.
class ScenarioStepModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        NumberColumn,
        ActorColumn,
        ActionColumn,
        ExpectedColumn,
        ObservedColumn,
        TimeColumn,
        ColumnCount,
    };
    enum class State : quint8
    {
        Coming, ///< also one that was left out, because it is not for this server: then it is said as observed
        Running,
        AsExpected,
        Otherwise,
    };
    enum Role
    {
        StateRole = Qt::UserRole, ///< State as int
        NoteRole,                 ///< why it is so; may be empty
    };

    explicit ScenarioStepModel(QObject* parent = nullptr);
    Q_DISABLE_COPY_MOVE(ScenarioStepModel)

    void setDocument(const ScenarioDocument& document);
    void setState(const ScenarioRunState& state);
    /// The row of the step under way or next; -1 when there is none.
    [[nodiscard]] int currentRow() const { return m_current; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;
    /// All rows, columns separated by tabs, for pasting.
    [[nodiscard]] QString toText() const;

private:
    struct Row
    {
        ScenarioStepWords words;
        QString note;
        qsizetype position = 0; ///< in the document
        int minimumVersion = 0; ///< major version of the server; 0: any
        bool isLeftOut = false; ///< the run has gone past it
        std::optional<ScenarioStep> done;
        State state = State::Coming;
        friend bool operator==(const Row&, const Row&) = default;
    };
    void resize(qsizetype count);
    [[nodiscard]] static QString observedWords(const Row& row);

    QList<Row> m_planned; ///< as the document has them
    QList<Row> m_rows;    ///< what is shown: the planned ones and what the run added at its end
    int m_current = -1;
};

} // namespace lockscope
