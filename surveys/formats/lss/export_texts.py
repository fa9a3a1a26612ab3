"""Our texts as the HTML that LimeSurvey keeps them in."""

import html
from collections.abc import Callable

from surveys.formats.lss.export_expressions import Sayer, Unsayable
from surveys.language.expressions import InvalidExpression
from surveys.language.piping import parse_text

Lose = Callable[[str, str], None]
"""(what it was, why)"""


def html_text(text: str, sayer: Sayer, lose: Lose) -> str:
    """``text`` with what is filled into it; what cannot be said is left out and told."""
    if not text:
        return ""
    try:
        pieces = parse_text(text)
    except InvalidExpression:
        pieces = (text,)
    parts: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            parts.append(_literally(piece))
            continue
        try:
            parts.append(html.escape(sayer.insertion(piece), quote=False))
        except Unsayable as why:
            lose(f"{{{{ {piece} }}}}", f"LimeSurvey cannot insert it: {why}.")
    return "".join(parts)


def _literally(text: str) -> str:
    """Plain text as HTML, with braces that insert nothing."""
    escaped = html.escape(text, quote=False).replace("\n", "<br />")
    return escaped.replace("{", "\\{").replace("}", "\\}")
