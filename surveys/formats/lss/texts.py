"""The HTML that LimeSurvey keeps its texts in, as plain text.

Emphasis and layout go without a word; what carries meaning of its own and cannot be said in plain
text (images, films, scripts) is named, so that it can be reported. Inserted answers (``{name}``)
are taken out first and leave a mark.
"""

import html as html_entities
import re
from dataclasses import dataclass
from html.parser import HTMLParser

import nh3

_BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "br", "center", "dd", "div", "dl", "dt",
        "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
        "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tbody",
        "tfoot", "thead", "tr", "ul",
    }
)  # fmt: skip
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
_EMBEDDED = {
    "audio": "a sound", "canvas": "a drawing", "embed": "an embedded object",
    "iframe": "an embedded page", "img": "an image", "input": "a form field",
    "object": "an embedded object", "select": "a form field", "svg": "a drawing",
    "textarea": "a form field", "video": "a film",
}  # fmt: skip

_TAGS = set(_BLOCKS) | set(_EMBEDDED) | {"a", "td", "th"}
_ATTRIBUTES = {tag: {"src", "data", "alt"} for tag in _EMBEDDED} | {"a": {"href"}}

MARK = re.compile("\ue000([0-9]+)\ue001")
"""What stands where something is inserted: its number between two characters of no meaning."""
_MARKS = str.maketrans("", "", "\ue000\ue001")
# Braces in there belong to programs, not to texts.
_PROGRAMS = re.compile(
    r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL
)
_BRACE_OR_QUOTE = re.compile(r"\\[{}]|[{}'\"]")
_LONGEST_INSERTION = 10_000
# In a regular expression that is explained to people.
_REPEATED = re.compile(r"\{[0-9]+(,[0-9]*)?\}")


# Control characters, halves of pairs, and marks that reorder the text around them.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]"
)


@dataclass(frozen=True, slots=True)
class PlainText:
    """``missing`` names what the HTML held and the text does not."""

    text: str
    missing: tuple[str, ...]


class _Stripper(HTMLParser):
    """Reads what nh3 made well-formed: on raw markup, HTMLParser can take quadratic time."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.missing: list[str] = []
        self.links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in _EMBEDDED:
            self.embedded(tag, values)
        elif tag in _BLOCKS:
            self.parts.append("\n• " if tag == "li" else "\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif tag == "a":
            self.links.append((values.get("href") or "", len(self.parts)))

    def embedded(self, tag: str, values: dict[str, str | None]) -> None:
        source = (values.get("src") or values.get("data") or "").strip()
        self.missing.append(f"{_EMBEDDED[tag]} ({source[:200]})" if source else _EMBEDDED[tag])
        alternative = (values.get("alt") or "").strip()
        if alternative:
            self.parts.append(f" {alternative} ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")
        elif tag == "a" and self.links:
            target, start = self.links.pop()
            said = "".join(self.parts[start:])
            # Where a link leads is information; a script or a mere anchor is none.
            if re.match(r"(https?://|mailto:)", target, re.IGNORECASE):
                address = target.removeprefix("mailto:")
                if address.rstrip("/") not in said:
                    self.parts.append(f" ({address})")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def plain_text(html: str) -> PlainText:
    """``html`` as text: one line a paragraph, lists with bullets, entities resolved.

    The result may hold ``<`` and ``&`` as characters; it is text and is escaped where it is shown.
    """
    text = html
    missing: list[str] = []
    if re.search(r"<[A-Za-z/!]|&[#A-Za-z0-9]+;", html):
        # Without a single tag, line ends are meant.
        markup = html if re.search(r"<[A-Za-z/!]", html) else html.replace("\n", "<br>")
        stripper = _Stripper()
        stripper.feed(nh3.clean(markup, tags=_TAGS, attributes=_ATTRIBUTES, link_rel=None))
        stripper.close()
        text = "".join(stripper.parts)
        missing = [*(["a script"] if _SCRIPT.search(html) else []), *stripper.missing]
    text = _UNPRINTABLE.sub("", text)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    text = re.sub(r"\n{2,}", "\n", "\n".join(line for line in lines if line and line != "•"))
    return PlainText(text.strip(), tuple(dict.fromkeys(missing)))


def take_insertions(html: str, first: int = 0) -> tuple[str, list[str]]:
    """``html`` with a mark for each ``{expression}`` in it, and the expressions.

    LimeSurvey takes braces as an expression unless white space follows the opening one or comes
    before the closing one. Marks are numbered from ``first``.
    """
    html = html.translate(_MARKS)
    if "{" not in html and "}" not in html:
        return html, []
    programs = [match.span() for match in _PROGRAMS.finditer(html)]
    pieces: list[str] = []
    taken: list[str] = []
    at = 0
    for start, end in _braces(html):
        if end - start > _LONGEST_INSERTION or any(a <= start < b for a, b in programs):
            continue
        if _REPEATED.fullmatch(html, start, end) or not html[start + 1 : end - 1].strip():
            continue
        pieces += [html[at:start], f"\ue000{first + len(taken)}\ue001"]
        expression = html_entities.unescape(html[start + 1 : end - 1])
        taken.append(expression.replace("\xa0", " ").strip())
        at = end
    pieces.append(html[at:])
    return re.sub(r"\\([{}])", r"\1", "".join(pieces)), taken


def _braces(html: str) -> list[tuple[int, int]]:
    """Where the outermost pairs of braces begin and end, in one pass."""
    opened: list[int] = []
    pairs: list[tuple[int, int]] = []
    # The last place of each kind of quotation mark: beyond it, one that opens never closes.
    last = {quote: html.rfind(quote) for quote in "'\""}
    at = 0
    while match := _BRACE_OR_QUOTE.search(html, at):
        sign, at = match[0], match.end()
        if sign == "{" and not html[at : at + 1].isspace():
            opened.append(match.start())
        elif sign == "}" and opened and not html[at - 2].isspace():
            start = opened.pop()
            while pairs and pairs[-1][0] > start:
                pairs.pop()
            pairs.append((start, at))
        elif opened and sign in last and at <= last[sign]:
            at = _after_quoted(html, at, sign)
    return pairs


def _after_quoted(html: str, start: int, quote: str) -> int:
    """Where a text in quotation marks ends, or ``start`` where it does not."""
    at = start
    while (at := html.find(quote, at)) >= 0:
        backslashes = at - len(html[start:at].rstrip("\\")) - start
        at += 1
        if backslashes % 2 == 0:
            return at
    return start
