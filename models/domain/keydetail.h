#pragma once

#include "models/domain/knownkeys.h"

namespace lockscope {

/// What the numbers of this target mean under this entry: "table OID 16384", or nothing. Fills the template, in which
/// {key} is the signed 64 bits, {classid} and {objid} the halves as signed int4 (unsigned for objsubid classes),
/// {objid.oid} unsigned, {objid.oid-plus-2^31}, {objid>>8} and {objid&255} as the programs pack them, {value} the name
/// of objid, {key-first} and {key-middle} the distance into a range, {name} what asciiName() reads, {database} the name
/// of the row's database, made fit for one line.
[[nodiscard]] QString keyDetail(const KnownKey& entry, const LockTarget& target, const QString& databaseName);
/// The first placeholder of a template that keyDetail() does not know; empty when all are fine.
[[nodiscard]] QString unknownPlaceholder(const QString& detail);

} // namespace lockscope
