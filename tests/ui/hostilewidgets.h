#pragma once

#include "tests/support/shownwidgets.h"
#include "tests/ui/offscreen.h"
#include "ui/theme.h"

#include <QApplication>

namespace lockscope::test {

/// Call from initTestCase() of a test that shows widgets full of hostile texts: every warning that is not of the
/// offscreen platform or its fonts fails the test.
inline void prepareForHostileTexts()
{
    muteSizeHintsOfOffscreen();
    muteFontsAndMenusOfOffscreen();
    theme::apply(*qApp, ColorScheme::Light, false);
}

} // namespace lockscope::test
