"""A report as one HTML page that opens anywhere: no script, nothing fetched, and it prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from gunj_widgets.report.figure import stroke, svg
from gunj_widgets.report.manifest import manifest
from gunj_widgets.report.words import clean, moment
from gunj_widgets.store.evidence import Evidence, Happening, Pin

__all__ = ["page"]

SHORT = 24
"""Characters that a cell keeps on one line."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
STYLE = """
:root { color-scheme: light; font: 15px/1.5 system-ui, sans-serif; color: #1b1b1b; background: #fff; }
body { max-width: 860px; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
h1 { margin-bottom: .2rem; } h2 { margin-top: 2.2rem; border-bottom: 1px solid #bbb; } h3 { margin: 1.6rem 0 .3rem; }
.about, .caption, .more, .empty { color: #555; } .caption { margin: .2rem 0 .6rem; }
table { border-collapse: collapse; width: 100%; font-size: 13px; } thead { display: table-header-group; }
th, td { text-align: left; vertical-align: top; padding: 3px 8px; border-bottom: 1px solid #ddd; }
th, td.short, td.kind { white-space: nowrap; } td { overflow-wrap: anywhere; }
td.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
tr[data-tone=bad] td.kind { color: #a31515; font-weight: 600; } tr[data-tone=warn] td.kind { color: #8a5a00; font-weight: 600; }
svg { width: 100%; height: auto; font-size: 11px; fill: #555; } svg .grid { stroke: #ddd; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: 13px; list-style: none; padding: 0; margin: 0; }
.legend svg { width: 20px; height: 4px; margin-right: 6px; vertical-align: middle; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f4f4f4; padding: 8px; font-size: 12.5px; }
code.hash { font-size: 11px; }
section, figure { break-inside: avoid; margin: 0; } tr { break-inside: avoid; }
@media print { body { margin: 0; max-width: none; } @page { margin: 16mm; } }
"""


def page(evidence: Evidence) -> str:
    """Return the page. All that came from elsewhere is text."""
    by = f" by {_text(evidence.author)}" if evidence.author else ""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_text(evidence.title)}</title><style>{STYLE}</style></head><body>",
        f"<h1>{_text(evidence.title)}</h1>",
        f'<p class="about">{_text(evidence.source)} · made {moment(evidence.made)} UTC{by}. All times are UTC.</p>',
        "<h2>What we saw</h2>",
        *(_section(n, pin) for n, pin in enumerate(evidence.pins, 1)),
        "" if evidence.pins else '<p class="empty">nothing was pinned</p>',
        "<h2>What happened</h2>",
        _timeline(evidence.happenings),
        "<h2>Manifest</h2>",
        '<p class="about">SHA-256 of each piece’s canonical JSON: whoever holds the bundle can compare.</p>',
        _table(
            ("piece", "SHA-256"),
            ((_text(name), f'<code class="hash">{sha}</code>') for name, sha in manifest(evidence)),
        ),
        f'<p class="about">gunj_widgets {_text(evidence.version)}</p>',
        "</body></html>",
    ]
    return "\n".join(parts)


def _section(n: int, pin: Pin) -> str:
    parts = [f"<section><h3>{n}. {_text(pin.title)}</h3>"]
    if pin.caption:
        parts.append(f'<p class="caption">{_text(pin.caption)}</p>')
    if pin.kind == "figure":
        legend = (
            f'<li><svg viewBox="0 0 20 4" aria-hidden="true"><path d="M0 2H20" {stroke(n)}/></svg>{_text(one.label)}</li>'
            for n, one in enumerate(pin.series)
        )
        parts.append(f'<figure>{svg(pin)}<ul class="legend">{"".join(legend)}</ul></figure>')
    elif pin.kind == "table":
        parts.append(_table(map(_text, pin.columns), (map(_text, row) for row in pin.rows)))
    else:
        parts.append(f"<pre>{_text(pin.text)}</pre>")
    if pin.left_out:
        parts.append(f'<p class="more">{pin.left_out:,} more are left out.</p>')
    parts.append(f'<p class="more">pinned {moment(pin.pinned)}</p></section>')
    if pin.code:
        parts.append(f"<pre>{_text(pin.code)}</pre>")
    return "".join(parts)


def _timeline(happenings: Sequence[Happening]) -> str:
    if not happenings:
        return '<p class="empty">nothing is known to have happened</p>'
    rows = "".join(
        f'<tr data-tone="{_text(one.tone)}"><td class="time">{moment(one.time)}</td>'
        f'<td class="time">{moment(one.end) if one.end is not None else ""}</td>'
        f'<td class="kind">{_text(one.kind)}</td><td>{_text(one.title)}</td><td>{_text(one.detail)}</td></tr>'
        for one in happenings
    )
    return _shell(("from", "to", "kind", "what", "detail"), rows)


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table of cells that are HTML already."""
    return _shell(columns, "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows))


def _shell(columns: Iterable[str], body: str) -> str:
    head = "".join(f"<th>{name}</th>" for name in columns)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(cell: str) -> str:
    return f'<td class="short">{cell}</td>' if len(cell) <= SHORT else f"<td>{cell}</td>"


def _text(text: str) -> str:
    return escape(clean(text), quote=True)
