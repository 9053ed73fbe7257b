"""What each command loads: counted in modules, because seconds differ from machine to machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from learning.commands.table import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
DECK = "* divider\nV1 a 0 1\nR1 a b 1k\nR2 b 0 1k\n.tran 1n 10n\n.end\n"

PLOTTING = frozenset({"matplotlib", "schemdraw", "jinja2"})
LABELLED = frozenset({"xarray", "pandas"})
NUMBERS = frozenset({"numpy", "scipy", "numba", "networkx"})
DESIGNS = frozenset({"pydantic", "pydantic_core"})
SIMULATOR = frozenset({"PySpice", "asyncio", "spice_backend.session"})
HEAVY = PLOTTING | LABELLED | NUMBERS | DESIGNS | SIMULATOR | {"importlib.metadata"}

_ASK = """
import sys
from learning.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
sys.stderr.write(" ".join(sys.modules))
"""


def loaded(folder: Path, *words: str) -> set[str]:
    """Modules in a fresh interpreter after a command."""
    done = subprocess.run(
        [sys.executable, "-c", _ASK, *words], cwd=folder, env={"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_version_and_help_load_next_to_nothing(tmp_path: Path, word: str) -> None:
    modules = loaded(tmp_path, word)
    assert modules & (HEAVY | {"lark", "netlist", "spice_backend", "dataclasses", "json"}) == set()
    commands = {name for name in modules if name.startswith("learning.commands.")}
    light = ("command", "exhausted", "table")
    assert commands == {f"learning.commands.{name}" for name in light}
    assert len(modules) < 120


@pytest.mark.parametrize(
    ("command", "never"),
    [
        (("check", "deck.cir"), HEAVY),
        (("diff", "deck.cir", "deck.cir"), HEAVY),
        (("stats", "deck.cir"), HEAVY),
        (("pdk", "list"), HEAVY),
        (("draw", "deck.cir", "-o", "deck.graphml"), PLOTTING | LABELLED | DESIGNS | SIMULATOR),
        (("keys", "task"), HEAVY - DESIGNS - {"numpy"}),
        (("show", "xor"), PLOTTING | LABELLED | SIMULATOR | {"scipy", "numba"}),
        (("netlist", "xor", "-o", "x.cir"), PLOTTING | LABELLED | SIMULATOR | {"scipy", "numba"}),
        (("simulate", "--help"), PLOTTING | DESIGNS | {"numba", "networkx"}),
        (("learn", "--help"), PLOTTING | {"numba"}),
        (("study", "--help"), HEAVY),
        (("reproduce", "--help"), HEAVY),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_command_loads_only_what_it_needs(
    tmp_path: Path, command: tuple[str, ...], never: frozenset[str]
) -> None:
    (tmp_path / "deck.cir").write_text(DECK, encoding="utf-8")
    modules = loaded(tmp_path, *command)
    assert f"learning.commands.{command[0]}" in modules
    assert modules & never == set()


def test_the_command_that_is_named_is_the_only_one_loaded(tmp_path: Path) -> None:
    modules = loaded(tmp_path, "reproduce", "--help")
    others = {f"learning.commands.{c.name}" for c in COMMANDS} - {"learning.commands.reproduce"}
    assert modules & others == set()


def test_the_packages_load_nothing_by_themselves() -> None:
    ask = "import sys, netlist, spice_backend, learning; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True,
        timeout=120,
    )  # fmt: skip
    modules = set(done.stdout.split())
    ours = {m for m in modules if m.partition(".")[0] in {"netlist", "spice_backend", "learning"}}
    assert ours == {"netlist", "spice_backend", "learning"}
    assert modules & HEAVY == set()
