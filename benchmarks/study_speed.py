"""A study of two hundred quick points, by two workers and by one: the ratio of their wall times.

Points are a machine of ideal cells in ngspice, two thirds of a second each, so that what is timed
is the study's own work beside them: processes begun and ended, records written, the index. What the
machine itself gives to two processes is measured in the same run, before, between and after: loops
that only count, in two processes and in one. On a busy machine neither comes near two.

    python benchmarks/study_speed.py --points 200
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median

from learning import Wish, run_study, study

IDEAL = Path(__file__).parent.parent / "tests" / "learning" / "ideal.toml"
STUDY = """\
name = "quick points"

[designs.ideal]
design = "{design}"

[set]
schedule.epochs = 1

[axes]
seed = "1..{points}"
"""
_COUNTING = """\
import time
ends, rounds = time.monotonic() + {seconds}, 0
while time.monotonic() < ends:
    for _ in range(10_000):
        pass
    rounds += 1
print(rounds)
"""


@dataclass(frozen=True)
class Timed:
    """A study by a number of workers.

    Attributes:
        wall_s: From its call to its return, seconds.
        processor_s: Of the owner, the workers and their simulators, seconds.
        begun_s: Of the wall time, until the first point was over.
    """

    wall_s: float
    processor_s: float
    begun_s: float


@dataclass(frozen=True)
class Compared:
    """Two workers beside one, and two processes that only count beside one.

    Attributes:
        two: The study by two workers.
        one: By one.
        machine: How many times as much two counting processes do as one, before, between and after.
    """

    two: Timed
    one: Timed
    machine: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """How many times as fast two workers are."""
        return self.one.wall_s / self.two.wall_s


def compared(points: int, counting_s: float = 4.0) -> Compared:
    """Play a study by two workers and by one.

    Args:
        points: How many.
        counting_s: How long processes count at each of the three times, seconds.

    Returns:
        Both, and what the machine gave meanwhile.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "quick.toml"
        path.write_text(STUDY.format(design=IDEAL, points=points), encoding="utf-8")
        before = counted(counting_s)
        two = timed(path, Path(folder) / "2", 2, points)
        between = counted(counting_s)
        one = timed(path, Path(folder) / "1", 1, points)
        return Compared(two, one, (before, between, counted(counting_s)))


def timed(path: Path, out: Path, workers: int, points: int) -> Timed:
    """Play a whole study.

    Args:
        path: Its file.
        out: Its folder, which holds nothing yet.
        workers: Points at a time.
        points: How many there are; all of them must get figures.

    Returns:
        What it took.
    """
    began, spent_s, over = time.monotonic(), _processor_s(), list[float]()
    run_study(path, out, Wish(workers=workers), watch=lambda _: over.append(time.monotonic()))
    wall_s, processor_s = time.monotonic() - began, _processor_s() - spent_s
    done = int((study(out).table["status"] == "done").sum())
    if done != points:
        sys.exit(f"only {done} of {points} points have figures")
    return Timed(wall_s, processor_s, over[0] - began)


def counted(seconds: float) -> float:
    """How many times as far two processes count as one does, in the same time."""
    one, two = _rounds(1, seconds), _rounds(2, seconds)
    return two / one


def _rounds(processes: int, seconds: float) -> int:
    command = [sys.executable, "-c", _COUNTING.format(seconds=seconds)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    return sum(int(one.communicate()[0]) for one in running)


def _processor_s() -> float:
    spent = (getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in spent)


def main() -> None:
    """Time both and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=200)
    points = parser.parse_args().points
    found = compared(points)
    for name, side in (("2 workers", found.two), ("1 worker", found.one)):
        sys.stdout.write(
            f"{name}: {side.wall_s:.1f} s, {side.wall_s / points:.2f} s a point "
            f"({side.processor_s / points:.2f} s of processor time), first point over after "
            f"{side.begun_s:.1f} s\n"
        )
    machine = ", ".join(f"{ratio:.2f}" for ratio in found.machine)
    sys.stdout.write(
        f"2 workers are {found.ratio:.2f} times as fast as 1; two processes that only count do "
        f"{median(found.machine):.2f} times as much as one ({machine})\n"
    )


if __name__ == "__main__":
    main()
