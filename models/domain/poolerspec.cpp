#include "models/domain/poolerspec.h"

namespace lockscope {

QString word(PoolerMode mode)
{
    switch (mode) {
    case PoolerMode::Session:
        return QStringLiteral("session");
    case PoolerMode::Transaction:
        return QStringLiteral("transaction");
    case PoolerMode::Statement:
        break;
    }
    return QStringLiteral("statement");
}

} // namespace lockscope
