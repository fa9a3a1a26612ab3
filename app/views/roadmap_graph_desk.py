"""Working on a roadmap's graph by hand: forms beside the picture, and at once what follows."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.database import commit, end_writing, read_session, write_session
from app.errors import describe, status_of
from app.i18n import current_language, localized
from app.picture_choices import arguments, read_choice, read_look
from app.roadmap_pictures import Source, read_source
from app.views.roadmap_pictures import graph_picture
from core.clock import utc_now
from core.errors import InvalidInput, WaymarkError
from roadmap.errors import InvalidDraft, MilestoneNotFound
from roadmap.graph_edits import edit_graph, find_edit, open_roadmap, undo_edit
from roadmap.models import HandEdit
from roadmap.planning.network import Kind, Precedence

blueprint = Blueprint("roadmap_graph_desk", __name__, url_prefix="/desk/roadmaps/<slug>/graph")

KIND_TITLES = {
    Kind.FS.value: _l("Finish to start: the second starts when the first has finished"),
    Kind.SS.value: _l("Start to start: the second starts when the first starts"),
    Kind.FF.value: _l("Finish to finish: the second finishes when the first finishes"),
    Kind.SF.value: _l("Start to finish: the second finishes when the first starts"),
}
_FORM_TITLES = {
    "link": _l("Link two milestones"),
    "add": _l("Add a milestone"),
    "move": _l("Move this milestone"),
    "unlink": _l("Remove a link"),
}
# Which field of a form an error's field is in, where they are called differently.
_FIELDS = {"from": "before", "to": "after", "lag_days": "lag", "duration_days": "days"}
# A list to choose from that a person can still use.
_MOST_LINKS = 1_000
_DATES = ("not_before", "fixed_start", "finish_by")


@blueprint.get("/")
@requires("roadmap.edit")
def show(slug: str) -> str:
    return _page(slug, "", {}, None)


@blueprint.post("/<any(link, add, move, unlink):form>")
@requires("roadmap.edit")
def change(slug: str, form: str) -> Response | str | tuple[str, int]:
    """One change; with ``do=preview`` only what would follow from it."""
    session = write_session()
    preview = request.form.get("do") == "preview"
    try:
        roadmap = open_roadmap(session, slug=slug, seen=_whole("revision", required=True))
        operation = _READERS[form]()
        reason = _text(f"{form}_reason") or (_("Tried out") if preview else "")
        edit = edit_graph(
            session, roadmap=roadmap, operation=operation, reason=reason,
            actor=current_actor(), now=utc_now(),
        )  # fmt: skip
        if preview:
            effect = dict(edit.effect)
            session.rollback()
            end_writing()
            return _page(slug, form, {}, effect)
        commit()
    except WaymarkError as refusal:
        session.rollback()
        end_writing()
        field, words = _fault(form, refusal)
        return _page(slug, form, {field: words}, None), status_of(refusal)
    code = operation.get("code") or operation["to"]
    return redirect(_address(slug, code=code, form=form, _anchor="follows"), 303)


@blueprint.post("/undo")
@requires("roadmap.edit")
def undo(slug: str) -> Response | tuple[str, int]:
    """Take the last change back, as a decision of its own."""
    session = write_session()
    try:
        roadmap = open_roadmap(session, slug=slug)
        undo_edit(
            session, roadmap=roadmap, reason=_("Taken back on the graph"),
            actor=current_actor(), now=utc_now(),
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        session.rollback()
        end_writing()
        return _page(slug, "", {"": " ".join(describe(refusal))}, None), status_of(refusal)
    flash(_("Taken back."), "success")
    return redirect(_address(slug, _anchor="follows"), 303)


def _page(slug: str, form: str, faults: Mapping[str, str], preview: dict[str, Any] | None) -> str:
    """The picture with its forms; what was typed is kept when there is a fault or a preview."""
    session = read_session()
    outline, source = read_source(session, slug=slug)
    code = request.args.get("code", "").strip()
    chosen = source.milestones.get(code)
    typed = request.form if request.method == "POST" else {}
    edit = find_edit(session, roadmap=outline)
    return render_template(
        "roadmap_desk/graph.html",
        roadmap=outline,
        source=source,
        milestones=source.milestones,
        start=outline.start,
        revision=outline.revision,
        chosen=chosen,
        chosen_dates=source.plan.schedule.dates[code] if chosen else None,
        form=form or request.args.get("form", "") or ("move" if chosen else "link"),
        form_titles=_FORM_TITLES,
        values=_values(source, code, typed, form),
        faults=faults,
        preview=preview,
        edit=edit,
        edit_words=_edit_words(edit, source) if edit else "",
        effect=preview or (edit.effect if edit else None),
        kinds=KIND_TITLES,
        links=_links(source, code),
        areas=[(key, localized(title)) for key, title in source.draft.areas.items()],
        picture=graph_picture(outline, source, "roadmap_graph_desk.show"),
        keep=_kept(),
    )


def _values(source: Source, code: str, typed: Mapping[str, str], form: str) -> Callable[[str], str]:
    """What stands in each field: what was typed, else what fits the milestone chosen."""
    chosen = source.milestones.get(code)
    plain = {
        "link_before": code if chosen else "", "link_kind": Kind.FS.value, "link_lag": "0",
        "add_days": "180", "add_agenda": chosen.agenda if chosen else "",
        "add_area": chosen.area if chosen else "",
    }  # fmt: skip
    if chosen:
        plain |= {"move_days": str(chosen.duration_days), "move_area": chosen.area}
        for name in _DATES:
            day = getattr(chosen, name)
            plain[f"move_{name}"] = day.isoformat() if day else ""
    return lambda name: typed.get(name, "") if name in typed else plain.get(name, "")


def _links(source: Source, code: str) -> list[tuple[str, str]]:
    """The links that can be removed, of the milestone chosen if there is one: (value, words)."""
    return [
        (f"{each.before}>{each.after}>{each.kind.value}>{each.lag_days}", _link_words(each))
        for each in source.precedences
        if code in ("", each.before, each.after) or code not in source.milestones
    ][:_MOST_LINKS]


def _link_words(link: Precedence) -> str:
    lag = f" {link.lag_days:+d}" if link.lag_days else ""
    return f"{link.before} → {link.after} ({link.kind.value}{lag})"


def _edit_words(edit: HandEdit, source: Source) -> str:
    """What the last change was, in a sentence."""
    done = edit.done
    if done["op"] == "add_dependency":
        return _(
            "%(after)s was made to wait for %(before)s.", before=done["from"], after=done["to"]
        )
    if done["op"] == "remove_dependency":
        return _("%(after)s waits for %(before)s no longer.", before=done["from"], after=done["to"])
    sentences = {
        "add_milestone": _("%(code)s was added.", code=done["code"]),
        "remove_milestone": _("%(code)s was removed.", code=done["code"]),
        "change_milestone": _("%(code)s was changed.", code=done["code"]),
    }
    return sentences[done["op"]]


def _read_link() -> dict[str, Any]:
    rationale = _text("link_rationale")
    return {
        "op": "add_dependency",
        "from": _text("link_before"),
        "to": _text("link_after"),
        "kind": _text("link_kind"),
        "lag_days": _whole("link_lag", field="lag_days") or 0,
        "rationale": {current_language(): rationale} if rationale else {},
    }


def _read_add() -> dict[str, Any]:
    values: dict[str, Any] = {
        "title": {current_language(): _text("add_title")},
        "agenda": _text("add_agenda"),
        "area": _text("add_area"),
        "duration_days": _whole("add_days", field="duration_days", required=True),
    }
    if _text("add_not_before"):
        values["not_before"] = _text("add_not_before")
    return {"op": "add_milestone", "code": _text("add_code"), "values": values}


def _read_move() -> dict[str, Any]:
    values: dict[str, Any] = {name: _text(f"move_{name}") or None for name in _DATES}
    values["duration_days"] = _whole("move_days", field="duration_days", required=True)
    values["area"] = _text("move_area")
    return {"op": "change_milestone", "code": _text("move_code"), "values": values}


def _read_unlink() -> dict[str, Any]:
    """The link chosen is named by its ends, kind and lag: those of the draft that was seen."""
    before, _s, rest = _text("unlink_which").partition(">")
    after, _s, rest = rest.partition(">")
    kind, _s, lag = rest.partition(">")
    roadmap = open_roadmap(write_session(), slug=(request.view_args or {})["slug"])
    for each in roadmap.dependencies:
        if (each.from_milestone.code, each.to_milestone.code, each.kind, str(each.lag_days)) == (
            before, after, kind, lag,
        ):  # fmt: skip
            return {"op": "remove_dependency", "from": before, "to": after, "which": str(each.id)}
    raise InvalidDraft(where="which", reason=_("expected one of the links there are"))


_READERS: dict[str, Callable[[], dict[str, Any]]] = {
    "link": _read_link,
    "add": _read_add,
    "move": _read_move,
    "unlink": _read_unlink,
}


def _text(name: str) -> str:
    return request.form.get(name, "").strip()


def _whole(name: str, *, field: str = "", required: bool = False) -> int | None:
    """A whole number from a form; raises ``InvalidDraft`` naming the field for anything else."""
    text = _text(name).replace("−", "-")
    if not text and not required:
        return None
    digits = text.removeprefix("-").removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        raise InvalidDraft(where=field or name, reason=_("expected a whole number"))
    return int(text)


def _fault(form: str, refusal: WaymarkError) -> tuple[str, str]:
    """(field of the form, what is wrong with it); the empty field for the whole."""
    message, advice = describe(refusal)
    if isinstance(refusal, MilestoneNotFound):
        code = str(refusal.params.get("code", ""))
        names = {"link": ("before", "after"), "move": ("code",)}.get(form, ())
        for name in names:
            if _text(f"{form}_{name}") == code:
                return f"{form}_{name}", message
    where = (getattr(refusal, "where", "") or "").partition(" ")[0]
    name = f"{form}_{_FIELDS.get(where, where)}"
    if isinstance(refusal, InvalidInput) and name in _NAMES:
        return name, str(refusal.params.get("reason", message))
    return "", f"{message} {advice}".strip()


_NAMES = frozenset(
    {
        "link_before", "link_after", "link_kind", "link_lag", "link_rationale", "link_reason",
        "add_code", "add_title", "add_agenda", "add_area", "add_days", "add_not_before",
        "add_reason", "move_code", "move_days", "move_area", "move_not_before",
        "move_fixed_start", "move_finish_by", "move_reason", "unlink_which", "unlink_reason",
    }
)  # fmt: skip


def _kept() -> dict[str, str]:
    """What of the picture's address goes along with a change, so that the view stays."""
    return arguments(read_choice(request.args), read_look(request.args))


def _address(slug: str, **more: str) -> str:
    return url_for("roadmap_graph_desk.show", slug=slug, **(_kept() | more))
