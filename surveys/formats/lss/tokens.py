"""LimeSurvey's expressions as tokens."""

import re
from collections.abc import Iterator

from surveys.formats.lss.meaning import Untranslatable

Token = tuple[str, str]
"""(kind, text); kinds are text, number, name and sign."""

_TOKEN = re.compile(
    r"""\s*(?:
      "(?P<double>(?:[^"\\]|\\.)*)"
    | '(?P<single>(?:[^'\\]|\\.)*)'
    | (?P<sgqa>(?:INSERTANS:)?[0-9]+X[0-9]+X[0-9]+[A-Za-z0-9_\#]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<number>[0-9]+(?:\.[0-9]*)?(?![A-Za-z_0-9])|\.[0-9]+)
    | (?P<word>[A-Za-z_][A-Za-z0-9_:\#]*(?:\.[A-Za-z0-9_]+)*)
    | (?P<sign>&&|\|\||==|!=|<=|>=|[<>!()+\-*/,=])
    )""",
    re.VERBOSE | re.DOTALL,
)
_SYNONYMS = {
    "&&": "and", "||": "or", "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
    "not": "!",
}  # fmt: skip


# What LimeSurvey's own tables hold.
LONGEST_EXPRESSION = 65_535


def split_conjunction(source: str) -> list[str]:
    """The parts of ``(…) and (…)``; the whole where it is not made of such parts only."""
    parts: list[str] = []
    depth, at, start = 0, 0, 0
    if len(source) > LONGEST_EXPRESSION:
        # It is refused as a whole.
        return [source]
    end = len(source.rstrip())
    while at < end:
        match = _TOKEN.match(source, at)
        if match is None:
            return [source]
        sign = match.group("sign") or (match.group("word") or "").lower()
        at = match.end()
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and sign in ("and", "&&"):
            parts.append(source[start : match.start()].strip())
            start = at
        elif depth == 0 and sign != ")":
            return [source]
    return [*parts, source[start:].strip()]


def read_tokens(source: str) -> Iterator[Token]:
    """The tokens of ``source``, operators by one name each; ``Untranslatable`` where there is
    something else."""
    at, end = 0, len(source.rstrip())
    while at < end:
        match = _TOKEN.match(source, at)
        if match is None:
            raise Untranslatable(f"“{source[at : at + 20].strip()}” cannot be read")
        kind = match.lastgroup or ""
        text = match.group(kind)
        at = match.end()
        if kind in ("double", "single"):
            yield "text", re.sub(r"\\([\"'\\{}])", r"\1", text)
        elif kind == "number":
            yield "number", text
        elif kind == "sign" or text.lower() in (*_SYNONYMS, "and", "or"):
            yield "sign", _SYNONYMS.get(text.lower(), text.lower())
        else:
            yield "name", text
