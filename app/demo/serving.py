"""Serve a demonstration on this machine: a web server and a worker, started and ended together."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from app.demo.errors import PortTaken, ServerFailed

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
# One process, so that what is counted and kept in memory is counted and kept once.
SERVER = ("gunicorn", "wsgi:app", "--worker-class", "gthread", "--workers", "1", "--threads", "8")
WORKER = ("flask", "--app", "wsgi", "jobs", "work")
PATIENCE_SECONDS = 30.0


def serve_until_stopped(port: int, *, when_ready: Callable[[], None]) -> None:
    """Run until Ctrl-C or SIGTERM; both processes have ended when this returns.

    Raises ``PortTaken``, and ``ServerFailed`` when the server ends by itself.
    """
    _check_port(port)
    environment = {"WAYMARK_PUBLIC_URL": f"http://{HOST}:{port}", **os.environ}
    with (
        _running(
            (*SERVER, "--bind", f"{HOST}:{port}", "--log-level", "warning"), environment
        ) as server,
        _running(WORKER, environment),
        _interrupted_by_sigterm(),
    ):
        try:
            _wait_until_answering(server, port)
            when_ready()
            status = server.wait()
        except KeyboardInterrupt:
            return
        raise ServerFailed(status=status)


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise PortTaken(port=port) from None


@contextmanager
def _running(
    arguments: tuple[str, ...], environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A module of this Python as a process, ended with the block.

    In a session of its own: Ctrl-C reaches us alone, and we end both in an orderly way.
    """
    process = subprocess.Popen(  # noqa: S603 - our own arguments
        [sys.executable, "-m", *arguments], cwd=ROOT, env=environment, start_new_session=True
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def _interrupted_by_sigterm() -> Iterator[None]:
    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _wait_until_answering(server: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            raise ServerFailed(status=server.returncode)
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise ServerFailed(status="none, but no answer")
