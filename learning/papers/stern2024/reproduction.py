"""The whole reproduction: its parts, what each leaves behind, and the page made of them.

A part leaves its data as JSON; the page is drawn from the data alone, so that parts can be run one
by one, on several machines or again, and the page shows whatever is there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from learning.errors import LearningError
from learning.papers.paper_page import Section, paper_page
from learning.papers.stern2024 import cost as cost_part
from learning.papers.stern2024 import figures, pareto, words
from learning.papers.stern2024 import starts as starts_part
from learning.papers.stern2024 import tradeoff as tradeoff_part
from learning.papers.stern2024.data import (
    Cost,
    Fixed,
    Procedure,
    Reproduction,
    Starts,
    Tradeoff,
    dump_part,
    read_part,
)
from learning.papers.stern2024.payback import summary
from learning.papers.stern2024.scale import FULL, SHORT, TWINS, Scale
from learning.writing import write_text

Watch = Callable[[str], None]


_D = TypeVar("_D")


@dataclass(frozen=True, slots=True)
class Part(Generic[_D]):
    """One part.

    Attributes:
        name: In file names and on the command line.
        title: On the page.
        caption: Of its figure.
        run: Makes its data.
        of: Finds its data among all parts'.
        words: Tells its data in sentences.
        draw: Draws its figure, all parts' data at hand.
    """

    name: str
    title: str
    caption: str
    run: Callable[[Path, Scale, Watch], _D]
    of: Callable[[Reproduction], _D | None]
    words: Callable[[_D], list[str]]
    draw: Callable[[_D, Reproduction], str]


PARTS: tuple[Part[Any], ...] = (
    Part(
        "tradeoff",
        "Error against power on linear resistors, as in the paper",
        "Geometric mean of the error and mean power over the trials; dotted: power at λ = 0. The "
        "power is half the dissipation, as the paper counts it.",
        tradeoff_part.tradeoff,
        lambda found: found.tradeoff,
        words.tradeoff,
        lambda data, _: figures.tradeoff(data),
    ),
    Part(
        "starts",
        "Initial conditions: what learning costs and what its solution burns",
        "Mean and spread over trials or seeds, when the tolerance is first met.",
        starts_part.starts,
        lambda found: found.starts,
        words.starts,
        lambda data, _: figures.starts(data),
    ),
    Part(
        "circuit",
        "Error against power in transistors, λ in the machine's own lines",
        "Mean and standard deviation over seeds (of the logarithm, for the error); numbers are λ.",
        pareto.fixed,
        lambda found: found.circuit,
        words.circuit,
        lambda data, found: figures.pareto(data, found.procedure),
    ),
    Part(
        "procedure",
        "The procedure: an error tolerance in, the least power out, in one run",
        "λ is chosen before every epoch from the errors measured so far.",
        pareto.procedure,
        lambda found: found.procedure,
        words.procedure,
        lambda data, _: figures.procedure(data),
    ),
    Part(
        "cost",
        "With everything counted, when does saving network power matter?",
        "Left: power by block in every state of the machine. Right: energy of a training and of "
        "the queries asked after it.",
        cost_part.cost,
        lambda found: found.cost,
        words.cost,
        lambda data, _: figures.cost(summary(data)),
    ),
)


_ABOUT = (
    "Stern, Dillavou, Jayaraman, Durian, Liu, “Training self-learning circuits for "
    "power-efficient solutions”, APL Mach. Learn. 2, 016114 (2024): first as its authors did it, "
    "on linear resistors, then in transistors with everything counted."
)

CIRCUIT = ("starts", "circuit", "procedure", "cost")
"""Parts that play a circuit, and therefore any machine; the others are numbers alone."""


def reproduce(
    out: Path,
    *,
    short: bool = False,
    only: Sequence[str] = (),
    machine: str = TWINS,
    watch: Watch = lambda _: None,
) -> Path:
    """Run the reproduction, or some of its parts, and write its page.

    Args:
        out: Where everything goes; circuit runs that are there from the same design are kept.
        short: Just enough to see that all of it works.
        only: Names of parts; empty for all.
        machine: The circuit under test, a design by name or path. Another one than the paper's
            plays the parts of `CIRCUIT`.
        watch: Told what is done.

    Returns:
        The page, ``report.html``.

    Raises:
        LearningError: For an unknown part, a design given to a part without a circuit, a design
            that is not there, or a folder that cannot be written to.
        SpiceError: When the simulator failed; what was finished is kept.
    """
    unknown = [name for name in only if name not in {part.name for part in PARTS}]
    if unknown:
        raise LearningError(
            f"there is no part {unknown[0]!r}",
            "--only",
            f"one of {', '.join(part.name for part in PARTS)}",
        )
    scale = (SHORT if short else FULL).of(machine)
    asked = only or (CIRCUIT if machine != TWINS else [part.name for part in PARTS])
    without = [name for name in asked if machine != TWINS and name not in CIRCUIT]
    if without:
        raise LearningError(
            f"the part {without[0]} plays no circuit, {machine} or any other",
            "--design",
            f"without it, or with --only {', '.join(CIRCUIT)}",
        )
    runs = out / "runs"
    try:
        runs.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LearningError(
            f"cannot write here: {error.strerror or error}",
            str(out),
            "--out with a folder of yours",
        ) from error
    for part in PARTS:
        if part.name in asked:
            write_text(out / f"{part.name}.json", dump_part(part.run(runs, scale, watch)))
    report = out / "report.html"
    write_text(report, page(read(out)))
    return report


def read(out: Path) -> Reproduction:
    """Read the data of the parts that are there.

    Args:
        out: The reproduction's folder.

    Returns:
        The parts.

    Raises:
        LearningError: When a file holds something else.
    """
    return Reproduction(
        tradeoff=read_part(out / "tradeoff.json", Tradeoff),
        starts=read_part(out / "starts.json", Starts),
        circuit=read_part(out / "circuit.json", Fixed),
        procedure=read_part(out / "procedure.json", Procedure),
        cost=read_part(out / "cost.json", Cost),
    )


def told(found: Reproduction) -> dict[str, list[str]]:
    """What the parts that are there found, in sentences.

    Args:
        found: The parts.

    Returns:
        By part, in order.
    """
    present = ((part, part.of(found)) for part in PARTS)
    return {part.name: part.words(data) for part, data in present if data is not None}


def page(found: Reproduction) -> str:
    """Make the page.

    Args:
        found: The parts that are there.

    Returns:
        HTML that refers to nothing outside itself.
    """
    present = [(part, data) for part in PARTS if (data := part.of(found)) is not None]
    return paper_page(
        "stern2024",
        "Power-efficient learning, reproduced",
        _ABOUT,
        " and ".join(dict.fromkeys(data.scale for _, data in present)),
        [
            Section(
                name=part.name,
                title=part.title,
                sentences=part.words(data),
                figure=part.draw(data, found),
                caption=part.caption,
                command=command(part.name, data.scale),
            )
            for part, data in present
        ],
    )


def command(part: str, scale: str) -> str:
    """The command that makes a part's figure.

    Args:
        part: Its name.
        scale: A scale's name.

    Returns:
        A command line.
    """
    size, _, machine = scale.partition(", ")
    short = " --short" if size == SHORT.name else ""
    design = f" --design {machine}" if machine else ""
    return f"joulearn reproduce stern2024 --out DIR --only {part}{design}{short}"
