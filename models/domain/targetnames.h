#pragma once

#include "models/domain/locktarget.h"

#include <QHash>
#include <QMetaType>
#include <QSet>

#include <memory>

namespace lockscope {

/// What can have a name: a relation or another object of one database, or a shared one (databaseOid 0).
struct ObjectAddress
{
    quint32 databaseOid = 0;
    quint32 classid = 0; ///< the catalog it is a row of; 1259 (pg_class) for relations
    quint32 objid = 0;
    quint16 objsubid = 0;
    friend auto operator<=>(const ObjectAddress&, const ObjectAddress&) = default;
};
size_t qHash(const ObjectAddress& address, size_t seed = 0) noexcept;

inline constexpr quint32 relationCatalog = 1259;

/// What a lock's target could be named by; empty for types whose numbers are all there is (transactions, advisory
/// keys).
[[nodiscard]] std::optional<ObjectAddress> addressOf(const LockTarget& target);

/// Hostile text throughout.
struct ObjectName
{
    QString name =
        {}; ///< "public.orders", quoted where PostgreSQL would quote it; empty: it was asked for and is not there
    QString kind = {}; ///< "table", "index", "TOAST table", "type", ...: in PostgreSQL's words
    QString note = {}; ///< "index of public.orders"; empty where the name says it all
    friend bool operator==(const ObjectName&, const ObjectName&) = default;
};

/// The names learnt so far. Shared, never changed; a newer one replaces it.
struct TargetNames
{
    QHash<ObjectAddress, ObjectName> names = {};
    /// Databases whose names cannot be read now, and why, in our words: "shop: this role may not connect to it".
    QHash<quint32, QString> troubles = {};
    friend bool operator==(const TargetNames&, const TargetNames&) = default;
};
using TargetNamesPointer = std::shared_ptr<const TargetNames>;

/// The target as people read it, without its database: "public.orders", "row version (3, 7) of public.orders",
/// "page 3 of public.orders", "transaction 751", "virtual transaction 4/20", "type public.mood", "5", "(-5, 7)". Where
/// no name is known the numbers of describe(target). Never a name of another database. names may be null.
[[nodiscard]] QString describe(const LockTarget& target, const TargetNames* names);

} // namespace lockscope

Q_DECLARE_METATYPE(lockscope::TargetNamesPointer)
