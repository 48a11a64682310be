#!/usr/bin/env bash
# Installs what the program and its tests need. The Makefile calls it; each step does nothing where nothing is missing.
#
#   scripts/setup.sh environment     .venv with the program (editable) and the development tools
#   scripts/setup.sh test-packages   the system programs that tests compare with
set -euo pipefail
cd "$(dirname "$0")/.."

PYTHON_PACKAGES=(python3 python3-venv)
# What Qt needs to draw, with a screen and without.
WINDOW_PACKAGES=(libegl1 libgl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon0 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4
    libxcb-keysyms1 libxcb-shape0 fonts-dejavu-core)
TEST_PACKAGES=(sigrok-cli tshark xvfb)

say() { printf '\n==> %s\n' "$*"; }
warn() { printf '%s\n' "$@" >&2; }

# Prints how to become root: nothing as root, sudo where it can be used, else fails.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        return
    fi
    command -v sudo >/dev/null || return 1
    if [ -t 0 ]; then
        echo sudo
    else
        sudo -n true 2>/dev/null && echo sudo -n
    fi
}

# Installs Debian packages; fails where there is no apt or no right to use it, and says what to type.
install_packages() {
    local root
    if ! command -v apt-get >/dev/null; then
        warn "Please install these with your package manager: $*"
        return 1
    fi
    if ! root=$(as_root); then
        warn "Installing system packages needs rights that you do not have here. Please have this typed:" \
            "  sudo apt-get install --no-install-recommends $*"
        return 1
    fi
    say "Installing system packages: $*"
    # shellcheck disable=SC2086 # $root is a command and its options, or nothing
    apt() { $root env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@" </dev/null; }
    apt update
    apt install -y --no-install-recommends "$@"
}

present() {
    command -v "$1" >/dev/null || dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'
}

# Prints the first Python from 3.11 on that can make virtual environments.
find_python() {
    local name
    for name in python3.11 python3.12 python3.13 python3.14 python3; do
        if "$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            echo "$name"
            return
        fi
    done
    return 1
}

environment() {
    local python
    if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
        if ! python=$(find_python); then
            install_packages "${PYTHON_PACKAGES[@]}" || exit 1
            if ! python=$(find_python); then
                warn "UMIscope needs Python 3.11 or newer with its venv module, and this system's packages have none." \
                    "Please install one so that python3.11, python3.12 or python3.13 is found, and try again."
                exit 1
            fi
        fi
        say "Making .venv with $("$python" --version)"
        "$python" -m venv --clear .venv
    fi
    say "Installing the program and the development tools into .venv"
    # The pip of Debian 12 knows no dependency groups.
    .venv/bin/python -m pip install --upgrade "pip>=25.1"
    .venv/bin/python -m pip install --editable . --group dev
    window_packages
}

# Prints those of its arguments that are not installed.
missing() {
    local name
    for name in "$@"; do
        present "$name" || echo "$name"
    done
}

window_packages() {
    local packages
    mapfile -t packages < <(missing "${WINDOW_PACKAGES[@]}")
    if [ ${#packages[@]} != 0 ] && ! install_packages "${packages[@]}"; then
        warn "The command line works without them, the window does not."
    fi
}

test_packages() {
    local missing
    mapfile -t missing < <(missing "${TEST_PACKAGES[@]}")
    if [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"; then
        return
    fi
    if [ -n "${CI:-}" ]; then
        warn "Every test has to run here, so this stops now."
        exit 1
    fi
    warn "Tests that need ${missing[*]} will be skipped."
}

case "${1:-}" in
    environment) environment ;;
    test-packages) test_packages ;;
    *)
        warn "usage: scripts/setup.sh environment | test-packages"
        exit 2
        ;;
esac
