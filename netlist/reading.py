"""The one way a file of somebody's comes in: a regular file, of a size its kind can have, as text.

A path may name a pipe that never ends, a device, a folder, or a sparse file of a terabyte; a text
may be UTF-16, or end in DOS's end-of-file sign. Every reader of this package and of those above it
asks here, so that each of these is one clear error and never a hang, a traceback or an empty disk.
An error says which file and why, and shows nothing of what is in it.
"""

from __future__ import annotations

import json
import os
import re
import stat
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from netlist.errors import NetlistError

_MB = 1 << 20


@dataclass(frozen=True, slots=True)
class InputKind:
    """What a file is read as.

    Attributes:
        noun: What messages call it.
        most_bytes: Size above which it is not read.
        hint: What to try when it cannot be read.
        old: Whether the eight-bit encodings of old decks are taken, too.
    """

    noun: str
    most_bytes: int
    hint: str
    old: bool = False


DECK = InputKind("deck", 256 * _MB, "the path of a SPICE deck", old=True)
LIBRARY = InputKind("library", 512 * _MB, "the path of a SPICE library", old=True)
CELL = InputKind("cell", 16 * _MB, "the path of a .cir file", old=True)
PROCESS = InputKind("process", _MB, "a TOML file in UTF-8")
DESIGN = InputKind("design", _MB, "a TOML file in UTF-8")
NETWORK = InputKind("network", 64 * _MB, "an edge list or GraphML, as UTF-8 text")
TABLE = InputKind("table", 256 * _MB, "a CSV file in UTF-8")
RESULT = InputKind("result", 256 * _MB, "the folder of a finished run")
RECORD = InputKind("record", _MB, "to make it again")
CHECKPOINT = InputKind("checkpoint", 512 * _MB, "run without --resume")
WAVEFORMS = InputKind("waveform file", 4096 * _MB, "a shorter run, or fewer signals")
WHEEL = InputKind("wheel", 2048 * _MB, "the wheel of the package that the process file names")

