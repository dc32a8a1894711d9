#pragma once

#include <QObject>
#include <QTest>

namespace lockscope::test {

/// Base of every test class: any Qt warning fails the test function in which it appears.
/// A class with an init() of its own calls this one first.
class Suite : public QObject
{
    Q_OBJECT

protected Q_SLOTS:
    void init();
};

} // namespace lockscope::test

/// Fails with the error's sentence and the server's words instead of a bare "false".
#define VERIFY_RESULT(result)                                                                                          \
    do {                                                                                                               \
        const auto& checkedResult = (result);                                                                          \
        if (!checkedResult)                                                                                            \
            QFAIL(qPrintable(checkedResult.error().what + QStringLiteral(" | ") + checkedResult.error().serverWords)); \
    } while (false)
