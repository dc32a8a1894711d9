#pragma once

#include "models/domain/knownkeys.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QTableWidget;

namespace lockscope {

class ToneLabel;

/// The built-in list of well-known keys, to look things up in: who takes which key, for what, and where that was read.
/// GUI thread. Read only.
class KnownKeysTab final : public QWidget
{
    Q_OBJECT

public:
    explicit KnownKeysTab(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(KnownKeysTab)

    void setKeys(const QList<KnownKey>& keys);

private:
    void search(const QString& text);
    void showDetails();

    QList<KnownKey> m_keys;
    QLineEdit* m_search;
    ToneLabel* m_count;
    QTableWidget* m_table;
    QLabel* m_source;
    QLabel* m_notes;
};

} // namespace lockscope
