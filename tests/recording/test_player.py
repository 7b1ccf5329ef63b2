"""The player: batches as they were taken in, from any place, to the end."""

from __future__ import annotations

from pathlib import Path

from gunj_widgets.recording.file import RecordingFile
from gunj_widgets.recording.player import Player
from gunj_widgets.settings import RetentionSettings
from tests.recording.test_file import made


def test_it_tells_all_in_order_and_can_begin_again(tmp_path: Path) -> None:
    player = Player(RecordingFile.open(made(tmp_path / "a.gunj")), RetentionSettings())
    assert (player.start, player.end, player.total) == (0.0, 209.0, 30)
    assert [batch[0].arrived for batch in player.until(109.0)] == [0.0, 100.0]
    assert (player.told, player.next_time(), player.ended) == (20, 209.0, False)
    assert player.step() is not None
    assert player.step() is None
    assert player.ended
    player.rewind()
    assert (player.told, player.next_time()) == (0, 9.0)
    player.close()


def test_an_empty_one_is_at_its_end(tmp_path: Path) -> None:
    player = Player(RecordingFile.open(made(tmp_path / "a.gunj", blocks=0)), RetentionSettings())
    assert player.ended
    assert list(player.until(1e9)) == []
    player.close()
