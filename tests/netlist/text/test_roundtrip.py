"""Laws: what is emitted reads back equal, and no text makes the parser fail in an unplanned way."""

from __future__ import annotations

import operator
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netlist.circuit import (
    Behavioural,
    Branch,
    Bundle,
    Circuit,
    CodeModel,
    Command,
    Comment,
    Conditional,
    Connection,
    Control,
    Coupling,
    Digital,
    Directive,
    Expression,
    Foreign,
    Function,
    Gate,
    Instance,
    Model,
    NumericalModel,
    Parameter,
    Params,
    Polynomial,
    Primitive,
    Raw,
    Section,
    Source,
    Statement,
    Subcircuit,
    Table,
    Transfer,
    Vector,
    Waveform,
)
from netlist.errors import NetlistError
from netlist.text.controlled import FORMS_OF_THEIR_OWN
from netlist.text.emitter import emit, emit_statements
from netlist.text.parser import parse, parse_library
from netlist.text.source import KEYWORDS
from netlist.text.unread import unread

ROOT = Path(__file__).parents[3]
DIALECT = ROOT / "tests" / "golden" / "dialect.cir"
CIRCUITS = Path(__file__).parents[3] / "circuits"

DECK = """\
title of the deck
* a comment
.model n1 nmos (level=1 vto=0.7 kp=50u)
.param w=1u half={w / 2}
.subckt cell a b params: w=1u
  M1 a g b 0 n1 w={w} l='2 * w'
  .subckt inner p
  R1 p 0 1k tc1=1m ; why
  .ends inner
  X1 a inner
.ends cell
V1 a 0 dc 1.8 PWL(0 0, 1u 1
+ 2u 0) r=0
V2 b 0 external
I1 b 0 SIN 0 1 1k
B1 c 0 V={w}*v(a,b) + 1
E1 d 0 a b 10
F1 e 0 V1 2
D1 d e dmod 2
S1 a b c d sw
X2 a b cell w = 2u
.ic v(a) = 0.5 v(b)={w + 1}
.save all @m.x2.m1[id] i(v1)
.include "some dir/file.cir"
.tran 1n 1u
.control
run
.endc
.end
"""

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_#.[]:-+/"
_names = st.text(_LETTERS + "@!<>|&^~", min_size=1, max_size=6).filter(
    lambda s: (
        "//" not in s
        and not s.lower().startswith("params:")
        and s.lower() not in FORMS_OF_THEIR_OWN
    )
)
_text = st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), max_size=20)
_numbers = st.floats(allow_nan=False, allow_infinity=False)
_expressions = st.lists(
    st.sampled_from(["a", "b*2", "(x + y)", "v(a,b)", "-", "{w}", "1e-6", "max(a, b)"]),
    min_size=1,
    max_size=40,
).map(lambda parts: Expression(" ".join(parts)))
_flags = st.sampled_from(["yes", "off", "nch", "3.3.0", '"a b"', "k*2"])
_items = st.one_of(_numbers, _expressions, st.sampled_from(["yes", "nch", '"a b"']))
_vectors = st.one_of(
    st.builds(
        Vector, st.lists(_items | st.just("<0 1>"), max_size=30).map(tuple), st.just(value=True)
    ),
    st.builds(Vector, st.lists(_numbers | _expressions, min_size=2, max_size=5).map(tuple)),
)
_values = st.one_of(_numbers, _expressions, _flags, _vectors)
_scalars = st.one_of(_numbers, _expressions)
_parameters = st.lists(st.builds(Parameter, _names, _values), max_size=8).map(tuple)
_identifiers = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,5}", fullmatch=True)
_assignments = st.lists(
    st.builds(Parameter, _identifiers, _numbers | _expressions | _identifiers | st.just('"a b"')),
    max_size=8,
).map(tuple)
# Where keywords may stand, options are those of the sources.
_options = st.lists(
    st.builds(Parameter, st.sampled_from(["r", "td", "TD"]), _scalars), max_size=2
).map(tuple)
_off = st.builds(Parameter, st.sampled_from(["off", "on", "thermal"]))
_with_flags = st.lists(st.builds(Parameter, _identifiers, _values) | _off, max_size=6).map(tuple)
_models = st.sampled_from(["nmos_a", "sw", "mod.1", "D1N4148"])
_two = st.tuples(_names, _names)
_four = st.tuples(_names, _names, _names, _names)


def _named(letters: str) -> st.SearchStrategy[str]:
    return st.builds(str.__add__, st.sampled_from(letters), _names)


