#pragma once

#include "models/domain/cure.h"
#include "models/lockrow.h"

#include <QWidget>

#include <array>

class QGridLayout;
class QLabel;
class QPlainTextEdit;
class QStackedLayout;
class QToolButton;

namespace lockscope {

class ElidedLabel;
class ExplanationView;
class PanelScroll;

/// The whole of one lock below the table: what it means and what can be done about it, every field with its label, and
/// the query in full. While no lock is selected: who waits longest for what.
/// GUI thread. Keeps no row: it is told the row again after each update. All text is plain.
class LockDetails final : public QWidget
{
    Q_OBJECT

public:
    explicit LockDetails(QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(LockDetails)

    void setServer(const std::optional<ServerInfo>& server) { m_server = server; }
    /// Null: nothing is selected, and the view as a whole is told instead. offers: about the session of the row; empty:
    /// nothing can be done about it. current: false while the server does not confirm what is shown.
    void setRow(const LockRow* row, const LockView& view, const QList<CureOffer>& offers = {}, bool current = true);
    /// Everything that is shown, as plain text of several lines.
    [[nodiscard]] QString text() const;
    /// A paragraph, a diagnosis and the buttons; lower places scroll.
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] ExplanationView* explanation() const { return m_explanation; }

Q_SIGNALS:
    void copyRequested(const QString& text);
    void blockerRequested();
    void waitsRequested();

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    enum Field
    {
        Key,
        Meaning,
        Database,
        TypeAndMode,
        State,
        Since,
        WaitStart,
        BlockedBy,
        Pid,
        Application,
        User,
        Address,
        Doing,
        Transaction,
        WaitsOn,
        KeyColumns,
        FieldCount,
    };

    [[nodiscard]] QWidget* makeSituation();
    [[nodiscard]] QWidget* makeContent();
    [[nodiscard]] QWidget* makeFields();
    [[nodiscard]] QToolButton* makeBlockerButton(const QString& objectName);
    void showSituation(const LockView& view, bool current);
    void show(Field field, const QString& text);
    void showLockFields(const LockRow& row, const LockView& view);
    void showBackendFields(const LockRow& row, const LockView& view);
    void showQuery(const Backend* backend);
    void arrangeFields();
    void applyFonts();

    std::optional<ServerInfo> m_server;
    QStackedLayout* m_pages;
    QLabel* m_situation = nullptr;
    QLabel* m_situationText = nullptr;
    QLabel* m_findings = nullptr;
    QToolButton* m_toRoot = nullptr;
    QToolButton* m_toWaits = nullptr;
    ExplanationView* m_explanation = nullptr;
    QToolButton* m_toBlocker = nullptr;
    QToolButton* m_copy = nullptr;
    QGridLayout* m_grid = nullptr;
    int m_fieldColumns = 0;
    std::array<QLabel*, FieldCount> m_names{};
    std::array<ElidedLabel*, FieldCount> m_values{};
    QPlainTextEdit* m_query = nullptr;
    QString m_shownQuery;
    quint64 m_rowId = 0;
};

} // namespace lockscope
