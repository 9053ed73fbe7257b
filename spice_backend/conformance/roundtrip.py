"""Does a deck mean the same to ngspice after we read it and wrote it again?

Every deck of a folder is parsed and emitted, and so is every file it includes; ngspice runs the
original and the emitted text in a private copy of the folder, twice each: once for what it prints
and the files it writes, once for its raw data. A deck whose two originals differ already (noise,
clocks) proves nothing and is named apart.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from queue import SimpleQueue

from netlist.circuit import Circuit, Statement
from netlist.errors import NetlistError
from netlist.reading import LIBRARY, read_text
from netlist.text.deckfile import DeckFile, Kind, find_decks
from netlist.text.emitter import emit, emit_statements
from netlist.text.includes import included, resolved
from netlist.text.parser import parse_library, survey, survey_library
from netlist.text.unread import unread
from spice_backend.conformance.printed import difference, plots_difference, results
from spice_backend.conformance.scratch import Ran, Scratch
from spice_backend.errors import SpiceError
from spice_backend.safety.guard import refusal
from spice_backend.waveforms.rawfile import Plot, read_plots

_ANALYSIS = frozenset(("tran", "ac", "dc", "op", "noise", "tf", "sens", "pz", "disto", "pss", "sp"))
_RAW = "joulearn-roundtrip.raw"


class Result(Enum):
    """What running a deck and its emitted text showed."""

    SAME = "same"
    DIFFERENT = "different"
    FAILS = "ngspice computes nothing of the original"
    TIMEOUT = "ngspice takes too long"
    RANDOM = "two runs of the original differ"
    UNTRUSTED = "not run: it holds commands or includes files"
    UNWRITTEN = "not run: it was not emitted"
    SKIPPED = "not run"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one file.

    Attributes:
        path: The file, relative to the folder.
        kind: Deck, library or script.
        unread: What was not understood of it, or why it was not parsed; empty when all was.
        result: What running it showed.
        reason: In a sentence, when that was not `Result.SAME`.
    """

    path: Path
    kind: Kind
    unread: str
    result: Result = Result.SKIPPED
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Simulated:
    """The results of one deck: two runs of it."""

    code: int | None
    said: str
    lines: tuple[str, ...]
    files: Mapping[str, bytes]
    plots: tuple[Plot, ...]


def spice_files(folder: Path) -> tuple[DeckFile, ...]:
    """The SPICE files of a folder.

    Args:
        folder: Any folder of decks.

    Returns:
        Decks, libraries and scripts, in order of path.

    Raises:
        SpiceError: When there is no such folder.
    """
    if not folder.is_dir():
        raise SpiceError("there is no such folder", str(folder), "name a folder of decks")
    return tuple(find_decks(folder))


def check_folder(
    folder: Path,
    files: Sequence[DeckFile] | None = None,
    *,
    trust: bool = False,
    simulate: bool = True,
    timeout_s: float = 60.0,
    jobs: int = 1,
) -> Iterator[Verdict]:
    """Parse, emit and run every deck of a folder.

    Args:
        folder: Any folder of decks.
        files: Its SPICE files, when they are known already.
        trust: Run decks that hold commands or include files, too.
        simulate: Run decks at all.
        timeout_s: Wall time for each run, seconds.
        jobs: Decks that run at a time, each in a copy of the folder of its own.

    Yields:
        A verdict for each SPICE file as soon as it is known: in order of path, unless several run
        at a time. To stop early leaves no process behind.

    Raises:
        SpiceError: When there is no such folder, or no ngspice.
    """
    files = spice_files(folder) if files is None else files
    if not simulate:
        yield from map(read_verdict, files)
        return
    with ExitStack() as stack:
        scratches = [stack.enter_context(Scratch(folder)) for _ in range(jobs)]
        free: SimpleQueue[Scratch] = SimpleQueue()
        for scratch in scratches:
            free.put(scratch)

        def judge(file: DeckFile) -> Verdict:
            verdict = read_verdict(file)
            if file.kind is not Kind.DECK:
                return verdict
            scratch = free.get()
            try:
                return _simulated(verdict, file, folder, scratch, trust, timeout_s)
            finally:
                free.put(scratch)

        yield from _as_they_end(judge, files, scratches)


