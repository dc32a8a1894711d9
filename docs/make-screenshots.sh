#!/usr/bin/env bash
# Makes docs/images/*.png anew from the real window on a real server, on a display of its own.
set -euo pipefail
source "$(dirname "$0")/../installer/common.sh"
install_missing "${build_packages[@]}" "${test_packages[@]}"
build release screenshots
mkdir -p "$top/docs/images"
export LOCKSCOPE_CLIENT=$top/build/release/bin/lockscope-client
exec xvfb-run --auto-servernum --server-args="-screen 0 1920x1080x24" \
    "$top/installer/with-window-manager.sh" "$top/build/release/tests/acceptance/screenshots" "$top/docs/images"
