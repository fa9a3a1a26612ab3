"""What a delegate does: cast a ballot in two steps, give a proxy, take it back."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.access import requires
from app.database import commit, read_session, write_session
from app.errors import describe
from app.views.voting import motion_context
from app.voting_texts import delegation_name
from core.clock import utc_now
from core.errors import WaymarkError
from stakeholders.delegations import eu_country_code
from voting import ballots
from voting.errors import AlreadyVoted, MotionNotOpen, NotInElectorate, NotYourDelegation
from voting.models import Motion, Phase
from voting.motions import electorate_of, get_motion, list_proxies
from voting.rules import Choice

blueprint = Blueprint("ballots", __name__, url_prefix="/votes")


@blueprint.get("/<slug>/ballot")
@requires("ballot.cast")
def ballot(slug: str) -> str:
    """The ballot paper, or what was cast."""
    return _ballot_page(_votable_motion(slug))


@blueprint.post("/<slug>/ballot")
@requires("ballot.cast")
def submit_ballot(slug: str) -> str | Response | tuple[str, int]:
    """First post: show what would be cast and ask to confirm. Second post: cast it."""
    motion = _votable_motion(slug)
    delegation = eu_country_code(request.form.get("delegation", ""))
    choice = request.form.get("choice", "")
    if choice not in set(Choice) or not delegation:
        page = _ballot_page(motion, error=_("Choose for whom you vote and how."), chosen=choice)
        return page, 422
    if request.form.get("step") != "cast":
        return _confirmation_page(motion, delegation=delegation, choice=choice)
    cast = ballots.cast_ballot(
        write_session(),
        slug=slug,
        account_id=current_user.account_id,
        delegation=delegation,
        choice=choice,
        now=utc_now(),
    )
    commit()
    name = delegation_name(cast.delegation, current_user.language)
    flash(_("The ballot of %(name)s is cast and cannot be changed.", name=name), "success")
    return redirect(url_for("ballots.ballot", slug=slug), 303)


def _confirmation_page(motion: Motion, *, delegation: str, choice: str) -> str:
    """What would be cast. What could not be is refused here already."""
    seat = next((seat for seat in _seats(motion) if seat.delegation == delegation), None)
    if not motion.takes_ballots(utc_now()):
        raise MotionNotOpen
    if seat is None:
        raise NotYourDelegation(delegation=delegation)
    if seat.ballot is not None:
        raise AlreadyVoted(delegation=delegation)
    return render_template(
        "voting/confirm_ballot.html", seat=seat, choice=Choice(choice), **motion_context(motion)
    )


@blueprint.get("/<slug>/proxy")
@requires("ballot.cast")
def proxy(slug: str) -> str:
    return _proxy_page(_votable_motion(slug))


@blueprint.post("/<slug>/proxy")
@requires("ballot.cast")
def submit_proxy(slug: str) -> Response | tuple[str, int]:
    try:
        grant = ballots.grant_proxy(
            write_session(),
            slug=slug,
            account_id=current_user.account_id,
            holder=request.form.get("holder", ""),
            now=utc_now(),
        )
    except WaymarkError as refusal:
        write_session().rollback()
        return _proxy_page(_votable_motion(slug), error=describe(refusal)), 422
    commit()
    name = delegation_name(grant.holder, current_user.language)
    flash(_("%(name)s can now vote for your delegation on this motion.", name=name), "success")
    return redirect(url_for("ballots.proxy", slug=slug), 303)


@blueprint.post("/<slug>/proxy/withdraw")
@requires("ballot.cast")
def withdraw_proxy(slug: str) -> Response:
    ballots.withdraw_proxy(
        write_session(), slug=slug, account_id=current_user.account_id, now=utc_now()
    )
    commit()
    flash(_("The proxy is withdrawn. Your delegation votes itself again."), "success")
    return redirect(url_for("ballots.ballot", slug=slug), 303)


def _votable_motion(slug: str) -> Motion:
    motion = get_motion(read_session(), slug=slug)
    if motion.phase is Phase.DRAFT:
        raise MotionNotOpen
    if current_user.delegation not in electorate_of(motion).persons:
        raise NotInElectorate(delegation=current_user.delegation or _("Your account"))
    return motion


def _seats(motion: Motion) -> tuple[ballots.Seat, ...]:
    return ballots.list_seats(read_session(), motion=motion, delegation=current_user.delegation)


def _ballot_page(motion: Motion, *, error: str | None = None, chosen: str = "") -> str:
    seats = _seats(motion)
    return render_template(
        "voting/ballot.html",
        open_seats=[seat for seat in seats if seat.ballot is None],
        cast_seats=[seat for seat in seats if seat.ballot is not None],
        given=_given_proxy(motion),
        takes_ballots=motion.takes_ballots(utc_now()),
        error=error,
        chosen=chosen,
        **motion_context(motion),
    )


def _proxy_page(motion: Motion, *, error: tuple[str, str] | None = None) -> str:
    session = read_session()
    busy = {
        code
        for grant in list_proxies(session, motion=motion)
        for code in (grant.giver, grant.holder)
    }
    own = current_user.delegation
    seats = _seats(motion)
    return render_template(
        "voting/proxy.html",
        given=_given_proxy(motion),
        free=[code for code in electorate_of(motion).persons if code not in busy | {own}],
        held=next((seat.delegation for seat in seats if seat.by_proxy), None),
        voted=any(seat.ballot for seat in seats if not seat.by_proxy),
        takes_ballots=motion.takes_ballots(utc_now()),
        error=error,
        **motion_context(motion),
    )


def _given_proxy(motion: Motion) -> str | None:
    grant = ballots.find_proxy_of(read_session(), motion=motion, delegation=current_user.delegation)
    return grant.holder if grant else None
