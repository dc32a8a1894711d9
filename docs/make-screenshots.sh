#!/usr/bin/env bash
# Makes docs/images/*.png and docs/images/lessons/*.png anew from the real window on a real server, on a display of its own.
set -euo pipefail
source "$(dirname "$0")/../installer/common.sh"
install_missing "${build_packages[@]}" "${test_packages[@]}"
build release screenshots lessonscreenshots
mkdir -p "$top/docs/images/lessons"
export LOCKSCOPE_CLIENT=$top/build/release/bin/lockscope-client
on_a_display() {
    xvfb-run --auto-servernum --server-args="-screen 0 1920x1080x24" "$top/installer/with-window-manager.sh" "$@"
}
on_a_display "$top/build/release/tests/acceptance/screenshots" "$top/docs/images"
on_a_display "$top/build/release/tests/acceptance/lessonscreenshots" "$top/docs/images/lessons"
# A window has few colours: a palette makes the pictures a third as large.
for picture in "$top"/docs/images/lessons/*.png; do
    convert "$picture" -dither None -colors 128 "PNG8:$picture"
done
