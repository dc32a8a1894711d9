#pragma once

#include "tests/field/stage.h"
#include "tests/field/verdict.h"

#include <QList>

#include <functional>

namespace lockscope::test {

inline constexpr char16_t shopDatabase[] = u"shop";   ///< where everybody looks from
inline constexpr char16_t depotDatabase[] = u"depot"; ///< a copy of it: the same oids, other names

/// Sessions that wait for each other, and what is true of them.
struct Scenario
{
    const char* name; ///< a data tag, and the heading in findings.txt
    QString title;    ///< its row in README
    Truth truth;
    std::function<void(Stage&)> play;
    bool withoutRights = false; ///< who looks is a role that was granted nothing
};

[[nodiscard]] const QList<Scenario>& scenarios();

/// The databases and the role that scenarios need; once for each server. Empty, or what went wrong.
[[nodiscard]] QString prepareForScenarios(const TestServer& server);

} // namespace lockscope::test
