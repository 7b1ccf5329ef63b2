#!/bin/sh
# Installs Debian packages without asking; fails quietly where there is no apt or we may not use it.
set -eu
command -v apt-get >/dev/null || exit 1
sudo=
if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || exit 1
    sudo="sudo -n"
fi
export DEBIAN_FRONTEND=noninteractive
install() { $sudo apt-get install -qq -y --no-install-recommends "$@" >/dev/null; }
install "$@" 2>/dev/null || { $sudo apt-get update -qq >/dev/null && install "$@"; }
