"""Simulators: a session on ngspice, how its runs end, and waveforms as labelled arrays."""

from spice_backend.batch import run_batch
from spice_backend.errors import DeckError, SpiceError
from spice_backend.protocol.samples import Samples
from spice_backend.session.outcome import Outcome, Status
from spice_backend.session.session import Session
from spice_backend.simulate import simulate
from spice_backend.waveforms.waveform import read_raw, write_netcdf

__all__ = [
    "DeckError",
    "Outcome",
    "Samples",
    "Session",
    "SpiceError",
    "Status",
    "read_raw",
    "run_batch",
    "simulate",
    "write_netcdf",
]
