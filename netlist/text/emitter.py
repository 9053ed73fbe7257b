"""Writes statements as SPICE text: same circuit, same bytes, and the parser reads it back equal.

Small on purpose: every statement becomes a list of pieces, one rule wraps them, one formatter
writes numbers. What would read back as something else (a blank in a name, a line break in a title)
is refused, therefore no name taken from a design file can smuggle a line into a deck.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import takewhile

from netlist.circuit import (
    Behavioural,
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
    Value,
    Vector,
    Waveform,
)
from netlist.errors import NetlistError
from netlist.text import spelling
from netlist.text.card import NUMERICAL, PARAMETER_NAME, formula, split_trailing
from netlist.text.codemodel import DIFFERENTIAL
from netlist.text.controlled import FORMS_OF_THEIR_OWN, GATES, in_order
from netlist.text.device import FORMS, Form, arrange
from netlist.text.digital import read_digital
from netlist.text.foreign import is_command, is_qspice
from netlist.text.source import LOAD, PARAMETERS

_WIDTH = 100
_INDENT = "  "
_PORT = re.compile(r"[^\s,=(){}'\"\[\]~%]+(\[[^\s\[\]]*\])?")
_CONTROL = re.compile(
    r"\s*\.control[^\n]*\n(?:(?!\s*\.endc)[^\n]*\n)*\s*\.endc[^\n]*", re.IGNORECASE
)
_BRACKETED = frozenset(("ueff", "ugate", "ugff", "utgate", "udly", "uio", "upld", "uadc", "udac"))
_LETTERS = "".join(FORMS)


def emit(circuit: Circuit) -> str:
    """Write a whole deck: title, statements, ``.end``.

    Args:
        circuit: The deck.

    Returns:
        Text ending in a line break; ``parse(emit(circuit)) == circuit``.

    Raises:
        NetlistError: When a name or text would not read back as itself.
    """
    if "\n" in circuit.title or "\r" in circuit.title:
        raise spelling.unwritable(circuit.title, "a title is one line")
    if circuit.title.lower().startswith("*ng_script"):
        raise spelling.unwritable(
            circuit.title, "ngspice runs such a file as commands; change the title"
        )
    return f"{circuit.title}\n{emit_statements(circuit.body)}.end\n"


def emit_statements(statements: Iterable[Statement]) -> str:
    """Write statements alone, as a library file holds them: no title, no ``.end``.

    Args:
        statements: The statements, in order.

    Returns:
        Text ending in a line break, or nothing for no statements.

    Raises:
        NetlistError: When a name or text would not read back as itself.
    """
    return "".join(f"{line}\n" for line in _lines(statements, ""))


def is_writable(statement: Statement) -> bool:
    """Whether a statement can be written; what stands inside it is not looked at.

    Args:
        statement: Any statement.

    Returns:
        False when a name or text of it would not read back as itself.
    """
    try:
        match statement:
            case Subcircuit():
                pieces = _heading(statement)
            case NumericalModel():
                pieces = _numerical_model(statement, "")
            case Raw() | Control() | Comment() | Section() | Conditional():
                return True
            case _:
                pieces = _pieces(statement)
        deque(pieces, maxlen=0)
    except NetlistError:
        return False
    return True


def _lines(statements: Iterable[Statement], indent: str) -> Iterator[str]:
    for statement in statements:
        match statement:
            case Raw():
                yield statement.text
            case Control():
                yield _control(statement.text)
            case NumericalModel():
                yield from _numerical_model(statement, indent)
            case Comment():
                if "\n" in statement.text or "\r" in statement.text:
                    raise spelling.unwritable(statement.text, "use one Comment per line")
                yield f"{indent}*{statement.text}"
            case Subcircuit():
                yield from _wrap(_heading(statement), indent)
                yield from _lines(statement.body, indent + _INDENT)
                yield f"{indent}.ends {statement.name}"
            case Section():
                yield from _wrap(spelling.words(".lib", statement.name), indent)
                yield from _lines(statement.body, indent + _INDENT)
                yield f"{indent}.endl {statement.name}"
            case Conditional():
                yield from _conditional(statement, indent)
            case _:
                yield from _wrap(_pieces(statement), indent)


def _control(text: str) -> str:
    if not _CONTROL.fullmatch(text):
        raise spelling.unwritable(text, "a block is .control, its commands and one .endc, on lines")
    return text


def _numerical_model(model: NumericalModel, indent: str) -> Iterator[str]:
    """One line per card, however long: the simulator reads them so."""
    if model.kind.lower() not in NUMERICAL or not model.cards:
        raise spelling.unwritable(model.kind, f"its kind is one of {', '.join(sorted(NUMERICAL))}")
    for card in filter(None, model.cards):
        if " ".join(spelling.readable(card).split()) != card:
            raise spelling.unwritable(card, "give a card with single blanks")
    first, *others = model.cards
    if not all(others):
        raise spelling.unwritable(model.name, "leave empty cards out")
    yield indent + " ".join(
        filter(None, (*spelling.words(".model", model.name, model.kind), first))
    )
    yield from (f"{indent}+ {card}" for card in others)


def _conditional(conditional: Conditional, indent: str) -> Iterator[str]:
    if not conditional.branches:
        raise spelling.unwritable(".if", "give it a branch")
    for index, branch in enumerate(conditional.branches):
        if branch.condition is not None:
            keyword = ".elseif" if index else ".if"
            yield from _wrap(f"{keyword} ({_condition(branch.condition)})".split(), indent)
        elif index:
            yield f"{indent}.else"
        else:
            raise spelling.unwritable(".else", "the first branch has a condition")
        yield from _lines(branch.body, indent + _INDENT)
    yield f"{indent}.endif"


def _wrap(pieces: Iterable[str], indent: str) -> Iterator[str]:
    """Join pieces with blanks, breaking before the one that would pass column 100."""
    line: list[str] = []
    length = 0
    for piece in pieces:
        if line and length + 1 + len(piece) > _WIDTH:
            yield indent + " ".join(line)
            line, length = ["+"], len(indent) + 1
        length += len(piece) + 1 if line else len(indent) + len(piece)
        line.append(piece)
    yield indent + " ".join(line)


def _pieces(statement: Statement) -> Iterator[str]:  # noqa: C901, PLR0912 - a case per class
    match statement:
        case Primitive():
            yield from _primitive(statement)
        case Source():
            yield from _source(statement)
        case Behavioural():
            yield from _behavioural(statement)
        case Polynomial():
            yield from _polynomial(statement)
        case Table():
            yield from _table(statement)
        case Gate():
            yield from _gate(statement)
        case Transfer():
            yield from _transfer(statement)
        case Coupling():
            yield from _device(statement.name, "k", statement.inductors)
            yield from spelling.spelled(statement.value)
        case CodeModel():
            yield from _code_model(statement)
        case Digital():
            yield from _digital(statement)
        case Instance():
            yield from _device(statement.name, "x", statement.nodes)
            yield from spelling.words(statement.subcircuit)
            yield from spelling.parameters(statement.parameters)
        case Model():
            yield from _model(statement)
        case Params():
            yield from spelling.words(".param")
            yield from _params(statement)
        case Function():
            arguments = ",".join(spelling.words(*statement.arguments))
            yield from spelling.words(".func")
            yield from f"{spelling.one_word(statement.name)}({arguments})".split()
            yield from spelling.spelled(statement.expression)
        case Directive():
            yield from spelling.words(f".{statement.keyword}")
            yield from map(spelling.readable, statement.arguments)
        case Command():
            text = " ".join((statement.keyword, *statement.arguments))
            if not is_command(text):
                raise spelling.unwritable(text, "such a command is followed by one word")
            yield from map(spelling.readable, text.split())
        case Foreign():
            yield from _foreign(statement)


def _model(model: Model) -> Iterator[str]:
    """Brackets where ngspice needs them.

    PSpice's digital models are not read without, empty ones too; a model after another (AKO) loses
    its own parameters to the other's when neither has any.
    """
    if model.kind.lower() in NUMERICAL:
        raise spelling.unwritable(model.kind, "a model on a mesh is a NumericalModel")
    yield from spelling.words(".model", model.name, model.kind)
    parameters, after = model.parameters, model.kind.lower().startswith("ako:")
    if after and parameters and parameters[0].value is None:
        yield parameters[0].name  # the kind of both, which stands outside
        parameters = parameters[1:]
    if model.kind.lower() not in _BRACKETED and not after:
        yield from spelling.parameters(parameters)
        return
    *pieces, last = (*spelling.parameters(parameters),) or ("",)
    if pieces:
        yield f"({pieces[0]}"
        yield from pieces[1:]
        yield f"{last})"
    else:
        yield f"({last})"


def _params(params: Params) -> Iterator[str]:
    for parameter in params.parameters:
        value = parameter.value
        if not PARAMETER_NAME.fullmatch(parameter.name) or value is None:
            raise spelling.unwritable(parameter.name, "a parameter has a plain name, and a value")
        if isinstance(value, Vector) or (isinstance(value, str) and formula(value or "0") != value):
            raise spelling.unwritable(
                str(value), "its value is a number, a name, a text or an Expression"
            )
    yield from spelling.parameters(params.parameters)


def _heading(subcircuit: Subcircuit) -> Iterator[str]:
    yield from spelling.words(".subckt", subcircuit.name, *subcircuit.ports)
    yield from spelling.parameters(subcircuit.parameters)


def _primitive(primitive: Primitive) -> Iterator[str]:
    """A diode's area stands after its model, a resistor's ohms before."""
    yield from _device(primitive.name, _LETTERS, primitive.nodes)
    form = FORMS[primitive.name[0].lower()]
    value = () if primitive.value is None else tuple(spelling.spelled(primitive.value))
    model = (primitive.model,) if primitive.model is not None else ()
    yield from spelling.words(*filter(None, (primitive.control,)))
    yield from spelling.words(*model) if "model" in form.required else value
    yield from value if "model" in form.required else spelling.words(*model)
    _check_arrangement(primitive, form)
    yield from spelling.parameters(primitive.parameters)


def _check_arrangement(primitive: Primitive, form: Form) -> None:
    """Refuse what would be told apart differently, such as a model that is a number."""
    third = (*primitive.nodes, primitive.control or "", "", "")[2]
    if primitive.name[0] in "eEfFgGhH" and third.lower() in FORMS_OF_THEIR_OWN:
        raise spelling.unwritable(third, "it would begin another form of this source")
    flags = tuple(p.name for p in takewhile(lambda p: p.value is None, primitive.parameters))
    value = primitive.value if isinstance(primitive.value, str) else "0"
    value = "{}" if isinstance(primitive.value, Expression) else value
    values = () if primitive.value is None else (value,)
    models = () if primitive.model is None else (primitive.model,)
    controls = () if primitive.control is None else (primitive.control,)
    order = (*models, *values) if "model" in form.required else (*values, *models)
    found = arrange(form, (*primitive.nodes, *controls, *order, *flags))
    if (tuple(found.nodes), found.control, found.value, found.model, tuple(found.flags)) != (
        primitive.nodes,
        primitive.control,
        values[0] if values else None,
        primitive.model,
        flags,
    ):
        text = " ".join((primitive.name, *primitive.nodes, *controls, *order, *flags))
        raise spelling.unwritable(
            text, "its nodes, model, area and flags would be told apart differently"
        )


def _source(source: Source) -> Iterator[str]:
    yield from _device(source.name, "vi", source.nodes)
    if source.dc is not None:
        yield "dc"
        yield from spelling.positional(source.dc)
    for name, signal in (
        ("ac", source.ac),
        ("distof1", source.distof1),
        ("distof2", source.distof2),
    ):
        if signal is not None:
            yield name
            for value in signal:
                yield from spelling.positional(value)
    if source.waveform is not None:
        yield from _waveform(source.waveform)
        for parameter in source.parameters:
            if parameter.name.lower() not in PARAMETERS | {LOAD}:
                raise spelling.unwritable(
                    parameter.name, "it would be an option of the function of time"
                )
    _check_load(source)
    yield from spelling.parameters(source.parameters)


def _check_load(source: Source) -> None:
    """LTspice's flag comes once, after a value; a small signal's last word is not it."""
    bare = [p.name for p in source.parameters if p.value is None]
    if bare and (len(bare) > 1 or bare[0].lower() != LOAD):
        raise spelling.unwritable(" ".join(bare), "a source takes one bare word, load")
    signals = [s for s in (source.ac, source.distof1, source.distof2) if s is not None]
    flagged = bool(source.parameters) and source.parameters[0].value is None
    if flagged and source.dc is None and source.waveform is None and not signals:
        raise spelling.unwritable(LOAD, "it would be the constant")
    last = signals[-1][-1:] if signals and source.waveform is None and not flagged else ()
    if last and str(last[0]).lower() == LOAD:
        raise spelling.unwritable(LOAD, "it would be the flag of LTspice")


def _waveform(waveform: Waveform) -> Iterator[str]:
    if waveform.kind == "EXTERNAL":
        yield "external"
        return
    (kind,) = spelling.words(waveform.kind)
    if not waveform.arguments and waveform.options:
        yield kind
        yield from spelling.parameters(waveform.options)
        return
    before, last = f"{kind}(", None
    for argument in waveform.arguments:
        for piece in spelling.positional(argument):
            if last is not None:
                yield last
            last, before = before + piece, ""
    yield (before if last is None else last) + ")"
    yield from spelling.parameters(waveform.options)


def _behavioural(source: Behavioural) -> Iterator[str]:
    of_b = source.name[:1] in ("b", "B")
    yield from _device(source.name, "befgh", source.nodes)
    if source.quantity not in (tuple("VIRPB") if of_b else ("VALUE", "VOL", "CUR")):
        raise spelling.unwritable(
            source.quantity, "a B source gives V, I, R, P or B, others VALUE, VOL or CUR"
        )
    if of_b:
        text = spelling.readable(source.expression.text)
        if split_trailing(text)[1] or (text[0] == text[-1] == "'"):
            raise spelling.unwritable(text, "give its parameters apart, and leave the quotes out")
        yield from f"{source.quantity}={text}".split()
    else:
        yield from spelling.parameters((Parameter(source.quantity, source.expression),))
    yield from spelling.parameters(source.parameters)


def _polynomial(source: Polynomial) -> Iterator[str]:
    yield from _device(source.name, "efgh", source.nodes)
    each = 2 if source.name[0] in "eEgG" else 1
    if not source.controls or len(source.controls) % each or not source.coefficients:
        raise spelling.unwritable(
            source.name, "POLY takes controls, two each for E and G, and numbers"
        )
    yield f"POLY({len(source.controls) // each})"
    yield from spelling.words(*source.controls)
    for value in source.coefficients:
        yield from spelling.positional(value)
    yield from spelling.parameters(source.parameters)


def _table(source: Table) -> Iterator[str]:
    yield from _device(source.name, "eg", source.nodes)
    if not source.points:
        raise spelling.unwritable(source.name, "TABLE takes at least one point")
    yield "TABLE"
    yield from spelling.spelled(source.expression)
    yield "="
    yield from _bracketed(source.points)


def _bracketed(points: Iterable[tuple[Value, ...]]) -> Iterator[str]:
    for point in points:
        yield from f"({','.join(' '.join(spelling.positional(value)) for value in point)})".split()


def _gate(gate: Gate) -> Iterator[str]:
    yield from _device(gate.name, "eg", gate.nodes)
    if gate.kind not in map(str.upper, GATES):
        raise spelling.unwritable(gate.kind, "its kind is AND, NAND, OR or NOR")
    if not gate.controls or len(gate.controls) % 2 or not gate.points:
        raise spelling.unwritable(gate.name, "a gate takes two nodes an input, and points")
    yield f"{gate.kind}({len(gate.controls) // 2})"
    yield from spelling.words(*gate.controls)
    yield from _bracketed(gate.points)


def _transfer(source: Transfer) -> Iterator[str]:
    yield from _device(source.name, "eg", source.nodes)
    pieces = [" ".join(spelling.positional(value)) for value in source.arguments]
    if source.kind not in ("LAPLACE", "FREQ", "CHEBYSHEV") or not in_order(source.kind, pieces):
        raise spelling.unwritable(
            source.name, "LAPLACE takes an expression, FREQ triples, CHEBYSHEV words"
        )
    yield source.kind
    yield from spelling.spelled(source.expression)
    yield "="
    names = [value for value in source.arguments if isinstance(value, str)]
    numbers = source.arguments[len(names) :] if source.kind == "FREQ" else ()
    yield from " ".join(pieces[: len(pieces) - len(numbers)]).split()
    yield from _bracketed(zip(*[iter(numbers)] * 3, strict=True))


def _digital(digital: Digital) -> Iterator[str]:
    yield from _device(digital.name, "u", ())
    sizes = f"({','.join(map(str, digital.sizes))})" if digital.sizes else ""
    text = " ".join((f"{digital.kind}{sizes}", spelling.readable(digital.text)))
    if read_digital(text) != (digital.kind.upper(), digital.sizes, digital.text):
        raise spelling.unwritable(
            text, "its kind is one of PSpice's, and its text is of single blanks"
        )
    yield from text.split()


def _foreign(device: Foreign) -> Iterator[str]:
    text = spelling.readable(device.text)
    words = text.split()
    if device.dialect != "QSPICE" or not is_qspice(text) or " ".join(words) != text:
        raise spelling.unwritable(
            text, "a QSPICE device begins with its character, and has single blanks"
        )
    yield from words


def _code_model(instance: CodeModel) -> Iterator[str]:
    (name,) = spelling.words(instance.name)
    if name[0] not in "aA":
        raise spelling.unwritable(name, "the name of this device begins with A")
    if not instance.ports:
        raise spelling.unwritable(name, "a code model has ports")
    yield name
    for port in instance.ports:
        if isinstance(port, Connection):
            yield _connection(port, port.kind)
            continue
        if port.kind:
            yield f"%{_port_word(port.kind)}"
        yield "["
        kind = port.kind
        for connection in port.connections:
            kind = connection.kind or kind
            yield _connection(connection, kind)
        yield "]"
    yield _port_word(instance.model)
    yield from spelling.parameters(instance.parameters)


def _connection(connection: Connection, kind: str) -> str:
    """A node with its kind; `kind` is the one in force where none is given."""
    nodes = [_port_word(node) for node in connection.nodes]
    pair = kind.lower() in DIFFERENTIAL and nodes[:1] != ["null"]
    if len(nodes) != 1 + pair:
        raise spelling.unwritable(
            " ".join(nodes), "a port is one node, or two of a differential kind"
        )
    mark = f"%{_port_word(connection.kind)}" if connection.kind else ""
    inverted = "~" * connection.inverted
    between = " " if mark and not pair else ""
    return f"{mark}{between}{inverted}" + (f"({','.join(nodes)})" if pair else nodes[0])


def _port_word(word: str) -> str:
    if not _PORT.fullmatch(word):
        raise spelling.unwritable(word, "a code model's name or node has no brackets, ~ or %")
    return spelling.readable(word)


def _condition(expression: Expression) -> str:
    text = spelling.readable(expression.text)
    if text.count("(") != text.count(")") or text.count("{") != text.count("}"):
        raise spelling.unwritable(text, "close its brackets")
    return text


def _device(name: str, letters: str, nodes: Iterable[str]) -> Iterator[str]:
    if name[:1].lower() not in letters:
        raise spelling.unwritable(
            name, f"the name of this device begins with one of {letters.upper()}"
        )
    yield from spelling.words(name, *nodes)
