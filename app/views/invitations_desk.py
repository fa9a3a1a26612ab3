"""The secretariat's desk for the people a targeted poll is for: invite, remind, look, erase."""

import base64
import binascii
import zlib
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.database import commit, read_session, write_session
from app.errors import describe, status_of
from app.invitation_mail import invitation_address, preview
from app.journey import credential_key
from core.clock import utc_now
from core.errors import InvalidInput, WaymarkError
from core.ids import random_uuid
from core.text import LANGUAGES
from surveys.consultations import get_consultation, phase_of
from surveys.errors import InvalidInvitationList
from surveys.inviting.invitation_lists import MAXIMUM_BYTES, InvitationList, read_invitation_list
from surveys.inviting.invitation_register import (
    InvitationState,
    count_states,
    erase_invitation,
    export_invitations,
    get_invitation,
    list_invitations,
    list_participants,
)
from surveys.inviting.invitation_texts import KINDS, PLACEHOLDERS, LetterText, text_for
from surveys.inviting.invitations import create_invitations, note_answers, require_targeted
from surveys.inviting.mailing import (
    Letter,
    correct_address,
    count_to_remind,
    find_known,
    invite_people,
    list_texts,
    remind,
    send_invitations,
    set_text,
)
from surveys.models import Consultation

blueprint = Blueprint(
    "invitations_desk", __name__, url_prefix="/desk/consultations/<slug>/invitations"
)


@blueprint.get("/")
@requires("consultation.manage")
def index(slug: str) -> str:
    return _register(slug, None, [])


