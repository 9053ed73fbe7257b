"""Labels that a clamp does not reach: warned of, before a run, and only then."""

from __future__ import annotations

from learning import find_design, load_design, prepare
from learning.benches.labels import unreached
from learning.benches.machine import stand_of
from learning.experiment.experiment import Experiment


def made(design: str, *settings: str) -> Experiment:
    return prepare(load_design(find_design(design), settings))


def test_a_label_of_17_mV_is_pushed_away_by_the_first_clamp() -> None:
    """Its offset at 27 mV is 11 mV, more than it nudges down there."""
    (told,) = unreached(made("regression_twin"))
    assert told.startswith("target 5 has labels that cell clamp does not reach, at 17.1 mV")


def test_labels_in_the_middle_are_reached() -> None:
    assert unreached(made("allostery")) == ()


def test_a_clamp_that_takes_milliseconds_gets_them() -> None:
    """As long as the machine's own free state takes; in microseconds it moves nothing."""
    assert unreached(made("laboratory_single")) == ()


def test_an_ideal_clamp_reaches_everything() -> None:
    assert unreached(made("regression_twin", "cells.clamp=clamp_ideal")) == ()


def test_a_machines_own_cell_with_its_chip() -> None:
    experiment = made(
        "allostery", "variation.mismatch=true", "variation.draw=3", "supply.rail_V=1.7"
    )
    stood = stand_of(experiment, "clamp", "5")
    assert (stood.chip.draw, stood.place, stood.rail_V) == (3, "5", 1.7)
    assert stood.beside["bias"] is experiment.cells["bias"]
    assert stood.sizes("clamp")["eta"] == experiment.design.learning.nudge