_WHAT = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a named pipe"),
    (stat.S_ISSOCK, "it is a socket"),
    (stat.S_ISLNK, "it is a link"),
    (stat.S_ISCHR, "it is a device"),
    (stat.S_ISBLK, "it is a device"),
)
_MARKS = (
    (b"\xff\xfe\0\0", "UTF-32"),
    (b"\0\0\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_LOOKED_AT_BYTES = 512
_DOS_END = re.compile(r"(?<!\x1a)\x1a(?:[\0\s]+\x1a|[\0\s])*\Z")
_LONG_KEY = re.compile(r"""(?<![\w"'-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')\s*+\.\s*+){60}""")
"""A TOML key of more parts than a table of ours has; reading it takes time as their square."""


def read_bytes(path: Path, kind: InputKind, *, links: bool = True) -> bytes:
    """Read a file whole.

    Args:
        path: The file.
        kind: What it is read as.
        links: Whether a symbolic link is followed at the end of the path.

    Returns:
        Its content.

    Raises:
        NetlistError: When it is no regular file, is too large, or cannot be opened.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        # Looked at before it is opened, which some devices take for a command, and once more after.
        _check(path.stat(follow_symlinks=links), path, kind)
        handle = os.open(path, flags if links else flags | os.O_NOFOLLOW)
        with os.fdopen(handle, "rb") as stream:
            _check(os.fstat(handle), path, kind)
            data = _read(stream, kind.most_bytes + 1)
    except OSError as error:
        raise _refused(path, kind, error.strerror or str(error)) from error
    except ValueError as error:
        raise _refused(path, kind, "no file can have this name") from error
    _check_size(len(data), path, kind)
    return data


def _read(stream: BinaryIO, most_bytes: int) -> bytes:
    """Read piece by piece: to ask for what a file may have would set it aside at once."""
    parts = list[bytes]()
    while most_bytes > 0 and (part := stream.read(min(most_bytes, _MB))):
        parts.append(part)
        most_bytes -= len(part)
    return b"".join(parts)


def read_text(path: Path, kind: InputKind, *, links: bool = True) -> str:
    """Read a text file.

    Args:
        path: The file.
        kind: What it is read as.
        links: As for `read_bytes`.

    Returns:
        Its text without byte order mark and without DOS's end-of-file sign; line ends are left as
        they are.

    Raises:
        NetlistError: When it cannot be read, or is no text in an encoding of its kind.
    """
    data = read_bytes(path, kind, links=links)
    wide = _wide(data)
    if wide:
        raise _refused(path, kind, f"it is {wide} text", "save it as UTF-8")
    for encoding in ("utf-8", "cp1252", "latin-1") if kind.old else ("utf-8",):
        try:
            return _DOS_END.sub("", data.decode(encoding).removeprefix("\ufeff"))
        except UnicodeDecodeError:
            continue
    raise _refused(path, kind, "it is not UTF-8 text", "save it as UTF-8")


def read_json(path: Path, kind: InputKind, *, links: bool = True) -> Any:
    """Read a JSON file.

    Args:
        path: The file.
        kind: What it is read as.
        links: As for `read_bytes`.

    Returns:
        What it holds.

    Raises:
        NetlistError: When it cannot be read, is no JSON, nests too deeply, or holds a number or a
            character that nothing else could take.
    """
    text = read_text(path, kind, links=links)
    try:
        value = json.loads(text)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise _refused(path, kind, "it holds half a character", kind.hint) from error
    except json.JSONDecodeError as error:
        what = f"line {error.lineno} is not JSON: {error.msg}"
        raise _refused(path, kind, what) from error
    except ValueError as error:
        raise _refused(path, kind, "it holds a number of too many digits") from error
    except RecursionError as error:
        raise _refused(path, kind, "it nests too deeply") from error
    return value


def parse_toml(text: str, file: str, kind: InputKind) -> dict[str, Any]:
    """Understand a text as TOML.

    Args:
        text: The text.
        file: Its file, for messages.
        kind: What it is read as.

    Returns:
        The table.

    Raises:
        NetlistError: When it is no TOML, nests too deeply, or holds a number of too many digits.
    """
    hint = 'key = value, with text in "quotes"'
    found = _LONG_KEY.search(text)
    if found is not None:
        where = f"{file}:{text.count(chr(10), 0, found.start()) + 1}"
        raise NetlistError("this key has too many parts", where, hint)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" \(at line (\d+), column \d+\)", str(error))
        line = place[1] if place else str(text.rstrip().count("\n") + 1)
        raise NetlistError(f"this is not TOML: {error}", f"{file}:{line}", hint) from error
    except ValueError as error:
        raise NetlistError("a number here has too many digits", file, hint) from error
    except RecursionError as error:
        raise NetlistError(f"this {kind.noun} nests too deeply", file, hint) from error


def read_toml(path: Path, kind: InputKind) -> dict[str, Any]:
    """Read a TOML file.

    Args:
        path: The file.
        kind: What it is read as.

    Returns:
        The table.

    Raises:
        NetlistError: When it cannot be read, or as for `parse_toml`.
    """
    return parse_toml(read_text(path, kind), str(path), kind)


def resolved(path: Path, folder: Path = Path()) -> Path:
    """A path from the root, its links followed and a user's ``~`` put in.

    Args:
        path: Any path, of a file that need not be there.
        folder: Where a relative one is taken from.

    Returns:
        Where it leads; a path that leads nowhere (links in a circle, a name no file can have, the
        home of a user there is not) as it is written, so that reading it says what is wrong.
    """
    with suppress(RuntimeError):
        path = path.expanduser()
    try:
        return (folder / path).resolve()
    except (OSError, ValueError, RuntimeError):
        return Path(os.path.abspath(folder / path))  # noqa: PTH100 - pathlib has no such thing


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a file stands below a folder, links followed.

    Args:
        path: The file.
        folder: The folder.

    Returns:
        True when it does.
    """
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):
        return False


def _wide(data: bytes) -> str:
    """The name of a text's encoding when its characters are wider than a byte."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    head = data[:_LOOKED_AT_BYTES]
    even, odd = head[0::2], head[1::2]
    alternate = len(odd) > 1 and (set(even) == {0}) != (set(odd) == {0})
    return "UTF-16" if alternate else ""


def _check(status: os.stat_result, path: Path, kind: InputKind) -> None:
    for is_such, what in _WHAT:
        if is_such(status.st_mode):
            raise _refused(path, kind, what)
    _check_size(status.st_size, path, kind)


def _check_size(size: int, path: Path, kind: InputKind) -> None:
    if size > kind.most_bytes:
        most = f"{kind.most_bytes // _MB} MB"
        raise _refused(path, kind, f"it is larger than {most}")


def _refused(path: Path, kind: InputKind, reason: str, hint: str = "") -> NetlistError:
    return NetlistError(f"cannot read this {kind.noun}: {reason}", str(path), hint or kind.hint)
