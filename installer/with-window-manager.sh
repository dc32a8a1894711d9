#!/usr/bin/env bash
# Runs a command with a window manager on the current display: without one no window ever becomes active.
set -uo pipefail
openbox >/dev/null 2>&1 &
manager=$!
trap 'kill "$manager" 2>/dev/null' EXIT
"$@"
