"""Numbers as SPICE writes them, read at the edge, and the one way this project writes them.

SPICE scale factors are a trap (``1M`` is milli, letters after the factor are ignored), therefore
they are read here once and never written: a deck we emit carries plain numbers only. Digits and
scale factor are joined as decimal text before rounding, so ``4.7p`` is exactly ``4.7e-12``. Where
ngspice itself would not get the same bits from our shortest digits, the number keeps its own; and
what does not mean the same to every ngspice, or in every place of a deck, is kept as it is written.
"""

from __future__ import annotations

import math
import re
from typing import Self

from netlist.errors import NetlistError

_LETTER = r"(?:[a-z0-9_]|[^\x00-\x7f\s])"
_NUMBER = re.compile(
    r"(?P<digits>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))"
    r"(?:[ed](?P<exponent>[+-]?[0-9]+))?"
    rf"(?:(?P<factor>meg|mil|[tgkmuµnpfa])(?P<tail>{_LETTER}*)|(?P<unit>(?![0-9_]){_LETTER}+))?",
    re.IGNORECASE | re.ASCII,
)
_BEGINNING = re.compile(
    r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[ed][+-]?[0-9]+)?(?:meg|mil|[tgkmuµnpf])?",
    re.IGNORECASE | re.ASCII,
)
_MEANT = re.compile(r"[0-9\u039c\u03bc]")
"""What is ignored after a number and was meant: digits, as in 2k2, and the Greek letter mu."""
_REFUSED = frozenset("*/^+-0123456789")
"""After a number: what ngspice takes for a word of its own."""
_TWO_WORDS = re.compile(r"[*/^+-]")
"""Further on: what ends the number's word for ngspice and begins another."""
_FACTORS = {
    "t": 12,
    "g": 9,
    "meg": 6,
    "k": 3,
    "m": -3,
    "u": -6,
    "µ": -6,
    "n": -9,
    "p": -12,
    "f": -15,
    "a": 0,
}
"""Powers of ten; ``a`` is none to the ngspice we hold to (39), and 1e-18 from 41 on."""
_LARGEST = 300
"""Powers of ten beyond this are left to the shortest digits."""
_MIL_M = 25.4e-6
_HINT = "write it plainly, such as 1e-12; scale factors are t g meg k m mil u n p f"


class Spelled(float):
    """A float that is written in its own way, because others would not read back alike.

    ngspice multiplies the digits by a power of ten, which may miss the nearest float by its last
    bit, and by how much depends on the digits: ``100u`` and ``1e-4`` are not quite the same to
    it. A circuit whose steps hang on that bit simulates the same only when its digits are kept.
    ``2A`` is 2 to one ngspice and 2e-18 to another, ``4k7`` is 4000 or 4700, and a ``mil`` is
    another length in braces than outside: such a number stays the text it is.
    In every other way this is the float: equal to it, and gone after any arithmetic.
    """

    __slots__ = ("spelling",)

    spelling: str

    def __new__(cls, value: float, spelling: str) -> Self:
        """Make one.

        Args:
            value: The number.
            spelling: The same in plain digits, or as it was written.

        Returns:
            The number, with its spelling.
        """
        number = super().__new__(cls, value)
        number.spelling = spelling
        return number

    def __reduce__(self) -> tuple[type[Spelled], tuple[float, str]]:
        return Spelled, (float(self), self.spelling)


def parse_number(text: str, *, formula: bool = False) -> float:
    """Read a SPICE number with an optional scale factor.

    Upper and lower case mean the same; letters and digits after the scale factor are ignored, so
    ``1M`` is 1e-3, ``10pF`` is 1e-11 and ``2k2`` is 2000, as ngspice 39 reads them. ``mil`` is a
    thousandth of an inch, but the formulas of ``.param`` and of braces have no such factor and
    take its ``m``. What ngspice would read in part (``1_000``, ``3.3.0``) is refused.

    Args:
        text: The number, without blanks.
        formula: Whether it stands in a formula.

    Returns:
        Its value, in whatever SI unit the place implies.

    Raises:
        NetlistError: When it is not a number, or too large for one.

    Example:
        >>> parse_number("2.2uF"), parse_number("1MEG"), parse_number("1M")
        (2.2e-06, 1000000.0, 0.001)
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise NetlistError(f"{text!r} is not a number", hint=_HINT)
    factor = (match["factor"] or "").lower()
    inches = factor == "mil" and not formula
    power = 0 if inches else _FACTORS.get("m" if factor == "mil" else factor, 0)
    try:
        exponent = int(match["exponent"] or 0) + power
        value = float(f"{match['digits']}e{exponent}") * (_MIL_M if inches else 1.0)
    except ValueError:
        value = math.inf
    if not math.isfinite(value):
        raise NetlistError(f"{text!r} is out of range", hint="stay below 1.8e308")
    rest = match["tail"] or match["unit"] or ""
    if factor in ("a", "mil") or _MEANT.search(rest):
        return Spelled(value, text)
    shortest = format_number(value)
    if _as_ngspice(shortest) == _product(match["digits"], exponent):
        return value
    return Spelled(value, f"{match['digits']}e{exponent}" if exponent else match["digits"])


def beginning_number(text: str) -> float:
    """The number that ngspice reads at the beginning of a word, whatever stands after it.

    Args:
        text: A word that begins with a digit, and is no number to `parse_number`.

    Returns:
        The number, which is written as the word.

    Raises:
        NetlistError: When ngspice refuses the word, or reads another number than it says.
    """
    found = _BEGINNING.match(text)
    rest = text[found.end() :] if found is not None else ""
    if found is None or rest[:1] in ("", *_REFUSED) or _TWO_WORDS.search(rest):
        raise NetlistError(f"{text!r} is not a number", hint=_HINT)
    return Spelled(parse_number(found[0]), text)


def _as_ngspice(plain: str) -> float:
    digits, _, exponent = plain.partition("e")
    return _product(digits, int(exponent or 0))


def _product(digits: str, exponent: int) -> float:
    """What ngspice makes of digits: all of them as one integer, times a power of ten."""
    whole, _, fraction = digits.partition(".")
    scale = exponent - len(fraction)
    if not -_LARGEST < scale < _LARGEST:
        return 0.0
    return float(int(whole + fraction)) * 10.0**scale


def format_number(value: float) -> str:
    """Write a number plainly: shortest digits that read back to the same float, never a suffix.

    Args:
        value: Any finite number.

    Returns:
        Text with ``float(text) == value``; whole numbers carry no ``.0``.

    Raises:
        NetlistError: When the value is infinite or not a number.

    Example:
        >>> format_number(1e-6), format_number(3.0), format_number(0.1)
        ('1e-6', '3', '0.1')
    """
    if not math.isfinite(value):
        raise NetlistError(
            f"{value} cannot stand in a deck", hint="look for a division by zero upstream"
        )
    if isinstance(value, Spelled):
        return value.spelling
    digits, exponent_sign, exponent = repr(float(value)).partition("e")
    digits = digits.removesuffix(".0")
    return f"{digits}e{int(exponent)}" if exponent_sign else digits
