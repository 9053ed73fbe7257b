"""The parser: every statement it reads, every line it keeps. Mistakes: test_parser_mistakes.py."""

from __future__ import annotations

import pytest

from netlist.circuit import (
    Behavioural,
    Bundle,
    Circuit,
    CodeModel,
    Command,
    Comment,
    Connection,
    Control,
    Coupling,
    Directive,
    Expression,
    Foreign,
    Function,
    Gate,
    Instance,
    Model,
    Parameter,
    Params,
    Polynomial,
    Primitive,
    Raw,
    Source,
    Statement,
    Subcircuit,
    Table,
    Transfer,
    Vector,
    Waveform,
)
from netlist.span import Span
from netlist.text.emitter import emit
from netlist.text.parser import parse, parse_library


def _one(line: str) -> Statement:
    (statement,) = parse_library(line + "\n")
    return statement


P = Parameter
E = Expression


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("R1 a b 1k", Primitive("R1", ("a", "b"), 1e3)),
        ("rLoad A 0 {2*r}", Primitive("rLoad", ("A", "0"), E("2*r"))),
        ("R1 a b '2 * r'", Primitive("R1", ("a", "b"), E("2 * r"))),
        (
            "R1 a b poly l=1u W = 2u",
            Primitive("R1", ("a", "b"), None, "poly", parameters=(P("l", 1e-6), P("W", 2e-6))),
        ),
        ("R1 a b 1k rmod", Primitive("R1", ("a", "b"), 1e3, "rmod")),
        ("R1 a b r=1k", Primitive("R1", ("a", "b"), parameters=(P("r", 1e3),))),
        ("R1 a,b 1", Primitive("R1", ("a", "b"), 1.0)),
        ("C1 a b 1p ic=0", Primitive("C1", ("a", "b"), 1e-12, parameters=(P("ic", 0.0),))),
        ("Lcoil x[1] x:2 1n", Primitive("Lcoil", ("x[1]", "x:2"), 1e-9)),
        ("D1 a k 1N4148", Primitive("D1", ("a", "k"), None, "1N4148")),
        ("D1 a k dmod {area}", Primitive("D1", ("a", "k"), E("area"), "dmod")),
        (
            "M1 d g# s/1 b. 2nmos w={w} l=1.8e-07 m=2",
            Primitive(
                "M1",
                ("d", "g#", "s/1", "b."),
                model="2nmos",
                parameters=(P("w", E("w")), P("l", 1.8e-7), P("m", 2.0)),
            ),
        ),
        ("S1 a b cp cn sw", Primitive("S1", ("a", "b", "cp", "cn"), model="sw")),
        ("E1 o 0 in+ in- 10", Primitive("E1", ("o", "0", "in+", "in-"), 10.0)),
        ("G1 o 0 p n {gm}", Primitive("G1", ("o", "0", "p", "n"), E("gm"))),
        ("F1 o 0 Vs 2", Primitive("F1", ("o", "0"), 2.0, control="Vs")),
        ("H1 o 0 Vs 1k", Primitive("H1", ("o", "0"), 1e3, control="Vs")),
        ("V1 a 0", Source("V1", ("a", "0"))),
        ("V1 a 0 1.8", Source("V1", ("a", "0"), 1.8)),
        ("V1 a 0 DC 1.8", Source("V1", ("a", "0"), 1.8)),
        ("V1 a 0 dc = {vdd}", Source("V1", ("a", "0"), E("vdd"))),
        ("V1 dc pwl 3", Source("V1", ("dc", "pwl"), 3.0)),
        ("I1 a 0 external", Source("I1", ("a", "0"), waveform=Waveform("EXTERNAL", ()))),
        (
            "V1 a 0 pulse(0 1.8 0 1n 1n 1u 2u)",
            Source(
                "V1",
                ("a", "0"),
                waveform=Waveform("PULSE", (0.0, 1.8, 0.0, 1e-9, 1e-9, 1e-6, 2e-6)),
            ),
        ),
        (
            "V1 a 0 1 SIN 0 1 1MEG",
            Source("V1", ("a", "0"), 1.0, Waveform("SIN", (0.0, 1.0, 1e6))),
        ),
        (
            "V1 a 0 exp (0 1) dc 2",
            Source("V1", ("a", "0"), 2.0, Waveform("EXP", (0.0, 1.0))),
        ),
        (
            "V1 a 0 PWL(0 0, 1u 1) r=0 TD={t}",
            Source(
                "V1",
                ("a", "0"),
                waveform=Waveform("PWL", (0.0, 0.0, 1e-6, 1.0), (P("r", 0.0), P("TD", E("t")))),
            ),
        ),
        (
            "V1 a 0 PWL(0 0 1 1 r=0)",
            Source("V1", ("a", "0"), waveform=Waveform("PWL", (0, 0, 1, 1), (P("r", 0.0),))),
        ),
        (
            "B1 a 0 v = {g}*max(0, v(a,b))  + 1",
            Behavioural("B1", ("a", "0"), "V", E("{g}*max(0, v(a,b)) + 1")),
        ),
        ("Bx a 0 I='v(a)*2'", Behavioural("Bx", ("a", "0"), "I", E("v(a)*2"))),
        ("Bx a 0 I={v(a)*{k}}", Behavioural("Bx", ("a", "0"), "I", E("{v(a)*{k}}"))),
        ("X1 a b Cell", Instance("X1", ("a", "b"), "Cell")),
        (
            "X1 a b cell params: w=1u dc = {2 * x} 4x=off",
            Instance("X1", ("a", "b"), "cell", (P("w", 1e-6), P("dc", E("2 * x")), P("4x", "off"))),
        ),
        (".model n1 NMOS", Model("n1", "NMOS")),
        (
            ".model 2n nmos(level=1 vto = 0.7, kp=1m)",
            Model("2n", "nmos", (P("level", 1.0), P("vto", 0.7), P("kp", 1e-3))),
        ),
        (
            ".model n nmos level=49 version=3.3.0 type=n",
            Model("n", "nmos", (P("level", 49.0), P("version", "3.3.0"), P("type", "n"))),
        ),
        (
            ".param a=1 b={2*a} c='x + 1'",
            Params((P("a", 1.0), P("b", E("2*a")), P("c", E("x + 1")))),
        ),
        ("Q1 c b e 2N2222", Primitive("Q1", ("c", "b", "e"), model="2N2222")),
        (
            "Q1 c b e s t mod 2 off ic=0.6,5",
            Primitive(
                "Q1",
                ("c", "b", "e", "s", "t"),
                2.0,
                "mod",
                parameters=(P("off"), P("ic", Vector((0.6, 5.0)))),
            ),
        ),
        ("J1 d g s mod {a}", Primitive("J1", ("d", "g", "s"), E("a"), "mod")),
        ("Z1 d g s mod", Primitive("Z1", ("d", "g", "s"), model="mod")),
        ("W1 a b Vs sw ON", Primitive("W1", ("a", "b"), None, "sw", "Vs", (P("ON"),))),
        ("S1 a b c d sw off", Primitive("S1", ("a", "b", "c", "d"), None, "sw", None, (P("off"),))),
        (
            "T1 a 0 b 0 z0=50 td=1n",
            Primitive("T1", ("a", "0", "b", "0"), parameters=(P("z0", 50.0), P("td", 1e-9))),
        ),
        ("O1 a 0 b 0 line", Primitive("O1", ("a", "0", "b", "0"), model="line")),
        ("U1 a b 0 urc l=1m", Primitive("U1", ("a", "b", "0"), None, "urc", None, (P("l", 1e-3),))),
        ("Y1 a 0 b 0 txl", Primitive("Y1", ("a", "0", "b", "0"), model="txl")),
        ("P1 a b 0 c d 0 cpl", Primitive("P1", ("a", "b", "0", "c", "d", "0"), model="cpl")),
        ("N1 a b osdi", Primitive("N1", ("a", "b"), model="osdi")),
        ("M1 d g s vdmos", Primitive("M1", ("d", "g", "s"), model="vdmos")),
        (
            "M1 d g s tj tc irf thermal",
            Primitive("M1", ("d", "g", "s", "tj", "tc"), None, "irf", None, (P("thermal"),)),
        ),
        (
            "M1 d g s b n w=1u off ic=0, 0 0",
            Primitive(
                "M1",
                ("d", "g", "s", "b"),
                model="n",
                parameters=(P("w", 1e-6), P("off"), P("ic", Vector((0.0, 0.0, 0.0)))),
            ),
        ),
        ("R1 a b 1k 2k", Primitive("R1", ("a", "b"), 1e3, parameters=(P("2k"),))),
        (
            "R1 a b r='v(a) * 2' tc=1m,2m",
            Primitive(
                "R1",
                ("a", "b"),
                parameters=(P("r", E("v(a) * 2")), P("tc", Vector((1e-3, 2e-3)))),
            ),
        ),
        ("Q1 (c b e) mod", Primitive("Q1", ("c", "b", "e"), model="mod")),
        ("K1 L1 L2 L3 0.9", Coupling("K1", ("L1", "L2", "L3"), 0.9)),
        ("E1 a 0 c d gain", Primitive("E1", ("a", "0", "c", "d"), "gain")),
        ("E1 a 0 (c,d) 2", Primitive("E1", ("a", "0", "c", "d"), 2.0)),
        ("E1 a 0 VALUE = {v(b)*2}", Behavioural("E1", ("a", "0"), "VALUE", E("v(b)*2"))),
        ("E1 a 0 value {v(b)}", Behavioural("E1", ("a", "0"), "VALUE", E("v(b)"))),
        ("E1 a 0 value=v(b)*2", Behavioural("E1", ("a", "0"), "VALUE", E("v(b)*2"))),
        ("E1 a 0 vol=2", Behavioural("E1", ("a", "0"), "VOL", E("2.0"))),
        (
            "G1 a 0 cur='v(b)' m=2",
            Behavioural("G1", ("a", "0"), "CUR", E("v(b)"), (P("m", 2.0),)),
        ),
        (
            "E1 a 0 POLY(2) (b,0) (c,0) 0 1 {k}",
            Polynomial("E1", ("a", "0"), ("b", "0", "c", "0"), (0.0, 1.0, E("k"))),
        ),
        ("F1 a 0 poly (1) Vs 0 2", Polynomial("F1", ("a", "0"), ("Vs",), (0.0, 2.0))),
        (
            "E1 a 0 TABLE {v(b)} = (0,0) (1, {k})",
            Table("E1", ("a", "0"), E("v(b)"), ((0.0, 0.0), (1.0, E("k")))),
        ),
        (
            "B1 a 0 I=v(b)*2 tc1=1m m = 2",
            Behavioural("B1", ("a", "0"), "I", E("v(b)*2"), (P("tc1", 1e-3), P("m", 2.0))),
        ),
        (
            "V1 a 0 dc 1 ac 1 45 distof1 0.1 distof2 portnum 1 z0=50",
            Source(
                "V1",
                ("a", "0"),
                1.0,
                None,
                (1.0, 45.0),
                (0.1,),
                (),
                (P("portnum", 1.0), P("z0", 50.0)),
            ),
        ),
        ("V1 a 0 AC", Source("V1", ("a", "0"), ac=())),
        ("V1 a 0 ac=2 dc", Source("V1", ("a", "0"), ac=(2.0,))),
        ("V1 a 0 vdd", Source("V1", ("a", "0"), "vdd")),
        (
            "V1 a 0 PULSE(0 vdd {t} 1n)",
            Source("V1", ("a", "0"), waveform=Waveform("PULSE", (0.0, "vdd", E("t"), 1e-9))),
        ),
        (
            'V1 a 0 PWL file="x y.txt"',
            Source("V1", ("a", "0"), waveform=Waveform("PWL", (), (P("file", '"x y.txt"'),))),
        ),
        (
            "a1 [%vd(a b) ~c null] %v d e model tc=1",
            CodeModel(
                "a1",
                (
                    Bundle((Connection(("a", "b"), "vd"), Connection(("c", "null"), "", True))),
                    Connection(("d",), "v"),
                    Connection(("e",)),
                ),
                "model",
                (P("tc", 1.0),),
            ),
        ),
        (
            "A1 %vd [a b c d] ~x[1] m",
            CodeModel(
                "A1",
                (
                    Bundle((Connection(("a", "b")), Connection(("c", "d"))), "vd"),
                    Connection(("x[1]",), "", True),
                ),
                "m",
            ),
        ),
        (
            '.model m pwl(x=[0 1.0 2m] y=["a b" t <0 1>] on=TRUE)',
            Model(
                "m",
                "pwl",
                (
                    P("x", Vector((0.0, 1.0, 2e-3), True)),
                    P("y", Vector(('"a b"', "t", "<0 1>"), True)),
                    P("on", "TRUE"),
                ),
            ),
        ),
        (".model m vdmos(nchan vto=1)", Model("m", "vdmos", (P("nchan"), P("vto", 1.0)))),
        (
            ".model m vdmos x.mesh loc=0 n=1 title two words",
            Model(
                "m",
                "vdmos",
                (P("x.mesh"), P("loc", 0.0), P("n", 1.0), P("title"), P("two"), P("words")),
            ),
        ),
        (".param f(x)={x*2}", Function("f", ("x",), E("x*2"))),
        (".func f(x, y) = 'x*y'", Function("f", ("x", "y"), E("x*y"))),
        (".FUNC f() x + 1", Function("f", (), E("x + 1"))),
        (
            ".param a = b + 2 c=a>=1 ? (1) : 2, d='e' s=\"x y\"",
            Params(
                (
                    P("a", E("b + 2")),
                    P("c", E("a>=1 ? (1) : 2")),
                    P("d", E("e")),
                    P("s", '"x y"'),
                )
            ),
        ),
        (".PARAM a = k", Params((P("a", "k"),))),
        (".tran 1n 1u 0 1n uic", Directive("tran", ("1n", "1u", "0", "1n", "uic"))),
        (".Options reltol = 1e-3 bypass=1", Directive("options", ("reltol=1e-3", "bypass=1"))),
        (
            ".save all @m.x1.m0[id] i(v1) v( a , b )",
            Directive("save", ("all", "@m.x1.m0[id]", "i(v1)", "v(a,b)")),
        ),
        (".ic v(a) = 1, v(b)={x + 1}", Directive("ic", ("v(a)=1", "v(b)={x + 1}"))),
        (
            ".meas tran x find par('v(a) + 1') at=1u",
            Directive("meas", ("tran", "x", "find", "par('v(a) + 1')", "at=1u")),
        ),
        ('.lib "my file/x.lib" tt', Directive("lib", ('"my file/x.lib"', "tt"))),
        (".include a/b.cir // why", Directive("include", ("a/b.cir",))),
        (".op", Directive("op")),
        ("*  note ", Comment("  note ")),
        ("  * indented", Comment(" indented")),
        ("; semicolon", Comment(" semicolon")),
        ("$ dollar", Comment(" dollar")),
        ("// slashes", Comment(" slashes")),
        ("R1 a b", Primitive("R1", ("a", "b"))),
        (
            "E1 a 0 nand(2) b 0 c 0 ({v / 3}, 0) (2 3)",
            Gate("E1", ("a", "0"), "NAND", ("b", "0", "c", "0"), ((E("v / 3"), 0.0), (2.0, 3.0))),
        ),
        ("G1 a 0 nand b 2", Primitive("G1", ("a", "0", "nand", "b"), 2.0)),
        (
            "E1 a 0 LAPLACE {v(b, c)} {1/(1+s)}",
            Transfer("E1", ("a", "0"), "LAPLACE", E("v(b, c)"), (E("1/(1+s)"),)),
        ),
        (
            "E1 a 0 FREQ {v(b)}= DB (  1e+07Hz, 3u, -7) (2meg, 1, {p})",
            Transfer(
                "E1",
                ("a", "0"),
                "FREQ",
                E("v(b)"),
                ("DB", 1e7, 3e-6, -7.0, 2e6, 1.0, E("p")),
            ),
        ),
        (
            "G1 a 0 Chebyshev {v(b)} = LP 800 1.2k .1dB 50dB",
            Transfer("G1", ("a", "0"), "CHEBYSHEV", E("v(b)"), ("LP", 800.0, 1200.0, 0.1, 50.0)),
        ),
        (
            '.model m d_lut (delay=5n table_values "01 10")',
            Model("m", "d_lut", (P("delay", 5e-9), P("table_values", '"01 10"'))),
        ),
        ("pre_osdi ./a.osdi", Command("pre_osdi", ("./a.osdi",))),
        ("OSDI a.osdi ; why", Command("OSDI", ("a.osdi",))),
        ("codemodel a.cm", Command("codemodel", ("a.cm",))),
        (".pre_osdi a.osdi", Command(".pre_osdi", ("a.osdi",))),
        ("osdi a 0 b 0 m", Primitive("osdi", ("a", "0", "b", "0"), model="m")),
        ("codemodel a 0 1", Primitive("codemodel", ("a", "0"), 1.0)),
        ("Ã1  A 0 ¥ RRopAmp Avol=100K", Foreign("QSPICE", "Ã1 A 0 ¥ RRopAmp Avol=100K")),
        ("×1 «1 2 3 4» turns=1 .5", Foreign("QSPICE", "×1 «1 2 3 4» turns=1 .5")),
        ("Y1 a 0 10Meg dF=100Hz", Foreign("QSPICE", "Y1 a 0 10Meg dF=100Hz")),
        ("B1 a 0 R=v(a) < 0? 2 : 1", Behavioural("B1", ("a", "0"), "R", E("v(a) < 0? 2 : 1"))),
        ("I1 a 0 2p load", Source("I1", ("a", "0"), 2e-12, parameters=(P("load"),))),
        (
            "I1 a 0 PULSE(0 1) LOAD m=2",
            Source(
                "I1",
                ("a", "0"),
                waveform=Waveform("PULSE", (0.0, 1.0)),
                parameters=(P("LOAD"), P("m", 2.0)),
            ),
        ),
        ("I1 a 0 dc load", Source("I1", ("a", "0"), "load")),
        (
            "I1 a 0 SIN(0 1 load)",
            Source("I1", ("a", "0"), waveform=Waveform("SIN", (0.0, 1.0, "load"))),
        ),
        ("V1 a 0 1 Rser=3", Source("V1", ("a", "0"), 1.0, parameters=(P("Rser", 3.0),))),
        (".machine", Directive("machine")),
        (".rule a b v(x)>1", Directive("rule", ("a", "b", "v(x)>1"))),
        (".endc", Directive("endc")),
        ("R1 a b 1k ; why", Primitive("R1", ("a", "b"), 1e3)),
        ("R1 a b 1k $ why", Primitive("R1", ("a", "b"), 1e3)),
        ("R1 a b 1k // why", Primitive("R1", ("a", "b"), 1e3)),
    ],
)
def test_statement(line: str, expected: Statement) -> None:
    assert _one(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "0zap bar",
        ".param a",
        ".param 3",
        ".alter x",
        "V1 a 0 foo(1 2)",
        "V1 a 0 1 bar",
        "V1 a 0 td=1 PWL(0 0 1 1)",
        "V1 {a} 0 1",
        "E1 a 0 LAPLACE {v(b)} {1/s} 2",
        "E1 a 0 LAPLACE {v(b)}",
        "E1 a 0 FREQ {v(b)} = (1,2)",
        "E1 a 0 FREQ {v(b)} = DELAY=1 (1,2,3)",
        "E1 a 0 CHEBYSHEV {v(b)} = 1 2",
        "E1 a 0 nand(2) b 0 (0,1)",
        "E1 a 0 nand(2) b 0 c 0",
        "Ã1",
        "\u00df1 a b",
        ".pre_osdi a b",
        "I1 a 0 1 2 load",
        "V1 a 0 dc=0:",
        "D1 1 2 2 0 0v",
        "M1 d g s b n w=$u",
        ".model m\n+ numos",
        ".model m gain (in=['1.0 1.0])",
        "E1 a 0 TABLE {v(b)}",
        "E1 a 0 value=[1 2]",
        "F1 a 0 {v} 2",
        "R1 a(1) b 1k",
        "K1 L1 L2 k=2",
        "M1 d g s b {n}",
        "X1 a {b} cell",
        "X1 a b(c) cell",
        ".model {m} nmos",
        ".func f x",
        ".func f(x) {x}}",
        "#x",
        "\u017f1 a b 1",
    ],
)
def test_what_is_not_read_is_kept(line: str) -> None:
    assert _one(line) == Raw(line)
    assert _one(line).span == Span("<library>", 1, 1)


