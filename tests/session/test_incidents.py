"""An incident: pins, reports by their endings, and a bundle that opens again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import gunj_widgets as gunj
from gunj_widgets.errors import SettingsError
from gunj_widgets.recording.file import RecordingFile
from gunj_widgets.report.manifest import manifest
from gunj_widgets.session import incidents
from gunj_widgets.session.incidents import Incident
from tests.events.test_shown import bare
from tests.session.conftest import Rig, until


@pytest.fixture
def incident(rig: Rig) -> Incident:
    rig.session.wait_ready()
    return Incident(rig.session, "Loki lost its volume", author="ann")


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    gunj.close_all()


def test_pins_and_notes_are_told(rig: Rig, incident: Incident) -> None:
    incident.pin("it was the volume", "our guess")
    incident.pin(rig.session.alerts)
    incident.note("rolled back")
    evidence = incident.evidence
    assert [pin.kind for pin in evidence.pins] == ["words", "table"]
    assert [h.title for h in evidence.happenings if h.kind == "note"] == ["rolled back"]
    assert (evidence.author, evidence.source) == ("ann", "127.0.0.1:1")
    assert "2 pins, 1 notes" in repr(incident)
    assert "<td>1</td><td>words</td>" in bare(incident._repr_html_())
    assert incident.unpin(1).text == "it was the volume"
    with pytest.raises(SettingsError, match="no pin 2"):
        incident.unpin(2)


def test_a_report_for_each_ending(incident: Incident, tmp_path: Path) -> None:
    incident.pin("it was the volume")
    for ending, words in ((".html", "<!doctype html>"), (".md", "# Loki lost"), (".ipynb", '"nbformat": 4')):
        path = incident.report(tmp_path / f"report{ending}")
        assert words in path.read_text(encoding="utf-8")
        assert "it was the volume" in path.read_text(encoding="utf-8")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["report.html", "report.ipynb", "report.md"]


@pytest.mark.parametrize(
    ("name", "words"),
    [("report.pdf", r"ends in '\.pdf'"), ("report", "'nothing'"), ("no/such/folder.md", "cannot write")],
)
def test_a_report_that_cannot_be(incident: Incident, tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        incident.report(tmp_path / name)


def test_a_bundle_opens_as_a_session_and_as_evidence(rig: Rig, incident: Incident, tmp_path: Path) -> None:
    rig.publish("platform.production.events", {"reason": "Rotated", "message": "m", "password": "canary"})
    until(lambda: rig.session.platforms)
    incident.note("rolled back")
    incident.pin("it was the volume")
    path = incident.save(tmp_path / "b.gunj")
    assert b"canary" not in path.read_bytes()
    saved = Incident.load(path)
    assert manifest(saved.evidence)[:2] == manifest(incident.evidence)[:2]
    assert saved.report(tmp_path / "again.md").is_file()
    rt = gunj.replay(path).wait_ready()
    assert {p.name for p in rt.platforms} == {"production", "staging"}
    assert [n.text for n in rt.notes] == ["rolled back"]
    with pytest.raises(SettingsError, match="already"):
        incident.save(path)


def test_a_bundle_on_a_full_disk_is_none(incident: Incident, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("database or disk is full")

    monkeypatch.setattr(RecordingFile, "finish", full)
    with pytest.raises(SettingsError, match="cannot write .*: database or disk is full"):
        incident.save(tmp_path / "a.gunj")
    assert list(tmp_path.iterdir()) == []


def test_a_recording_is_no_bundle(rig: Rig, tmp_path: Path) -> None:
    with rig.session.record(tmp_path / "a.gunj"):
        pass
    with pytest.raises(SettingsError, match="without evidence"):
        Incident.load(tmp_path / "a.gunj")


def test_pins_are_bounded(incident: Incident, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incidents, "MAX_PINS", 2)
    incident.pin("a")
    incident.pin("b")
    with pytest.raises(SettingsError, match="2 pins"):
        incident.pin("c")


def test_an_incident_has_a_title(rig: Rig) -> None:
    with pytest.raises(SettingsError, match="without a title"):
        Incident(rig.session, " ")


def test_a_cell_shows_a_bundles_pins_as_text(rig: Rig, tmp_path: Path) -> None:
    made = Incident(rig.session.wait_ready(), "<b>bold</b>")
    made.pin("it was <script>", "<i>guess</i>")
    made.save(tmp_path / "a.gunj")
    for html in (made._repr_html_(), Incident.load(tmp_path / "a.gunj")._repr_html_()):
        assert "<strong>&lt;b&gt;bold&lt;/b&gt;</strong>" in (html or "")
        assert "&lt;i&gt;guess&lt;/i&gt;" in (html or "")


def test_what_makes_no_incident_is_refused(rig: Rig, incident: Incident) -> None:
    with pytest.raises(SettingsError, match="a title is text, not None"):
        Incident(rig.session, None)  # type: ignore[arg-type]  on purpose
    with pytest.raises(SettingsError, match="an incident is of a session, not None"):
        Incident(None, "x")  # type: ignore[arg-type]  on purpose
    with pytest.raises(SettingsError, match="an author is named by text, not 5"):
        Incident(rig.session, "x", author=5)  # type: ignore[arg-type]  on purpose
    with pytest.raises(SettingsError, match="pins are counted from 1, not 'x'"):
        incident.unpin("x")  # type: ignore[arg-type]  on purpose
    for keep in (incident.report, incident.save, Incident.load):
        with pytest.raises(SettingsError, match="a file is named by text or a Path, not None"):
            keep(None)  # type: ignore[arg-type]  on purpose


def test_a_chart_in_which_nothing_is_selected_says_so(incident: Incident) -> None:
    with pytest.raises(SettingsError, match="nothing is selected in the chart.*▭ Select"):
        incident.pin(None, "the minute before")
    assert incident.pins == []
