"""Texts with answers in them: "You said {{ Q1 }}: why?".

Between ``{{`` and ``}}`` stands an expression; everything else, single braces included, is text.
``{{ '{{' }}`` writes two braces. What comes out is plain text, never markup.
"""

from collections.abc import Iterator
from functools import lru_cache

from surveys.language.evaluation import Catalogue, Facts, Say, compile_saying, join_sayings
from surveys.language.expression_types import Scope, check_sayable
from surveys.language.expressions import (
    Expression,
    InvalidExpression,
    Reference,
    parse_expression,
    references,
)

OPENING, CLOSING = "{{", "}}"
MAX_PLACES = 100
"""How many expressions one text may hold."""

Pieces = tuple[str | Expression, ...]


def is_piped(text: str) -> bool:
    """Whether anything in ``text`` is to be filled in."""
    return OPENING in text


@lru_cache(maxsize=1024)
def parse_text(text: str) -> Pieces:
    """``text`` as plain pieces and expressions, in order; no piece is empty.

    Raises ``InvalidExpression`` naming the character of ``text`` at fault.
    """
    pieces: list[str | Expression] = []
    at = places = 0
    while (opening := text.find(OPENING, at)) >= 0:
        if opening > at:
            pieces.append(text[at:opening])
        start = opening + len(OPENING)
        closing = _closing(text, start)
        if closing is None:
            raise InvalidExpression(
                reason=f"character {opening + 1}: '{OPENING}' is not closed by '{CLOSING}'"
            )
        pieces.append(parse_expression(text[start:closing], offset=start))
        places += 1
        if places > MAX_PLACES:
            raise InvalidExpression(reason=f"more than {MAX_PLACES} places are to be filled in")
        at = closing + len(CLOSING)
    if at < len(text):
        pieces.append(text[at:])
    return tuple(pieces)


def _closing(text: str, start: int) -> int | None:
    """Where the ``}}`` stands that closes what begins at ``start``, texts in quotes passed over."""
    at, quoted = start, False
    while at < len(text):
        if quoted and text[at] == "\\":
            at += 2
            continue
        if text[at] == "'":
            quoted = not quoted
        elif not quoted and text.startswith(CLOSING, at):
            return at
        at += 1
    return None


def text_spans(text: str) -> list[tuple[str, bool]]:
    """``text`` in pieces as they are written: (piece, True for plain text, False for what is to be
    filled in, braces included). An opening without an end is plain text."""
    spans: list[tuple[str, bool]] = []
    at = 0
    while (opening := text.find(OPENING, at)) >= 0:
        closing = _closing(text, opening + len(OPENING))
        if closing is None:
            break
        if opening > at:
            spans.append((text[at:opening], True))
        at = closing + len(CLOSING)
        spans.append((text[opening:at], False))
    if at < len(text):
        spans.append((text[at:], True))
    return spans


def without_answers(text: str) -> str:
    """``text`` for those who gave no answers, such as readers of results: "You said …: why?"."""
    if not is_piped(text):
        return text
    return "".join(piece if is_text else "…" for piece, is_text in text_spans(text))


def text_expressions(text: str) -> Iterator[Expression]:
    """Every expression in ``text``; none where it cannot be read."""
    if not is_piped(text):
        return
    try:
        pieces = parse_text(text)
    except InvalidExpression:
        return
    yield from (piece for piece in pieces if not isinstance(piece, str))


def text_references(text: str) -> Iterator[Reference]:
    """Every reference in ``text``."""
    for expression in text_expressions(text):
        yield from references(expression)


def check_text(text: str, scope: Scope) -> list[str]:
    """Everything wrong with what is to be filled into ``text``."""
    if not is_piped(text):
        return []
    try:
        pieces = parse_text(text)
    except InvalidExpression as refused:
        return [str(refused.params["reason"])]
    problems: list[str] = []
    for piece in pieces:
        if not isinstance(piece, str):
            problems += check_sayable(piece, scope)
    return list(dict.fromkeys(problems))


def compile_text(text: str, catalogue: Catalogue) -> Say:
    """A function that fills in ``text``, which has passed ``check_text``. A text that cannot be
    read, of a version from before texts were filled in, stays as it is."""
    try:
        pieces = parse_text(text)
    except InvalidExpression:
        return lambda facts: text
    parts = tuple(
        _constant(piece) if isinstance(piece, str) else compile_saying(piece, catalogue)
        for piece in pieces
    )
    return lambda facts: join_sayings(facts, parts)


def _constant(text: str) -> Say:
    return lambda facts: text


def pipe(text: str, facts: Facts, catalogue: Catalogue) -> str:
    """``text`` with what is known filled in, in the language of ``facts``."""
    return compile_text(text, catalogue)(facts) if is_piped(text) else text