def test_first_line_is_the_title_whatever_it_holds() -> None:
    assert parse("R1 a b 1k\n") == Circuit("R1 a b 1k")
    assert parse("") == Circuit("")
    assert parse("\nR1 a b 1\n") == Circuit("", (Primitive("R1", ("a", "b"), 1.0),))


def test_lines_after_end_count_as_they_do_in_ngspice() -> None:
    resistor = Primitive("R1", ("a", "b"), 1.0)
    assert parse("t\n.end\nR1 a b 1\n.END\n") == Circuit("t", (resistor,))


def test_all_line_ends_are_read() -> None:
    assert parse("t\r\nR1 a b\r\n+ 1\r\n") == parse("t\nR1 a b 1") == parse("t\rR1 a b\r+ 1")


def test_continuations_comments_and_blank_lines() -> None:
    text = "R1 a b\n* one\n\n  + 1k ; two\n+\n+ w=1\n* three\nR2 a b 1\n"
    assert parse_library(text) == (
        Primitive("R1", ("a", "b"), 1e3, parameters=(P("w", 1.0),)),
        Comment(" one"),
        Comment(" three"),
        Primitive("R2", ("a", "b"), 1.0),
    )


def test_nested_subcircuits_and_spans() -> None:
    text = (
        ".SUBCKT outer a b params: r=1k\n"
        "  .subckt inner p q\n"
        "    R1 p q 1\n"
        "  .ends\n"
        "  X1 a b inner\n"
        ".ENDS Outer\n"
    )
    (outer,) = parse_library(text, "lib.cir")
    assert outer == Subcircuit(
        "outer",
        ("a", "b"),
        (P("r", 1e3),),
        (
            Subcircuit("inner", ("p", "q"), body=(Primitive("R1", ("p", "q"), 1.0),)),
            Instance("X1", ("a", "b"), "inner"),
        ),
    )
    assert isinstance(outer, Subcircuit)
    assert outer.span == Span("lib.cir", 1, 1)
    assert outer.body[0].span == Span("lib.cir", 2, 3)
    assert outer.body[1].span == Span("lib.cir", 5, 3)


