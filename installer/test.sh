#!/usr/bin/env bash
# Installs what is missing, builds, and runs all tests on a real PostgreSQL server that the tests start themselves.
# Safe to run again. usage: installer/test.sh [PRESET]   (dev; asan and tsan build with sanitizers)
set -euo pipefail
source "$(dirname "$0")/common.sh"

preset=${1:-dev}
install_missing "${build_packages[@]}" "${test_packages[@]}"
build "$preset" all

# Servers of all majors for the version tests. Without npm (status 3) they say so, and the installed server is tested.
"$top/installer/other-servers.sh" || [ $? -eq 3 ]

say "Testing ($preset)"
cd "$top"
# Widgets are driven on a display of their own, with a window manager, so that focus and stacking are real.
exec xvfb-run --auto-servernum --server-args="-screen 0 1920x1080x24" \
    installer/with-window-manager.sh ctest --preset "$preset" --parallel 2
