#pragma once

#include "models/domain/serverinfo.h"
#include "models/editscript.h"
#include "models/lockfilter.h"
#include "models/lockhistory.h"
#include "models/lockrow.h"

#include <QMetaType>

namespace lockscope {

/// A new view and how to get there from the one before (generation - 1).
struct LockViewUpdate
{
    LockViewPointer view;
    EditScript script;
    QList<LockEvent> events;
    /// Named objects of this snapshot whose names are not known yet, at most 2 000 at a time.
    QSet<ObjectAddress> unknownNames;
};

/// Turns snapshots into views: remembers when each lock was first seen, marks rows, filters, sorts, limits, and says
/// what changed. Runs on whichever one thread owns it (the console gives it a thread of its own); never touches a
/// model, a clock or the server: time is the snapshot's.
class LockViewBuilder
{
public:
    /// Gone rows stay this long, struck through; new rows are marked as long.
    static constexpr std::chrono::milliseconds lingering = LockHistory::lingering;

    [[nodiscard]] LockViewUpdate update(const SnapshotPointer& snapshot);
    /// A new filter, sort order or limit over the same snapshot.
    [[nodiscard]] LockViewUpdate respecify(const LockViewSpec& spec);
    void setDictionary(const KeyDictionaryPointer& dictionary);
    void setTargetNames(const TargetNamesPointer& names);
    /// Whose locks these are; what goes wrong with the server as a whole is seen by it.
    void setServer(const std::optional<ServerInfo>& server) { m_server = server; }
    /// A view of the same snapshot after any of these.
    [[nodiscard]] LockViewUpdate refresh();
    /// Forgets everything: another server. The script is a reset.
    [[nodiscard]] LockViewUpdate reset();
    [[nodiscard]] const LockViewSpec& spec() const { return m_spec; }

private:
    [[nodiscard]] LockViewUpdate publish(QList<LockEvent> events);
    void giveMeanings();
    void findUnknownNames();

    LockViewSpec m_spec;
    LockFilter m_filter;
    SnapshotPointer m_snapshot;
    WaitGraphPointer m_waits;
    TargetNamesPointer m_names;
    KeyDictionaryPointer m_givenDictionary;
    KeyDictionaryPointer m_dictionary;      ///< the same with the keys of m_meaningNames computed
    QHash<quint32, QString> m_meaningNames; ///< the names of databases that meanings were looked up with
    QSet<ObjectAddress> m_unknownNames;
    std::optional<ServerInfo> m_server;
    std::shared_ptr<const QList<Diagnosis>> m_diagnoses; ///< of m_snapshot; null: to be found
    LockHistory m_history;
    LockViewPointer m_view = std::make_shared<const LockView>();
};

} // namespace lockscope

Q_DECLARE_METATYPE(lockscope::LockViewUpdate)
