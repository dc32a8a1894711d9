#pragma once

#include "models/explanation.h"
#include "models/lockview.h"
#include "tests/support/locktext.h"

#include <algorithm>
#include <functional>

namespace lockscope::test {

inline constexpr quint64 preparedSession = 0xffffffff000002efULL; // -1/751

/// A view of made-up readings: now is 100 s on the server's clock.
struct ExplanationStage
{
    SnapshotMaker maker{100};
    std::function<void(Snapshot&)> change = {};
    std::optional<ServerInfo> server = {};
    KeyDictionaryPointer dictionary = {};
    LockViewBuilder builder = {};
    LockViewPointer view = {};

    /// From one look at this moment. before: seconds ago there was a look at the same locks.
    void look(double before = 0)
    {
        const auto shaped = [this](double ago) {
            auto snapshot = std::make_shared<Snapshot>(*maker.make());
            if (change)
                change(*snapshot);
            std::sort(snapshot->otherLocks.begin(), snapshot->otherLocks.end(), identityLess);
            snapshot->takenAt = serverTime(100 - ago);
            return snapshot;
        };
        builder.setDictionary(dictionary);
        if (before > 0)
            view = builder.update(shaped(before)).view;
        view = builder.update(shaped(0)).view;
    }
    const LockRow* row(qint32 pid, bool granted) const
    {
        for (const LockRow& candidate : view->rows) {
            if (candidate.lock.backend.pid == pid && candidate.lock.granted == granted)
                return &candidate;
        }
        qFatal("no such row");
    }
    QString lock(qint32 pid, bool granted) const { return paragraph(explainLock(*row(pid, granted), *view, server)); }
    WaitNodeId id(qint32 pid) const
    {
        return pid == 0 ? WaitNodeId{.backend = {}, .virtualTransaction = preparedSession}
                        : WaitNodeId{.backend = view->snapshot->backends.value(pid)->id};
    }
    QString session(qint32 pid) const { return paragraph(explainSession(id(pid), *view, server)); }
    /// Without the diagnoses.
    static QString paragraph(Explanation told)
    {
        told.diagnoses.clear();
        return told.text();
    }
    /// "kind about certain|suspected", one for each.
    QStringList found() const
    {
        QStringList lines;
        for (const Diagnosis& diagnosis : diagnosesOf(*view, server))
            lines.append(summary(diagnosis));
        return lines;
    }
    QString summary(const Diagnosis& diagnosis) const
    {
        return QStringLiteral("%1 %2 %3")
            .arg(word(diagnosis.kind),
                 diagnosis.about.isNull() ? QStringLiteral("-") : QString::number(diagnosis.about.backend.pid),
                 diagnosis.certain ? QStringLiteral("certain") : QStringLiteral("suspected"));
    }
    std::optional<Diagnosis> diagnosis(DiagnosisKind kind) const
    {
        for (const Diagnosis& candidate : diagnosesOf(*view, server)) {
            if (candidate.kind == kind)
                return candidate;
        }
        return std::nullopt;
    }
    QString evidence(DiagnosisKind kind) const
    {
        const auto found = diagnosis(kind);
        return found ? found->title + QStringLiteral(": ") + found->evidence : QStringLiteral("none");
    }

    void session(qint32 pid, const char* application, const char* state, double stateSince, const char* query,
                 const std::function<void(Backend&)>& more = {})
    {
        maker.backend(pid, [&](Backend& backend) {
            backend.applicationName = QString::fromUtf8(application);
            backend.state = QString::fromUtf8(state);
            backend.stateChange = serverTime(100 - stateSince);
            backend.queryStart = backend.stateChange;
            backend.query = QString::fromUtf8(query);
            if (more)
                more(backend);
        });
    }
    /// A lock of another type; blockers only of one that is not granted.
    static void other(Snapshot& snapshot, qint32 pid, LockTarget target, LockMode mode, bool granted,
                      const QList<qint32>& blockers = {}, double waited = 0)
    {
        Lock lock;
        lock.target = target;
        lock.mode = mode;
        lock.granted = granted;
        lock.backend = snapshot.backends.value(pid)->id;
        if (!granted) {
            lock.waitStart = serverTime(100 - waited);
            snapshot.blockers.insert(pid, blockers);
        }
        snapshot.otherLocks.append(lock);
    }
    static LockTarget relation(quint32 oid)
    {
        LockTarget target;
        target.type = LockType::Relation;
        target.databaseOid = test::shop;
        target.relationOid = oid;
        return target;
    }
    static LockTarget ofType(LockType type, quint64 transaction)
    {
        LockTarget target;
        target.type = type;
        target.transactionId = transaction;
        return target;
    }
    void prepared(const QString& gid, double ago)
    {
        change = [gid, ago](Snapshot& snapshot) {
            snapshot.prepared.insert(preparedSession, {.gid = gid,
                                                       .transactionId = 751,
                                                       .preparedAt = serverTime(100 - ago),
                                                       .owner = QStringLiteral("billing"),
                                                       .databaseOid = test::shop});
        };
    }
};

/// 1234 idles on key 5, 1240 waits for it.
inline void twoPods(ExplanationStage& stage, const char* lastOfHolder = "SELECT pg_advisory_lock(5)", double idle = 20)
{
    stage.maker.held(5, 1234).waiting(5, 1240, 88, {1234});
    stage.session(1234, "pod-a", "idle", idle, lastOfHolder);
    stage.session(1240, "pod-b", "active", 12, "SELECT pg_advisory_lock(5)");
}

} // namespace lockscope::test
