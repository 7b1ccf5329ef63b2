"""Alertmanager's matchers, as the alert panel's filter takes them: `severity="critical", component=~"loki|tempo"`; or plain words."""

from __future__ import annotations

import re
from collections.abc import Callable

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.records import Alert
from gunj_widgets.store.patterns import matcher

__all__ = ["LABELLED", "matching"]

MAX_TEXT = 2_000
MAX_MATCHERS = 20
MAX_VALUE = 1_000
"""Characters of a label that an expression looks at: one that saw only a part could say yes to what the whole would refuse."""
LABELLED = re.compile(r'[=~"]')
"""What tells matchers from plain words."""
_ONE = re.compile(
    r'\s*([A-Za-z_][A-Za-z0-9_.]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"{}]*))\s*(?:,|\Z)', re.DOTALL
)


def matching(text: str) -> Callable[[Alert], bool]:
    """Return what says whether an alert has these labels, all of them, or says these words; SettingsError where they are wrong."""
    text = text.strip()
    if text.startswith("{") and text.endswith("}"):
        text = text[1:-1].strip()
    if len(text) > MAX_TEXT:
        raise SettingsError(f"the matchers have {len(text)} characters", f"Use at most {MAX_TEXT}.")
    if not LABELLED.search(text):
        words = text.casefold()
        return lambda a: any(words in said.casefold() for said in (a.name, a.summary, a.platform, a.component))
    tests = []
    while text:
        found = _ONE.match(text)
        if found is None:
            raise SettingsError(
                f'expected name="value" at {text[:30]!r}',
                'Write matchers as severity="critical", component=~"loki|tempo".',
            )
        tests.append(_test(*found.groups()))
        if len(tests) > MAX_MATCHERS:
            raise SettingsError(f"these are more than {MAX_MATCHERS} matchers", "Use fewer, or one regular expression.")
        text = text[found.end() :].strip()

    def accepts(alert: Alert) -> bool:
        labels = _labels(alert)
        return all(test(labels.get(name, "")) for name, test in tests)

    return accepts


def _labels(alert: Alert) -> dict[str, str]:
    """Return what an alert can be matched by: its labels, and what it is named by."""
    named = {"alertname": alert.name, "severity": str(alert.severity), "state": str(alert.state)}
    return {**named, "platform": alert.platform, "component": alert.component, **alert.labels}


def _test(name: str, op: str, quoted: str | None, bare: str | None) -> tuple[str, Callable[[str], bool]]:
    if op in ("=", "!="):
        value = bare or "" if quoted is None else re.sub(r"\\(.)", _unescaped, quoted, flags=re.DOTALL)
        return name, (lambda label: label == value) if op == "=" else (lambda label: label != value)
    # In a quoted expression only \" and \\ are the quotes' own; \d belongs to the expression.
    source = bare or "" if quoted is None else re.sub(r'\\(["\\])', r"\1", quoted)
    found = matcher(f"^(?:{source})$")

    def whole(label: str) -> bool:
        return len(label) <= MAX_VALUE and found(label)

    return name, whole if op == "=~" else (lambda label: not whole(label))


def _unescaped(found: re.Match[str]) -> str:
    return "\n" if found.group(1) == "n" else found.group(1)
