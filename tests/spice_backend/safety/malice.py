"""Decks that try to run a command, or to read or write a file, each in its own way.

``{mark}`` is a file that must not come to be, ``{secret}`` one whose words must not come out,
``{folder}`` the folder both are in. Lines before ``---`` are the title, if there are any.
"""

CIRCUIT = "v1 a 0 1\nr1 a 0 1e3\n"

WAYS: dict[str, str] = {
    "shell in a control block": ".control\nshell touch {mark}\n.endc",
    "upper-case control block": ".CONTROL\nshell touch {mark}\n.ENDC",
    "indented control block": "\t  .control\nshell touch {mark}\n.endc",
    "control block with a suffix": ".controls\nshell touch {mark}\n.endc",
    "control block after the end": ".op\n.end\n.control\nshell touch {mark}\n.endc",
    "control block in a subcircuit": ".subckt s a\n.control\nshell touch {mark}\n.endc\n.ends",
    "unfinished control block": ".control\nshell touch {mark}",
    "control block with a carriage return": "r2 a 0 1\r.control\rshell touch {mark}\r.endc",
    "control block after a form feed": "\f.control\nshell touch {mark}\n.endc",
    "control block after a vertical tab": "r3 a 0 1\v.control\nshell touch {mark}\n.endc",
    "script in the title": "*ng_script\nshell touch {mark}\n---",
    "script in a later comment": "*ng_script\nshell touch {mark}",
    "star-hash command": "*#shell touch {mark}",
    "spaced star-hash command": "  *# shell touch {mark}",
    "control block in the title": ".control\nshell touch {mark}\n.endc\n---",
    "back-quotes in a parameter": ".param x=`touch {mark}`",
    "back-quotes in a print": ".print tran `touch {mark}`",
    "back-quotes in an option": ".options temp=`touch {mark}`",
    "write in a control block": ".control\nop\nwrite {mark} all\n.endc",
    "wrdata in a control block": ".control\nop\nwrdata {mark} v(a)\n.endc",
    "redirection in a control block": ".control\nop\nprint v(a) > {mark}\n.endc",
    "redirection in a print line": ".tran 1e-6 1e-5\n.print tran v(a) > {mark}",
    "redirection in a measurement": ".tran 1e-6 1e-5\n.meas tran x find v(a) at=1e-6 > {mark}",
    "raw file by an option": ".options rawfile={mark}\n.op",
    "a set in an option": ".options set rawfile={mark}",
    "included commands": '.include "{folder}/commands.inc"',
    "included commands by .inc": ".inc {folder}/commands.inc",
    "included secret": ".include {secret}",
    "included library": ".lib {folder}/commands.inc tt",
    "included through parents": ".include ../../../../../../../../..{secret}",
    "included through a link": ".include link.inc",
    "included from home": ".include ~/commands.inc",
    "continued include": ".include\n+ {secret}",
    "include hidden behind a backslash": ".incl\\\\\nude {secret}",
    "a code model by a command": ".control\ncodemodel {folder}/evil.cm\n.endc",
    "a code model as a line": "codemodel {folder}/evil.cm",
    "an OSDI model before loading": ".control\npre_osdi {folder}/evil.osdi\n.endc",
    "an OSDI model as a line": "pre_osdi {folder}/evil.osdi",
    "an OSDI model as a device": "osdi {folder}/evil.osdi",
    "an OSDI model as a card": ".pre_osdi {folder}/evil.osdi",
    "an OSDI device": "N1 a 0 evil\n.model evil evil",
    "a file source": 'a1 %v([a]) fs\n.model fs filesource (file="{secret}" amploffset=[0])',
    "a digital source file": 'a1 [d] ds\n.model ds d_source (input_file="{secret}")',
    "a state machine's file": 'a1 [d] c r [q] st\n.model st d_state (state_file="{secret}")',
    "a table's file": 'a1 %v(a) %v(b) %v(c) tb\n.model tb table2d (file="{secret}" order=2)',
    "a process as a device": 'a1 [d] c r [q] pr\n.model pr d_process (process_file="/bin/touch")',
    "a cosimulation library": 'a1 [d] [q] co\n.model co d_cosim (simulation="{folder}/evil.so")',
    "a model kind across lines": 'a1 %v([a]) fs\n.model fs\n+ filesource\n+ (file="{secret}")',
    "a sound file": "v2 b 0 sound(1 0 0 {secret})",
    "a wave file as a stimulus": 'v2 b 0 wavefile="{secret}"',
    "a PWL file": 'v2 b 0 pwl file="{secret}"',
    "a saved script": ".exec touch {mark}",
    "a shell command as a line": "!touch {mark}",
    "a nul byte before commands": "* harmless\0\n.control\nshell touch {mark}\n.endc",
    "a spinit of its own": ".options sourcepath={folder}\n.include commands.inc",
}


def deck(way: str, folder: str, mark: str, secret: str) -> str:
    """The deck that tries this way, with a circuit that runs."""
    text = way.replace("{folder}", folder).replace("{mark}", mark).replace("{secret}", secret)
    title, rule, body = text.rpartition("---")
    lines = f"{title}" if rule else "a circuit\n"
    rest = body if rule else text + "\n"
    return f"{lines}{CIRCUIT}{rest}\n.op\n.end\n"
