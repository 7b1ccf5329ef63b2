"""`python -m gunj_widgets.demo`: the operator in a process of its own. The token comes from, or goes to, elsewhere than argv."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path

from gunj_widgets.demo.operator import Operator
from gunj_widgets.errors import GunjError


def main() -> int:
    """Serve until SIGTERM or Ctrl-C; prints one line of JSON, {"url"}, when ready."""
    parser = argparse.ArgumentParser(prog="python -m gunj_widgets.demo", allow_abbrev=False)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--token-file", type=Path, help="write the token here (mode 0600); else set GUNJ_DEMO_TOKEN")
    options = parser.parse_args()
    token = os.environ.get("GUNJ_DEMO_TOKEN") or None
    if token is None and options.token_file is None:
        parser.error("nobody would know the token: set GUNJ_DEMO_TOKEN, or name a --token-file")
    operator = Operator(seed=options.seed, port=options.port, token=token)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        operator.start()
    except GunjError as error:
        print(error, file=sys.stderr)  # noqa: T201  a command says what is wrong
        return 1
    if options.token_file is not None:
        _write_token(options.token_file, operator.token)
    print(json.dumps({"url": operator.url}), flush=True)  # noqa: T201  how the caller learns where
    ended.wait()
    operator.stop()
    return 0


def _write_token(path: Path, token: str) -> None:
    """Write it so that nobody else can read it, also where the file was there before."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(token)


if __name__ == "__main__":
    raise SystemExit(main())
