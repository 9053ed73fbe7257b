"""What a run's folder carries along: its design, and copies of the user's files that it names.

A design that names ``/home/me/mine.csv`` is of no use on another machine, and of little use here
once that file has been edited. So the table, the network, the cells and the process that are a
user's own are copied beside the run, and the design in the folder names the copies.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from learning.design.same import require_same
from learning.design.whole import Design
from learning.design.written import NamedFile, as_toml, named_files, with_files
from learning.errors import LearningError, of_netlist
from learning.experiment.experiment import Experiment
from learning.running.folder import RunFolder
from learning.writing import make_own_folder, write_bytes
from netlist.errors import NetlistError
from netlist.reading import LIBRARY, read_bytes


@dataclass(frozen=True, slots=True)
class Copy:
    """A file of the user's, and where its copy goes."""

    file: NamedFile
    to: Path

    @property
    def there(self) -> bool:
        """Whether the file itself lies there."""
        return self.to.exists() and self.file.path.samefile(self.to)


@dataclass(frozen=True, slots=True)
class Carried:
    """A design as it reads in the folder of its run.

    Attributes:
        asked: The design as it was given, naming the user's files where they are.
        design: The same, naming the copies.
        text: As it stands in the folder, naming the copies from there.
        copies: Every copy; a process's models keep their place beside its file.
    """

    asked: Design
    design: Design
    text: str
    copies: tuple[Copy, ...]


def carry(experiment: Experiment, run: RunFolder, begun_with: str = "") -> Carried:
    """Put a design and the user's files that it names into the folder of its run.

    Args:
        experiment: What is run.
        run: Its folder.
        begun_with: The design that the run was begun with, as text; empty when it is new.

    Returns:
        The design that names the copies.

    Raises:
        LearningError: When a file cannot be read, or the run was begun with another design or with
            other files; nothing has been written then.
        StorageError: When something cannot be written.
    """
    there = carried(experiment, run)
    contents = [
        (copy.to, _content(copy, going_on=bool(begun_with)))
        for copy in there.copies
        if not copy.there
    ]
    if begun_with:
        require_same(begun_with, there.text, (there.design, there.asked), run.design)
    for to, content in (*contents, (run.design, there.text.encode())):
        make_own_folder(to.parent, run.path if to == run.design else run.path.resolve())
        write_bytes(to, content)
    return there


def carried(experiment: Experiment, run: RunFolder) -> Carried:
    """What a run's folder is to carry along; nothing is copied.

    Args:
        experiment: What is run: its design, and the models that its process was read with.
        run: Its folder.

    Returns:
        The design that names the copies, and where each comes from.
    """
    design = experiment.design
    top, models = run.path.resolve(), experiment.process.models
    copies = list[Copy]()
    for file in named_files(design):
        place = RunFolder(top).files.joinpath(*file.key[:2])
        if file.key == ("process",):
            if not models.is_relative_to(file.path.parent) or ".." in models.parts:
                continue  # models elsewhere on this machine: the process stays where it is
            beside = NamedFile(file.key, models, LIBRARY)
            copies.append(Copy(beside, place / models.relative_to(file.path.parent)))
        copies.append(Copy(file, place / file.path.name))
    # A process's own file comes after its models: it is the one that a design names.
    places = {copy.file.key: copy.to for copy in copies}
    told = with_files(design, {key: to.relative_to(top) for key, to in places.items()})
    return Carried(design, with_files(design, places), as_toml(told), tuple(copies))


def _content(copy: Copy, *, going_on: bool) -> bytes:
    """What is to be copied; of a run that goes on, what has been."""
    file = copy.file
    try:
        content = read_bytes(file.path, file.kind)
        same = not (going_on and copy.to.is_file()) or content == read_bytes(copy.to, file.kind)
    except NetlistError as error:
        raise of_netlist(error) from error
    if not same:
        raise LearningError(
            f"{file.path.name} is not what the run was begun with",
            where=".".join(file.key),
            hint=f"{copy.to}, the copy it was begun with; or a new run in another --out",
        )
    return content
