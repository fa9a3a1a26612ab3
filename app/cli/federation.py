"""`flask federation`: who the others are, definitions out and in, releases in and out."""

import json
from pathlib import Path
from typing import Any

import click
from flask import current_app
from joserfc.jwk import OKPKey

from app.cli.output import CommandGroup, emit, json_option, note, slug_argument
from app.config import Settings
from app.database import get_database, operator_session
from app.federated_results import exact_results, merged_results
from app.projection import project_responses
from core.audit import OPERATOR
from core.clock import utc_now
from federation import hub as at_hub
from federation import node as at_node
from federation.delivery import NodeWork
from federation.envelope import public_jwk
from federation.errors import InvalidKey
from federation.keys import load_or_create_key
from federation.models import ReceivedRelease, SentRelease
from surveys.consultations import phase_of

federation_group = CommandGroup("federation", help="The network of instances: hub and nodes.")


def own_key() -> OKPKey:
    """This instance's key pair."""
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    return load_or_create_key(settings.instance)


@federation_group.command("keys")
@json_option
def keys(as_json: bool) -> None:
    """Show this instance's public key, made at first use. Give it to the other side."""
    jwk = public_jwk(own_key())
    document = {"thumbprint": jwk["kid"], "public_key": jwk}
    emit(document, as_json=as_json, text=f"Thumbprint {jwk['kid']}\n{json.dumps(jwk)}")


@federation_group.group("node", cls=CommandGroup)
def node() -> None:
    """At the hub: the nodes that may send releases."""


@node.command("add")
@click.argument("name")
@click.option("--key", "key_text", required=True, help="Their public key: JSON, a file, or -.")
@json_option
def add_node(name: str, key_text: str, as_json: bool) -> None:
    """Trust the node with this public key. Compare the thumbprint with its operator first."""
    with operator_session() as session:
        added = at_hub.register_node(
            session, name=name, public_key=_read_key(key_text), actor=OPERATOR, now=utc_now()
        )
        document = {"name": added.name, "thumbprint": added.thumbprint}
    text = f"Node {document['name']} is registered with the key {document['thumbprint']}."
    emit(document, as_json=as_json, text=text)


@node.command("remove")
@click.argument("name")
@json_option
def remove_node(name: str, as_json: bool) -> None:
    """Trust a node no longer. Its releases stay on record and are not counted."""
    with operator_session() as session:
        at_hub.remove_node(session, name=name, actor=OPERATOR, now=utc_now())
    emit({"removed": name}, as_json=as_json, text=f"Node {name} is no longer trusted.")


@federation_group.command("share")
@slug_argument
@json_option
def share(slug: str, as_json: bool) -> None:
    """At the hub: sign a consultation as it stands, for nodes to pull. Again after changes."""
    with operator_session() as session:
        shared = at_hub.share_consultation(
            session, slug=slug, key=own_key(), actor=OPERATOR, now=utc_now()
        )
        document = {
            "slug": slug,
            "sequence": shared.sequence,
            "sha256": shared.sha256,
            "questionnaire_sha256": shared.questionnaire_sha256,
        }
    text = f"Definition {document['sequence']} of {slug} is ready to be pulled."
    emit(document, as_json=as_json, text=text)


@federation_group.group("hub", cls=CommandGroup)
def hub() -> None:
    """At a node: the hub."""


@hub.command("set")
@click.argument("url")
@click.option("--key", "key_text", required=True, help="Its public key: JSON, a file, or -.")
@json_option
def set_hub(url: str, key_text: str, as_json: bool) -> None:
    """Follow the hub at URL with this public key."""
    with operator_session() as session:
        followed = at_node.register_hub(
            session, url=url, public_key=_read_key(key_text), actor=OPERATOR, now=utc_now()
        )
        document = {"url": followed.url, "thumbprint": followed.thumbprint}
    text = f"The hub is {document['url']} with the key {document['thumbprint']}."
    emit(document, as_json=as_json, text=text)


@federation_group.command("pull")
@slug_argument
@json_option
def pull(slug: str, as_json: bool) -> None:
    """At a node: fetch the hub's definition of a consultation and ask the same here."""
    pulled = _work().pull(slug)
    document = {
        "slug": slug,
        "sequence": pulled.sequence,
        "sha256": pulled.sha256,
        "questionnaire_sha256": pulled.questionnaire_sha256,
    }
    emit(document, as_json=as_json, text=f"{slug} follows definition {pulled.sequence} of the hub.")


