"""A study of two hundred quick points, by two workers and by one: the ratio of their wall times.

Points are a machine of ideal cells in ngspice, a second each, so that what is timed is the study's
own work beside them: processes begun and ended, records written, the index. A busy machine spoils
the ratio; run it on two quiet cores.

    python benchmarks/study_speed.py --points 200
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

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


def timed_s(path: Path, out: Path, workers: int, points: int) -> float:
    """Wall time of a whole study, seconds."""
    began = time.monotonic()
    run_study(path, out, Wish(workers=workers))
    took_s = time.monotonic() - began
    done = int((study(out).table["status"] == "done").sum())
    if done != points:
        sys.exit(f"only {done} of {points} points have figures")
    return took_s


def main() -> None:
    """Time both and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=200)
    points = parser.parse_args().points
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "quick.toml"
        path.write_text(STUDY.format(design=IDEAL, points=points), encoding="utf-8")
        took_s = {n: timed_s(path, Path(folder) / str(n), n, points) for n in (2, 1)}
    for workers, seconds in took_s.items():
        sys.stdout.write(f"{workers} workers: {seconds:.1f} s, {seconds / points:.2f} s a point\n")
    sys.stdout.write(f"2 workers are {took_s[1] / took_s[2]:.2f} times as fast as 1\n")


if __name__ == "__main__":
    main()
