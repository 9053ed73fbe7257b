"""What a worker says is decoded into bounded types, and nothing else comes of it."""

import os
import pickle
import random
import socket
import struct
import tempfile
import threading
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest

from spice_backend.protocol import channel as channel_module
from spice_backend.protocol.channel import Channel
from spice_backend.protocol.drive import Stretch
from spice_backend.protocol.messages import (
    MOST_BYTES,
    Alter,
    Analysis,
    Due,
    Ended,
    Garbled,
    Halt,
    Load,
    Loaded,
    Moment,
    Points,
    Ready,
    Run,
    Solution,
    Solve,
    Unable,
    decode_answer,
    decode_request,
    encode,
    printable,
)

NUMBERS = np.array([0.1, -1e-300, np.nan, np.inf, 5e-324])
REQUESTS = [
    Load(b"t\n\xff\n"),
    Run(deck=None, probes=None),
    Run(
        deck=b"t", probes=("v(a)", "i(v1)"), threads=2, driven=True, again=True, snapshots_s=(0.1,)
    ),
    Alter(("r1",), np.array([1e3])),
    Solve(("v(a)",), (), np.array([])),
    Stretch(float("inf"), {"v1": ((0.0, 1.0), (1e-9, 0.1))}),
    Halt(),
]
ANSWERS = [
    Ready(
        engine="ngspice 39", barred=("limits",), memory_bytes=1, version="39", features=("osdi",)
    ),
    Unable("no library"),
    Loaded(),
    Analysis(("time", "a"), ("s", "V"), real=False),
    Points(NUMBERS),
    Due(0.1),
    Moment(0.1, ("time", "a"), np.array([0.1, 0.2])),
    Solution(0.1, NUMBERS),
    Ended(code=-1, missing=("zz",), steps=3, last=-0.1, left=True, log=("one", "µ")),
]


def alike(one, other):
    for name in one.__slots__:
        a, b = getattr(one, name), getattr(other, name)
        same = a.tobytes() == b.tobytes() if isinstance(a, np.ndarray) else a == b
        assert same or list(a) == list(b), name


@pytest.mark.parametrize("message", REQUESTS, ids=lambda m: type(m).__name__)
def test_requests_come_as_they_were_sent(message):
    again = decode_request(encode(message))
    assert type(again) is type(message)
    if isinstance(message, Stretch):
        assert again.until_s == message.until_s
        assert [tuple(c) for c in again.courses["v1"]] == list(message.courses["v1"])
        return
    alike(message, again)


@pytest.mark.parametrize("message", ANSWERS, ids=lambda m: type(m).__name__)
def test_answers_come_as_they_were_sent_to_the_last_bit(message):
    again = decode_answer(encode(message))
    assert type(again) is type(message)
    alike(message, again)


EVIL = Path(tempfile.gettempdir()) / f"joulearn-evil-{os.getpid()}"


class Evil:
    def __reduce__(self):
        return os.mkdir, (str(EVIL),)


def said(mark, **fields):
    return mark + msgspec.msgpack.encode(fields)


