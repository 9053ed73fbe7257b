"""Fuzzing: whatever happens to a deck, reading and checking it end soon, with errors that point."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import pytest

from netlist.checks import check_deck
from netlist.circuit import Circuit
from netlist.errors import NetlistError
from netlist.text.deckfile import Kind, find_decks
from netlist.text.emitter import emit
from netlist.text.parser import parse, survey
from netlist.text.unread import unread
from tests.netlist.text.mutation import mutations

ROOT = Path(__file__).parents[3]
HANG_S = 5
NOWHERE = Path("/nowhere")


def _decks() -> list[str]:
    """Ours, and those of a folder named by JOULEARN_DECKS when somebody has more."""
    folders = [ROOT / "circuits", ROOT / "tests" / "golden"]
    if "JOULEARN_DECKS" in os.environ:
        folders.append(Path(os.environ["JOULEARN_DECKS"]))
    files = [file for folder in folders for file in find_decks(folder)]
    return [f.text for f in files if f.kind is not Kind.SCRIPT and len(f.text) < 50_000]


@contextmanager
def _no_hang() -> Iterator[None]:
    def stop(signum: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"no end after {HANG_S} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(HANG_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@dataclass(frozen=True)
class _Survived:
    """What became of a mutant: whether nothing was complained of, and the seconds it took."""

    clean: bool
    findings: int
    read_s: float
    check_s: float


def _survives(text: str) -> _Survived:
    """Reads, checks and writes; anything but a planned error is raised."""
    with _no_hang():
        began = time.process_time()
        circuit, problems = survey(text, "deck.cir")
        tuple(unread(circuit.body))
        read = time.process_time()
        findings = check_deck(text, "deck.cir", NOWHERE)
        checked = time.process_time()
        if not problems:
            assert parse(emit(circuit)) == circuit
    for problem in problems:
        assert str(problem).startswith("deck.cir:")
        assert problem.hint
    for finding in findings:
        assert finding.span.line >= 1
        assert finding.text().endswith("\n")
        assert finding.facts()["try"]
    return _Survived(not problems, len(findings), read - began, checked - read)


def _fuzz(seed: int, count: int) -> tuple[_Survived, ...]:
    return tuple(map(_survives, mutations(_decks(), seed, count)))


@pytest.fixture
def _nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("a deck was executed")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    monkeypatch.setattr(os, "system", refuse)


@pytest.mark.usefixtures("_nothing_runs")
def test_mutated_decks_are_survived() -> None:
    clean = sum(mutant.clean for mutant in _fuzz(seed=1, count=250))
    # Some edits only touch comments; most break something.
    assert 10 < clean < 240


@pytest.mark.evidence
@pytest.mark.usefixtures("_nothing_runs")
def test_ten_thousand_mutated_decks_are_survived() -> None:
    count = 10_000
    found = _fuzz(seed=2, count=count)
    clean = sum(mutant.clean for mutant in found)
    print(
        f"{count} mutated decks from {len(_decks())} files: no crash, no hang, none executed; "
        f"{clean} read without a mistake, and each of these written and read back equal; "
        f"{sum(mutant.findings for mutant in found)} findings of the checks; slowest read "
        f"{max(mutant.read_s for mutant in found):.2f} s, slowest check "
        f"{max(mutant.check_s for mutant in found):.2f} s"
    )
    assert 0 < clean < count


def test_the_same_seed_gives_the_same_decks() -> None:
    assert list(mutations(["a\nb", "c"], 3, 20)) == list(mutations(["a\nb", "c"], 3, 20))
    assert list(mutations(["a\nb", "c"], 3, 20)) != list(mutations(["a\nb", "c"], 4, 20))


def test_an_empty_deck_can_be_mutated() -> None:
    assert all(isinstance(parse_or_none(text), Circuit | None) for text in mutations([""], 1, 200))


def parse_or_none(text: str) -> Circuit | None:
    try:
        return parse(text)
    except NetlistError:
        return None
