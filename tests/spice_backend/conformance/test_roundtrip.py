"""The round-trip tool: every verdict it can give, each on a deck that deserves it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from netlist.circuit import Circuit
from netlist.text import emitter
from netlist.text.deckfile import Kind
from spice_backend.conformance import roundtrip
from spice_backend.conformance.roundtrip import Result, Verdict, check_folder, spice_files
from spice_backend.conformance.roundtrip_report import Shares, facts, text
from spice_backend.errors import SpiceError

DIVIDER = "t\nV1 a 0 2\nR1 a b 1k\nR2 b 0 1k\n"
DECKS = {
    "same.cir": DIVIDER + ".op\n.print op v(b)\n.end\n",
    "raw.cir": DIVIDER
    + ".subckt unused a\nE1 a 0 FREQ {v(a)}= DB (1,2)\n.ends\n.op\n.print op v(b)\n.end\n",
    "commands.cir": DIVIDER + ".control\nop\nprint v(b)\n.endc\n.end\n",
    "includes.cir": "t\nV1 a 0 2\n.include sub/r.inc\n.op\n.print op v(b)\n.end\n",
    "sub/r.inc": "R1 a b 1k\nR2 b 0 1k\n.model unused d (is=1f)\n",
    "nothing.cir": DIVIDER + ".end\n",
    "endless.cir": DIVIDER + ".control\nwhile 1\nlet x = 1\nend\n.endc\n.end\n",
    "random.cir": DIVIDER + ".control\nop\nshell head -c8 /dev/urandom | od -x\n.endc\n.end\n",
    "wrong.cir": DIVIDER + "R3 a\n.op\n.print op v(b)\n.end\n",
    "script.cir": "*ng_script\n.control\necho hello\n.endc\n",
    "notes.net": "no line of SPICE\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("decks")
    for name, content in DECKS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def _by_name(verdicts: tuple[Verdict, ...]) -> dict[str, Verdict]:
    return {str(v.path): v for v in verdicts}


@pytest.fixture(scope="module")
def verdicts(folder: Path) -> tuple[Verdict, ...]:
    return tuple(check_folder(folder, trust=True, timeout_s=3))


@pytest.mark.parametrize(
    ("name", "result", "unread"),
    [
        ("same.cir", Result.SAME, ""),
        ("raw.cir", Result.SAME, "raw.cir:6:1: kept raw: E1 a 0 FREQ {v(a)}= DB (1,2)"),
        ("commands.cir", Result.SAME, ""),
        ("includes.cir", Result.SAME, ""),
        ("nothing.cir", Result.FAILS, ""),
        ("endless.cir", Result.TIMEOUT, ""),
        ("random.cir", Result.RANDOM, ""),
        ("wrong.cir", Result.SAME, "wrong.cir:5:5: R3 has 1 of 2 nodes"),
        ("script.cir", Result.SKIPPED, ""),
        ("sub/r.inc", Result.SKIPPED, ""),
    ],
)
def test_verdicts(verdicts: tuple[Verdict, ...], name: str, result: Result, unread: str) -> None:
    verdict = _by_name(verdicts)[name]
    assert verdict.result is result
    assert verdict.unread.split("\n", 1)[0] == unread


def test_files_are_told_apart(verdicts: tuple[Verdict, ...]) -> None:
    kinds = {name: verdict.kind for name, verdict in _by_name(verdicts).items()}
    assert kinds["sub/r.inc"] is Kind.LIBRARY
    assert kinds["script.cir"] is Kind.SCRIPT
    assert "notes.net" not in kinds


def test_shares(verdicts: tuple[Verdict, ...]) -> None:
    shares = Shares(verdicts)
    assert shares.read == 6 / 8
    assert shares.same == 1.0
    assert not shares.differs()
    found = facts(shares)
    assert found["decks"] == 8
    assert found["results"]["same"] == 5
    assert {"raw.cir", "endless.cir"} <= {row["file"] for row in found["rest"]}
    report = text(shares)
    assert "read with nothing left raw: 6 of 8 decks, 75.0 %" in report
    assert "same ngspice result from the emitted text: 5 of 5 decks, 100.0 %" in report
    assert "  raw.cir: 6:1: kept raw: E1 a 0 FREQ" in report


def test_commands_are_not_run_without_trust(folder: Path) -> None:
    found = _by_name(tuple(check_folder(folder, timeout_s=3)))
    for name in ("commands.cir", "endless.cir", "random.cir", "includes.cir"):
        assert found[name].result is Result.UNTRUSTED
        assert "--trust" in found[name].reason
    assert found["same.cir"].result is Result.SAME


def test_several_jobs_give_the_same_verdicts(folder: Path) -> None:
    one = sorted(check_folder(folder, timeout_s=3), key=lambda verdict: verdict.path)
    many = sorted(check_folder(folder, timeout_s=3, jobs=3), key=lambda verdict: verdict.path)
    assert one == many
    assert [verdict.path for verdict in one] == [file.path for file in spice_files(folder)]


def test_who_stops_listening_stops_the_runs(tmp_path: Path) -> None:
    for name in ("a.cir", "b.cir", "c.cir"):
        (tmp_path / name).write_text(DECKS["endless.cir"], encoding="utf-8")
    (tmp_path / "0.cir").write_text(DECKS["same.cir"], encoding="utf-8")
    verdicts = check_folder(tmp_path, trust=True, timeout_s=60, jobs=2)
    began = time.monotonic()
    assert next(verdicts).result is Result.SAME
    verdicts.close()  # type: ignore[attr-defined]
    # Endless decks would have run for a minute each.
    assert time.monotonic() - began < 20


def test_a_wrong_emitter_is_found_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(circuit: Circuit) -> str:
        return emitter.emit(circuit).replace("V1 a 0 dc 2", "V1 a 0 dc 2.001")

    monkeypatch.setattr(roundtrip, "emit", wrong)
    verdict = _by_name(tuple(check_folder(folder, timeout_s=3)))["same.cir"]
    assert verdict.result is Result.DIFFERENT
    assert "became" in verdict.reason
    assert Shares((verdict,)).differs()


def test_reading_alone_runs_nothing(folder: Path) -> None:
    found = tuple(check_folder(folder, simulate=False))
    assert {v.result for v in found} == {Result.SKIPPED}
    assert Shares(found).same is None


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(SpiceError, match="no such folder"):
        tuple(check_folder(tmp_path / "none"))
