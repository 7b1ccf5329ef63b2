#!/bin/sh
# Makes the virtual environment $1 with a Python 3.11+; installs Debian's venv package where it is missing and we may.
set -eu
target=$1
python=

for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$name
        break
    fi
done
if [ -z "$python" ]; then
    echo "gunj-widgets needs Python 3.11 or newer on PATH (found: $(python3 --version 2>/dev/null || echo none))" >&2
    exit 1
fi

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    "$(dirname "$0")/apt.sh" "$package" || {
        echo "$python cannot make virtual environments; run: sudo apt-get install $package" >&2
        exit 1
    }
fi
"$python" -m venv "$target"
