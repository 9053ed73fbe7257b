"""Every example of the gallery runs and draws."""

from __future__ import annotations

import ast
import runpy
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "docs" / "examples").glob("*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_and_draws(example: Path) -> None:
    mpl.use("agg")
    plt.close("all")
    runpy.run_path(str(example))
    (number,) = plt.get_fignums()
    panels = plt.figure(number).axes
    plt.close("all")
    assert panels
    assert all(panel.has_data() or panel.texts for panel in panels)


def test_the_gallery_is_a_gallery() -> None:
    assert len(EXAMPLES) >= 12


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_says_what_it_shows(example: Path) -> None:
    """A title underlined as long as it is, as the gallery wants it, and a paragraph."""
    told = ast.get_docstring(ast.parse(example.read_text(encoding="utf-8")))
    title, line, empty, *rest = str(told).splitlines()
    assert (line, empty) == ("=" * len(title), "")
    assert rest
