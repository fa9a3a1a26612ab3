"""The OpenAPI document and the page for people say what the routes do."""

import re
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access import is_for_programs, scope_of
from app.api.operations import OPERATIONS
from stakeholders.permissions import SCOPES
from surveys.definition import parse_definition
from tests.questionnaire_factory import definition
from tests.web.api_programs import API


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    answer = client.get(f"{API}/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json
    return found


def test_every_route_is_described_and_every_description_has_a_route(
    app: Flask, document: dict[str, Any]
) -> None:
    routes = {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if is_for_programs(app.view_functions[rule.endpoint])
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(method, path) for path, item in document["paths"].items() for method in item}
    assert described == routes
    assert len(OPERATIONS) == len(routes)


def test_what_a_route_needs_is_what_is_described(app: Flask, document: dict[str, Any]) -> None:
    for entry in OPERATIONS:
        assert scope_of(app.view_functions[f"api.{entry.name}"]) == entry.scope
    used = {entry.scope for entry in OPERATIONS} - {None}
    assert used == set(SCOPES)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = set(re.findall(r"'\$ref': '#/components/schemas/(\w+)'", str(document)))
    assert references <= set(document["components"]["schemas"])
    names = [item["operationId"] for path in document["paths"].values() for item in path.values()]
    assert len(names) == len(set(names))
    for path in document["paths"].values():
        for item in path.values():
            assert item["summary"]
            assert item["description"]


def test_the_schema_of_a_questionnaire_takes_one(document: dict[str, Any]) -> None:
    schema = {"$ref": "#/components/schemas/QuestionnaireForm"} | {
        "components": document["components"]
    }
    assert jsonschema_rs.is_valid(schema, definition())
    assert not jsonschema_rs.is_valid(schema, definition(title={"english": "x"}))
    parse_definition(definition())


def test_the_page_for_people_names_every_operation(client: FlaskClient) -> None:
    page = client.get("/api")
    assert page.status_code == 200
    for entry in OPERATIONS:
        assert f'id="{entry.name}"' in page.text
        assert entry.description
    for scope in SCOPES:
        assert scope in page.text
    assert "style=" not in page.text
