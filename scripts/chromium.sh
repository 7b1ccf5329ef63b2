#!/bin/sh
# Sees to it that a Chromium is there for tests/browser: any browser on PATH, else Debian's, else Playwright's own.
set -eu
venv=$1
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    # Ubuntu's chromium-browser may be a stub that asks for a snap: only one that answers counts.
    if "$name" --version >/dev/null 2>&1; then exit 0; fi
done
if "$venv/bin/python" scripts/has_playwright_chromium.py; then exit 0; fi
echo "no Chromium on PATH: installing one for the browser tests"
if grep -qs '^ID=debian' /etc/os-release && "$(dirname "$0")/apt.sh" chromium fonts-dejavu-core; then exit 0; fi
if "$venv/bin/playwright" install --with-deps --only-shell chromium >/dev/null 2>&1; then exit 0; fi
echo "could not install a Chromium; the browser tests will be skipped (sudo apt-get install chromium)" >&2
