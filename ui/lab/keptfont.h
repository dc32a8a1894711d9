#pragma once

#include <QtGlobal>

class QWidget;

namespace lockscope {

/// The fonts of the look that a widget can have for good.
enum class KeptFont : quint8
{
    Title,     ///< larger, demibold
    Narration, ///< larger, in the usual weight: what is read aloud
    Strong,
    Monospace,
};

/// Gives the widget that font, now and whenever the application's font changes: a font that was set once would keep
/// its size when training mode makes everything larger. GUI thread.
void keepFont(QWidget* widget, KeptFont font);

} // namespace lockscope
