"""A TCP proxy that loses answers and cuts requests, at the moments a test chooses."""

import contextlib
import select
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

_CHUNK = 65536


class Fault(StrEnum):
    """What happens to one form that is sent."""

    # The browser is gone before the server has begun to answer.
    VANISH = "vanish"
    # The server answers; nothing of it arrives.
    SWALLOW = "swallow"
    # The beginning of the answer arrives.
    CUT_ANSWER = "cut_answer"
    # The server gets the beginning of the form.
    CUT_REQUEST = "cut_request"


@dataclass
class CuttingProxy:
    """Passes everything on to ``upstream`` (a port of 127.0.0.1), but for the faults asked for.

    ``next_fault`` is asked once for each request that sends a form; None lets it pass.
    ``swallowed`` collects the answers that did not arrive, as far as they were read.
    """

    upstream: int
    next_fault: Callable[[], Fault | None] = lambda: None
    swallowed: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._closing = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._closing = True
        self._listener.close()

    def _accept(self) -> None:
        while not self._closing:
            try:
                browser, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(browser,), daemon=True).start()

    def _pass_on(self, browser: socket.socket) -> None:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.upstream)) as server,
        ):
            fault: Fault | None = None
            while True:
                ready, _, _ = select.select([browser, server], [], [], 60)
                if not ready:
                    break
                if browser in ready:
                    sent = browser.recv(_CHUNK)
                    if not sent:
                        break
                    if sent.startswith(b"POST "):
                        sent = _whole(browser, sent)
                        fault = self.next_fault()
                    if fault is Fault.CUT_REQUEST:
                        server.sendall(sent[:-20])
                        _reset(server)
                        break
                    server.sendall(sent)
                    if fault is Fault.VANISH:
                        _reset(browser)
                        # The server does not notice until it answers.
                        while server.recv(_CHUNK):
                            pass
                        break
                if server in ready:
                    answer = server.recv(_CHUNK)
                    if not answer:
                        break
                    if fault is None:
                        browser.sendall(answer)
                        continue
                    self.swallowed.append(answer)
                    if fault is Fault.CUT_ANSWER:
                        browser.sendall(answer[:40])
                    break
        _reset(browser)


def _whole(browser: socket.socket, begun: bytes) -> bytes:
    """The rest of a request with its body: head and body may come in several pieces."""
    while b"\r\n\r\n" not in begun:
        begun += browser.recv(_CHUNK)
    head, _, body = begun.partition(b"\r\n\r\n")
    lengths = [line.partition(b":")[2] for line in head.split(b"\r\n")
               if line.lower().startswith(b"content-length:")]  # fmt: skip
    while lengths and len(body) < int(lengths[0]):
        body += browser.recv(_CHUNK)
    return head + b"\r\n\r\n" + body


def _reset(connection: socket.socket) -> None:
    """Close without a goodbye, as a lost connection looks."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
