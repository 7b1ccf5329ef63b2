"""Writes docs/lifecycle.md from the table in gunj_widgets/connection/lifecycle.py: `python scripts/lifecycle.py`."""

from __future__ import annotations

import inspect
import re
from enum import StrEnum
from pathlib import Path

from gunj_widgets.connection.lifecycle import State, Trigger, mermaid, table

PAGE = Path(__file__).parent.parent / "docs" / "lifecycle.md"


def page() -> str:
    """Return the whole page."""
    return f"""# The life of a connection

Written by `python scripts/lifecycle.py` from `gunj_widgets/connection/lifecycle.py`; `tests/connection/test_lifecycle.py`
fails where the two differ. Each transport (the WebSocket, a stream, a poll) has such a life of its own. The session shows the
worst of those it needs, with that one's reason, remedy and countdown.

```mermaid
{mermaid()}
```

## Every pair

`–` is illegal: it cannot come from the network or from a user, only from a mistake of ours, and raises `LocalProtocolError`.

{table()}

## Triggers

{_meanings(Trigger)}

## States

{_meanings(State)}
"""


def _meanings(words: type[StrEnum]) -> str:
    """Return the words with the docstring under each, where there is one."""
    source = inspect.getsource(words)
    said = dict(re.findall(r'^    (\w+) = "\w+"\n    """(.+?)"""$', source, re.MULTILINE))
    return "\n".join(f"* **{word}**" + (f": {said[word.name]}" if word.name in said else "") for word in words)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
