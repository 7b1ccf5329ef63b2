"""`gunj-widgets doctor`: print what stands between this machine and an operator."""

from __future__ import annotations

import asyncio
import os
import sys
from getpass import getpass
from pathlib import Path

from gunj_widgets.connection.address import check_url
from gunj_widgets.connection.auth import Auth, TokenFile
from gunj_widgets.connection.clock import SystemClock
from gunj_widgets.connection.doctor import Finding, Grade, examine
from gunj_widgets.settings import Settings

__all__ = ["run"]

MARKS = {Grade.OK: "✓", Grade.WARNING: "!", Grade.FAILED: "✗", Grade.SKIPPED: "·"}


def run(url: str, *, token_file: str | None, insecure: bool) -> int:
    """Examine the way to `url`, print a line for each step, and return 0 where nothing failed.

    The token comes from the file, from GUNJ_TOKEN, or is asked for where somebody sits at the terminal; never from the
    command line, which other users of the machine can read.
    """
    auth = Auth.of(_token(token_file))
    findings = asyncio.run(_examine(check_url(url), auth, verify=not insecure))
    failed = [finding for finding in findings if finding.grade is Grade.FAILED]
    warned = sum(finding.grade is Grade.WARNING for finding in findings)
    print(f"\n{len(failed)} failed, {warned} warnings" if failed or warned else "\nAll is well.")
    return 1 if failed else 0


async def _examine(url: str, auth: Auth, *, verify: bool) -> list[Finding]:
    print(f"The way to {url}\n")
    findings = []
    async for finding in examine(url, auth, Settings.load(), clock=SystemClock(), verify=verify):
        findings.append(finding)
        print(f"  {MARKS[finding.grade]} {finding.step:<10} {finding.found}")
        if finding.remedy:
            print(f"    {'':<10} → {finding.remedy}")
    return findings


def _token(token_file: str | None) -> str | TokenFile | None:
    if token_file is not None:
        return TokenFile(Path(token_file))
    if os.environ.get("GUNJ_TOKEN"):
        return os.environ["GUNJ_TOKEN"]
    return getpass("Token (empty for none): ") or None if sys.stdin.isatty() else None
