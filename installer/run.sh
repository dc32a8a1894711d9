#!/usr/bin/env bash
# Installs what is missing, builds, and opens the console on a private throw-away server. Safe to run again.
# Without a display the same main job runs in the terminal: the crash-release demonstration on the sandbox.
set -euo pipefail
source "$(dirname "$0")/common.sh"

if [ "${1:-}" = "--help" ]; then
    echo "usage: installer/run.sh [arguments of lockscope]   (default: --sandbox)"
    exit 0
fi

install_missing "${build_packages[@]}"
build release lockscope lockscope-client
lockscope=$top/build/release/bin/lockscope

if [ "$(uname)" != Darwin ] && [ -z "${DISPLAY:-}" ] && [ -z "${WAYLAND_DISPLAY:-}" ]; then
    say "There is no display here (DISPLAY and WAYLAND_DISPLAY are empty), so the window cannot open."
    echo "    The same main job runs in this terminal instead: a client holding a key is killed, and the server releases its lock."
    exec "$lockscope" scenario run crash-release --sandbox
fi
say "Opening Lockscope"
if [ $# -eq 0 ]; then set -- --sandbox; fi
exec "$lockscope" "$@"
