"""What each type of question in an XLSForm becomes: the fields that follow from its own row."""

import math
import re
from dataclasses import dataclass, field
from typing import Any

from surveys.formats.lss.names import clean_codes
from surveys.formats.xlsform.structure import Item
from surveys.formats.xlsform.tables import Line
from surveys.formats.xlsform.values import number_of
from surveys.question_checks import MAX_POINTS

LOST_TYPES = {
    "geopoint": "places on a map", "geotrace": "lines on a map", "geoshape": "areas on a map",
    "start-geopoint": "places on a map", "barcode": "barcodes", "time": "times of day",
    "datetime": "times of day", "dateTime": "times of day", "audio": "recordings",
    "video": "films", "background-audio": "recordings", "hidden": "hidden values",
    "start": "times of filling in", "end": "times of filling in", "today": "days of filling in",
    "deviceid": "devices", "phonenumber": "telephone numbers of devices",
    "simserial": "devices", "subscriberid": "devices", "username": "accounts of collectors",
    "email": "addresses of collectors", "audit": "logs of filling in",
    "xml-external": "files beside the form", "csv-external": "files beside the form",
    "select_one_from_file": "choices from files", "select_one_external": "choices from files",
    "select_multiple_from_file": "choices from files", "osm": "places on a map",
    "uri:deviceid": "devices", "uri:username": "accounts of collectors",
}  # fmt: skip
"""Types that have no counterpart here, and what they ask for."""

SIMPLE_TYPES = {
    "text": "short_text", "integer": "number", "decimal": "number", "date": "date",
    "select_one": "single_choice", "select_multiple": "multiple_choice", "rank": "ranking",
    "note": "information", "calculate": "calculation", "acknowledge": "consent",
    "image": "upload", "file": "upload",
}  # fmt: skip

# Appearances that change nothing here, or what the fields below say.
_PLAIN_LOOKS = frozenset({
    "multiline", "minimal", "autocomplete", "search", "likert", "quick", "compact", "horizontal",
    "horizontal-compact", "field-list", "label", "list-nolabel", "list_nolabel", "list",
    "table-list", "columns", "columns-pack", "no-buttons", "numbers", "picker", "vertical",
    "no-ticks", "thousands-sep", "thousand-sep", "counter", "columns-flex", "no-calendar",
    "quickcompact",
})  # fmt: skip


# How wide something is drawn, in how many columns.
_WIDTH = re.compile(r"(?:w|columns-)[0-9]+")


@dataclass(slots=True)
class Fields:
    """``question``: fields of a question document. ``lost``: (column, what, why)."""

    question: dict[str, Any]
    lost: list[tuple[str, str, str]] = field(default_factory=list)


def fields_of(item: Item) -> Fields:
    """What the row says apart from texts, choices and expressions."""
    looks, kind = item.appearance, item.type
    fields = Fields({"type": SIMPLE_TYPES.get(kind, kind)})
    match kind:
        case "text":
            if "multiline" in looks:
                fields.question["type"] = "long_text"
        case "integer":
            fields.question["whole"] = True
        case "select_one":
            if looks & {"minimal", "autocomplete", "search"}:
                fields.question["display"] = "dropdown"
            elif "likert" in looks:
                fields.question["display"] = "scale"
        case "image":
            fields.question["accept"] = ["image"]
        case "range":
            _range(item, fields)
    unknown = sorted(look for look in looks - _PLAIN_LOOKS if not _WIDTH.fullmatch(look))
    if unknown and kind not in LOST_TYPES:
        fields.lost.append(("appearance", " ".join(unknown), "It is shown as usual here."))
    return fields


def parameters_of(line: Line) -> dict[str, str]:
    """``start=1 end=5`` as an object; signs between them are passed over."""
    pairs = line.get("parameters").lower().replace(";", " ").replace(",", " ").split()
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


def _range(item: Item, fields: Fields) -> None:
    """A scale of few whole points is a rating, any other a number."""
    given = parameters_of(item.line)
    start, end, step = (
        number_of(given.get(name, default))
        for name, default in (("start", "1"), ("end", "10"), ("step", "1"))
    )
    if start is None or end is None or not step:
        fields.lost.append(
            ("parameters", item.line.get("parameters"), "Expected numbers for start, end and step.")
        )
        start, end, step = 1.0, 10.0, 1.0
    low, high = min(start, end), max(start, end)
    whole = all(value.is_integer() for value in (start, end, step))
    if whole and abs(step) == 1 and 1 <= high - low < MAX_POINTS and low >= -10 and high <= 10:
        fields.question |= {"type": "rating", "minimum": int(low), "maximum": int(high)}
        return
    fields.question |= {"type": "number", "minimum": _plain(low), "maximum": _plain(high)}
    if whole:
        fields.question["whole"] = True
    if step not in (1.0, -1.0) or not whole:
        fields.lost.append(("parameters", f"step={step:g}", "Every number between counts here."))


def _plain(number: float) -> int | float:
    return int(number) if number.is_integer() and math.isfinite(number) else number


def option_codes(choices: list[Line], *, taken: tuple[str, ...] = ()) -> dict[str, str]:
    """Our codes by the names of the choices."""
    names = [line.get("name") for line in choices]
    return dict(zip(names, clean_codes(names, taken=taken), strict=True))
