"""Regular expressions in questionnaires, under RE2: linear time, whatever they say."""

from collections.abc import Callable
from functools import lru_cache

import re2

_MAX_MEMORY = 1 << 20


@lru_cache(maxsize=128)
def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """Whether ``pattern`` is found anywhere in a text (``^`` and ``$`` tie it to the ends).

    Raises ``ValueError`` with the reason: what needs going back (look-around, ``\\1``) and what
    grows too large is not accepted.
    """
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    try:
        search = re2.compile(pattern, options).search  # type: ignore[no-untyped-call]
    except re2.error as refused:
        reason = refused.args[0] if refused.args else "cannot be read"
        raise ValueError(
            reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        ) from None
    except UnicodeEncodeError:
        raise ValueError("contains half of a character pair") from None

    def found(text: str) -> bool:
        try:
            return search(text) is not None
        except UnicodeEncodeError:
            return False  # half of a character pair, in an answer not yet checked

    return found
