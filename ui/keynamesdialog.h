#pragma once

#include "models/domain/keydictionary.h"
#include "models/domain/knownkeys.h"
#include "models/domain/labelquery.h"

#include <QDialog>

class QTabWidget;

namespace lockscope {

class KeyLabelsTab;
class KnownKeysTab;
class LabelQueriesTab;

/// Names of keys: the person's own, the queries that find names in the person's own tables, and the built-in list. A
/// window of its own, not modal. GUI thread. Values come by setters, wishes go out as signals; it stores and runs
/// nothing.
class KeyNamesDialog final : public QDialog
{
    Q_OBJECT

public:
    explicit KeyNamesDialog(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(KeyNamesDialog)

    void setLabels(const QList<KeyLabel>& labels);
    void setQueries(const QList<LabelQuery>& queries);
    void setQueryState(const QString& id, const LabelQueryState& state);
    void setKnownKeys(const QList<KnownKey>& keys);
    void setServer(const std::optional<ServerInfo>& server); ///< empty: not connected
    void setDatabases(const QHash<quint32, QString>& databases);
    /// What became of an import or of keeping the names: a sentence, or what went wrong.
    void setMessage(const QString& sentence);
    void setError(const Error& error);
    /// Shows the window with a new name begun for this key, or with the name it has selected. An empty database: any.
    void openFor(const LockKey& key, const QString& database);

Q_SIGNALS:
    void labelsChanged(const QList<lockscope::KeyLabel>& labels);
    void importRequested(const QString& fileName);
    void exportRequested(const QString& fileName);
    void queryChanged(const lockscope::LabelQuery& query);
    void queryRemoved(const QString& id);
    void queryRunRequested(const QString& id);

private:
    QTabWidget* m_tabs;
    KeyLabelsTab* m_labels;
    LabelQueriesTab* m_queries;
    KnownKeysTab* m_known;
};

} // namespace lockscope
