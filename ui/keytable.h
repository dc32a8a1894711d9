#pragma once

#include "models/domain/lockkey.h"

#include <QList>
#include <QTableWidget>

namespace lockscope {

/// One way to read a key, with everything there is to show of it.
struct KeyTableRow
{
    QString form = {}; ///< "bigint", "crc32, unsigned"
    QString formHint = {};
    LockKey key = {};
    QString known = {};     ///< what it is for; may be hostile
    QString knownHint = {}; ///< all candidates with their sources
    friend bool operator==(const KeyTableRow&, const KeyTableRow&) = default;
};

/// Keys in all their forms, each with buttons for what one does with a key. GUI thread. Copies to the clipboard by
/// itself; says the other wishes. Never asks a server.
class KeyTable final : public QTableWidget
{
    Q_OBJECT

public:
    explicit KeyTable(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(KeyTable)

    void setRows(const QList<KeyTableRow>& rows);
    [[nodiscard]] const QList<KeyTableRow>& rows() const { return m_rows; }
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void copied(const QString& text);
    /// What the filter of the lock table takes.
    void findRequested(const QString& filter);
    void keyChosen(const lockscope::LockKey& key);
    void nameRequested(const lockscope::LockKey& key);

protected:
    void changeEvent(QEvent* event) override;

private:
    void fillRow(int row);
    [[nodiscard]] QWidget* makeButtons(const LockKey& key);
    void copy(const QString& text);
    void applyLook();

    QList<KeyTableRow> m_rows;
};

} // namespace lockscope
