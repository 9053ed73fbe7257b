from .batch import run_batch
from .errors import DeckError, SpiceError
from .protocol.samples import Samples
from .session.outcome import Outcome, Status
from .session.session import Session
from .simulate import simulate
from .waveforms.waveform import read_raw, write_netcdf

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
