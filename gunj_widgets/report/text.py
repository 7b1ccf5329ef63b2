"""A report as Markdown, to be pasted into a wiki or a ticket. Figures become what a reader asks of them: a table of extremes."""

from __future__ import annotations

import re

from gunj_widgets.report.manifest import manifest
from gunj_widgets.report.words import clean, moment, number
from gunj_widgets.store.evidence import Evidence, Happening, Pin, Series

__all__ = ["heading", "pin_text", "text", "timeline_text"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~&$-])")


def text(evidence: Evidence) -> str:
    """Return the report. What came from elsewhere is escaped: it can be no link, no picture and no HTML."""
    parts = [
        heading(evidence),
        "## What we saw",
        *(pin_text(n, pin) for n, pin in enumerate(evidence.pins, 1)),
        *([] if evidence.pins else ["nothing was pinned"]),
        "## What happened",
        timeline_text(evidence.happenings),
        "## Manifest",
        _table(["piece", "SHA-256"], [[_plain(name), f"`{sha}`"] for name, sha in manifest(evidence)]),
    ]
    return "\n\n".join(parts) + "\n"


def heading(evidence: Evidence) -> str:
    """Return how a report begins: what, where, when, by whom."""
    by = f" by {_plain(evidence.author)}" if evidence.author else ""
    about = f"{_plain(evidence.source)} · made {moment(evidence.made)} UTC{by}. All times are UTC."
    return f"# {_plain(evidence.title)}\n\n{about}"


def pin_text(n: int, pin: Pin) -> str:
    """Return one pin, with its heading."""
    parts = [f"### {n}. {_plain(pin.title)}"]
    if pin.caption:
        parts.append(_plain(pin.caption))
    if pin.kind == "figure":
        head = ["series", "first", "lowest", "highest", "last"]
        parts.append(_table(head, [_extremes(one) for one in pin.series]))
    elif pin.kind == "table":
        parts.append(
            _table([_plain(name) for name in pin.columns], [[_plain(cell) for cell in row] for row in pin.rows])
        )
    else:
        parts.append("\n".join(f"> {_plain(line)}" for line in pin.text.splitlines()))
    if pin.left_out:
        parts.append(f"{pin.left_out:,} more are left out.")
    return "\n\n".join(parts)


def timeline_text(happenings: list[Happening]) -> str:
    """Return the timeline as a table."""
    if not happenings:
        return "nothing is known to have happened"
    rows = [
        [moment(h.time), moment(h.end) if h.end is not None else "", _plain(h.kind), _plain(h.title), _plain(h.detail)]
        for h in happenings
    ]
    return _table(["from", "to", "kind", "what", "detail"], rows)


def _extremes(series: Series) -> list[str]:
    known = [(value, time) for time, value in zip(series.times, series.values, strict=True) if value is not None]
    if not known:
        return [_plain(series.label), "no data", "", "", ""]
    low, high = min(known), max(known)
    said = [f"{number(value)} at {moment(time)}" for value, time in (low, high)]
    return [_plain(series.label), number(known[0][0]), *said, number(known[-1][0])]


def _table(columns: list[str], rows: list[list[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _plain(text: str) -> str:
    """Return foreign text on one line, with what means something in Markdown escaped."""
    return _SPECIAL.sub(r"\\\1", " ".join(clean(text).split()))
