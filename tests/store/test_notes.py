"""Notes: in order of their time, bounded, told to who listens."""

from __future__ import annotations

import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.store.notes import MAX_NOTES, MAX_TEXT, Note, NoteBook


def test_notes_stand_by_time_and_can_be_taken_back() -> None:
    book, told = NoteBook(), []
    book.listen(told.append)
    late = book.add(Note(time=20.0, text="rolled back", author="ada"))
    book.add(Note(time=10.0, text="deploy"))
    assert [n.text for n in book] == ["deploy", "rolled back"]
    assert book.df["author"].tolist() == ["", "ada"]
    assert book.df.index[0].timestamp() == 10.0
    book.remove(late)
    book.remove(late)
    assert len(book) == 1
    assert len(told) == 4


@pytest.mark.parametrize("text", ["", "  ", "x" * (MAX_TEXT + 1)])
def test_a_note_says_something_and_not_too_much(text: str) -> None:
    with pytest.raises(SettingsError, match="characters"):
        NoteBook().add(Note(time=1.0, text=text))


def test_of_too_many_the_oldest_go() -> None:
    book = NoteBook()
    for n in range(MAX_NOTES + 3):
        book.add(Note(time=float(n), text="x"))
    assert (len(book), next(iter(book)).time) == (MAX_NOTES, 3.0)
