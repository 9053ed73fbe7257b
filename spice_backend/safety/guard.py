"""What a deck may contain unless its user trusts it: decks are data, and data runs nothing.

Loading a deck can run commands, write files and load code, in more ways than a list of bad words
can hold. So this is a list of good ones: every logical line must be a comment, a device or a dot
line that is known to do nothing but describe a circuit, its analysis and what to keep; what is not
known is refused. The simulator's process is confined besides (`spice_backend.safety.confinement`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DEVICES = frozenset("abcdefghijklmopqrstuvwxyz")
"""First letters of devices. ``N`` is missing: it is compiled code that a command has loaded."""

_DOT_LINES = _words(
    """
    ac csparam dc disto else elseif end endif ends four fourier func global ic if meas measure
    model nodeset noise op opt option options param plot print probe pz save sens sp subckt temp
    tf title tran width
    """
)

_MODELS = _words(
    """
    adc_bridge asrc aswitch bidi_bridge bsource c cap capacitor capacitoric climit cmeter core cpl
    csw cswitch d d_and d_buffer d_dff d_dlatch d_dt d_fdiv d_genlut d_inverter d_jkff d_lut
    d_nand d_nor d_open_c d_open_e d_or d_osc d_pulldown d_pullup d_ram d_srff d_srlatch d_tff
    d_tristate d_xnor d_xor dac_bridge delay divide fuse gain hyst ilimit ind inductoric int k l
    lcouple limit lmeter ltra memristor mult multi_input_pwl nbjt nhfet nhfet4 njf nmes nmf nmos
    npn nsoi numd numos oneshot pbjt phfet phfet4 pjf pmes pmf pmos pnp potentiometer psoi pwl
    pwlts r rdelay res resistor s_xfer seegen sidiode sine slew spice2poly square summer sw switch
    triangle txl urc vdmos vdmosn vdmosp xfer zener
    """
)
"""Kinds of ``.model``. The code models that read or write files, run programs or load libraries
(``filesource``, ``table2d``, ``d_source``, ``d_state``, ``d_process``, ``d_cosim`` …) are not here,
nor is what a command would have to load first."""

_OPTIONS = _words(
    """
    abstol acct altinit asrc autostop badmos3 bypass chgtol convabsstep convlimit convstep
    copynodesets cshunt defad defas defl defm defw delmin devtol dstep epsmin gearsolver gmin
    gminfactor gminsteps gshunt indverbosity ingold interp itl1 itl2 itl3 itl4 itl5 itl6
    keepopinfo klu lim list lone lteabstol ltereltol ltetrtol lvltim maxevtiter maxopalter maxord
    maxwarns measure_quiet method minbreak mincoupling newtrunc nfreqs no_auto_gnd noacct node
    noinit nolist nomod noopac noopalter noopiter nopage nopred noprobe nostepsizelimit
    num_threads numdgt oldlimit opt optran opts page pivrel pivtol post probe ramptime reltol
    rseries rshunt savecurrents scale seed seedinfo sollim sparse spice3 srcsteps temp timelimit
    tnom trapratio trtol trytocompact uic vntol warn warnlimit wnflag xmu xtrtol
    """
)

_EXPRESSIVE = frozenset(".abcegilrv")
"""First letters of lines that can hold expressions."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_FILES = re.compile(r"\b(filesource|[a-z_]*file)\b|\bsound\s*\(", re.IGNORECASE)
_REDIRECTED = _words("four fourier meas measure plot print probe save title")
_QUOTED = re.compile(r'"([^"]*)"')
_HARMLESS_QUOTE = re.compile(r"[\w.+\-*() ,<>=!&|?:/]*")
_VALUE = re.compile(r"[\w.+\-{}*()']*")
_EXTERNAL = re.compile(r"^[vi]\S*\s+\S+\s+\S+\s+(?:(?P<before>.*\S)\s+)?external\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """A logical line: continuations joined, comments gone.

    Attributes:
        number: Of its first physical line, from 1.
        text: Its text.
    """

    number: int
    text: str


def refusal(deck: str) -> str:
    """Why a deck is not run without being trusted.

    Args:
        deck: Its text.

    Returns:
        The reason with its line number; empty when there is none.
    """
    found = _CONTROL.search(deck)
    if found:
        return _because("it contains a control character", deck.count("\n", 0, found.start()) + 1)
    for number, physical in enumerate(deck.splitlines(), start=1):
        reason = _physical(physical.strip(), number)
        if reason:
            return _because(reason, number)
    for line in logical_lines(deck):
        reason = _logical(line.text)
        if reason:
            return _because(reason, line.number, line.text)
    return ""


def undriven(deck: str, *, driven: bool) -> str:
    """Why a deck's external sources cannot be played.

    Args:
        deck: Its text.
        driven: Whether somebody drives them.

    Returns:
        The reason with its line number; empty when there is none.
    """
    if "external" not in deck.lower():
        return ""
    for line in logical_lines(deck):
        found = _EXTERNAL.match(line.text)
        if found and found["before"]:
            return _because("an external source with a constant crashes ngspice", line.number)
        if found and not driven:
            return _because("nobody drives this external source", line.number, line.text)
    return ""


def logical_lines(deck: str) -> Iterator[Line]:
    """A deck's lines after the title as ngspice puts them together.

    Args:
        deck: Its text.

    Yields:
        Lines in order, without comments and continuations.
    """
    number, parts = 0, list[str]()
    for at, physical in enumerate(deck.splitlines()[1:], start=2):
        text = _without_comment(physical.strip())
        if not text or text[0] == "*":
            continue
        if text[0] == "+":
            parts.append(text[1:].strip())
            continue
        if parts:
            yield Line(number, " ".join(parts))
        number, parts = at, [text]
    if parts:
        yield Line(number, " ".join(parts))


def _because(reason: str, number: int, text: str = "") -> str:
    shown = text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - a line's width
    return f"{reason} (line {number}{f': {shown}' if shown else ''})"


def _physical(text: str, number: int) -> str:
    """What is wrong with a line even if it were a comment or a title."""
    lower = text.lower()
    if lower.startswith(("*ng_script", "*#")):
        return "a comment that ngspice executes"
    if number == 1 and lower.startswith((".", "#")):
        return "a title that begins like a command"
    if text.endswith("\\"):
        return "a line that ends in a backslash, which hides how it goes on"
    return ""


def _logical(text: str) -> str:
    return _inside(text) or _kind(text)


def _inside(text: str) -> str:
    if "`" in text:
        return "a back-quote, in which ngspice runs a program"
    if _FILES.search(text):
        return "it reads or writes a file"
    if any(not _harmless(quote) for quote in _QUOTED.findall(text)):
        return "text in quotes that may be a file or a command"
    if text[0].lower() in _EXPRESSIVE and not _matched(text):
        return "brackets that do not match, past which ngspice reads on in its memory"
    return ""


def _matched(text: str) -> bool:
    return all(text.count(a) == text.count(b) for a, b in ("()", "{}", "[]"))


def _harmless(quote: str) -> bool:
    if not _HARMLESS_QUOTE.fullmatch(quote):
        return False
    return not re.search(r"(^|\s|\.)/|\.\w*[a-z]\w*$", quote, re.IGNORECASE)


def _kind(text: str) -> str:
    head = re.match(r"\.?[^\s(=]*", text)
    word = head[0].lower() if head else text
    if word.startswith("."):
        return _dot_line(word[1:], text)
    if word[:1] not in _DEVICES or word in ("pre_osdi", "codemodel", "osdi", "use"):
        return "neither a device nor a dot line"
    return ""


def _dot_line(word: str, text: str) -> str:
    if word not in _DOT_LINES:
        return _REASONS.get(word, "a dot line that is not known to be harmless")
    if word == "model":
        parts = text.replace("(", " ").split()
        kind = parts[2].lower() if len(parts) > 2 else ""  # noqa: PLR2004 - .model name kind
        return "" if kind in _MODELS else "a model that may read files or run code"
    if word in ("option", "options", "opt"):
        return _options(text)
    if word in _REDIRECTED and re.search(r"[|;]|>>|(^|\s)>", text):
        return "it sends its output somewhere"
    return ""


_REASONS = {
    **dict.fromkeys(("include", "inc", "incl", "lib"), "it includes another file"),
    "control": "it contains commands that ngspice would execute",
}


def _options(text: str) -> str:
    for name, value in re.findall(r"([\w$]+)\s*(?:=\s*(\S+))?", text.partition(" ")[2]):
        if name.lower() not in _OPTIONS:
            return f"an option that is not the simulator's ({name})"
        if value and not _VALUE.fullmatch(value):
            return f"an option whose value is not a number or a word ({name})"
    return ""


def _without_comment(text: str) -> str:
    """A line up to its inline comment, cut no earlier than ngspice does."""
    found = re.search(r"\s\$\s|;", text)
    return text[: found.start()].rstrip() if found else text