def _as_they_end(
    judge: Callable[[DeckFile], Verdict], files: Sequence[DeckFile], scratches: Sequence[Scratch]
) -> Iterator[Verdict]:
    """Verdicts in the order in which they come; whoever stops listening stops the runs."""
    ended: SimpleQueue[Future[Verdict]] = SimpleQueue()
    with ThreadPoolExecutor(len(scratches), thread_name_prefix="roundtrip") as pool:
        try:
            for file in files:
                pool.submit(judge, file).add_done_callback(ended.put)
            for _ in files:
                yield ended.get().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            for scratch in scratches:
                scratch.stop()


def read_verdict(file: DeckFile) -> Verdict:
    """Parse one file and say what was not understood.

    Args:
        file: The file.

    Returns:
        Its verdict, not run.
    """
    if file.kind is Kind.SCRIPT:
        return Verdict(file.path, file.kind, "")
    name = str(file.path)
    body: tuple[Statement, ...]
    if file.kind is Kind.DECK:
        circuit, problems = survey(file.text, name)
        body = circuit.body
    else:
        body, problems = survey_library(file.text, name)
    if problems:
        return Verdict(file.path, file.kind, f"{problems[0].where}: {problems[0].message}")
    return Verdict(file.path, file.kind, str(next(unread(body), "")))


def _simulated(  # noqa: PLR0911 - a return for each way it can end
    verdict: Verdict, file: DeckFile, folder: Path, scratch: Scratch, trust: bool, timeout_s: float
) -> Verdict:
    try:
        # A line that is wrong stays as it is, and ngspice says what it thinks of it.
        circuit, _ = survey(file.text, str(file.path))
        texts = emitted(file, circuit, folder)
    except NetlistError as error:
        return replace(verdict, result=Result.UNWRITTEN, reason=f"{error.where}: {error.message}")
    untrusted = "" if trust else _untrusted(scratch.folder / file.path, circuit, texts)
    if untrusted:
        return replace(verdict, result=Result.UNTRUSTED, reason=f"{untrusted}; --trust runs it")
    analyses = _holds_analysis(circuit)
    original = simulated(scratch, file.path, {}, analyses, timeout_s)
    if original.code is None:
        return replace(verdict, result=Result.TIMEOUT, reason=f"no end after {timeout_s:g} s")
    if not _computed(original):
        reason = f"exit code {original.code}: {_complaint(original)}"
        return replace(verdict, result=Result.FAILS, reason=reason)
    again = simulated(scratch, file.path, texts, analyses, 2 * timeout_s)
    if again.code is None:
        reason = f"the emitted text ran over twice the {timeout_s:g} s that were enough before"
        return replace(verdict, result=Result.TIMEOUT, reason=reason)
    reason = compare(original, again)
    if not reason:
        return replace(verdict, result=Result.SAME)
    repeated = compare(original, simulated(scratch, file.path, {}, analyses, 2 * timeout_s))
    if repeated:
        return replace(verdict, result=Result.RANDOM, reason=repeated)
    return replace(verdict, result=Result.DIFFERENT, reason=reason)


def _untrusted(deck: Path, circuit: Circuit, texts: Mapping[Path, str]) -> str:
    """Why neither a deck, in the bytes that would run, nor its emitted texts are run."""
    if deck.is_symlink() or not deck.is_file():
        return "the deck is a link"
    reasons = (refusal(deck.read_bytes()), _includes(circuit), *map(refusal, texts.values()))
    return next(filter(None, reasons), "")


def _includes(circuit: Circuit) -> str:
    return next((f"the deck includes {name}" for name, _ in included(circuit.body)), "")


def _holds_analysis(circuit: Circuit) -> bool:
    return any(getattr(s, "keyword", "") in _ANALYSIS for s in circuit.statements())


def _computed(run: Simulated) -> bool:
    """Whether a run has a result: batch mode ends many in an error, at the first ``plot``."""
    rows = any(line.startswith("No. of Data Rows") for line in run.lines)
    return (
        run.code is not None
        and run.code >= 0
        and bool(not run.code or rows or run.plots or run.files)
    )


