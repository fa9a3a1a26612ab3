"""Commands: `flask GROUP VERB`. One module a group, each with a `<group>_group`."""

import importlib
import pkgutil

import click
from flask import Flask


def init_app(app: Flask) -> None:
    """Register every group found in this package."""
    for module_info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        group = getattr(module, f"{module_info.name}_group", None)
        if isinstance(group, click.Group):
            app.cli.add_command(group)
