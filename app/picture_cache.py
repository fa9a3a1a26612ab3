"""What is costly to make and the same for everyone: kept in the process, by what it depends on."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from flask import current_app

T = TypeVar("T")
_MOST_SOURCES = 16
_MOST_BYTES = 48_000_000
# A key counts as well: what it says comes from the address, a few hundred letters at most.
_KEY_BYTES = 4_000


def once(key: tuple[Hashable, ...], make: Callable[[], T], *, size: int | None = None) -> T:
    """What ``make`` returns, made once for this key in this process; ``size`` in bytes.

    The key has to name everything it depends on, the roadmap's revision and the language included.
    """
    kept = _kept_pictures()
    value = kept.find(key)
    if value is None:
        value = make()
        kept.keep(key, value, _KEY_BYTES + (len(value) if isinstance(value, str) else size or 1))
    return value  # type: ignore[no-any-return]


class Kept:
    """Values by key, the ones used last, up to a total size. Threads may share it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._total = 0
        self._values: OrderedDict[tuple[Hashable, ...], tuple[Any, int]] = OrderedDict()
        self._lock = Lock()

    def find(self, key: tuple[Hashable, ...]) -> Any:
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def keep(self, key: tuple[Hashable, ...], value: Any, size: int) -> None:
        """Keep it, unless it alone would be too large."""
        if size > self._most // 2:
            return
        with self._lock:
            if key in self._values:
                self._total -= self._values.pop(key)[1]
            self._values[key] = (value, size)
            self._total += size
            while self._total > self._most:
                self._total -= self._values.popitem(last=False)[1][1]


def kept_sources() -> Kept:
    kept: Kept = current_app.extensions.setdefault("waymark.sources", Kept(_MOST_SOURCES))
    return kept


def _kept_pictures() -> Kept:
    kept: Kept = current_app.extensions.setdefault("waymark.pictures", Kept(_MOST_BYTES))
    return kept
