#include "app/lab/probe/probechecks.h"

#include "app/lab/probe/probeoccupation.h"
#include "app/postgres/sqlfile.h"
#include "models/domain/displaytext.h"
#include "models/domain/lockrequest.h"

#include <algorithm>

namespace lockscope {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

/// A client that gets no turn so long waits for the end of our transaction.
constexpr milliseconds turnPatience{300};
constexpr milliseconds afterCommitLimit{3000};
constexpr int rounds = 3;

} // namespace

std::vector<ProbeClient*> ProbeChecks::from(qsizetype first)
{
    std::vector<ProbeClient*> result;
    for (qsizetype i = first; i < m_stage.count(); ++i)
        result.push_back(&m_stage.client(i));
    return result;
}

bool ProbeChecks::hasTwo(ProbeCheck& check) const
{
    if (m_stage.count() > 1)
        return true;
    check.observed = tr("not asked: %1").arg(m_stage.alone);
    return false;
}

QString ProbeChecks::list(const QSet<qint32>& pids)
{
    QList<qint32> sorted(pids.cbegin(), pids.cend());
    std::sort(sorted.begin(), sorted.end());
    QStringList words;
    for (const qint32 pid : std::as_const(sorted))
        words.append(QString::number(pid));
    return words.join(QLatin1String(", "));
}

QString ProbeChecks::backend(const ProbeAnswer& answer)
{
    const auto pid = answer.pid();
    return pid ? tr("backend %1").arg(*pid) : tr("an unknown backend");
}

QString ProbeChecks::failure(const ProbeClient& client, const ProbeAnswer& answer)
{
    if (!answer.error) {
        return answer.rows.isEmpty() ? tr("client %1 got an answer without a row").arg(client.name())
                                     : tr("client %1 got \"%2\"").arg(client.name(), cellText(answer.cell(0), 100));
    }
    const QString& state = answer.error->sqlState;
    m_stage.findings.refusedByRights |= state == QLatin1StringView("42501");
    // undefined_function, feature_not_supported, syntax_error
    m_stage.findings.lockFunctionsMissing |= state == QLatin1StringView("42883") ||
                                             state == QLatin1StringView("0A000") || state == QLatin1StringView("42601");
    return tr("client %1 got an error: %2").arg(client.name(), answer.words());
}

std::optional<ProbeAnswer> ProbeChecks::firstTakes(ProbeCheck& check)
{
    ProbeClient& first = m_stage.client(0);
    ProbeAnswer taken = m_stage.ask(first, m_stage.tryStatement());
    if (taken.isTrue())
        return taken;
    check.observed = taken.isFalse() ? tr("client A was refused a key that nobody else uses") : failure(first, taken);
    return {};
}

ProbeCheck ProbeChecks::transactionAffinity()
{
    ProbeCheck check{.name = QStringLiteral("affinity in a transaction"),
                     .expected = tr("from BEGIN to COMMIT a client stays on one backend")};
    ProbeClient& first = m_stage.client(0);
    const auto refused = [&](const ProbeAnswer& answer) {
        m_stage.findings.beginRefused = true;
        m_stage.findings.keptInTransaction = false;
        check.observed = tr("transactions are refused: %1").arg(answer.words());
        m_stage.backends.clear(); // a pooler may close the server connection as well
        m_stage.mend();
    };
    const ProbeAnswer begun = m_stage.ask(first, "BEGIN");
    if (begun.error) {
        refused(begun);
        return check;
    }
    QSet<qint32> met;
    std::vector<ProbeClient*> waiting;
    const auto others = from(1);
    for (int round = 0; round < rounds; ++round) {
        const ProbeAnswer answer = m_stage.ask(first, sqlStatement(QStringLiteral("probe_backend")));
        if (answer.error && round == 0) {
            refused(answer);
            return check;
        }
        if (const auto pid = answer.pid())
            met.insert(*pid);
        for (ProbeClient* const other : others) {
            if (!waiting.empty() || m_stage.isOver())
                break;
            other->begin(sqlStatement(QStringLiteral("probe_backend")));
            if (const auto there = other->within(turnPatience))
                m_stage.met(*other, *there);
            else
                waiting.push_back(other);
        }
    }
    m_stage.ask(first, "COMMIT");
    for (ProbeClient* const other : waiting) {
        const ProbeAnswer late = other->finish(afterCommitLimit);
        m_stage.met(*other, late);
        if (late.unanswered)
            m_stage.giveUp();
    }
    check.ok = met.size() == 1;
    m_stage.findings.keptInTransaction = met.isEmpty() ? std::nullopt : std::optional(check.ok);
    if (met.isEmpty())
        check.observed = tr("pg_backend_pid() tells no process id");
    else if (check.ok)
        check.observed = tr("stayed on backend %1").arg(list(met));
    else
        check.observed = tr("met backends %1 within one transaction").arg(list(met));
    return check;
}

