"""How commands speak: JSON alone on standard output, words to people, exit status 1 on refusal."""

import json
import sys
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from core.errors import Conflict, InvalidInput, WaymarkError
from core.ids import clean_slug

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document and nothing else."
)
slug_argument = click.argument("slug", callback=lambda _context, _parameter, text: clean_slug(text))


def emit(document: Any, *, as_json: bool, text: str) -> None:
    """Print ``document`` as JSON, or ``text`` for people."""
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        click.echo(text)


def note(message: str) -> None:
    """A message beside the result: to standard error, so that it never mixes with JSON."""
    click.echo(message, err=True)


def print_refusal(error: WaymarkError) -> None:
    """A refusal for an operator: the code, what is wrong, what to do."""
    note(f"refused [{error.code}] {error.message}")
    for path, reason in getattr(error, "problems", None) or ():
        if isinstance(path, str):
            note(f"  {path}: {reason}")
    if error.advice:
        note(error.advice)


class DatabaseUnavailable(Conflict):
    """The database cannot be reached or lacks tables."""

    code = "database.unavailable"
    template = "The database cannot be used: {reason}"
    remedy = "Check DATABASE_URL, and run `flask db upgrade` once."


class Collision(Conflict):
    """Two wrote the same at the same moment; the other one was first."""

    code = "database.collision"
    template = "Somebody did the same at the same moment. Nothing was changed."
    remedy = "Look how it stands, and repeat the command."


class FileUnusable(InvalidInput):
    """A file or folder that was named cannot be read or written."""

    code = "command.file_unusable"
    template = "{file} cannot be used: {reason}"
    remedy = "Give a path in an existing folder you may use."


class CommandGroup(AppGroup):
    """A group whose commands run in the app's context and end with 1 when refused."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except WaymarkError as error:
            print_refusal(error)
        except (OperationalError, ProgrammingError) as error:
            print_refusal(DatabaseUnavailable(reason=str(error.orig).strip().split("\n")[0]))
        except IntegrityError:
            print_refusal(Collision())
        except BrokenPipeError:
            raise  # whoever read our output has gone
        except OSError as error:
            reason = error.strerror or type(error).__name__
            print_refusal(FileUnusable(file=error.filename or "A file", reason=reason))
        sys.exit(1)
