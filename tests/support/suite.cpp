#include "tests/support/suite.h"

#include <QRegularExpression>

namespace lockscope::test {

void Suite::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

} // namespace lockscope::test