ProbeCheck ProbeChecks::sessionAffinity()
{
    ProbeCheck check{.name = QStringLiteral("session affinity"),
                     .expected = tr("each client stays on a backend of its own, from statement to statement")};
    for (qsizetype i = 0; i < m_stage.count() && !m_stage.isOver(); ++i) {
        ProbeClient& one = m_stage.client(i);
        m_stage.backendOf(one);
        std::vector<ProbeClient*> others;
        for (ProbeClient* const other : from(0)) {
            if (other != &one)
                others.push_back(other);
        }
        ProbeOccupation busy(m_stage, others);
        busy.askBeside(one, sqlStatement(QStringLiteral("probe_backend")));
        busy.end();
        m_stage.backendOf(one);
        if (m_stage.isShared()) // more of the same would only take longer
            break;
    }
    auto& findings = m_stage.findings;
    QSet<qint32> all;
    QStringList moves;
    QStringList places;
    for (const auto& [name, pids] : m_stage.backends) {
        all |= pids;
        places.append(tr("%1 on %2").arg(name, list(pids)));
        if (pids.size() > 1)
            moves.append(tr("client %1 met backends %2").arg(name, list(pids)));
    }
    findings.backends = all.size();
    findings.shared = m_stage.isShared();
    check.ok = !all.isEmpty() && !findings.shared && m_stage.count() > 1;
    if (all.isEmpty())
        check.observed = tr("pg_backend_pid() tells no process id");
    else if (!moves.isEmpty())
        check.observed = moves.size() == 1 ? moves.first() : tr("%1; others moved too").arg(moves.first());
    else if (findings.shared)
        check.observed =
            tr("%1 clients took turns on %2 (backend %3), so affinity is not disproved and not proved: a "
               "pool of one hides it")
                .arg(QString::number(m_stage.count()),
                     all.size() == 1 ? tr("one server connection") : tr("%1 server connections").arg(all.size()),
                     list(all));
    else if (m_stage.count() == 1)
        check.observed =
            tr("client A stayed on backend %1, but %2: a pool of one hides it").arg(list(all), m_stage.alone);
    else
        check.observed = tr("%1 clients, each always on its own: %2")
                             .arg(QString::number(m_stage.count()), places.join(QLatin1String(", ")));
    if (findings.claimDiffers && !all.isEmpty())
        check.observed +=
            QLatin1String("; ") + tr("the process id told at login is another one, so a pooler is between");
    return check;
}

ProbeCheck ProbeChecks::foreignUnlock()
{
    ProbeCheck check{.name = QStringLiteral("foreign unlock"),
                     .expected = tr("false, with a warning: only the session that holds a lock can release it")};
    if (!hasTwo(check) || !firstTakes(check))
        return check;
    ProbeClient& second = m_stage.client(1);
    const ProbeAnswer answer = m_stage.ask(second, m_stage.unlockStatement());
    check.ok = answer.isFalse();
    if (answer.isTrue())
        check.observed = tr("true: client B released the lock of client A, on %1").arg(backend(answer));
    else if (!answer.isFalse())
        check.observed = failure(second, answer);
    else if (answer.notices.isEmpty())
        check.observed = tr("false, and no warning was told");
    else
        check.observed = tr("false, with a warning");
    return check;
}

ProbeCheck ProbeChecks::ownUnlock()
{
    ProbeCheck check{.name = QStringLiteral("own unlock"),
                     .expected = tr("true, also while other clients are busy: the lock is where it was taken")};
    const auto taken = firstTakes(check);
    if (!taken)
        return check;
    ProbeClient& first = m_stage.client(0);
    ProbeOccupation busy(m_stage, from(1));
    const ProbeAnswer answer = busy.askBeside(first, m_stage.unlockStatement());
    check.ok = answer.isTrue();
    if (answer.isTrue())
        check.observed = tr("true, on %1").arg(backend(answer));
    else if (answer.isFalse())
        check.observed =
            tr("false: the lock was taken on %1, the unlock ran on %2").arg(backend(*taken), backend(answer));
    else
        check.observed = failure(first, answer);
    return check;
}

