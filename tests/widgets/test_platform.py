"""What a platform channel tells the browser."""

from __future__ import annotations

from gunj_widgets.events.records import (
    Alert,
    ComponentHealth,
    Condition,
    Health,
    KubeEvent,
    Operation,
    OperationStatus,
    Phase,
    Platform,
    Severity,
    Stage,
)
from gunj_widgets.widgets.channel import Buffers
from gunj_widgets.widgets.platform import RECENT_EVENTS, PlatformChannel
from tests.widgets.stub import StubFeed, StubSession

PLATFORM = Platform(
    id="p1",
    name="production",
    namespace="observability",
    phase=Phase.READY,
    components={"loki": ComponentHealth(name="loki", health=Health.UNKNOWN, ready=None)},
    conditions=(Condition(type="Ready", status="True", since=1.0),),
    updated=2.0,
)


def body(session: StubSession) -> dict[str, object]:
    return PlatformChannel("platform:1:p1", StubFeed(), session.handle("p1")).snap(Buffers(), 5.0)  # type: ignore[arg-type]


def session_with_platform() -> StubSession:
    session = StubSession()
    session.store.platforms.put(PLATFORM)
    return session


def test_the_whole_card() -> None:
    session = session_with_platform()
    session.store.alerts.put(Alert(fingerprint="a", name="A", severity=Severity.CRITICAL, platform="p1"))
    session.store.alerts.put(Alert(fingerprint="b", name="B", severity=Severity.CRITICAL, platform="other"))
    session.store.operations.put(
        Operation(
            id="o1",
            kind="upgrade",
            platform="p1",
            status=OperationStatus.RUNNING,
            progress=0.25,
            stages=(
                Stage(name="planning", status=OperationStatus.SUCCEEDED, progress=1.0),
                Stage(name="rollout", status=OperationStatus.RUNNING),
            ),
        )
    )
    for n in range(RECENT_EVENTS + 3):
        session.store.events.append(KubeEvent(reason=f"R{n}", platform="p1", last=float(n)))
    told = body(session)
    assert told["found"]
    assert told["components"][0]["health"] == "unknown", "unknown is not unhealthy"  # type: ignore[index]
    assert told["components"][0]["ready"] is None  # type: ignore[index]
    assert told["conditions"][0] == {"type": "Ready", "status": "True", "reason": "", "message": "", "sinceMs": 1000.0}  # type: ignore[index]
    assert told["alerts"] == {"critical": 1, "warning": 0, "info": 0}
    assert told["operations"][0]["stage"] == "rollout"  # type: ignore[index]
    assert [e["reason"] for e in told["events"]] == [f"R{n}" for n in range(3, 3 + RECENT_EVENTS)]  # type: ignore[attr-defined]


def test_a_finished_operation_is_not_shown() -> None:
    session = session_with_platform()
    session.store.operations.put(Operation(id="o1", kind="backup", platform="p1", status=OperationStatus.SUCCEEDED))
    assert body(session)["operations"] == []


def test_a_deleted_platform_is_said_to_be_gone() -> None:
    session = session_with_platform()
    handle = session.handle("p1")
    session.store.platforms.remove("p1")
    told = PlatformChannel("platform:1:p1", StubFeed(), handle).snap(Buffers(), 5.0)  # type: ignore[arg-type]
    assert told == {"found": False, "name": "production", "namespace": "observability"}
