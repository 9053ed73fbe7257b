"""The command line told wrong things: one clear message, exit code 2, nothing written over.

Every refusal is looked at whole: it names the place, says what to try, and is no traceback. The
commands run in this process; one test runs a real one, to see the exit code a shell sees.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from learning import find_design
from learning.cli import main
from learning.commands.table import COMMANDS

IDEAL = Path(__file__).with_name("ideal.toml")
Capture = pytest.CaptureFixture[str]


def refused(capsys: Capture, *words: object, code: int = 2) -> str:
    """Runs a command that must be refused; its message."""
    assert main([str(word) for word in words]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("joulearn: ")
    assert "Traceback" not in err
    assert "try: " in err, err
    return err


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def changed(folder: Path, old: str, new: str, name: str = "mine.toml") -> Path:
    text = IDEAL.read_text(encoding="utf-8")
    assert old in text
    return written(folder / name, text.replace(old, new))


# --- designs ------------------------------------------------------------------------------------


def test_unknown_key_with_its_line(capsys: Capture, tmp_path: Path) -> None:
    design = changed(tmp_path, "rows = 3", "rows = 3\nrwos = 4")
    message = refused(capsys, "learn", design, "--out", tmp_path / "run")
    assert f"{design}:8: network.rwos: unknown key rwos" in message
    assert "network.rows" in message
    assert not (tmp_path / "run").exists()


def test_unknown_key_of_an_option(capsys: Capture, tmp_path: Path) -> None:
    message = refused(capsys, "show", IDEAL, "--set", "schedule.epoch=3")
    assert "--set schedule.epoch: unknown key epoch" in message
    assert "schedule.epochs" in message


def test_missing_cell(capsys: Capture, tmp_path: Path) -> None:
    message = refused(capsys, "show", IDEAL, "--set", "cells.update=updat")
    assert "cells.update: there is no cell 'updat'" in message
    assert "did you mean update?" in message


def test_pin_no_contract_knows(capsys: Capture, tmp_path: Path) -> None:
    cell = written(
        tmp_path / "mine.cir", "* mine\n.subckt mine fa fb ca cb gaet vss\nR1 fa fb 1e5\n.ends\n"
    )
    message = refused(capsys, "show", IDEAL, "--set", f"cells.edge={cell}")
    assert f"{cell}:2" in message
    assert "pin 'gaet' that no edge cell can have" in message
    assert "did you mean gate?" in message


def test_disconnected_network(capsys: Capture, tmp_path: Path) -> None:
    edges = written(tmp_path / "two.edges", "0 1\n1 2\n3 4\n")
    roles = ('sources=["0"]', 'targets=["1"]', 'ground=["2"]')
    sets = [w for r in roles for w in ("--set", f"network.roles.{r}")]
    message = refused(
        capsys, "show", IDEAL, "--set", "network.topology=file", "--set", f"network.file={edges}",
        "--set", "task.coefficients=[[0.2]]", *sets,
    )  # fmt: skip
    assert "no path from ground 2 to node(s) 3, 4" in message


def test_target_that_is_a_source(capsys: Capture) -> None:
    message = refused(capsys, "show", IDEAL, "--set", 'network.roles.targets=["4"]')
    assert "network.roles.targets: node 4 is used in both sources and targets" in message


def test_csv_with_text_in_a_number_column(capsys: Capture, tmp_path: Path) -> None:
    table = written(tmp_path / "mine.csv", "a,b,y\n0.1,0.2,0.1\n0.3,oops,0.2\n0.2,0.2,0.1\n")
    message = refused(
        capsys, "show", IDEAL, "--set", "task.kind=csv", "--set", f"task.csv={table}",
        "--set", 'task.input_columns=["a", "b"]', "--set", 'task.label_columns=["y"]',
    )  # fmt: skip
    assert f"{table}:3: column 'b' holds 'oops', which is not a number" in message


def test_label_out_of_reach(capsys: Capture) -> None:
    message = refused(capsys, "show", IDEAL, "--set", "task.coefficients=[[0.9, 0.9]]")
    assert "reaches" in message
    assert "task.coefficients (example" in message


@pytest.mark.parametrize(
    ("design", "what"),
    [("regresion", "did you mean regression?"), ("no/such/file.toml", "no such file")],
)
def test_missing_design(capsys: Capture, design: str, what: str) -> None:
    assert what in refused(capsys, "show", design)


def test_design_that_is_no_text(capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe\x00")
    assert "cannot read this design" in refused(capsys, "show", tmp_path / "bad.toml")
    broken = written(tmp_path / "broken.toml", 'name = "x\n')
    assert f"{broken}:1: this is not TOML" in refused(capsys, "show", broken)


def test_a_directory_is_no_design(capsys: Capture, tmp_path: Path) -> None:
    assert str(tmp_path) in refused(capsys, "show", tmp_path)


def test_missing_csv(capsys: Capture, tmp_path: Path) -> None:
    message = refused(
        capsys, "show", IDEAL, "--set", "task.kind=csv", "--set", f"task.csv={tmp_path}/no.csv"
    )
    assert f"{tmp_path}/no.csv: cannot read this table" in message


# --- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [["teach"], [], ["learn"], ["learn", "regression"], ["show", "xor", "--colour"],
     ["learn", "xor", "--out", "x", "--seed", "many"],
     ["learn", "xor", "--out", "x", "--resume", "--overwrite"]],
)  # fmt: skip
def test_unknown_words(capsys: Capture, words: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert (out, "usage: joulearn" in err) == ("", True)


def test_negative_seed(capsys: Capture) -> None:
    assert "--seed" in refused(capsys, "show", IDEAL, "--seed", "-1")


def test_set_without_a_value(capsys: Capture) -> None:
    assert "sets nothing" in refused(capsys, "show", IDEAL, "--set", "seed")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_has_an_example_that_parses(capsys: Capture, command: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command.name, "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert "example" in text
    assert f"joulearn {command.name}" in text
    assert command.example.startswith(f"joulearn {command.name} ")


def test_version_and_help(capsys: Capture) -> None:
    for word in ("--version", "--help"):
        with pytest.raises(SystemExit) as ended:
            main([word])
        assert ended.value.code == 0
        assert "joulearn" in capsys.readouterr().out


# --- files and folders --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds a run."""
    folder = tmp_path_factory.mktemp("there") / "run"
    assert main(["learn", str(IDEAL), "--out", str(folder), "--json"]) == 0
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_folder_that_holds_a_run(capsys: Capture, there: Path) -> None:
    before = contents(there)
    message = refused(capsys, "learn", IDEAL, "--out", there)
    assert "a run is there already" in message
    assert "--overwrite" in message
    assert contents(there) == before


