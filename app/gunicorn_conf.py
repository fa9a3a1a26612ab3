"""Settings of gunicorn for production: `gunicorn -c app/gunicorn_conf.py wsgi:app`.

Everything can be overridden on gunicorn's command line. Named by its path and not as a module:
importing the package would make the counters before they know where the workers share them.
"""

import contextlib
import ctypes
import hashlib
import multiprocessing
import os
import shutil
import signal
from pathlib import Path
from typing import Any

_cores = multiprocessing.cpu_count()
bind = "127.0.0.1:8000"
worker_class = "gthread"
workers = min(2 * _cores, 16)
threads = 4
# A worker begins anew now and then, so that a slow leak of a library never becomes an outage.
max_requests = 20_000
max_requests_jitter = 2_000
timeout = 60
graceful_timeout = 30
keepalive = 5
# Nothing here asks gunicorn over a socket in somebody's home folder.
control_socket_disable = True
# The application logs each request itself, without addresses.
accesslog = None


def _metrics_folder() -> Path:
    """Where workers share their metrics, through files they map into their memory.

    In memory where the machine offers that: a process that touches a new page of such a file on a
    full disk is killed (SIGBUS), and the next one as well. Else in the instance folder.
    """
    instance = Path(os.environ.get("WAYMARK_INSTANCE", "instance")).absolute()
    name = f"waymark-{os.getuid()}-{hashlib.sha256(str(instance).encode()).hexdigest()[:16]}"
    folder = Path("/dev/shm") / name  # noqa: S108
    with contextlib.suppress(OSError):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)  # fails if it is somebody else's
        return folder
    folder = instance / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


# Begun anew at every start.
_metrics = _metrics_folder()
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_metrics)

_PR_SET_PDEATHSIG = 1


def _end_with_master(by: signal.Signals) -> None:
    """Have the kernel send ``by`` to this worker when its master is gone, however it ended.

    By themselves workers would go on serving the connections they have, and keep the port from the
    server that is started next.
    """
    with contextlib.suppress(AttributeError, OSError):  # Linux only
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, by)


def post_fork(_server: Any, _worker: Any) -> None:
    """A worker that is still starting has nothing to finish."""
    _end_with_master(signal.SIGKILL)


def post_worker_init(_worker: Any) -> None:
    """From now on it answers first what it is at."""
    _end_with_master(signal.SIGTERM)


def child_exit(_server: Any, worker: Any) -> None:
    """Let the metrics forget a worker that ended."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(_server: Any) -> None:
    """Leave nothing in memory."""
    shutil.rmtree(_metrics, ignore_errors=True)
