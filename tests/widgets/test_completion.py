"""The tab key, as IPython asks it: what the session knows, in the place where it belongs, and nothing that leaves its quotes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

import gunj_widgets as gunj
from gunj_widgets.session.stats import SessionStats
from gunj_widgets.widgets.completion import IDENTIFIER, offers
from tests.session.conftest import Rig, until

BREAKS_OUT = "x\"); __import__('os').system('true') #"
ALERT = {"fingerprint": "f1", "name": "DiskFull", "severity": "critical", "status": "firing", "startsAt": 1.0}


@pytest.fixture(scope="module")
def names() -> Iterator[dict[str, Any]]:
    rig = Rig()
    for name, namespace in (("production", "observability"), ("preview", "test"), (BREAKS_OUT, "test")):
        rig.do(rig.operator.platform, name, namespace=namespace, phase="Ready")
    rt = rig.session.wait_ready(5)
    handle = rt.platform("production")
    frame = rt.metrics("production")
    rig.publish("platform.production.component.loki", {"health": "healthy", "phase": "Ready"})
    for pod in ("loki-0", "loki-1"):
        rows = [{"time": 1_750_000_000.0, "value": 1.0, "labels": {"pod": pod, "zone": "a"}}]
        rig.publish("platform.production.metrics.cpu_usage", {"metric": "cpu_usage", "samples": rows})
    rig.publish("alert.f1.firing", ALERT)
    until(lambda: len(frame.series) == 2 and rt.alerts.active and handle.components)
    yield {"rt": rt, "prod": handle, "m": frame}
    rt.shut()


CASES = [
    ('rt.platform("pr', ["preview", "production"]),
    ('x = rt.platform("prod', ["production"]),
    ('rt.platform("production", namespace="', ["observability", "test"]),
    ('rt.metrics("', ["preview", "production"]),
    ('rt.metrics("production", "', ["cpu_usage"]),
    ('rt.metrics("production", ["cpu', ["cpu_usage"]),
    ('rt.metrics(platform="production", metrics="', ["cpu_usage"]),
    ("rt.logs('", ["preview", "production"]),
    ('rt.logs("production", level=["w', ["warn"]),
    ('rt.logs("production", component="', ["loki"]),
    ('rt.command("prod', ["production"]),
    ('rt.alerts.next(severity="c', ["critical"]),
    ('rt.alerts.until("fi', ["firing"]),
    ('rt.alerts.until("firing", name="', ["DiskFull"]),
    ('prod.metrics("', ["cpu_usage"]),
    ('prod.logs(component="', ["loki"]),
    ('m.select("', ["cpu_usage"]),
    ('m.select("cpu_usage", {"', ["pod", "zone"]),
    ('m.select("cpu_usage", labels={"pod": "', ["loki-0", "loki-1"]),
    ('m.select(labels={"zone": "a", "pod": ["loki-0", "loki-1', ["loki-1"]),
    ('m.value("last", metric="', ["cpu_usage"]),
    ('rt.alerts.silence("', ["f1"]),
    ('rt.alerts.acknowledge(fingerprint="', ["f1"]),
    ('rt.metrics(\n    "production",\n    "c', ["cpu_usage"]),
]


@pytest.fixture(params=[True, False], ids=["jedi", "without jedi"])
def shell(request: pytest.FixtureRequest, names: dict[str, Any]) -> InteractiveShell:
    made = InteractiveShell()
    made.Completer.use_jedi = request.param
    made.user_ns.update(names)
    gunj.load_ipython_extension(made)
    return made


def asked(shell: InteractiveShell, code: str) -> list[str]:
    """What JupyterLab shows: each offer as the text that would stand there, from what it replaces."""
    with provisionalcompleter():
        return [code[: one.start] + one.text for one in shell.Completer.completions(code, len(code))]


@pytest.mark.parametrize(("code", "found"), CASES)
def test_it_offers_what_there_is(shell: InteractiveShell, code: str, found: list[str]) -> None:
    begun, _ = offers(code, shell.user_ns)
    stem = code.removesuffix(begun)
    assert asked(shell, code) == [stem + one for one in found]


def test_the_frames_own_keys(shell: InteractiveShell) -> None:
    assert asked(shell, 'm["cp') == ['m["cpu_usage']
    shell.user_ns["counts"] = SessionStats(state="open", counts={"received": 1})
    assert asked(shell, 'counts["rec') == ['counts["received']


@pytest.mark.parametrize(
    "code",
    [
        'rt.promql("',
        'other.platform("',
        'rt.note("',
        'm.select(labels="',
        'rt.metrics("nowhere", "',
        'rt.store.frame("',
        "rt.",
    ],
)
def test_all_else_is_left_to_others(names: dict[str, Any], code: str) -> None:
    assert offers(code, names)[1] == []


def test_what_a_peer_named_stays_within_its_quotes(names: dict[str, Any]) -> None:
    assert any(p.name == BREAKS_OUT for p in names["rt"].store.platforms)
    assert BREAKS_OUT not in offers('rt.platform("', names)[1]


def test_loading_again_asks_once(shell: InteractiveShell) -> None:
    gunj.load_ipython_extension(shell)
    ours = [m for m in shell.Completer.custom_matchers if getattr(m, "matcher_identifier", "") == IDENTIFIER]
    assert len(ours) == 1
