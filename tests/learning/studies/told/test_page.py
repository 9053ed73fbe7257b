"""The page of a study says what its figures say, needs no network, and escapes what it is given."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from learning import study
from learning.studies.judged.findings import find
from learning.studies.judged.pareto import pareto
from learning.studies.kept.record import Status
from learning.studies.kept.store import Store
from learning.studies.planned.plan import Plan, make_plan
from learning.studies.planned.read_study import load_study
from learning.studies.told.page import write_page
from netlist.parts.slots import BLOCKS
from tests.learning.studies.trial import put

Planned = Callable[..., tuple[Plan, Store]]
HOSTILE = {'name = "trial"': 'name = "<b>|trial"\ndescription = "<script>alert(1)</script>"'}


def _page(planned: Planned, changes: dict[str, str] | None = None) -> Store:
    plan, store = planned(changes)
    for index, point in enumerate(plan.points):
        if index == 0:
            put(store, point.place.key, Status.NO_CONVERGENCE)
        elif index < 5:
            joules = 2e-9 if point.place.coordinates["learning.nudge"] == 0.4 else 1e-9
            values = {"error_V2": index * 1e-3, "energy_J": joules, "energy_update_J": joules / 2}
            put(store, point.place.key, **values)
    write_page(find(study(store.path)))
    return store


def test_it_tells_the_figures(planned: Planned) -> None:
    html = _page(planned).page.read_text(encoding="utf-8")
    assert "4 of 6" in html
    assert "1 no convergence" in html
    assert 'class="fail"' in html
    assert "learning.nudge: 2 values" in html
    assert html.count("<svg") == 3  # a yield curve, energies, a front
    # errors of 1 to 4e-3 V2 as numbers of one digit, and blocks in the colours of a run's report
    assert "limit on error_V2 (10⁻³ V²)" in html
    assert "mean error (10⁻³ V²)" in html
    assert next(block.colour for block in BLOCKS if block.name == "update") in html
    for title in ("Specs", "Ranking", "What moves the yield", "Worst chips", "Points"):
        assert f"<h2>{title}</h2>" in html


def test_it_needs_nothing_else_and_trusts_nobody(planned: Planned) -> None:
    store = _page(planned, HOSTILE)
    html = store.page.read_text(encoding="utf-8")
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html
    links = set(re.findall(r"""(?:src|href)=["']([^"']*)""", html))
    outside = {link for link in links if not link.startswith(("points/", "#"))}
    assert outside == set()
    assert "&lt;b>\\|trial" in store.text.read_text(encoding="utf-8")


def test_the_same_store_gives_the_same_bytes(planned: Planned) -> None:
    store = _page(planned)
    once = [path.read_bytes() for path in (store.page, store.text, store.table)]
    write_page(find(study(store.path)))
    assert [path.read_bytes() for path in (store.page, store.text, store.table)] == once


def test_every_planned_point_is_in_the_csv(planned: Planned) -> None:
    lines = _page(planned).table.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 7
    assert lines[0].startswith("key,design,seed,learning.nudge,status")
    assert sum("not run" in line for line in lines) == 1


def test_what_nothing_beats(planned: Planned) -> None:
    store = _page(planned)
    front = {one.name: one.front for one in pareto(study(store.path), ("energy_J", "error_V2"))}
    # nudge 0.5: 1 nJ at (2 + 4)/2 mV²; nudge 0.4: 2 nJ at (1 + 3)/2 mV²; neither wins both
    assert front == {"ideal, nudge 0.5": True, "ideal, nudge 0.4": True}
    worse = pareto(study(store.path), ("energy_J", "energy_update_J"))
    assert [one.front for one in worse] == [True, False]


@pytest.mark.evidence
def test_ten_thousand_points(planned: Planned, tmp_path: Path) -> None:
    """The figures of docs/studies.md, of processor time: other jobs may share the machine."""
    changes = {'"1..3"': '"1..1250"', "[0.5, 0.4]": "[0.5, 0.4]\nlearning.patience = [0, 1, 2, 3]"}
    began = time.process_time()
    plan, store = planned(changes)
    planned_s = time.process_time() - began
    assert len(plan.points) == 10_000
    rng = np.random.default_rng(1)
    for point in plan.points:
        error, joules = rng.lognormal(-6.5, 0.5), rng.lognormal(-18, 0.3)
        put(store, point.place.key, error_V2=error, energy_J=joules, energy_update_J=joules / 3)
    took = {}
    for what in ("index, first", "index"):
        began = time.process_time()
        opened = study(store.path)
        assert len(opened.table) == 10_000
        took[what] = time.process_time() - began
    began = time.process_time()
    write_page(find(opened))
    took["page"] = time.process_time() - began
    print(f"planned in {planned_s:.1f} s", {what: f"{s:.2f} s" for what, s in took.items()})
    assert took["index"] < 2
    assert took["page"] < 5
    assert len(make_plan(load_study(plan.study.path)).points) == 10_000