def _waveforms() -> st.SearchStrategy[Waveform]:
    pairs = st.lists(st.tuples(_numbers, _numbers), max_size=40).map(
        lambda rows: tuple(x for row in rows for x in row)
    )
    lists = st.lists(_numbers, max_size=8).map(tuple)
    return st.one_of(
        st.builds(Waveform, st.just("PWL"), pairs, _options),
        st.builds(Waveform, st.sampled_from(["PULSE", "SIN", "EXP", "SFFM"]), lists, _options),
        st.just(Waveform("EXTERNAL", ())),
    )


_passives = st.one_of(
    st.builds(Primitive, _named("rRcClL"), _two, _scalars, parameters=_parameters),
    st.builds(
        Primitive, _named("rcl"), _two, st.none() | _scalars, _models, parameters=_parameters
    ),
)
_controlled = st.one_of(
    st.builds(Primitive, _named("eEgG"), _four, _scalars, parameters=_parameters),
    st.builds(
        Primitive, _named("fFhH"), _two, _scalars, control=_named("Vv"), parameters=_parameters
    ),
)
_semiconductors = st.one_of(
    st.builds(Primitive, _named("mMsS"), _four, model=_names, parameters=_parameters),
    st.builds(Primitive, _named("dD"), _two, st.none() | _scalars, _names, parameters=_parameters),
    st.builds(
        Primitive,
        _named("qQ"),
        st.lists(_names, min_size=3, max_size=5).map(tuple),
        st.none() | _scalars,
        _models,
        parameters=_with_flags,
    ),
    st.builds(
        Primitive,
        _named("mMpP"),
        st.lists(_names, min_size=3, max_size=9).map(tuple),
        model=_models,
        parameters=_with_flags,
    ),
    st.builds(
        Primitive,
        _named("jJzZ"),
        st.tuples(_names, _names, _names),
        st.none() | _scalars,
        _models,
        parameters=_with_flags,
    ),
    st.builds(Primitive, _named("tT"), _four, parameters=_parameters),
    st.builds(Primitive, _named("oOyY"), _four, model=_models, parameters=_parameters),
    st.builds(
        Primitive, _named("wW"), _two, model=_models, control=_named("vV"), parameters=_with_flags
    ),
)
_scalar_lists = st.lists(_scalars | _identifiers, min_size=1, max_size=6).map(tuple)
_functional = st.one_of(
    st.builds(
        Behavioural,
        _named("eEgG"),
        _two,
        st.sampled_from(["VALUE", "VOL", "CUR"]),
        _expressions,
        st.lists(st.builds(Parameter, _identifiers, _values), max_size=3).map(tuple),
    ),
    st.builds(Polynomial, _named("eG"), _two, _four, _scalar_lists),
    st.builds(Polynomial, _named("fH"), _two, st.tuples(_named("v")), _scalar_lists),
    st.builds(
        Table,
        _named("eg"),
        _two,
        _expressions,
        st.lists(st.tuples(_scalars, _scalars), min_size=1, max_size=20).map(tuple),
    ),
    st.builds(
        Gate,
        _named("eG"),
        _two,
        st.sampled_from(["AND", "NAND", "OR", "NOR"]),
        _four | _two,
        st.lists(st.tuples(_scalars, _scalars), min_size=1, max_size=3).map(tuple),
    ),
    st.builds(
        Transfer, _named("eG"), _two, st.just("LAPLACE"), _expressions, st.tuples(_expressions)
    ),
    st.builds(
        Transfer,
        _named("eG"),
        _two,
        st.just("FREQ"),
        _expressions,
        st.builds(
            operator.add,
            st.sampled_from([(), ("DB",), ("MAG", "RAD")]),
            st.lists(st.tuples(_scalars, _scalars, _scalars), min_size=1, max_size=2).map(
                lambda rows: tuple(x for row in rows for x in row)
            ),
        ),
    ),
    st.builds(
        Transfer,
        _named("eG"),
        _two,
        st.just("CHEBYSHEV"),
        _expressions,
        st.tuples(st.sampled_from(["LP", "BR"]), _scalars, _scalars),
    ),
    st.builds(
        Coupling, _named("kK"), st.lists(_names, min_size=2, max_size=4).map(tuple), _scalars
    ),
)
_nodes = st.from_regex(r"[a-z0-9_!.]{1,6}(\[[0-9]{1,2}\])?", fullmatch=True)
_connections = st.one_of(
    st.builds(Connection, st.tuples(_nodes), st.sampled_from(["v", "i", "vnam"]), st.booleans()),
    st.builds(Connection, st.tuples(_nodes, _nodes), st.sampled_from(["vd", "GD"]), st.booleans()),
)
_code_models = st.builds(
    CodeModel,
    _named("aA"),
    st.lists(
        st.one_of(
            _connections,
            st.builds(Connection, st.tuples(_nodes)),
            st.builds(Bundle, st.lists(_connections, max_size=5).map(tuple)),
            st.builds(
                Bundle,
                st.lists(st.builds(Connection, st.tuples(_nodes, _nodes)), max_size=3).map(tuple),
                st.just("vd"),
            ),
        ),
        min_size=1,
        max_size=6,
    ).map(tuple),
    _nodes,
    _parameters,
)
_digital = st.builds(
    Digital,
    _named("uU"),
    st.sampled_from(["NAND", "JKFF", "BUF"]),
    st.lists(st.integers(0, 9), max_size=2).map(tuple),
    st.lists(st.sampled_from(["a", "$D_HI", "io=1", "{x}"]), min_size=1).map(" ".join),
)
_words = st.sampled_from(
    ["v(a)", "v(a,b)", "@m.x1.m0[id]", "a=1", "v(a)={x + 1}", "'a + b'", '"x y"', "1n", "all"]
)
_leaves: st.SearchStrategy[Statement] = st.one_of(
    _passives,
    _controlled,
    _semiconductors,
    _functional,
    _code_models,
    _digital,
    st.builds(Source, _named("vViI"), _two, st.none() | _scalars, st.none() | _waveforms()),
    st.builds(
        Source,
        _named("vV"),
        _two,
        st.none() | _scalars | _identifiers.filter(lambda s: s.lower() not in KEYWORDS),
        st.none() | _waveforms(),
        *(st.none() | st.lists(_scalars, max_size=2).map(tuple) for _ in range(3)),
        st.lists(st.builds(Parameter, st.sampled_from(["portnum", "z0", "M"]), _scalars)).map(
            tuple
        ),
    ),
    st.builds(Function, _identifiers, st.lists(_identifiers).map(tuple), _expressions),
    st.builds(
        NumericalModel,
        _names,
        st.sampled_from(["numd", "NBJT"]),
        st.lists(st.sampled_from(["x.mesh loc=0 n=1", "title a b"]), min_size=1).map(tuple),
    ),
    st.builds(Behavioural, _named("bB"), _two, st.sampled_from("VIRPB"), _expressions),
    st.builds(
        Instance, _named("xX"), st.lists(_names, max_size=25).map(tuple), _names, _parameters
    ),
    st.builds(Model, _names, _names, _parameters),
    st.builds(Params, _assignments),
    st.builds(
        Directive,
        st.sampled_from(["tran", "save", "ic", "options", "measure", "lib"]),
        st.lists(_words, max_size=30).map(tuple),
    ),
    st.builds(
        Command,
        st.sampled_from(["osdi", "PRE_OSDI", ".pre_osdi", "codemodel"]),
        st.tuples(st.sampled_from(["./a.osdi", "a:b", "x"])),
    ),
    st.builds(
        Foreign,
        st.just("QSPICE"),
        st.lists(_names, min_size=1, max_size=6).map(lambda words: "Ã1 ¥ " + " ".join(words)),
    ),
    st.builds(
        Source,
        _named("iI"),
        _two,
        _scalars | st.just("load"),
        st.none() | _waveforms(),
        st.none() | st.lists(_scalars, max_size=2).map(tuple),
        parameters=st.lists(st.builds(Parameter, st.just("m"), _scalars), max_size=1).map(
            lambda rest: (*rest, Parameter("load"), *rest)
        ),
    ),
    st.builds(Comment, _text),
    st.sampled_from([Raw("#1 c b e mod"), Raw("0zap ; kept"), Control(".control\n run\n.endc")]),
)


