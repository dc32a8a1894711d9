#pragma once

#include "app/lab/scenario/scenariofile.h"

/// Lessons as text, for tests of the reader.
namespace lockscope::test {

/// A lesson with the given actors and steps around what every lesson has; steps start in line 9 when there is one
/// actor.
inline QByteArray lesson(const QByteArray& steps, const QByteArray& actors = "  alice: {kind: session}\n")
{
    return "scenario: a-lesson\ntitle: A Lesson\nabout: What one learns.\nactors:\n" + actors + "steps:\n" + steps;
}

/// "7:5: found x; expected y", one line for each.
inline QString faultsOf(const QByteArray& yaml)
{
    const auto document = readScenario(yaml);
    if (document)
        return QStringLiteral("none");
    QStringList lines;
    for (const ScenarioFault& fault : document.error())
        lines.append(QStringLiteral("%1:%2: %3; %4")
                         .arg(QString::number(fault.line), QString::number(fault.column), fault.found, fault.expected));
    return lines.join(u'\n');
}

/// One actor of each kind and more.
inline const QByteArray everybody = "  alice: {kind: session}\n"
                                    "  carl: {kind: client}\n"
                                    "  shop: {kind: pool, size: 2}\n"
                                    "  pod-a: {kind: pod, size: 1}\n"
                                    "  bouncer: {kind: pooler, mode: session}\n"
                                    "  bob: {kind: session, through: bouncer}\n"
                                    "  late: {kind: session, starts: later}\n";

} // namespace lockscope::test
