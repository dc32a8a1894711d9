# Shared by run.sh and test.sh: finding and installing what is missing. Sourced, not run.
# shellcheck shell=bash

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '\n==> %s\n' "$*"; }
die() { printf '\n%s\n' "$*" >&2; exit 1; }

# What it takes to build and to run; Debian 12 and later, Ubuntu 23.10 and later.
build_packages=(
    ca-certificates g++ cmake ninja-build ccache pkg-config
    qt6-base-dev qt6-svg-dev libqt6sql6-psql libgl-dev libegl-dev libvulkan-dev libxkbcommon-dev
    libpq-dev libexpected-dev libcli11-dev libyaml-cpp-dev
    postgresql fonts-inter fonts-dejavu-core qt6-qpa-plugins
)
# What the tests add: a display of their own, a window manager, a formatter.
test_packages=(xvfb xauth xdotool imagemagick openbox clang-format pgbouncer dbus)

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

explain_other_systems() {
    cat >&2 <<'TEXT'
This script installs packages with apt, which this system does not have. Install these yourself, then run it again:
  a C++20 compiler, CMake 3.23 or later, Ninja
  Qt 6.4 or later with Widgets, Sql (the PostgreSQL driver, QPSQL), Svg and Test
  libpq with headers, tl-expected, CLI11, yaml-cpp
  the PostgreSQL server programs (initdb, postgres), for the sandbox and the tests
Fedora:  dnf install gcc-c++ cmake ninja-build qt6-qtbase-devel qt6-qtbase-postgresql qt6-qtsvg-devel libpq-devel expected-devel cli11-devel yaml-cpp-devel postgresql-server
Arch:    pacman -S --needed gcc cmake ninja qt6-base qt6-svg postgresql tl-expected cli11 yaml-cpp
macOS:   brew install cmake ninja qt postgresql@17 tl-expected cli11 yaml-cpp
TEXT
}

have_tools() {
    command -v cmake >/dev/null && command -v ninja >/dev/null && command -v c++ >/dev/null
}

# install_missing PACKAGE...: installs what dpkg does not know; does nothing, quickly, when all is there.
install_missing() {
    if ! command -v apt-get >/dev/null; then
        have_tools || { explain_other_systems; exit 1; }
        say "No apt on this system: going on with what is installed"
        return
    fi
    local missing=() package
    for package in "$@"; do
        # A package may be provided under another name (libgl-dev), so dpkg-query's status decides, not its exit code alone.
        dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
    done
    if [ ${#missing[@]} -eq 0 ]; then
        say "All packages are installed"
        return
    fi
    say "Installing ${#missing[@]} packages: ${missing[*]}"
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        die "Packages are missing and neither root nor sudo is at hand. As root, run: apt-get install ${missing[*]}"
    fi
    # Debian's postgresql starts a server of its own when it is first installed. The sandbox needs the programs only, so that is
    # switched off for this one installation; a server that is there already is left alone.
    local no_cluster=/etc/postgresql-common/createcluster.d/lockscope.conf
    if ! dpkg-query -W postgresql-common >/dev/null 2>&1; then
        as_root mkdir -p "$(dirname "$no_cluster")"
        echo "create_main_cluster = false" | as_root tee "$no_cluster" >/dev/null
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
    as_root rm -f "$no_cluster"
}

# build PRESET TARGET...
build() {
    local preset=$1
    shift
    say "Building ($preset)"
    cmake --preset "$preset" -S "$top" >/dev/null || cmake --preset "$preset" -S "$top"
    cmake --build "$top/build/$preset" --target "$@"
}
