"""Includes put into a deck: sections of libraries, places in messages, and how much is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlist.reading import InputKind
from spice_backend.decks import whole_deck
from spice_backend.decks.whole_deck import read_deck
from spice_backend.errors import DeckError


def test_a_section_is_its_lines_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "p.lib").write_text(
        ".lib TT\n.param a=1\n.endl\n.lib ff\n.param a=2\n.endl ff\n.lib tt\n.param a=3\n.endl\n"
    )
    deck = tmp_path / "deck.cir"
    deck.write_text("t\n.lib p.lib tt\n.lib 'p.lib' FF\nR1 a 0 {a}\n")
    assert read_deck(deck) == (
        "t\n* .lib p.lib tt\n.param a=1\n* .lib 'p.lib' FF\n.param a=2\nR1 a 0 {a}\n"
    )
    for wanted in ("ss", "open"):
        (tmp_path / "p.lib").write_text(".lib tt\n.param a=1\n.endl\n.lib open\n.param a=2\n")
        deck.write_text(f"t\n.lib p.lib {wanted}\nR1 a 0 1\n")
        with pytest.raises(DeckError, match=f"the library has no section {wanted}"):
            read_deck(deck)


def test_a_place_in_a_section_is_its_line_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "p.lib").write_text("* one\n* two\n.lib tt\n.param a=1\n.include gone.inc\n.endl\n")
    (tmp_path / "deck.cir").write_text("t\n.lib p.lib tt\nR1 a 0 1\n")
    with pytest.raises(DeckError, match=r"p\.lib:5: .*gone\.inc"):
        read_deck(tmp_path / "deck.cir")


def test_each_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library of a thousand sections, each asked for: work in proportion to what there is."""
    read: list[Path] = []

    def counted(path: Path, kind: InputKind) -> str:
        read.append(path)
        return path.read_text()

    monkeypatch.setattr(whole_deck, "read_text", counted)
    (tmp_path / "p.lib").write_text(
        "".join(f".lib s{i}\n.param a{i}=1\n.endl\n" for i in range(1000))
    )
    deck = "".join(f".lib p.lib s{i}\n" for i in range(1000))
    (tmp_path / "deck.cir").write_text(f"t\n{deck}R1 a 0 1\n")
    assert read_deck(tmp_path / "deck.cir").count(".param") == 1000
    assert len(read) == 2


@pytest.mark.parametrize(
    ("deck", "files", "message"),
    [
        (".include a.inc\n" * 10_001, {"a.inc": "* a\n"}, "more than 10000 includes"),
        (
            ".include a0.inc\n",
            {f"a{i}.inc": f".include a{i + 1}.inc\n" * 3 * (i < 15) for i in range(16)},
            "more than 10000 includes",
        ),
        (".include a.inc\n" * 80, {"a.inc": "* a\n" * 16_000}, "the deck is larger than 64 MB"),
        (".include a.inc\n", {"a.inc": ".include a.inc\n" * 50}, "includes go round in circles"),
    ],
)
def test_fans_of_includes_are_given_up(
    deck: str, files: dict[str, str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_deck, "_SIZE_BYTES", 4 << 20)
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "deck.cir").write_text(f"t\n{deck}R1 a 0 1\n")
    with pytest.raises(DeckError, match=message):
        read_deck(tmp_path / "deck.cir")


def test_files_of_which_little_is_used_are_limited_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_deck, "_SIZE_BYTES", 4 << 20)
    for i in range(9):
        (tmp_path / f"a{i}.lib").write_text(".lib s\n.endl\n" + "* filler\n" * 60_000)
    deck = "".join(f".lib a{i}.lib s\n" for i in range(9))
    (tmp_path / "deck.cir").write_text(f"t\n{deck}R1 a 0 1\n")
    with pytest.raises(DeckError, match="the deck is larger than 64 MB"):
        read_deck(tmp_path / "deck.cir")