def test_bad_design_leaves_the_run_that_is_there(capsys: Capture, there: Path) -> None:
    before = contents(there)
    bad = ("--set", "network.rows=0")
    refused(capsys, "learn", IDEAL, "--out", there, "--overwrite", *bad)
    assert contents(there) == before


@pytest.mark.parametrize("command", ["learn", "netlist", "simulate"])
def test_folder_that_cannot_be_written(capsys: Capture, tmp_path: Path, command: str) -> None:
    """A file stands where the folder should be, which stops root too."""
    wall = written(tmp_path / "wall", "")
    deck = written(tmp_path / "rc.cir", _RC)
    out = {"learn": ("--out", wall / "run"), "netlist": ("-o", wall / "deck.cir"),
           "simulate": ("--out", wall / "run")}  # fmt: skip
    what = deck if command == "simulate" else IDEAL
    message = refused(capsys, command, what, *out[command])
    assert str(wall) in message
    assert wall.read_text(encoding="utf-8") == ""


def test_missing_deck_and_missing_run(capsys: Capture, tmp_path: Path) -> None:
    message = refused(capsys, "simulate", tmp_path / "no.cir", "--out", tmp_path / "out")
    assert f"{tmp_path}/no.cir" in message
    assert not (tmp_path / "out").exists()
    assert "no finished run here" in refused(capsys, "report", tmp_path)