ProbeCheck ProbeChecks::reentrance()
{
    ProbeCheck check{.name = QStringLiteral("re-entrance"),
                     .expected = tr("taken twice, it is released by two unlocks, and a third one answers false")};
    ProbeClient& first = m_stage.client(0);
    QStringList answers;
    for (int i = 0; i < 5 && !m_stage.isOver(); ++i) {
        const ProbeAnswer answer = m_stage.ask(first, i < 2 ? m_stage.tryStatement() : m_stage.unlockStatement());
        if (!answer.isTrue() && !answer.isFalse()) {
            check.observed = failure(first, answer);
            return check;
        }
        answers.append(answer.isTrue() ? QStringLiteral("true") : QStringLiteral("false"));
    }
    check.observed = tr("taken: %1; unlocked: %2")
                         .arg(answers.mid(0, 2).join(QLatin1String(", ")), answers.mid(2).join(QLatin1String(", ")));
    check.ok = answers.join(QLatin1Char(' ')) == QLatin1StringView("true true true true false");
    m_stage.findings.unlocksWhatNobodyHolds = answers.count(QStringLiteral("true")) == 5;
    return check;
}

ProbeCheck ProbeChecks::twoKeySpaces()
{
    ProbeCheck check{.name = QStringLiteral("bigint and pair"),
                     .expected = tr("a bigint key and a pair with the same bits are two locks")};
    if (!hasTwo(check) || !firstTakes(check))
        return check;
    ProbeClient& second = m_stage.client(1);
    const ProbeAnswer answer = m_stage.ask(second, m_stage.tryStatement(false));
    if (!answer.isTrue()) {
        check.observed =
            answer.isFalse() ? tr("the bigint was refused while the pair was held") : failure(second, answer);
        return check;
    }
    const auto holders = m_stage.holders(second);
    const bool bothSeen =
        holders && std::any_of(holders->cbegin(), holders->cend(), [](const auto& holder) { return holder.isPair; }) &&
        std::any_of(holders->cbegin(), holders->cend(), [](const auto& holder) { return !holder.isPair; });
    check.ok = bothSeen || !holders;
    if (!holders)
        check.observed = tr("both were granted; pg_locks could not be read");
    else
        check.observed = bothSeen ? tr("both were granted, and pg_locks shows two locks")
                                  : tr("both were granted, and pg_locks does not show two locks");
    return check;
}

ProbeCheck ProbeChecks::transactionLevel()
{
    ProbeCheck check{.name = QStringLiteral("transaction-level lock"),
                     .expected = tr("held until COMMIT, then another client gets the key")};
    if (!hasTwo(check))
        return check;
    if (m_stage.findings.beginRefused) {
        check.observed = tr("not asked: transactions are refused");
        m_stage.findings.transactionLevel = false;
        return check;
    }
    ProbeClient& first = m_stage.client(0);
    ProbeClient& second = m_stage.client(1);
    const QByteArray statement =
        ProbeStage::call(acquireStatement(m_stage.keys.pair, {.level = LockLevel::Transaction}));
    m_stage.ask(first, "BEGIN");
    const ProbeAnswer taken = m_stage.ask(first, statement);
    if (!taken.isTrue()) {
        check.observed = failure(first, taken);
        m_stage.ask(first, "ROLLBACK");
        return check;
    }
    second.begin(statement);
    auto meanwhile = second.within(2 * turnPatience);
    m_stage.ask(first, "COMMIT");
    const bool waited = !meanwhile;
    if (waited)
        meanwhile = second.finish(afterCommitLimit);
    // Its own transaction is the statement: what it is granted goes at once.
    // An answer that only took its time may still be the one from before COMMIT.
    const ProbeAnswer after = waited && meanwhile->isTrue() ? *meanwhile : m_stage.ask(second, statement);
    check.ok = after.isTrue() && (waited || meanwhile->isFalse());
    m_stage.findings.transactionLevel = check.ok;
    if (!waited && meanwhile->isTrue())
        check.observed = tr("granted to client B too while the transaction of client A held it");
    else if (!after.isTrue())
        check.observed = after.isFalse() ? tr("still held after COMMIT") : failure(second, after);
    else
        check.observed = waited ? tr("client B was not served before COMMIT, and granted the key after it")
                                : tr("refused to client B before COMMIT, granted after it");
    return check;
}

} // namespace lockscope
