#pragma once

#include "models/domain/labelquery.h"

#include <QHash>
#include <QWidget>

class QLineEdit;
class QListWidget;
class QPlainTextEdit;
class QPushButton;
class QSpinBox;
class QTableWidget;

namespace lockscope {

class ToneLabel;
class WordsView;

/// The person's own queries that name keys: which server each is for, its SQL, and how it did. GUI thread. Runs nothing
/// by itself; what was typed counts once it is saved, which running does first.
class LabelQueriesTab final : public QWidget
{
    Q_OBJECT

public:
    static constexpr int maximumSqlLength = 100'000;

    explicit LabelQueriesTab(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(LabelQueriesTab)

    void setQueries(const QList<LabelQuery>& queries);
    void setState(const QString& id, const LabelQueryState& state);
    /// What a new query is for.
    void setServer(const std::optional<ServerInfo>& server);

Q_SIGNALS:
    void queryChanged(const lockscope::LabelQuery& query); ///< a new one, or another text for its id
    void queryRemoved(const QString& id);
    void queryRunRequested(const QString& id);

private:
    [[nodiscard]] QWidget* makeList();
    [[nodiscard]] QWidget* makeEditor();
    void fillList();
    void showCurrent();
    void showState();
    void takeEdits();
    void add();
    void removeCurrent();
    void save();
    void run();
    void updateButtons();
    [[nodiscard]] LabelQuery* current();

    QList<LabelQuery> m_saved;
    QList<LabelQuery> m_queries; ///< as typed
    QHash<QString, LabelQueryState> m_states;
    std::optional<ServerInfo> m_server;
    QListWidget* m_list;
    QPushButton* m_add;
    QPushButton* m_remove;
    QWidget* m_editor = nullptr;
    QLineEdit* m_host;
    QSpinBox* m_port;
    QLineEdit* m_database;
    QSpinBox* m_timeout;
    QPlainTextEdit* m_sql;
    QPushButton* m_save;
    QPushButton* m_run;
    ToneLabel* m_result;
    WordsView* m_words;
    QTableWidget* m_preview;
    bool m_showing = false;
};

} // namespace lockscope
