"""Writes statements as SPICE text: same circuit, same bytes, and the parser reads it back equal.

Small on purpose: every statement becomes a list of pieces, one rule wraps them, one formatter
writes numbers. What would read back as something else (a blank in a name, a line break in a title)
is refused, therefore no name taken from a design file can smuggle a line into a deck.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile

from netlist.card import NUMERICAL, PARAMETER_NAME, formula, split_trailing
from netlist.circuit import (
    Behavioural,
    Circuit,
    CodeModel,
    Comment,
    Conditional,
    Connection,
    Control,
    Coupling,
    Digital,
    Directive,
    Expression,
    Function,
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
    Value,
    Vector,
    Waveform,
)
from netlist.codemodel import DIFFERENTIAL
from netlist.device import FORMS, Form, arrange
from netlist.digital import read_digital
from netlist.errors import NetlistError
from netlist.line import INLINE_COMMENT
from netlist.number import format_number
from netlist.shape import OPTIONAL, scalar
from netlist.source import PARAMETERS

_WIDTH = 100
_INDENT = "  "
_WORD = re.compile(r"[^\s,=(){}'\"]+")
_BRACED = re.compile(r"\{([^{}]|\{([^{}]|\{[^{}]*\})*\})*\}")
_GROUP = r"\(([^()]|\(([^()]|\([^()]*\))*\))*\)"
_VALUE = re.compile(rf"(?!\[.*\])([^\s,=(){{}}'\"]|\"[^\"]*\"|'[^']*'|{_GROUP}|{_BRACED.pattern})+")
_ITEM = re.compile(r"[^\s,=(){}'\"\[\]<>]+|\"[^\"]*\"|<[^<>]*>")
_PORT = re.compile(r"[^\s,=(){}'\"\[\]~%]+(\[[^\s\[\]]*\])?")
_NUMERIC = re.compile(r"[+-]?\.?[0-9]")
_CONTROL = re.compile(
    r"\s*\.control[^\n]*\n(?:(?!\s*\.endc)[^\n]*\n)*\s*\.endc[^\n]*", re.IGNORECASE
)
_BRACKETED = frozenset(("ueff", "ugate", "ugff", "utgate", "udly", "uio", "upld", "uadc", "udac"))
_LETTERS = "".join(FORMS)
_BREAK_OR_COMMENT = re.compile(rf"[\r\n]|{INLINE_COMMENT.pattern}")


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
        raise _unwritable(circuit.title, "a title is one line")
    if circuit.title.lower().startswith("*ng_script"):
        raise _unwritable(circuit.title, "ngspice runs such a file as commands; change the title")
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
                    raise _unwritable(statement.text, "use one Comment per line")
                yield f"{indent}*{statement.text}"
            case Subcircuit():
                yield from _wrap(_heading(statement), indent)
                yield from _lines(statement.body, indent + _INDENT)
                yield f"{indent}.ends {statement.name}"
            case Section():
                yield from _wrap(_words(".lib", statement.name), indent)
                yield from _lines(statement.body, indent + _INDENT)
                yield f"{indent}.endl {statement.name}"
            case Conditional():
                yield from _conditional(statement, indent)
            case _:
                yield from _wrap(_pieces(statement), indent)


def _control(text: str) -> str:
    if not _CONTROL.fullmatch(text):
        raise _unwritable(text, "a block is .control, its commands and one .endc, on lines")
    return text


def _numerical_model(model: NumericalModel, indent: str) -> Iterator[str]:
    """One line per card, however long: the simulator reads them so."""
    if model.kind.lower() not in NUMERICAL or not model.cards:
        raise _unwritable(model.kind, f"its kind is one of {', '.join(sorted(NUMERICAL))}")
    for card in filter(None, model.cards):
        if " ".join(_readable(card).split()) != card:
            raise _unwritable(card, "give a card with single blanks")
    first, *others = model.cards
    if not all(others):
        raise _unwritable(model.name, "leave empty cards out")
    yield indent + " ".join(filter(None, (*_words(".model", model.name, model.kind), first)))
    yield from (f"{indent}+ {card}" for card in others)


def _conditional(conditional: Conditional, indent: str) -> Iterator[str]:
    if not conditional.branches:
        raise _unwritable(".if", "give it a branch")
    for index, branch in enumerate(conditional.branches):
        if branch.condition is not None:
            keyword = ".elseif" if index else ".if"
            yield from _wrap(f"{keyword} ({_condition(branch.condition)})".split(), indent)
        elif index:
            yield f"{indent}.else"
        else:
            raise _unwritable(".else", "the first branch has a condition")
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


def _pieces(  # noqa: C901, PLR0912 - a case per class
    statement: Primitive
    | Source
    | Behavioural
    | Polynomial
    | Table
    | Coupling
    | CodeModel
    | Digital
    | Instance
    | Model
    | Params
    | Function
    | Directive,
) -> Iterator[str]:
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
        case Coupling():
            yield from _device(statement.name, "k", statement.inductors)
            yield from _value(statement.value)
        case CodeModel():
            yield from _code_model(statement)
        case Digital():
            yield from _digital(statement)
        case Instance():
            yield from _device(statement.name, "x", statement.nodes)
            yield from _words(statement.subcircuit)
            yield from _parameters(statement.parameters)
        case Model():
            yield from _model(statement)
        case Params():
            yield from _words(".param")
            yield from _params(statement)
        case Function():
            arguments = ",".join(_words(*statement.arguments))
            yield from _words(".func")
            yield from f"{_name(statement.name)}({arguments})".split()
            yield from _value(statement.expression)
        case Directive():
            yield from _words(f".{statement.keyword}")
            yield from map(_readable, statement.arguments)


def _model(model: Model) -> Iterator[str]:
    """Brackets where ngspice needs them.

    PSpice's digital models are not read without, empty ones too; a model after another (AKO) loses
    its own parameters to the other's when neither has any.
    """
    yield from _words(".model", model.name, model.kind)
    parameters, after = model.parameters, model.kind.lower().startswith("ako:")
    if after and parameters and parameters[0].value is None:
        yield parameters[0].name  # the kind of both, which stands outside
        parameters = parameters[1:]
    if model.kind.lower() not in _BRACKETED and not after:
        yield from _parameters(parameters)
        return
    *pieces, last = (*_parameters(parameters),) or ("",)
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
            raise _unwritable(parameter.name, "a parameter has a plain name, and a value")
        if isinstance(value, Vector) or (isinstance(value, str) and formula(value or "0") != value):
            raise _unwritable(str(value), "its value is a number, a name, a text or an Expression")
    yield from _parameters(params.parameters)


def _heading(subcircuit: Subcircuit) -> Iterator[str]:
    yield from _words(".subckt", subcircuit.name, *subcircuit.ports)
    yield from _parameters(subcircuit.parameters)


def _primitive(primitive: Primitive) -> Iterator[str]:
    """A diode's area stands after its model, a resistor's ohms before."""
    yield from _device(primitive.name, _LETTERS, primitive.nodes)
    form = FORMS[primitive.name[0].lower()]
    value = () if primitive.value is None else tuple(_value(primitive.value))
    model = (primitive.model,) if primitive.model is not None else ()
    yield from _words(*filter(None, (primitive.control,)))
    yield from _words(*model) if "model" in form.required else value
    yield from value if "model" in form.required else _words(*model)
    _check_arrangement(primitive, form)
    yield from _parameters(primitive.parameters)


def _check_arrangement(primitive: Primitive, form: Form) -> None:
    """Refuse what would be told apart differently, such as a model that is a number."""
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
        raise _unwritable(text, "its nodes, model, area and flags would be told apart differently")


def _source(source: Source) -> Iterator[str]:
    yield from _device(source.name, "vi", source.nodes)
    if source.dc is not None:
        yield "dc"
        yield from _positional(source.dc)
    for name, signal in (
        ("ac", source.ac),
        ("distof1", source.distof1),
        ("distof2", source.distof2),
    ):
        if signal is not None:
            yield name
            for value in signal:
                yield from _positional(value)
    if source.waveform is not None:
        yield from _waveform(source.waveform)
        for parameter in source.parameters:
            if parameter.name.lower() not in PARAMETERS:
                raise _unwritable(parameter.name, "it would be an option of the function of time")
    yield from _parameters(source.parameters)


def _waveform(waveform: Waveform) -> Iterator[str]:
    if waveform.kind == "EXTERNAL":
        yield "external"
        return
    (kind,) = _words(waveform.kind)
    if not waveform.arguments and waveform.options:
        yield kind
        yield from _parameters(waveform.options)
        return
    before, last = f"{kind}(", None
    for argument in waveform.arguments:
        for piece in _positional(argument):
            if last is not None:
                yield last
            last, before = before + piece, ""
    yield (before if last is None else last) + ")"
    yield from _parameters(waveform.options)


def _behavioural(source: Behavioural) -> Iterator[str]:
    of_b = source.name[:1] in ("b", "B")
    yield from _device(source.name, "befgh", source.nodes)
    if source.quantity not in (("V", "I") if of_b else ("VALUE", "VOL", "CUR")):
        raise _unwritable(source.quantity, "a B source gives V or I, others VALUE, VOL or CUR")
    if of_b:
        text = _readable(source.expression.text)
        if split_trailing(text)[1] or (text[0] == text[-1] == "'"):
            raise _unwritable(text, "give its parameters apart, and leave the quotes out")
        yield from f"{source.quantity}={text}".split()
    else:
        yield from _parameters((Parameter(source.quantity, source.expression),))
    yield from _parameters(source.parameters)


def _polynomial(source: Polynomial) -> Iterator[str]:
    yield from _device(source.name, "efgh", source.nodes)
    each = 2 if source.name[0] in "eEgG" else 1
    if not source.controls or len(source.controls) % each or not source.coefficients:
        raise _unwritable(source.name, "POLY takes controls, two each for E and G, and numbers")
    yield f"POLY({len(source.controls) // each})"
    yield from _words(*source.controls)
    for value in source.coefficients:
        yield from _positional(value)
    yield from _parameters(source.parameters)


def _table(source: Table) -> Iterator[str]:
    yield from _device(source.name, "eg", source.nodes)
    if not source.points:
        raise _unwritable(source.name, "TABLE takes at least one point")
    yield "TABLE"
    yield from _value(source.expression)
    yield "="
    for point in source.points:
        x, y = (" ".join(_positional(value)) for value in point)
        yield from f"({x},{y})".split()


def _digital(digital: Digital) -> Iterator[str]:
    yield from _device(digital.name, "u", ())
    sizes = f"({','.join(map(str, digital.sizes))})" if digital.sizes else ""
    text = " ".join((f"{digital.kind}{sizes}", _readable(digital.text)))
    if read_digital(text) != (digital.kind.upper(), digital.sizes, digital.text):
        raise _unwritable(text, "its kind is one of PSpice's, and its text is of single blanks")
    yield from text.split()


def _code_model(instance: CodeModel) -> Iterator[str]:
    (name,) = _words(instance.name)
    if name[0] not in "aA":
        raise _unwritable(name, "the name of this device begins with A")
    if not instance.ports:
        raise _unwritable(name, "a code model has ports")
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
    yield from _parameters(instance.parameters)


def _connection(connection: Connection, kind: str) -> str:
    """A node with its kind; `kind` is the one in force where none is given."""
    nodes = [_port_word(node) for node in connection.nodes]
    pair = kind.lower() in DIFFERENTIAL and nodes[:1] != ["null"]
    if len(nodes) != 1 + pair:
        raise _unwritable(" ".join(nodes), "a port is one node, or two of a differential kind")
    mark = f"%{_port_word(connection.kind)}" if connection.kind else ""
    inverted = "~" * connection.inverted
    between = " " if mark and not pair else ""
    return f"{mark}{between}{inverted}" + (f"({','.join(nodes)})" if pair else nodes[0])


def _port_word(word: str) -> str:
    if not _PORT.fullmatch(word):
        raise _unwritable(word, "a code model's name or node has no brackets, ~ or %")
    return _readable(word)


def _parameters(parameters: Iterable[Parameter]) -> Iterator[str]:
    before: Parameter | None = None
    optional = False
    for parameter in parameters:
        name = _name(parameter.name)
        optional = optional or name.lower() == OPTIONAL
        if parameter.value is None:
            if name.lower() == "params:" and not optional:
                raise _unwritable(name, "it marks where parameters begin")
            if before is not None and before.value is not None and _NUMERIC.match(name):
                raise _unwritable(name, "a number after a parameter belongs to its value")
            yield name
        else:
            yield from _assignment(name, parameter.value)
        before = parameter


def _assignment(name: str, value: Value) -> Iterator[str]:
    pieces = _vector(value) if isinstance(value, Vector) else _parameter_value(name, value)
    first, *rest = pieces
    yield f"{name}={first}"
    yield from rest


def _parameter_value(name: str, value: float | Expression | str) -> Iterator[str]:
    is_version = name.lower() == "version"
    if is_version and not isinstance(value, str):
        raise _unwritable(f"version={value}", "a version is a text, for 3.30 is not 3.3")
    if isinstance(value, str) and not is_version:
        _check_word(value)
    yield from _value(value)


def _check_word(text: str) -> None:
    if scalar(text or "0") != text:
        raise _unwritable(text, "it would be read as a number or an expression; give it as one")


def _vector(vector: Vector) -> Iterator[str]:
    for item in vector.items:
        if isinstance(item, str):
            _check_word(item)
    if vector.brackets:
        yield "["
        for item in vector.items:
            yield from _item(item)
        yield "]"
        return
    if len(vector.items) < 2:  # noqa: PLR2004 - fewer are no list
        raise _unwritable(str(vector.items), "a list without brackets has two items or more")
    *items, last = vector.items
    for item in items:
        *pieces, end = _positional(item)
        yield from pieces
        yield end + ","
    yield from _positional(last)


def _item(item: float | Expression | str) -> Iterator[str]:
    if isinstance(item, str) and not _ITEM.fullmatch(item):
        raise _unwritable(item, "an item in brackets is a number, a word, a text or <a, b>")
    yield from (item,) if isinstance(item, str) else _value(item)


def _positional(value: Value) -> Iterator[str]:
    """A value that stands alone: a word must not look like a number."""
    if isinstance(value, Vector):
        raise _unwritable(str(value), "a list has a name")
    if isinstance(value, str):
        _check_word(value)
        if value[:1] != '"':
            yield from _words(value)
            return
    yield from _value(value)


def _value(value: Value) -> Iterator[str]:
    """One piece; an expression is one per blank, so that a long one wraps."""
    if isinstance(value, Vector):
        yield from _vector(value)
    elif isinstance(value, Expression):
        text = f"{{{_readable(value.text)}}}"
        if not _BRACED.fullmatch(text):
            raise _unwritable(value.text, "close its braces, and nest them at most twice")
        yield from text.split()
    elif isinstance(value, str):
        if not _VALUE.fullmatch(value):
            raise _unwritable(
                value, "a value is one word; text the simulator evaluates is an Expression"
            )
        yield _readable(value)
    else:
        yield format_number(value)


def _condition(expression: Expression) -> str:
    text = _readable(expression.text)
    if text.count("(") != text.count(")") or text.count("{") != text.count("}"):
        raise _unwritable(text, "close its brackets")
    return text


def _name(name: str) -> str:
    (word,) = _words(name)
    return word


def _device(name: str, letters: str, nodes: Iterable[str]) -> Iterator[str]:
    if name[:1].lower() not in letters:
        raise _unwritable(name, f"the name of this device begins with one of {letters.upper()}")
    yield from _words(name, *nodes)


def _words(*words: str) -> Iterator[str]:
    for word in words:
        if not _WORD.fullmatch(word):
            raise _unwritable(word, "a name has no blanks, commas, brackets, quotes or =")
        yield _readable(word)


def _readable(text: str) -> str:
    """The text, unless it breaks the line or holds what ngspice takes for a comment."""
    if not text or _BREAK_OR_COMMENT.search(text):
        raise _unwritable(text, "it is empty, breaks the line or begins a comment (; // $)")
    return text


def _unwritable(text: str, hint: str) -> NetlistError:
    return NetlistError(f"{text!r} cannot stand in a deck", hint=hint)