def _complaint(run: Simulated) -> str:
    lines = [line for line in run.said.split("\n") if "error" in line.lower()] or [run.said.strip()]
    return " ".join(lines[0].split())[:160]


def emitted(file: DeckFile, circuit: Circuit, folder: Path) -> dict[Path, str]:
    """The emitted text of a deck and of every file of the folder it includes.

    Args:
        file: The deck.
        circuit: What it was parsed to.
        folder: Where it stands.

    Returns:
        Texts by path relative to the folder; an included file that is not parsed is left out.

    Raises:
        NetlistError: When the deck is not emitted.
    """
    texts = {file.path: emit(circuit)}
    _emit_included(circuit.body, file.path.parent, folder, texts)
    return texts


def _emit_included(
    body: tuple[Statement, ...], at: Path, folder: Path, texts: dict[Path, str]
) -> None:
    for name, _ in included(body):
        path = Path(os.path.normpath(resolved(name, at)))
        outside = path.is_absolute() or ".." in path.parts or path in texts
        if outside or not (folder / path).is_file():
            continue
        try:
            inner = parse_library(read_text(folder / path, LIBRARY), str(path))
            texts[path] = emit_statements(inner)
        except NetlistError:
            continue
        _emit_included(inner, path.parent, folder, texts)


def simulated(
    scratch: Scratch, deck: Path, texts: Mapping[Path, str], analyses: bool, timeout_s: float
) -> Simulated:
    """Run a deck for its output, and once more for its raw data when it holds an analysis.

    Args:
        scratch: Where.
        deck: The deck, relative to the folder.
        texts: Files to replace.
        analyses: Whether to run for raw data.
        timeout_s: Wall time for each run, seconds.

    Returns:
        What came of it.
    """
    first = scratch.run(deck, texts, (), timeout_s)
    lines = tuple(results(first.printed, str(scratch.folder)))
    plots: tuple[Plot, ...] = ()
    code = first.code
    if analyses and first.code is not None:
        second = scratch.run(deck, texts, ("-r", _RAW), timeout_s)
        plots = _plots(second, str(deck.parent / _RAW))
        code = first.code if second.code is not None else None
    return Simulated(code, first.said, lines, first.written, plots)


def _plots(run: Ran, name: str) -> tuple[Plot, ...]:
    data = run.written.get(os.path.normpath(name))
    return _read_plots(data) if data else ()


def _read_plots(data: bytes) -> tuple[Plot, ...]:
    with tempfile.NamedTemporaryFile(suffix=".raw") as file:
        file.write(data)
        file.flush()
        try:
            return read_plots(Path(file.name))
        except SpiceError:
            return ()


def compare(first: Simulated, second: Simulated) -> str:
    """Where two results differ.

    Args:
        first: Of one deck.
        second: Of the other.

    Returns:
        In a sentence; empty when they do not.
    """
    if first.code != second.code:
        return f"exit code {first.code} became {second.code}: {_complaint(second)}"
    return (
        _prefixed("printed", difference(list(first.lines), list(second.lines)))
        or _prefixed("raw data", plots_difference(first.plots, second.plots))
        or _prefixed("files", _files_difference(first.files, second.files))
    )


def _prefixed(what: str, text: str) -> str:
    return f"{what}: {text}" if text else ""


def _files_difference(first: Mapping[str, bytes], second: Mapping[str, bytes]) -> str:
    if first.keys() != second.keys():
        only = sorted(first.keys() ^ second.keys())
        return f"{', '.join(only[:3])} on one side only"
    for name, data in first.items():
        if data == second[name]:
            continue
        if re.search(rb"^Plotname:", data[:2000], re.MULTILINE):
            found = plots_difference(_read_plots(data), _read_plots(second[name]))
        else:
            found = difference(_lines(data), _lines(second[name]))
        if found:
            return f"{name}: {found}"
    return ""


def _lines(data: bytes) -> list[str]:
    return list(results(data.decode("utf-8", "replace")))
