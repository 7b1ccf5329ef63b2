"""`gunj-widgets record` and `gunj-widgets recording …`: make a recording without a notebook, and look after the files."""

from __future__ import annotations

import argparse
import csv
import io
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import msgspec

from gunj_widgets.errors import SettingsError, SetupError
from gunj_widgets.events import codec
from gunj_widgets.events.event import Event
from gunj_widgets.recording.chunks import pack
from gunj_widgets.recording.file import RecordingFile
from gunj_widgets.recording.index import Index
from gunj_widgets.recording.redact import Redaction
from gunj_widgets.settings import RetentionSettings
from gunj_widgets.store.facts import facts
from gunj_widgets.store.retention import seconds
from gunj_widgets.store.store import Store

__all__ = ["add_commands", "run"]

COLUMNS = ("arrived", "time", "topic", "id", "seq", "source", "payload")
AT_ONCE = 2_000


def add_commands(commands: Any) -> None:
    """Add the two commands to the command line's."""
    record = commands.add_parser("record", help="record an operator until Ctrl-C, or for a while")
    record.add_argument("url", help="the operator's address, or demo")
    record.add_argument("file", help="the file to make")
    record.add_argument("--for", dest="span", default=None, metavar="10m", help="how long")
    record.add_argument("--redact", action="append", default=[], metavar="FIELD", help="leave this field out, too")
    recording = commands.add_parser("recording", help="look at, check, cut, merge and export recordings")
    deeds = recording.add_subparsers(dest="deed", required=True)
    for deed, words in (("info", "what a recording holds"), ("check", "read all of it, and say what is damaged")):
        deeds.add_parser(deed, help=words).add_argument("file")
    cut = deeds.add_parser("cut", help="copy a stretch of time")
    cut.add_argument("file")
    cut.add_argument("to")
    cut.add_argument("--from", dest="begin", default=None, metavar="5m", help="from this far into the recording")
    cut.add_argument("--for", dest="span", default=None, metavar="10m", help="how long; else to the end")
    merge = deeds.add_parser("merge", help="put recordings into one, by time of arrival; what two have, it has once")
    merge.add_argument("files", nargs="+")
    merge.add_argument("to")
    export = deeds.add_parser("export", help="write all events as .jsonl, .csv or .parquet, by the ending")
    export.add_argument("file")
    export.add_argument("to")


def run(options: argparse.Namespace) -> int:
    """Do what was asked; return the exit code."""
    if options.command == "record":
        return _record(options.url, options.file, options.span, options.redact)
    deeds: dict[str, Callable[[argparse.Namespace], int]] = {
        "info": _info,
        "check": _check,
        "cut": _cut,
        "merge": _merge,
        "export": _export,
    }
    return deeds[options.deed](options)


def _record(url: str, file: str, span: str | None, redact: list[str]) -> int:
    from gunj_widgets.session.connect import connect

    end = None if span is None else time.monotonic() + seconds(span)
    session = connect(url)
    for platform in session.wait_ready().platforms:
        platform.metrics()
        platform.logs()
    recording = session.record(file, redact=redact)
    try:
        while (end is None or time.monotonic() < end) and recording.status.state == "recording":
            time.sleep(0.2)
            print(f"\r{recording.status.events:,} events, {recording.status.bytes:,} bytes", end="", file=sys.stderr)
    except KeyboardInterrupt:
        pass  # the way to end it
    status = recording.stop()
    session.shut()
    print(
        f"\r{status.events:,} events, {status.bytes:,} bytes in {file}{f': {status.problem}' if status.problem else ''}"
    )
    return 0 if status.state == "stopped" else 1


def _info(options: argparse.Namespace) -> int:
    with RecordingFile.open(options.file) as file:
        info = file.info()
    for name, value in msgspec.structs.asdict(info).items():
        if name in ("first", "last") and value is not None:
            value = datetime.fromtimestamp(value, UTC).isoformat(timespec="milliseconds")
        print(f"{name:9} {value:,}" if type(value) is int else f"{name:9} {value}")
    if info.events:
        print(f"{'each':9} {info.bytes / info.events:.1f} bytes")
    return 0


