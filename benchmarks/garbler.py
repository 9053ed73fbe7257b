"""A simulator's process that greets as ours does and then talks nonsense, for `benchmarks.faults`.

Started by a session as any worker is; what it says depends on the number in its deck's title.
"""

from __future__ import annotations

import pickle
import random
import sys
import time

from spice_backend.protocol.channel import Channel
from spice_backend.protocol.messages import Ended, Ready, Run, decode_request, encode


def main() -> None:
    """Greet, wait for a deck, say something that no worker of ours would, fall silent."""
    channel = Channel(int(sys.argv[1]))
    channel.send(encode(Ready(engine="ngspice 39", barred=(), memory_bytes=1, version="39")))
    request = decode_request(channel.receive() or b"")
    assert isinstance(request, Run)
    rng = random.Random(request.deck)
    good = encode(Ended(log=("one", "two"), steps=3))
    cut = good[: rng.randrange(1, len(good))]
    flipped = bytearray(good)
    flipped[0] ^= 1 << rng.randrange(8)
    said = rng.choice((rng.randbytes(200), pickle.dumps({"log": []}), cut, bytes(flipped)))
    channel.send(said)
    time.sleep(600)


if __name__ == "__main__":
    main()
