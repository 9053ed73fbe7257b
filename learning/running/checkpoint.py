"""Checkpoints that cannot be lost: checksummed, two generations, and room on the disk beforehand.

A checkpoint is written into a spare file whose blocks are on the disk already, so that a full disk
does not stop it; it is synchronised, and only then takes the place of the one before, which is kept
as the previous generation. The spare then gets a copy, for a disk can damage what it holds.
Whatever moment the machine stops at, a whole one is there: each begins with a generation number, a
length and a checksum, and the newest one that is whole is read. Files are never shortened, so that
a run may grow for a long while after the disk is full.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from learning.errors import LearningError, StorageError
from learning.writing import open_own
from netlist.errors import NetlistError
from netlist.reading import CHECKPOINT, read_bytes

_MARK = b"joulearn checkpoint\n"
_HEADER = struct.Struct(f"<{len(_MARK)}sQQ32s")
_SLACK_BYTES = 1 << 18
"""Room beyond what is needed now; an epoch adds a few hundred bytes."""


@dataclass(frozen=True, slots=True)
class _Generation:
    number: int
    payload: bytes
    path: Path


class CheckpointFile:
    """The checkpoint of a run.

    Args:
        path: Its file; generations and spare are beside it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._previous = path.with_suffix(".previous" + path.suffix)
        self._spare = path.with_suffix(".spare" + path.suffix)
        self._recycled = path.with_suffix(".old" + path.suffix)

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file it may consist of."""
        return self.path, self._previous, self._spare, self._recycled

    @property
    def empty(self) -> bool:
        """Whether room was taken and no generation was ever whole in it.

        A first one that was not written to its end lies in the spare file alone.
        """
        there = [file for file in self.files if file.exists()]
        kept = (self.path, self._previous, self._recycled)
        return bool(there) and not any(_begun(file) for file in kept)

    def reserve(self) -> None:
        """Take the room that the first checkpoints need.

        Raises:
            OSError: When there is none.
        """
        for file in (self._spare, self._previous, self._recycled):
            _allocate(file, _SLACK_BYTES)

    def save(self, payload: bytes) -> None:
        """Write the next generation.

        Args:
            payload: What to keep.

        Raises:
            StorageError: When it cannot be written; the generation before is untouched.
        """
        newest = max((g.number for g in self._generations()), default=0)
        digest = _digest(newest + 1, payload)
        data = _HEADER.pack(_MARK, newest + 1, len(payload), digest) + payload
        try:
            self._write(data)
            self._rotate()
            with contextlib.suppress(OSError):
                self._write(data)
        except OSError as error:
            raise StorageError(
                f"cannot keep a checkpoint: {error.strerror or error}",
                where=str(self.path),
                hint="free some space or mend the folder, then learn with --resume",
            ) from error
        with contextlib.suppress(OSError):
            _allocate(self._spare, len(data) + len(data) // 4 + _SLACK_BYTES)

    def load(self) -> tuple[bytes, str]:
        """Read the newest generation that is whole.

        Returns:
            What was kept, and a remark for the reader: empty when nothing was damaged.

        Raises:
            LearningError: When there is none, or none is whole.
        """
        newest = max(self._generations(), key=lambda g: g.number, default=None)
        if newest is None and not any(file.exists() for file in self.files):
            raise LearningError(
                "there is no checkpoint to go on from",
                where=str(self.path),
                hint="run without --resume",
            )
        if self.empty:
            raise LearningError(
                "nothing has been kept yet: the run ended before its first epoch was over",
                where=str(self.path),
                hint="begin again with --overwrite instead of --resume",
            )
        if newest is None:
            raise LearningError(
                "this checkpoint cannot be read: it is damaged, and so is the one before",
                where=str(self.path),
                hint="run again with --overwrite",
            )
        return newest.payload, self._remark(newest)

    def _remark(self, newest: _Generation) -> str:
        if newest.path == self._previous:
            return "the newest checkpoint was damaged; the one before was used"
        whole = {generation.path for generation in self._generations()}
        if self.path.exists() and self.path not in whole:
            return "the newest checkpoint was damaged; its copy was used"
        return ""

    def _write(self, data: bytes) -> None:
        handle = open_own(self._spare, os.O_RDWR)
        try:
            os.posix_fallocate(handle, 0, len(data))
            view = memoryview(data)
            while view:
                view = view[os.write(handle, view) :]
            os.fsync(handle)
        finally:
            os.close(handle)

    def _rotate(self) -> None:
        if self.path.exists():
            if self._previous.exists():
                self._previous.replace(self._recycled)
            self.path.replace(self._previous)
        self._spare.replace(self.path)
        if self._recycled.exists():
            self._recycled.replace(self._spare)
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _generations(self) -> Iterator[_Generation]:
        for file in self.files:
            try:
                data = read_bytes(file, CHECKPOINT, links=False)
            except NetlistError:
                continue
            if len(data) < _HEADER.size:
                continue
            mark, number, length, digest = _HEADER.unpack_from(data)
            payload = data[_HEADER.size : _HEADER.size + length]
            if mark == _MARK and digest == _digest(number, payload):
                yield _Generation(number, payload, file)


def _begun(file: Path) -> bool:
    """Whether anything but the zeros of reserved room stands in a file."""
    try:
        return any(read_bytes(file, CHECKPOINT, links=False)[: _HEADER.size])
    except NetlistError:
        return file.exists()


def _digest(number: int, payload: bytes) -> bytes:
    return hashlib.sha256(struct.pack("<QQ", number, len(payload)) + payload).digest()


def _allocate(path: Path, size: int) -> None:
    handle = open_own(path, os.O_RDWR)
    try:
        if os.fstat(handle).st_size < size:
            os.posix_fallocate(handle, 0, size)
    finally:
        os.close(handle)
