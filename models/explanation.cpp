#include "models/explanation.h"

#include "models/diagnosis.h"
#include "models/domain/displaytext.h"
#include "models/explanationteller.h"

#include <QCoreApplication>

#include <algorithm>

namespace lockscope {

namespace {

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(Explanation)
};

constexpr int nameLimit = 60;

QString sessionName(qint32 number, const Backend* backend)
{
    const QString pid = QString::number(number);
    if (backend == nullptr)
        return Text::tr("pid %1").arg(pid);
    if (backend->backendType == QLatin1String("startup"))
        return Text::tr("startup process (pid %1)").arg(pid);
    const QString name = cellText(backend->applicationName, nameLimit);
    if (name.isEmpty()) {
        const bool client = backend->backendType.isEmpty() || backend->backendType == QLatin1String("client backend");
        return client ? Text::tr("pid %1").arg(pid)
                      : Text::tr("%1 (pid %2)").arg(cellText(backend->backendType, nameLimit), pid);
    }
    // Parentheses in parentheses read badly.
    return (name.contains(u'(') ? Text::tr("%1 \"%2\"") : Text::tr("%1 (%2)")).arg(pid, name);
}

WaitNodeId nodeOf(const LockRow& row, const LockView& view)
{
    if (view.snapshot)
        return nodeOf(row.lock, *view.snapshot);
    return row.lock.backend.pid == 0 ? WaitNodeId{.virtualTransaction = row.lock.virtualTransaction}
                                     : WaitNodeId{.backend = row.lock.backend};
}

/// Who blocks hundreds of keys is found by the first few.
constexpr qsizetype looked = 8;

void addDiagnoses(Explanation& told, const ExplanationFacts& facts, const std::optional<ServerInfo>& server,
                  const QList<WaitNodeId>& sessions, const QList<LockTarget>& targets)
{
    const DiagnosisFinder finder(facts, server);
    const auto add = [&told](const QList<Diagnosis>& diagnoses) {
        for (const Diagnosis& diagnosis : diagnoses) {
            if (!told.diagnoses.contains(diagnosis))
                told.diagnoses.append(diagnosis);
        }
    };
    for (const WaitNodeId& id : sessions)
        add(finder.ofSession(id));
    for (const LockTarget& target : targets)
        add(finder.ofTarget(target));
    add(finder.ofServer());
    // What a wait costs comes after what causes it.
    std::stable_partition(told.diagnoses.begin(), told.diagnoses.end(),
                          [](const Diagnosis& diagnosis) { return diagnosis.kind != DiagnosisKind::VacuumHeldBack; });
}

} // namespace

QString nodeName(const WaitNodeId& id, const LockView& view)
{
    if (id.isPrepared()) {
        const QString gid = view.snapshot ? view.snapshot->prepared.value(id.virtualTransaction).gid : QString();
        return gid.isEmpty() ? Text::tr("a prepared transaction")
                             : Text::tr("prepared transaction '%1'").arg(cellText(gid, nameLimit));
    }
    if (id.isNull())
        return Text::tr("an unknown session");
    const BackendPointer backend = view.snapshot ? view.snapshot->backends.value(id.backend.pid) : nullptr;
    return sessionName(id.backend.pid, backend && backend->id == id.backend ? backend.get() : nullptr);
}

QString word(DiagnosisKind kind)
{
    switch (kind) {
    case DiagnosisKind::Deadlock:
        return QStringLiteral("deadlock");
    case DiagnosisKind::WrongConnectionUnlock:
        return QStringLiteral("wrong-connection-unlock");
    case DiagnosisKind::LeakedSessionLock:
        return QStringLiteral("leaked-session-lock");
    case DiagnosisKind::IdleInTransaction:
        return QStringLiteral("idle-in-transaction");
    case DiagnosisKind::PreparedForgotten:
        return QStringLiteral("prepared-forgotten");
    case DiagnosisKind::TransactionPooler:
        return QStringLiteral("transaction-pooler");
    case DiagnosisKind::ManyWaitOnOneKey:
        return QStringLiteral("many-wait-on-one-key");
    case DiagnosisKind::VacuumHeldBack:
        return QStringLiteral("vacuum-held-back");
    case DiagnosisKind::LockTableFilling:
        return QStringLiteral("lock-table-filling");
    }
    return {};
}

QString Explanation::text() const
{
    QStringList paragraph{situation, reason, remedy, cost};
    paragraph.removeAll(QString());
    QStringList lines{paragraph.join(u' ')};
    for (const Diagnosis& diagnosis : diagnoses)
        lines.append(Text::tr("%1: %2 %3").arg(diagnosis.title, diagnosis.evidence, diagnosis.advice));
    lines.removeAll(QString());
    return lines.join(u'\n');
}

Explanation explainLock(const LockRow& row, const LockView& view, const std::optional<ServerInfo>& server)
{
    Explanation told;
    const ExplanationFacts facts(view);
    const WaitNodeId id = nodeOf(row, view);
    // A session that ended is known by its row alone.
    const QString name = sentenceStart(facts.backend(id) == nullptr && !id.isPrepared() && row.backend
                                           ? sessionName(row.lock.backend.pid, row.backend.get())
                                           : nodeName(id, view));
    if (row.isGone()) {
        told.situation = row.lock.granted
                             ? Text::tr("%1 held %2. The lock is no longer there.")
                                   .arg(name, facts.inMode(row.lock.target, row.lock.mode))
                             : Text::tr("%1 waited for %2. It no longer does.").arg(name, facts.awaited(row.lock));
        return told;
    }
    const ExplanationTeller teller(facts);
    if (!row.lock.granted) {
        teller.tellWait(told, id, row.lock, name);
        addDiagnoses(told, facts, server, teller.concerned(id, row.lock), {row.lock.target});
    } else {
        teller.tellHold(told, id, row.lock, name);
        addDiagnoses(told, facts, server, {id}, {row.lock.target});
    }
    return told;
}

Explanation explainSession(const WaitNodeId& id, const LockView& view, const std::optional<ServerInfo>& server)
{
    Explanation told;
    if (id.isNull() || !view.snapshot)
        return told;
    const ExplanationFacts facts(view);
    const ExplanationTeller teller(facts);
    const QString name = sentenceStart(nodeName(id, view));
    const WaitNode* const node = facts.node(id);
    if (node != nullptr && node->isWaiting()) {
        const Lock& wait = node->waits.first();
        teller.tellWait(told, id, wait, name);
        addDiagnoses(told, facts, server, teller.concerned(id, wait), {wait.target});
        return told;
    }
    teller.tellSession(told, id, name);
    QList<LockTarget> targets;
    for (qsizetype i = 0; node != nullptr && i < std::min(node->blocks.size(), looked); ++i)
        targets.append(node->blocks[i].target);
    addDiagnoses(told, facts, server, {id}, targets);
    return told;
}

QList<Diagnosis> diagnosesOf(const LockView& view, const std::optional<ServerInfo>& server)
{
    const ExplanationFacts facts(view);
    return DiagnosisFinder(facts, server).all();
}

} // namespace lockscope
