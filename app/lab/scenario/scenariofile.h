#pragma once

#include "models/domain/result.h"
#include "models/domain/scenariodocument.h"

#include <QByteArray>
#include <QList>
#include <QString>

namespace lockscope {

/// What is wrong in a scenario file, and where: "lesson.yaml:14:5: unknown act \"tri\"; expected one of try, lock, ..."
struct ScenarioFault
{
    int line = 0;   ///< from 1; 0: the file as a whole
    int column = 0; ///< from 1
    QString found = {};
    QString expected = {};
    friend bool operator==(const ScenarioFault&, const ScenarioFault&) = default;
};

/// Reads the YAML of a lesson, strictly: unknown members, wrong types, unknown actors, verbs that an actor cannot do,
/// numbers out of range and keys that are given twice are faults. Pure; any thread; never touches the network.
/// name: what the faults call the file. All faults that were found, at most 20; never empty.
[[nodiscard]] tl::expected<ScenarioDocument, QList<ScenarioFault>> readScenario(const QByteArray& yaml);
/// From a file; the error's serverWords has one fault a line, "FILE:LINE:COLUMN: ...".
[[nodiscard]] Result<ScenarioDocument> readScenarioFile(const QString& file);
/// The lessons that are built in, in the order in which they teach.
[[nodiscard]] QList<ScenarioDocument> builtInScenarios();
[[nodiscard]] Result<ScenarioDocument> builtInScenario(const QString& name);

} // namespace lockscope
