"""Names that hold control characters, at every door of the command line: shown, never obeyed."""

from __future__ import annotations

import io
import os
import pty
import re
import sys
from pathlib import Path

import pytest

from learning.cli import main
from learning.commands.alive import Alive
from learning.commands.progress_line import show_progress
from learning.experiment.sound import Soundness
from learning.running.learned import Progress
from learning.writing import is_terminal, show

OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
CLEAR, TITLE, EIGHT, TURN = "\x1b[2J", "\x1b]0;x\x07", "\x9b31m", "\u202e"
DOORS = [
    [CLEAR],
    [f"--{TITLE}"],
    ["learn", f"--{CLEAR}"],
    ["learn", f"x{CLEAR}.toml", "--out", "run"],
    ["learn", "regression", "--out", "run", "--fidelity", TITLE],
    ["learn", "regression", "--out", "run", "--least-power", f"1{EIGHT}"],
    ["learn", "regression", "--out", "run", "--set", f"task.{CLEAR}=1"],
    ["learn", "regression", "--out", "run", "--set", f"process={TITLE}"],
    ["learn", "regression", "--out", "run", "--set", f"cells.update=x{EIGHT}.cir"],
    ["learn", "regression", "--out", f"{CLEAR}", "--resume"],
    ["netlist", "regression", "-o", f"/dev/null/{CLEAR}"],
    ["show", f"{TURN}iris"],
    ["reproduce", CLEAR, "--out", "x"],
    ["pdk", "add", TITLE],
    ["pdk", EIGHT],
    ["check", f"a{EIGHT}.cir"],
    ["check", "--roundtrip", CLEAR],
    ["diff", CLEAR, TITLE],
    ["report", CLEAR],
    ["simulate", TITLE],
    ["draw", CLEAR],
    ["stats", TITLE],
    ["keys", CLEAR],
]


@pytest.mark.parametrize("words", DOORS, ids=[" ".join(map(repr, words)) for words in DOORS])
def test_words_of_the_command_line(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        code = main(words)
    except SystemExit as end:
        code = int(end.code or 0)
    said = capsys.readouterr()
    assert code in (1, 2)
    assert said.err
    assert not OBEYED.search(said.out + said.err), said


def test_a_warning_quotes_a_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Soundness, "warnings", (f"edge.cir:3: node n{CLEAR} hangs",))
    assert main(["netlist", "regression", "-o", str(tmp_path / "deck.cir")]) == 0
    said = capsys.readouterr()
    assert said.err == "warning: edge.cir:3: node n\\u001b[2J hangs\n"
    assert not OBEYED.search(said.out)


def test_red_stands_around_what_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.delenv("NO_COLOR", raising=False)
        show(f"a{CLEAR}", error=True, red=True)
        coloured = os.read(ours, 100)
        monkeypatch.setenv("NO_COLOR", "1")
        show(f"b{CLEAR}", error=True, red=True)
        plain = os.read(ours, 100)
    os.close(ours)
    assert coloured == b"\x1b[31ma\\u001b[2J\x1b[0m"
    assert plain == b"b\\u001b[2J"


@pytest.mark.parametrize("there", [True, False])
def test_a_run_without_a_terminal_goes_on_unseen(there: bool) -> None:
    stream = io.StringIO() if there else None
    if stream is not None:
        stream.close()
    assert not is_terminal(stream)
    with Alive(stream) as alive:
        show_progress(alive, Progress(1, 1, 0, 1.0, 0.0, None))
