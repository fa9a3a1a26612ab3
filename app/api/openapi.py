"""The OpenAPI document (3.1), made from the table of operations and its models: one source."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, RootModel
from pydantic.json_schema import models_json_schema

from app.api.documents import Problem
from app.api.forms import CODE_PATTERN, SLUG_PATTERN
from app.api.operations import OPERATIONS, PREFIX, Operation, Reply, operation
from app.api.paging import absolute
from app.api.reading import ETAG_PATTERN
from stakeholders.permissions import SCOPES
from surveys.schema import QuestionnaireForm

_REFERENCE = "#/components/schemas/{model}"
_RULE = re.compile(r"<(?:(\w+):)?(\w+)>")
_PATH_PARAMETERS: dict[str, tuple[str, dict[str, Any]]] = {
    "slug": (
        "Its name in addresses.",
        {"type": "string", "pattern": SLUG_PATTERN, "minLength": 1, "maxLength": 80},
    ),
    "number": ("Of the version.", {"type": "integer", "minimum": 1, "maximum": 100_000}),
    "version": (
        "Of the edition.", {"type": "string", "pattern": r"^(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})$"},
    ),
}  # fmt: skip
# What any operation may be refused with, by what it takes.
_ALWAYS = (400, 406, 422, 503)
_WITH_TOKEN = (401, 403)
_WITH_BODY = (413, 415)
_GUARDED = (412, 428)
_TEXT = {"schema": {"type": "string"}}


@operation(
    "GET", "/openapi.json", summary="This document", tag="Service", answer={"type": "object"}
)  # fmt: skip
def read_openapi_document() -> Reply:
    """OpenAPI 3.1, from the same table as the routes."""
    return Reply(document())


def document() -> dict[str, Any]:
    """The whole document, JSON values."""
    paths: dict[str, dict[str, Any]] = {}
    for entry in OPERATIONS:
        paths.setdefault(path_of(entry), {})[entry.method.lower()] = _operation(entry)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Waymark",
            "version": "1",
            "summary": "Consultations, questionnaires, responses, results and editions.",
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": absolute("")}],
        "externalDocs": {"description": "For people", "url": absolute("/api")},
        "tags": [{"name": tag} for tag in dict.fromkeys(entry.tag for entry in OPERATIONS)],
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "token": {
                    "type": "http", "scheme": "bearer",
                    "description": "A token of an account: wmk_INSTANCE_SECRET. Scopes: "
                    + ", ".join(SCOPES),
                },
                "draft": {
                    "type": "apiKey", "in": "header", "name": "Waymark-Draft",
                    "description": f"The code of a draft ({CODE_PATTERN}).",
                },
            },
        },
    }  # fmt: skip


def path_of(entry: Operation) -> str:
    """``/api/v1/consultations/{slug}``"""
    return PREFIX + _RULE.sub(r"{\2}", entry.path)


@cache
def schemas() -> dict[str, Any]:
    """Every model of bodies and answers, and the questionnaire's form, by name."""
    models: list[tuple[type[BaseModel], Any]] = [(Problem, "serialization")]
    for entry in OPERATIONS:
        if isinstance(entry.answer, type):
            models.append((entry.answer, "serialization"))
        if entry.body is not None and not issubclass(entry.body, RootModel):
            models.append((entry.body, "validation"))
    models.append((QuestionnaireForm, "validation"))
    _, found = models_json_schema(models, by_alias=True, ref_template=_REFERENCE)
    return dict(sorted((name, _closed(schema)) for name, schema in found["$defs"].items()))


def _closed(schema: Any) -> Any:
    """The schema with objects by language closed to other keys: pydantic leaves that unsaid."""
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(part) for key, part in schema.items()}
    if "patternProperties" in closed:
        closed.setdefault("additionalProperties", False)
    return closed


def schema_of(answer: type[BaseModel] | Mapping[str, Any]) -> dict[str, Any]:
    """A reference to a model's schema, or the schema that stands in the table."""
    if isinstance(answer, type):
        return {"$ref": _REFERENCE.format(model=name_of(answer))}
    return dict(answer)


def name_of(model: type[BaseModel]) -> str:
    """As pydantic names it among the components: ``Page[X]`` is ``Page_X_``."""
    return re.sub(r"[^A-Za-z0-9_]", "_", model.__name__)


