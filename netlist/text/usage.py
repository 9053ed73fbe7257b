"""How each statement is written, for messages that say what to try."""

from __future__ import annotations

_USAGE = {
    "r": "Rname n+ n- 1e3   or   Rname n+ n- model l=1e-6",
    "c": "Cname n+ n- 1e-12 [ic=0]",
    "l": "Lname n+ n- 1e-9 [ic=0]",
    "k": "Kname L1 L2 0.99",
    "m": "Mname drain gate source bulk model w=1e-6 l=1e-6",
    "d": "Dname anode cathode model [area]",
    "q": "Qname collector base emitter [substrate] model [area]",
    "j": "Jname drain gate source model [area]",
    "z": "Zname drain gate source model [area]",
    "s": "Sname n+ n- control+ control- model [on|off]",
    "w": "Wname n+ n- vname model [on|off]",
    "t": "Tname n1+ n1- n2+ n2- z0=50 td=1e-9",
    "o": "Oname n1+ n1- n2+ n2- model",
    "u": "Uname n1 n2 ground model l=1e-3",
    "y": "Yname n1 ground n2 ground model len=1",
    "p": "Pname in ... ground out ... ground model",
    "n": "Nname node ... model",
    "a": "Aname port [port port] ... model",
    "e": "Ename n+ n- control+ control- gain   or   Ename n+ n- value={expression}",
    "g": "Gname n+ n- control+ control- transconductance   or   Gname n+ n- value={expression}",
    "f": "Fname n+ n- vname gain",
    "h": "Hname n+ n- vname transresistance",
    "v": "Vname n+ n- [dc 1.8] [ac 1] [PULSE(...) or PWL(...) or SIN(...) or EXP(...)]",
    "i": "Iname n+ n- [dc 1e-6] [ac 1] [PULSE(...) or PWL(...) or SIN(...) or EXP(...)]",
    "b": "Bname n+ n- V=expression   or   I=expression",
    "x": "Xname node ... subcircuit [name=value ...]",
    ".model": ".model name kind [name=value ...]",
    ".subckt": ".subckt name port ... [name=value ...]",
    ".param": ".param name=value ...",
    ".func": ".func name(argument, ...) {expression}",
    ".if": ".if (condition)",
    ".ends": ".ends [name]",
}


def usage(head: str) -> str:
    """The form of a statement.

    Args:
        head: Its first word.

    Returns:
        One line; empty when it is no statement we know.
    """
    return _USAGE.get(head.lower() if head[:1] == "." else head[:1].lower(), "")
