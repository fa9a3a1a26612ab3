"""What a program sends, read strictly: body, query, headers.

JSON is refused where two readers could understand it differently (a key given twice, NaN, numbers
beyond 2^53) and where it is built to exhaust us (depth). The size is bounded by the settings.
"""

import json
import math
import re
from typing import Any, NoReturn, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MultiDict

from app.api.refusals import (
    InvalidRequest,
    NotAcceptable,
    PreconditionFailed,
    PreconditionNeeded,
    UnreadableBody,
    UnsupportedMediaType,
)

Form = TypeVar("Form", bound=BaseModel)

MAX_DEPTH = 32
LARGEST_INTEGER = 2**53 - 1
# Entity tags as RFC 9110 (8.8.3) writes them: one, several, or any.
ETAG_PATTERN = r'^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$'
_ETAGS = re.compile(ETAG_PATTERN)
_DIGITS = re.compile(r"-?[0-9]{1,18}", re.ASCII)


def check_acceptable() -> None:
    """Raises ``NotAcceptable`` where the header Accept rules JSON out."""
    accepts = request.accept_mimetypes
    if accepts and not (accepts["application/json"] or accepts["application/problem+json"]):
        raise NotAcceptable


def check_conditions() -> None:
    """Raises ``InvalidRequest`` for an If-Match or If-None-Match that names no entity tag: else it
    would be passed over, and the change made for which it was meant as a condition."""
    for name in ("If-Match", "If-None-Match"):
        value = request.headers.get(name)
        if value is not None and not _ETAGS.fullmatch(value):
            raise InvalidRequest([(name, 'expected entity tags such as "5f3a", or *')])


def read_query(form: type[Form] | None) -> Form | None:
    """The parameters of the address. Raises ``InvalidRequest``, for unknown ones too."""
    parameters: MultiDict[str, str] = request.args
    given: dict[str, str] = {}
    problems = []
    for name, values in parameters.lists():
        if len(values) > 1:
            problems.append((name[:80], "is given more than once"))
        given[name] = values[0]
    known = {f.alias or name for name, f in form.model_fields.items()} if form else set()
    expected = ", ".join(sorted(known)) or "none"
    problems += [
        (name[:80], f"is not a parameter here; expected {expected}")
        for name in given
        if name not in known
    ]
    if problems:
        raise InvalidRequest(problems)
    return None if form is None else _validate(form, given)


def read_body(form: type[Form], *, media_types: tuple[str, ...] = ("application/json",)) -> Form:
    """The body as ``form``.

    Raises ``UnsupportedMediaType``, ``UnreadableBody``, ``InvalidRequest``, and what Werkzeug
    raises for one that is too large.
    """
    return _validate(form, read_json(media_types=media_types))


def read_json(*, media_types: tuple[str, ...] = ("application/json",)) -> Any:
    """The body as JSON values, safe to store: whatever its form."""
    if request.mimetype not in media_types:
        raise UnsupportedMediaType(
            given=request.mimetype[:80] or "nothing", expected=" or ".join(media_types)
        )
    charset = request.mimetype_params.get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(given=f"charset={charset[:40]}", expected="charset=utf-8")
    return parse_json(request.get_data())


def parse_json(data: bytes) -> Any:
    """JSON in UTF-8.

    Raises ``UnreadableBody``, and ``InvalidRequest`` for numbers and texts that cannot be kept.
    """
    try:
        document = json.loads(
            data.decode("utf-8"),
            parse_constant=_refuse_constant,
            parse_float=_read_float,
            parse_int=_read_integer,
            object_pairs_hook=_without_repeats,
        )
    except UnicodeDecodeError as error:
        raise UnreadableBody(reason=f"it is not UTF-8 from byte {error.start} on.") from None
    except json.JSONDecodeError as error:
        raise UnreadableBody(
            reason=f"{error.msg}, line {error.lineno}, column {error.colno}."
        ) from None
    except ValueError as error:
        raise UnreadableBody(reason=f"{error}.") from None
    except RecursionError:
        raise UnreadableBody(reason=f"it is nested more than {MAX_DEPTH} deep.") from None
    _check_values(document)
    return document


def require_match(etag: str | None, *, needed: bool = True) -> None:
    """Compare the preconditions of a write with the state as it is: ``etag``, None for nothing.

    Raises ``PreconditionFailed`` where they do not hold, and ``PreconditionNeeded`` where there is
    something to overwrite and the request does not say what it saw.
    """
    if "If-None-Match" in request.headers:
        unless = request.if_none_match
        if etag is not None and (unless.star_tag or unless.contains(etag)):
            raise PreconditionFailed
    if "If-Match" in request.headers:
        wanted = request.if_match
        if etag is None or not (wanted.star_tag or wanted.contains(etag)):
            raise PreconditionFailed
    elif needed and etag is not None:
        raise PreconditionNeeded


def read_number(value: object) -> object:
    """Of an address: digits only, where pydantic would take "1.0" or " 1" too."""
    if isinstance(value, str) and not _DIGITS.fullmatch(value):
        raise ValueError("expected a whole number")
    return value


def path_of(location: tuple[str | int, ...]) -> str:
    """``answers[0].title`` from pydantic's location."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part != "[key]":
            path += f".{part}" if path else part
    return path or "document"


def _validate(form: type[Form], given: Any) -> Form:
    try:
        return form.model_validate(given)
    except ValidationError as error:
        raise InvalidRequest(
            [
                (path_of(entry["loc"]), _reason(entry))
                for entry in error.errors(include_url=False, include_context=False)
            ]
        ) from None


def _reason(entry: Any) -> str:
    words = {
        "extra_forbidden": "is not a field here",
        "missing": "is missing",
        "model_type": "expected an object",
    }
    message = str(entry["msg"]).removeprefix("Value error, ")
    return words.get(entry["type"]) or message.replace("Input should be", "expected")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _read_float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise _too_large(digits)
    return value


def _read_integer(digits: str) -> int:
    # Longer ones would be given back as another number by whoever reads JSON in doubles.
    if len(digits) > 17 or abs(value := int(digits)) > LARGEST_INTEGER:
        raise _too_large(digits)
    return value


def _too_large(digits: str) -> InvalidRequest:
    reason = f"the number {digits[:40]} is larger than ±{LARGEST_INTEGER}"
    return InvalidRequest([("document", reason)])


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice[:80]!r} is given twice")
    return document


def _check_values(document: Any) -> None:
    """Refuse depth, and texts that cannot be stored: NUL, halves of character pairs."""
    waiting: list[tuple[Any, int]] = [(document, 1)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, str):
            _check_text(value)
        elif isinstance(value, (dict, list)):
            if depth > MAX_DEPTH:
                raise UnreadableBody(reason=f"it is nested more than {MAX_DEPTH} deep.")
            if isinstance(value, dict):
                waiting.extend((key, depth) for key in value)
                waiting.extend((inner, depth + 1) for inner in value.values())
            else:
                waiting.extend((inner, depth + 1) for inner in value)


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise InvalidRequest([("document", "contains a NUL character")])
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidRequest([("document", "contains half of a character pair")]) from None
