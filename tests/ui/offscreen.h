#pragma once

#include <QByteArray>
#include <QString>
#include <QtGlobal>

namespace lockscope::test {

/// Call from initTestCase(). The offscreen platform warns each time a window has a smallest size or is raised ("This
/// plugin does not support propagateSizeHints()"), which says nothing about the product; every other warning still
/// fails the test.
inline void muteSizeHintsOfOffscreen()
{
    static QtMessageHandler previous = nullptr;
    previous = qInstallMessageHandler([](QtMsgType type, const QMessageLogContext& context, const QString& message) {
        if (message != QLatin1String("This plugin does not support propagateSizeHints()") &&
            message != QLatin1String("This plugin does not support raise()"))
            previous(type, context, message);
    });
}

} // namespace lockscope::test
