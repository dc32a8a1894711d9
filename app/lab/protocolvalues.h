#pragma once

#include "models/domain/clientstate.h"
#include "models/domain/podstate.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QJsonValue>

/// How the domain's values look in a line of the client protocol. Pure functions; reading never fails silently: the
/// first thing that is wrong is remembered by the FieldReader.
namespace lockscope::protocol {

/// Reads the fields of one object and remembers the first problem, as a phrase without any value in it.
class FieldReader
{
public:
    explicit FieldReader(QJsonObject object)
        : m_object(std::move(object))
    {
    }

    [[nodiscard]] QString text(QStringView field);
    [[nodiscard]] qint64 integer(QStringView field, qint64 minimum, qint64 maximum);
    [[nodiscard]] bool boolean(QStringView field);
    [[nodiscard]] QJsonArray array(QStringView field);
    [[nodiscard]] FieldReader object(QStringView field);
    [[nodiscard]] bool has(QStringView field) const { return m_object.contains(field); }
    [[nodiscard]] const QJsonObject& fields() const { return m_object; }

    void complain(QStringView field, const QString& problem);
    /// Takes over what went wrong in a part of this object.
    void adopt(const FieldReader& part);
    [[nodiscard]] const QString& problem() const { return m_problem; }

private:
    [[nodiscard]] QJsonValue value(QStringView field, QJsonValue::Type type);

    QJsonObject m_object;
    QString m_problem;
};

[[nodiscard]] QJsonObject toJson(const LockKey& key);
[[nodiscard]] QJsonObject toJson(const KeyInput& key);
[[nodiscard]] QJsonObject toJson(const LockRequest& request);
[[nodiscard]] QJsonObject toJson(const LedgerEntry& entry);
[[nodiscard]] QJsonObject toJson(const Error& error);
[[nodiscard]] QJsonObject toJson(const Outcome& outcome);
[[nodiscard]] QJsonObject toJson(const StatementRecord& record);
[[nodiscard]] QJsonObject toJson(const PodConnection& connection);
[[nodiscard]] QJsonObject toJson(const PodAnswer& answer);

[[nodiscard]] LockKey readLockKey(FieldReader& fields);
[[nodiscard]] KeyInput readKeyInput(FieldReader& fields);
[[nodiscard]] LockRequest readLockRequest(FieldReader& fields);
[[nodiscard]] LedgerEntry readLedgerEntry(FieldReader& fields);
[[nodiscard]] Error readError(FieldReader& fields);
[[nodiscard]] Outcome readOutcome(FieldReader& fields);
[[nodiscard]] StatementRecord readStatementRecord(FieldReader& fields);
[[nodiscard]] PodConnection readPodConnection(FieldReader& fields);
[[nodiscard]] PodAnswer readPodAnswer(FieldReader& fields);

[[nodiscard]] QString shareWord(LockShare share);
[[nodiscard]] LockShare readShare(FieldReader& fields, QStringView field);
[[nodiscard]] QString phaseWord(ClientPhase phase);
[[nodiscard]] ClientPhase readPhase(FieldReader& fields, QStringView field);
[[nodiscard]] QString transactionWord(TransactionPhase phase);
[[nodiscard]] TransactionPhase readTransaction(FieldReader& fields, QStringView field);

} // namespace lockscope::protocol