def test_deck_with_commands(capsys: Capture, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    evil = written(
        tmp_path / "evil.cir", f"evil\nR1 a 0 1\n.control\nshell touch {mark}\n.endc\n.end\n"
    )
    message = refused(capsys, "simulate", evil, "--out", tmp_path / "out")
    assert "--trust" in message
    assert not mark.exists()


_RC = "rc\nV1 a 0 pulse 0 1 0 1e-9 1e-9 1 2\nR1 a b 1e3\nC1 b 0 1e-9\n.tran 1e-7 5e-6\n.end\n"


def test_a_failed_simulation_is_exit_1(capsys: Capture, tmp_path: Path) -> None:
    bad = written(tmp_path / "bad.cir", "bad\nV1 a 0 1\nV2 a 0 2\n.tran 1e-6 1e-5\n.end\n")
    message = refused(capsys, "simulate", bad, "--out", tmp_path / "out", code=1)
    assert "the simulation failed" in message


def test_a_run_out_of_time_is_exit_1(capsys: Capture, tmp_path: Path) -> None:
    sets = ("--set", "simulator.timeout_s=1e-3", "--set", "schedule.epochs=20")
    message = refused(capsys, "learn", IDEAL, "--out", tmp_path / "run", *sets, code=1)
    assert "simulator.timeout_s" in message


# --- json ---------------------------------------------------------------------------------------


def told(capsys: Capture, *words: object) -> Any:
    assert main([*map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_json_of_every_command(capsys: Capture, tmp_path: Path, there: Path) -> None:
    deck = tmp_path / "deck.cir"
    rc = written(tmp_path / "rc.cir", _RC)
    answers = {
        "show": told(capsys, "show", IDEAL),
        "netlist": told(capsys, "netlist", IDEAL, "-o", deck),
        "simulate": told(capsys, "simulate", rc, "--out", tmp_path / "rc"),
        "report": told(capsys, "report", there),
        "learn": json.loads((there / "result.json").read_text(encoding="utf-8")),
    }
    assert {"show", "netlist", "simulate", "report", "learn"} <= {c.name for c in COMMANDS}
    assert answers["report"] == answers["learn"]
    assert answers["show"]["edges"] == 18
    assert answers["netlist"]["deck"] == str(deck)
    assert answers["simulate"]["end"] == pytest.approx(5e-6)
    assert answers["simulate"]["signals"] >= 3


def test_a_shell_sees_the_exit_code(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "learning.cli", "show", "nothing"], cwd=tmp_path, text=True,
        env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 2
    assert "shipped designs: " in done.stderr
    assert "Traceback" not in done.stderr


def test_shipped_designs_are_found_by_name() -> None:
    assert find_design("regression").name == "regression.toml"


def test_crosscheck_tells_volts_amperes_and_joules(tmp_path: Path, capsys: Capture) -> None:
    deck = tmp_path / "rc.cir"
    deck.write_text(
        "low pass\nv1 a 0 PWL(0 0 1e-6 1)\nvmeter a b 0\nr1 b c 1e3\nc1 c 0 1e-10\n"
        ".save v(a) v(c) i(v1) i(vmeter)\n.tran 1e-8 2e-6 0 1e-8\n.end\n",
        encoding="utf-8",
    )
    assert main(["simulate", str(deck), "--crosscheck", "--tight"]) == 0
    said = capsys.readouterr().out
    assert "ngspice against neospice: largest difference in energy " in said
    assert re.search(r"\n  v1: [\d.]+ pJ in ngspice, [\d.]+ pJ in neospice, [-+]0\.\d{4} %\n", said)
    assert main(["simulate", str(deck), "--crosscheck", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert {one["source"] for one in facts["energies"]} == {"v1", "vmeter"}
    assert {one["unit"] for one in facts["differences"]} == {"V", "A"}
