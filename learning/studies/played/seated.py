"""The process at a seat, started by `learning.studies.played.seat` and by nobody else."""

from __future__ import annotations

import os
import signal
import sys
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread

from learning.errors import StorageError
from learning.studies.played.evaluate import Job, evaluate


def main(handle: int) -> None:
    """Evaluate what comes through a pipe until its other end is gone.

    Args:
        handle: Number of the pipe.
    """
    pipe, jobs = Connection(handle), SimpleQueue[Job]()
    Thread(target=_listen, args=(pipe, jobs), daemon=True).start()
    while True:
        job = jobs.get()
        try:
            pipe.send(evaluate(job))
        except StorageError as error:
            pipe.send(error)


def _listen(pipe: Connection, jobs: SimpleQueue[Job]) -> None:
    """Hand on what comes; an owner that is gone wants no more results, not even the next one."""
    while True:
        try:
            jobs.put(pipe.recv())
        except (EOFError, OSError):
            os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]))
