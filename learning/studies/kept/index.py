"""The records of all points of a study, quickly: an index that is made from the points' folders.

Ten thousand small files are opened in seconds, one database in a moment. The folders are the truth:
the index says of each which folder it was read from, whatever it does not know or what has changed
is read again, and without it nothing is lost.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from learning.errors import LearningError
from learning.studies.kept.record import Record, decode, encode
from learning.studies.kept.store import Store

_TABLE = "create table if not exists points (key text primary key, mark text, record blob)"
_PATIENCE_S = 5.0


def read_records(store: Store) -> dict[str, Record]:
    """The record of every point in a store.

    Args:
        store: The study's folder.

    Returns:
        By the points' names. A folder whose record is damaged is left out: it holds no result.
    """
    there = dict(_marks(store.points))
    try:
        with contextlib.closing(_opened(store.index)) as database:
            return _through(database, store, there)
    except sqlite3.Error:
        # Damaged, locked, or on a file system without locks: it only saves time.
        with contextlib.suppress(OSError):
            store.index.unlink(missing_ok=True)
        return dict(_read(store, there))


def _opened(path: Path) -> sqlite3.Connection:
    if not os.access(path.parent, os.W_OK):
        path = Path(":memory:")
    database = sqlite3.connect(path, timeout=_PATIENCE_S)
    database.execute(_TABLE)
    return database


def _through(
    database: sqlite3.Connection, store: Store, there: Mapping[str, str]
) -> dict[str, Record]:
    """All records, by way of the index, which afterwards knows them all."""
    rows = database.execute("select key, mark, record from points").fetchall()
    known = {key: decode(blob) for key, mark, blob in rows if there.get(key) == mark}
    gone = [(key,) for key, _, _ in rows if key not in known]
    new = dict(_read(store, (key for key in there if key not in known)))
    if gone or new:
        with database:
            database.executemany("delete from points where key = ?", gone)
            database.executemany(
                "insert or replace into points values (?, ?, ?)",
                ((key, there[key], encode(record)) for key, record in new.items()),
            )
    return known | new


def _read(store: Store, keys: Iterable[str]) -> Iterator[tuple[str, Record]]:
    for key in keys:
        with contextlib.suppress(LearningError):
            record = store.read(key)
            if record is not None:
                yield key, record


def _marks(points: Path) -> Iterator[tuple[str, str]]:
    """Every point's folder, and what changes when another takes its place."""
    if not points.is_dir():
        return
    with os.scandir(points) as entries:
        for entry in entries:
            if not entry.name.startswith("."):
                status = entry.stat(follow_symlinks=False)
                yield entry.name, f"{status.st_ino}:{status.st_mtime_ns}"
