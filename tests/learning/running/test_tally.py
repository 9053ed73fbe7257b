"""Checkpoints of other versions and of nobody's: gone on from, or refused in words."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from learning.errors import LearningError
from learning.measure.ledger import BLOCKS
from learning.running.checkpoint import CheckpointFile
from learning.running.course import Course
from learning.running.tally import ErrorPoint, Tally, load_tally

Stored = dict[str, Any]


def made() -> Tally:
    """A tally in which every field has been used."""
    return Tally(
        design='name = "made"\n',
        gates=("g_0", "g_1"),
        engine="ngspice 39",
        solver="KLU",
        epochs=1,
        evaluated=True,
        presentations=8,
        trained=4,
        simulated_s=1e-4,
        energy_J=np.arange(len(BLOCKS)) * 1e-9,
        training_J=np.arange(len(BLOCKS)) * 5e-10,
        updates=4,
        history=[ErrorPoint(0, 0, 1e-2, 1e-6, 0.0), ErrorPoint(1, 4, 1e-3, 1e-6, 2e-9)],
        outputs_V=np.array([[0.1], [0.2]]),
        marks=[0, 1],
        gates_V=[np.array([1.0, 1.1]), np.array([1.2, 1.3])],
        windows={"early": (np.array([0.0, 1e-6]), np.zeros((2, 3)))},
        state_V={"f_1": 0.1, "C_b": 0.2},
        start_V={"f_1": 0.3},
        unrest=1e-5,
        astray=2e-5,
        power_weights=[0.1],
        warnings=["hm"],
        course=Course([np.array([1e-6, 1.0, 1.1, 0.3, *np.zeros(len(BLOCKS))])], 2),
        balance={"supplied_J": 1e-9, "residual": float("inf")},
    )


def stored(path: Path) -> Stored:
    payload, _ = CheckpointFile(path).load()
    with np.load(io.BytesIO(payload), allow_pickle=False) as arrays:
        found = {name: arrays[name] for name in arrays.files}
    return found | {"plain": json.loads(str(found["plain"]))}


def keep(path: Path, content: Stored, *, pickled: bool = False) -> None:
    file = io.BytesIO()
    arrays = content | {"plain": np.array(json.dumps(content["plain"]))}
    np.savez(file, allow_pickle=pickled, **arrays)
    CheckpointFile(path).save(file.getvalue())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    where = tmp_path / "checkpoint.dat"
    made().save(where)
    return where


def test_everything_comes_back(path: Path) -> None:
    there, was = load_tally(path), made()
    for name in Tally.__dataclass_fields__:
        if name == "course":
            np.testing.assert_equal(there.course.rows, was.course.rows)
            assert there.course.every == was.course.every
            continue
        np.testing.assert_equal(getattr(there, name), getattr(was, name), err_msg=name)


def test_what_the_first_version_did_not_keep_is_as_in_a_new_run(path: Path) -> None:
    content = stored(path)
    for name in ("version", "solver", "unrest", "astray", "power_weights", "balance", "warnings"):
        del content["plain"][name]
    for name in ("start", "start_V", "course", "course_every"):
        del content[name]
    content["plain"]["of_another_time"] = 1
    keep(path, content)
    tally, new = load_tally(path), Tally("", ())
    for name in ("solver", "start_V", "unrest", "astray", "power_weights", "balance", "warnings"):
        assert getattr(tally, name) == getattr(new, name), name
    assert tally.course.rows == []
    assert tally.gates_V[-1].tolist() == [1.2, 1.3]


DAMAGED: dict[str, tuple[Callable[[Stored], object], str]] = {
    "narrow": (lambda s: s.update(course=np.zeros((2, 5))), "course is not a time, gates"),
    "later": (lambda s: s["plain"].update(version=3), "it has version 3, and 2 is the latest"),
    "no design": (lambda s: s["plain"].pop("design"), "design: Field required"),
    "epochs below zero": (lambda s: s["plain"].update(epochs=-1), "epochs: .* than or equal to 0"),
    "epochs in words": (lambda s: s["plain"].update(epochs="two"), "epochs: .*valid integer"),
    "no plain": (lambda s: s.update(plain=[]), "valid dictionary"),
    "history": (lambda s: s["plain"].update(history=[1]), r"history\.0: "),
    "weights": (lambda s: s["plain"].update(power_weights=[1.5]), r"power_weights\.0: "),
    "gates": (lambda s: s.update(gates_V=s["gates_V"][:1]), "gates_V is not 2 by 2 finite"),
    "no gates": (lambda s: s.pop("gates_V"), "gates_V"),
    "blocks": (lambda s: s.update(energy_J=np.zeros(2)), f"energy_J is not {len(BLOCKS)} finite"),
    "not finite": (lambda s: s.update(outputs_V=np.full((2, 1), np.nan)), "outputs_V is not any"),
    "in words": (lambda s: s.update(outputs_V=np.array([["a"]])), "outputs_V is not any by any"),
    "states": (lambda s: s.update(nodes=np.array(["a"])), "nodes_V is not 1 finite"),
    "windows": (lambda s: s.update(early_values=np.zeros((3, 3))), "early_values is not 2 by any"),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_what_does_not_fit_together_is_refused(path: Path, kind: str) -> None:
    spoil, message = DAMAGED[kind]
    content = stored(path)
    spoil(content)
    keep(path, content)
    with pytest.raises(LearningError, match=f"cannot be gone on from: .*{message}") as refused:
        load_tally(path)
    assert refused.value.where == str(path)
    assert "--overwrite" in refused.value.hint


def test_what_could_run_is_not_read(path: Path) -> None:
    keep(path, stored(path) | {"outputs_V": np.array([[print]], dtype=object)}, pickled=True)
    with pytest.raises(LearningError, match=r"cannot be gone on from: .*pickle"):
        load_tally(path)


def test_a_bomb_is_not_unpacked(path: Path) -> None:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as inside,
        inside.open("energy_J.npy", "w", force_zip64=True) as large,
    ):
        for _ in range(1100):
            large.write(bytes(1 << 20))
    CheckpointFile(path).save(file.getvalue())
    with pytest.raises(LearningError, match="it claims more than a gigabyte"):
        load_tally(path)


@pytest.mark.parametrize("payload", [b"", b"rubbish", b"PK\x03\x04", bytes(4096)])
def test_garbage_is_refused(path: Path, payload: bytes) -> None:
    CheckpointFile(path).save(payload)
    with pytest.raises(LearningError, match="this checkpoint cannot be gone on from"):
        load_tally(path)


def test_no_mutation_ends_in_anything_but_words(path: Path) -> None:
    whole, _ = CheckpointFile(path).load()
    rng, refused = random.Random(1), 0
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(rng.randrange(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        if rng.random() < 0.3:
            del data[rng.randrange(len(data)) :]
        CheckpointFile(path).save(bytes(data))
        try:
            load_tally(path)
        except LearningError:
            refused += 1
    assert refused > 100