@blueprint.post("/links")
@requires("consultation.manage")
def make_links(slug: str) -> str | tuple[str, int]:
    """Make invitations and show their links, once: they are stored hashed."""
    session = write_session()
    try:
        tokens = create_invitations(
            session, consultation=get_consultation(session, slug=slug),
            count=request.form.get("count", 0, type=int), actor=current_actor(), now=utc_now(),
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _register(slug, refusal, []), status_of(refusal)
    return _register(slug, None, [invitation_address(slug, token) for token in tokens])


@blueprint.post("/send")
@requires("consultation.manage")
def send(slug: str) -> Response | tuple[str, int]:
    """Have the invitations sent that wait for the dates."""
    session = write_session()
    try:
        count = send_invitations(
            session, consultation=get_consultation(session, slug=slug), actor=current_actor(),
            now=utc_now(),
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _register(slug, refusal, []), status_of(refusal)
    flash(_("%(count)s invitations are on their way.", count=count), "success")
    return _back(slug)


@blueprint.post("/remind")
@requires("consultation.manage")
def send_reminders(slug: str) -> Response | tuple[str, int]:
    session = write_session()
    try:
        consultation = get_consultation(session, slug=slug)
        if consultation.anonymity == "pseudonymous":
            note_answers(session, consultation_id=consultation.id, key=credential_key())
        count = remind(session, consultation=consultation, actor=current_actor(), now=utc_now())
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _register(slug, refusal, []), status_of(refusal)
    flash(
        ngettext(
            "A reminder is on its way to %(num)s person.",
            "A reminder is on its way to %(num)s people.", count,
        ),
        "success",
    )  # fmt: skip
    return _back(slug)


@blueprint.get("/list")
@requires("consultation.manage")
def choose_list(slug: str) -> str:
    consultation = get_consultation(read_session(), slug=slug)
    require_targeted(consultation)
    return _list_page(consultation, None, None, "")


@blueprint.post("/list")
@requires("consultation.manage")
def import_list(slug: str) -> str | Response | tuple[str, int]:
    """First say what would happen; do it when that is confirmed.

    Between the two the list travels with the page: nothing of it is kept here meanwhile.
    """
    session = write_session()
    consultation = get_consultation(session, slug=slug)
    try:
        require_targeted(consultation)
        data = _uploaded()
        found = read_invitation_list(data)
        if request.form.get("action") != "confirm":
            page = _list_page(consultation, found, None, _pack(data))
            session.rollback()
            return page
        if found.problems and request.form.get("skip_bad") != "yes":
            raise InvalidInvitationList(
                summary=_("Some lines have problems. Correct them, or confirm to leave them out."),
                problems=found.problems,
            )
        invited = invite_people(
            session, consultation=consultation, invitees=found.invitees, key=credential_key(),
            actor=current_actor(), now=utc_now(),
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        session.rollback()
        again = None
        packed = request.form.get("packed", "")
        if packed and isinstance(refusal, InvalidInvitationList):
            again = read_invitation_list(_unpack(packed))
        return _list_page(consultation, again, refusal, packed), status_of(refusal)
    said = {
        "now": _("%(count)s people are invited; the e-mails are on their way."),
        "at_opening": _("%(count)s people are invited; the e-mails go out when it opens."),
        "later": _("%(count)s people are on the list; send the e-mails when the dates are set."),
    }[invited.sending]
    flash(said % {"count": invited.created}, "success")
    return _back(slug)


@blueprint.get("/export.csv")
@requires("consultation.manage")
def export(slug: str) -> Response:
    session = read_session()
    consultation = get_consultation(session, slug=slug)
    response = make_response(export_invitations(session, consultation=consultation))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}-invitations.csv"'
    return response


@blueprint.get("/participants")
@requires("consultation.manage")
def participants(slug: str) -> str:
    """Who gave which response, in an identified poll."""
    session = read_session()
    consultation = get_consultation(session, slug=slug)
    return render_template(
        "desk/participants.html", consultation=consultation,
        phase=phase_of(consultation, now=utc_now()),
        participants=list_participants(session, consultation=consultation),
    )  # fmt: skip


@blueprint.get("/<uuid:invitation_id>")
@requires("consultation.manage")
def person(slug: str, invitation_id: UUID) -> str:
    return _person_page(slug, invitation_id, None)


@blueprint.post("/<uuid:invitation_id>/address")
@requires("consultation.manage")
def correct(slug: str, invitation_id: UUID) -> Response | tuple[str, int]:
    """Send the invitation again, to a corrected address or the same."""
    session = write_session()
    try:
        consultation = get_consultation(session, slug=slug)
        invitation = get_invitation(session, consultation=consultation, invitation_id=invitation_id)
        correct_address(
            session, invitation=invitation, email=request.form.get("email", ""),
            actor=current_actor(), now=utc_now(),
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _person_page(slug, invitation_id, refusal), status_of(refusal)
    flash(_("The invitation is sent again."), "success")
    return _back(slug)


@blueprint.post("/<uuid:invitation_id>/erase")
@requires("consultation.manage")
def erase(slug: str, invitation_id: UUID) -> Response | tuple[str, int]:
    session = write_session()
    try:
        if request.form.get("sure") != "yes":
            raise InvalidInput(where=_("Delete"), reason=_("tick the box to say that you mean it"))
        erase_invitation(
            session, consultation=get_consultation(session, slug=slug),
            invitation_id=invitation_id, actor=current_actor(), now=utc_now(),
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _person_page(slug, invitation_id, refusal), status_of(refusal)
    flash(_("The entry is deleted, with everything in it."), "success")
    return _back(slug)


@blueprint.get("/texts")
@requires("consultation.manage")
def texts(slug: str) -> str:
    return _texts_page(slug, None)


@blueprint.post("/texts")
@requires("consultation.manage")
def save_text(slug: str) -> Response | tuple[str, int]:
    session = write_session()
    kind, language = request.form.get("kind", ""), request.form.get("language", "")
    try:
        usual = request.form.get("action") == "usual"
        if language not in LANGUAGES:
            raise InvalidInput(where=_("Language"), reason=_("expected a language of the EU"))
        set_text(
            session, consultation=get_consultation(session, slug=slug), kind=kind,
            language=language, actor=current_actor(), now=utc_now(),
            text=None if usual else LetterText(
                request.form.get("subject", ""), request.form.get("body", "")
            ),
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _texts_page(slug, refusal), status_of(refusal)
    flash(_("The text is saved."), "success")
    address = url_for("invitations_desk.texts", slug=slug, kind=kind, language=language)
    return redirect(address, 303)


def _uploaded() -> bytes:
    packed = request.form.get("packed", "")
    if packed:
        return _unpack(packed)
    file = request.files.get("list")
    if file is None or not file.filename:
        raise InvalidInput(where=_("List"), reason=_("choose a CSV file"))
    return file.read()


def _pack(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data, 9)).decode()


def _unpack(packed: str) -> bytes:
    """What ``_pack`` made, and never more than a list may hold."""
    try:
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(base64.b64decode(packed, validate=True), MAXIMUM_BYTES + 1)
    except (zlib.error, binascii.Error, ValueError):
        raise InvalidInput(where=_("List"), reason=_("choose the file again")) from None
    if len(data) > MAXIMUM_BYTES:
        raise InvalidInput(where=_("List"), reason=_("the file is too large"))
    return data


def _back(slug: str) -> Response:
    return redirect(url_for("invitations_desk.index", slug=slug), 303)


def _register(slug: str, refusal: WaymarkError | None, links: list[str]) -> str:
    session = read_session()
    now = utc_now()
    consultation = get_consultation(session, slug=slug)
    wanted = request.args.get("state", "")
    state = InvitationState(wanted) if wanted in list(InvitationState) else None
    search = request.args.get("search", "").replace("\x00", "")[:100].strip()
    return render_template(
        "desk/invitations.html",
        consultation=consultation,
        phase=phase_of(consultation, now=now),
        counts=count_states(session, consultation=consultation),
        register=list_invitations(
            session, consultation=consultation, state=state, search=search,
            page=min(request.args.get("page", 1, type=int), 10**6),
        ),
        state=state or "",
        search=search,
        to_remind=count_to_remind(session, consultation=consultation, now=now),
        links=links,
        error=describe(refusal) if refusal is not None else None,
    )  # fmt: skip


def _list_page(
    consultation: Consultation, found: InvitationList | None, refusal: WaymarkError | None,
    packed: str,
) -> str:  # fmt: skip
    session = read_session()
    known = find_known(session, consultation=consultation, invitees=found.invitees) if found else ()
    return render_template(
        "desk/invitation_list.html",
        consultation=consultation,
        phase=phase_of(consultation, now=utc_now()),
        found=found,
        known=known,
        packed=packed if found else "",
        error=describe(refusal) if refusal is not None else None,
    )


def _person_page(slug: str, invitation_id: UUID, refusal: WaymarkError | None) -> str:
    session = read_session()
    consultation = get_consultation(session, slug=slug)
    return render_template(
        "desk/invitation.html",
        consultation=consultation,
        phase=phase_of(consultation, now=utc_now()),
        invitation=get_invitation(session, consultation=consultation, invitation_id=invitation_id),
        typed=request.form.get("email"),
        error=describe(refusal) if refusal is not None else None,
    )


def _texts_page(slug: str, refusal: WaymarkError | None) -> str:
    session = read_session()
    consultation = get_consultation(session, slug=slug)
    require_targeted(consultation)
    own = list_texts(session, consultation=consultation)
    kind = request.values.get("kind", "")
    kind = kind if kind in KINDS else KINDS[0]
    language = request.values.get("language", "")
    first = consultation.title.fallback or "en"
    language = language if language in LANGUAGES else first
    text, given = text_for(kind, language, own, fallback=first)
    if refusal is not None:
        text = LetterText(request.form.get("subject", ""), request.form.get("body", ""))
    sample = Letter(
        random_uuid(), 0, "", _("Ada Example"), _("An organisation"), language, False,
        consultation, own,
    )  # fmt: skip
    return render_template(
        "desk/invitation_texts.html",
        consultation=consultation,
        phase=phase_of(consultation, now=utc_now()),
        kind=kind,
        language=language,
        text=text,
        given=given,
        is_own=(kind, language) in own,
        own=sorted(own),
        placeholders=PLACEHOLDERS,
        sample=preview(sample, text, language),
        error=describe(refusal) if refusal is not None else None,
    )
