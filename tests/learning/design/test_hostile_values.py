"""Every key of a design, given what nobody in their right mind gives: words, and soon, or it works.

A seeded sample of all keys times all values, through the command line, as `joulearn show` reads it
and a network, a task and a schedule are made of it.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from learning.cli import main
from learning.design.keys import design_keys
from learning.design.read import read_design
from netlist.reading import resolved

IDEAL = Path(__file__).parents[1] / "ideal.toml"
VALUES = (
    *("1e9", "1000000000", "-1", "0", "1e308", "-1e308", "1e-320", "nan", "inf", "-inf"),
    *(
        "9" * 5000,
        "0x7fffffffffffffff",
        "9223372036854775808",
        "1e400",
        "true",
        "''",
        "[]",
        "{a=1}",
    ),
    *("[1, 2, 3]", "[[1e9]]", "[['a']]", "1979-05-27", "'x'", "'a\\u0000b'", "'\\u202e'"),
    *("'/dev/zero'", "'/etc/passwd'", "'../../x'", "'~nobody/x'", "'$(touch mark)'", "'a' * 3"),
    *("[" * 3000, "'" + "x" * 70000 + "'", "{" + "a.a." * 50 + "a=1}", "\x1b[2J", "['0', '0']"),
)
EACH_S = 20
TRIED = 160


@pytest.fixture
def soon() -> Iterator[None]:
    """Nothing takes longer than it may."""

    def late(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("soon")
def test_no_value_of_any_key_ends_in_anything_but_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rng, refused = random.Random(12), 0
    keys = [key.name for key in design_keys()]
    for _ in range(TRIED):
        over = f"{rng.choice(keys)}={rng.choice(VALUES)}"
        signal.alarm(EACH_S)
        code = main(["show", str(IDEAL), "--set", over])
        signal.alarm(0)
        said = capsys.readouterr()
        assert code in (0, 2), over[:200]
        assert code == 0 or "\n  try: " in said.err, said.err[:500]
        assert "\x1b" not in said.out + said.err
        refused += code == 2
    assert refused > TRIED / 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("key", ["task.csv", "network.file", "cells.edge", "process"])
@pytest.mark.parametrize("end", ["loop", "loop/x.cir", "~no-such-user/x.cir", "x" * 5000 + ".cir"])
def test_paths_that_lead_nowhere(
    key: str,
    end: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    kinds = {"task.csv": ["task.kind=csv"], "network.file": ["network.topology=file"]}
    words = [f"--set={over}" for over in (*kinds.get(key, []), f"{key}=./{end}", f"{key}={end}")]
    assert main(["show", str(IDEAL), *words]) == 2
    assert main(["show", str(IDEAL), *words[:-1]]) == 2
    assert "\n  try: " in capsys.readouterr().err


def test_a_design_that_is_a_circle_of_links_in_a_run_s_folder(tmp_path: Path) -> None:
    (tmp_path / "design.toml").symlink_to("design.toml")
    assert resolved(tmp_path / "design.toml") == tmp_path / "design.toml"
    text = IDEAL.read_text(encoding="utf-8")
    assert read_design(text, tmp_path / "design.toml").name == "ideal"
