"""Faults: a short sample here, the whole campaign as evidence."""

import random
import sys
from collections import Counter

import pytest

from benchmarks import file_faults
from benchmarks.faults import KINDS, campaign

SAMPLE = (
    "session: SIGKILL in the worker",
    "session: deck that crashes libngspice",
    "session: malicious deck",
    "checkpoint: truncated",
    "checkpoint: bit flipped",
    "run: SIGKILL of the process group",
)


def test_a_sample_of_faults_is_survived():
    verdicts = campaign(8, seed=7, kinds=SAMPLE)
    assert [verdict for verdict in verdicts if verdict.wrong] == []
    assert len({verdict.kind for verdict in verdicts}) >= 4


@pytest.mark.parametrize("kind", file_faults.KINDS)
def test_files_of_every_kind_are_read_or_refused(kind, tmp_path):
    for seed in range(50 if "mutated" in kind else 2):
        folder = tmp_path / str(seed)
        folder.mkdir()
        assert file_faults.KINDS[kind](random.Random(seed), folder) == "", (kind, seed)


@pytest.mark.evidence
def test_two_hundred_faults_are_survived():
    verdicts = campaign(210, seed=1)
    sys.stdout.write(f"{Counter(verdict.kind for verdict in verdicts)}\n")
    assert [verdict for verdict in verdicts if verdict.wrong] == []
    assert {verdict.kind for verdict in verdicts} == set(KINDS)
