"""Alertmanager's matchers, as the alert panel's filter takes them: `severity="critical", component=~"loki|tempo"`; or plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gunj_widgets.arguments import needed
from gunj_widgets.errors import SettingsError
from gunj_widgets.events.records import Alert
from gunj_widgets.store.patterns import matcher

__all__ = ["Matcher", "asks_for_nothing", "labelled", "matchers", "matching"]

MAX_TEXT = 2_000
MAX_MATCHERS = 20
MAX_VALUE = 1_000
"""Characters of a label that an expression looks at: one that saw only a part could say yes to what the whole would refuse."""
_LABELLED = re.compile(r'[=~"]')
"""What tells matchers from plain words."""
_ONE = re.compile(
    r'\s*([A-Za-z_][A-Za-z0-9_.]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"{}]*))\s*(?:,|\Z)', re.DOTALL
)


@dataclass(frozen=True)
class Matcher:
    """One of them: `op` is `=`, `!=`, `=~` or `!~`, and the value is as meant, without quotes."""

    name: str
    op: str
    value: str

    def __str__(self) -> str:
        value = re.sub(r'["\\]', r"\\\g<0>", self.value).replace("\n", "\\n")
        return f'{self.name}{self.op}"{value}"'


def matchers(text: str) -> list[Matcher]:
    """Read matchers; SettingsError where they are wrong, or only words."""
    text = _inner(text)
    if not _LABELLED.search(text):
        raise SettingsError("plain words are no matchers", 'Name what is meant, as in alertname="…".')
    read = []
    while text:
        found = _ONE.match(text)
        if found is None:
            raise SettingsError(
                f'expected name="value" at {text[:30]!r}',
                'Write matchers as severity="critical", component=~"loki|tempo".',
            )
        name, op, quoted, bare = found.groups()
        read.append(Matcher(name, op, bare or "" if quoted is None else _meant(op, quoted)))
        if len(read) > MAX_MATCHERS:
            raise SettingsError(f"these are more than {MAX_MATCHERS} matchers", "Use fewer, or one regular expression.")
        text = text[found.end() :].strip()
    return read


def labelled(read: list[Matcher]) -> Callable[[Mapping[str, str]], bool]:
    """Return what says whether labels pass all matchers; SettingsError for an expression that is wrong or dangerous."""
    tests = [(one.name, _test(one)) for one in read]
    return lambda labels: all(test(labels.get(name, "")) for name, test in tests)


def asks_for_nothing(read: list[Matcher]) -> bool:
    """Say whether each of them is passed by a label that is not there, as an Alertmanager judges before it takes a silence.

    Of `!=` and `!~` it is never said: `severity!="critical"` alone is meant.
    """
    return all(one.op in ("=", "=~") and _test(one)("") for one in read)


def matching(text: str) -> Callable[[Alert], bool]:
    """Return what says whether an alert has these labels, all of them, or says these words; SettingsError where they are wrong."""
    text = _inner(text)
    if not _LABELLED.search(text):
        words = text.casefold()
        return lambda a: any(words in said.casefold() for said in (a.name, a.summary, a.platform, a.component))
    accepts = labelled(matchers(text))
    return lambda alert: accepts(_labels(alert))


def _inner(text: str) -> str:
    needed(text, str, "matchers are text", """As in 'severity="critical", component=~"loki|tempo"'.""")
    text = text.strip()
    if text.startswith("{") and text.endswith("}"):
        text = text[1:-1].strip()
    if len(text) > MAX_TEXT:
        raise SettingsError(f"the matchers have {len(text)} characters", f"Use at most {MAX_TEXT}.")
    return text


def _labels(alert: Alert) -> dict[str, str]:
    """Return what an alert can be matched by: its labels, and what it is named by."""
    named = {"alertname": alert.name, "severity": str(alert.severity), "state": str(alert.state)}
    return {**named, "platform": alert.platform, "component": alert.component, **alert.labels}


def _meant(op: str, quoted: str) -> str:
    """Return what was written between quotes; of those of an expression only \\" and \\\\ are the quotes' own: \\d belongs to it."""
    if op in ("=", "!="):
        return re.sub(r"\\(.)", _unescaped, quoted, flags=re.DOTALL)
    return re.sub(r'\\(["\\])', r"\1", quoted)


def _test(one: Matcher) -> Callable[[str], bool]:
    if one.op == "=":
        return lambda label: label == one.value
    if one.op == "!=":
        return lambda label: label != one.value
    found = matcher(f"^(?:{one.value})$")

    def whole(label: str) -> bool:
        return len(label) <= MAX_VALUE and found(label)

    return whole if one.op == "=~" else (lambda label: not whole(label))


def _unescaped(found: re.Match[str]) -> str:
    return "\n" if found.group(1) == "n" else found.group(1)
