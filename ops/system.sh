#!/usr/bin/env bash
# Install the system packages that Hansom needs and this machine lacks (Debian 12, Ubuntu 22.04 and later).
# Usage: ops/system.sh [--with-browser]. Asks apt only when something is missing.
set -euo pipefail

say() { printf '[system] %s\n' "$*"; }

packages=()
need() { # need PACKAGE WHEN-THIS-TEST-FAILS...
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || packages+=("$package")
}
have_library() { /sbin/ldconfig -p | grep -q "$1"; }

server=$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1 || true)
version=15
if [ -n "$server" ]; then version=$(basename "$(dirname "$(dirname "$server")")"); else
    found=$(apt-cache search --names-only '^postgresql-[0-9]+-postgis-3$' 2>/dev/null | sed -E 's/postgresql-([0-9]+)-.*/\1/' | sort -n | tail -n 1)
    version=${found:-15}
fi
need "postgresql-$version" test -x "/usr/lib/postgresql/$version/bin/initdb"
need "postgresql-$version-postgis-3" test -f "/usr/share/postgresql/$version/extension/postgis.control"
need redis-server command -v redis-server
need gdal-bin have_library libgdal.so # brings the run-time libraries of GDAL, GEOS and PROJ
need ca-certificates test -d /etc/ssl/certs
need git command -v git
need python3.11-venv python3.11 -c 'import venv, ensurepip'
if [ "${1:-}" = --with-browser ]; then
    need chromium command -v chromium
    need fonts-dejavu-core test -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
fi
if [ ${#packages[@]} -eq 0 ]; then exit 0; fi

sudo=()
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { say "missing: ${packages[*]}; run as root or install sudo"; exit 1; }
    sudo=(sudo)
fi
say "installing ${packages[*]}"
# The servers that these packages bring are not started and no cluster is made: Hansom runs its own under var/.
conf=/etc/postgresql-common/createcluster.d
if [ ! -e /usr/lib/postgresql ] && [ ! -e /etc/postgresql ]; then
    "${sudo[@]}" mkdir -p "$conf"
    echo 'create_main_cluster = false' | "${sudo[@]}" tee "$conf/hansom.conf" >/dev/null
fi
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
    "${sudo[@]}" chmod 755 "$policy"
    trap '"${sudo[@]}" rm -f "$policy"' EXIT
fi
"${sudo[@]}" apt-get update -q
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${packages[@]}"
