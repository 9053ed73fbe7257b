"""The whole reproduction: its parts, what each leaves behind, and the page made of them.

A part leaves its data as JSON; the page is drawn from the data alone, so that parts can be run one
by one, on several machines or again, and the page shows whatever is there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Generic, TypeVar

import jinja2
from markupsafe import Markup

from learning.errors import LearningError
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
from learning.papers.stern2024.scale import FULL, SHORT, Scale
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
        "Error against power in transistors, λ by the update cell's own pin",
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


def reproduce(
    out: Path, *, short: bool = False, only: Sequence[str] = (), watch: Watch = lambda _: None
) -> Path:
    """Run the reproduction, or some of its parts, and write its page.

    Args:
        out: Where everything goes; circuit runs that are there from the same design are kept.
        short: Just enough to see that all of it works.
        only: Names of parts; empty for all.
        watch: Told what is done.

    Returns:
        The page, ``report.html``.

    Raises:
        LearningError: For an unknown part or a folder that cannot be written to.
        SpiceError: When the simulator failed; what was finished is kept.
    """
    unknown = [name for name in only if name not in {part.name for part in PARTS}]
    if unknown:
        raise LearningError(
            f"there is no part {unknown[0]!r}",
            "--only",
            f"one of {', '.join(part.name for part in PARTS)}",
        )
    scale = SHORT if short else FULL
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
        if not only or part.name in only:
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
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = files("learning.papers.stern2024").joinpath("page.html").read_text(encoding="utf-8")
    present = [(part, data) for part in PARTS if (data := part.of(found)) is not None]
    return environment.from_string(template).render(
        scale=" and ".join(dict.fromkeys(data.scale for _, data in present)),
        parts=[
            {
                "name": part.name,
                "title": part.title,
                "caption": part.caption,
                "sentences": part.words(data),
                # our own drawing; every letter in it was escaped when it was written
                "figure": Markup(part.draw(data, found)),  # noqa: S704
                "command": command(part.name, data.scale),
            }
            for part, data in present
        ],
    )


def command(part: str, scale: str) -> str:
    """The command that makes a part's figure.

    Args:
        part: Its name.
        scale: "full" or "short".

    Returns:
        A command line.
    """
    short = " --short" if scale == SHORT.name else ""
    return f"joulearn reproduce stern2024 --out DIR --only {part}{short}"
