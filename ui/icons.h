#pragma once

#include "ui/theme.h"

#include <QIcon>

#include <optional>

class QLineEdit;

namespace lockscope {

/// The own icon set: resources/icons/*.svg, 16 px grid, 1.5 px strokes. Never the desktop's theme.
enum class IconName : int
{
    About,
    AllTypes,
    Application, ///< the product's own mark
    Begin,
    Cancel,
    ChevronDown,
    ChevronRight,
    Client,
    Close,
    Columns,
    Commit,
    Connect,
    Contention,
    Copy,
    DarkScheme,
    Disconnect,
    Document,
    Error,
    Export,
    Filter,
    Float,
    Freeze,
    Help,
    Hide,
    Hourglass,
    Information,
    Keyboard,
    Kill,
    Knot,
    Lab,
    Lesson,
    LightScheme,
    Lock,
    Locks,
    Log,
    MineDot,
    NotEncrypted,
    PairKey,
    Pause,
    Plus,
    Pods,
    Pool,
    Probe,
    Quit,
    Refresh,
    Release,
    ReleaseAll,
    Rename,
    Reset,
    Resume,
    Rollback,
    Sandbox,
    Save,
    Search,
    Server,
    Session,
    Settings,
    Shield,
    SingleKey,
    Socket,
    Standby,
    Stopwatch,
    Terminate,
    Thaw,
    Training,
    Trash,
    Try,
    Waits,
    Warning,
    ZoomFit,
    ZoomIn,
    ZoomOut,
    End_,
};

/// An icon that takes its colour from the application's palette whenever it is painted, so a switch of scheme needs
/// no new icons; greyed when disabled. With a tone it has that tone's colour.
[[nodiscard]] QIcon icon(IconName name, std::optional<Tone> tone = std::nullopt);
/// One icon as a pixmap in a given colour, for delegates; cached. size in device independent pixels.
[[nodiscard]] QPixmap iconPixmap(IconName name, const QColor& color, int size, qreal devicePixelRatio);
/// The clear button of a field, with our own icon: Qt asks the style for one only once, and that may be another style.
void useOwnClearButton(QLineEdit* field);
/// "refresh": the name of the file in resources/icons without its ending.
[[nodiscard]] QString fileName(IconName name);

} // namespace lockscope
