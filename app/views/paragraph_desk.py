"""The desk for one paragraph: write it, join it with what others wrote, move it, its history."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.access import can, current_actor, requires
from app.database import commit, read_session, write_session
from app.errors import describe, status_of
from app.i18n import current_language
from app.views.writing_desk import chosen_language
from core.clock import utc_now
from core.errors import WaymarkError
from core.text import LANGUAGES
from roadmap.errors import WordingConflict
from roadmap.models import Chapter, ParagraphVersion, Proposal, Roadmap
from roadmap.roadmaps import get_roadmap
from roadmap.writing.chapters import list_chapters
from roadmap.writing.comments import LONGEST_COMMENT, list_threads
from roadmap.writing.merging import Agreed, Merge, merge
from roadmap.writing.notices import mark_place_seen
from roadmap.writing.paragraphs import (
    change_paragraph,
    check_translation,
    clean_wording,
    get_paragraph,
    get_version,
    language_standings,
    list_versions,
    move_paragraph,
    remove_paragraph,
    restore_paragraph,
)
from roadmap.writing.participation import check_may_take_part, names_of, people_to_mention
from roadmap.writing.suggestions import accept_suggestion, list_suggestions
from roadmap.writing.suggestions import suggest_change as suggest_wording
from roadmap.writing.wording import LONGEST_TEXT, differences

blueprint = Blueprint(
    "paragraph_desk", __name__, url_prefix="/desk/roadmaps/<slug>/writing/paragraphs/<code>"
)


@blueprint.get("")
@requires("draft.comment")
def show(slug: str, code: str) -> str:
    return paragraph_page(slug, code)


@blueprint.post("")
@requires("draft.comment")
def save(slug: str, code: str) -> Response | tuple[str, int]:
    """Save the text, or suggest it: what the button says, and what the person may."""
    session = write_session()
    form = request.form
    writes = can("draft.write") and form.get("act") != "suggest"
    roadmap = get_roadmap(session, slug=slug)
    values: dict[str, Any] = {
        "roadmap": roadmap, "code": code,
        "language": form.get("language", ""), "text": form.get("text", ""),
        "seen": number_given("seen"), "reason": form.get("reason", ""),
        "actor": current_actor(), "now": utc_now(),
    }  # fmt: skip
    try:
        if writes:
            saved = change_paragraph(session, **values, small=form.get("small") == "yes")
            message = (
                _("Somebody else changed this paragraph, too. Both changes are in the text now:"
                  " read whether they go together.")
                if saved.merged
                else _("Saved.")
            )  # fmt: skip
        else:
            suggest_wording(session, **values, roles=current_user.roles)
            message = _("Your suggestion is there. You will be told what becomes of it.")
        see_here(roadmap, code)
        commit()
    except WordingConflict as conflict:
        session.rollback()
        return conflict_page(slug, code, conflict.merge, conflict.current), 409
    except WaymarkError as refusal:
        session.rollback()
        return paragraph_page(slug, code, error=describe(refusal)), status_of(refusal)
    flash(message, "success")
    return back_to(slug, code)


@blueprint.post("/settle")
@requires("draft.write")
def settle(slug: str, code: str) -> Response | tuple[str, int]:
    """After a conflict: what was chosen for each place, put together and saved."""
    session = write_session()
    form = request.form
    roadmap = get_roadmap(session, slug=slug)
    language, suggestion_id = form.get("language", ""), form.get("suggestion", type=UUID)
    paragraph = get_paragraph(session, roadmap=roadmap, code=code)
    base, theirs = (
        get_version(session, paragraph=paragraph, number=number_given(name)).text.get(language, "")
        for name in ("seen", "current")
    )
    joined = merge(base, clean_wording(language, form.get("text", "")), theirs)
    choices = [_choice(joined, place) for place in range(len(joined.conflicts))]
    if None in choices:
        session.rollback()
        missing = (_("Choose what is to stand in each place."), "")
        return conflict_page(slug, code, joined, number_given("current"), error=missing), 422
    text = joined.settled([each for each in choices if each is not None])
    try:
        if suggestion_id is None:
            change_paragraph(
                session, roadmap=roadmap, code=code, language=language, text=text,
                seen=number_given("current"), reason=form.get("reason", ""), settled=True,
                actor=current_actor(), now=utc_now(),
            )  # fmt: skip
        else:
            accept_suggestion(
                session, roadmap=roadmap, suggestion_id=suggestion_id, text=text,
                seen=number_given("current"), answer=form.get("reason", ""),
                actor=current_actor(), now=utc_now(),
            )  # fmt: skip
        commit()
    except WordingConflict as conflict:
        session.rollback()
        page = conflict_page(
            slug, code, conflict.merge, conflict.current, text=text, seen=number_given("current")
        )
        return page, 409
    except WaymarkError as refusal:
        session.rollback()
        page = conflict_page(slug, code, joined, number_given("current"), error=describe(refusal))
        return page, status_of(refusal)
    flash(_("Saved, as you put it together."), "success")
    return back_to(slug, code)


@blueprint.post("/check")
@requires("draft.write")
def check(slug: str, code: str) -> Response:
    session = write_session()
    check_translation(
        session, roadmap=get_roadmap(session, slug=slug), code=code,
        language=request.form.get("language", ""), seen=number_given("seen"),
        actor=current_actor(), now=utc_now(),
    )  # fmt: skip
    commit()
    flash(_("The translation counts as up to date."), "success")
    return back_to(slug, code)


@blueprint.post("/move")
@requires("draft.write")
def move(slug: str, code: str) -> Response:
    session = write_session()
    roadmap = get_roadmap(session, slug=slug)
    move_paragraph(
        session, roadmap=roadmap, code=code, chapter=request.form.get("chapter", ""),
        position=number_given("position"), actor=current_actor(), now=utc_now(),
    )  # fmt: skip
    paragraph = get_paragraph(session, roadmap=roadmap, code=code)
    home = session.get_one(Chapter, paragraph.chapter_id).code
    commit()
    address = url_for("writing_desk.chapter", slug=slug, code=home)
    return redirect(f"{address}#{code}", 303)


@blueprint.post("/remove")
@requires("draft.write")
def remove(slug: str, code: str) -> Response:
    session = write_session()
    remove_paragraph(
        session, roadmap=get_roadmap(session, slug=slug), code=code, seen=number_given("seen"),
        reason=request.form.get("reason", ""), actor=current_actor(), now=utc_now(),
    )  # fmt: skip
    commit()
    flash(_("The paragraph is taken out. It can be restored, with its history."), "success")
    return back_to(slug, code)


@blueprint.post("/restore")
@requires("draft.write")
def restore(slug: str, code: str) -> Response | tuple[str, int]:
    """Bring it back; with a number, as it was in that version."""
    session = write_session()
    number = request.form.get("number", "")
    try:
        restore_paragraph(
            session, roadmap=get_roadmap(session, slug=slug), code=code,
            number=number_given("number") if number else None, seen=number_given("seen"),
            reason=request.form.get("reason", ""), actor=current_actor(), now=utc_now(),
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return paragraph_page(slug, code, error=describe(refusal)), status_of(refusal)
    flash(_("Restored."), "success")
    return back_to(slug, code)


@blueprint.get("/history")
@requires("draft.comment")
def history(slug: str, code: str) -> str:
    """Every version; any two compared, in one language."""
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    check_may_take_part(session, roadmap=roadmap, roles=current_user.roles)
    paragraph = get_paragraph(session, roadmap=roadmap, code=code)
    versions = list_versions(session, paragraph=paragraph)
    older = number_given("older") or max(1, paragraph.version - 1)
    newer = number_given("newer") or paragraph.version
    language = chosen_language("language", paragraph.text.language_for(current_language()))
    before, after = (
        get_version(session, paragraph=paragraph, number=number).text.get(language, "")
        for number in (older, newer)
    )
    causes = {each.proposal_id for each in versions if each.proposal_id is not None}
    proposals = session.execute(
        select(Proposal.id, Proposal.number).where(Proposal.id.in_(causes))
    ).all()
    return render_template(
        "writing/history.html",
        roadmap=roadmap,
        paragraph=paragraph,
        versions=versions,
        names=names_of(session, [each.account_id for each in versions]),
        proposals={each.id: each.number for each in proposals},
        languages=_languages_of(versions),
        language=language,
        older=older,
        newer=newer,
        runs=differences(before, after),
    )


def paragraph_page(slug: str, code: str, *, error: tuple[str, str] | None = None) -> str:
    """The page of a paragraph; what a form that was refused held is still in it."""
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    check_may_take_part(session, roadmap=roadmap, roles=current_user.roles)
    paragraph = get_paragraph(session, roadmap=roadmap, code=code)
    language = chosen_language("language", current_language())
    beside = chosen_language("beside", paragraph.text.fallback)
    suggestions = list_suggestions(session, paragraph=paragraph)
    threads = list_threads(session, paragraph=paragraph)
    bases = {each.number: each.text for each in list_versions(session, paragraph=paragraph)}
    people = people_to_mention(session, roadmap=roadmap, roles=current_user.roles)
    chapters = list_chapters(session, roadmap=roadmap)
    speaking = [each for thread in threads for each in (thread.first, *thread.answers)]
    return render_template(
        "writing/paragraph.html",
        roadmap=roadmap,
        paragraph=paragraph,
        chapter=session.get_one(Chapter, paragraph.chapter_id),
        chapters=chapters,
        neighbours=next((found for each, found in chapters if each.id == paragraph.chapter_id), []),
        standing=language_standings(session, roadmap=roadmap).get(code, {}),
        language=language,
        beside=beside if beside != language else "",
        suggestions=[
            (each, differences(bases[each.base_version].get(each.language, ""), each.text))
            for each in suggestions
        ],
        threads=threads,
        people=[each for each in people if each[0] != current_user.account_id],
        names=names_of(
            session,
            [each.account_id for each in suggestions]
            + [each.decided_by for each in suggestions]
            + [each.account_id for each in speaking]
            + [thread.first.resolved_by for thread in threads],
        ),
        longest=LONGEST_TEXT,
        longest_comment=LONGEST_COMMENT,
        typed=request.form,
        error=error,
    )


def conflict_page(
    slug: str,
    code: str,
    joined: Merge,
    current: int,
    *,
    text: str | None = None,
    seen: int | None = None,
    suggestion: str = "",
    language: str = "",
    error: tuple[str, str] | None = None,
) -> str:
    """Both wordings beside what they were made of, with a choice for each place."""
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    return render_template(
        "writing/conflict.html",
        roadmap=roadmap,
        paragraph=get_paragraph(session, roadmap=roadmap, code=code),
        pieces=[(isinstance(piece, Agreed), piece) for piece in joined.pieces],
        current=current,
        seen=number_given("seen") if seen is None else seen,
        text=request.form.get("text", "") if text is None else text,
        suggestion=suggestion or request.form.get("suggestion", ""),
        language=language or request.form.get("language", ""),
        typed=request.form if text is None else {},
        error=error,
    )


def _choice(joined: Merge, place: int) -> str | None:
    """What was chosen for the conflict at ``place``, counted from 0; None for nothing."""
    conflict = joined.conflicts[place]
    match request.form.get(f"choice-{place}"):
        case "ours":
            return conflict.ours
        case "theirs":
            return conflict.theirs
        case "both":
            return f"{conflict.theirs.rstrip()} {conflict.ours.lstrip()}"
        case "own":
            own = request.form.get(f"own-{place}", "").strip()
            lead = " " if conflict.theirs[:1].isspace() or conflict.ours[:1].isspace() else ""
            return lead + own if own else ""
        case _:
            return None


def see_here(roadmap: Roadmap, code: str) -> None:
    """Who acts on a paragraph has seen what was said about it."""
    mark_place_seen(
        write_session(), account_id=current_user.account_id, roadmap=roadmap, subject=code,
        now=utc_now(),
    )  # fmt: skip


def _languages_of(versions: Sequence[ParagraphVersion]) -> list[str]:
    return [each for each in LANGUAGES if any(version.text.get(each) for version in versions)]


def number_given(name: str) -> int:
    """A number of the form or the address; 0 for what is none."""
    typed = request.values.get(name, "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0


def back_to(slug: str, code: str) -> Response:
    return redirect(
        url_for(
            "paragraph_desk.show", slug=slug, code=code,
            language=request.form.get("language") or None,
            beside=request.form.get("beside") or None,
        ),
        303,
    )  # fmt: skip
