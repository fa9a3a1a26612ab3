"""`flask exports`: documents out of editions."""

import hashlib
import os
import tempfile
from pathlib import Path

import click

from app.cli.output import CommandGroup, emit, json_option
from app.database import operator_session
from core.errors import InvalidInput
from core.ids import clean_slug

exports_group = CommandGroup("exports", help="Documents out of published editions.")


class CannotWrite(InvalidInput):
    """The output file cannot be written."""

    code = "exports.cannot_write"
    template = "The file {file} cannot be written: {reason}"
    remedy = "Give a path in an existing folder you may write to."


@exports_group.command("edition")
@click.argument("roadmap")
@click.argument("version")
@click.option("--format", "format_", required=True, help="pdf or json.")
@click.option("--language", default="en", show_default=True, help="Language of the document.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Where to write it; - is standard output. Otherwise a name made of slug and version.",
)
@json_option
def edition(
    roadmap: str, version: str, format_: str, language: str, output: str | None, as_json: bool
) -> None:
    """Write edition VERSION of ROADMAP as a document."""
    # Imported here: fonts and PDF code take a moment that other commands need not wait for.
    from exports.registry import get_exporter
    from roadmap.editions.publishing import get_edition_document

    exporter = get_exporter(format_)
    if output == "-" and as_json and exporter.identifier != "json":
        raise click.UsageError("--json describes the file written; -o - writes none.")
    with operator_session() as session:
        document = get_edition_document(session, roadmap=clean_slug(roadmap), version=version)
    content = exporter.render(document, language=language)
    if output == "-":
        click.echo(content, nl=False)
        return
    path = Path(output or exporter.filename(document))
    _write(path, content)
    written = {
        "file": str(path),
        "format": exporter.identifier,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    emit(written, as_json=as_json, text=f"Wrote {path} ({len(content):,} bytes).")


def _write(path: Path, content: bytes) -> None:
    """Put the whole file in place, or nothing; devices and pipes are written to as they are."""
    try:
        path = path.resolve()
        if path.exists() and not path.is_file():
            path.write_bytes(content)
            return
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            umask = os.umask(0)
            os.umask(umask)
            Path(temporary).chmod(0o666 & ~umask)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CannotWrite(file=path, reason=error.strerror or str(error)) from None
