"""The desk for rules: see what a rule would give, declare, replace, end; carry support over."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import current_actor, requires
from app.database import commit, read_session, write_session
from app.errors import describe, status_of
from app.evidence_texts import PARAMETER_HELP, PARAMETER_TITLES
from core.clock import utc_now
from core.errors import WaymarkError
from roadmap.evidence.declaring import (
    check_declaration,
    consultation_of,
    declare_rule,
    end_rule,
    get_declared,
    list_votes,
    replace_rule,
)
from roadmap.evidence.gathering import preview_rule
from roadmap.evidence.rules import RULES, VOTE, rules_for, write_parameter
from roadmap.evidence.supporting import (
    MEASURES,
    apply_supports,
    find_applied,
    suggest_supports,
    undo_supports,
)
from roadmap.models import Roadmap
from roadmap.roadmaps import get_roadmap
from surveys.consultations import get_consultation, get_questionnaire, list_consultations
from surveys.models import Consultation

blueprint = Blueprint("evidence_rules", __name__, url_prefix="/desk/roadmaps/<slug>/evidence")
_SHOWN = 60


@blueprint.get("/rules/new")
@requires("evidence.link")
def new(slug: str) -> tuple[str, int]:
    """In steps, all in the address: the consultation or vote, the question, the rule, a preview."""
    return _new_page(slug)


@blueprint.post("/rules")
@requires("evidence.link")
def declare(slug: str) -> Response | tuple[str, int]:
    session = write_session()
    rule = request.form.get("rule", "")
    source = request.form.get("question", "")
    try:
        declared = declare_rule(
            session, roadmap=get_roadmap(session, slug=slug), rule=rule, source=source,
            consultation=_consultation(session, request.form.get("consultation", "")),
            parameters=_given(rule), actor=current_actor(), now=utc_now(),
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _new_page(slug, refusal)
    flash(
        _("%(source)s now speaks by %(rule)s.", source=source, rule=f"{rule}/{declared.version}"),
        "success",
    )
    return redirect(url_for("evidence.index", slug=slug), 303)


@blueprint.get("/rules/<uuid:rule_id>")
@requires("evidence.link")
def show(slug: str, rule_id: UUID) -> tuple[str, int]:
    return _rule_page(slug, rule_id)


@blueprint.post("/rules/<uuid:rule_id>")
@requires("evidence.link")
def replace(slug: str, rule_id: UUID) -> Response | tuple[str, int]:
    session = write_session()
    roadmap = get_roadmap(session, slug=slug)
    try:
        declared = get_declared(session, roadmap=roadmap, rule_id=rule_id)
        new_one = replace_rule(
            session, roadmap=roadmap, rule_id=rule_id, parameters=_given(declared.rule),
            actor=current_actor(), now=utc_now(),
        )  # fmt: skip
        name = f"{new_one.rule}/{new_one.version}"
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _rule_page(slug, rule_id, refusal)
    flash(_("%(rule)s is in force now; the one before stays in the list.", rule=name), "success")
    return redirect(url_for("evidence.index", slug=slug), 303)


@blueprint.post("/rules/<uuid:rule_id>/end")
@requires("evidence.link")
def end(slug: str, rule_id: UUID) -> Response:
    session = write_session()
    end_rule(
        session, roadmap=get_roadmap(session, slug=slug), rule_id=rule_id,
        actor=current_actor(), now=utc_now(),
    )  # fmt: skip
    commit()
    flash(_("The rule ended. Published editions keep what it said."), "success")
    return redirect(url_for("evidence.index", slug=slug), 303)


@blueprint.get("/supports")
@requires("roadmap.edit")
def supports(slug: str) -> tuple[str, int]:
    return _supports_page(slug)


@blueprint.post("/supports")
@requires("roadmap.edit")
def apply(slug: str) -> Response | tuple[str, int]:
    session = write_session()
    try:
        changed = apply_supports(
            session, roadmap=get_roadmap(session, slug=slug),
            chosen=_ids(request.form.getlist("dependency")),
            reason=request.form.get("reason", ""),
            revision=request.form.get("revision", -1, type=int),
            measure=request.form.get("measure", MEASURES[0]),
            actor=current_actor(), now=utc_now(),
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _supports_page(slug, refusal)
    flash(
        ngettext(
            "The support of %(num)s dependency was changed. You can undo it below.",
            "The support of %(num)s dependencies was changed. You can undo it below.",
            changed,
        ),
        "success",
    )
    return redirect(url_for("evidence_rules.supports", slug=slug), 303)


@blueprint.post("/supports/undo")
@requires("roadmap.edit")
def undo(slug: str) -> Response | tuple[str, int]:
    session = write_session()
    try:
        restored = undo_supports(
            session, roadmap=get_roadmap(session, slug=slug),
            decision_id=next(iter(_ids([request.form.get("decision", "")])), UUID(int=0)),
            actor=current_actor(), now=utc_now(),
        )  # fmt: skip
        commit()
    except WaymarkError as refusal:
        session.rollback()
        return _supports_page(slug, refusal)
    flash(
        ngettext(
            "The support of %(num)s dependency is what it was before.",
            "The support of %(num)s dependencies is what it was before.",
            restored,
        ),
        "success",
    )
    return redirect(url_for("evidence_rules.supports", slug=slug), 303)


def _new_page(slug: str, refusal: WaymarkError | None = None) -> tuple[str, int]:
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    chosen = request.values.get("consultation", "")
    source = request.values.get("question", "")
    name = request.values.get("rule", "")
    votes = list_votes(session, roadmap=roadmap)
    is_vote = chosen == VOTE
    consultations = [c for c in list_consultations(session) if c.current_version_id]
    consultation = next((each for each in consultations if each.slug == chosen), None)
    questions = _questions(session, consultation)
    kind = VOTE if is_vote else next((kind for code, kind, _t in questions if code == source), "")
    fitting = rules_for(kind) if kind else ()
    rule = next((each for each in fitting if each.name == name), None)
    if rule is None and len(fitting) == 1:
        rule = fitting[0]
    values = {key: request.values.get(f"p_{key}", "") for key in (rule.parameters if rule else ())}
    rows, error = [], refusal
    if rule is not None and source and error is None:
        try:
            rows = _preview(session, roadmap, rule.name, source, consultation, values)
        except WaymarkError as problem:
            # Before anything was filled in, what is missing is no mistake.
            error = problem if "preview" in request.values else None
    page = render_template(
        "evidence/new_rule.html",
        roadmap=roadmap, consultations=consultations, consultation=consultation, votes=votes,
        is_vote=is_vote, questions=questions, question=source, fitting=fitting, rule=rule,
        values=values, rows=rows[:_SHOWN], count=len(rows), tried="preview" in request.values,
        parameter_titles=PARAMETER_TITLES, parameter_help=PARAMETER_HELP,
        error=describe(error) if error is not None else None,
    )  # fmt: skip
    return page, 200 if refusal is None else status_of(refusal)


def _rule_page(slug: str, rule_id: UUID, refusal: WaymarkError | None = None) -> tuple[str, int]:
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    declared = get_declared(session, roadmap=roadmap, rule_id=rule_id)
    rule = RULES[declared.rule]
    consultation = consultation_of(session, declared)
    values = {
        key: request.values.get(f"p_{key}", write_parameter(declared.parameters.get(key, "")))
        for key in rule.parameters
    }
    rows, error = [], refusal
    if error is None:
        try:
            rows = _preview(session, roadmap, rule.name, declared.source, consultation, values)
        except WaymarkError as problem:
            error = problem
    page = render_template(
        "evidence/rule.html",
        roadmap=roadmap, declared=declared, rule=rule, consultation=consultation, values=values,
        rows=rows[:_SHOWN], count=len(rows), parameter_titles=PARAMETER_TITLES,
        parameter_help=PARAMETER_HELP, error=describe(error) if error is not None else None,
    )  # fmt: skip
    return page, 200 if refusal is None else status_of(refusal)


def _supports_page(slug: str, refusal: WaymarkError | None = None) -> tuple[str, int]:
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    measure = request.values.get("measure", MEASURES[0])
    measure = measure if measure in MEASURES else MEASURES[0]
    applied = find_applied(session, roadmap=roadmap)
    page = render_template(
        "evidence/supports.html",
        roadmap=roadmap,
        suggestions=suggest_supports(session, roadmap=roadmap, now=utc_now(), measure=measure),
        measure=measure,
        applied=applied,
        reason=request.values.get("reason", ""),
        error=describe(refusal) if refusal is not None else None,
    )
    return page, 200 if refusal is None else status_of(refusal)


def _preview(
    session: Session,
    roadmap: Roadmap,
    rule: str,
    source: str,
    consultation: Consultation | None,
    parameters: Mapping[str, str],
) -> list[Any]:
    declaration = check_declaration(
        session, roadmap=roadmap, rule=rule, source=source, consultation=consultation,
        parameters=parameters,
    )  # fmt: skip
    return preview_rule(
        session, roadmap=roadmap, declaration=declaration, source=source,
        consultation=consultation, now=utc_now(),
    )  # fmt: skip


def _questions(
    session: Session, consultation: Consultation | None
) -> list[tuple[str, str, Mapping[str, str]]]:
    """(code, type, title) of the questions that a rule can read."""
    if consultation is None or consultation.current_version_id is None:
        return []
    questionnaire = get_questionnaire(session, version_id=consultation.current_version_id)
    return [
        (question.code, question.type, question.title)
        for question in questionnaire.questions
        if rules_for(question.type)
    ]


def _consultation(session: Session, slug: str) -> Consultation | None:
    return None if slug in ("", VOTE) else get_consultation(session, slug=slug)


def _given(rule: str) -> dict[str, str]:
    """The parameters of the form that the rule has, those left empty at their defaults."""
    known = RULES[rule].parameters if rule in RULES else ()
    return {key: text for key in known if (text := request.form.get(f"p_{key}", "").strip())}


def _ids(texts: list[str]) -> set[UUID]:
    found = set()
    for text in texts:
        try:
            found.add(UUID(text))
        except ValueError:
            continue
    return found