def _check(options: argparse.Namespace) -> int:
    with RecordingFile.open(options.file) as file:
        wrong = file.check()
        info = file.info()
    for line in wrong:
        print(line)
    print(f"{info.events:,} events in {info.blocks:,} blocks, {'damaged' if wrong else 'all of them whole'}")
    return 1 if wrong else 0


def _cut(options: argparse.Namespace) -> int:
    with RecordingFile.open(options.file) as file:
        info = file.info()
        begin = (info.first or 0.0) + (0.0 if options.begin is None else seconds(options.begin))
        end = float("inf") if options.span is None else begin + seconds(options.span)
        before, batches = Store(RetentionSettings()), []
        for batch in file.batches():
            early = [event for event in batch if event.arrived < begin]
            if early:
                before.take(early)
            batches.append([event for event in batch if begin <= event.arrived < end])
    return _make(options.to, info.source, [facts(before, begin), *batches])


def _merge(options: argparse.Namespace) -> int:
    found: list[Event] = []
    seen: set[tuple[str, str | None, str | None, int | None]] = set()
    sources = []
    for name in options.files:
        with RecordingFile.open(name) as file:
            sources.append(file.info().source)
            for event in file.events():
                key = (event.topic, event.id, event.epoch, event.seq)
                if event.id is None or key not in seen:
                    seen.add(key)
                    found.append(event)
    found.sort(key=lambda event: event.arrived)
    return _make(options.to, " + ".join(dict.fromkeys(sources)), [[event] for event in found])


def _make(to: str, source: str, batches: list[list[Event]]) -> int:
    made = RecordingFile.create(to, source)
    for part in _parts(batches):
        made.append(part[0][0].arrived, part[-1][-1].arrived, sum(map(len, part)), pack(part, Redaction()))
    Index(made, RetentionSettings()).follow()
    made.finish()
    made.close()
    print(f"{sum(map(len, batches)):,} events in {to}")
    return 0


def _parts(batches: list[list[Event]]) -> Iterator[list[list[Event]]]:
    """Put batches together as blocks hold them."""
    part: list[list[Event]] = []
    count = 0
    for batch in filter(None, batches):
        part.append(batch)
        count += len(batch)
        if count >= AT_ONCE:
            yield part
            part, count = [], 0
    if part:
        yield part


def _export(options: argparse.Namespace) -> int:
    to = Path(options.to)
    writers = {".jsonl": _jsonl, ".csv": _csv, ".parquet": _parquet}
    if to.suffix not in writers:
        raise SettingsError(f"cannot export to {to.suffix or to.name!r}", "Name a file .jsonl, .csv or .parquet.")
    with RecordingFile.open(options.file) as file:
        try:
            out = to.open("xb")
        except OSError as error:
            raise SettingsError(f"cannot make {to}: {error.strerror}", "Choose another name or place.") from None
        with out:
            writers[to.suffix](file, out)
        print(f"{file.info().events:,} events in {to}")
    return 0


def _row(event: Event) -> tuple[Any, ...]:
    payload = bytes(codec.payload(event)).decode()
    return event.arrived, event.time, event.topic, event.id, event.seq, event.source, payload


def _jsonl(file: RecordingFile, out: IO[bytes]) -> None:
    for event in file.events():
        row = dict(zip(COLUMNS, _row(event), strict=True))
        out.write(msgspec.json.encode({**row, "payload": codec.payload(event)}) + b"\n")


def _csv(file: RecordingFile, out: IO[bytes]) -> None:
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(_row(event) for event in file.events())
    text.detach()


def _parquet(file: RecordingFile, out: IO[bytes]) -> None:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise SetupError("writing Parquet needs pyarrow", "pip install pyarrow, or export to .jsonl or .csv.") from None
    moment = pa.timestamp("us", tz="UTC")
    kinds = (moment, moment, pa.string(), pa.string(), pa.int64(), pa.string(), pa.string())
    schema = pa.schema(list(zip(COLUMNS, kinds, strict=True)))
    with pq.ParquetWriter(out, schema) as writer:
        for block in file.blocks():
            rows = [_row(event) for batch in file.read(block.id) for event in batch]
            columns = list(zip(*rows, strict=True))
            for n in (0, 1):
                columns[n] = tuple(None if t is None else round(t * 1e6) for t in columns[n])
            writer.write_table(pa.table([pa.array(c, k) for c, k in zip(columns, kinds, strict=True)], schema=schema))
