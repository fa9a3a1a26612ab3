"""Every route says who may use it, and that is enforced."""

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from app.access import PUBLIC, access_of, is_for_programs
from stakeholders.permissions import PERMISSIONS, Role


def test_every_route_declares_its_access(app: Flask) -> None:
    undeclared = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if access_of(app.view_functions[rule.endpoint]) not in {PUBLIC, *PERMISSIONS}
    ]
    assert undeclared == []


def test_a_route_that_declares_nothing_is_refused(app: Flask) -> None:
    app.add_url_rule("/forgotten", view_func=lambda: "secret", endpoint="forgotten")
    response = app.test_client().get("/forgotten")
    assert response.status_code == 403
    assert "secret" not in response.text


def test_nobody_reaches_a_protected_page_without_signing_in(
    app: Flask, client: FlaskClient
) -> None:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if access_of(view) == PUBLIC or "GET" not in (rule.methods or ()):
            continue
        if is_for_programs(view):  # asks for a token; see test_api_security.py
            continue
        address = rule.rule
        for argument in rule.arguments:
            converter = rule._converters[argument]
            sample = "1" if "Integer" in type(converter).__name__ else "x"
            if "UUID" in type(converter).__name__:
                sample = "00000000-0000-4000-8000-000000000000"
            prefix = address.split(f"{argument}>")[0].rsplit("<", 1)[0]
            address = prefix + sample + address.split(f"{argument}>", 1)[1]
        response = client.get(address)
        assert response.status_code == 303, (rule.rule, response.status_code)
        assert "/sign-in" in response.headers["Location"]


def test_a_citizen_is_refused_the_audit_of_others(
    app: Flask, sign_in: Callable[..., FlaskClient]
) -> None:
    citizen = sign_in(Role.CITIZEN)
    protected = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if access_of(app.view_functions[rule.endpoint]) not in (PUBLIC, None, "account.manage_own")
        and not is_for_programs(app.view_functions[rule.endpoint])
        and not rule.arguments
        and "GET" in (rule.methods or ())
    ]
    for address in protected:
        assert citizen.get(address).status_code == 403, address
