"""Settings of the figures: none from whatever folder a report is made in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = """
import os
before = os.path.exists
import {module}
import matplotlib
assert os.path.exists is before
print(matplotlib.rcParamsOrig["lines.linewidth"])
"""


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _settings(path: Path) -> None:
    path.write_text("lines.linewidth: 77\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("module", "there"),
    [
        ("learning.report.page", _pipe),
        ("learning.papers.stern2024.figures", _settings),
        ("netlist.views.own_matplotlib", _settings),
    ],
)
def test_a_matplotlibrc_in_the_current_folder_is_not_read(
    tmp_path: Path, module: str, there: Callable[[Path], None]
) -> None:
    there(tmp_path / "matplotlibrc")
    own = tmp_path / "own"
    own.write_text("lines.linewidth: 5\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM.format(module=module)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MATPLOTLIBRC": str(own)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "5.0\n"


def test_a_drawing_of_a_cell_takes_no_settings_of_the_current_folder(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("backend: module://nobody_has_this\n", encoding="utf-8")
    cell = ROOT / "circuits" / "cells" / "edge.cir"
    done = subprocess.run(
        [sys.executable, "-P", "-m", "learning.cli", "draw", str(cell), "-o", "edge.png"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "edge.png").read_bytes().startswith(b"\x89PNG")
