"""The API for programs, under ``/api/v1``: JSON in, JSON out, no cookies.

``operations`` holds the table of what it can do; the table makes the routes, the OpenAPI document
(``openapi``) and the page for people (app/views/api_reference.py). docs/api.md explains its use.
"""

from flask import Flask

from app.api import answering, consultations, desk, openapi, responses, results, roadmaps
from app.api.operations import blueprint

# Each module adds its operations to the table as it is imported, in this order.
__all__ = ["answering", "consultations", "desk", "init_app", "openapi", "responses", "results",
           "roadmaps"]  # fmt: skip


def init_app(app: Flask) -> None:
    """Add the routes of every operation."""
    app.register_blueprint(blueprint)
