#pragma once

#include "models/domain/cure.h"
#include "models/domain/linkstate.h"
#include "models/domain/snapshot.h"
#include "models/lockview.h"

#include <QWidget>

class QSplitter;
class QStackedWidget;

namespace lockscope {

class Actions;
class EmptyState;
class LinkBanner;
class LockDetails;
class LockTableModel;
class LockTableView;

enum class ExportFormat
{
    Csv,
    Json
};

/// The page of locks: a banner while the link is in trouble, the table, the details of one lock, and what stands there
/// when there is nothing to show. GUI thread. Values come down by setters; what the person wants goes up by signals or
/// is an action that someone else connected. Never asks the server, sorts or filters.
class LocksPage final : public QWidget
{
    Q_OBJECT

public:
    LocksPage(const Actions& actions, LockTableModel& model, QWidget* parent = nullptr);
    Q_DISABLE_COPY_MOVE(LocksPage)

    /// Brings the model, the details and the empty states to the next view. Each update once and in order.
    void applyUpdate(const LockViewUpdate& update);
    void setLink(const LinkState& link);
    void setServerTitle(const QString& title);
    void setScope(LockScope scope);
    void setServer(const std::optional<ServerInfo>& server);
    /// Nothing can be done about anything: the buttons say so.
    void setReadOnly(bool readOnly);
    /// Shows a row of this session as selected, the one that holds others up or waits if there is one; nothing when it
    /// has none in the table. Says nothing back.
    void selectSession(const WaitNodeId& id);
    /// The specification in force: header arrow and empty states follow it. Says nothing back.
    void setSpec(const LockViewSpec& spec);
    [[nodiscard]] const LockViewSpec& spec() const { return m_spec; }
    /// As typed in the filter; asks by specRequested().
    void requestFilter(const QString& filter);

    [[nodiscard]] LockTableView* table() const { return m_table; }
    /// Columns and splitter, for the settings; empty parts were never changed by the person.
    [[nodiscard]] QByteArray columnState() const;
    void restoreColumnState(const QByteArray& state);
    [[nodiscard]] QByteArray splitterState() const;
    void restoreSplitterState(const QByteArray& state);

Q_SIGNALS:
    /// The person wants this filter and order; the page does not apply it itself.
    void specRequested(const lockscope::LockViewSpec& spec);
    void reconnectRequested();
    void exportRequested(const QString& fileName, lockscope::ExportFormat format);
    /// Return or a double click on a lock: what is to be done with it is someone else's matter.
    void lockActivated(const lockscope::LockRow& row);
    /// After each update: for the status line.
    void viewShown(const lockscope::LockViewPointer& view, bool filtered);
    /// The person selected a row of this session.
    void sessionSelected(const lockscope::WaitNodeId& id);
    /// The person wants to see it among the waits.
    void sessionActivated(const lockscope::WaitNodeId& id);
    void cureRequested(lockscope::CureKind kind, const lockscope::WaitNodeId& victim);
    /// The lesson: what unlocking somebody else's key answers.
    void foreignReleaseRequested(const lockscope::LockRow& row);
    void labelRequested(const lockscope::LockRow& row);
    /// What conflicts with this mode.
    void modeRequested(lockscope::LockMode mode);
    void columnStateChanged();
    void filterCleared();
    /// A filter chosen from the menu of the table, for the field where filters are typed.
    void filterChosen(const QString& filter);

private:
    [[nodiscard]] QWidget* makeTablePage();
    void makeEmptyStates();
    void connectActions();
    void connectSessions();
    void showSuitablePage();
    void showDetails();
    void showCurrentRow();
    [[nodiscard]] WaitNodeId sessionOf(const LockRow& row) const;
    [[nodiscard]] QList<CureOffer> offersFor(const LockRow& row) const;
    void goToBlocker();
    void copy(const QString& text) const;
    void chooseExportFile(ExportFormat format);

    const Actions& m_actions;
    LockTableModel& m_model;
    LockViewSpec m_spec;
    LinkState m_link;
    LockScope m_scope = LockScope::AdvisoryOnly;
    QString m_serverTitle;
    std::optional<ServerInfo> m_server;
    bool m_readOnly = false;
    bool m_selectingSession = false; ///< not the person
    bool m_introduced = false;       ///< the table has been shown once

    LinkBanner* m_banner;
    QStackedWidget* m_stack;
    LockTableView* m_table;
    LockDetails* m_details;
    QSplitter* m_splitter = nullptr;
    QWidget* m_tablePage = nullptr;
    EmptyState* m_notConnected = nullptr;
    EmptyState* m_connecting = nullptr;
    EmptyState* m_noLocks = nullptr;
    EmptyState* m_noMatch = nullptr;
};

} // namespace lockscope