def _blocks(inner: st.SearchStrategy[Statement]) -> st.SearchStrategy[Statement]:
    body = st.lists(inner, max_size=4).map(tuple)
    branches = st.lists(st.builds(Branch, _conditions, body), min_size=1, max_size=3).map(tuple)
    last = st.lists(st.builds(Branch, st.none(), body), max_size=1).map(tuple)
    return st.one_of(
        st.builds(Subcircuit, _names, st.lists(_names, max_size=6).map(tuple), _parameters, body),
        st.builds(Section, _names, body.filter(_no_sections)),
        st.builds(Conditional, st.builds(operator.add, branches, last)),
    )


_conditions = st.sampled_from(["a == 1", "(a) && (b)", "x > {y}", "1"]).map(Expression)


def _no_sections(body: tuple[Statement, ...]) -> bool:
    """The dialect has no section inside another, wherever it would stand."""
    keywords = ("lib", "endl")
    return not any(
        isinstance(s, Section) or getattr(s, "keyword", "") in keywords
        for s in Circuit("", body).statements()
    )


_statements = st.recursive(_leaves, _blocks, max_leaves=8)
_circuits = st.builds(
    Circuit,
    _text.filter(lambda s: not s.lower().startswith("*ng_script")),
    st.lists(_statements, max_size=6).map(tuple),
)


