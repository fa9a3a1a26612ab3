"""The web application: the only package that knows HTTP, the shell and the queue."""

from collections import OrderedDict
from typing import Any

from flask import Flask, current_app, request

from app import (
    access,
    api,
    auth,
    cli,
    database,
    errors,
    i18n,
    limits,
    moments,
    observability,
    presentation,
    proof,
    security,
    too_many,
    views,
)
from app.caching import CompiledTemplates
from app.config import Settings, load_or_create_secret
from core.db import Database


def create_app(settings: Settings | None = None, *, testing: bool = False) -> Flask:
    """The application, wired from its settings.

    Reads the environment when no settings are given. Creates the instance folder and the secret
    key if they are missing; does not touch the database.
    """
    settings = settings or Settings()
    app = Flask(__name__, instance_path=str(settings.instance))
    app.testing = testing
    app.config.update(
        SECRET_KEY=load_or_create_secret(settings),
        WAYMARK_SETTINGS=settings,
        WAYMARK_PAGE_CACHE_SECONDS=0 if testing else settings.page_cache_seconds,
        TEMPLATES_AUTO_RELOAD=False,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    _keep_compiled_templates(app, settings)
    app.extensions["waymark.pages"] = OrderedDict()

    # The order matters: what is refused early costs little.
    observability.init_app(app, settings)
    database.init_app(
        app, Database(settings.effective_database_url, pool_size=settings.database_pool)
    )
    errors.init_app(app)
    security.init_app(app, settings)
    i18n.init_app(app, settings)
    presentation.init_app(app)
    moments.init_app(app)
    auth.init_app(app)
    limits.init_app(app, settings)
    proof.init_app(app)
    too_many.init_app(app)
    app.before_request(access.check_access)
    app.context_processor(_template_context)
    access.public(app.view_functions["static"])
    views.init_app(app)
    api.init_app(app)
    cli.init_app(app)
    return app


def _keep_compiled_templates(app: Flask, settings: Settings) -> None:
    """Compile each template once for the instance, not in every process that starts."""
    folder = settings.instance / "templates"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # what lies there is executed
    app.jinja_env.bytecode_cache = CompiledTemplates(str(folder))


def _template_context() -> dict[str, Any]:
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    return {
        "brand": {"name": settings.brand_name, "logo": settings.brand_logo},
        "settings": settings,
        "can": access.can,
        "demonstration": request.endpoint != "static" and auth.in_demonstration(),
        "current_path": request.path,
    }
