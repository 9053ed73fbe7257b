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

from spice_backend.protocol.deck_lines import physical_lines


def _words(text: str) -> frozenset[bytes]:
    return frozenset(text.encode().split())


_DEVICES = frozenset(b"abcdefghijklmopqrstuvwxyz")
"""First letters of devices. ``N`` is missing: it is compiled code that a command has loaded."""

_DOT_LINES = _words(
    """
    ac csparam dc disto else elseif end endif ends eom four fourier func function functions global
    ic if macro meas measure model models nodeset noise op opt option options param parameters
    params plot print probe pz save sens sp subckt temp tf title tran width
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

_EXPRESSIVE = frozenset(b".abcegilrv")
"""First letters of lines that can hold expressions."""
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n|\Z)")
"""Tabs and the ends of lines alone: what editors show as the end of a line and ngspice does not
take for one, or the other way round, hides one text in another."""
_FILES = re.compile(rb"\b(filesource|[a-z_]*file)\b|\bsound\s*\(", re.IGNORECASE)
_REDIRECTED = _words("four fourier meas measure plot print probe save title")
_QUOTED = re.compile(rb'"([^"]*)"')
_HARMLESS_QUOTE = re.compile(rb"[\w.+\-*() ,<>=!&|?:/]*")
_VALUE = re.compile(rb"[\w.+\-{}*()']*")
_EXTERNAL = re.compile(rb"^[vi]\S*\s+\S+\s+\S+\s+(?:(?P<before>.*\S)\s+)?external\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """A logical line: continuations joined, comments gone.

    Attributes:
        number: Of its first physical line, from 1.
        data: Its bytes.
    """

    number: int
    data: bytes

    @property
    def text(self) -> str:
        """Its text, for people."""
        return self.data.decode("utf-8", "replace")


def refusal(deck: str | bytes) -> str:
    """Why a deck is not run without being trusted.

    Args:
        deck: Its text, or the very bytes that are to run; a text is judged by the bytes it makes.

    Returns:
        The reason with its line number; empty when there is none.
    """
    data = _bytes(deck)
    found = _CONTROL.search(data)
    if found:
        return _because("it contains a control character", data.count(b"\n", 0, found.start()) + 1)
    for number, physical in enumerate(physical_lines(data), start=1):
        reason = _physical(physical.strip(), number)
        if reason:
            return _because(reason, number)
    for line in _joined(data):
        reason = _logical(line.data)
        if reason:
            return _because(reason, line.number, line.text)
    return ""


def _bytes(deck: str | bytes) -> bytes:
    """A deck as it is written; what is no character of Unicode stays the byte it came from."""
    return deck if isinstance(deck, bytes) else deck.encode("utf-8", "surrogateescape")


def undriven(deck: str | bytes, *, driven: bool) -> str:
    """Why a deck's external sources cannot be played.

    Args:
        deck: Its text or its bytes.
        driven: Whether somebody drives them.

    Returns:
        The reason with its line number; empty when there is none.
    """
    if b"external" not in _bytes(deck).lower():
        return ""
    for line in _joined(_bytes(deck)):
        found = _EXTERNAL.match(line.data)
        if found and found["before"]:
            return _because("an external source with a constant crashes ngspice", line.number)
        if found and not driven:
            return _because("nobody drives this external source", line.number, line.text)
    return ""


def logical_lines(deck: str | bytes) -> Iterator[Line]:
    """A deck's lines after the title as ngspice puts them together.

    Args:
        deck: Its text or its bytes.

    Yields:
        Lines in order, without comments and continuations.
    """
    yield from _joined(_bytes(deck))


def _joined(deck: bytes) -> Iterator[Line]:
    number, parts = 0, list[bytes]()
    for at, physical in enumerate(physical_lines(deck)[1:], start=2):
        # Blanks are those of the C language, here as in every pattern over bytes.
        line = _without_comment(physical.strip())
        if not line or line[:1] == b"*":
            continue
        if line[:1] == b"+":
            parts.append(line[1:].strip())
            continue
        if parts:
            yield Line(number, b" ".join(parts))
        number, parts = at, [line]
    if parts:
        yield Line(number, b" ".join(parts))


def _because(reason: str, number: int, text: str = "") -> str:
    shown = text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - a line's width
    return f"{reason} (line {number}{f': {shown}' if shown else ''})"


def _physical(text: bytes, number: int) -> str:
    """What is wrong with a line even if it were a comment or a title."""
    lower = text.lower()
    if lower.startswith((b"*ng_script", b"*#")):
        return "a comment that ngspice executes"
    if number == 1 and lower.startswith((b".", b"#")):
        return "a title that begins like a command"
    if text.endswith(b"\\"):
        return "a line that ends in a backslash, which hides how it goes on"
    return ""


def _logical(text: bytes) -> str:
    return _inside(text) or _kind(text)


def _inside(text: bytes) -> str:
    if b"`" in text:
        return "a back-quote, in which ngspice runs a program"
    if _FILES.search(text):
        return "it reads or writes a file"
    if any(not _harmless(quote) for quote in _QUOTED.findall(text)):
        return "text in quotes that may be a file or a command"
    if text[:1].lower()[0] in _EXPRESSIVE and not _matched(text):
        return "brackets that do not match, past which ngspice reads on in its memory"
    return ""


def _matched(text: bytes) -> bool:
    return all(
        text.count(a) == text.count(b) for a, b in ((b"(", b")"), (b"{", b"}"), (b"[", b"]"))
    )


def _harmless(quote: bytes) -> bool:
    if not _HARMLESS_QUOTE.fullmatch(quote):
        return False
    return not re.search(rb"(^|\s|\.)/|\.\w*[a-z]\w*$", quote, re.IGNORECASE)


def _kind(text: bytes) -> str:
    head = re.match(rb"\.?[^\s(=]*", text)
    word = head[0].lower() if head else text
    if word.startswith(b"."):
        return _dot_line(word[1:], text)
    if not word or word[0] not in _DEVICES or word in _COMMANDS:
        return "neither a device nor a dot line"
    return ""


def _dot_line(word: bytes, text: bytes) -> str:
    if word not in _DOT_LINES:
        return _REASONS.get(word, "a dot line that is not known to be harmless")
    if word in (b"model", b"models"):
        parts = text.replace(b"(", b" ").split()
        kind = parts[2].lower() if len(parts) > 2 else b""  # noqa: PLR2004 - .model name kind
        return "" if kind in _MODELS else "a model that may read files or run code"
    if word in (b"option", b"options", b"opt"):
        return _options(text)
    if word in _REDIRECTED and re.search(rb"[|;]|>>|(^|\s)>", text):
        return "it sends its output somewhere"
    return ""


_COMMANDS = _words("pre_osdi codemodel osdi use")
"""Commands that load code, which begin like devices."""

_REASONS = {
    **dict.fromkeys((b"include", b"inc", b"incl", b"includes", b"lib"), "it includes another file"),
    b"control": "it contains commands that ngspice would execute",
}


def _after_word(text: bytes) -> bytes:
    """What follows a line's first word, whichever blank stands between them."""
    return (*text.split(None, 1), b"")[1]


def _options(text: bytes) -> str:
    for name, value in re.findall(rb"([\w$]+)\s*(?:=\s*(\S+))?", _after_word(text)):
        if name.lower() not in _OPTIONS:
            return f"an option that is not the simulator's ({name.decode()})"
        if value and not _VALUE.fullmatch(value):
            return f"an option whose value is not a number or a word ({name.decode()})"
    return ""


def _without_comment(text: bytes) -> bytes:
    """A line up to its inline comment, cut no earlier than ngspice does."""
    found = re.search(rb"\s\$\s|;", text)
    return text[: found.start()].rstrip() if found else text
