"""The texts of XLSForms as plain texts of ours, with what they insert."""

import re
from collections.abc import Callable, Iterator

from surveys.formats.xlsform.syntax import Untranslatable
from surveys.language.expressions import Expression

Insert = Callable[[str], Expression]
"""What ``${name}`` fills in; raises ``Untranslatable``."""

# The markup that ODK's clients draw; other signs are text.
_TAG = re.compile(
    r"</?(?:span|b|i|u|em|strong|p|div|font|big|small|sub|sup|h[1-6]|a|center|br)"
    r"(?:\s[^<>]{0,500})?/?>",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<(?:br|/p|/div|/h[1-6])\s{0,5}/?>", re.IGNORECASE)
_BOLD = re.compile(r"(?<![\\*])\*\*(?=\S)([^*\n]{1,2000}?)(?<=\S)\*\*(?!\*)")
_ESCAPED = re.compile(r"\\([*_#<\\])")
_PLACE = re.compile(r"\$\{\s*([^{}]{0,300}?)\s*\}")


def read_text(text: str, insert: Insert, lose: Callable[[str, str], None]) -> str:
    """``text`` without markup; its references as ``{{ … }}``. ``lose``: (what it was, why)."""
    parts: list[str] = []
    for piece, is_name in _pieces(text):
        if not is_name:
            parts.append(_plain(piece).replace("{{", "{{ '{{' }}"))
            continue
        try:
            parts.append(f"{{{{ {insert(piece)} }}}}")
        except Untranslatable as why:
            lose(f"${{{piece}}}", f"It cannot be filled in: {why}.")
    return "".join(parts)


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    at = 0
    for match in _PLACE.finditer(text):
        if match.start() > at:
            yield text[at : match.start()], False
        yield match.group(1), True
        at = match.end()
    if at < len(text):
        yield text[at:], False


def _plain(text: str) -> str:
    if "<" in text:
        text = _TAG.sub("", _BREAK.sub("\n", text))
    if "**" in text:
        text = _BOLD.sub(r"\1", text)
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def write_text(text: str) -> str:
    """Plain ``text`` so that ODK's clients show it as it is, and ``read_text`` gives it back."""
    escaped = re.sub(r"([\\*_#<])(?=[*_#<\\])|\*\*|<(?=[A-Za-z/])|(?m:^)#", _escape, text)
    return escaped.replace("${", "$ {")


def _escape(match: re.Match[str]) -> str:
    return "".join(f"\\{sign}" for sign in match.group())
