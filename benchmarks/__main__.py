"""One table of what joulearn costs beside what it is held against.

    python -m benchmarks [--short] [--only NAME ...] [--json]

The other benchmarks of this folder (faults, noise, sampling) are campaigns of their own.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict

from benchmarks.table import BENCHES, HEAD, Row, line


def main(arguments: list[str] | None = None) -> int:
    """Print the table, each row as soon as it is measured.

    Returns:
        1 when a bench could not be measured, which its line says.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--short", action="store_true", help="under five minutes on two quiet cores"
    )
    parser.add_argument("--only", nargs="+", choices=BENCHES, default=list(BENCHES))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    began, rows, failed = time.monotonic(), list[Row](), False
    if not options.json:
        print(HEAD, flush=True)
    for name in options.only:
        try:
            for row in BENCHES[name](short=options.short):
                rows.append(row)
                if not options.json:
                    print(line(row), flush=True)
        except Exception as error:  # noqa: BLE001 - the others are measured all the same
            failed = True
            print(f"{name}: not measured: {type(error).__name__}: {error}", file=sys.stderr)
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=1))
    else:
        print(f"took {time.monotonic() - began:.0f} s")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