def test_control_block_is_one_opaque_node() -> None:
    block = ".control\n  run $ not a comment\n+ 3\n* kept\nprint v(a)\n .ENDC"
    circuit = parse(f"t\n{block}\nR1 a b 1\n")
    assert circuit.body == (Control(block), Primitive("R1", ("a", "b"), 1.0))


def test_an_open_control_block_ends_with_the_file() -> None:
    circuit = parse("t\n.control\nrun\n.end\n\n")
    (block,) = circuit.body
    assert block == Control(".control\nrun\n.end\n.endc")
    assert isinstance(block, Control)
    assert not block.closed
    assert parse(emit(circuit)) == circuit


def test_another_name_closes_a_subcircuit_all_the_same() -> None:
    (block,) = parse_library(".subckt x a\n  .ends y\n", "f.cir")
    assert block == Subcircuit("x", ("a",))
    assert isinstance(block, Subcircuit)
    assert block.misnamed == Span("f.cir", 2, 3)
    (right,) = parse_library(".subckt x a\n.ends X\n")
    assert isinstance(right, Subcircuit)
    assert right.misnamed is None


def test_raw_keeps_its_lines_verbatim() -> None:
    text = "  #1 c b e\n+   2N2222 ; why\n"
    assert parse_library(text) == (Raw("  #1 c b e\n+   2N2222 ; why"),)


def test_model_of_many_parameters_over_many_lines() -> None:
    lines = [f"+ p{i} = {i}.5e-3" for i in range(150)]
    (model,) = parse_library("\n".join([".model big nmos (", *lines, "+ )"]))
    expected = tuple(P(f"p{i}", float(f"{i}.5e-3")) for i in range(150))
    assert model == Model("big", "nmos", expected)


@pytest.mark.parametrize("suffix", ["", "u"])
def test_twenty_thousand_numbers(suffix: str) -> None:
    rows = [f"+ {i}{suffix} {i % 7}.25" for i in range(10_000)]
    text = "\n".join(["t", "V1 a 0 PWL(", *rows, "+ )"])
    (source,) = parse(text).body
    assert isinstance(source, Source)
    assert source.waveform is not None
    assert len(source.waveform.arguments) == 20_000
    assert source.waveform.arguments[2] == pytest.approx(1e-6 if suffix else 1.0, rel=1e-15)
