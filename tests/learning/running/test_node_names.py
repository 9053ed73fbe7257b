"""A network's nodes may be called anything legal: the same run under every spelling.

Simulators fold case. One ring of four nodes is named in upper, lower and mixed case, with digits
and underscores, and goes through every door: `netlist`, `show`, `learn`, a checkpoint and a resume,
`report` and its waveforms.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from learning import load_design
from learning.cli import main
from learning.running.controller import learn
from learning.running.folder import RunFolder
from learning.running.tally import load_tally

NAMINGS = {
    "upper": ("A", "B", "C", "D"),
    "lower": ("a", "b", "c", "d"),
    "mixed": ("Ab", "bA", "cC", "Dd"),
    "digits": ("0", "10", "2", "3"),
    "underscores": ("_a", "B_", "c_1", "_"),
    "like_the_decks": ("f_0", "G_0", "IN_0", "Enable"),
}
CELLS = (
    "cells.edge=edge_ideal", "cells.update=update_ideal", "cells.clamp=clamp_ideal",
    "cells.driver=driver_ideal", "measure.audit=true", "schedule.epochs=2",
    "schedule.evaluate_every=1", "initial.gate_V=1.2",
)  # fmt: skip


def _design(folder: Path, nodes: tuple[str, ...]) -> Path:
    a, b, c, d = nodes
    pairs = ((a, b), (a, d), (b, c), (b, d), (c, d))
    (folder / "net.edges").write_text("".join(f"{x} {y}\n" for x, y in pairs), encoding="utf-8")
    path = folder / "design.toml"
    path.write_text(
        f'name = "ring"\n[network]\ntopology = "file"\nfile = "net.edges"\n'
        f'[network.roles]\nsources = ["{a}"]\ntargets = ["{b}"]\nground = ["{c}"]\n'
        '[task]\nkind = "regression"\nexamples = 3\ncoefficients = [[0.2]]\n'
        "input_low_V = 0.05\ninput_high_V = 0.4\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def lower(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("lower")
    design = load_design(_design(folder, NAMINGS["lower"]), CELLS)
    learned = learn(design, folder / "run")
    return {"gates_V": learned.tally.gates_V[-1], "errors": learned.tally.history}


@pytest.mark.parametrize("naming", NAMINGS)
def test_a_run_does_not_depend_on_what_nodes_are_called(
    naming: str, tmp_path: Path, lower: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    nodes = NAMINGS[naming]
    path = _design(tmp_path, nodes)
    sets = [word for override in CELLS for word in ("--set", override)]
    assert main(["netlist", str(path), *sets, "-o", str(tmp_path / "deck.cir")]) == 0
    assert main(["show", str(path), *sets]) == 0
    capsys.readouterr()
    design, out = load_design(path, CELLS), tmp_path / "run"

    def interrupt(progress):
        if progress.epochs == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn(design, out, watch=interrupt)
    kept = load_tally(RunFolder(out).checkpoint)
    assert kept.epochs == 1
    state = {name.partition("_")[2] for name in kept.state_V if name.startswith("f_")}
    assert {node.lower() for node in nodes} - {nodes[2].lower()} <= state
    assert main(["learn", str(path), *sets, "--out", str(out), "--resume"]) == 0
    tally = load_tally(RunFolder(out).checkpoint)
    np.testing.assert_allclose(tally.gates_V[-1], lower["gates_V"], atol=1e-3)
    assert main(["report", str(out)]) == 0
    _check_waveforms(out, nodes[1])
    targets = json.loads((out / "result.json").read_text(encoding="utf-8"))["network"]["targets"]
    assert targets == [nodes[1]]
    assert f"target at node {nodes[1]}" in (out / "report.html").read_text(encoding="utf-8")


def _check_waveforms(out: Path, target: str) -> None:
    with xr.open_dataset(out / "waveforms.nc", engine="scipy") as data:
        names = [str(name) for name in data["signal"].values]
        roles = [str(role) for role in data["role"].values]
    found = dict(zip(names, roles, strict=True))
    assert found[f"f_{target}"] == "free"
    assert found[f"c_{target}"] == "clamped"
    assert (found["in_0"], found["label_0"], found["enable"], found["g_0"]) == (
        "input", "label", "enable", "gate",
    )  # fmt: skip


def test_names_that_differ_only_in_case_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _design(tmp_path, ("a", "A", "c", "d"))
    assert main(["show", str(path)]) == 2
    assert "node names a, A are one and the same to a simulator" in capsys.readouterr().err
