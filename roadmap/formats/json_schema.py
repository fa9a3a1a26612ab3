"""The JSON Schema of ``waymark/roadmap/1``, as docs/schemas/waymark-roadmap-1.json publishes it."""

from collections.abc import Mapping
from typing import Any

from core.text import LANGUAGES
from roadmap import calendar
from roadmap.draft import AGENDAS, LINK_KINDS, STAGES, BudgetSource
from roadmap.draft_checks import AMOUNT, DECIMAL, DUE
from roadmap.formats.assembling import MAXIMUM_DAYS, MOST_DEPENDENCIES, MOST_MILESTONES
from roadmap.formats.columns import LISTS
from roadmap.formats.json_document import FORMAT, REQUIRED
from roadmap.planning.network import Kind

SCHEMA_ID = "urn:waymark:schema:roadmap:1"


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the format."""
    texts = {
        "type": "object",
        "description": "Text by language, the language it was written in first.",
        "propertyNames": {"enum": list(LANGUAGES)},
        "additionalProperties": {"type": "string"},
    }
    some_text = {"$ref": "#/$defs/texts", "minProperties": 1}
    days = {"type": "integer", "minimum": 0, "maximum": MAXIMUM_DAYS}
    date = {
        "type": ["string", "null"],
        "pattern": r"^\d{4}-(\d{2}-\d{2}|Q[1-4])$",
    }
    trl = {"type": ["integer", "null"], "minimum": 1, "maximum": 9}
    code = {"type": "string", "minLength": 1, "maxLength": 64, "pattern": r"^[^/\\>]+$"}
    names = {"type": "array", "maxItems": 100, "items": {"type": "string", "maxLength": 200}}
    number = {"type": "string", "pattern": f"^{DECIMAL.pattern}$"}
    kpi = _schema_of(
        {"name": some_text, "target": number, "baseline": {"anyOf": [{"const": ""}, number]},
         "unit": {"type": "string", "maxLength": 40},
         "due": {"type": "string", "pattern": f"^({DUE.pattern})?$"}},
        "name", "target",
    )  # fmt: skip
    link = _schema_of(
        {"kind": {"enum": list(LINK_KINDS)}, "name": {"type": "string", "minLength": 1},
         "url": {"type": "string", "pattern": "^(https?://.+)?$"}},
        "kind", "name",
    )  # fmt: skip
    milestone = {
        "code": code, "title": some_text, "agenda": {"enum": list(AGENDAS)},
        "area": {"type": "string", "minLength": 1, "maxLength": 80}, "duration_days": days,
        "description": {"$ref": "#/$defs/texts"},
        **dict.fromkeys(calendar.ENDS, date),
        **dict.fromkeys(
            ("optimistic_days", "likely_days", "pessimistic_days"),
            days | {"type": ["integer", "null"]},
        ),
        "lead": {"type": "string", "maxLength": 200}, "trl_from": trl, "trl_to": trl,
        "stage": {"enum": ["", *STAGES]},
        "kpis": {"type": "array", "maxItems": 100, "items": kpi},
        "budget": {
            "type": "object", "description": "Euros by source.",
            "propertyNames": {"enum": [source.value for source in BudgetSource]},
            "additionalProperties": {"type": "string", "pattern": f"^{AMOUNT.pattern}$"},
        },
        **dict.fromkeys(LISTS, names),
        "links": {"type": "array", "maxItems": 100, "items": link},
    }  # fmt: skip
    dependency = {
        "from": code, "to": code, "kind": {"enum": [kind.value for kind in Kind]},
        "lag_days": {"type": "integer", "minimum": -MAXIMUM_DAYS, "maximum": MAXIMUM_DAYS},
        "support": {"type": "string", "pattern": r"^\d{1,9}(\.\d{1,6})?$"},
        "rationale": {"$ref": "#/$defs/texts"}, "ruling": {"enum": ["", "keep", "suspend"]},
    }  # fmt: skip
    area = {"code": {"type": "string", "minLength": 1, "maxLength": 80}, "title": some_text,
            "parent": {"type": "string"}}  # fmt: skip
    paragraph = _schema_of({"code": code, "text": {"$ref": "#/$defs/texts"}}, "code", "text")
    chapter = _schema_of(
        {"code": code, "title": some_text, "area": {"type": "string"},
         "paragraphs": {"type": "array", "items": paragraph}},
        "code", "title",
    )  # fmt: skip
    whole = _schema_of(
        {
            "$schema": {"type": "string"},
            "format": {"const": FORMAT},
            "title": some_text,
            "start": {"type": "string", "pattern": r"^\d{4}-(\d{2}-\d{2}|Q[1-4])$"},
            "areas": {"type": "array", "items": _schema_of(area, "code", "title")},
            "milestones": {
                "type": "array", "minItems": 1, "maxItems": MOST_MILESTONES,
                "items": _schema_of(milestone, *REQUIRED),
            },
            "dependencies": {
                "type": "array", "maxItems": MOST_DEPENDENCIES,
                "items": _schema_of(dependency, "from", "to", "kind", "lag_days"),
            },
            "chapters": {"type": "array", "items": chapter},
        },
        "format", "milestones",
    )  # fmt: skip
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "A roadmap's draft: areas, milestones, dependencies and chapters",
        **whole,
        "$defs": {"texts": texts},
    }


def _schema_of(properties: Mapping[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object", "properties": dict(properties), "required": list(required),
        "additionalProperties": False,
    }  # fmt: skip
