#include "models/domain/locktarget.h"

#include <QHashFunctions>

#include <array>

namespace lockscope {

namespace {

struct TypeName
{
    LockType type;
    QStringView server;
};

constexpr std::array typeNames{
    TypeName{LockType::Relation, u"relation"},     TypeName{LockType::Extend, u"extend"},
    TypeName{LockType::FrozenId, u"frozenid"},     TypeName{LockType::Page, u"page"},
    TypeName{LockType::Tuple, u"tuple"},           TypeName{LockType::TransactionId, u"transactionid"},
    TypeName{LockType::VirtualXid, u"virtualxid"}, TypeName{LockType::SpeculativeToken, u"spectoken"},
    TypeName{LockType::Object, u"object"},         TypeName{LockType::UserLock, u"userlock"},
    TypeName{LockType::Advisory, u"advisory"},     TypeName{LockType::ApplyTransaction, u"applytransaction"},
    TypeName{LockType::Unknown, u"unknown"},
};

QString text(quint64 number)
{
    return QString::number(number);
}

QString rawTag(const LockTarget& target)
{
    return QStringLiteral("%1/%2/%3").arg(text(target.classid), text(target.objid), text(target.objsubid));
}

} // namespace

LockType lockTypeFromServer(QStringView name)
{
    for (const TypeName& entry : typeNames) {
        if (entry.server == name)
            return entry.type;
    }
    return LockType::Unknown;
}

QString serverName(LockType type)
{
    for (const TypeName& entry : typeNames) {
        if (entry.type == type)
            return entry.server.toString();
    }
    return typeNames.back().server.toString();
}

std::optional<LockKey> LockTarget::key() const
{
    if (type != LockType::Advisory)
        return std::nullopt;
    return LockKey::fromLockTag(classid, objid, objsubid);
}

LockTarget LockTarget::advisory(quint32 databaseOid, LockKey key)
{
    LockTarget target;
    target.type = LockType::Advisory;
    target.databaseOid = databaseOid;
    target.classid = key.classid();
    target.objid = key.objid();
    target.objsubid = key.objsubid();
    return target;
}

size_t qHash(const LockTarget& target, size_t seed) noexcept
{
    return qHashMulti(seed, static_cast<quint8>(target.type), target.objsubid, target.tuple, target.databaseOid,
                      target.relationOid, target.page, target.classid, target.objid, target.transactionId);
}

QString describe(const LockTarget& target)
{
    switch (target.type) {
    case LockType::Relation:
        return QStringLiteral("relation %1").arg(text(target.relationOid));
    case LockType::Extend:
        return QStringLiteral("extension of relation %1").arg(text(target.relationOid));
    case LockType::FrozenId:
        return QStringLiteral("frozen ids of database %1").arg(text(target.databaseOid));
    case LockType::Page:
        return QStringLiteral("page %1 of %2").arg(text(target.page), text(target.relationOid));
    case LockType::Tuple:
        return QStringLiteral("tuple (%1, %2) of %3")
            .arg(text(target.page), text(target.tuple), text(target.relationOid));
    case LockType::TransactionId:
        return QStringLiteral("transaction %1").arg(text(target.transactionId));
    case LockType::VirtualXid:
        return QStringLiteral("virtual transaction %1/%2")
            .arg(text(target.transactionId >> 32), text(target.transactionId & 0xffffffffU));
    case LockType::SpeculativeToken:
        // pg_lock_status() puts the token into objid.
        return QStringLiteral("speculative insertion %1 of transaction %2")
            .arg(text(target.objid), text(target.transactionId));
    case LockType::Object:
        if (target.objsubid != 0)
            return QStringLiteral("object %1").arg(rawTag(target));
        return QStringLiteral("object %1/%2").arg(text(target.classid), text(target.objid));
    case LockType::UserLock:
        return QStringLiteral("user lock %1").arg(rawTag(target));
    case LockType::Advisory:
        if (const std::optional<LockKey> key = target.key())
            return key->toString();
        return QStringLiteral("advisory %1").arg(rawTag(target));
    case LockType::ApplyTransaction:
        // pg_lock_status() puts the subscription into objid and the remote xid into transactionid.
        return QStringLiteral("remote transaction %1 of subscription %2")
            .arg(text(target.transactionId), text(target.objid));
    case LockType::Unknown:
        break;
    }
    return QStringLiteral("lock of an unknown type");
}

} // namespace lockscope
