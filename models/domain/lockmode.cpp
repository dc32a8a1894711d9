#include "models/domain/lockmode.h"

#include <array>

namespace lockscope {

namespace {

struct ModeName
{
    LockMode mode;
    QStringView server;
    QStringView display;
};

constexpr std::array modeNames{
    ModeName{LockMode::AccessShare, u"AccessShareLock", u"Access Share"},
    ModeName{LockMode::RowShare, u"RowShareLock", u"Row Share"},
    ModeName{LockMode::RowExclusive, u"RowExclusiveLock", u"Row Exclusive"},
    ModeName{LockMode::ShareUpdateExclusive, u"ShareUpdateExclusiveLock", u"Share Update Exclusive"},
    ModeName{LockMode::Share, u"ShareLock", u"Share"},
    ModeName{LockMode::ShareRowExclusive, u"ShareRowExclusiveLock", u"Share Row Exclusive"},
    ModeName{LockMode::Exclusive, u"ExclusiveLock", u"Exclusive"},
    ModeName{LockMode::AccessExclusive, u"AccessExclusiveLock", u"Access Exclusive"},
    ModeName{LockMode::SIRead, u"SIReadLock", u"SIRead"},
    ModeName{LockMode::Unknown, u"unknown", u"Unknown"},
};

const ModeName& nameOf(LockMode mode)
{
    for (const ModeName& name : modeNames) {
        if (name.mode == mode)
            return name;
    }
    return modeNames.back();
}

} // namespace

LockMode lockModeFromServer(QStringView text)
{
    for (const ModeName& name : modeNames) {
        if (name.server == text)
            return name.mode;
    }
    return LockMode::Unknown;
}

QString serverName(LockMode mode)
{
    return nameOf(mode).server.toString();
}

QString displayName(LockMode mode)
{
    return nameOf(mode).display.toString();
}

} // namespace lockscope
