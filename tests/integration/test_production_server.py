"""The command with which docs/operations.md starts the web server does what the page says."""

import os
import re
import shlex
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import schema
from core.db import Database
from tests.conftest import ROOT
from tests.services import free_port


def documented_command() -> list[str]:
    """The line of the page that starts gunicorn, as words."""
    found = re.search(
        r"^    (\.venv/bin/gunicorn .+)$", (ROOT / "docs" / "operations.md").read_text(), re.M
    )
    assert found is not None
    return shlex.split(found.group(1))


def read(address: str) -> str:
    with urllib.request.urlopen(address, timeout=20) as answer:
        return str(answer.read().decode())


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address of the platform, started as documented, with two processes."""
    program = ROOT / documented_command()[0]
    if not program.exists():
        pytest.skip("the environment is not in .venv")
    database = Database(f"sqlite:///{tmp_path / 'waymark.sqlite'}")
    schema.upgrade(database.engine)
    database.close()
    port = free_port()
    log = tmp_path / "web.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*documented_command(), "--bind", f"127.0.0.1:{port}", "--workers", "2",
             "--no-control-socket"],
            cwd=ROOT, env={"PATH": os.environ["PATH"], "WAYMARK_INSTANCE": str(tmp_path)},
            stdout=output, stderr=output,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 60
        while True:
            try:
                read(f"{address}/healthz")
                break
            except OSError:
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < until, "no answer for a minute"
                time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=40)


def test_the_server_is_ready_and_its_metrics_count_all_processes(served: str) -> None:
    assert '"ready"' in read(f"{served}/readyz")
    for _ in range(8):
        read(f"{served}/privacy")
    counted = re.findall(
        r'^waymark_requests_total\{method="GET",rule="/privacy",status="200"\} (.+)$',
        read(f"{served}/metrics"),
        re.M,
    )
    assert [float(number) for number in counted] == [8.0]
