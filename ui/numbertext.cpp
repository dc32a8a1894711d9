#include "ui/numbertext.h"

namespace lockscope {

QString groupedNumber(qint64 number)
{
    QString text = QString::number(number);
    const qsizetype firstDigit = number < 0 ? 1 : 0;
    for (qsizetype position = text.size() - 3; position > firstDigit; position -= 3)
        text.insert(position, QChar(0x202f));
    return text;
}

QString intervalText(std::chrono::milliseconds interval)
{
    if (interval < std::chrono::seconds(1))
        return QStringLiteral("%1 ms").arg(interval.count());
    const qint64 tenths = interval.count() / 100;
    if (tenths % 10 == 0)
        return QStringLiteral("%1 s").arg(tenths / 10);
    return QStringLiteral("%1.%2 s").arg(tenths / 10).arg(tenths % 10);
}

} // namespace lockscope
