#include "models/domain/time.h"

namespace lockscope {

namespace {

using std::chrono::duration_cast;

QString padded(qint64 number)
{
    return QString::number(number).rightJustified(2, u'0');
}

/// One decimal, cut and not rounded: 59.96 s must not read as "60.0 s", and a wait is never said to be longer than it
/// was.
QString tenths(qint64 count)
{
    return QString::number(count / 10) + u'.' + QString::number(count % 10);
}

} // namespace

QString formatAge(std::chrono::microseconds age)
{
    using namespace std::chrono_literals;
    using Days = std::chrono::duration<qint64, std::ratio<86400>>;
    if (age < 0us)
        return QStringLiteral("0 s");
    if (age < 1min)
        return tenths(age / 100ms) + QStringLiteral(" s");
    const qint64 seconds = age / 1s;
    if (age < 1h)
        return QString::number(seconds / 60) + QStringLiteral(" m ") + padded(seconds % 60) + QStringLiteral(" s");
    if (age < 24h)
        return QString::number(seconds / 3600) + QStringLiteral(" h ") + padded(seconds / 60 % 60) +
               QStringLiteral(" m");
    const qint64 days = duration_cast<Days>(age).count();
    return QString::number(days) + QStringLiteral(" d ") + QString::number(seconds / 3600 % 24) + QStringLiteral(" h");
}

QString formatDuration(std::chrono::microseconds duration)
{
    using namespace std::chrono_literals;
    if (duration <= 0us)
        return QStringLiteral("0 ms");
    if (duration < 100us)
        return QStringLiteral("< 0.1 ms");
    if (duration < 10ms)
        return tenths(duration / 100us) + QStringLiteral(" ms");
    if (duration < 1s)
        return QString::number(duration / 1ms) + QStringLiteral(" ms");
    return formatAge(duration);
}

} // namespace lockscope
