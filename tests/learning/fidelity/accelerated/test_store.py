"""Kept tables: what goes in comes out, what is damaged is made again."""

from __future__ import annotations

import os
import random
from pathlib import Path

import numpy as np
import pytest

from learning.design.read import load_design
from learning.experiment.prepare import prepare
from learning.fidelity import kept
from learning.fidelity.accelerated import store
from learning.fidelity.accelerated.spline import Axis, Spline, axis, through
from learning.fidelity.accelerated.update_table import Pull
from learning.fidelity.archive import pack, unpack
from tests.learning.fidelity.plant_suite import IDEAL


def table() -> Spline:
    return through((axis(0.0, 1.0, 6),), np.arange(6.0) ** 2)


def test_what_is_packed_is_unpacked() -> None:
    back = unpack(pack(Pull((table(), table()), ())), (Pull, Spline, Axis))
    assert (back.gate[0].axes, back.rail) == (table().axes, ())
    np.testing.assert_array_equal(back.gate[1].coefficients, table().coefficients)
    mixed, number = unpack(pack(({(True, False): np.ones(2), "b": None}, 1.5)), ())
    np.testing.assert_array_equal(mixed[True, False], [1.0, 1.0])
    assert (mixed["b"], number) == (None, 1.5)


def test_a_damaged_file_is_made_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = []

    def make() -> Spline:
        made.append(1)
        return table()

    for _ in range(2):
        store.tables("one", make)
    assert made == [1]
    (file,) = kept.folder().iterdir()
    file.write_bytes(file.read_bytes()[:100])
    assert store.tables("one", make).axes == table().axes
    assert made == [1, 1]


def test_whatever_became_of_a_file_it_is_right_or_made_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    store.tables("one", table)
    (file,) = kept.folder().iterdir()
    whole, rng = file.read_bytes(), random.Random(4)
    for number in range(300):
        data = bytearray(whole)
        for _ in range(rng.randrange(1, 4)):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        if number % 3 == 0:
            del data[rng.randrange(len(data)) :]
        file.write_bytes(b"" if number == 1 else data)
        back = store.tables("one", table)
        np.testing.assert_array_equal(back.coefficients, table().coefficients)
        file.write_bytes(whole)
    file.unlink()
    os.mkfifo(file)
    assert store.tables("one", table).axes == table().axes


def test_a_name_says_what_tables_depend_on() -> None:
    def key(*changes: str) -> str:
        return store.key(prepare(load_design(IDEAL, changes)), "cells")

    plain = key()
    for same in ("schedule.epochs=9", "learning.tolerance_V2=1e-3", "initial.spread_V=0.1"):
        assert key(same) == plain
    for other in (
        *("corner=ss", "temperature_C=50", "supply.rail_V=1.7"),
        *("cells.parameters.edge.s=2e-5", "learning.nudge=0.25", "schedule.rise_s=5e-7"),
        *("network.rows=4", "cells.driver=driver", "variation.resistors=low"),
    ):
        assert key(other) != plain, other
