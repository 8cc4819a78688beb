# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034
#
# What the project's scripts share. To be sourced by bash with `set -euo pipefail`.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${SLIPWAY_TEST_CACHE:-/var/cache/slipway-tests}

# A terminal, a service manager or an outer container that started us is no part of a test.
unset LISTEN_FDS LISTEN_PID LISTEN_FDNAMES NOTIFY_SOCKET WATCHDOG_PID WATCHDOG_USEC INVOCATION_ID JOURNAL_STREAM \
        MAKEFLAGS DESTDIR
export LC_ALL=C.UTF-8 SYSTEMD_PAGER='' DEBIAN_FRONTEND=noninteractive

# Debian packages, by what they are for.
packages_build=(gcc libc6-dev meson ninja-build pkgconf libsystemd-dev systemd libjansson-dev libarchive-dev
        libzstd-dev libisal-dev libssl-dev libseccomp-dev libcap-dev libselinux1-dev libmount-dev
        libcryptsetup-dev libcurl4-openssl-dev
        libgpgme-dev gpg libyaml-dev libnftables-dev libnl-route-3-dev check python3)
packages_host=(mmdebstrap systemd-container util-linux iproute2 jq)
packages_registry=(docker-registry skopeo umoci buildah podman netavark aardvark-dns crun conmon containerd docker.io
        firewalld ufw iptables apache2-utils openssl python3
        gpg gpg-agent polkitd ca-certificates isal zstd e2fsprogs)
packages_images=(mmdebstrap gcc libc6-dev musl-tools jq python3 zstd skopeo util-linux)
packages_vm=(qemu-system-x86 mmdebstrap cpio e2fsprogs jq)
packages_tests=(jq zstd xz-utils bzip2 bind9-dnsutils)
packages_gates=(clang-format-14 universal-ctags cppcheck shellcheck mandoc systemd)
packages_clang=(clang libclang-rt-14-dev lld llvm)

die() {
        echo "${0##*/}: $*" >&2
        exit 1
}

need_root() {
        [ "$(id -u)" = 0 ] || die "must be run as root: it installs packages and mounts file systems"
}

missing_packages() {
        local package
        for package; do
                dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || echo "$package"
        done
}

# Installs what is not there yet. Says nothing if there is nothing to do.
need_packages() {
        local -a missing
        local log
        command -v dpkg-query >/dev/null ||
                die "knows the names of Debian's packages only; install the like of these, then go on by hand: $*"

        mapfile -t missing < <(missing_packages "$@")
        [ ${#missing[@]} -gt 0 ] || return 0

        echo "Installing Debian packages: ${missing[*]}"
        log=$(mktemp)
        # Lists that are there may be old or emptied: a failure is only one after an update.
        if ! apt_get install "${missing[@]}" >"$log" 2>&1 &&
                ! { apt_get update && apt_get install "${missing[@]}"; } >"$log" 2>&1; then
                cat "$log" >&2
                rm -f "$log"
                die "cannot install packages; see above"
        fi
        rm -f "$log"
}

apt_get() {
        local verb=$1
        shift
        local -a options=(-q -y -o DPkg::Lock::Timeout=300)
        [ "$verb" = install ] && options+=(--no-install-recommends)
        apt-get "${options[@]}" "$verb" "$@" </dev/null
}

# Removes what is left of failures, and what nobody has used for two weeks, from the cache: another version of the
# project may have a tree or images of its own. The caller holds the lock.
forget_unused() {
        rm -rf "$cache/$1"-*.new
        find "$cache" -maxdepth 1 -name "$1-*" -mtime +14 -exec rm -rf {} +
}

# Files of the project below $1 that match one of the patterns, one a line.
project_files() {
        local root=$1 pattern
        local -a tests=()
        shift
        if git -c safe.directory='*' -C "$root" rev-parse --git-dir >/dev/null 2>&1; then
                git -c safe.directory='*' -C "$root" ls-files --cached --others --exclude-standard -- "$@" |
                        while read -r file; do [ ! -f "$root/$file" ] || echo "$file"; done
        else
                for pattern; do tests+=(-o -path "./$pattern"); done
                (cd "$root" && find . \( -path './build*' -o -path ./.git \) -prune -o -type f \( "${tests[@]:1}" \) -print) | sed 's,^\./,,'
        fi | sort -u
}

# For gates: ends the script as skipped if a tool is not there.
need_tool() {
        command -v "$1" >/dev/null || { echo "$1 is not installed"; exit 77; }
}
