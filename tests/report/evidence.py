"""A piece of evidence with everything in it, and everything hostile."""

from __future__ import annotations

from gunj_widgets.store.evidence import Evidence, Happening, Pin, Series

T = 1_764_000_000.0
EVIL = "<script>alert(1)</script> ![x](http://evil/x.png) [y](javascript:alert(1)) | `z` \u202e\x00 $a$"


def made(text: str = "loki") -> Evidence:
    return Evidence(
        title=f"{text} lost its volume",
        source="gunj.example.com",
        author=text,
        made=T + 900,
        version="0.1.0",
        pins=[
            Pin(
                kind="figure",
                title=f"CPU {text}",
                caption=text,
                pinned=T,
                code="rt.metrics('production')",
                series=[
                    Series(text, [T, T + 1, T + 2, T + 60], [1.0, None, 3e9, 2.0]),
                    *(Series(f"s{n}", [T, T + 60], [float(n), 1.0]) for n in range(9)),
                ],
                left_out=3,
            ),
            Pin(kind="figure", title="nothing", pinned=T),
            Pin(kind="table", title=text, pinned=T, columns=["time", text], rows=[["12:00", text], ["", "x"]]),
            Pin(kind="words", title="Note", pinned=T, text=f"{text}\nsecond line"),
        ],
        happenings=[
            Happening(time=T, end=T + 5, kind="alert", title=text, detail=text, tone="bad"),
            Happening(time=T + 9, kind="note", title="rolled back"),
        ],
    )