def body_schema(entry: Operation) -> dict[str, Any]:
    assert entry.body is not None
    model = QuestionnaireForm if issubclass(entry.body, RootModel) else entry.body
    return schema_of(model)


def refusals_of(entry: Operation) -> list[int]:
    """The statuses with which an operation may be refused, in order."""
    statuses = {*_ALWAYS, *entry.refusals, 401}
    if entry.scope is not None:
        statuses.update(_WITH_TOKEN)
    if entry.body is not None:
        statuses.update(_WITH_BODY)
    if entry.method != "GET":
        statuses.add(403)  # a browser on a page of another site
    if entry.guarded:
        statuses.update(_GUARDED)
    return sorted(statuses)


def parameters_of(entry: Operation) -> list[dict[str, Any]]:
    """Of the path, of the query, and If-Match or If-None-Match."""
    parameters: list[dict[str, Any]] = []
    for _, name in _RULE.findall(entry.path):
        description, schema = _PATH_PARAMETERS[name]
        parameters.append(
            {"name": name, "in": "path", "required": True, "description": description,
             "schema": schema}
        )  # fmt: skip
    if entry.query is not None:
        parameters += _query_parameters(entry.query)
    if entry.method == "GET":
        parameters.append(_header("If-None-Match", "The ETag of what is known: 304 if unchanged."))
    elif entry.guarded or entry.method == "PATCH":
        needed = (
            "Needed where something is replaced (428)." if entry.guarded else "May be left out."
        )
        parameters.append(_header("If-Match", f"The ETag of the state that is changed. {needed}"))
    return parameters


def _header(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": ETAG_PATTERN}
    return {"name": name, "in": "header", "required": False, "description": description,
            "schema": schema}  # fmt: skip


def _query_parameters(model: type[BaseModel]) -> Iterable[dict[str, Any]]:
    schema = model.model_json_schema(ref_template=_REFERENCE)
    definitions = schema.get("$defs", {})
    for name, field in schema["properties"].items():
        described = dict(field)
        described.pop("title", None)
        text = described.pop("description", "")
        choices = described.pop("anyOf", None)
        if choices is not None:  # the parameter is left out, or is this
            described.pop("default", None)
            described |= next(choice for choice in choices if choice.get("type") != "null")
        reference = described.pop("$ref", None)
        if reference is not None:
            described = {
                key: value
                for key, value in definitions[reference.rpartition("/")[2]].items()
                if key in ("type", "enum")
            }
        yield {"name": name, "in": "query", "required": False, "description": text,
               "schema": described}  # fmt: skip


def _operation(entry: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": entry.name,
        "summary": entry.summary,
        "description": entry.description,
        "tags": [entry.tag],
        "security": _security(entry),
        "parameters": parameters_of(entry),
        "responses": _responses(entry),
    }
    if entry.scope is not None:
        described["x-scope"] = entry.scope
    if entry.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": body_schema(entry)}},
        }
    return described


def _security(entry: Operation) -> list[dict[str, list[str]]]:
    if entry.scope is not None:
        return [{"token": []}]
    if entry.draft:
        return [{"draft": []}]
    return [{}, {"token": []}] if entry.more_with else []


def _responses(entry: Operation) -> dict[str, Any]:
    headers: dict[str, Any] = {"ETag": {"description": "Of this state."} | _TEXT}
    if entry.paged:
        headers["Link"] = {"description": "Other pages (RFC 8288)."} | _TEXT
    if entry.located:
        headers["Location"] = {"description": "Of what was created."} | _TEXT
    success = {
        "headers": headers,
        "content": {"application/json": {"schema": schema_of(entry.answer)}},
    }
    responses: dict[str, Any] = {
        str(status): {"description": HTTPStatus(status).phrase} | success
        for status in sorted({entry.status, *entry.also})
    }
    if entry.method == "GET":
        responses["304"] = {"description": "Unchanged since the ETag that was sent."}
    problem = {
        "content": {"application/problem+json": {"schema": schema_of(Problem)}},
    }
    extra: dict[int, dict[str, Any]] = {
        401: {"headers": {"WWW-Authenticate": {"description": "What is wanted."} | _TEXT}},
        429: {"headers": {"Retry-After": {"description": "Seconds."} | _TEXT}},
    }
    for status in refusals_of(entry):
        phrase = HTTPStatus(status).phrase
        responses[str(status)] = {"description": phrase} | problem | extra.get(status, {})
    return dict(sorted(responses.items()))
