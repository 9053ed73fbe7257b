"""The one reader: what is no regular file, too large or no text is a clear error, at once."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from netlist.errors import NetlistError
from netlist.parts.cell import load_cell
from netlist.parts.process import load_process
from netlist.reading import (
    CELL,
    CHECKPOINT,
    DECK,
    DESIGN,
    LIBRARY,
    NETWORK,
    PROCESS,
    RECORD,
    RESULT,
    TABLE,
    WAVEFORMS,
    WHEEL,
    InputKind,
    is_inside,
    parse_toml,
    read_bytes,
    read_json,
    read_text,
    read_toml,
)

KINDS = (CELL, CHECKPOINT, DECK, DESIGN, LIBRARY, NETWORK, PROCESS, RECORD, RESULT, TABLE)
SECRET = "root:x:0:0:secret"


def refusal(path: Path, kind: InputKind = DESIGN, *, links: bool = True) -> NetlistError:
    with pytest.raises(NetlistError, match=f"cannot read this {kind.noun}: ") as error:
        read_text(path, kind, links=links)
    assert error.value.where == str(path)
    assert error.value.hint
    return error.value


@pytest.mark.parametrize("kind", [*KINDS, WAVEFORMS, WHEEL], ids=lambda k: k.noun)
def test_what_is_no_regular_file(tmp_path: Path, kind: InputKind) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "it is a named pipe" in refusal(tmp_path / "pipe", kind).message
    assert "it is a folder" in refusal(tmp_path, kind).message
    assert "it is a device" in refusal(Path("/dev/zero"), kind).message
    assert "No such file" in refusal(tmp_path / "none", kind).message
    assert "no file can have this name" in refusal(tmp_path / "a\0b", kind).message
    assert "no file can have this name" in refusal(tmp_path / "a\ud800b", kind).message
    assert "name too long" in refusal(tmp_path / ("a" * 5000), kind).message
    (tmp_path / "giant").touch()
    os.truncate(tmp_path / "giant", 1 << 40)
    assert "it is larger than " in refusal(tmp_path / "giant", kind).message


def test_a_socket(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(str(tmp_path / "end"))
        assert "it is a socket" in refusal(tmp_path / "end").message


def test_a_link_in_a_folder_that_may_be_anybodys(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "link").symlink_to("secret")
    assert read_text(tmp_path / "link", DESIGN) == SECRET
    assert "it is a link" in refusal(tmp_path / "link", links=False).message


def test_a_file_that_says_it_is_empty() -> None:
    """Files of /proc have no size before they are read."""
    assert read_bytes(Path("/proc/self/maps"), DESIGN)
    small = replace(DESIGN, most_bytes=10)
    assert "larger" in refusal(Path("/proc/self/maps"), small).message


@pytest.mark.parametrize(
    ("data", "old", "text"),
    [
        (b"\xef\xbb\xbfx\r\ny", False, "x\r\ny"),
        ("10µ".encode("cp1252"), True, "10µ"),
        (b"\x81", True, "\x81"),
        (b"x\r\n\x1a", False, "x\r\n"),
        (b"x\n\x1a\0\0\x1a\r\n", True, "x\n"),
        (b"x\x1ay\n", True, "x\x1ay\n"),
        (b"", False, ""),
    ],
)
def test_text_as_editors_and_dos_leave_it(
    tmp_path: Path, data: bytes, old: bool, text: str
) -> None:
    (tmp_path / "file").write_bytes(data)
    assert read_text(tmp_path / "file", DECK if old else DESIGN) == text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("R1 a 0 1k".encode("utf-16"), "it is UTF-16 text"),
        ("R1 a 0 1k".encode("utf-16-le"), "it is UTF-16 text"),
        ("R1 a 0 1k".encode("utf-16-be"), "it is UTF-16 text"),
        ("R1 a 0 1k".encode("utf-32"), "it is UTF-32 text"),
    ],
)
def test_wide_text_by_its_name(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "file").write_bytes(data)
    assert message in refusal(tmp_path / "file", DECK).message
    assert message in refusal(tmp_path / "file", DESIGN).message


def test_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"a = '\xff'")
    error = refusal(tmp_path / "file")
    assert "it is not UTF-8 text" in error.message
    assert error.hint == "save it as UTF-8"
    (tmp_path / "half").write_bytes(b'a = "\xed\xa0\x80"')
    assert "it is not UTF-8 text" in refusal(tmp_path / "half").message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "line 1 is not JSON: Expecting"),
        ("[" * 200_000, "it nests too deeply"),
        ("9" * 5000, "it holds a number of too many digits"),
        ('["\\ud800"]', "it holds half a character"),
    ],
    ids=["broken", "deep", "digits", "half"],
)
def test_json_that_nobody_wrote(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "file").write_text(text)
    with pytest.raises(NetlistError, match="cannot read this result") as error:
        read_json(tmp_path / "file", RESULT)
    assert message in error.value.message


def test_json(tmp_path: Path) -> None:
    (tmp_path / "file").write_text('{"a": ["\\u00b5", 1.5]}')
    assert read_json(tmp_path / "file", RESULT) == {"a": ["µ", 1.5]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a =", "this is not TOML: "),
        ("a = " + "[" * 100_000, "this design nests too deeply"),
        ("a = " + "9" * 5000, "a number here has too many digits"),
        ("\n" + ".".join(["a"] * 100_000) + " = 1", "this key has too many parts"),
        ("[" + " . ".join(['"a b"'] * 100) + "]", "this key has too many parts"),
    ],
    ids=["broken", "deep", "digits", "dotted", "quoted"],
)
def test_toml_that_nobody_wrote(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "file").write_text(text)
    with pytest.raises(NetlistError) as error:
        read_toml(tmp_path / "file", DESIGN)
    assert error.value.message.startswith(message)
    assert str(error.value.where).startswith(str(tmp_path / "file"))


def test_toml() -> None:
    assert parse_toml("a.b.c = 1\nd = 'e.f'", "x", DESIGN) == {"a": {"b": {"c": 1}}, "d": "e.f"}


def test_a_long_word_is_no_long_key() -> None:
    assert parse_toml(f"a = '{'b' * 900_000}'", "x", DESIGN)


def test_inside(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "out").symlink_to("/etc")
    assert is_inside(tmp_path / "in" / "a", tmp_path / "in")
    assert not is_inside(tmp_path / "in" / ".." / "a", tmp_path / "in")
    assert not is_inside(tmp_path / "in" / "out" / "passwd", tmp_path / "in")
    assert not is_inside(Path("a\0b"), tmp_path)


def test_a_secret_that_is_no_netlist_is_not_shown(tmp_path: Path) -> None:
    secret = tmp_path / "secret.cir"
    secret.write_text(f"{SECRET}\nR1 {SECRET}\n")
    (tmp_path / "p.toml").write_text(f'models = "{secret}"\nrail_V = 1.0\ngate_V = 1.0\n')
    with pytest.raises(NetlistError, match="does not offer nfet") as error:
        load_process(str(tmp_path / "p.toml"))
    assert "secret:" not in str(error.value)
    assert SECRET not in str(error.value)
    with pytest.raises(NetlistError, match=r"this cell file has no \.subckt") as error:
        load_cell("edge", str(secret))
    assert SECRET not in str(error.value)
