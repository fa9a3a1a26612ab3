"""Answers that LimeSurvey inserts into texts (``{Q1.shown}``), as ours (``{{ Q1 }}``).

While texts are read, each insertion leaves a mark in them (``surveys.formats.lss.texts``): what can
be named is known only when every question has been read. Then the marks are filled.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from surveys.formats.lss.texts import MARK
from surveys.language.expressions import Call, Expression, InvalidExpression, Literal
from surveys.language.piping import parse_text
from surveys.schema import MAX_TEXT

# The fields of our document that hold texts by language.
_TEXTS = frozenset({"title", "help", "text", "label", "message", "description", "unit"})


@dataclass(frozen=True, slots=True)
class Insertion:
    """An expression in a text: where the text is in the file, and in which language.

    ``qid``: the number of the question that the text belongs to, where it belongs to one.
    """

    source: str
    path: str
    language: str
    # Our expression, where it is one of ours already.
    ready: Expression | None = None
    qid: str = ""


Fill = Callable[[Insertion], Expression | None]
"""Our expression, or None where it was reported and stays as it is written."""


def fill_texts(
    document: dict[str, Any],
    insertions: list[Insertion],
    fill: Fill,
    refuse: Callable[[str, str], None],
) -> None:
    """Fill every mark in the texts of ``document``; each insertion is asked for once.

    A text that is too long or has too many places once it is filled stays as it is written, and
    ``refuse`` is told where in the document it is and why.
    """
    known: dict[int, Expression | None] = {}

    def filled(number: int) -> Expression | None:
        if number not in known:
            known[number] = fill(insertions[number])
        return known[number]

    for path, texts in _texts_in(document, ""):
        for language, text in texts.items():
            said = _filled(text, insertions, filled)
            if why := _why_not(said):
                refuse(f"{path}.{language}", why)
                said = plain_title(text, insertions).replace("{{", "{ {")[:MAX_TEXT]
            texts[language] = said


def _why_not(text: str) -> str:
    if len(text) > MAX_TEXT:
        return "With what is inserted it is too long: it is shown as written."
    try:
        parse_text(text)
    except InvalidExpression as refused:
        return f"It has {refused.params['reason']}: it is shown as written."
    return ""


def plain_title(text: str, insertions: list[Insertion]) -> str:
    """``text`` with its insertions as they were written."""
    return MARK.sub(lambda mark: f"{{{insertions[int(mark[1])].source}}}", text)


def _filled(
    text: str, insertions: list[Insertion], filled: Callable[[int], Expression | None]
) -> str:
    pieces: list[str | Expression] = []
    for position, piece in enumerate(MARK.split(text)):
        if position % 2 == 0:
            pieces.append(piece)
            continue
        expression = filled(int(piece))
        if expression is None:
            pieces.append(f"{{{insertions[int(piece)].source}}}")
        elif isinstance(expression, Call) and expression.function == "join":
            pieces += expression.arguments
        else:
            pieces.append(expression)
    # Where what is inserted is always empty, a text must stand all the same: titles may not lack.
    return write_text(pieces) or "{{ '' }}"


def write_text(pieces: Sequence[str | Expression]) -> str:
    """A text of ours from what stands in it and what is filled into it; no brace is taken for the
    beginning of an insertion that is none."""
    written: list[str] = []
    words = ""
    for piece in pieces:
        if isinstance(piece, str):
            words += piece
        elif isinstance(piece, Literal):
            words += str(piece.value)
        else:
            written += [_literally(words, True), f"{{{{ {piece} }}}}"]
            words = ""
    return "".join([*written, _literally(words, False)])


def _literally(text: str, before_braces: bool) -> str:
    text = text.replace("{{", "{{ '{{' }}")
    if before_braces and text.endswith("{"):
        text = f"{text[:-1]}{{{{ '{{' }}}}"
    return text


def _texts_in(part: Any, path: str) -> Iterator[tuple[str, dict[str, str]]]:
    if isinstance(part, list):
        for index, inner in enumerate(part):
            yield from _texts_in(inner, f"{path}[{index}]")
    elif isinstance(part, dict):
        for name, inner in part.items():
            within = f"{path}.{name}".lstrip(".")
            if name in _TEXTS and isinstance(inner, dict):
                yield within, inner
            elif isinstance(inner, (dict, list)):
                yield from _texts_in(inner, within)
