"""Shared by all tests: plain ``ngspice -b``, read by nothing of ours.

An oracle that shares code with what it judges is none, therefore the raw file is read here by a
dozen lines of numpy and not by `spice_backend.waveforms.waveform`.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

from spice_backend.setup.find_ngspice import environment, find_ngspice

# How long one example takes says how busy the machine is, and nothing of what is tested.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

Waves: TypeAlias = dict[str, NDArray[np.float64]]


@pytest.fixture(scope="session")
def ngspice(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Waves]:
    """Runs a deck (its text, or its path) in plain ngspice; every saved vector by its name."""
    return lambda deck, timeout_s=240.0: _batch(deck, tmp_path_factory.mktemp("bench"), timeout_s)


def _batch(deck: str | Path, folder: Path, timeout_s: float) -> Waves:
    program = find_ngspice()
    assert program is not None, "no ngspice on this machine: make setup"
    path = deck if isinstance(deck, Path) else folder / "bench.cir"
    if isinstance(deck, str):
        path.write_text(deck, encoding="utf-8")
    raw = folder / "bench.raw"
    raw.unlink(missing_ok=True)
    done = subprocess.run(
        [str(program), "-b", "-n", "-r", str(raw), str(path)],
        cwd=folder, env=environment(folder), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, errors="replace", timeout=timeout_s, check=False,
    )  # fmt: skip
    said = (done.stdout + done.stderr)[-2000:]
    assert done.returncode == 0, said
    assert raw.exists(), said
    return _read(raw.read_bytes())


def _read(raw: bytes) -> Waves:
    header, _, body = raw.partition(b"Binary:\n")
    text = header.decode()
    n_signal, n_step = (
        int(re.search(rf"No\. {what}: *(\d+)", text)[1])  # type: ignore[index]
        for what in ("Variables", "Points")
    )
    names = [row.split()[1].lower() for row in text.partition("Variables:\n")[2].splitlines()]
    values = np.frombuffer(body, count=n_signal * n_step).reshape(n_step, n_signal)
    return dict(zip(names, values.T, strict=True))
