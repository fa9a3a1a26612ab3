"""Editions as everybody reads them: compare, download, verify; and the public draft of the next.

The secretariat publishes at its desk (``edition_desk``); a job renders the documents
(app/documents.py), downloads only stream.
"""

import io
import json
import zipfile

from flask import Blueprint, make_response, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from app.access import public, requires
from app.caching import cacheable
from app.database import read_session
from app.documents import find_file, list_files
from app.i18n import interface_language
from app.views.edition_desk import titles_of
from core.errors import NotFound
from exports.registry import get_exporter
from roadmap.editions.chain import chain_document
from roadmap.editions.publishing import (
    compare_published,
    find_current_edition,
    get_edition,
    get_edition_document,
    list_editions,
    read_document,
    verify_chain,
)
from roadmap.editions.stages import find_public_draft
from roadmap.editions.verifying.standalone import FILENAME, standalone_script
from roadmap.models import Edition
from roadmap.roadmaps import get_roadmap
from surveys.models import Consultation

blueprint = Blueprint("editions", __name__, url_prefix="/roadmaps/<slug>")

# A document over which a hash is published must come back as it was: no proxy may change it.
_UNCHANGED = "public, max-age=31536000, immutable, no-transform"


@blueprint.get("/editions/")
@public
@cacheable
def index(slug: str) -> str:
    session = read_session()
    return render_template(
        "editions/index.html",
        roadmap=get_roadmap(session, slug=slug),
        editions=list(reversed(list_editions(session, slug=slug))),
        current=find_current_edition(session, slug=slug),
        public_draft=find_public_draft(session, slug=slug),
        faults=verify_chain(session, slug=slug),
    )


@blueprint.get("/editions/<version>")
@public
@cacheable
def show(slug: str, version: str) -> str:
    session = read_session()
    edition = get_edition(session, slug=slug, version=version)
    document = read_document(edition)
    return render_template(
        "editions/show.html",
        roadmap=get_roadmap(session, slug=slug),
        edition=edition,
        document=document,
        files=list_files(session, edition=edition),
        others=[e.version for e in list_editions(session, slug=slug) if e.version != version],
        current=find_current_edition(session, slug=slug),
        titles=titles_of(document),
        changes=document["changes"],
    )


@blueprint.get("/public-draft")
@public
@cacheable
def draft(slug: str) -> str:
    """The next edition as it is proposed, when everybody may read it."""
    session = read_session()
    candidate = find_public_draft(session, slug=slug)
    if candidate is None or candidate.document is None:
        raise NotFound(what="A public draft")
    document = json.loads(candidate.document)
    return render_template(
        "editions/draft.html",
        roadmap=get_roadmap(session, slug=slug),
        candidate=candidate,
        consultation=session.get(Consultation, candidate.consultation_id)
        if candidate.consultation_id
        else None,
        document=document,
        titles=titles_of(document),
        changes=document["changes"],
    )


@blueprint.get("/editions/<older>/to/<newer>")
@public
@cacheable
def compare(slug: str, older: str, newer: str) -> str:
    """What changed between any two editions."""
    session = read_session()
    old = get_edition_document(session, roadmap=slug, version=older)
    new = get_edition_document(session, roadmap=slug, version=newer)
    return render_template(
        "editions/compare.html",
        roadmap=get_roadmap(session, slug=slug),
        older=older,
        newer=newer,
        versions=[e.version for e in list_editions(session, slug=slug)],
        changes=compare_published(session, slug=slug, older=older, newer=newer),
        document=new,
        titles=titles_of(old) | titles_of(new),
    )


@blueprint.get("/compare")
@public
def choose(slug: str) -> Response:
    """The form on the compare page: leads to the address of that comparison."""
    older, newer = request.args.get("older", ""), request.args.get("newer", "")
    if not (older and newer):
        return redirect(url_for("editions.index", slug=slug), 303)
    return redirect(url_for("editions.compare", slug=slug, older=older, newer=newer), 303)


@blueprint.get("/editions/<version>/edition.json")
@public
def as_json(slug: str, version: str) -> Response:
    """The canonical JSON, byte for byte what the fingerprint is of."""
    edition = get_edition(read_session(), slug=slug, version=version)
    response = make_response(edition.document.encode())
    response.headers["Content-Type"] = "application/json"
    response.headers["Cache-Control"] = _UNCHANGED
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}-{version}.json"'
    return response


@blueprint.get("/editions/<version>/edition.pdf")
@public
def as_pdf(slug: str, version: str) -> Response:
    language = request.args.get("language") or interface_language()
    path, file = find_file(
        read_session(), slug=slug, version=version, format_name="pdf", language=language
    )
    response = send_file(
        path,
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"{slug}-{version}-{file.language}.pdf",
        etag=file.sha256,
    )
    response.headers["Cache-Control"] = "public, max-age=3600, no-transform"
    return response


@blueprint.get("/editions/<version>/provenance.jsonld")
@public
def as_provenance(slug: str, version: str) -> Response:
    """Where every element comes from, as PROV in JSON-LD."""
    session = read_session()
    document = get_edition_document(session, roadmap=slug, version=version)
    exporter = get_exporter("jsonld")
    response = make_response(exporter.render(document))
    response.headers["Content-Type"] = exporter.media_type
    response.headers["Cache-Control"] = "public, max-age=3600, no-transform"
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{exporter.filename(document)}"'
    )
    return response


@blueprint.get("/editions/chain.json")
@public
def chain(slug: str) -> Response:
    """All editions with their hashes, as one file that anyone can verify."""
    response = make_response(chain_document(slug, _editions(slug)))
    response.headers["Content-Type"] = "application/json"
    response.headers["Cache-Control"] = "public, max-age=60, no-transform"
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}-chain.json"'
    return response


@blueprint.get("/editions/chain.zip")
@public
def chain_archive(slug: str) -> Response:
    """All editions, their hashes as ``sha256sum -c`` reads them, and the script that verifies."""
    editions = _editions(slug)
    files = {f"{slug}-{each.version}.json": each.document.encode() for each in editions}
    sums = "".join(f"{each.sha256}  {slug}-{each.version}.json\n" for each in editions)
    files |= {
        "SHA256SUMS": sums.encode(),
        f"{slug}-chain.json": chain_document(slug, editions),
        FILENAME: standalone_script().encode(),
    }
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as into:
        for name, content in files.items():
            # No clock: the same editions are the same bytes.
            into.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), content)
    response = make_response(archive.getvalue())
    response.headers["Content-Type"] = "application/zip"
    response.headers["Cache-Control"] = "public, max-age=60, no-transform"
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}-editions.zip"'
    return response


@blueprint.get(f"/editions/{FILENAME}")
@public
def script(slug: str) -> Response:
    """The verifier: one file of Python."""
    response = make_response(standalone_script())
    response.headers["Content-Type"] = "text/x-python; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{FILENAME}"'
    return response


@blueprint.get("/publish")
@requires("edition.publish")
def preview(slug: str) -> Response:
    """Where publishing was before two people were needed for it."""
    return redirect(url_for("edition_desk.index", slug=slug), 303)


def _editions(slug: str) -> list[Edition]:
    session = read_session()
    get_roadmap(session, slug=slug)
    return list(list_editions(session, slug=slug))
