"""Use cases about rules: declare one, put another in its place, end one, say which there are.

A rule is never changed: what an edition showed under ``priority/1`` stays what it was. Another set
of parameters is ``priority/2``, and the old one says when it ended.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.audit import Actor
from roadmap.errors import InvalidEvidence, RuleDeclared, RuleEnded, RuleNotFound
from roadmap.evidence.published import is_pair, list_subjects
from roadmap.evidence.reading import Reading, offered_rule, readings_of
from roadmap.evidence.rules import RULES, VOTE, WHOLE_ROADMAP, Rule, get_rule, read_parameters
from roadmap.models import EvidenceLink, EvidenceRule, Milestone, Roadmap
from surveys.consultations import get_questionnaire
from surveys.counting.entries import Entry, entries_of
from surveys.models import Consultation
from voting.models import Motion
from voting.motions import get_motion


def declare_rule(
    session: Session,
    *,
    roadmap: Roadmap,
    rule: str,
    source: str,
    actor: Actor,
    now: datetime,
    consultation: Consultation | None = None,
    parameters: Mapping[str, str] | None = None,
) -> EvidenceRule:
    """Let results become evidence by ``rule``: those of a question, or without a ``consultation``
    those of the vote with the slug ``source``.

    ``parameters``: texts by name, as ``rules.read_parameters`` reads them. Raises
    ``InvalidEvidence`` and ``RuleDeclared``.
    """
    checked = check_declaration(
        session, roadmap=roadmap, rule=rule, source=source, consultation=consultation,
        parameters=parameters or {},
    )  # fmt: skip
    _lock(session, roadmap)
    known = _declarations(session, roadmap, rule, source, consultation)
    if any(each.ended_at is None for each in known):
        raise RuleDeclared(rule=rule, source=source)
    return _declare(session, roadmap, checked, source, consultation, len(known) + 1, actor, now)


def replace_rule(
    session: Session,
    *,
    roadmap: Roadmap,
    rule_id: UUID,
    parameters: Mapping[str, str],
    actor: Actor,
    now: datetime,
) -> EvidenceRule:
    """End a declared rule and declare it again with other ``parameters``, as the next version.

    Raises ``RuleNotFound``, ``RuleEnded`` (somebody was first) and ``InvalidEvidence``.
    """
    _lock(session, roadmap)
    old = get_declared(session, roadmap=roadmap, rule_id=rule_id)
    if old.ended_at is not None:
        raise RuleEnded(rule=f"{old.rule}/{old.version}", source=old.source)
    consultation = consultation_of(session, old)
    checked = check_declaration(
        session, roadmap=roadmap, rule=old.rule, source=old.source, consultation=consultation,
        parameters=parameters,
    )  # fmt: skip
    if checked.parameters == old.parameters:
        raise InvalidEvidence(where="parameters", reason="expected others than those declared")
    old.ended_at = now
    session.flush()
    known = _declarations(session, roadmap, old.rule, old.source, consultation)
    return _declare(session, roadmap, checked, old.source, consultation, len(known) + 1, actor, now)


def end_rule(
    session: Session, *, roadmap: Roadmap, rule_id: UUID, actor: Actor, now: datetime
) -> None:
    """Let a rule say nothing any more. Published editions keep what it said."""
    _lock(session, roadmap)
    declared = get_declared(session, roadmap=roadmap, rule_id=rule_id)
    if declared.ended_at is not None:
        raise RuleEnded(rule=f"{declared.rule}/{declared.version}", source=declared.source)
    declared.ended_at = now
    roadmap.mark_changed()
    session.flush()
    audit.record_event(
        session, name="evidence.rule_ended", actor=actor, now=now,
        subject=f"roadmap:{roadmap.slug}:{declared.source}",
        data={"rule": f"{declared.rule}/{declared.version}"},
    )  # fmt: skip


def get_declared(session: Session, *, roadmap: Roadmap, rule_id: UUID) -> EvidenceRule:
    """A declared rule of the roadmap, or ``RuleNotFound``."""
    found = session.get(EvidenceRule, rule_id)
    if found is None or found.roadmap_id != roadmap.id:
        raise RuleNotFound
    return found


def list_rules(
    session: Session, *, roadmap: Roadmap, ended: bool = False
) -> Sequence[EvidenceRule]:
    """The rules declared, in a stable order; those that ended only with ``ended``."""
    query = (
        select(EvidenceRule)
        .outerjoin(Consultation, EvidenceRule.consultation_id == Consultation.id)
        .where(EvidenceRule.roadmap_id == roadmap.id)
        .order_by(
            Consultation.slug.is_(None), Consultation.slug, EvidenceRule.source,
            EvidenceRule.rule, EvidenceRule.version,
        )
    )  # fmt: skip
    if not ended:
        query = query.where(EvidenceRule.ended_at.is_(None))
    return session.scalars(query).all()


def consultation_of(session: Session, declared: EvidenceRule) -> Consultation | None:
    """The consultation that a rule reads; None for a vote."""
    if declared.consultation_id is None:
        return None
    return session.get_one(Consultation, declared.consultation_id)


def rules_document(session: Session, roadmap: Roadmap) -> list[dict[str, Any]]:
    """The rules in force as JSON values, for the commands and the edition.

    Each: ``rule`` ("name/version"), ``formula`` (the version of the formula), ``consultation``
    (null for a vote), ``source``, ``parameters``, ``words`` (the formula), ``figures``
    (name → words), ``declared_on``. Questions linked to one subject come as ``option_share/1`` and
    ``scale_mean/1`` with that subject.
    """
    return declared_documents(session, roadmap) + link_documents(session, roadmap)


def declared_documents(session: Session, roadmap: Roadmap) -> list[dict[str, Any]]:
    """Of ``rules_document`` what was declared for a whole question or vote."""
    return [_rule_document(session, each) for each in list_rules(session, roadmap=roadmap)]


def link_documents(session: Session, roadmap: Roadmap) -> list[dict[str, Any]]:
    """Of ``rules_document`` the questions that are linked to one subject each."""
    links = session.scalars(
        select(EvidenceLink)
        .where(EvidenceLink.roadmap_id == roadmap.id)
        .order_by(EvidenceLink.subject, EvidenceLink.question, EvidenceLink.option, EvidenceLink.id)
    )
    return [_link_document(session, link) for link in links]


@dataclass(frozen=True, slots=True)
class Offer:
    """A question of a published questionnaire that a rule fits, and that no rule reads yet."""

    consultation: Consultation
    question: str
    title: Mapping[str, str]
    rule: Rule


def offer_rules(session: Session, *, roadmap: Roadmap) -> list[Offer]:
    """Rules to declare with one click: for published questions whose options are the roadmap's.

    Nothing is declared by itself: the secretariat says what counts.
    """
    taken = {(each.consultation_id, each.source) for each in list_rules(session, roadmap=roadmap)}
    subjects = list_subjects(session, roadmap=roadmap)
    offers = []
    for consultation in session.scalars(
        select(Consultation)
        .where(Consultation.current_version_id.is_not(None))
        .order_by(Consultation.slug)
    ):
        for code, entries in _asked(session, consultation).items():
            question = entries[0].question
            pairs = {pair for pair in question.dependency_codes if is_pair(pair, subjects)}
            rule = offered_rule(entries, subjects | pairs)
            if rule is not None and (consultation.id, code) not in taken:
                offers.append(Offer(consultation, code, dict(question.title), rule))
    return offers


@dataclass(frozen=True, slots=True)
class Declaration:
    """A rule with parameters that were checked."""

    rule: Rule
    parameters: dict[str, Any]


def check_declaration(
    session: Session,
    *,
    roadmap: Roadmap,
    rule: str,
    source: str,
    parameters: Mapping[str, str],
    consultation: Consultation | None = None,
) -> Declaration:
    """The declaration these words would make. Raises ``InvalidEvidence`` naming what is wrong."""
    chosen = get_rule(rule)
    read = read_parameters(chosen, parameters)
    codes: set[str] = set()
    if consultation is None:
        if VOTE not in chosen.reads:
            raise InvalidEvidence(
                where="consultation", reason=f"expected one: {rule} reads questions"
            )
        motion = get_motion(session, slug=source)
        if motion.roadmap_slug != roadmap.slug:
            raise InvalidEvidence(where="vote", reason=f"{source} is not about this roadmap")
    else:
        if consultation.current_version_id is None:
            raise InvalidEvidence(where="consultation", reason="has no published questionnaire")
        asked = _asked(session, consultation)
        if source not in asked:
            raise InvalidEvidence(where="question", reason=f"there is no question {source}")
        question = asked[source][0].question
        if question.type not in chosen.reads:
            expected = ", ".join(sorted(chosen.reads))
            raise InvalidEvidence(
                where="rule", reason=f"{rule} reads {expected}; {source} is {question.type}"
            )
        if question.type == "matrix" and question.cell != "single":
            raise InvalidEvidence(where="question", reason="expected one choice in each row")
        codes = _codes(asked[source])
    _check_subjects(session, roadmap, read.get("subjects") or {}, codes)
    if consultation is not None:
        _check_scale(chosen, read, asked[source])
        if not find_readings(session, roadmap, chosen, asked[source], read):
            raise InvalidEvidence(
                where="subjects",
                reason="nothing in the question has the code of a milestone, dependency or "
                "paragraph; name what it speaks for",
            )
    return Declaration(chosen, read)


def find_readings(
    session: Session,
    roadmap: Roadmap,
    rule: Rule,
    entries: Sequence[Entry],
    parameters: Mapping[str, Any],
    pairs: Collection[str] = (),
) -> list[Reading]:
    """The figures that a rule takes from a question, of subjects that the roadmap has.

    ``pairs``: dependencies (``FROM>TO:KIND``) that people proposed.
    """
    named = parameters.get("subjects") or {}
    asked = {pair for entry in entries for pair in entry.question.dependency_codes}
    asked |= {subject for subjects in named.values() for subject in subjects}
    asked |= {pair.rpartition(":")[0] for pair in pairs}
    known = list_subjects(session, roadmap=roadmap, pairs=asked) | {WHOLE_ROADMAP}
    proposed = [pair for pair in pairs if pair.rpartition(":")[0] in known]
    return list(readings_of(rule, entries, parameters, known, proposed))


def _check_subjects(
    session: Session, roadmap: Roadmap, given: Mapping[str, Sequence[str]], codes: set[str]
) -> None:
    known = list_subjects(session, roadmap=roadmap)
    milestones = set(
        session.scalars(select(Milestone.code).where(Milestone.roadmap_id == roadmap.id))
    )
    for code, subjects in given.items():
        if code and code not in codes:
            raise InvalidEvidence(
                where="subjects", reason=f"{code[:60]!r} is no row or option of the question"
            )
        for subject in subjects:
            if subject not in known | {WHOLE_ROADMAP} and not is_pair(subject, milestones):
                raise InvalidEvidence(
                    where="subjects",
                    reason=f"{subject[:60]!r} is no milestone, dependency or paragraph",
                )


def _check_scale(rule: Rule, parameters: Mapping[str, Any], entries: Sequence[Entry]) -> None:
    if rule.name != "scale_mean":
        return
    codes = [option.code for option in entries[0].options if not option.no_opinion]
    unknown = [code for code in parameters["left_out"] if code not in codes]
    if unknown:
        raise InvalidEvidence(where="left_out", reason=f"{unknown[0][:60]!r} is no answer here")
    if len(codes) - len(set(parameters["left_out"])) < 2:
        raise InvalidEvidence(where="left_out", reason="a scale needs two points or more")


def _asked(session: Session, consultation: Consultation) -> dict[str, list[Entry]]:
    assert consultation.current_version_id is not None
    questionnaire = get_questionnaire(session, version_id=consultation.current_version_id)
    asked: dict[str, list[Entry]] = {}
    for entry in entries_of(questionnaire):
        asked.setdefault(entry.question.code, []).append(entry)
    return asked


def _codes(entries: Sequence[Entry]) -> set[str]:
    rows = {entry.row.code for entry in entries if entry.row is not None}
    return rows or {option.code for option in entries[0].options}


def _lock(session: Session, roadmap: Roadmap) -> None:
    """Two who declare at once wait for each other."""
    session.execute(select(Roadmap.id).where(Roadmap.id == roadmap.id).with_for_update())


def _declarations(
    session: Session,
    roadmap: Roadmap,
    rule: str,
    source: str,
    consultation: Consultation | None,
) -> Sequence[EvidenceRule]:
    return session.scalars(
        select(EvidenceRule).where(
            EvidenceRule.roadmap_id == roadmap.id,
            EvidenceRule.rule == rule,
            EvidenceRule.source == source,
            EvidenceRule.consultation_id.is_(None)
            if consultation is None
            else EvidenceRule.consultation_id == consultation.id,
        )
    ).all()


def _declare(
    session: Session,
    roadmap: Roadmap,
    declaration: Declaration,
    source: str,
    consultation: Consultation | None,
    version: int,
    actor: Actor,
    now: datetime,
) -> EvidenceRule:
    declared = EvidenceRule(
        roadmap_id=roadmap.id,
        consultation_id=consultation.id if consultation is not None else None,
        source=source,
        rule=declaration.rule.name,
        version=version,
        parameters=declaration.parameters,
        declared_at=now,
    )
    session.add(declared)
    roadmap.mark_changed()
    session.flush()
    audit.record_event(
        session, name="evidence.rule_declared", actor=actor, now=now,
        subject=f"roadmap:{roadmap.slug}:{source}",
        data={
            "rule": f"{declared.rule}/{version}", "parameters": declaration.parameters,
            "consultation": consultation.slug if consultation is not None else None,
        },
    )  # fmt: skip
    return declared


def _rule_document(session: Session, declared: EvidenceRule) -> dict[str, Any]:
    consultation = consultation_of(session, declared)
    rule = RULES[declared.rule]
    parameters = {key: value for key, value in declared.parameters.items() if key != "formula"}
    return {
        "rule": f"{declared.rule}/{declared.version}",
        "formula": declared.parameters.get("formula", rule.formula),
        "consultation": consultation.slug if consultation is not None else None,
        "source": declared.source,
        "parameters": parameters,
        "words": rule.words,
        "figures": dict(rule.figures),
        "declared_on": declared.declared_at.date().isoformat(),
    }


def _link_document(session: Session, link: EvidenceLink) -> dict[str, Any]:
    rule = RULES["option_share" if link.option else "scale_mean"]
    parameters: dict[str, Any] = {"subjects": {link.option: [link.subject]}}
    if not link.option:
        parameters |= {"falling": link.falling, "left_out": list(link.left_out)}
    return {
        "rule": f"{rule.name}/1",
        "formula": rule.formula,
        "consultation": session.get_one(Consultation, link.consultation_id).slug,
        "source": link.question,
        "parameters": parameters,
        "words": rule.words,
        "figures": dict(rule.figures),
        "declared_on": link.linked_at.date().isoformat(),
    }


def list_votes(session: Session, *, roadmap: Roadmap) -> Sequence[Motion]:
    """Motions that name the roadmap, in a stable order, those still open included."""
    return session.scalars(
        select(Motion).where(Motion.roadmap_slug == roadmap.slug).order_by(Motion.slug)
    ).all()