@federation_group.command("release")
@slug_argument
@json_option
def release(slug: str, as_json: bool) -> None:
    """At a node: sign the suppressed counts and send them to the hub. Safe to run again.

    Best once, after closing: what changed between two releases was said by those in between.
    """
    now = utc_now()
    sent = _work().release(slug, lambda session: exact_results(session, slug, now=now))
    document = _sent(sent) | {"slug": slug}
    text = f"The hub has release {sent.sequence} of {slug} ({sent.sha256[:12]})."
    emit(document, as_json=as_json, text=text)
    if not phase_of(sent.consultation, now=now).is_closed:
        note("People may still answer. A later release beside this one shows what was said since.")
        note("Best is one release, after closing.")


@federation_group.command("results")
@slug_argument
@json_option
def results(slug: str, as_json: bool) -> None:
    """At the hub: the merged result, as it is public. Hidden parts make a sum "at least"."""
    now = utc_now()
    with operator_session() as session:
        project_responses(session, now=now)
        document = merged_results(session, slug, now=now).as_document()
    emit(document, as_json=as_json, text=_as_lines(document))


@federation_group.command("status")
@json_option
def status(as_json: bool) -> None:
    """Say who the others are, what is shared and followed, and what was exchanged."""
    with get_database().reading() as session:
        followed = at_node.find_hub(session)
        shared = [
            {
                "slug": entry.consultation.slug,
                "sequence": entry.sequence,
                "nodes": [
                    {"name": status.name, "release": _received(status.release)}
                    for status in at_hub.node_statuses(session, shared=entry)
                ],
            }
            for entry in at_hub.list_shared(session)
        ]
        document = {
            "thumbprint": public_jwk(own_key())["kid"],
            "nodes": [
                {"name": entry.name, "thumbprint": entry.thumbprint}
                for entry in at_hub.list_nodes(session)
            ],
            "shared": shared,
            "hub": {"url": followed.url, "thumbprint": followed.thumbprint} if followed else None,
            "followed": [
                {
                    "slug": entry.consultation.slug,
                    "sequence": entry.sequence,
                    "release": _sent(at_node.find_last_release(session, entry)),
                }
                for entry in at_node.list_pulled(session)
            ],
        }
    emit(document, as_json=as_json, text=_status_text(document))


def _work() -> NodeWork:
    return NodeWork(operator_session, own_key(), OPERATOR, utc_now())


def _read_key(given: str) -> Any:
    """A JWK from JSON on the command line, a file, or standard input (``-``).

    What ``flask federation keys --json`` printed is taken as it is.
    """
    if given == "-":
        given = click.get_text_stream("stdin").read()
    elif not given.lstrip().startswith("{"):
        try:
            given = Path(given).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError, ValueError):
            raise InvalidKey(where="--key", reason="there is no such file") from None
    try:
        document = json.loads(given)
    except (ValueError, RecursionError):
        raise InvalidKey(where="--key", reason="it cannot be read as JSON") from None
    if isinstance(document, dict) and "public_key" in document:
        return document["public_key"]
    return document


def _received(entry: ReceivedRelease | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    return {
        "sequence": entry.sequence,
        "sha256": entry.sha256,
        "as_of": entry.issued_at.isoformat(),
        "received_at": entry.received_at.isoformat(),
    }


def _sent(entry: SentRelease | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    return {
        "sequence": entry.sequence,
        "sha256": entry.sha256,
        "as_of": entry.issued_at.isoformat(),
        "acknowledged_at": entry.acknowledged_at.isoformat() if entry.acknowledged_at else None,
    }


def _status_text(document: dict[str, Any]) -> str:
    lines = [f"This instance: {document['thumbprint']}"]
    lines += [f"Node {entry['name']}: {entry['thumbprint']}" for entry in document["nodes"]]
    for entry in document["shared"]:
        there = [n for n in entry["nodes"] if n["release"]]
        lines.append(f"Shared {entry['slug']}: {len(there)} of {len(entry['nodes'])} nodes")
    if document["hub"]:
        lines.append(f"Hub {document['hub']['url']}: {document['hub']['thumbprint']}")
    for entry in document["followed"]:
        last = entry["release"]
        state = "nothing released"
        if last:
            state = f"release {last['sequence']}, "
            state += "acknowledged" if last["acknowledged_at"] else "waiting to be delivered"
        lines.append(f"Follows {entry['slug']}: {state}")
    return "\n".join(lines)


def _as_lines(document: dict[str, Any]) -> str:
    nodes = document["nodes"]
    lines = [f"{nodes['released']} of {nodes['registered']} nodes, as of {document['as_of']}"]
    for question in document["questions"]:
        lines.append(f"{question['code']}  n = {_shown(question['answered'])}")
        lines += [f"  {_shown(o['count']):>14}  {o['label']}" for o in question["options"]]
    return "\n".join(lines)


def _shown(total: dict[str, Any]) -> str:
    return f"at least {total['count']}" if total["at_least"] else str(total["count"])
