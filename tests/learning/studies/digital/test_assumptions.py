"""The table of assumptions: every figure with a source, a user's file laid over it."""

from __future__ import annotations

from pathlib import Path

import pytest

from learning import LearningError
from learning.studies.digital.assumptions import load_assumptions

_CURRENT = 'value = 1e-11\nunit = "A/Hz"\nsource = "mine"\nvalid = "here"\n'


def _own(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_quantity_of_the_users_replaces_the_shipped_one(tmp_path: Path) -> None:
    shipped = load_assumptions()
    mine = load_assumptions(_own(tmp_path, f"[microcontroller.current]\n{_CURRENT}"))
    assert shipped.microcontroller.current.value == 76e-12
    assert (mine.microcontroller.current.value, mine.microcontroller.current.source) == (
        1e-11,
        "mine",
    )
    assert mine.accelerator == shipped.accelerator


def test_a_process_of_the_users_can_have_a_node(tmp_path: Path) -> None:
    node = '[nodes.mine.{0}]\nvalue = 1\nunit = "{1}"\nsource = "s"\nvalid = "v"\n'
    text = node.format("node", "m") + node.format("logic", "V")
    assert load_assumptions(_own(tmp_path, text)).nodes["mine"].logic.value == 1


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("[microcontroller.curent]\n" + _CURRENT, "unknown key curent", 1),
        ("[gpu]\nx = 1\n", "unknown key gpu", 1),
        ("[microcontroller.current]\n" + _CURRENT + "price = 1\n", "unknown key price", 6),
        ('[learner.bits]\nvalue = 8\nunit = "bits"\nvalid = "v"\n', "source is missing", 1),
        ("[microcontroller.current]\n" + _CURRENT.replace("A/Hz", "mA"), "current is in A/Hz", 3),
        (
            '[learner.bits]\nvalue = 7.5\nunit = "bits"\nsource = "s"\nvalid = "v"\n',
            "bits cannot be 7.5",
            2,
        ),
        (
            '[accelerator.node]\nvalue = 0\nunit = "m"\nsource = "s"\nvalid = "v"\n',
            "node cannot be 0",
            2,
        ),
        ("[microcontroller.current]\n" + _CURRENT.replace("1e-11", "-1.0"), "-1.0", 2),
        ("x =\n", "this is not TOML", 1),
    ],
)
def test_what_cannot_be_used_is_refused_at_its_line(
    tmp_path: Path, text: str, message: str, line: int
) -> None:
    with pytest.raises(LearningError, match=message) as refused:
        load_assumptions(_own(tmp_path, text))
    assert f"own.toml:{line}" in str(refused.value.where)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LearningError):
        load_assumptions(tmp_path / "none.toml")
