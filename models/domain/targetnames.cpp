#include "models/domain/targetnames.h"

#include <QHashFunctions>

namespace lockscope {

namespace {

QString text(quint64 number)
{
    return QString::number(number);
}

/// The name of what the target lies in, or its number.
QString relationText(const LockTarget& target, const TargetNames* names)
{
    if (const auto address = addressOf(target); address && names != nullptr) {
        if (const auto name = names->names.constFind(*address); name != names->names.cend() && !name->name.isEmpty())
            return name->name;
    }
    return QStringLiteral("relation %1").arg(text(target.relationOid));
}

} // namespace

size_t qHash(const ObjectAddress& address, size_t seed) noexcept
{
    return qHashMulti(seed, address.databaseOid, address.classid, address.objid, address.objsubid);
}

std::optional<ObjectAddress> addressOf(const LockTarget& target)
{
    switch (target.type) {
    case LockType::Relation:
    case LockType::Extend:
    case LockType::Page:
    case LockType::Tuple:
        if (target.relationOid != 0)
            return ObjectAddress{
                .databaseOid = target.databaseOid, .classid = relationCatalog, .objid = target.relationOid};
        break;
    case LockType::Object:
        if (target.classid != 0 && target.objid != 0)
            return ObjectAddress{.databaseOid = target.databaseOid,
                                 .classid = target.classid,
                                 .objid = target.objid,
                                 .objsubid = target.objsubid};
        break;
    case LockType::FrozenId:
    case LockType::TransactionId:
    case LockType::VirtualXid:
    case LockType::SpeculativeToken:
    case LockType::UserLock:
    case LockType::Advisory:
    case LockType::ApplyTransaction:
    case LockType::Unknown:
        break;
    }
    return std::nullopt;
}

QString describe(const LockTarget& target, const TargetNames* names)
{
    switch (target.type) {
    case LockType::Relation:
        return relationText(target, names);
    case LockType::Extend:
        return QStringLiteral("extension of %1").arg(relationText(target, names));
    case LockType::Page:
        return QStringLiteral("page %1 of %2").arg(text(target.page), relationText(target, names));
    case LockType::Tuple:
        return QStringLiteral("row version (%1, %2) of %3")
            .arg(text(target.page), text(target.tuple), relationText(target, names));
    case LockType::Object:
        if (const auto address = addressOf(target); address && names != nullptr) {
            if (const auto name = names->names.constFind(*address);
                name != names->names.cend() && !name->name.isEmpty())
                return name->kind.isEmpty() ? name->name : QStringLiteral("%1 %2").arg(name->kind, name->name);
        }
        break;
    default: // has no name: see addressOf()
        break;
    }
    return describe(target);
}

} // namespace lockscope
