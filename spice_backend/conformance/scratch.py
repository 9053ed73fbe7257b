"""A private copy of somebody's folder, where decks that hold commands may run and leave things.

Decks of other people write files, read files and start programs. They run on a copy and change
nothing outside of it, with limits on time, memory, processor and file size, no keyboard and one
thread; afterwards the copy is put back as it was, so that no deck sees what another left. This
limits accidents; it is no prison for hostile code, therefore running such decks is the caller's
explicit choice.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from spice_backend.errors import SpiceError
from spice_backend.safety.confinement import Limits
from spice_backend.safety.folder import own_folder
from spice_backend.setup.plain_ngspice import end_group, need_ngspice, run_plain

LIMITS = Limits(memory_bytes=4 << 30, file_bytes=256 << 20, confined=False)
_OUTPUT_BYTES = 16 << 20
_NAME = "joulearn-decks-"
"""What the folder begins with that a copy lies in."""


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of ngspice.

    Attributes:
        code: Its exit code, negative for a signal; None when time ran out.
        printed: What it wrote to its standard output.
        said: What it wrote to its standard error.
        written: Contents of the files it made or changed, by path in the folder.
        wall_s: Wall time, seconds.
    """

    code: int | None
    printed: str
    said: str
    written: Mapping[str, bytes]
    wall_s: float


class Scratch:
    """A copy of a folder, put back after each run; a context manager that removes it.

    Args:
        folder: What to copy; links in it are not followed.

    Raises:
        SpiceError: When there is no ngspice.
    """

    def __init__(self, folder: Path) -> None:
        need_ngspice()
        self._pristine = folder
        self._stack = ExitStack()
        self._home = self._stack.enter_context(own_folder(_NAME))
        self.folder = self._home / "copy"
        # Its own, for ngspice looks into its home, and a deck might leave something there.
        self._user = self._home / "user"
        self._user.mkdir()
        with self._stack:
            shutil.copytree(folder, self.folder, symlinks=True, ignore=self._copies)
            self._known = self._snapshot()
            self._stack = self._stack.pop_all()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _copies(self, folder: str, names: list[str]) -> list[str]:
        """Such copies, where the folder is one that temporary files go to."""
        here = Path(folder).resolve() == self._home.resolve().parent
        return [name for name in names if here and name.startswith(_NAME)]

    def stop(self) -> None:
        """End the run that another thread waits for, and start no other."""
        self._stopped = True
        process = self._process
        if process is not None:
            end_group(process)

    def run(
        self,
        deck: Path,
        texts: Mapping[Path, str],
        arguments: Sequence[str] = (),
        timeout_s: float = 60.0,
    ) -> Ran:
        """Run ``ngspice -b`` on a deck in the folder the deck stands in.

        Args:
            deck: The deck, relative to the folder.
            texts: Files to replace before the run, by path relative to the folder.
            arguments: More arguments for ngspice.
            timeout_s: Wall and processor time after which it is killed, seconds.

        Returns:
            How it ended and what it left.

        Raises:
            SpiceError: When it was stopped before.
        """
        if self._stopped:
            raise SpiceError("no run: this copy was stopped", str(deck), "make another Scratch")
        for path, text in texts.items():
            (self.folder / path).write_bytes(text.encode("utf-8", "surrogateescape"))
        before = self._snapshot()
        try:
            return self._run(deck, arguments, timeout_s, before)
        finally:
            self._restore()

    def _run(
        self,
        deck: Path,
        arguments: Sequence[str],
        timeout_s: float,
        before: Mapping[str, tuple[int, int]],
    ) -> Ran:
        output, errors = self._home / "output", self._home / "errors"
        began = time.monotonic()
        try:
            with output.open("wb") as out, errors.open("wb") as err:
                code = run_plain(
                    # A name that begins with a dash would be an option.
                    [*arguments, f"./{deck.name}"],
                    self.folder / deck.parent,
                    output=out,
                    errors=err,
                    timeout_s=timeout_s,
                    limits=LIMITS,
                    home=self._user,
                    started=self._begun,
                )
        finally:
            self._process = None
        wall_s = time.monotonic() - began
        return Ran(code, _read(output), _read(errors), self._written(before), wall_s)

    def _begun(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        if self._stopped:
            end_group(process)

    def _snapshot(self) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for place, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(place, name)  # noqa: PTH118 - ten thousand files, many times
                status = os.lstat(path)
                found[path] = (status.st_mtime_ns, status.st_size)
        return found

    def _written(self, before: Mapping[str, tuple[int, int]]) -> dict[str, bytes]:
        after = self._snapshot()
        paths = sorted(path for path, mark in after.items() if before.get(path) != mark)
        return {
            str(Path(path).relative_to(self.folder)): Path(path).read_bytes()
            for path in paths
            if Path(path).is_file() and not Path(path).is_symlink()
        }

    def _restore(self) -> None:
        after = self._snapshot()
        for path in after.keys() - self._known.keys():
            Path(path).unlink(missing_ok=True)
        for path, mark in self._known.items():
            if after.get(path) != mark:
                source = self._pristine / Path(path).relative_to(self.folder)
                Path(path).parent.mkdir(parents=True, exist_ok=True)
                Path(path).unlink(missing_ok=True)
                shutil.copy2(source, path, follow_symlinks=False)


def _read(path: Path) -> str:
    with path.open("rb") as stream:
        return stream.read(_OUTPUT_BYTES).decode("utf-8", "replace")
