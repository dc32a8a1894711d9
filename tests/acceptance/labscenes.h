#pragma once

#include "tests/acceptance/windowdriver.h"

#include <QMetaType>

#include <chrono>
#include <optional>

namespace lockscope::test {

/// Something of the lab that is under way, of each kind that can be.
enum class LabScene : quint8
{
    Lesson,     ///< stands in its middle, with a session that waits
    Pool,       ///< holds a key
    Pods,       ///< one of them holds a key and works
    Endings,    ///< all ways to die at once
    Contention, ///< clients that queue
    Pooler,     ///< a private PgBouncer in transaction mode, with a leaked key; on the sandbox only
    Probe       ///< between two checks
};
/// "lesson": for the names of rows and for the command line of the helper.
[[nodiscard]] QByteArray word(LabScene scene);
[[nodiscard]] std::optional<LabScene> labSceneFrom(const QString& word);

/// Brings it about as a person would, on the server that is watched, and allows what the lab asks for. Waits until it
/// is under way; empty when it is, else what was in the way.
[[nodiscard]] QString begin(WindowDriver& window, LabScene scene,
                            std::chrono::milliseconds patience = std::chrono::seconds(10));
/// The pool alone, on a page that has its desk: through PgBouncer or straight.
[[nodiscard]] QString openPool(const QWidget& page, bool pooler,
                               std::chrono::milliseconds patience = std::chrono::seconds(10));
/// Says yes to the question that stands, if one does.
void allow(const QWidget& window);
/// The page of the scene; the dialog where it is one.
[[nodiscard]] QWidget* pageOf(WindowDriver& window, LabScene scene);
/// All that the page of the scene says at this moment, a line each.
[[nodiscard]] QString words(WindowDriver& window, LabScene scene);

} // namespace lockscope::test

Q_DECLARE_METATYPE(lockscope::test::LabScene)
