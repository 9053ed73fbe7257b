"""Warm sessions, batches, what streams, and what is written."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from spice_backend.conformance.crosscheck import crosscheck, engines
from spice_backend.errors import DeckError, SpiceError
from spice_backend.session.outcome import Status
from spice_backend.session.pool import Job, Pool
from spice_backend.session.record import record
from spice_backend.session.session import Session
from spice_backend.waveforms.waveform import label, read_raw, read_raws, write_netcdf, write_raw

DIVIDER = "divider\nv1 a 0 1\nr1 a b 1e3\nr2 b 0 1e3\n.op\n.end\n"
LOW_PASS = """low pass
v1 a 0 dc 0 ac 1 pwl(0 0 1e-9 1)
r1 a b 1e3
c1 b 0 1e-9
{analysis}
.end
"""
STEP = LOW_PASS.format(analysis=".tran 1e-8 3e-6 0 1e-8")


@pytest.fixture(scope="module")
def session():
    with Session(timeout_s=600) as one:
        yield one


def test_altered_values_are_solved_without_loading_again(session):
    session.load(DIVIDER)
    for ohm in (1e3, 2e3, 5e3):
        volts, amperes = session.solve(["v(b)", "i(v1)"], {"r2": ohm})
        assert volts == pytest.approx(ohm / (1e3 + ohm))
        assert amperes == pytest.approx(-1 / (1e3 + ohm))
    session.alter({"V1": 2.0})
    assert session.solve(["v(b)"]) == pytest.approx([2 * 5 / 6])


def test_a_worker_that_died_is_replaced_with_all_that_was_altered(session):
    session.load(DIVIDER)
    session.alter({"r2": 3e3})
    subprocess.run(["kill", "-9", str(session.process_id)], check=True)
    while session._link is not None and session._link.alive:
        pass
    assert session.solve(["v(b)"]) == pytest.approx([0.75])


def test_what_cannot_be_solved_or_set_is_named(session):
    session.load(DIVIDER)
    with pytest.raises(SpiceError, match=r"refused: the deck has no vector c\n  try: "):
        session.solve(["v(c)"])
    with pytest.raises(SpiceError, match=r"cannot set 'r2; shell x' to 1\.0\n  try: a device"):
        session.alter({"r2; shell x": 1.0})
    with pytest.raises(SpiceError, match=r"cannot set 'r2' to nan"):
        session.alter({"r2": float("nan")})
    with pytest.raises(SpiceError, match=r"the deck: failed: warning, can't find model 'nix'"):
        session.load("t\nm1 a b 0 0 nix\n.op\n.end\n")
    with pytest.raises(DeckError, match=r"refused: it includes another file"):
        session.load("t\n.include x\n.end\n")


def test_batches_alter_and_run_again():
    """Oracle: the step response of an RC, 1 - exp(-t/RC), half a nanosecond late for its edge."""
    ohms = [500.0 + 100.0 * index for index in range(24)]
    with Pool(2, 600) as pool:
        recordings = pool.run([Job(STEP, ("v(b)",), {"r1": ohm}) for ohm in ohms])
        odd = pool.run([Job(STEP, ("v(b)",)), Job("t\n.include x\n", ("v(b)",))])
    for ohm, recording in zip(ohms, recordings, strict=True):
        assert recording.outcome.status is Status.COMPLETED
        at = np.interp(1e-6, recording.scale, recording.values[:, 0])
        assert at == pytest.approx(1 - np.exp(-(1e-6 - 5e-10) / (ohm * 1e-9)), abs=1e-4)
    assert np.interp(1e-6, odd[0].scale, odd[0].values[:, 0]) == pytest.approx(0.632, abs=1e-3)
    assert odd[1].outcome.status is Status.FAILED
    assert "it includes another file" in odd[1].outcome.message
    assert odd[1].values.shape == (0, 1)


def test_everything_a_deck_saves_comes_with_names_and_units(session, tmp_path):
    deck = LOW_PASS.format(analysis=".ac dec 10 1e3 1e6\n.tran 1e-8 3e-6")
    outcome, datasets = record(session, deck)
    assert outcome.ok
    ac, tran = sorted(datasets, key=lambda d: d["scale"].attrs["unit"])
    assert (ac["scale"].attrs["unit"], tran["scale"].attrs["unit"]) == ("Hz", "s")
    units = dict(zip(tran["signal"].values, tran["unit"].values, strict=True))
    assert units == {"v(a)": "V", "v(b)": "V", "i(v1)": "A"}
    b = [str(name) for name in ac["signal"].values].index("v(b)")
    expected = 1 / (1 + 2j * np.pi * ac["scale"].values * 1e-6)
    assert ac["values"].values[:, b] == pytest.approx(expected, rel=1e-6)
    write_raw(datasets, tmp_path / "all.raw")
    again = read_raws(tmp_path / "all.raw")
    for one, other in zip(datasets, again, strict=True):
        assert np.array_equal(one["values"].values, other["values"].values)
        assert list(one["signal"].values) == list(other["signal"].values)
        assert np.array_equal(one["scale"].values, other["scale"].values)
    write_netcdf(ac, tmp_path / "ac.nc")
    with xr.open_dataset(tmp_path / "ac.nc", engine="scipy") as kept:
        plane = kept["values"].values + 1j * kept["imaginary"].values
        assert np.array_equal(plane, ac["values"].values)


def test_ngspice_opens_the_raw_file(session, tmp_path):
    _, datasets = record(session, STEP)
    write_raw(datasets, tmp_path / "step.raw")
    (tmp_path / "look.cir").write_text(
        f"look\n.control\nload {tmp_path / 'step.raw'}\n"
        "let n = length(time)\nprint n v(b)[n-1]\nquit\n.endc\n.end\n"
    )
    done = subprocess.run(
        ["ngspice", "-b", "-n", str(tmp_path / "look.cir")],
        capture_output=True,
        text=True,
        check=False,
    )
    said = dict(line.split(" = ") for line in done.stdout.splitlines() if " = " in line)
    assert float(said["n"]) == datasets[0].sizes["step"]
    last = datasets[0]["values"].sel(step=-1).values[list(datasets[0]["signal"]).index("v(b)")]
    assert float(said["v(b)[n-1]"]) == pytest.approx(last, rel=1e-5)


def test_a_raw_file_that_is_none_or_cut_short_is_named(tmp_path):
    path = tmp_path / "x.raw"
    path.write_text("Title: x\n")
    with pytest.raises(SpiceError, match=r"not a raw file\n  try: ngspice -b -r FILE"):
        read_raw(path)
    path.write_bytes(b"")
    with pytest.raises(SpiceError, match=r"not a raw file"):
        read_raw(path)
    data = label(["time", "v(a)"], ["s", "V"], np.arange(3.0), np.arange(3.0)[:, None])
    write_raw([data], path)
    assert read_raw(path)["values"].values[:, 0].tolist() == [0.0, 1.0, 2.0]
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SpiceError, match=r"the raw file is cut short\n  try: run the simulation"):
        read_raw(path)


def test_three_engines_agree_on_a_low_pass():
    assert engines() == ("ngspice", "ngspice -b", "neospice")
    found = crosscheck(STEP, 600)
    assert [outcome.status for outcome in found.outcomes.values()] == [Status.COMPLETED] * 3
    volts = [difference for difference in found.differences if difference.unit == "V"]
    assert len(volts) == 3
    assert volts[0].engines == ("ngspice", "ngspice -b")
    assert volts[0].largest == 0.0
    assert max(difference.largest for difference in volts) < 1e-3
    with pytest.raises(DeckError, match=r"it includes another file \(line 2"):
        crosscheck("t\n.include x\n")


def test_the_second_engine_runs_open_loop_only():
    with Session(engine="neospice", timeout_s=600) as session:
        outcome = session.run(STEP, ["v(b)"], lambda _: True, drive=lambda *_: None)
        assert (outcome.status, outcome.message) == (Status.REFUSED, "neospice runs open loop only")
        with pytest.raises(DeckError, match="neospice has no warm session"):
            session.load(STEP)
        assert session.run(STEP, ["v(zz)"], lambda _: True).message == "the deck has no vector zz"
        assert session.run("t\nv1 a 0 1\nr1 a 0 1\n.op\n.end\n", ["v(a)"], lambda _: True).message


def test_many_short_runs_do_not_grow(session):
    """A sample; the evidence test does 5,000."""
    outcome = None
    for _ in range(100):
        outcome = session.run(STEP, ["v(b)"], lambda _: True)
    assert outcome is not None
    assert outcome.ok
    before = resident_bytes(session.process_id)
    for _ in range(100):
        assert session.run(STEP, ["v(b)"], lambda _: True).ok
    assert resident_bytes(session.process_id) - before < 4 << 20


@pytest.mark.evidence
def test_five_thousand_short_runs_stay_under_100_MB():
    with Session(timeout_s=600) as session:
        assert session.run(STEP, ["v(b)"], lambda _: True).ok
        own, worker = resident_bytes(os.getpid()), resident_bytes(session.process_id)
        largest = 0
        for index in range(5000):
            assert session.run(STEP, ["v(b)"], lambda _: True).ok
            if index % 250 == 249:
                grown = resident_bytes(os.getpid()) - own
                grown += resident_bytes(session.process_id) - worker
                largest = max(largest, grown)
        sys.stdout.write(f"5,000 runs: session and worker grew by at most {largest / 1e6:.1f} MB\n")
    assert largest < 100e6


def resident_bytes(process_id):
    return 4096 * int(Path(f"/proc/{process_id}/statm").read_text().split()[1])


def test_a_killed_session_leaves_no_process_and_its_folder_is_swept(tmp_path, monkeypatch):
    # A folder of its own for scratch, where no other session of this suite sweeps.
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    program = (
        "from spice_backend.session.session import Session; s = Session(); s.start()\n"
        "print(s.process_id, s._link._folder, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as host:
        assert host.stdout is not None
        worker, folder = host.stdout.readline().split()
        host.kill()
    deadline = time.monotonic() + 20
    while Path("/proc", worker).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path("/proc", worker).exists()
    assert Path(folder).exists()
    with Session() as session:
        session.start()
    assert not Path(folder).exists()
