"""The whole reproduction: its parts, what each leaves behind, and the page made of them.

A part leaves its data as JSON; the page is drawn from the data alone, so that parts can be run one
by one, on several machines or again, and the page shows whatever is there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from learning.errors import LearningError
from learning.papers.stern2024 import cost as cost_part
from learning.papers.stern2024 import figures, pareto
from learning.papers.stern2024 import starts as starts_part
from learning.papers.stern2024 import tradeoff as tradeoff_part
from learning.papers.stern2024.scale import FULL, SHORT, Scale
from learning.papers.stern2024.words import WORDS
from learning.writing import write_text
from netlist.reading import RESULT, read_json

Watch = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Part:
    """One part.

    Attributes:
        name: In file names and on the command line.
        title: On the page.
        caption: Of its figure.
        run: Makes its data.
        draw: Draws its figure from all parts' data.
    """

    name: str
    title: str
    caption: str
    run: Callable[[Path, Scale, Watch], dict[str, Any]]
    draw: Callable[[Mapping[str, Any]], str]


PARTS = (
    Part(
        "tradeoff",
        "Error against power on linear resistors, as in the paper",
        "Geometric mean of the error and mean power over the trials; dotted: power at λ = 0. The "
        "power is half the dissipation, as the paper counts it.",
        tradeoff_part.tradeoff,
        lambda data: figures.tradeoff(data["tradeoff"]),
    ),
    Part(
        "starts",
        "Initial conditions: what learning costs and what its solution burns",
        "Mean and spread over trials or seeds, when the tolerance is first met.",
        starts_part.starts,
        lambda data: figures.starts(data["starts"]),
    ),
    Part(
        "circuit",
        "Error against power in transistors, λ by the update cell's own pin",
        "Mean and standard deviation over seeds (of the logarithm, for the error); numbers are λ.",
        pareto.fixed,
        lambda data: figures.pareto(data["circuit"], data.get("procedure")),
    ),
    Part(
        "procedure",
        "The procedure: an error tolerance in, the least power out, in one run",
        "λ is chosen before every epoch from the errors measured so far.",
        pareto.procedure,
        lambda data: figures.procedure(data["procedure"]),
    ),
    Part(
        "cost",
        "With everything counted, when does saving network power matter?",
        "Left: power by block in every state of the machine. Right: energy of a training and of "
        "the queries asked after it.",
        cost_part.cost,
        lambda data: figures.cost(cost_part.summary(data["cost"])),
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
            data = {"scale": scale.name, **part.run(runs, scale, watch)}
            write_text(out / f"{part.name}.json", json.dumps(data, indent=1) + "\n")
    report = out / "report.html"
    write_text(report, page(read(out)))
    return report


def read(out: Path) -> dict[str, dict[str, Any]]:
    """Read the data of the parts that are there.

    Args:
        out: The reproduction's folder.

    Returns:
        By part, in order.
    """
    found = {part.name: out / f"{part.name}.json" for part in PARTS}
    return {name: read_json(path, RESULT) for name, path in found.items() if path.exists()}


def page(data: Mapping[str, Mapping[str, Any]]) -> str:
    """Make the page.

    Args:
        data: By part.

    Returns:
        HTML that refers to nothing outside itself.
    """
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = files("learning.papers.stern2024").joinpath("page.html").read_text(encoding="utf-8")
    scales = dict.fromkeys(str(part["scale"]) for part in data.values())
    return environment.from_string(template).render(
        scale=" and ".join(scales),
        parts=[
            {
                "name": part.name,
                "title": part.title,
                "caption": part.caption,
                "sentences": WORDS[part.name](data[part.name]),
                # our own drawing; every letter in it was escaped when it was written
                "figure": Markup(part.draw(data)),  # noqa: S704
                "command": command(part.name, str(data[part.name]["scale"])),
            }
            for part in PARTS
            if part.name in data
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
