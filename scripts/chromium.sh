#!/bin/sh
# Sees to it that tests/browser can run with virtual environment $1: that Playwright's driver starts and a Chromium is on
# PATH: one that is there, else Debian's, else Playwright's own build, linked into the environment.
# Without any, the browser tests skip; in CI, which skips nothing, this fails.
set -eu
venv=$1
apt=$(dirname "$0")/apt.sh

on_path() {
    for name in chromium chromium-browser google-chrome; do
        # Ubuntu's chromium-browser may be a stub that asks for a snap: only one that answers counts.
        if "$name" --version >/dev/null 2>&1; then return 0; fi
    done
    return 1
}

link_playwrights() {
    browser=$("$venv/bin/python" -c '
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)') || return 1
    test -x "$browser" && ln -sf "$browser" "$venv/bin/chromium"
}

# The driver is a node of Playwright's own, whose one need beyond libc a minimal Debian lacks.
"$venv/bin/playwright" --version >/dev/null 2>&1 || "$apt" libatomic1 || echo "Playwright does not start: install libatomic1" >&2

if on_path || link_playwrights; then exit 0; fi
echo "no Chromium on PATH: installing one for the browser tests"
if grep -qs '^ID=debian' /etc/os-release && "$apt" chromium fonts-dejavu-core && on_path; then exit 0; fi
if "$venv/bin/playwright" install --with-deps chromium >/dev/null 2>&1 && link_playwrights; then exit 0; fi
echo "could not install a Chromium: the browser tests will be skipped (as root: apt-get install chromium)" >&2
test "${CI:-}" != true
