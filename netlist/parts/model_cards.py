"""Model cards of a foundry's library that a deck uses, as plain numbers.

A foundry's library holds hundreds of cards: one per bin of channel width and length, in megabytes
of text, often with expressions that add random mismatch. Only the cards of the bins in use are read
and worked out (mismatch at its mean), so a deck carries a dozen cards and loads at once. The cards
keep the library's order and the choice follows ngspice's rule, the first bin that holds a size,
edges included; therefore the deck behaves as if the whole library were in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

from netlist.circuit import Expression, Model, Parameter, Value
from netlist.errors import NetlistError
from netlist.number import parse_number
from netlist.passes.evaluate import Parameters, evaluate
from netlist.passes.sizes import Size
from netlist.reading import LIBRARY, read_text

_PAIR = re.compile(r"([A-Za-z_]\w*)\s*=\s*(\{[^{}]*\}|'[^']*'|[^\s{}'=]+)")
_LINE_COMMENT = re.compile(r"(?m)^\s*\*.*$\n?|[ \t]+\$ .*$|;.*$")
_CONTINUATION = re.compile(r"\s*\n\s*\+")
_PARAM = re.compile(r"(?im)^[ \t]*\.param\b(.*)$")
_VERSION = "version"
"""A text, though it looks like a number."""

_EDGE = 1e-5
"""Relative distance at which ngspice takes a size for a bin's edge."""


@dataclass(frozen=True, slots=True)
class Card:
    """One card as it stands in a library.

    Attributes:
        name: Its full name, ``model.bin``, lower case.
        kind: "nmos" or "pmos".
        text: Its parameters, not worked out.
        limits_m: Smallest and largest length and width of its bin, metres; None without a bin.
    """

    name: str
    kind: str
    text: str
    limits_m: tuple[float, float, float, float] | None

    def model(self, known: Mapping[str, float]) -> Model:
        """The card worked out."""
        pairs = _pairs(_plain(self.text))
        return Model(
            self.name,
            self.kind,
            tuple(
                Parameter(name, value if name == _VERSION else evaluate(value, known))
                for name, value in pairs
            ),
        )

    def holds(self, size: Size) -> bool:
        """Whether the card's bin is for this size."""
        if self.limits_m is None:
            return True
        lmin, lmax, wmin, wmax = self.limits_m
        return _within(size.length_m, lmin, lmax) and _within(
            size.width_m / size.fingers, wmin, wmax
        )


_LIMITS = tuple(
    re.compile(rf"(?i)\b{name}\s*=\s*([^\s+]+)") for name in ("lmin", "lmax", "wmin", "wmax")
)


def _limits(text: str) -> tuple[float, float, float, float] | None:
    found = [limit.search(text) for limit in _LIMITS]
    lmin, lmax, wmin, wmax = (parse_number(f[1]) if f else None for f in found)
    if lmin is None or lmax is None or wmin is None or wmax is None:
        return None
    return lmin, lmax, wmin, wmax


def _within(value: float, low: float, high: float) -> bool:
    return low < value < high or any(abs(value - edge) <= _EDGE * abs(edge) for edge in (low, high))


def _plain(text: str) -> str:
    """Text without comments, a statement a line."""
    return _CONTINUATION.sub(" ", _LINE_COMMENT.sub("", text))


