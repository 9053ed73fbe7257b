"""A comparison as a terminal shows it, and as a script reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from learning.report.quantity import engineering, scientific, times
from learning.studies.digital.baselines import node_scale
from learning.studies.digital.comparison import BreakEven, Comparison, Term
from learning.studies.digital.line import Crossing
from netlist.printable import counted


def lines(found: Comparison) -> Iterator[str]:
    """What a person reads.

    Args:
        found: The comparison.

    Yields:
        Lines with their breaks.
    """
    result, asked = found.result, found.asked
    edges = len(result.network.edges)
    yield f"{result.design} ({found.run}): {edges} edges, {result.process}, "
    yield f"played by {result.fidelity.name}\n"
    yield f"task: {counted(asked.sources, 'input')}, {counted(asked.targets, 'output')}, "
    yield f"{counted(asked.examples, 'example')}, "
    yield f"error {scientific(asked.error_V2, 'V²')} "
    yield f"after {counted(asked.presentations, 'presentation')}\n"
    if asked.right is not None:
        kind = "held out" if asked.held_out else "taught"
        yield f"as good as: {100 * asked.right:.1f} % of "
        yield f"{asked.right_of} examples {kind} are right\n"
    yield from _learner(found)
    if result.ideal_cells:
        yield f"ideal cells take no real energy: {', '.join(result.ideal_cells)}\n"
    yield "\n"
    yield from _table(found)
    yield "\nbreak-even, one weight for each edge (the circuit takes less ...):\n"
    for one in found.even:
        yield f"  {one.what + ', ' + one.rival:<44}{told_crossing(one.whole)}"
        yield f" (simulated alone: {told_crossing(one.simulated)})\n"
    yield from _claim(found)
    yield "largest terms, one weight for each edge:\n"
    for what, terms in zip(("query", "training"), found.deciding, strict=True):
        yield f"  {what + ':':<10}{'; '.join(map(_told_term, terms))}\n"


def _learner(found: Comparison) -> Iterator[str]:
    learner, bits = found.assumed.learner, found.bits
    if found.epochs is None:
        reached = "error" if found.asked.right is None else "share"
        yield f"a linear map in {bits} bits does not reach this {reached} "
        yield f"in {learner.most_epochs.value:g} epochs: the task asks for more than that\n"
        return
    in_float = "does not get there" if found.float_epochs is None else f"{found.float_epochs}"
    yield f"least mean squares gets there with {bits} bits, epochs: {found.epochs}, "
    yield f"presentations: {found.epochs * found.asked.examples} "
    yield f"(floating point, epochs: {in_float})\n"


def _table(found: Comparison) -> Iterator[str]:
    n_edge, weights = len(found.result.network.edges), found.asked.weights
    yield f"{'':<46}{'query':>12}{'training':>14}\n"
    query, training = found.query, found.training
    yield _row("this circuit, simulated", query.simulated.at(n_edge), training.simulated.at(n_edge))
    yield _row("declared beside it", query.declared.at(n_edge), training.declared.at(n_edge))
    ours = query.whole.at(n_edge), training.whole.at(n_edge)
    yield _row("this circuit, all counted", *ours)
    for rival in found.rivals:
        yield _row(f"{rival.name}, {weights} weights", rival.query_J, rival.training_J)
        yield _ratio(ours, (rival.query_J, rival.training_J))
        laws = rival.of_edges
        if laws[0] is not None:
            sized = tuple(None if law is None else law.at(n_edge) for law in laws)
            yield _row(f"{rival.name}, {n_edge} weights", *sized)
            yield _ratio(ours, sized)


def _row(name: str, query_J: float | None, training_J: float | None) -> str:
    query, training = (engineering(joules, "J") for joules in (query_J, training_J))
    return f"{name:<46}{query:>12}{training:>14}\n"


def _ratio(ours: tuple[float, float], theirs: tuple[float | None, ...]) -> str:
    told = [times(mine / other) if other else "" for mine, other in zip(ours, theirs, strict=True)]
    return f"{'  the circuit over it':<46}{told[0]:>12}{told[1]:>14}\n"


def told_crossing(found: Crossing) -> str:
    """For which sizes, as text."""
    return f"{found.wins}" if found.edges is None else f"{found.wins} {found.edges:,} edges"


def _claim(found: Comparison) -> Iterator[str]:
    edges = found.assumed.claim.edges.value
    yield f"the claim of {edges:g} edges, everything counted:\n"
    for one in found.even:
        verdict = "holds" if one.claim_holds else "does not hold"
        if one.claim_holds and not one.claim_is_safe:
            verdict = "holds unless every block grows"
        yield f"  {one.what + ', ' + one.rival:<44}{verdict}: "
        yield f"{engineering(one.ours_J, 'J')} "
        yield f"({engineering(one.ours_grown_J, 'J')} if every block "
        yield f"grew) against {engineering(one.theirs_J, 'J')}\n"


def _told_term(term: Term) -> str:
    return f"{term.of}: {term.name} {engineering(term.energy_J, 'J')}"


def facts(found: Comparison) -> dict[str, object]:
    """What a script reads: SI units in the names.

    Args:
        found: The comparison.

    Returns:
        Lists, numbers and words; every assumption with its source.
    """
    n_edge, assumed = len(found.result.network.edges), found.assumed
    node = assumed.nodes[found.result.process]
    return {
        "run": str(found.run),
        "design": found.result.design,
        "process": found.result.process,
        "edges": n_edge,
        "plant": found.result.fidelity.name,
        "ideal_cells": list(found.result.ideal_cells),
        "task": asdict(found.asked),
        "learner_bits": found.bits,
        "learner_epochs": found.epochs,
        "learner_epochs_float": found.float_epochs,
        "circuit": {
            what: {
                "simulated_J": ours.simulated.at(n_edge),
                "declared_J": ours.declared.at(n_edge),
                "total_J": ours.whole.at(n_edge),
                "terms_J": ours.whole.terms(n_edge),
                "law": asdict(ours.whole),
            }
            for what, ours in (("query", found.query), ("training", found.training))
        },
        "rivals": [asdict(rival) for rival in found.rivals],
        "break_even": [_even_facts(one) for one in found.even],
        "claimed_edges": assumed.claim.edges.value,
        "deciding": {
            "query": [asdict(term) for term in found.deciding[0]],
            "training": [asdict(term) for term in found.deciding[1]],
        },
        "node_scale": node_scale(assumed.accelerator, node),
        "assumptions": asdict(assumed),
    }


def _even_facts(one: BreakEven) -> dict[str, object]:
    return {**asdict(one), "claim_holds": one.claim_holds, "claim_is_safe": one.claim_is_safe}
