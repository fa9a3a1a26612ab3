"""The bytes of an edition: strict JSON, and its canonical form (RFC 8785).

Standard library only.
"""

import json
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

LARGEST_FILE = 128 * 1024 * 1024  # bytes
DEEPEST = 60  # levels of nesting
_SAFE_INTEGER = 2**53 - 1  # what canonical JSON can say exactly

Document = Mapping[str, Any]


class Fault(Exception):
    """Why a file is not valid."""


def fail(where: str, reason: str) -> NoReturn:
    raise Fault(f"{where}: {reason}")


def read_json(content: bytes) -> Any:
    """The JSON value of a file. Raises ``Fault``."""
    if len(content) > LARGEST_FILE:
        raise Fault(f"the file is larger than {LARGEST_FILE // 1024 // 1024} MB")
    try:
        text = content.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=_without_duplicates, parse_int=_integer,
            parse_float=_number, parse_constant=_not_json,
        )  # fmt: skip
    except UnicodeDecodeError as error:
        raise Fault(f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise Fault(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    _check_depth(value)
    return value


def canonical(value: Any) -> str:
    """RFC 8785: keys by UTF-16 code units, no white space, numbers as ECMAScript writes them."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{canonical(key)}:{canonical(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float):
        return _ecmascript(value)
    return json.dumps(value, ensure_ascii=False)


def _ecmascript(value: float) -> str:
    sign, figures, exponent = Decimal(repr(value)).as_tuple()
    digits = "".join(map(str, figures)).lstrip("0")
    if not digits:
        return "0"
    assert isinstance(exponent, int)
    point = len(digits) + exponent
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        text = digits + "0" * (point - len(digits))
    elif 0 < point <= 21:
        text = f"{digits[:point]}.{digits[point:]}"
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        text = f"{digits[0]}{fraction}e{point - 1:+d}"
    return "-" * sign + text


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise Fault(f"the key {twice[:60]!r} stands twice in one object")
    return found


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > _SAFE_INTEGER:
        raise Fault(f"the number {text[:30]} is larger than JSON numbers can say")
    return int(text)


def _number(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise Fault(f"the number {text[:30]} is larger than JSON numbers can say")
    return value


def _not_json(name: str) -> NoReturn:
    raise Fault(f"{name} is no JSON")


def _check_depth(value: Any) -> None:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):
        if not level:
            return
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
    if level:
        raise Fault(f"the file is nested deeper than {DEEPEST} levels")
