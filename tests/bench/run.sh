#!/usr/bin/env bash
# Runs every benchmark of build/release, one JSON object a line. Needs a quiet machine and, for the window, a display.
set -euo pipefail
source "$(dirname "$0")/../../installer/common.sh"
build release lockscope-client bench_poll bench_lockview bench_waitgraph bench_field bench_lockmodel bench_waits bench_workload bench_console >&2
export LOCKSCOPE_CLIENT=$top/build/release/bin/lockscope-client
cd "$top/build/release/tests/bench"
for benchmark in bench_poll bench_lockview bench_waitgraph bench_field bench_workload; do ./$benchmark; done
xvfb-run --auto-servernum --server-args="-screen 0 1920x1080x24" "$top/installer/with-window-manager.sh" \
    sh -c './bench_lockmodel; ./bench_waits; ./bench_console'
