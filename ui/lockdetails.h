#pragma once

#include "models/lockrow.h"

#include <QWidget>

#include <array>

class QLabel;
class QPlainTextEdit;
class QStackedLayout;
class QToolButton;

namespace lockscope {

class ElidedLabel;

/// The whole of one lock below the table: a sentence, every field with its label, and the query in full. While no lock
/// is selected: who waits longest for what.
/// GUI thread. Keeps no row: it is told the row again after each update. All text is plain.
class LockDetails final : public QWidget
{
    Q_OBJECT

public:
    explicit LockDetails(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(LockDetails)

    /// Null: nothing is selected, and the view as a whole is told instead.
    /// current: false while the server does not confirm what is shown.
    void setRow(const LockRow* row, const LockView& view, bool current = true);
    /// Everything that is shown, as plain text of several lines.
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    void copyRequested(const QString& text);
    void blockerRequested();

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    enum Field
    {
        Key,
        KeyColumns,
        Database,
        TypeAndMode,
        State,
        Since,
        Pid,
        Application,
        User,
        Address,
        Doing,
        Transaction,
        WaitsOn,
        BlockedBy,
        FieldCount,
    };

    [[nodiscard]] QWidget* makeSituation();
    [[nodiscard]] QWidget* makeContent();
    [[nodiscard]] QToolButton* makeBlockerButton(const QString& objectName);
    void showSituation(const LockView& view, bool current);
    void applyFonts();

    QStackedLayout* m_pages;
    QLabel* m_situation = nullptr;
    QLabel* m_situationText = nullptr;
    QToolButton* m_toRoot = nullptr;
    QLabel* m_sentence = nullptr;
    QToolButton* m_toBlocker = nullptr;
    QToolButton* m_copy = nullptr;
    std::array<QLabel*, FieldCount> m_names{};
    std::array<ElidedLabel*, FieldCount> m_values{};
    QPlainTextEdit* m_query = nullptr;
    QString m_shownQuery;
    quint64 m_rowId = 0;
};

} // namespace lockscope
