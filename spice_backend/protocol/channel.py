"""Whole messages over a socket, with a limit on their size and on every wait.

Four bytes of length, then the message. Reading keeps what has come of a message between two calls,
so that an end which says half of one and falls silent costs its reader no more than one which says
nothing; nothing is set aside for what is announced and does not come.
"""

from __future__ import annotations

import os
import select
import struct
import time

from spice_backend.protocol.messages import MOST_BYTES, Garbled

_LENGTH = struct.Struct("!I")
_AT_ONCE = 1 << 18


class Channel:
    """One end of a pair of sockets.

    Args:
        number: Its file descriptor, which is closed by `close`; without blocking, where waits are
            to have an end.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        # Kept between calls: to make one costs as much as to ask it.
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(number, select.POLLIN)
        self._writable.register(number, select.POLLOUT)
        self._length: int | None = None
        self._parts: list[bytes] = []
        self._missing = _LENGTH.size

    def fileno(self) -> int:
        """Its file descriptor, for whoever waits for several."""
        return self._number

    def send(self, body: bytes, wait_s: float | None = None) -> None:
        """Send a message.

        Args:
            body: The message.
            wait_s: How long the other end may take, seconds; None is for ever.

        Raises:
            ConnectionError: When the other end is gone or takes nothing in.
            ValueError: When the message is too large.
        """
        if len(body) > MOST_BYTES:
            raise ValueError(f"a message of {len(body)} bytes; at most {MOST_BYTES}")
        left = memoryview(_LENGTH.pack(len(body)) + body)
        began = time.monotonic()
        while left:
            try:
                left = left[os.write(self._number, left) :]
            except BlockingIOError:
                over = wait_s is not None and time.monotonic() - began > wait_s
                if over or not self._writable.poll(_milliseconds(wait_s)):
                    raise ConnectionError("the other end takes nothing in") from None

    def receive(self, wait_s: float | None = None) -> bytes | None:
        """The next message.

        Args:
            wait_s: How long to wait for its end, seconds; None is for ever.

        Returns:
            The message; None when its end has not come in time.

        Raises:
            EOFError: When the other end is gone.
            Garbled: When it announces more than a message may have.
        """
        ends = None if wait_s is None else time.monotonic() + wait_s
        while True:
            left_s = None if ends is None else max(0.0, ends - time.monotonic())
            if not self._readable.poll(_milliseconds(left_s)):
                return None
            body = self._read()
            if body is not None:
                return body
            if ends is not None and time.monotonic() > ends:
                return None

    def close(self) -> None:
        """Close this end."""
        os.close(self._number)

    def _read(self) -> bytes | None:
        """Read what is there; a message when that was its end."""
        while self._missing:
            try:
                part = os.read(self._number, min(self._missing, _AT_ONCE))
            except BlockingIOError:
                return None
            if not part:
                raise EOFError
            self._parts.append(part)
            self._missing -= len(part)
            if not self._missing and self._length is None:
                (self._length,) = _LENGTH.unpack(b"".join(self._parts))
                if self._length > MOST_BYTES:
                    raise Garbled(f"a message of {self._length} bytes")
                self._parts, self._missing = [], self._length
        body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._length, self._parts, self._missing = None, [], _LENGTH.size
        return body


def _milliseconds(wait_s: float | None) -> int | None:
    return None if wait_s is None else round(1e3 * wait_s)
