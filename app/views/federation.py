"""The network of instances: the wire between hub and nodes, and its pages."""

import json

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from joserfc.jwk import OKPKey
from werkzeug.wrappers import Response

from app.access import can, current_actor, public, requires
from app.caching import cacheable
from app.config import Settings
from app.database import commit, read_session, write_session
from app.federated_results import merged_results
from app.limits import limiter, submission_limit
from app.presentation import RESPONDENT_TYPE_LABELS
from app.security import signed_request
from core.clock import utc_now
from core.errors import NotFound, WaymarkError
from federation import hub as at_hub
from federation import node as at_node
from federation.envelope import public_jwk
from federation.errors import InvalidKey
from federation.exchange import MEDIA_TYPE
from federation.keys import load_or_create_key
from surveys.consultations import phase_of

blueprint = Blueprint("federation", __name__)


def own_key() -> OKPKey:
    """This instance's key pair."""
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    return load_or_create_key(settings.instance)


# The wire: signed messages in and out, refusals as problem+json.


@blueprint.get("/federation/v1/key")
@public
def key() -> Response:
    """The public key as JWK. Whoever registers it compares the thumbprint by another way."""
    return Response(json.dumps(public_jwk(own_key())), mimetype="application/jwk+json")


@blueprint.get("/federation/v1/consultations/<slug>/definition")
@public
def definition(slug: str) -> Response:
    """The newest signed definition of a consultation."""
    shared = at_hub.get_shared(read_session(), slug=slug)
    return Response(shared.envelope, mimetype=MEDIA_TYPE)


@blueprint.post("/federation/v1/releases")
@public
@signed_request
@limiter.limit(submission_limit)
def receive() -> Response:
    """Take a node's signed release; answer with the signed acknowledgement."""
    release = at_hub.receive_release(
        write_session(), token=request.get_data(cache=False), key=own_key(), now=utc_now()
    )
    commit()
    return Response(release.acknowledgement, 201, mimetype=MEDIA_TYPE)


@blueprint.get("/federation/v1/releases/<sha256>/acknowledgement")
@public
def acknowledgement(sha256: str) -> Response:
    """The acknowledgement of a release received, for a node that lost it."""
    token = at_hub.find_acknowledgement(read_session(), sha256=sha256)
    if token is None:
        raise NotFound(what="A release with this hash")
    return Response(token, mimetype=MEDIA_TYPE)


# The pages.


@blueprint.get("/network/")
@public
@cacheable
def index() -> str:
    """What is asked together with others, and where it stands."""
    session = read_session()
    return render_template(
        "federation/index.html",
        shared=[
            (entry, at_hub.node_statuses(session, shared=entry))
            for entry in at_hub.list_shared(session)
        ],
        hub=at_node.find_hub(session),
        followed=[
            (entry, at_node.find_last_release(session, entry))
            for entry in at_node.list_pulled(session)
        ],
    )


@blueprint.get("/network/consultations/<slug>")
@public
@cacheable
def show(slug: str) -> str:
    """The merged result of one consultation, with the nodes behind it."""
    session, now = read_session(), utc_now()
    shared = at_hub.get_shared(session, slug=slug)
    closed = phase_of(shared.consultation, now=now).is_closed
    return render_template(
        "federation/consultation.html",
        merged=merged_results(session, slug, now=now, own_part=closed or can("results.read_exact")),
        group_labels=RESPONDENT_TYPE_LABELS,
    )


@blueprint.get("/network/nodes")
@requires("federation.manage")
def nodes() -> str:
    """The nodes trusted, and the form to register one."""
    return _nodes_page()


@blueprint.post("/network/nodes")
@requires("federation.manage")
def add_node() -> Response | tuple[str, int]:
    """Register a node. What was typed stays on the page when it is refused."""
    try:
        node = at_hub.register_node(
            write_session(),
            name=request.form.get("name", ""),
            public_key=_typed_key(),
            actor=current_actor(),
            now=utc_now(),
        )
    except WaymarkError as refusal:
        write_session().rollback()
        return _nodes_page(refusal), 422
    commit()
    flash(_("The node %(name)s is registered.", name=node.name), "success")
    return redirect(url_for("federation.nodes"), 303)


@blueprint.post("/network/nodes/<name>/remove")
@requires("federation.manage")
def remove_node(name: str) -> Response:
    """Trust a node no longer."""
    at_hub.remove_node(write_session(), name=name, actor=current_actor(), now=utc_now())
    commit()
    flash(_("The node %(name)s is no longer trusted.", name=name), "success")
    return redirect(url_for("federation.nodes"), 303)


@blueprint.post("/network/share")
@requires("federation.manage")
def share() -> Response:
    """Sign a consultation for the nodes."""
    slug = request.form.get("slug", "")
    at_hub.share_consultation(
        write_session(), slug=slug, key=own_key(), actor=current_actor(), now=utc_now()
    )
    commit()
    flash(_("Nodes can pull this consultation now."), "success")
    return redirect(url_for("federation.nodes"), 303)


def _nodes_page(refusal: WaymarkError | None = None) -> str:
    session = read_session()
    return render_template(
        "federation/nodes.html",
        nodes=at_hub.list_nodes(session),
        shareable=at_hub.list_shareable(session),
        shared=at_hub.list_shared(session),
        own=public_jwk(own_key()),
        refusal=refusal,
        typed=request.form,
    )


def _typed_key() -> object:
    try:
        document = json.loads(request.form.get("public_key", ""))
    except (ValueError, RecursionError):
        raise InvalidKey(where="public_key", reason="it cannot be read as JSON") from None
    return document.get("public_key", document) if isinstance(document, dict) else document
