"""``joulearn diff`` and ``joulearn stats``: exit codes and forms of output."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from learning.cli import main
from learning.errors import LearningError, StorageError
from learning.writing import require_writable, write_text

DECK = "t\nV1 a 0 1\nR1 a 0 1k\nM1 a a 0 0 n w=2u l=1u m=3\n.model n nmos\n.end\n"


@pytest.fixture
def decks(tmp_path: Path) -> tuple[str, str]:
    first, second = tmp_path / "a.cir", tmp_path / "b.cir"
    first.write_text(DECK, encoding="utf-8")
    second.write_text(DECK.replace("1k", "2k"), encoding="utf-8")
    return str(first), str(second)


def test_diff(decks: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    first, second = decks
    assert main(["diff", first, first]) == 0
    assert capsys.readouterr().out == "no difference\n"
    assert main(["diff", first, second]) == 1
    assert capsys.readouterr().out == "~ r1 value: 1000 -> 2000\n"
    assert main(["diff", "--json", first, second]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["path"], found["first"], found["second"]) == ("r1", "1000", "2000")


def test_stats(decks: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", decks[0]]) == 0
    assert "(whole deck)             1            3          6 µm²   m:1 r:1 v:1" in (
        capsys.readouterr().out
    )
    assert main(["stats", "--json", decks[0]]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["gate_area_m2"] == pytest.approx(6e-12)


def test_stats_of_a_cell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Counted by hand: two devices of 0.5 by 12 um2, and 10 pF at 1 fF/um2."""
    assert main(["stats", "edge"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("edge, edge cell, in generic180\n")
    assert (
        "\nedge                     2          12       10000           0       10012 µm²\n" in told
    )
    own = tmp_path / "mine.cir"
    own.write_text(".subckt mine a b gate\nX1 a gate b 0 nfet w=1e-6 l=2e-6\n.ends\n", "utf-8")
    assert main(["stats", str(own), "--process", "generic180", "--json"]) == 0
    told = capsys.readouterr().out
    found = json.loads(told)
    assert main(["stats", str(own), "--json"]) == 0
    assert capsys.readouterr().out == told
    assert (found["slot"], found["area"]["total"]["total_m2"]) == ("edge", pytest.approx(2e-12))


def test_stats_of_a_design(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "laboratory", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["edges"] * found["area"]["per_edge"]["total_m2"] == pytest.approx(
        sum(found["area"][slot]["total_m2"] for slot in ("edge", "update") if slot in found["area"])
    )
    assert main(["stats", "laboratory"]) == 0
    assert "Parallel transistors are counted each; `joulearn show` and" in capsys.readouterr().out
    assert main(["stats", "update_memry"]) == 2
    assert "a shipped cell (update_memory?)" in capsys.readouterr().err


def test_no_such_deck(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", str(tmp_path / "none.cir")]) == 2
    assert "cannot read this deck: No such file" in capsys.readouterr().err


def test_draw_a_cell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "clamp.svg"
    assert main(["draw", "clamp", "-o", str(picture)]) == 0
    assert capsys.readouterr().out == f"{picture}: subcircuit clamp\n"
    assert "<svg" in picture.read_text(encoding="utf-8")
    bump = tmp_path / "bump.svg"
    assert main(["draw", "update", "--subcircuit", "bump", "-o", str(bump)]) == 0


def test_no_picture_of_that_kind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "clamp", "-o", str(tmp_path / "clamp.gif")]) == 2
    assert "try: a picture: .svg, .png, .pdf; for xschem: .sch;" in capsys.readouterr().err


def test_draw_a_cell_for_xschem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schematic = tmp_path / "mine.sch"
    assert main(["draw", "update", "-o", str(schematic)]) == 0
    beside = "mine.sym, bump.sch, bump.sym, wake.sch, wake.sym"
    assert capsys.readouterr().out == f"{schematic}: subcircuit update; beside it {beside}\n"
    assert main(["draw", "update", "-o", str(schematic), "--process", "sky130", "--json"]) == 2
    assert "bump.sch: this file, which would be written as well, is" in capsys.readouterr().err
    assert "nmos4.sym" in schematic.read_text(encoding="utf-8")
    foundry = tmp_path / "foundry" / "update.sch"
    assert main(["draw", "update", "-o", str(foundry), "--process", "sky130", "--json"]) == 0
    assert str(foundry) in json.loads(capsys.readouterr().out)["files"]
    assert "sky130_fd_pr/nfet_01v8.sym" in foundry.read_text(encoding="utf-8")
    assert main(["draw", "edge", "-o", str(tmp_path / "x.svg"), "--process", "sky130"]) == 2
    assert "a picture has no symbols of a process" in capsys.readouterr().err


def test_a_foundry_s_transistor_is_drawn_as_one(tmp_path: Path) -> None:
    calls = {"nfet_01v8": "Xa", "pfet_g5v0d10v5": "Xb"}
    lines = "".join(
        f"{name} a b c d sky130_fd_pr__{device} L=1 W=2 nf=1 mult=1 m=1\n"
        for device, name in calls.items()
    )
    for count in (1, 2):
        deck, picture = tmp_path / "drawn.spice", tmp_path / "drawn.svg"
        body = "".join(lines.splitlines(keepends=True)[:count])
        deck.write_text(
            f"** sch_path: x\n**.subckt drawn a b c d\n{body}**.ends\n.end\n", encoding="utf-8"
        )
        assert main(["draw", str(deck), "-o", str(picture)]) == 0
        text = picture.read_text(encoding="utf-8")
        # With a device that no process here offers, both are the boxes they are called as.
        assert ("2/1" in text) == (count == 1)
        assert ("sky130_fd_pr__" in text) == (count > 1)


def test_draw_a_graph(
    decks: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = tmp_path / "deck.graphml"
    assert main(["draw", "--json", decks[0], "-o", str(graph)]) == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(graph), "devices": 3, "nodes": 2}
    assert "graphml" in graph.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("deck", "output", "message"),
    [
        ("none", "x.svg", "there is no such file and no such shipped cell"),
        ("clamp", "x.gif", "no picture can be written as .gif"),
        ("flat", "x.svg", "this file has no subcircuit to draw"),
    ],
)
def test_what_cannot_be_drawn(
    deck: str,
    output: str,
    message: str,
    decks: tuple[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    deck = decks[0] if deck == "flat" else deck
    assert main(["draw", deck, "-o", str(tmp_path / output)]) == 2
    assert message in capsys.readouterr().err


def test_a_cell_without_a_title_is_drawn_as_it_is_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cell, picture = tmp_path / "pair.cir", tmp_path / "pair.svg"
    cell.write_text(".subckt pair a b\nR1 a b 1k\nR2 a b 2k\n.ends\n", encoding="utf-8")
    assert main(["draw", str(cell), "-o", str(picture)]) == 0
    assert "subcircuit pair" in capsys.readouterr().out
    assert "R2" in picture.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words",
    [["netlist", "regression", "-o"], ["draw", "update", "-o"], ["check", "DECK", "--sarif"]],
    ids=["netlist", "draw", "check"],
)
def test_a_pipe_is_not_replaced_by_a_file(
    words: list[str],
    decks: tuple[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pipe = tmp_path / "pipe.svg"
    os.mkfifo(pipe)
    words = [decks[0] if word == "DECK" else word for word in words]
    assert main([*words, str(pipe)]) == 2
    assert "cannot write here: this is a device" in capsys.readouterr().err
    assert pipe.is_fifo()


@pytest.mark.parametrize("device", ["/dev/stdout", "/dev/null", "/dev/none.svg"])
def test_a_device_is_no_file_of_anybody_s(device: str) -> None:
    with pytest.raises(LearningError, match=r"cannot write here: (this is a device|Permission)"):
        require_writable(Path(device), "-o")


def test_a_device_in_a_folder_of_results_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = tmp_path / "device"
    device.write_text("as it was", encoding="utf-8")
    monkeypatch.setattr(stat, "S_ISCHR", lambda _: True)  # a real one takes root to make
    with pytest.raises(StorageError, match=r"cannot write: (this is a device|Invalid argument)"):
        write_text(device, "a file")
    assert device.read_text(encoding="utf-8") == "as it was"
