"""The page of a reproduced paper: its parts' sentences and figures, one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import jinja2
from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Section:
    """A part on the page.

    Attributes:
        name: Its anchor.
        title: Its heading.
        sentences: What was found.
        figure: SVG of our own drawing, every letter in it escaped.
        caption: Of the figure.
        command: That makes it.
    """

    name: str
    title: str
    sentences: Sequence[str]
    figure: str
    caption: str
    command: str


def paper_page(
    paper: str, heading: str, about: str, scale: str, sections: Sequence[Section]
) -> str:
    """Make the page.

    Args:
        paper: Its name on the command line.
        heading: The page's.
        about: What is reproduced, and how.
        scale: How much of it.
        sections: In order.

    Returns:
        HTML that refers to nothing outside itself.
    """
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = files("learning.papers").joinpath("page.html").read_text(encoding="utf-8")
    return environment.from_string(template).render(
        paper=paper,
        heading=heading,
        about=about,
        scale=scale,
        parts=[
            {
                "name": part.name,
                "title": part.title,
                "caption": part.caption,
                "sentences": part.sentences,
                "figure": Markup(part.figure),  # noqa: S704 - our own drawing, escaped there
                "command": part.command,
            }
            for part in sections
        ],
    )
