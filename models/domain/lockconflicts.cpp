#include "models/domain/lockconflicts.h"

#include <array>

namespace lockscope {

namespace {

constexpr quint16 bit(LockMode mode)
{
    return static_cast<quint16>(1u << static_cast<unsigned>(mode));
}

constexpr quint16 from(LockMode weakest)
{
    quint16 bits = 0;
    for (auto mode = static_cast<unsigned>(weakest); mode <= static_cast<unsigned>(LockMode::AccessExclusive); ++mode)
        bits = static_cast<quint16>(bits | (1u << mode));
    return bits;
}

/// The documentation's table "Conflicting Lock Modes", one row each, by the number of the mode.
constexpr std::array<quint16, 10> table{
    0,
    bit(LockMode::AccessExclusive),
    from(LockMode::Exclusive),
    from(LockMode::Share),
    from(LockMode::ShareUpdateExclusive),
    static_cast<quint16>(bit(LockMode::RowExclusive) | bit(LockMode::ShareUpdateExclusive) |
                         from(LockMode::ShareRowExclusive)),
    from(LockMode::RowExclusive),
    from(LockMode::RowShare),
    from(LockMode::AccessShare),
    0,
};

} // namespace

bool conflicts(LockMode a, LockMode b)
{
    return (table[static_cast<size_t>(a)] & bit(b)) != 0;
}

const QList<LockMode>& lockModes()
{
    static const QList<LockMode> modes{
        LockMode::AccessShare, LockMode::RowShare,          LockMode::RowExclusive, LockMode::ShareUpdateExclusive,
        LockMode::Share,       LockMode::ShareRowExclusive, LockMode::Exclusive,    LockMode::AccessExclusive};
    return modes;
}

QString takenBy(LockMode mode)
{
    switch (mode) {
    case LockMode::AccessShare:
        return QStringLiteral("SELECT");
    case LockMode::RowShare:
        return QStringLiteral("SELECT FOR UPDATE, FOR NO KEY UPDATE, FOR SHARE, FOR KEY SHARE");
    case LockMode::RowExclusive:
        return QStringLiteral("INSERT, UPDATE, DELETE, MERGE");
    case LockMode::ShareUpdateExclusive:
        return QStringLiteral("VACUUM, ANALYZE, CREATE INDEX CONCURRENTLY, CREATE STATISTICS, some ALTER TABLE");
    case LockMode::Share:
        return QStringLiteral("CREATE INDEX, pg_advisory_lock_shared");
    case LockMode::ShareRowExclusive:
        return QStringLiteral("CREATE TRIGGER, some ALTER TABLE");
    case LockMode::Exclusive:
        return QStringLiteral("REFRESH MATERIALIZED VIEW CONCURRENTLY, pg_advisory_lock");
    case LockMode::AccessExclusive:
        return QStringLiteral("DROP TABLE, TRUNCATE, REINDEX, CLUSTER, VACUUM FULL, most ALTER TABLE");
    case LockMode::SIRead:
        return QStringLiteral("reads of serializable transactions");
    case LockMode::Unknown:
        break;
    }
    return {};
}

} // namespace lockscope