class Library:
    """A foundry's library for one corner.

    Args:
        text: Its text, sections expanded (`library_text`).
        file: Where it came from, for messages.
        given: Parameters the library leaves to its user, such as switches for random variation.
    """

    def __init__(self, text: str, file: str, given: Mapping[str, float]) -> None:
        self._text = text
        self._file = file
        self._given = dict(given)

    def models(self, sizes: Iterable[Size]) -> tuple[Model, ...]:
        """The cards that some sizes need.

        Args:
            sizes: Sizes of all transistors; models of other names are not the library's business.

        Returns:
            One model for each bin in use, in the library's order, by model.

        Raises:
            NetlistError: When no bin holds a size, or a card cannot be worked out.
        """
        wanted: dict[str, list[Size]] = {}
        for size in sizes:
            wanted.setdefault(size.model, []).append(size)
        return tuple(m for name, used in wanted.items() for m in self._in_use(name, used))

    def parameter(self, name: str, subcircuit: str = "") -> float | None:
        """The number the library gives a parameter, such as a slope of mismatch.

        Args:
            name: Its name.
            subcircuit: The subcircuit it is given in; empty looks everywhere.

        Returns:
            The number; None where the library says nothing, or no number.
        """
        text = self._text
        if subcircuit:
            pattern = rf"(?ims)^[ \t]*\.subckt[ \t]+{re.escape(subcircuit)}\b.*?^[ \t]*\.ends"
            inside = re.search(pattern, text)
            text = inside[0] if inside else ""
        number = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(?![\w.])"
        found = re.search(rf"(?i)(?<!\w){re.escape(name)}\s*=\s*['{{]?\s*{number}", text)
        return float(found[1]) if found else None

    def _in_use(self, name: str, sizes: list[Size]) -> Iterator[Model]:
        cards = tuple(self._cards(name))
        if not cards:
            return
        used = {self._first(name, cards, size) for size in sizes}
        yield from (card.model(self._known) for i, card in enumerate(cards) if i in used)

    def _first(self, name: str, cards: tuple[Card, ...], size: Size) -> int:
        for index, card in enumerate(cards):
            if card.holds(size):
                return index
        spans = (
            f"{axis} from {min(limits[place] for limits in _known_limits(cards)):g} m "
            f"to {max(limits[place + 1] for limits in _known_limits(cards)):g} m"
            for axis, place in (("w", 2), ("l", 0))
        )
        raise NetlistError(
            f"{name} has no bin for w = {size.width_m / size.fingers:g} m, l = {size.length_m:g} m",
            where=self._file,
            hint=f"its bins go {' and '.join(spans)}",
        )

    def _cards(self, name: str) -> Iterator[Card]:
        """Cards of a name, in order; their texts are cut out without cleaning the whole library."""
        pattern = re.compile(
            rf"(?im)^[ \t]*\.model[ \t]+({re.escape(name)}(?:\.\d+)?)[ \t]+(\w+)"
            r"(.*(?:\n[ \t]*(?:[*+].*)?$)*)"
        )
        for found in pattern.finditer(self._text):
            yield Card(found[1].lower(), found[2].lower(), found[3], _limits(found[3]))

    @cached_property
    def _known(self) -> Parameters:
        values: dict[str, Value] = {}
        for found in _PARAM.finditer(_plain(_CARD.sub("", self._text))):
            values |= _pairs(found[1])
        return Parameters({**values, **self._given, **_ONE_DEVICE})


def _known_limits(cards: tuple[Card, ...]) -> list[tuple[float, float, float, float]]:
    return [card.limits_m for card in cards if card.limits_m is not None]


_CARD = re.compile(r"(?im)^[ \t]*\.model\b.*(?:\n[ \t]*(?:[*+].*)?$)*")

_ONE_DEVICE = {"l": 1.0, "w": 1.0, "mult": 1.0, "m": 1.0, "nf": 1.0}
"""What mismatch terms divide by; their mean is nothing whatever it is."""


def _pairs(text: str) -> Iterator[tuple[str, Value]]:
    for name, value in _PAIR.findall(text):
        if name.lower() == _VERSION:
            yield _VERSION, value.strip("{'}")
            continue
        if value[0] in "{'":
            yield name.lower(), Expression(value[1:-1])
            continue
        try:
            yield name.lower(), parse_number(value)
        except NetlistError:
            yield name.lower(), value


def library_text(files: Iterable[Path], section: str = "") -> str:
    """Read a library.

    Args:
        files: Its files, in order.
        section: The section to read of each, with the sections it names in turn; empty takes the
            files whole.

    Returns:
        The text, without the lines that name other sections.

    Raises:
        NetlistError: When a file cannot be read or has no such section.
    """
    parts = [_section(path, section) if section else _read(path) for path in files]
    return "\n".join(parts)


_SECTION = re.compile(r"(?im)^[ \t]*\.lib[ \t]+([^\s'\"]+)[ \t]*$\n?((?:.*\n)*?)[ \t]*\.endl\b.*$")
_NAMED = re.compile(r"(?im)^[ \t]*\.lib[ \t]+['\"]?([^\s'\"]+)['\"]?[ \t]+['\"]?(\w+)['\"]?[ \t]*$")


def _section(path: Path, section: str, deep: int = 0) -> str:
    text = _sections(path).get(section.lower())
    if deep > _DEEPEST:
        raise NetlistError("sections nest too deeply", str(path), f"look at section {section}")
    if text is None:
        raise NetlistError(
            f"there is no section {section}",
            where=str(path),
            hint=f"its sections: {', '.join(sorted(_sections(path))) or 'none'}",
        )
    return _NAMED.sub(lambda m: _section(path.parent / Path(m[1]).name, m[2], deep + 1), text)


_DEEPEST = 8
_FOUNDRY = replace(LIBRARY, hint="joulearn pdk list")


@lru_cache(maxsize=8)
def _sections(path: Path) -> Mapping[str, str]:
    return {found[1].lower(): found[2] for found in _SECTION.finditer(_read(path))}


def _read(path: Path) -> str:
    return read_text(path, _FOUNDRY)
