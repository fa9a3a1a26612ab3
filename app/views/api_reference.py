"""The API for people: what it can do, from the same table as its routes and OpenAPI document."""

from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext as _

from app.access import public
from app.api.openapi import body_schema, parameters_of, path_of, refusals_of, schema_of, schemas
from app.api.operations import OPERATIONS, PREFIX, Operation
from app.api.paging import absolute
from app.bearer import token_key
from app.caching import cacheable
from app.views.api_tokens import SCOPE_LABELS
from stakeholders.api_tokens import instance_tag

blueprint = Blueprint("api_reference", __name__)


@blueprint.get("/api")
@public
@cacheable
def show() -> str:
    components = schemas()
    groups: dict[str, list[dict[str, Any]]] = {}
    for entry in OPERATIONS:
        groups.setdefault(entry.tag, []).append(_described(entry, components))
    return render_template(
        "api/reference.html",
        groups=groups,
        address=absolute(PREFIX),
        instance=instance_tag(token_key()),
        scopes=SCOPE_LABELS,
    )


def _described(entry: Operation, components: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": entry.name,
        "method": entry.method,
        "path": path_of(entry),
        "summary": entry.summary,
        "description": entry.description,
        "needs": _needs(entry),
        "parameters": [
            (p["name"], p["in"], p["description"], _kind(p["schema"]))
            for p in parameters_of(entry)
            if p["name"] != "If-None-Match"
        ],
        "body": _fields(body_schema(entry), components) if entry.body else [],
        "answer": _fields(schema_of(entry.answer), components),
        "status": sorted({entry.status, *entry.also}),
        "refusals": refusals_of(entry),
    }


def _needs(entry: Operation) -> str:
    if entry.scope is not None:
        return _("a token with %(scope)s", scope=entry.scope)
    if entry.draft:
        return _("the code of a draft")
    if entry.more_with is not None:
        return _("nothing; shows more to a token with %(scope)s", scope=entry.more_with)
    return _("nothing")


def _fields(schema: dict[str, Any], components: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """(name, kind, description, required) of an object's fields."""
    if "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    required = schema.get("required", [])
    return [
        (name, _kind(field), field.get("description", ""), name in required)
        for name, field in schema.get("properties", {}).items()
    ]


def _kind(schema: dict[str, Any]) -> str:
    """A schema in few words: "integer", "text or null", "list of OptionForm"."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_kind(part) for part in schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return str(schema["const"]).lower()
    if schema.get("type") == "array":
        return f"[{_kind(schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("type") or "any")