ENDED = {"log": [], "code": 0}
GARBLED = {
    "a pickle": (pickle.dumps(Evil()), "no known kind"),
    "a pickle as a block": (b"p" + pickle.dumps(Evil()), "no Points"),
    "a pickle as an end": (b"e" + pickle.dumps(Evil()), "no Ended"),
    "nothing": (b"", "no known kind"),
    "a request": (encode(Halt()), "no known kind"),
    "a kind alone": (b"e", "no Ended"),
    "half an end": (encode(ANSWERS[-1])[:-3], "no Ended"),
    "text for a count": (said(b"e", **{**ENDED, "steps": "3"}), "no Ended"),
    "a count below zero": (said(b"e", **{**ENDED, "memory_bytes": -1}), "no Ended"),
    "a count beyond all bounds": (said(b"e", **{**ENDED, "steps": 1 << 63}), "no Ended"),
    "a log without end": (said(b"e", **{**ENDED, "log": ["x"] * 201}), "no Ended"),
    "a line without end": (said(b"e", **{**ENDED, "log": ["x" * 5000]}), "no Ended"),
    "an escape in the log": (
        said(b"e", **{**ENDED, "log": ["\x1b]0;x\x07"]}),
        "a control character",
    ),
    "a line break in a name": (
        said(b"a", names=["t", "a\nb"], units=["s", "V"], real=True),
        "control",
    ),
    "more than an answer": (said(b"u", reason="a") + b"x", "no Unable"),
    "names without units": (
        said(b"a", names=["t", "a"], units=["s"], real=True),
        "a unit for every",
    ),
    "no vectors at all": (said(b"a", names=[], units=[], real=True), "needs a scale"),
    "a block of seven bytes": (said(b"p", numbers=b"1234567"), "no Points"),
    "a block of text": (said(b"p", numbers="12345678"), "numbers must come as bytes"),
    "an empty block": (said(b"p", numbers=b""), "a block needs a point"),
    "a decision never": (said(b"d", time_s=float("nan")), "no Due"),
    "a decision before time": (said(b"d", time_s=-1.0), "no Due"),
    "a moment of one name and two values": (
        said(b"m", time_s=0.0, names=["a"], values=bytes(16)),
        "a value for every name",
    ),
    "deep nesting": (b"e" + b"\x91" * 100_000, "no Ended"),
    "a list of four thousand million": (b"e" + b"\xdd\xff\xff\xff\xff", "no Ended"),
    "a map of four thousand million": (b"e" + b"\xdf\xff\xff\xff\xff", "no Ended"),
    "an extension type": (b"e" + b"\xc7\x01\x05\x00", "no Ended"),
}


@pytest.mark.parametrize("way", GARBLED)
def test_what_no_worker_would_say_is_garbled(way):
    body, message = GARBLED[way]
    with pytest.raises(Garbled, match=message):
        decode_answer(body)
    assert not EVIL.exists()


def test_mutated_answers_are_answers_or_garbled():
    rng = random.Random(1)
    for _ in range(4000):
        body = bytearray(encode(rng.choice(ANSWERS)))
        for _ in range(rng.randint(1, 4)):
            body[rng.randrange(len(body))] = rng.randrange(256)
        try:
            decode_answer(bytes(body[: rng.randint(1, len(body))]))
        except Garbled:
            continue


def test_lines_are_made_printable_before_they_are_sent():
    assert printable("a\tb\x1b[1m\u2028\x85c") == "a b�[1m��c"
    assert len(printable("x" * 9000)) == 4096
    assert printable("abc", 2) == "ab"


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    pair = Channel(ours.detach()), theirs
    yield pair
    pair[0].close()
    theirs.close()


def test_messages_come_whole_and_in_order(ends):
    ours, theirs = ends
    large = os.urandom(3 << 20)
    other = Channel(theirs.detach())
    writer = threading.Thread(target=lambda: [other.send(b) for b in (b"one", large, b"", b"last")])
    writer.start()
    assert [ours.receive(60) for _ in range(4)] == [b"one", large, b"", b"last"]
    writer.join()
    assert ours.receive(0.0) is None
    other.close()
    with pytest.raises(EOFError):
        ours.receive(1.0)
    with pytest.raises(ConnectionError):
        ours.send(b"x")


def test_half_a_message_holds_nobody_up_and_is_kept(ends):
    ours, theirs = ends
    theirs.sendall(struct.pack("!I", 10) + b"12345")
    began = time.monotonic()
    assert ours.receive(0.1) is None
    assert time.monotonic() - began < 5
    theirs.sendall(b"67890")
    assert ours.receive(1.0) == b"1234567890"


def test_announcing_more_than_a_message_has_is_garbled(ends):
    ours, theirs = ends
    theirs.sendall(struct.pack("!I", MOST_BYTES + 1))
    with pytest.raises(Garbled, match=f"a message of {MOST_BYTES + 1} bytes"):
        ours.receive(1.0)


def test_an_end_that_takes_nothing_in_holds_nobody_up(ends, monkeypatch):
    ours, _ = ends
    with pytest.raises(ConnectionError, match="the other end takes nothing in"):
        ours.send(bytes(4 << 20), 0.2)
    monkeypatch.setattr(channel_module, "MOST_BYTES", 10)
    with pytest.raises(ValueError, match="a message of 11 bytes; at most 10"):
        ours.send(bytes(11))
