#!/bin/sh
# Sees to it that a Chromium is on PATH for tests/browser: one that is there, else Debian's, else Playwright's own build,
# linked into the virtual environment $1. Without any, the browser tests skip; in CI, which skips nothing, this fails.
set -eu
venv=$1

on_path() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        # Ubuntu's chromium-browser may be a stub that asks for a snap: only one that answers counts.
        if "$name" --version >/dev/null 2>&1; then return 0; fi
    done
    return 1
}

link_playwrights() {
    browser=$("$venv/bin/python" -c '
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)')
    test -x "$browser" && ln -sf "$browser" "$venv/bin/chromium"
}

if on_path || link_playwrights; then exit 0; fi
echo "no Chromium on PATH: installing one for the browser tests"
if grep -qs '^ID=debian' /etc/os-release && "$(dirname "$0")/apt.sh" chromium fonts-dejavu-core && on_path; then exit 0; fi
if "$venv/bin/playwright" install --with-deps chromium >/dev/null 2>&1 && link_playwrights; then exit 0; fi
echo "could not install a Chromium: the browser tests will be skipped (as root: apt-get install chromium)" >&2
test "${CI:-}" != true
