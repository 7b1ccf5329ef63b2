"""Running every cell again leaves one socket, one subscription per interest, and no row twice."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.lab import Notebook, OperatorProcess, until

COUNT = """
watched, names = rt.manager.interests(), [t.name for t in rt.status().transports]
print(len(watched), len(set(watched)), len(names), m.df.index.duplicated().sum())
"""


def test_three_runs_leave_one_of_each(open_notebook: Callable[..., Notebook], operator: OperatorProcess) -> None:
    notebook = open_notebook()
    counts = []
    for _ in range(3):
        notebook.run_all()
        notebook.page.wait_for_timeout(500)
        notebook.wait_idle(90)
        until(lambda: notebook.number("logs", "total") > 0, 30, "log lines")
        counts.append([int(n) for n in notebook.execute(COUNT).split()])
    interests, distinct, transports, doubled = counts[-1]
    assert interests == distinct
    assert [c[:3] for c in counts] == [counts[0][:3]] * 3, f"grew: {counts}"
    assert doubled == 0
    assert transports >= 2
    until(lambda: operator.get("/api/v1/demo/connections")["websockets"] == 1, 15, "one WebSocket is open")
    assert operator.get("/api/v1/demo/connections")["event_streams"] == 1
    rows = notebook.execute(
        'd = logs.df; print(len(d), len(d.drop(columns="metadata").reset_index().drop_duplicates()))'
    ).split()
    assert rows[0] == rows[1]
    assert notebook.cell_errors() == []
