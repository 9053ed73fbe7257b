"""A worker that has been taken over: greets like ours, and then does what its deck's title says."""

import os
import pickle
import struct
import sys
import time

import numpy as np

from spice_backend.protocol.channel import Channel
from spice_backend.protocol.messages import Ended, Points, Ready, Run, decode_request, encode


class Evil:
    def __init__(self, mark):
        self._mark = mark

    def __reduce__(self):
        return os.mkdir, (self._mark,)


def flood(channel):
    while True:
        channel.send(b"e" + b"\xdd\x7f\xff\xff\xff" + bytes(1 << 20))


def main():
    number = int(sys.argv[1])
    channel = Channel(number)
    ready = encode(Ready(engine="ngspice 39", barred=(), memory_bytes=1, version="39"))
    channel.send(ready)
    request = decode_request(channel.receive())
    assert isinstance(request, Run)
    way, _, mark = request.deck.decode().partition("\n")[0].partition(" ")
    said = {
        "pickle": pickle.dumps(Evil(mark)),
        "pickled_block": b"p" + pickle.dumps(Evil(mark)),
        "pickled_vectors": b"a" + pickle.dumps(Evil(mark)),
        "greeting": ready,
        "odd_block": encode(Points(np.zeros(3))),
        "nowhere": encode(Points(np.array([np.nan, 1.0]))),
        "escape": encode(Ended(log=("x",))).replace(b"\xa1x", b"\xa1\x1b"),
        "decision": b"d\x81\xa6time_s\xcb" + bytes(8),
        "random": b"e" + os.urandom(4096),
    }
    match way:
        case "half":
            os.write(number, struct.pack("!I", 1000) + b"e")
        case "half_a_length":
            os.write(number, b"\0\0")
        case "announced":
            os.write(number, b"\xff\xff\xff\xff")
        case "silent":
            pass
        case "flood":
            flood(channel)
        case "gone":
            os._exit(0)
        case _:
            channel.send(said[way])
    time.sleep(600)


if __name__ == "__main__":
    main()