# hypothesis prints strategies of strategies; ours is one for every class of statement.
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(_circuits)
def test_what_is_emitted_reads_back_equal(circuit: Circuit) -> None:
    text = emit(circuit)
    read = parse(text)
    assert read == circuit
    assert emit(read) == text
    # No generated word is longer than 30 columns, so the wrapping rule can always hold.
    # a line is longer only where it is one unbreakable piece
    assert all(len(line) <= 100 or " " not in line.lstrip(" +") for line in text.split("\n"))


_edits = st.lists(
    st.tuples(
        st.integers(0, len(DECK)),
        st.integers(0, 6),
        st.text("abrvxmd019.+-*/$;,=(){}'\"@\n\t \x0c\xa0", max_size=4)
        | st.sampled_from(
            [".ends", ".end", "\n.subckt ", "\n+ ", "PWL(", "params:", "1e999", "\u017f"]
        ),
    ),
    min_size=1,
    max_size=4,
)


def _mutated(edits: list[tuple[int, int, str]]) -> str:
    text = DECK
    for start, length, insert in edits:
        text = text[:start] + insert + text[start + length :]
    return text


@settings(deadline=None, max_examples=300)
@given(_edits)
def test_mutated_text_raises_nothing_but_netlist_errors(edits: list[tuple[int, int, str]]) -> None:
    """And whatever still reads is either refused by the emitter or survives it."""
    try:
        circuit = parse(_mutated(edits))
        text = emit(circuit)
    except NetlistError:
        return
    assert parse(text) == circuit
    assert emit(parse(text)) == text


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=60))
def test_any_text_raises_nothing_but_netlist_errors(text: str) -> None:
    try:
        parse(text)
        parse_library(text)
    except NetlistError as error:
        assert error.where is not None


def test_the_deck_itself_round_trips() -> None:
    circuit = parse(DECK)
    assert parse(emit(circuit)) == circuit
    assert [type(s) for s in circuit.statements()].count(Raw) == 0


@pytest.mark.parametrize("path", sorted(CIRCUITS.rglob("*.cir")), ids=lambda p: p.name)
def test_every_shipped_file_reads_and_round_trips(path: Path) -> None:
    statements = parse_library(path.read_text(encoding="utf-8"), str(path))
    assert parse_library(emit_statements(statements)) == statements
    assert not any(isinstance(s, Raw) for s in Circuit("", statements).statements())


def test_every_statement_of_the_dialect_is_data() -> None:
    text = DIALECT.read_text(encoding="utf-8")
    circuit = parse(text, "dialect.cir")
    assert parse(emit(circuit)) == circuit
    (left,) = unread(circuit.body)
    line = text.count("\n", 0, text.index("0what no rule claims")) + 1
    assert str(left) == f"dialect.cir:{line}:1: kept raw: 0what no rule claims"


@pytest.mark.parametrize("seeds", [("0", "4242")])
def test_emitted_text_does_not_hang_on_the_hash_seed(seeds: tuple[str, str]) -> None:
    program = (
        "import sys; from netlist import parse, emit, parse_library, emit_statements\n"
        "for path in sys.argv[1:]:\n"
        "    text = open(path, encoding='utf-8').read()\n"
        "    sys.stdout.write(emit(parse(text)))\n"
        "    sys.stdout.write(emit_statements(parse_library(text)) if 'cells' in path else '')\n"
    )
    files = [str(DIALECT), *map(str, sorted(CIRCUITS.rglob("*.cir")))]
    first, second = (
        subprocess.run(
            [sys.executable, "-c", program, *files],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for seed in seeds
    )
    assert first == second
    assert len(first) > 10_000
