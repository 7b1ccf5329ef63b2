"""Nesting is bounded exactly, whatever the brackets stand between."""

from __future__ import annotations

import msgspec
import pytest

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events.event import Event
from gunj_widgets.events.nesting import MAX_NESTING, check_nesting


@pytest.mark.parametrize("wrap", ['{"a":%s}', "[%s]", '[{"b":"]}","a":%s}]', '["[[[[",%s]', '["\\"[",%s,"]"]'])
def test_nesting_is_bounded_exactly(wrap: str) -> None:
    levels = wrap.count("{") + wrap.count("[") - wrap.count('"[[[[') * 4 - wrap.count('\\"[')
    fits = MAX_NESTING // levels

    def nested(times: int) -> str:
        value = "1"
        for _ in range(times):
            value = wrap % value
        return value

    check_nesting(nested(fits))
    check_nesting(nested(fits).encode())
    for text in (nested(fits + 1), nested(fits + 1).encode()):
        with pytest.raises(RemoteProtocolError, match="nested deeper than 64"):
            check_nesting(text)


def test_a_payload_is_bounded_at_the_first_look() -> None:
    event = msgspec.json.decode(b'{"type": "a.b", "payload": %b}' % (b"[" * 65 + b"]" * 65), type=Event)
    with pytest.raises(RemoteProtocolError, match="nested deeper"):
        _ = event.data
