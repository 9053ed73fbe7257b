"""What a deck holds that is another simulator's, or stands where ngspice does not read it.

Such lines are data all the same, so that a deck of LTspice or QSPICE is read whole; what ngspice
would make of them is said by the checks. The table of instance parameters and of forms is here,
the readers of the two kinds of line that begin like no device of ngspice too.
"""

from __future__ import annotations

import re

from netlist.circuit import (
    Behavioural,
    CodeModel,
    Command,
    Directive,
    Foreign,
    Primitive,
    Source,
    Statement,
    Transfer,
)
from netlist.text.line import LogicalLine

LTSPICE = frozenset(
    (
        *("backanno", "step", "wave", "savebias", "loadbias", "ferret", "net", "text"),
        *("machine", "state", "rule", "output", "endmachine"),
    )
)
"""Dot words of LTspice; ngspice refuses a deck with any of them."""
COMMANDS = frozenset(("osdi", "pre_osdi", "codemodel", "pre_codemodel"))
"""Commands that load compiled code, which people write outside of a ``.control`` block."""
_COMMAND = re.compile(r"\.?(osdi|pre_osdi|codemodel|pre_codemodel)\s+[^\s,=(){}]+", re.IGNORECASE)
_QSPICE = re.compile(r"[ÃØ€£¥×]\S*\s+\S|y\S*(\s+[^\s=]+){3}\s+\w+\s*=", re.IGNORECASE)
"""How a device begins that only QSPICE has; a crystal has two nodes and a frequency."""
_SERIES = frozenset(
    ("rser", "lser", "rpar", "cpar", "rlshunt", "noiseless", "vprxover", "tripdv", "tripdt")
)
_LOGIC = frozenset(
    (
        *("buf", "and", "or", "xor", "schmitt", "dflop", "srflop", "counter", "phidet"),
        *("samplehold", "modulator", "modulate", "varistor", "ota"),
    )
)
_LOGIC_NODES = 8


def command(line: LogicalLine, text: str) -> Statement | None:
    """Read a command that stands among the devices.

    Args:
        line: Its line.
        text: Its text.

    Returns:
        The command; None for a device, which has more words, or another word.
    """
    if not is_command(text):
        return None
    keyword, *arguments = text.split()
    return Command(keyword, tuple(arguments), line.span)


def is_command(text: str) -> bool:
    """Whether a line among the devices is a command.

    Args:
        text: The line.

    Returns:
        True for one of the `COMMANDS` and one word after it.
    """
    return _COMMAND.fullmatch(text) is not None


def qspice(line: LogicalLine, text: str) -> Statement | None:
    """Read a device that only QSPICE has, told by its first character.

    Args:
        line: Its line.
        text: Its text.

    Returns:
        The device, its line word by word; None when it begins with another character.
    """
    return Foreign("QSPICE", " ".join(text.split()), line.span) if is_qspice(text) else None


def is_qspice(text: str) -> bool:
    """Whether a line is a device that only QSPICE has.

    Args:
        text: The line.

    Returns:
        True for its characters, and for a crystal, whose letter ngspice has for something else.
    """
    return _QSPICE.match(text) is not None


def foreign(statement: Statement) -> tuple[str, str] | None:  # noqa: PLR0911 - one per kind
    """Whose a statement is when it is not ngspice's.

    Args:
        statement: Any statement.

    Returns:
        The simulator, and the word that tells; None for a statement of ngspice.
    """
    match statement:
        case Foreign(dialect=dialect, text=text):
            return dialect, text.split(maxsplit=1)[0]
        case Directive(keyword=keyword) if keyword in LTSPICE:
            return "LTspice", f".{keyword}"
        case Behavioural(quantity=quantity) if quantity in ("R", "P", "B"):
            return ("QSPICE" if quantity == "B" else "LTspice"), quantity
        case Transfer(kind=kind):
            return "PSpice", kind
        case CodeModel(model=model, nodes=nodes):
            ours = len(nodes) != _LOGIC_NODES or model.lower() not in _LOGIC
            return None if ours else ("LTspice", model)
        case Primitive() | Source() | Behavioural():
            names = (p.name for p in statement.parameters)
            return next((("LTspice", n) for n in names if _is_ltspice(statement, n)), None)
        case _:
            return None


def _is_ltspice(statement: Primitive | Source | Behavioural, name: str) -> bool:
    if isinstance(statement, Source) and name.lower() in ("load", "wavefile", "chan"):
        return True
    return name.lower() in _SERIES and statement.name[:1].lower() in "rclvib"
