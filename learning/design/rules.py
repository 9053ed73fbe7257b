"""What must hold between the keys of a design, beyond each key's own range."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from learning.design.origin import Origin
from learning.design.sections import Sections
from learning.errors import LearningError
from netlist.machine.largest import MOST_EDGES


@dataclass(frozen=True, slots=True)
class _Rule:
    """What must hold between several keys."""

    keys: tuple[str, ...]
    broken: Callable[[Sections], bool]
    message: str
    hint: str


def _no_role(role: str) -> _Rule:
    return _Rule(
        (f"network.roles.{role}",),
        lambda d: d.network.topology != "file" and not getattr(d.network.roles, role),
        f"the network has no {role.removesuffix('s')}",
        f'{role} = ["0"] under [network.roles], with a node of yours',
    )


_MOST_EXAMPLES = 1_000_000
"""Every example is a presentation in every epoch; the longest run has so many presentations."""

_LARGEST_BLOCK = 1024
"""Draws of a block: a net of so many points has 170 MB."""


def _edges(design: Sections) -> int:
    """Edges of the network that is asked for; those of a file are counted when it is read."""
    spec = design.network
    return {
        "square": 2 * spec.rows * spec.columns,
        "regular": spec.nodes * spec.degree // 2,
        "layered": sum(a * b for a, b in pairwise(spec.layers)),
        "file": 0,
    }[spec.topology]


_TOLERANCES = ("abstol", "chgtol", "reltol", "trtol", "vntol")


def _tolerates_nothing(design: Sections) -> bool:
    """Whether a simulator's tolerance is no number above 0, which it takes without a word."""
    asked = (value for key, value in design.simulator.options.items() if key in _TOLERANCES)
    return any(isinstance(one, bool | str) or not 0 < one < math.inf for one in asked)


_RULES = (
    _Rule(
        tuple(f"simulator.options.{name}" for name in _TOLERANCES),
        _tolerates_nothing,
        "a tolerance of the simulator is a number above 0",
        "trtol = 3, reltol = 1e-3, abstol = 1e-14",
    ),
    _Rule(
        ("network.rows", "network.columns", "network.nodes", "network.degree", "network.layers"),
        lambda d: _edges(d) > MOST_EDGES,
        f"the network would have more than {MOST_EDGES} edges, of some fifty transistors each",
        "a smaller network: 512 edges take a second for every example shown",
    ),
    _Rule(
        ("task.examples",),
        lambda d: d.task.examples > _MOST_EXAMPLES,
        f"more than {_MOST_EXAMPLES} examples, each shown once an epoch, would never end",
        "some tens of examples: every one costs simulated time in every epoch",
    ),
    _Rule(
        ("schedule.epochs",),
        lambda d: d.schedule.epochs > _MOST_EXAMPLES,
        f"more than {_MOST_EXAMPLES} epochs would never end",
        "some tens of epochs: every one shows every example",
    ),
    _no_role("sources"),
    _no_role("targets"),
    _no_role("ground"),
    _Rule(
        ("network.file", "network.topology"),
        lambda d: d.network.topology == "file" and d.network.file is None,
        'topology "file" without a file',
        'file = "mine.graphml" under [network]',
    ),
    _Rule(
        ("network.layers", "network.topology"),
        lambda d: d.network.topology == "layered" and not d.network.layers,
        'topology "layered" without layers',
        "layers = [4, 6, 2] under [network]",
    ),
    _Rule(
        ("task.csv", "task.kind"),
        lambda d: d.task.kind == "csv" and d.task.csv is None,
        'task "csv" without a file',
        'csv = "mine.csv" under [task], or --set task.csv=mine.csv',
    ),
    _Rule(
        ("task.coefficients",),
        lambda d: len({len(row) for row in d.task.coefficients}) > 1,
        "the rows are not equally long",
        "one row per target, each with one number per source",
    ),
    _Rule(
        ("task.class_labels_V",),
        lambda d: len({len(row) for row in d.task.class_labels_V}) > 1,
        "the rows are not equally long",
        "one row per class, each with one voltage per target",
    ),
    _Rule(
        ("task.input_low_V", "task.input_high_V"),
        lambda d: d.task.input_low_V >= d.task.input_high_V,
        "input_low_V is not below input_high_V",
        "swap the two",
    ),
    _Rule(
        ("task.label_low_V", "task.label_high_V"),
        lambda d: (
            d.task.label_low_V is not None
            and d.task.label_high_V is not None
            and d.task.label_low_V >= d.task.label_high_V
        ),
        "label_low_V is not below label_high_V",
        "swap the two",
    ),
    _Rule(
        ("schedule.settle_s", "schedule.presentation_s"),
        lambda d: not d.schedule.windows_s and d.schedule.settle_s >= d.schedule.presentation_s,
        "settle_s leaves no time to learn in presentation_s",
        "settle_s below presentation_s",
    ),
    _Rule(
        ("schedule.rise_s", "schedule.settle_s", "schedule.evaluation_s"),
        lambda d: d.schedule.rise_s >= min(d.schedule.settle_s, d.schedule.evaluation_s),
        "rise_s is not over before settle_s and evaluation_s are",
        "rise_s well below both",
    ),
    _Rule(
        ("variation.block",),
        lambda d: d.variation.block.bit_count() != 1 or not 1 < d.variation.block <= _LARGEST_BLOCK,
        f"a block of draws is a power of two, 2 to {_LARGEST_BLOCK}",
        "block = 64 under [variation]",
    ),
    _Rule(
        ("noise.scale",),
        lambda d: d.noise.scale > 0 and not (d.noise.density_A2s or d.noise.sampled_A),
        "noise is asked for, and its amplitudes are 0",
        "density_A2s and sampled_A under [noise]; docs/robustness.md has those of update_memory",
    ),
    _Rule(
        ("damage.edges", "damage.count"),
        lambda d: bool(d.damage.edges) and bool(d.damage.count),
        "broken edges are both named and drawn",
        "edges or count under [damage], not both",
    ),
    _Rule(
        ("damage.kind", "damage.count", "damage.edges"),
        lambda d: d.damage.kind == "none" and bool(d.damage.edges or d.damage.count),
        "edges are broken in no way",
        'kind = "open", "stuck", "low" or "high" under [damage]',
    ),
    _Rule(
        ("initial.gates_V", "initial.kind"),
        lambda d: d.initial.kind == "given" and not d.initial.gates_V,
        'initial kind "given" without gates_V',
        "gates_V = [...] under [initial], one per edge",
    ),
)


def check_rules(design: Sections, origin: Origin) -> None:
    """Refuse a design whose keys do not go together.

    Args:
        design: The design.
        origin: Where its keys were written.

    Raises:
        LearningError: Naming file, line and key.
    """
    for rule in _RULES:
        if rule.broken(design):
            path = origin.touched([tuple(key.split(".")) for key in rule.keys])
            raise LearningError(rule.message, where=origin.where(path), hint=rule.hint)
