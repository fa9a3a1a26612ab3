"""A questionnaire's texts for translators: XLIFF 2.0 (OASIS Standard), one language a file.

Units are named by codes, so a file comes back right whatever was moved meanwhile. What is filled
into a text (``{{ Q1 }}``) is a placeholder, which translators place and cannot break. A text
whose source changed since the file was made is not taken over, and named.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from core.errors import InvalidInput
from core.text import clean_text
from surveys.errors import UnreadableFile
from surveys.language.piping import parse_text, text_spans
from surveys.making.editing import Document
from surveys.making.translation import Unit, units_of

NAMESPACE = "urn:oasis:names:tc:xliff:document:2.0"
"""Of XLIFF 2.0, which is written, and of 2.1."""
_NAMESPACES = (NAMESPACE, "urn:oasis:names:tc:xliff:document:2.2")
MAX_BYTES = 20 * 1024 * 1024

_XML = "{http://www.w3.org/XML/1998/namespace}"
# What XML 1.0 cannot hold; clean texts have none but may come from a draft.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Translations:
    """What a file gives: ``texts`` by key of the unit, and ``refused`` as (key, reason)."""

    language: str
    texts: Mapping[str, str]
    refused: tuple[tuple[str, str], ...]


def write_xliff(document: Document, *, language: str, name: str) -> bytes:
    """The texts in the first language beside what there is in ``language``.

    ``name`` (the consultation's) says where the file belongs. Raises ``InvalidInput`` for the first
    language, which is not translated, and for one that is not declared.
    """
    source = document["languages"][0]
    if language == source or language not in document["languages"]:
        raise InvalidInput(
            where="language",
            reason=f"expected one of {', '.join(document['languages'][1:]) or '(none declared)'}",
        )
    root = Element(
        "xliff", {"xmlns": NAMESPACE, "version": "2.0", "srcLang": source, "trgLang": language}
    )
    file = SubElement(root, "file", {"id": "questionnaire", "original": name})
    for unit in units_of(document):
        _write_unit(file, unit, source, language)
    # A line a unit. Within a text white space counts, so nothing is indented there.
    root.text = file.text = file.tail = "\n"
    for element in file:
        element.tail = "\n"
    body: bytes = tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body + b"\n"


def _write_unit(file: Element, unit: Unit, source: str, language: str) -> None:
    element = SubElement(file, "unit", {"id": unit.key, _XML + "space": "preserve"})
    original = unit.texts[source]
    places = [piece for piece, is_text in text_spans(original) if not is_text]
    if places:
        data = SubElement(element, "originalData")
        for number, place in enumerate(places, start=1):
            SubElement(data, "data", {"id": f"d{number}"}).text = place
    target = unit.texts.get(language, "")
    if not _same_places(original, target):
        target = ""  # it fills in something else: to be translated anew
    state = "translated" if target.strip() else "initial"
    segment = SubElement(element, "segment", {"id": "s1", "state": state})
    _write_text(SubElement(segment, "source"), original, places)
    if target.strip():
        _write_text(SubElement(segment, "target"), target, places)


def _write_text(element: Element, text: str, places: list[str]) -> None:
    """Plain pieces as text, what is filled in as ``ph``; a place used twice is two placeholders."""
    free = list(enumerate(places, start=1))
    last: Element | None = None
    for piece, is_text in text_spans(text):
        if not is_text:
            number = next(n for n, place in free if place == piece)
            free.remove((number, piece))
            last = SubElement(
                element, "ph", {"id": f"p{number}", "dataRef": f"d{number}", "disp": piece}
            )
            continue
        clean = _NOT_XML.sub("", piece)
        if last is None:
            element.text = (element.text or "") + clean
        else:
            last.tail = (last.tail or "") + clean


def _same_places(original: str, target: str) -> bool:
    return _places(original) == _places(target)


def _places(text: str) -> list[str]:
    return sorted(piece for piece, is_text in text_spans(text) if not is_text)


def read_xliff(data: bytes, document: Document) -> Translations:
    """What ``data`` translates of ``document``.

    Raises ``UnreadableFile`` for what is no XLIFF 2, is for other languages, or declares entities.
    Units that are not there any more, whose source changed, whose placeholders are not those of the
    source, or that cannot be read as a text are refused one by one; the others are taken.
    """
    root = _parse(data)
    language = _languages(root, document)
    source = document["languages"][0]
    units = {unit.key: unit for unit in units_of(document)}
    texts: dict[str, str] = {}
    refused: list[tuple[str, str]] = []
    for element in root.iter("unit"):
        key = element.get("id", "")
        unit = units.get(key)
        if unit is None:
            refused.append((key[:140], "there is no such text any more"))
            continue
        if key in texts:
            refused.append((key, "is there twice; the first was taken"))
            continue
        given = _read_unit(element)
        if given is None:
            continue
        was, target = given
        reason = _why_not(unit.texts[source], was, target)
        if reason:
            refused.append((key, reason))
        elif target != unit.texts.get(language):
            texts[key] = target
    return Translations(language, texts, tuple(refused))


def _parse(data: bytes) -> Element:
    if len(data) > MAX_BYTES:
        raise UnreadableFile(reason=f"The file is larger than {MAX_BYTES // 1024**2} MB.")
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
        raise UnreadableFile(reason="The file is not XML, or declares entities.") from None
    namespace, _, name = root.tag.removeprefix("{").rpartition("}")
    if name != "xliff" or namespace not in _NAMESPACES:
        version = root.get("version", "")[:10]
        reason = f"it is XLIFF {version}" if name == "xliff" and version else "its root is another"
        raise UnreadableFile(reason=f"The file is not XLIFF 2: {reason}.")
    for element in root.iter():  # what is of the core is found by its name alone from here on
        element.tag = str(element.tag).removeprefix("{" + namespace + "}")
    return root


def _languages(root: Element, document: Document) -> str:
    languages = document["languages"]
    source = _same_language(root.get("srcLang", ""), languages[:1])
    if source is None:
        raise UnreadableFile(
            reason=f"The file translates from {root.get('srcLang', '')[:35]!r}; the "
            f"questionnaire's first language is {languages[0]}."
        )
    language = _same_language(root.get("trgLang", ""), languages[1:])
    if language is None:
        raise UnreadableFile(
            reason=f"The file translates into {root.get('trgLang', '')[:35]!r}, which the "
            "questionnaire does not declare."
        )
    return language


def _same_language(tag: str, languages: Sequence[str]) -> str | None:
    """The one of ``languages`` that ``tag`` means: case does not count (RFC 5646), and where tools
    for translators add a region (``fr-FR``), the language alone decides."""
    wanted = tag.strip().lower()
    for known in languages:
        if known.lower() == wanted:
            return known
    alike = [known for known in languages if known.lower() == wanted.partition("-")[0]]
    return alike[0] if alike else None


def _read_unit(element: Element) -> tuple[str, str] | None:
    """(source, target) of all segments together, or None where nothing is translated."""
    data = {entry.get("id", ""): "".join(entry.itertext()) for entry in element.iter("data")}
    sources, targets, translated = "", "", False
    for part in element:
        if part.tag not in ("segment", "ignorable"):
            continue
        source, target = part.find("source"), part.find("target")
        said = _read_text(source, data) if source is not None else ""
        sources += said
        if target is None:
            targets += said if part.tag == "ignorable" else ""
            continue
        text = _read_text(target, data)
        targets += text
        # Some tools begin with a copy of the source and say so.
        copied = part.get("state") == "initial" and text == said
        translated = translated or (part.tag == "segment" and not copied)
    return (sources, targets) if translated and targets.strip() else None


def _read_text(element: Element, data: Mapping[str, str]) -> str:
    """The text with what is filled in; marks around words (``pc``, ``mrk``) are passed through,
    however deep they are nested."""
    pieces: list[str] = [element.text or ""]
    open_elements = [iter(element)]
    closed: list[str] = []
    while open_elements:
        child = next(open_elements[-1], None)
        if child is None:
            open_elements.pop()
            pieces.append(closed.pop() if closed else "")
            continue
        if child.tag == "ph":
            pieces += (data.get(child.get("dataRef", ""), ""), child.tail or "")
        else:
            pieces.append(child.text or "")
            open_elements.append(iter(child))
            closed.append(child.tail or "")
    return "".join(pieces)


def _words(text: str) -> list[str]:
    """Without white space and composition of letters, which tools rearrange."""
    return unicodedata.normalize("NFC", text).split()


def _why_not(now: str, was: str, target: str) -> str:
    if _words(_NOT_XML.sub("", now)) != _words(was):
        return "its source has changed since the file was made"
    try:
        clean_text(target, where="")
        parse_text(target)
    except InvalidInput as refused:
        return str(refused.params.get("reason", "is not a text"))
    if not _same_places(now, target):
        return "does not hold the same placeholders as its source"
    return ""
